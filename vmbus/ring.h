/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMBUS_RING_H
#define HV_VMBUS_RING_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <asm/barrier.h>
#include <asm/byteorder.h>
#include "pkt_wire.h"

/**
 * struct ring - one direction of a channel, seen from one end
 * @ctl:	shared header page
 * @data:	shared data, @size bytes
 * @size:	bytes of data; a multiple of 8
 * @pos:	our own index, never read back from @ctl: next byte to write
 *		(outbound) or to read (inbound)
 * @told:	the value of @pos the other side knows
 */
struct ring {
	struct ring_ctl *ctl;
	u8 *data;
	u32 size;
	u32 pos;
	u32 told;
};

/* A piece of a packet to write. */
struct ring_vec {
	const void *base;
	u32 bytes;
};

enum ring_verdict {
	RING_OK,
	RING_FULL,	/* not enough room now */
	RING_BROKEN,	/* the host wrote an impossible index: stop using it */
};

int ring_init(struct ring *r, void *mem, u32 bytes);

/* What follows runs once or more per packet, so it is here. */

static __always_inline bool ring_index_ok(const struct ring *r, u32 index)
{
	return index < r->size && !(index & 7);
}

static __always_inline u32 ring_distance(const struct ring *r, u32 from, u32 to)
{
	return to >= from ? to - from : r->size - from + to;
}

static __always_inline u32 ring_advance(const struct ring *r, u32 index,
					u32 bytes)
{
	index += bytes;
	return index >= r->size ? index - r->size : index;
}

/**
 * ring_room() - bytes the writer may use now
 * @r:		outbound ring
 * @room:	free bytes; a packet must be strictly shorter
 *
 * Context: Any.
 * Return: RING_OK or RING_BROKEN.
 */
static __always_inline enum ring_verdict ring_room(const struct ring *r,
						   u32 *room)
{
	u32 read = le32_to_cpu(READ_ONCE(r->ctl->read_index));

	*room = 0;
	if (!ring_index_ok(r, read))
		return RING_BROKEN;
	*room = r->size - ring_distance(r, read, r->pos);
	return RING_OK;
}

/**
 * ring_avail() - bytes the reader has not consumed yet
 * @r:		inbound ring
 * @avail:	how many
 *
 * Context: Any.
 * Return: RING_OK or RING_BROKEN.
 */
static __always_inline enum ring_verdict ring_avail(const struct ring *r,
						    u32 *avail)
{
	/* Pairs with the host's S0: packets up to this index are complete. */
	u32 write = le32_to_cpu(virt_load_acquire(&r->ctl->write_index));

	*avail = 0;
	if (!ring_index_ok(r, write))
		return RING_BROKEN;
	*avail = ring_distance(r, r->pos, write);
	return RING_OK;
}

/**
 * ring_peek_desc() - copy the descriptor at the read position
 * @r:		inbound ring, with as many bytes available
 * @to:		private memory
 *
 * Its two halves are aligned, so neither wraps around the end of the ring.
 *
 * Context: Reader's side.
 */
static __always_inline void ring_peek_desc(const struct ring *r,
					   struct pkt_desc *to)
{
	u32 next = ring_advance(r, r->pos, sizeof(u64));
	u64 half[2] = {
		READ_ONCE(*(const u64 *)(r->data + r->pos)),
		READ_ONCE(*(const u64 *)(r->data + next)),
	};

	__builtin_memcpy(to, half, sizeof(half));
}

/**
 * ring_skip() - consume bytes; the host does not know yet
 * @r:		inbound ring
 * @bytes:	at most what ring_avail() said, a multiple of 8
 *
 * Context: Reader's side.
 */
static __always_inline void ring_skip(struct ring *r, u32 bytes)
{
	r->pos = ring_advance(r, r->pos, bytes);
}

/* writer */
void ring_write(struct ring *r, const struct ring_vec *vec, unsigned int vecs,
		u32 bytes);
enum ring_verdict ring_put(struct ring *r, const struct ring_vec *vec,
			   unsigned int vecs);
bool ring_publish(struct ring *r);
void ring_want_room(struct ring *r, u32 bytes);

/* reader */
void ring_peek(const struct ring *r, u32 off, void *to, u32 bytes);
bool ring_release(struct ring *r);
void ring_mask(struct ring *r);
enum ring_verdict ring_unmask(struct ring *r, u32 *avail);

#endif /* HV_VMBUS_RING_H */
