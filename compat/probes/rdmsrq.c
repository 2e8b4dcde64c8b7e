// SPDX-License-Identifier: GPL-2.0-only
/* Are 64-bit MSR accesses named rdmsrq, else rdmsrl? (6.16) */
#include <linux/types.h>
#include <asm/msr.h>

int probe(u64 *value);
int probe(u64 *value)
{
#ifdef PROBE_NEW
	return rdmsrq_safe(0x40000000, value);
#else
	return rdmsrl_safe(0x40000000, value);
#endif
}
