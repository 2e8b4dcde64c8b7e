/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Core: slots of one transmit queue - send sections, or header areas for frames
 * in pages - and the transaction ids of the messages in them.
 *
 * Each queue has slots of its own, so nothing here is shared: the caller holds
 * the queue's lock, for taking and for putting back. The slot used last is
 * used next, while its memory is still in the cache. All inline: see
 * sections.c for the rest.
 */
#ifndef NETVSC_SECTIONS_H
#define NETVSC_SECTIONS_H

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/types.h>

/*
 * An id is a count of uses of the pool in the upper half, @base + index + 1 in
 * the lower: never 0, never all ones in the upper half, and never that of an
 * earlier use within 2^31 uses. An id the host made up, repeats or got wrong
 * is refused.
 */
#define SECT_ID_USE		BIT_ULL(32)
#define SECT_ID_USES		GENMASK_ULL(62, 32)

/* Slots of one pool at most. */
#define SECT_MAX		0x4000u

/**
 * struct sect_pool - the slots
 * @id: id of the message in each slot, 0 for a free one
 * @free: stack of free slots, @left of them
 * @n: number of slots
 * @left: number of free ones
 * @base: added to the index, for ids of several pools in one channel
 * @use: of the last slot taken, in the upper half
 */
struct sect_pool {
	u64 *id;
	u16 *free;
	u32 n;
	u32 left;
	u32 base;
	u64 use;
};

void sect_init(struct sect_pool *p, u64 *id, u16 *free, u32 n, u32 base);
void sect_share(u32 total, u32 queues, u32 queue, u32 *first, u32 *count);

/**
 * sect_take() - take a free slot
 * @p: the pool
 *
 * Context: under the queue's lock; once per message.
 * Return: its index, -1 if there is none. Its id is @p->id[index].
 */
static inline int sect_take(struct sect_pool *p)
{
	u32 i;

	if (unlikely(!p->left))
		return -1;
	i = p->free[--p->left];
	p->use = (p->use + SECT_ID_USE) & SECT_ID_USES;
	p->id[i] = p->use | (p->base + i + 1);
	return i;
}

/**
 * sect_put() - give back the slot of a message
 * @p: the pool
 * @id: transaction id, as the host echoed it: any value
 *
 * Context: under the queue's lock; once per message.
 * Return: index of the slot, now free; -1 if no message has that id.
 */
static inline int sect_put(struct sect_pool *p, u64 id)
{
	u32 i = (u32)id - 1 - p->base;

	if (unlikely(i >= p->n || p->id[i] != id))
		return -1;
	p->id[i] = 0;
	p->free[p->left++] = i;
	return i;
}

/**
 * sect_idle() - is every slot free?
 * @p: the pool
 *
 * Context: under the queue's lock.
 * Return: true if so.
 */
static inline bool sect_idle(const struct sect_pool *p)
{
	return p->left == p->n;
}

#endif /* NETVSC_SECTIONS_H */
