// SPDX-License-Identifier: GPL-2.0-only
/* Does the kernel have a reader of the reference counter? (with CONFIG_HYPERV) */
#include <linux/types.h>
#ifdef PROBE_NEW
#include <asm/mshyperv.h>
#endif

u64 probe(void);
u64 probe(void)
{
#ifdef PROBE_NEW
	return hv_read_reference_counter ? hv_read_reference_counter() : 0;
#else
	return 0;
#endif
}
