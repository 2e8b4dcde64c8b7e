/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Core: several frames in one send section, one message, one completion.
 *
 * Every message in the section is padded to the host's alignment, the last one
 * as well: whether another follows is not known when it is written.
 * The caller holds the queue's lock. All inline but batch_init(): batch.c.
 */
#ifndef NETVSC_BATCH_H
#define NETVSC_BATCH_H

#include <linux/compiler.h>
#include <linux/types.h>

#include "rndis.h"

/**
 * struct batch - the section being filled
 * @base: where it begins
 * @used: bytes in it
 * @limit: bytes it takes
 * @align: of a message, a power of 2
 * @count: frames in it
 * @max: frames it takes
 */
struct batch {
	u8 *base;
	u32 used;
	u32 limit;
	u32 align;
	u32 count;
	u32 max;
};

void batch_init(struct batch *b, u32 section_bytes,
		const struct rndis_limits *limits);

/**
 * batch_padded() - length of a message in a section
 * @b: the batch
 * @bytes: without padding, below 2^31
 *
 * Context: any.
 * Return: with padding.
 */
static inline u32 batch_padded(const struct batch *b, u32 bytes)
{
	return (bytes + b->align - 1) & ~(b->align - 1);
}

/**
 * batch_alone() - does a message fit into an empty section?
 * @b: the batch
 * @bytes: without padding, below 2^31
 *
 * Context: any; once per frame.
 * Return: true if so; if not, it goes in pages.
 */
static inline bool batch_alone(const struct batch *b, u32 bytes)
{
	return batch_padded(b, bytes) <= b->limit;
}

/**
 * batch_fits() - does a message fit in behind the others?
 * @b: the batch
 * @bytes: without padding, below 2^31
 *
 * Context: any; once per frame.
 * Return: true if so.
 */
static inline bool batch_fits(const struct batch *b, u32 bytes)
{
	return b->count < b->max && batch_padded(b, bytes) <= b->limit - b->used;
}

/**
 * batch_open() - begin a section
 * @b: the batch
 * @base: where the section begins
 *
 * Context: any.
 */
static inline void batch_open(struct batch *b, u8 *base)
{
	b->base = base;
	b->used = 0;
	b->count = 0;
}

/**
 * batch_add() - room for one more message
 * @b: the batch
 * @bytes: without padding, for which batch_fits()
 * @pad: zeros to write behind it, below 128
 *
 * Context: any; once per frame.
 * Return: where to write it.
 */
static inline u8 *batch_add(struct batch *b, u32 bytes, u32 *pad)
{
	u8 *to = b->base + b->used;
	u32 padded = batch_padded(b, bytes);

	*pad = padded - bytes;
	b->used += padded;
	b->count++;
	return to;
}

/**
 * batch_drop() - take the last message out again
 * @b: the batch
 * @bytes: as given to batch_add()
 *
 * Context: any.
 */
static inline void batch_drop(struct batch *b, u32 bytes)
{
	b->used -= batch_padded(b, bytes);
	b->count--;
}

/**
 * batch_waits() - is there anything to send?
 * @b: the batch
 *
 * Context: any.
 * Return: true if so.
 */
static inline bool batch_waits(const struct batch *b)
{
	return b->count;
}

/**
 * batch_full() - would a short frame not fit any more?
 * @b: the batch
 *
 * Context: any; once per frame.
 * Return: true if it is better sent now.
 */
static inline bool batch_full(const struct batch *b)
{
	return b->count >= b->max ||
	       b->limit - b->used < RNDIS_PACKET_BYTES + 64;
}

#endif /* NETVSC_BATCH_H */
