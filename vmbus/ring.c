// SPDX-License-Identifier: GPL-2.0-only
/*
 * Both ends of a ring: indices, copying, and when the other side must be
 * told.
 *
 * Pure but for memory barriers. The caller serialises writers of a ring, and
 * readers of a ring; the peer is the host and always runs on another CPU,
 * hence virt_*() barriers, real ones on uniprocessor kernels too.
 *
 * Barriers and their partners on the host's side:
 *   S0 ring_show():     data, then write_index   | host: index, then data
 *   S1 ring_show():     write_index, then mask   | host: unmask, then index
 *   S2 ring_release():  read_index, then pending | host: pending, then index
 *   S3 ring_unmask():   unmask, then write_index | host: S1
 *   S4 ring_want_room(): pending, then read_index| host: S2
 *   S5 ring_release():  packet loads, then read_index | host: index, then data
 */
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/barrier.h>
#include <asm/byteorder.h>
#include "pkt_wire.h"
#include "ring.h"

static u32 load(const __le32 *p)
{
	return le32_to_cpu(READ_ONCE(*p));
}

static void store(__le32 *p, u32 v)
{
	WRITE_ONCE(*p, cpu_to_le32(v));
}

/**
 * ring_init() - lay a ring over shared memory and zero its header
 * @r:		ring to set up
 * @mem:	header page followed by the data
 * @bytes:	length of both together
 *
 * Context: Before the host knows the memory.
 * Return: 0, or -EINVAL if @bytes is no header page plus whole data pages.
 */
int ring_init(struct ring *r, void *mem, u32 bytes)
{
	if (bytes <= RING_HEADER_BYTES || bytes % RING_HEADER_BYTES)
		return -EINVAL;
	r->ctl = mem;
	r->data = (u8 *)mem + RING_HEADER_BYTES;
	r->size = bytes - RING_HEADER_BYTES;
	r->pos = 0;
	r->told = 0;
	r->seen = 0;
	memset(r->ctl, 0, sizeof(*r->ctl));
	r->ctl->features = cpu_to_le32(RING_FEAT_PENDING_SEND);
	return 0;
}

static void copy_in(struct ring *r, u32 at, const void *from, u32 bytes)
{
	u32 head = r->size - at;

	if (bytes <= head) {
		memcpy(r->data + at, from, bytes);
		return;
	}
	memcpy(r->data + at, from, head);
	memcpy(r->data, (const u8 *)from + head, bytes - head);
}

/* ring_write() anywhere, of any number of pieces, @bytes together */
static void write_wrapping(struct ring *r, const struct ring_vec *vec,
			   unsigned int vecs, u32 bytes)
{
	static const u8 zeros[8];
	__le64 trailer = cpu_to_le64((u64)r->pos << 32);
	u32 pad = ((bytes + 7) & ~7u) - bytes;
	u32 at = r->pos;
	unsigned int i;

	for (i = 0; i < vecs; i++) {
		copy_in(r, at, vec[i].base, vec[i].bytes);
		at = ring_advance(r, at, vec[i].bytes);
	}
	copy_in(r, at, zeros, pad);
	at = ring_advance(r, at, pad);
	copy_in(r, at, &trailer, sizeof(trailer));
	r->pos = ring_advance(r, at, PKT_TRAILER_BYTES);
}

/**
 * ring_write_around() - ring_write(), also around the end of the ring
 * @r:		outbound ring
 * @head:	descriptor, or all of the packet
 * @head_bytes:	its length, more than 0
 * @body:	payload
 * @body_bytes:	its length
 *
 * Context: Writer's lock held.
 */
void ring_write_around(struct ring *r, const void *head, u32 head_bytes,
		       const void *body, u32 body_bytes)
{
	const struct ring_vec vec[2] = {
		{ head, head_bytes }, { body, body_bytes },
	};

	write_wrapping(r, vec, 2, head_bytes + body_bytes);
}

/**
 * ring_put() - append one packet without showing it to the host yet
 * @r:		outbound ring
 * @vec:	descriptor and payload, in order
 * @vecs:	number of pieces
 *
 * The ring is never filled completely: equal indices would read as empty.
 *
 * Context: Writer's lock held.
 * Return: RING_OK, RING_FULL (nothing written) or RING_BROKEN.
 */
enum ring_verdict ring_put(struct ring *r, const struct ring_vec *vec,
			   unsigned int vecs)
{
	enum ring_verdict verdict;
	struct ring_place place;
	u64 bytes = 0;
	unsigned int i;

	for (i = 0; i < vecs; i++)
		bytes += vec[i].bytes;
	verdict = ring_reserve(r, ring_step(bytes), &place);
	if (verdict != RING_OK)
		return verdict;
	if (vecs == 2 && vec[0].bytes)
		ring_write(r, &place, vec[0].base, vec[0].bytes, vec[1].base,
			   vec[1].bytes);
	else
		write_wrapping(r, vec, vecs, bytes);
	return RING_OK;
}

/**
 * ring_want_room() - tell the host how much room the writer waits for
 * @r:		outbound ring
 * @bytes:	room wanted, 0 for none
 *
 * The caller must look at ring_room() again afterwards.
 *
 * Context: Any.
 */
void ring_want_room(struct ring *r, u32 bytes)
{
	store(&r->ctl->pending_send_bytes, bytes);
	/* S4: room that came before the host saw the wish is seen by us. */
	virt_mb();
}

/**
 * ring_peek_around() - ring_peek(), also around the end of the ring
 * @r:		inbound ring
 * @off:	where to start, from the next byte to read
 * @to:		private memory
 * @bytes:	how many
 *
 * Context: Reader's side.
 */
void ring_peek_around(const struct ring *r, u32 off, void *to, u32 bytes)
{
	u32 at = ring_advance(r, r->pos, off);
	u32 head = r->size - at;

	if (bytes <= head) {
		memcpy(to, r->data + at, bytes);
		return;
	}
	memcpy(to, r->data + at, head);
	memcpy((u8 *)to + head, r->data, bytes - head);
}

/**
 * ring_woke() - has the host the room now that it waits for?
 * @r:		inbound ring, released
 * @before:	the read index the host knew before
 *
 * Context: Reader's side, after the barrier S2.
 * Return: true if it must be signalled.
 */
bool ring_woke(const struct ring *r, u32 before)
{
	u32 pending, write, old_room, new_room;

	pending = load(&r->ctl->pending_send_bytes);
	if (!pending)
		return false;
	/* The write index is not older than the wish; no partner needed. */
	virt_rmb();
	write = load(&r->ctl->write_index);
	if (!ring_index_ok(r, write))
		return false;
	if (pending > r->size - 8)
		pending = r->size - 8;
	old_room = r->size - ring_distance(r, before, write);
	new_room = r->size - ring_distance(r, r->pos, write);
	return old_room <= pending && new_room > pending;
}
