// SPDX-License-Identifier: GPL-2.0-only
/* Are housekeeping types named HK_TYPE_*, else HK_FLAG_*? (5.18) */
#include <linux/sched/isolation.h>

const struct cpumask *probe(void);
const struct cpumask *probe(void)
{
#ifdef PROBE_NEW
	return housekeeping_cpumask(HK_TYPE_MANAGED_IRQ);
#else
	return housekeeping_cpumask(HK_FLAG_MANAGED_IRQ);
#endif
}
