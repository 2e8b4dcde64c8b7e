// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: everything that comes out of a channel's ring, in NAPI.
 *
 * A frame is looked at where the host put it and copied once, into the skb.
 * What was looked at, word by word, is not read again (frame.h), so the host
 * may write there all the while. The packet it came in is then completed:
 * always, also if it made no sense, or the host would run out of memory to
 * put frames in. Completions are collected; a few are kept back while there
 * are few, until something else tells the host to look, or the timer brings
 * them home. In a dialogue they go at once.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/slab.h>
#include <linux/tick.h>
#include <net/checksum.h>

#include "net.h"

/* Transmit completions handed over at once. */
#define TX_DONE_BATCH	64

/* Packets without a frame in them (completions) that one poll takes. */
#define MAX_OTHERS	1024

/* Frames up to this are copied into a linear skb, longer ones into pages. */
#define MAX_LINEAR	3072

/* Receive completions */

static int send_done(struct nv_queue *q, u64 tid, bool good)
{
	struct nvsp_done done;

	nvsp_build_done(&done, good);
	return vmbus_sendpacket(q->vmc, &done, sizeof(done), tid, VM_PKT_COMP,
				0);
}

/* Send all that waits; false if the ring is full. */
static bool flush_done(struct nv_queue *q)
{
	struct nv_rx_done *d = &q->rx.done;
	u32 i;
	int ret;

	while (d->tail != d->head) {
		i = d->tail & d->mask;
		ret = send_done(q, d->tid[i], !test_bit(i, d->bad));
		if (unlikely(ret == -EAGAIN)) {
			q->rx.stats.comp_busy++;
			return false;
		}
		/* Any other error: the channel is gone, nobody misses it. */
		d->tail++;
	}
	WRITE_ONCE(d->ranges, 0);
	return true;
}

static void keep_done(struct nv_queue *q, u64 tid, u32 ranges, bool good)
{
	struct nv_rx_done *d = &q->rx.done;
	u32 i = d->head & d->mask;

	if (unlikely(!d->tid || d->head - d->tail > d->mask)) {
		/* More packets than the buffer has parts: it is lying. */
		if (send_done(q, tid, good))
			nv_refuse(q->card, NV_REFUSED_PACKET);
		return;
	}
	d->tid[i] = tid;
	if (unlikely(!good))
		__set_bit(i, d->bad);
	else if (unlikely(test_bit(i, d->bad)))
		__clear_bit(i, d->bad);
	d->head++;
	WRITE_ONCE(d->ranges, d->ranges + ranges);
}

/*
 * Few frames, and we have sent something since the last ones: most likely
 * somebody answers these, too. Then the host had better wake up now; what we
 * send before it looks costs no signal of its own and leaves the earlier.
 * Whether it does is remembered (ride.h).
 */
static bool answer_expected(struct nv_queue *q, int work)
{
	if (!work)
		return false;
	return ride_expected(&q->rx.ride, READ_ONCE(q->tx.made),
			     READ_ONCE(q->vmc->intr_out_empty),
			     work <= NV_RX_FEW && !q->pace.on);
}

/* At the end of a poll of @work frames. */
static void settle_done(struct nv_queue *q, int work)
{
	struct nv_rx *rx = &q->rx;
	bool now = answer_expected(q, work);
	u64 signals;

	if (rx->done.head == rx->done.tail)
		return;
	if (rx->done.ranges < READ_ONCE(rx->keep) && !now &&
	    !READ_ONCE(rx->due) && !nv_host_reads(q)) {
		if (!timer_pending(&q->done_timer))
			mod_timer(&q->done_timer, jiffies + 1);
		return;
	}
	WRITE_ONCE(rx->due, false);
	signals = READ_ONCE(q->vmc->intr_out_empty);
	if (!flush_done(q))
		mod_timer(&q->done_timer, jiffies + 1);
	else if (now && signals != READ_ONCE(q->vmc->intr_out_empty))
		ride_begin(&rx->ride, signals + 1);
}

/**
 * rx_idle() - are all receive completions sent?
 * @q: the queue
 *
 * Context: any.
 * Return: true if so.
 */
bool rx_idle(const struct nv_queue *q)
{
	return READ_ONCE(q->rx.done.head) == READ_ONCE(q->rx.done.tail);
}

/**
 * rx_keep() - keep a few receive completions back while frames keep coming
 * @card: the card, attached
 *
 * Context: process.
 */
void rx_keep(struct nv_card *card)
{
	/* The host must not run short because of what all queues keep. */
	u32 keep = card->nvsp.recv.parts / (4 * card->nr_queues);
	u32 i;

	for (i = 0; i < card->nr_queues; i++)
		WRITE_ONCE(card->queues[i].rx.keep, keep);
}

/**
 * rx_hurry() - keep no receive completions back, now and later
 * @q: the queue, attached
 *
 * Context: process.
 */
void rx_hurry(struct nv_queue *q)
{
	WRITE_ONCE(q->rx.keep, 0);
	local_bh_disable();
	napi_schedule(&q->napi);
	local_bh_enable();
}

/**
 * rx_tick() - bring kept completions home
 * @t: timer of the queue; it does not wake an idle processor, the few
 *	sub-allocations can wait until there is something to do
 *
 * Context: softirq.
 */
void rx_tick(struct timer_list *t)
{
	struct nv_queue *q = timer_container_of(q, t, done_timer);

	if (rx_idle(q))
		return;
	WRITE_ONCE(q->rx.due, true);
	napi_schedule(&q->napi);
}

/* Frames */

static enum nv_refusal cause(enum frame_verdict v)
{
	switch (v) {
	case FRAME_TINY:
	case FRAME_LONG:
		return NV_REFUSED_FRAME;
	case FRAME_SHORT:
	case FRAME_LENGTH:
	case FRAME_DATA:
	case FRAME_OK:
	case FRAME_CONTROL:
	case FRAME_NR:
		break;
	}
	return NV_REFUSED_RNDIS;
}

/*
 * The host has joined segments without making the header sum right. The whole
 * header is in the linear part: see rx_long.c.
 */
static void fix_ip_sum(struct sk_buff *skb)
{
	struct iphdr *iph = (struct iphdr *)(skb->data + ETH_HLEN);
	u32 room = skb_headlen(skb) - ETH_HLEN;

	if (((struct ethhdr *)skb->data)->h_proto != htons(ETH_P_IP) ||
	    room < sizeof(*iph) || iph->ihl < 5 || iph->ihl * 4 > room)
		return;
	iph->check = 0;
	iph->check = ip_fast_csum(iph, iph->ihl);
}

static bool sum_is_bad(const struct ppi_found *ppi)
{
	return ppi_has(ppi, PPI_CHECKSUM) &&
	       ppi->word[PPI_CHECKSUM] & (PPI_RX_TCP_FAILED |
					  PPI_RX_UDP_FAILED | PPI_RX_IP_FAILED);
}

/**
 * rx_finish_skb() - hand a received frame to the stack
 * @q: the queue
 * @skb: the frame, from its Ethernet header on
 * @ppi: what the host says about it
 *
 * Context: NAPI of the queue.
 */
void rx_finish_skb(struct nv_queue *q, struct sk_buff *skb,
		   const struct ppi_found *ppi)
{
	struct net_device *ndev = q->ndev;
	struct nv_rx_stats *stats = &q->rx.stats;

	u64_stats_update_begin(&stats->sync);
	stats->packets++;
	stats->bytes += skb->len;
	skb->protocol = eth_type_trans(skb, ndev);
	if (unlikely(skb->pkt_type == PACKET_MULTICAST))
		stats->multicast++;
	u64_stats_update_end(&stats->sync);

	if (ppi->found) {
		if (ppi_csum_good(ppi)) {
			stats->csum_ok++;
			/* The sum of a coalesced frame is of one segment. */
			if (likely(ndev->features & NETIF_F_RXCSUM ||
				   skb_is_gso(skb)))
				skb->ip_summed = CHECKSUM_UNNECESSARY;
		} else if (unlikely(sum_is_bad(ppi))) {
			stats->csum_bad++;
		}
		if (ppi_has(ppi, PPI_HASH) && ndev->features & NETIF_F_RXHASH)
			skb_set_hash(skb, ppi->word[PPI_HASH],
				     PKT_HASH_TYPE_L4);
		if (unlikely(ppi_has(ppi, PPI_VLAN)))
			__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q),
					       ppi_vlan_tci(ppi->word[PPI_VLAN]));
	}
	skb_record_rx_queue(skb, q->index);
	napi_gro_receive(&q->napi, skb);
}

static void no_memory(struct nv_queue *q)
{
	q->rx.stats.no_memory++;
	q->rx.stats.dropped++;
}

static void deliver_long(struct nv_queue *q, const u8 *frame, u32 bytes,
			 const struct ppi_found *ppi)
{
	struct nv_rx_long to;
	struct sk_buff *skb = rx_long_begin(q, &to, bytes);

	if (!skb) {
		no_memory(q);
		return;
	}
	rx_long_add(&to, frame, bytes);
	rx_finish_skb(q, skb, ppi);
}

static __always_inline void deliver(struct nv_queue *q, const u8 *frame,
				    u32 bytes, const struct ppi_found *ppi)
{
	struct sk_buff *skb;

	if (unlikely(!READ_ONCE(q->rx.open))) {
		q->rx.stats.dropped++;
		return;
	}
	if (unlikely(rcu_access_pointer(q->xdp_prog))) {
		skb = xdp_rx(q, frame, bytes);
		if (skb)
			rx_finish_skb(q, skb, ppi);
		return;
	}
	if (unlikely(bytes > MAX_LINEAR)) {
		deliver_long(q, frame, bytes, ppi);
		return;
	}
	skb = napi_alloc_skb(&q->napi, bytes);
	if (unlikely(!skb)) {
		no_memory(q);
		return;
	}
	skb_put_data(skb, frame, bytes);
	rx_finish_skb(q, skb, ppi);
}

/* The pieces of a coalesced frame, put together. */
static struct sk_buff *gather(struct nv_queue *q, const struct rsc *rsc)
{
	bool long_one = rsc->bytes > MAX_LINEAR;
	struct nv_rx_long to;
	struct sk_buff *skb;
	u32 i;

	if (long_one)
		skb = rx_long_begin(q, &to, rsc->bytes);
	else
		skb = napi_alloc_skb(&q->napi, rsc->bytes);
	if (!skb)
		return NULL;
	for (i = 0; i < rsc->count; i++) {
		const u8 *from = q->rx.buf + rsc->piece[i].at;

		if (long_one)
			rx_long_add(&to, from, rsc->piece[i].bytes);
		else
			skb_put_data(skb, from, rsc->piece[i].bytes);
	}
	return skb;
}

/* Several ranges that make one frame. */
static void deliver_rsc(struct nv_queue *q)
{
	struct rsc *rsc = &q->rx.rsc;
	struct sk_buff *skb;

	/* A program must see every frame, and this one is too long for it. */
	if (!READ_ONCE(q->rx.open) || rcu_access_pointer(q->xdp_prog)) {
		q->rx.stats.dropped++;
		return;
	}
	skb = gather(q, rsc);
	if (!skb) {
		no_memory(q);
		return;
	}
	q->rx.stats.rsc_packets++;
	if (rsc->count > 1) {
		/* Length without headers of all segments but the last. */
		skb_shinfo(skb)->gso_size = min_t(u32, rsc->piece[1].bytes,
						  U16_MAX);
		skb_shinfo(skb)->gso_segs = rsc->count;
		fix_ip_sum(skb);
	}
	rx_finish_skb(q, skb, &rsc->ppi);
}

/* One range; false if it was refused. */
static __always_inline bool take_range(struct nv_queue *q, const void *pkt,
				       u32 index, bool last)
{
	struct nv_rx *rx = &q->rx;
	enum frame_verdict verdict;
	struct frame f;
	u32 at, bytes;

	if (unlikely(!xfer_range(pkt, index, rx->buf_bytes, rx->sub_bytes, &at,
				 &bytes))) {
		nv_refuse(q->card, NV_REFUSED_RANGE);
		goto refused;
	}
	verdict = frame_parse(rx->buf + at, bytes, rx->max_frame, &f);
	if (unlikely(verdict != FRAME_OK)) {
		if (verdict == FRAME_CONTROL && !q->index) {
			rc_receive(q->card, rx->buf + at, bytes);
			return true;
		}
		nv_refuse(q->card, verdict == FRAME_CONTROL ?
			  NV_REFUSED_CHANNEL : cause(verdict));
		goto refused;
	}
	switch (rsc_add(&rx->rsc, &f, at, last)) {
	case RSC_SINGLE:
		deliver(q, rx->buf + at + f.at, f.bytes, &f.ppi);
		return true;
	case RSC_MORE:
		return true;
	case RSC_DONE:
		deliver_rsc(q);
		rsc_reset(&rx->rsc);
		return true;
	case RSC_REFUSED:
	case RSC_VERDICT_NR:
		break;
	}
	nv_refuse(q->card, NV_REFUSED_RSC);
refused:
	rsc_reset(&rx->rsc);
	return false;
}

/* A packet of frames; how many ranges it had. */
static u32 receive(struct nv_queue *q, const struct vmpacket_descriptor *pkt)
{
	bool good = true;
	u32 ranges, i;

	if (unlikely(xfer_check(pkt, pkt->offset8 << 3, pkt->len8 << 3,
				&ranges) != XFER_OK)) {
		nv_refuse(q->card, NV_REFUSED_PACKET);
		keep_done(q, pkt->trans_id, 1, false);
		return 1;
	}
	rsc_reset(&q->rx.rsc);
	for (i = 0; i < ranges; i++)
		good &= take_range(q, pkt, i, i == ranges - 1);
	keep_done(q, pkt->trans_id, ranges, good);
	return ranges;
}

/* Polling */

static void other(struct nv_queue *q, const struct vmpacket_descriptor *pkt)
{
	const void *data = hv_pkt_data(pkt);
	u32 bytes = hv_pkt_datalen(pkt);

	switch (pkt->type) {
	case VM_PKT_COMP:
		if (q->index)
			nv_refuse(q->card, NV_REFUSED_CHANNEL);
		else
			chan_completion(q->card, pkt->trans_id, data, bytes);
		break;
	case VM_PKT_DATA_INBAND:
		chan_inband(q, data, bytes);
		break;
	default:
		nv_refuse(q->card, NV_REFUSED_PACKET);
		break;
	}
}

/* Is it the completion of frames we sent? Then its id is worth keeping. */
static __always_inline bool is_tx_done(struct nv_queue *q,
				       const struct vmpacket_descriptor *pkt)
{
	bool good;

	if (pkt->type != VM_PKT_COMP || pkt->trans_id >= NV_ID_REQUEST ||
	    !nvsp_tx_done(hv_pkt_data(pkt), hv_pkt_datalen(pkt), &good))
		return false;
	if (unlikely(!good))
		nv_refuse(q->card, NV_REFUSED_TX_STATUS);
	return true;
}

/* See may_wait() in tx.c; written once per tick, all queues read it. */
static void note_heard(struct nv_card *card)
{
	unsigned long now = jiffies;

	if (READ_ONCE(card->heard) != now)
		WRITE_ONCE(card->heard, now);
}

/*
 * Does who sends wait for something? If a task has sent lately, its own
 * processor says so: that may be at work while this one, where answers are
 * found, is idle. Seen there for the first time, it is at work.
 */
static bool sender_waits(struct nv_queue *q)
{
	int cpu = READ_ONCE(q->tx.cpu);
	bool idle = is_idle_task(current);
	u64 before = q->pace_idle_us;
	bool same;

	WRITE_ONCE(q->tx.cpu, -1);
	if (cpu >= 0) {
		q->pace_looks = 0;
	} else if (q->pace_looks < PACE_LATELY_LOOKS) {
		q->pace_looks++;
		cpu = q->pace_cpu;
	}
	same = cpu == q->pace_cpu;
	q->pace_cpu = cpu;
	if (cpu < 0 || cpu == smp_processor_id())
		return idle;
	/* -1 for one that cannot tell */
	q->pace_idle_us = get_cpu_idle_time_us(cpu, NULL);
	if (q->pace_idle_us == U64_MAX)
		return idle;
	return idle && same &&
	       pace_stands(q->pace_idle_us - before, READ_ONCE(q->pace.ns));
}

/*
 * In bulk (pace.h): the timer polls a ring that stays masked. Invariant: a
 * masked ring has a scheduled NAPI or an armed timer. rx_event() and end_poll()
 * mask it with NAPI scheduled. end_poll() leaves it so only with @pace_armed
 * seen set, or having armed the timer itself. The timer clears it, when it will
 * not come again, before it schedules NAPI (pairs with the atomic operations on
 * the NAPI state there and in napi_complete_done()): either the poll that saw
 * it set has not ended yet and is made to run again, or another one follows;
 * and that sees it cleared.
 */
static enum hrtimer_restart pace_tick(struct hrtimer *timer)
{
	struct nv_queue *q = container_of(timer, struct nv_queue, pace_timer);
	bool again = READ_ONCE(q->pace.on);

	if (sender_waits(q))
		WRITE_ONCE(q->pace_idle, true);
	if (again)
		hrtimer_forward_now(timer, ns_to_ktime(READ_ONCE(q->pace.ns)));
	else
		WRITE_ONCE(q->pace_armed, false);
	q->rx.stats.paced++;
	napi_schedule(&q->napi);
	return again ? HRTIMER_RESTART : HRTIMER_NORESTART;
}

/**
 * rx_pace_init() - a queue is about to receive
 * @q: the queue, its NAPI off and its timer not armed
 *
 * Context: process.
 */
void rx_pace_init(struct nv_queue *q)
{
	pace_init(&q->pace, jiffies);
	q->pace_armed = false;
	q->pace_idle = false;
	q->pace_cpu = -1;
	q->pace_looks = 0;
	hrtimer_setup(&q->pace_timer, pace_tick, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED);
}

/* At the end of a poll: may the ring stay masked, since the timer polls? */
static bool paced(struct nv_queue *q)
{
	const struct nv_tx_stats *sent = &q->tx.stats;
	bool idle = READ_ONCE(q->pace_idle);

	/* There, who sends is not to be told from who waits. */
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		return false;
	if (unlikely(idle))
		WRITE_ONCE(q->pace_idle, false);
	if (q->pace.on)
		pace_polled(&q->pace, idle, jiffies);
	if (!pace_stays(&q->pace, jiffies, HZ, READ_ONCE(sent->messages),
			READ_ONCE(sent->bytes), tx_one_way(q)))
		return false;
	if (!READ_ONCE(q->pace_armed)) {
		WRITE_ONCE(q->pace_armed, true);
		hrtimer_start(&q->pace_timer, ns_to_ktime(q->pace.ns),
			      HRTIMER_MODE_REL_PINNED);
	}
	return true;
}

static void end_poll(struct nv_queue *q, int work)
{
	bool masked = paced(q);

	if (napi_complete_done(&q->napi, work) && !masked &&
	    hv_end_read(&q->vmc->inbound) && napi_schedule_prep(&q->napi)) {
		hv_begin_read(&q->vmc->inbound);
		__napi_schedule(&q->napi);
	}
}

/**
 * rx_poll() - NAPI poll
 * @napi: of a queue
 * @budget: frames it may take; with 0 (netpoll) it stops before the first
 *
 * Context: softirq; netpoll with interrupts off.
 * Return: frames taken, @budget if there may be more.
 */
int rx_poll(struct napi_struct *napi, int budget)
{
	struct nv_queue *q = container_of(napi, struct nv_queue, napi);
	const struct vmpacket_descriptor *pkt;
	u64 done[TX_DONE_BATCH];
	u32 n = 0, others = 0;
	int work = 0;

	if (unlikely(!budget)) {
		/* Netpoll may have come in while this CPU was sending. */
		if (!__netif_tx_trylock(q->txq))
			return 0;
		__netif_tx_unlock(q->txq);
	}
	pkt = hv_pkt_iter_first(q->vmc);
	while (pkt) {
		if (pkt->type == VM_PKT_DATA_USING_XFER_PAGES) {
			if (unlikely(work >= budget))
				break;
			work += receive(q, pkt);
		} else {
			if (unlikely(others++ > MAX_OTHERS)) {
				work = budget;
				break;
			}
			if (is_tx_done(q, pkt))
				done[n++] = pkt->trans_id;
			else
				other(q, pkt);
			if (n == TX_DONE_BATCH) {
				tx_complete(q, done, n, budget);
				n = 0;
			}
		}
		pkt = hv_pkt_iter_next(q->vmc, pkt);
	}
	/* Left early: what was taken is the host's again all the same. */
	if (unlikely(pkt))
		hv_pkt_iter_close(q->vmc);
	if (n)
		tx_complete(q, done, n, budget);
	if (work)
		note_heard(q->card);
	settle_done(q, work);
	if (unlikely(q->xdp_flush))
		xdp_end_poll(q);

	if (unlikely(!budget))
		return 0;
	if (likely(work < budget))
		end_poll(q, work);
	return min(work, budget);
}

/**
 * rx_event() - channel callback: the host has sent something
 * @context: the queue
 *
 * Context: interrupt.
 */
void rx_event(void *context)
{
	struct nv_queue *q = context;

	if (napi_schedule_prep(&q->napi)) {
		hv_begin_read(&q->vmc->inbound);
		__napi_schedule(&q->napi);
	}
}

/* Life */

/**
 * rx_alloc() - make a queue ready for frames
 * @q: the queue; the buffers are agreed. Its NAPI may run.
 *
 * Context: process.
 * Return: 0 or -ENOMEM, see rx_free().
 */
int rx_alloc(struct nv_queue *q)
{
	struct nv_card *card = q->card;
	struct nv_rx *rx = &q->rx;
	u32 slots = roundup_pow_of_two(min(card->nvsp.recv.parts, 1u << 15) + 1);

	rx->done.bad = kvcalloc(BITS_TO_LONGS(slots), sizeof(long), GFP_KERNEL);
	rx->done.tid = kvcalloc(slots, sizeof(u64), GFP_KERNEL);
	if (!rx->done.bad || !rx->done.tid)
		return -ENOMEM;
	rx->done.mask = slots - 1;
	rx->done.head = 0;
	rx->done.tail = 0;
	rx->keep = 0;
	ride_init(&rx->ride);
	rx->buf = card->recv.mem;
	rx->sub_bytes = card->nvsp.recv.part_bytes;
	rx->max_frame = card->cfg.mtu + ETH_HLEN + VLAN_HLEN;
	/* Until now nothing was in range. */
	smp_store_release(&rx->buf_bytes, card->recv.bytes);
	return 0;
}

/**
 * rx_free() - undo rx_alloc(), also half of it
 * @q: the queue, its channel closed
 *
 * Context: process.
 */
void rx_free(struct nv_queue *q)
{
	struct nv_rx *rx = &q->rx;

	rx->buf_bytes = 0;
	rx->buf = NULL;
	rx->open = false;
	kvfree(rx->done.tid);
	kvfree(rx->done.bad);
	memset(&rx->done, 0, sizeof(rx->done));
}
