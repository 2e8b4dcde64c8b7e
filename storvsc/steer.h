/* SPDX-License-Identifier: GPL-2.0-only */
/* Which channel a CPU sends on. Pure: see steer.c. */
#ifndef STORVSC_STEER_H
#define STORVSC_STEER_H

#include <linux/types.h>

/* A channel that may be used: the CPU its interrupts go to, and its node. */
struct steer_chan {
	u32 cpu;
	int node;
	bool usable;
};

void steer_build(const struct steer_chan *chans, u32 nr_chans,
		 const int *cpu_node, u32 nr_cpus, u16 *map);
u32 steer_next(const struct steer_chan *chans, u32 nr_chans, u32 from,
	       bool same_node);

#define STEER_NONE	0xffffu
#define STEER_MAX_CHANS	0x4000u

#endif /* STORVSC_STEER_H */
