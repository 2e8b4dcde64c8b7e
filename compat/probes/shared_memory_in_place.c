// SPDX-License-Identifier: GPL-2.0-only
/* Is memory shared with the host used where it is, not through hv_map_memory()? (6.3) */
#include <linux/hyperv.h>
#include <asm/mshyperv.h>

#ifdef PROBE_NEW
/* A name that is free. */
static inline void hv_map_memory(int nothing)
{
}
#else
void *probe(void *addr, unsigned long size);
void *probe(void *addr, unsigned long size)
{
	return hv_map_memory(addr, size);
}
#endif
