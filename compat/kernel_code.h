/* SPDX-License-Identifier: GPL-2.0-only */
/* For the guest OS id, which tells the host who we are; decides nothing. */
#ifndef COMPAT_KERNEL_CODE_H
#define COMPAT_KERNEL_CODE_H

#include <linux/version.h>

#define COMPAT_KERNEL_CODE	LINUX_VERSION_CODE

#endif /* COMPAT_KERNEL_CODE_H */
