/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A page of module text for the hypervisor to lay its hypercall code over.
 *
 * Text, so it is executable and read-only without a change of attributes, and
 * page-aligned because the hypervisor replaces whole pages. Until the page is
 * enabled it holds breakpoints: a call that should not have been made is an
 * oops with a name.
 */
#include <linux/linkage.h>

	.text
	.balign 4096
SYM_CODE_START(hvc_own_page)
	.fill 4096, 1, 0xcc
SYM_CODE_END(hvc_own_page)
