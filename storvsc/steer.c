// SPDX-License-Identifier: GPL-2.0-only
/*
 * Core: the map from CPU to channel. Built by chan.c whenever a channel comes,
 * goes or moves to another CPU; io.c only reads the result.
 *
 * A CPU sends on a channel that interrupts it, else on one of its NUMA node,
 * else on any; CPUs with the same choice are spread over the channels evenly.
 */
#include "steer.h"

/* While the map is built: a CPU that shares somebody else's channel. */
#define SHARES	0x8000u

/* Fit of a channel for a CPU, the higher the better; 0 for not at all. */
static u32 fit(const struct steer_chan *chan, u32 cpu, int node)
{
	if (!chan->usable)
		return 0;
	if (chan->cpu == cpu)
		return 3;
	return chan->node == node ? 2 : 1;
}

/* The best fit there is for a CPU, and how many channels have it. */
static u32 best_fit(const struct steer_chan *chans, u32 nr_chans, u32 cpu,
		    int node, u32 *count)
{
	u32 i, f, best = 0;

	*count = 0;
	for (i = 0; i < nr_chans; i++) {
		f = fit(&chans[i], cpu, node);
		if (f > best) {
			best = f;
			*count = 0;
		}
		if (f == best)
			(*count)++;
	}
	return best;
}

/* CPUs before this one on its node that have to share as well. */
static u32 turn_of(const int *cpu_node, const u16 *map, u32 cpu)
{
	u32 other, turn = 0;

	for (other = 0; other < cpu; other++)
		if (cpu_node[other] == cpu_node[cpu] && (map[other] & SHARES))
			turn++;
	return turn;
}

/* The channel number @turn among those that fit best. */
static u16 choose(const struct steer_chan *chans, u32 nr_chans, u32 cpu,
		  int node, u32 best, u32 turn)
{
	u32 i;

	for (i = 0; i < nr_chans; i++)
		if (fit(&chans[i], cpu, node) == best && !turn--)
			return i;
	return STEER_NONE;
}

/**
 * steer_build() - compute the map
 * @chans: the channels of a controller
 * @nr_chans: how many, at most STEER_MAX_CHANS
 * @cpu_node: NUMA node of each CPU
 * @nr_cpus: how many
 * @map: result, an index into @chans per CPU, STEER_NONE without any channel
 *
 * Context: any.
 */
void steer_build(const struct steer_chan *chans, u32 nr_chans,
		 const int *cpu_node, u32 nr_cpus, u16 *map)
{
	u32 cpu, best, count, turn;

	for (cpu = 0; cpu < nr_cpus; cpu++) {
		map[cpu] = STEER_NONE;
		best = best_fit(chans, nr_chans, cpu, cpu_node[cpu], &count);
		if (!best)
			continue;
		turn = best == 3 ? 0 : turn_of(cpu_node, map, cpu);
		map[cpu] = choose(chans, nr_chans, cpu, cpu_node[cpu], best,
				  turn % count);
		if (best != 3)
			map[cpu] |= SHARES;
	}
	for (cpu = 0; cpu < nr_cpus; cpu++)
		if (map[cpu] != STEER_NONE)
			map[cpu] &= ~SHARES;
}

/**
 * steer_next() - another channel than the first choice
 * @chans: the channels of a controller
 * @nr_chans: how many
 * @from: the one that is short of room
 * @same_node: only channels of that one's node
 *
 * Going on from each result visits every other usable channel before @from
 * comes again.
 *
 * Context: any.
 * Return: index of the next usable channel after @from in the circle; @from
 *	   itself when there is no other, or @from is out of range.
 */
u32 steer_next(const struct steer_chan *chans, u32 nr_chans, u32 from,
	       bool same_node)
{
	u32 i, at = from;

	if (from >= nr_chans)
		return from;
	for (i = 1; i < nr_chans; i++) {
		at = at + 1 == nr_chans ? 0 : at + 1;
		if (chans[at].usable &&
		    (!same_node || chans[at].node == chans[from].node))
			return at;
	}
	return from;
}
