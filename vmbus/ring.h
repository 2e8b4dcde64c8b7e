/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMBUS_RING_H
#define HV_VMBUS_RING_H

#include <linux/compiler.h>
#include <linux/string.h>
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
 * @seen:	inbound: the last sound write index; up to there packets are
 *		complete
 */
struct ring {
	struct ring_ctl *ctl;
	u8 *data;
	u32 size;
	u32 pos;
	u32 told;
	u32 seen;
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
void ring_peek_around(const struct ring *r, u32 off, void *to, u32 bytes);
void ring_write_around(struct ring *r, const void *head, u32 head_bytes,
		       const void *body, u32 body_bytes);
bool ring_woke(const struct ring *r, u32 before);

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

	*room = r->size;
	/* Everything read, often: that is our own index, it needs no check. */
	if (read == r->pos)
		return RING_OK;
	*room = 0;
	if (unlikely(!ring_index_ok(r, read)))
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
static __always_inline enum ring_verdict ring_avail(struct ring *r, u32 *avail)
{
	/* Pairs with the host's S0: packets up to this index are complete. */
	u32 write = le32_to_cpu(virt_load_acquire(&r->ctl->write_index));

	*avail = 0;
	/* Nothing there, often: that is our own index, it needs no check. */
	if (write == r->pos) {
		r->seen = write;
		return RING_OK;
	}
	if (unlikely(!ring_index_ok(r, write)))
		return RING_BROKEN;
	r->seen = write;
	*avail = ring_distance(r, r->pos, write);
	return RING_OK;
}

/**
 * ring_avail_some() - as ring_avail(), if what was known is consumed
 * @r:		inbound ring
 * @avail:	how many; more may have come since they were counted
 *
 * The index changes hands between processors once for many packets. Less
 * than a descriptor is no packet: then the index is read again.
 *
 * Context: Reader's side.
 * Return: RING_OK or RING_BROKEN.
 */
static __always_inline enum ring_verdict ring_avail_some(struct ring *r,
							 u32 *avail)
{
	if (r->seen != r->pos) {
		*avail = ring_distance(r, r->pos, r->seen);
		if (likely(*avail >= sizeof(struct pkt_desc)))
			return RING_OK;
	}
	return ring_avail(r, avail);
}

/**
 * ring_quiet() - is everything consumed, and nothing new there?
 * @r:		inbound ring
 *
 * Context: Reader's side.
 * Return: true if so; if not, ring_avail_some() says what there is.
 */
static __always_inline bool ring_quiet(const struct ring *r)
{
	return r->seen == r->pos &&
	       le32_to_cpu(READ_ONCE(r->ctl->write_index)) == r->pos;
}

/**
 * ring_left() - bytes between the read position and the end of the ring
 * @r:		inbound ring
 *
 * Context: Reader's side.
 * Return: how many; at least 8.
 */
static __always_inline u32 ring_left(const struct ring *r)
{
	return r->size - r->pos;
}

/**
 * ring_peek_desc() - copy the descriptor at the read position
 * @r:		inbound ring, with as many bytes available
 * @to:		private memory
 *
 * Each of its two halves is read once.
 *
 * Context: Reader's side.
 */
static __always_inline void ring_peek_desc(const struct ring *r,
					   struct pkt_desc *to)
{
	const u64 *from = (const u64 *)(r->data + r->pos);
	const u64 *next = from + 1;
	u64 first, second;

	/* They are aligned, so neither wraps around the end of the ring. */
	if (unlikely(ring_left(r) == sizeof(u64)))
		next = (const u64 *)r->data;
	first = READ_ONCE(*from);
	second = READ_ONCE(*next);
	__builtin_memcpy(to, &first, sizeof(first));
	__builtin_memcpy((u8 *)to + sizeof(first), &second, sizeof(second));
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

/**
 * ring_peek() - copy bytes out of the ring without consuming them
 * @r:		inbound ring
 * @off:	where to start, from the next byte to read
 * @to:		private memory
 * @bytes:	how many; @off + @bytes is at most what ring_avail() said
 *
 * Context: Reader's side.
 */
static __always_inline void ring_peek(const struct ring *r, u32 off, void *to,
				      u32 bytes)
{
	if (likely((u64)off + bytes <= ring_left(r)))
		memcpy(to, r->data + r->pos + off, bytes);
	else
		ring_peek_around(r, off, to, bytes);
}

/**
 * struct ring_place - where the next packet goes
 * @to:		its first byte
 * @pos:	its index
 * @step:	its length with padding and trailer
 * @next:	the index behind it
 * @around:	it goes around the end of the ring
 *
 * In registers: as far as the compiler knows, whatever is stored while a
 * packet is made and written might change the ring.
 */
struct ring_place {
	u8 *to;
	u32 pos;
	u32 step;
	u32 next;
	bool around;
};

/**
 * ring_step() - bytes of a packet in the ring
 * @bytes:	without padding and trailer
 *
 * Context: Any.
 * Return: with both.
 */
static __always_inline u64 ring_step(u64 bytes)
{
	return ((bytes + 7) & ~7ull) + PKT_TRAILER_BYTES;
}

/**
 * ring_reserve() - find the place of a packet
 * @r:		outbound ring
 * @step:	its length by ring_step()
 * @place:	where it goes, on success
 *
 * The ring is never filled completely: equal indices would read as empty.
 *
 * Context: Writer's lock held.
 * Return: RING_OK, RING_FULL or RING_BROKEN.
 */
static __always_inline enum ring_verdict
ring_reserve(const struct ring *r, u64 step, struct ring_place *place)
{
	enum ring_verdict verdict;
	u32 room;

	verdict = ring_room(r, &room);
	if (unlikely(verdict != RING_OK))
		return verdict;
	if (unlikely(step >= room))
		return RING_FULL;
	place->pos = r->pos;
	place->to = r->data + r->pos;
	place->step = step;
	place->next = r->pos + step;
	place->around = false;
	if (unlikely(place->next >= r->size)) {
		place->next -= r->size;
		place->around = place->next;
	}
	return RING_OK;
}

/**
 * ring_write() - write a packet of two pieces, without showing it to the host
 * @r:		outbound ring
 * @place:	from ring_reserve() for the length of both
 * @head:	descriptor, or all of the packet
 * @head_bytes:	its length, more than 0
 * @body:	payload
 * @body_bytes:	its length
 *
 * Pads with zeros to 8 bytes and appends the trailer.
 *
 * Context: Writer's lock held.
 */
static __always_inline void ring_write(struct ring *r,
				       const struct ring_place *place,
				       const void *head, u32 head_bytes,
				       const void *body, u32 body_bytes)
{
	__le64 *trailer = (__le64 *)(place->to + place->step) - 1;

	if (unlikely(place->around)) {
		ring_write_around(r, head, head_bytes, body, body_bytes);
		return;
	}
	r->pos = place->next;
	/* The padding is what the payload leaves of its last word. */
	trailer[-1] = 0;
	trailer[0] = cpu_to_le64((u64)place->pos << 32);
	memcpy(place->to, head, head_bytes);
	memcpy(place->to + head_bytes, body, body_bytes);
}

/**
 * ring_show() - show the host what was written up to an index
 * @r:		outbound ring
 * @to:		the index, not the one it knows
 *
 * Context: Writer's lock held.
 * Return: true if the host must be signalled: it had seen the ring empty and
 * has not masked the signal. More signals than that are held against us.
 */
static __always_inline bool ring_show(struct ring *r, u32 to)
{
	struct ring_ctl *ctl = r->ctl;
	u32 before = r->told;

	r->told = to;
	/* S0: the packets are there before the index says so. */
	virt_store_release(&ctl->write_index, cpu_to_le32(to));
	/* S1: else host and we both see the other's old value: no signal. */
	virt_mb();
	if (READ_ONCE(ctl->interrupt_mask))
		return false;
	/* The read index is not older than the mask; no partner needed. */
	virt_rmb();
	return le32_to_cpu(READ_ONCE(ctl->read_index)) == before;
}

/**
 * ring_release() - give consumed bytes back to the host
 * @r:		inbound ring
 *
 * Context: Reader's side.
 * Return: true if the host must be signalled: it waits for room, and there
 * is enough now but was not before.
 */
static __always_inline bool ring_release(struct ring *r)
{
	struct ring_ctl *ctl = r->ctl;
	u32 before = r->told;
	u32 pos = r->pos;

	if (before == pos)
		return false;
	r->told = pos;
	/* S5: whatever was copied out is copied before the host may reuse it. */
	virt_store_release(&ctl->read_index, cpu_to_le32(pos));
	if (!(READ_ONCE(ctl->features) & cpu_to_le32(RING_FEAT_PENDING_SEND)))
		return false;
	/* S2: else we miss the wish and the host misses the room. */
	virt_mb();
	if (likely(!READ_ONCE(ctl->pending_send_bytes)))
		return false;
	return ring_woke(r, before);
}

/**
 * ring_mask() - ask the host not to signal while we drain
 * @r:		inbound ring
 *
 * Context: Reader's side.
 */
static __always_inline void ring_mask(struct ring *r)
{
	WRITE_ONCE(r->ctl->interrupt_mask, cpu_to_le32(1));
	/* The host sees the mask before we read what it wrote so far. */
	virt_mb();
}

/**
 * ring_unmask() - ask for signals again
 * @r:		inbound ring
 * @avail:	bytes that arrived meanwhile without a signal
 *
 * Context: Reader's side.
 * Return: RING_OK or RING_BROKEN.
 */
static __always_inline enum ring_verdict ring_unmask(struct ring *r, u32 *avail)
{
	WRITE_ONCE(r->ctl->interrupt_mask, 0);
	/* S3: a packet put before the host saw the unmasking is seen by us. */
	virt_mb();
	return ring_avail(r, avail);
}

/* writer */
enum ring_verdict ring_put(struct ring *r, const struct ring_vec *vec,
			   unsigned int vecs);
void ring_want_room(struct ring *r, u32 bytes);

#endif /* HV_VMBUS_RING_H */
