// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets in and out of an open channel: the layer between the exported
 * functions and the ring core. Locks, transaction ids and signals are here.
 */
#include <linux/errno.h>
#include <linux/hyperv.h>
#include <linux/string.h>
#include <asm/byteorder.h>
#include "abi.h"
#include "chan.h"
#include "delay.h"
#include "pkt.h"
#include "refuse.h"
#include "ring.h"

static void count_full(struct vmbus_channel *abi)
{
	abi->out_full_total++;
	if (!abi->out_full_flag) {
		abi->out_full_first++;
		abi->out_full_flag = true;
	}
}

/*
 * A slot for the answer, if one is wanted: its id takes the place of what it
 * stands for.
 */
static noinline int take_id(struct chan *chan, struct pkt_desc *desc)
{
	struct vmbus_channel *abi = &chan->abi;
	u64 id;

	if (le16_to_cpu(desc->flags) != PKT_FLAG_COMPLETION)
		return 0;
	id = abi->next_request_id_callback(abi, le64_to_cpu(desc->trans_id));
	if (id == VMBUS_RQST_ERROR)
		return -EAGAIN;
	if (id != VMBUS_NO_RQSTOR)
		desc->trans_id = cpu_to_le64(id);
	return 0;
}

/* Nobody will answer: give the id back. */
static noinline int sent_in_vain(struct chan *chan, const struct pkt_desc *desc)
{
	struct vmbus_channel *abi = &chan->abi;

	if (abi->next_request_id_callback && abi->request_addr_callback &&
	    le16_to_cpu(desc->flags) == PKT_FLAG_COMPLETION)
		abi->request_addr_callback(abi, le64_to_cpu(desc->trans_id));
	return -ENODEV;
}

/* Why there is no place for a packet. */
static noinline int no_place(struct chan *chan, enum ring_verdict verdict)
{
	if (verdict == RING_FULL) {
		count_full(&chan->abi);
		return -EAGAIN;
	}
	chan_break(chan);
	return -ENODEV;
}

/*
 * Inline where packets are made: lengths are known there, and the compiler
 * keeps them in registers.
 */
static __always_inline int send(struct chan *chan, struct pkt_desc *desc,
				u32 header_bytes, const void *body,
				u32 body_bytes, u64 *trans_id)
{
	u64 step = ring_step((u64)header_bytes + body_bytes);
	struct vmbus_channel *abi = &chan->abi;
	enum ring_verdict verdict;
	struct ring_place place;
	unsigned long flags;
	bool signal;
	int ret;

	spin_lock_irqsave(&abi->outbound.ring_lock, flags);
	if (unlikely(chan_no_sending(chan))) {
		ret = -ENODEV;
		goto unlock;
	}
	verdict = ring_reserve(&chan->out, step, &place);
	if (unlikely(verdict != RING_OK)) {
		ret = no_place(chan, verdict);
		goto unlock;
	}
	/* The id is taken under the ring's lock: ids appear in ring order. */
	if (unlikely(abi->next_request_id_callback)) {
		ret = take_id(chan, desc);
		if (unlikely(ret))
			goto unlock;
	}
	if (trans_id)
		*trans_id = le64_to_cpu(desc->trans_id);
	abi->out_full_flag = false;
	ring_write(&chan->out, &place, desc, header_bytes, body, body_bytes);
	signal = ring_show(&chan->out, place.next);
	if (signal)
		abi->intr_out_empty++;
	spin_unlock_irqrestore(&abi->outbound.ring_lock, flags);

	if (signal)
		chan_signal_host(chan);
	if (unlikely(chan_dead(chan)))
		return sent_in_vain(chan, desc);
	return 0;

unlock:
	spin_unlock_irqrestore(&abi->outbound.ring_lock, flags);
	return ret;
}

/**
 * abi_send() - see vmbus_sendpacket_getid()
 * @channel:	open channel
 * @buffer:	payload
 * @bytes:	its length
 * @addr:	what the transaction id shall stand for
 * @trans_id:	where the id used is stored, or NULL
 * @type:	packet type
 * @flags:	packet flags
 *
 * Context: Any.
 * Return: 0; -EAGAIN if ring or id table is full; -ENODEV if the channel is
 * gone; -EMSGSIZE for a packet longer than can be.
 */
int abi_send(struct vmbus_channel *channel, void *buffer, u32 bytes, u64 addr,
	     u64 *trans_id, u16 type, u32 flags)
{
	struct pkt_desc desc;
	int ret;

	ret = pkt_build(&desc, type, sizeof(desc), bytes, flags, addr);
	if (ret)
		return ret;
	return send(to_chan(channel), &desc, sizeof(desc), buffer, bytes,
		    trans_id);
}

/**
 * abi_send_mpb() - see vmbus_sendpacket_mpb_desc()
 * @channel:	open channel
 * @mpb:	extended header with its page list; its first bytes are ours
 * @mpb_bytes:	its length
 * @buffer:	payload
 * @bytes:	its length
 * @addr:	what the transaction id shall stand for
 *
 * Context: Any.
 * Return: as abi_send(); -EINVAL for an impossible header.
 */
int abi_send_mpb(struct vmbus_channel *channel,
		 struct vmbus_packet_mpb_array *mpb, u32 mpb_bytes,
		 void *buffer, u32 bytes, u64 addr)
{
	struct pkt_desc *desc = (struct pkt_desc *)mpb;
	int ret;

	if (mpb_bytes < sizeof(struct pkt_gpa_hdr))
		return -EINVAL;
	ret = pkt_build(desc, PKT_GPA_DIRECT, mpb_bytes, bytes,
			PKT_FLAG_COMPLETION, addr);
	if (ret)
		return ret;
	mpb->reserved = 0;
#ifdef HAVE_SENDPACKET_PAGEBUFFER
	/* Drivers of that time left it to the bus; now several may follow. */
	mpb->rangecount = 1;
#endif
	return send(to_chan(channel), desc, mpb_bytes, buffer, bytes, NULL);
}

#ifdef HAVE_SENDPACKET_PAGEBUFFER
/* The list a driver hands over is, as it stands, a list of one-page ranges. */
static_assert(sizeof(struct hv_page_buffer) ==
	      sizeof(struct pkt_gpa_range) + sizeof(__le64));
static_assert(offsetof(struct hv_page_buffer, len) ==
	      offsetof(struct pkt_gpa_range, byte_count));
static_assert(offsetof(struct hv_page_buffer, offset) ==
	      offsetof(struct pkt_gpa_range, byte_offset));
static_assert(offsetof(struct hv_page_buffer, pfn) ==
	      offsetof(struct pkt_gpa_range, pfn));

/**
 * abi_send_pages() - see vmbus_sendpacket_pagebuffer()
 * @channel:	open channel
 * @pages:	ranges of one page each
 * @count:	their number
 * @buffer:	payload
 * @bytes:	its length
 * @addr:	what the transaction id shall stand for
 *
 * Context: Any.
 * Return: as abi_send(), and -EINVAL for more ranges than a packet may have.
 */
int abi_send_pages(struct vmbus_channel *channel, struct hv_page_buffer *pages,
		   u32 count, void *buffer, u32 bytes, u64 addr)
{
	struct {
		struct pkt_gpa_hdr hdr;
		struct hv_page_buffer pages[MAX_PAGE_BUFFER_COUNT];
	} list;
	u32 list_bytes = sizeof(list.hdr) + count * sizeof(*pages);
	int ret;

	if (count > MAX_PAGE_BUFFER_COUNT)
		return -EINVAL;
	ret = pkt_build(&list.hdr.desc, PKT_GPA_DIRECT, list_bytes, bytes,
			PKT_FLAG_COMPLETION, addr);
	if (ret)
		return ret;
	list.hdr.reserved = 0;
	list.hdr.ranges = cpu_to_le32(count);
	memcpy(list.pages, pages, count * sizeof(*pages));
	return send(to_chan(channel), &list.hdr.desc, list_bytes, buffer,
		    bytes, NULL);
}
#endif

/* Not for us, or a lie: step over it, or end the channel. */
static noinline bool step_over(struct chan *chan, enum pkt_verdict verdict,
			       const struct pkt_desc *desc)
{
	switch (verdict) {
	case PKT_SKIP:
		refuse(REFUSE_PACKET_SKIPPED, chan->relid,
		       le16_to_cpu(desc->type));
		ring_skip(&chan->in, pkt_bytes(desc) + PKT_TRAILER_BYTES);
		return true;
	case PKT_BROKEN:
		refuse(REFUSE_PACKET_BROKEN, chan->relid,
		       le16_to_cpu(desc->len8));
		chan_break(chan);
		return false;
	case PKT_OK:
	case PKT_NONE:
		break;
	}
	return false;
}

/*
 * Packet at the read position, copied into the channel's private buffer. The
 * descriptor is read once, and its copy is what is checked and used.
 */
static noinline struct vmpacket_descriptor *fetch(struct chan *chan)
{
	struct hv_ring_buffer_info *info = &chan->abi.inbound;
	struct ring *in = &chan->in;
	enum pkt_verdict verdict;
	struct pkt_desc *copy;
	u32 avail;

	for (;;) {
		if (unlikely(chan_no_reading(chan)))
			return NULL;
		if (unlikely(ring_avail_some(in, &avail) != RING_OK)) {
			chan_break(chan);
			return NULL;
		}
		if (avail < sizeof(*copy))
			return NULL;
		copy = info->pkt_buffer;
		ring_peek_desc(in, copy);
		/* Short fields: cheaper to load than to cut out of words. */
		OPTIMIZER_HIDE_VAR(copy);
		verdict = pkt_judge(copy, avail, info->pkt_buffer_size);
		if (likely(verdict == PKT_OK))
			break;
		if (!step_over(chan, verdict, copy))
			return NULL;
	}
	delay_packet(&chan->abi);
	chan->pkt_step = pkt_bytes(copy) + PKT_TRAILER_BYTES;
	ring_peek(in, sizeof(*copy), copy + 1,
		  pkt_bytes(copy) - sizeof(*copy));
	return (struct vmpacket_descriptor *)copy;
}

/**
 * abi_pkt_first() - see hv_pkt_iter_first()
 * @channel:	open channel
 *
 * Context: Reader's side of the channel.
 * Return: private copy of the next packet, valid until the next call, or
 * NULL.
 */
struct vmpacket_descriptor *abi_pkt_first(struct vmbus_channel *channel)
{
	struct chan *chan = to_chan(channel);

	chan->pkt_step = 0;
	return fetch(chan);
}

/* Step over the packet that was fetched last, if it is still there. */
static __always_inline void consume(struct chan *chan)
{
	if (!chan->pkt_step)
		return;
	ring_skip(&chan->in, chan->pkt_step);
	chan->abi.inbound.priv_read_index = chan->in.pos;
	chan->pkt_step = 0;
}

/**
 * abi_pkt_next() - see __hv_pkt_iter_next()
 * @channel:	open channel
 *
 * Steps over the packet as it was checked; what the driver did to its copy
 * does not matter.
 *
 * Context: Reader's side of the channel.
 * Return: as abi_pkt_first().
 */
struct vmpacket_descriptor *abi_pkt_next(struct vmbus_channel *channel)
{
	struct chan *chan = to_chan(channel);

	consume(chan);
	if (ring_quiet(&chan->in))
		return NULL;
	return fetch(chan);
}

/**
 * abi_pkt_close() - see hv_pkt_iter_close()
 * @channel:	open channel
 *
 * Context: Reader's side of the channel.
 */
void abi_pkt_close(struct vmbus_channel *channel)
{
	struct chan *chan = to_chan(channel);

	/* Without rings nothing was consumed that the host does not know of. */
	if (ring_release(&chan->in)) {
		channel->intr_in_full++;
		chan_signal_host(chan);
	}
}

/**
 * abi_recv() - see vmbus_recvpacket() and vmbus_recvpacket_raw()
 * @channel:	open channel
 * @buffer:	where the packet goes
 * @room:	its length
 * @bytes:	length of the packet, also if it does not fit; 0 for no packet
 * @trans_id:	its transaction id
 * @raw:	descriptor included
 *
 * Context: Reader's side of the channel.
 * Return: 0, -EINVAL, or -ENOBUFS if @room is too small (the packet stays).
 */
int abi_recv(struct vmbus_channel *channel, void *buffer, u32 room,
	     u32 *bytes, u64 *trans_id, bool raw)
{
	struct chan *chan = to_chan(channel);
	struct vmpacket_descriptor *pkt;
	u32 from = 0;

	*bytes = 0;
	*trans_id = 0;
	if (!room)
		return -EINVAL;
	pkt = abi_pkt_first(channel);
	if (!pkt) {
		/* Stepped over something perhaps: the host gets the room. */
		abi_pkt_close(channel);
		return 0;
	}
	/* Nobody has touched the copy that was checked. */
	if (!raw)
		from = (u32)pkt->offset8 * 8;
	*bytes = (u32)pkt->len8 * 8 - from;
	*trans_id = pkt->trans_id;
	if (*bytes > room)
		return -ENOBUFS;
	memcpy(buffer, (u8 *)pkt + from, *bytes);
	consume(chan);
	abi_pkt_close(channel);
	return 0;
}
