// SPDX-License-Identifier: GPL-2.0-only
/*
 * Core: which send sections a queue owns, and the pool they begin in. What
 * runs per packet is in sections.h.
 */
#include <linux/string.h>

#include "sections.h"

/**
 * sect_init() - a pool with all slots free
 * @p: the pool
 * @id: @n words
 * @free: @n entries
 * @n: number of slots, at most SECT_MAX; may be 0
 * @base: number of slots in the pools of the same channel before this one
 *
 * Context: any.
 */
void sect_init(struct sect_pool *p, u64 *id, u16 *free, u32 n, u32 base)
{
	u32 i;

	if (n > SECT_MAX)
		n = SECT_MAX;
	p->id = id;
	p->free = free;
	p->n = n;
	p->left = n;
	p->base = base;
	p->use = 0;
	/* The first one on top. */
	for (i = 0; i < n; i++) {
		id[i] = 0;
		free[i] = n - 1 - i;
	}
}

/**
 * sect_share() - send sections of one queue
 * @total: sections in the send buffer
 * @queues: how many queues there are, at least 1
 * @queue: which one, below @queues
 * @first: index of its first section
 * @count: number of its sections; differs by one at most between queues
 *
 * The shares do not overlap, and together they are the whole buffer, but for
 * what a queue cannot use (SECT_MAX).
 *
 * Context: any.
 */
void sect_share(u32 total, u32 queues, u32 queue, u32 *first, u32 *count)
{
	u32 each = total / queues;
	u32 more = total % queues;

	*first = queue * each + (queue < more ? queue : more);
	*count = each + (queue < more);
	if (*count > SECT_MAX)
		*count = SECT_MAX;
}
