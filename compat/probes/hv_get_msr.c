// SPDX-License-Identifier: GPL-2.0-only
/* Is there hv_get_msr() for synthetic MSRs, else hv_get_register()? (6.8) */
#include <linux/kernel.h>
#include <asm/mshyperv.h>

u64 probe(void);
u64 probe(void)
{
#if !IS_ENABLED(CONFIG_HYPERV)
	return 0;	/* not asked: our own platform uses the MSRs itself */
#elif defined(PROBE_NEW)
	hv_set_msr(0x40000083, 0);
	return hv_get_msr(0x40000083);
#else
	hv_set_register(0x40000083, 0);
	return hv_get_register(0x40000083);
#endif
}
