// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: frames out.
 *
 * A frame is copied behind its header into a send section, or, if it does not
 * fit, described as guest pages. Everything a queue needs for that is its own
 * and under its netdev tx lock: slots, the section being filled, and also
 * completions, which NAPI brings here in one go per poll.
 *
 * A section goes out when the stack says that nothing follows - unless the
 * host is still busy with earlier messages of the queue. It works in order, so
 * nothing is gained by telling it of one more frame now; the section goes out
 * when it is full or when the host has done what it had. Thus a fast sender
 * costs one packet, one signal and one completion for several frames, and a
 * lone frame leaves at once. In a flood that nothing answers, sections leave
 * when they are full, and what is left at the next tick.
 *
 * In bulk (pace.h) up to NV_HELD_MAX frames in pages wait for the next one, if
 * the host has looked and has something of ours: one signal tells of all. The
 * next frame sends them, or any completion, and one is due; should the host
 * lose that, the timer.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/if_vlan.h>
#include <linux/netpoll.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>

#include "net.h"

/* With fewer messages on their way than this, a frame leaves at once. */
#define HOLD_IN_FLIGHT	1

/* With so many frames sent in the last tick, and none received, it is a flood. */
#define FLOOD_FRAMES	32
/* Ticks without a frame may be among them, but no more than these. */
#define FLOOD_TICKS	4

/* Wake a queue when so many page slots are free again. */
#define WAKE_SLOTS	(NV_PAGE_SLOTS / 4)

/* Ways out of building a message. */
enum placed {
	PLACED,
	NO_ROOM,	/* try again later */
	CANNOT,		/* drop it */
};

static void stop_queue(struct nv_queue *q)
{
	netif_tx_stop_queue(q->txq);
	q->tx.stats.stop++;
}

static void wake_queue(struct nv_queue *q)
{
	if (netif_tx_queue_stopped(q->txq)) {
		netif_tx_wake_queue(q->txq);
		q->tx.stats.wake++;
	}
}

static void arm_timer(struct nv_queue *q)
{
	if (!timer_pending(&q->timer))
		mod_timer(&q->timer, jiffies + 1);
}

static void count_sent(struct nv_tx *tx, u32 packets, u32 bytes)
{
	u64_stats_update_begin(&tx->stats.sync);
	tx->stats.packets += packets;
	tx->stats.bytes += bytes;
	tx->stats.messages++;
	u64_stats_update_end(&tx->stats.sync);
}

/* Somebody sends who can be seen to wait: see sender_waits() in rx.c. */
static __always_inline void note_sender(struct nv_tx *tx)
{
	if (!in_serving_softirq())
		WRITE_ONCE(tx->cpu, raw_smp_processor_id());
}

/*
 * The host has just been told of something: what NAPI keeps back for it can go
 * along, and had better before it costs a signal of its own.
 */
static void take_along(struct nv_queue *q)
{
	if (unlikely(READ_ONCE(q->rx.done.ranges) > READ_ONCE(q->rx.keep) / 2))
		napi_schedule(&q->napi);
}

/* The host owns @m from here on. */
static void sent(struct nv_queue *q, struct nv_tx_msg *m, struct sk_buff *skb,
		 u32 packets, u32 bytes)
{
	struct nv_tx *tx = &q->tx;

	m->skb = skb;
	m->bytes = bytes;
	m->packets = packets;
	tx->in_flight++;
	tx->made++;
	netdev_tx_sent_queue(q->txq, bytes);
	count_sent(tx, packets, bytes);
	note_sender(tx);
	take_along(q);
}

/* Frames that cannot be sent because the channel is gone. */
static void lost(struct nv_queue *q, u32 packets)
{
	q->tx.stats.dropped += packets;
}

/*
 * Send the section being filled. With the ring full it stays, the queue stops,
 * and a completion or the timer tries again.
 */
static void flush_section(struct nv_queue *q)
{
	struct nv_tx *tx = &q->tx;
	int slot = tx->batch_slot;
	int ret;

	if (slot < 0)
		return;
	tx->msg.rndis.section = cpu_to_le32(tx->first_section + slot);
	tx->msg.rndis.section_bytes = cpu_to_le32(tx->batch.used);
	ret = vmbus_sendpacket(q->vmc, &tx->msg, sizeof(tx->msg),
			       tx->sections.id[slot], VM_PKT_DATA_INBAND,
			       VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED);
	if (likely(!ret)) {
		tx->batch_slot = -1;
		sent(q, &tx->msgs[slot], NULL, tx->batch.count,
		     tx->batch_bytes);
		return;
	}
	if (ret == -EAGAIN) {
		tx->stats.busy++;
		tx->retry = true;
		stop_queue(q);
		arm_timer(q);
		return;
	}
	tx->batch_slot = -1;
	sect_put(&tx->sections, tx->sections.id[slot]);
	lost(q, tx->batch.count);
}

static bool send_held(struct nv_queue *q);

/* Is there a section with room for @bytes more? Opens one if need be. */
static bool room_in_section(struct nv_queue *q, u32 bytes)
{
	struct nv_tx *tx = &q->tx;
	int slot;

	if (tx->batch_slot >= 0) {
		if (likely(batch_fits(&tx->batch, bytes)))
			return true;
		flush_section(q);
		if (unlikely(tx->batch_slot >= 0))
			return false;
	}
	/* In order: what waits in pages was first. */
	if (unlikely(tx->nr_held) && !send_held(q))
		return false;
	slot = sect_take(&tx->sections);
	if (unlikely(slot < 0)) {
		tx->stats.send_full++;
		return false;
	}
	batch_open(&tx->batch, q->card->send_buf + (size_t)q->card->section_bytes *
		   (tx->first_section + slot));
	tx->batch_slot = slot;
	tx->batch_bytes = 0;
	return true;
}

static __always_inline u8 *add(struct nv_tx *tx, const struct frame_tx *f,
			       u32 header)
{
	u32 pad;
	u8 *to = batch_add(&tx->batch, header + f->bytes, &pad);

	frame_build(to, f, header, pad);
	to += header;
	if (pad)
		memset(to + f->bytes, 0, pad);
	tx->batch_bytes += f->bytes;
	return to;
}

/* Once per tick: was it full of frames to send? */
static void new_tick(struct nv_tx *tx, unsigned long now)
{
	unsigned long ticks = now - tx->tick;

	tx->flood = ticks <= FLOOD_TICKS &&
		    tx->tick_frames >= FLOOD_FRAMES * ticks;
	tx->tick = now;
	tx->tick_frames = 0;
}

/**
 * tx_one_way() - is much being sent and nothing received?
 * @q: the queue
 *
 * Nobody waits for an answer then.
 *
 * Context: any; a guess without the queue's tx lock.
 * Return: true if so.
 */
bool tx_one_way(const struct nv_queue *q)
{
	return READ_ONCE(q->tx.flood) &&
	       jiffies - READ_ONCE(q->card->heard) > 1;
}

/* May the open section wait, for the host or for more frames? */
static bool may_wait(const struct nv_queue *q)
{
	if (q->tx.in_flight >= HOLD_IN_FLIGHT)
		return true;
	return tx_one_way(q) && !netif_xmit_stopped(q->txq);
}

/* After a frame was added: send now, or wait for more? */
static __always_inline void settle(struct nv_queue *q, bool more)
{
	struct nv_tx *tx = &q->tx;
	unsigned long now = jiffies;

	if (unlikely(tx->tick != now))
		new_tick(tx, now);
	tx->tick_frames++;
	if (batch_full(&tx->batch)) {
		flush_section(q);
		return;
	}
	if (more && !netif_xmit_stopped(q->txq))
		return;
	if (may_wait(q))
		arm_timer(q);
	else
		flush_section(q);
}

/* Pages */

struct desc {
	u64 *at;
	u32 frames;
	u32 ranges;
};

/* One physically contiguous piece is one range. */
static bool put_range(struct desc *d, phys_addr_t phys, u32 bytes)
{
	u32 offset = phys & (HV_HYP_PAGE_SIZE - 1);
	u64 frame = phys >> HV_HYP_PAGE_SHIFT;
	u32 n = (offset + bytes + HV_HYP_PAGE_SIZE - 1) >> HV_HYP_PAGE_SHIFT;

	if (d->frames + n > NV_MAX_FRAMES)
		return false;
	*d->at++ = (u64)offset << 32 | bytes;
	d->frames += n;
	d->ranges++;
	while (n--)
		*d->at++ = frame++;
	return true;
}

static bool describe(struct desc *d, const struct sk_buff *skb)
{
	const struct skb_shared_info *info = skb_shinfo(skb);
	u32 i;

	if (skb_headlen(skb) &&
	    !put_range(d, virt_to_phys(skb->data), skb_headlen(skb)))
		return false;
	for (i = 0; i < info->nr_frags; i++) {
		const skb_frag_t *frag = &info->frags[i];

		if (!put_range(d, page_to_phys(skb_frag_page(frag)) +
			       skb_frag_off(frag), skb_frag_size(frag)))
			return false;
	}
	return true;
}

#ifdef HAVE_SENDPACKET_PAGEBUFFER
/* A bus of that time sends one range, or ranges of one frame each. */
static int send_desc(struct nv_queue *q, const struct desc *d, u64 id)
{
	struct hv_page_buffer pages[NV_MAX_FRAMES];
	const u64 *at = q->tx.desc + 3;
	u32 n = 0, bytes, offset, part;

	while (at < d->at) {
		bytes = (u32)*at;
		offset = *at++ >> 32;
		for (; bytes; bytes -= part, offset = 0) {
			part = min_t(u32, bytes, HV_HYP_PAGE_SIZE - offset);
			pages[n].len = part;
			pages[n].offset = offset;
			pages[n++].pfn = *at++;
		}
	}
	return vmbus_sendpacket_pagebuffer(q->vmc, pages, n, &q->tx.page_msg,
					   sizeof(q->tx.page_msg), id);
}
#else
static int send_desc(struct nv_queue *q, const struct desc *d, u64 id)
{
	struct nv_tx *tx = &q->tx;
	struct vmbus_packet_mpb_array *mpb = (void *)tx->desc;

	mpb->rangecount = d->ranges;
	return vmbus_sendpacket_mpb_desc(q->vmc, mpb,
					 (d->at - tx->desc) * sizeof(u64),
					 &tx->page_msg, sizeof(tx->page_msg),
					 id);
}
#endif

static enum placed send_pages(struct nv_queue *q, struct sk_buff *skb,
			      const struct frame_tx *f, u32 header)
{
	struct nv_tx *tx = &q->tx;
	struct desc d, front;
	u8 *hdr;
	int slot, ret;

	/* In order: what waits in a section was first. */
	if (tx->batch_slot >= 0) {
		flush_section(q);
		if (unlikely(tx->batch_slot >= 0))
			return NO_ROOM;
	}
	slot = sect_take(&tx->pages);
	if (unlikely(slot < 0))
		return NO_ROOM;
	hdr = tx->hdrs + slot * NV_HDR_BYTES;
	frame_build(hdr, f, header, 0);

	d.at = tx->desc + 3;
	d.frames = 0;
	d.ranges = 0;
	/* Header and information in the first range, or hosts refuse it. */
	put_range(&d, virt_to_phys(hdr), header);
	front = d;
	if (unlikely(!describe(&d, skb))) {
		tx->stats.scattered++;
		if (skb_linearize(skb)) {
			tx->stats.no_memory++;
			goto err_put;
		}
		d = front;
		if (!describe(&d, skb)) {
			tx->stats.too_big++;
			goto err_put;
		}
	}
	if (unlikely(tx->bounce) && bounce_map(q, slot, tx->desc + 3, d.at)) {
		sect_put(&tx->pages, tx->pages.id[slot]);
		/* Memory for copies comes back with other messages. */
		if (tx->in_flight)
			return NO_ROOM;
		tx->stats.no_memory++;
		return CANNOT;
	}
	ret = send_desc(q, &d, tx->pages.id[slot]);
	if (likely(!ret)) {
		sent(q, &tx->msgs[tx->sections.n + slot], skb, 1, f->bytes);
		if (unlikely(!tx->pages.left))
			stop_queue(q);
		return PLACED;
	}
	if (unlikely(tx->bounce))
		bounce_unmap(q, slot);
	sect_put(&tx->pages, tx->pages.id[slot]);
	if (ret == -EAGAIN) {
		tx->retry = true;
		return NO_ROOM;
	}
	return CANNOT;

err_put:
	sect_put(&tx->pages, tx->pages.id[slot]);
	return CANNOT;
}

/* Frames that wait, if any; false if some go on waiting for room. */
static bool send_held(struct nv_queue *q)
{
	struct nv_tx *tx = &q->tx;
	u32 i;

	for (i = 0; i < tx->nr_held; i++) {
		const struct nv_tx_held *h = &tx->held[i];

		switch (send_pages(q, h->skb, &h->as,
				   frame_header_bytes(h->as.what))) {
		case PLACED:
			break;
		case NO_ROOM:
			tx->stats.busy++;
			tx->retry = true;
			stop_queue(q);
			arm_timer(q);
			goto some_left;
		case CANNOT:
			lost(q, 1);
			dev_kfree_skb_any(h->skb);
			break;
		}
	}
	tx->nr_held = 0;
	return true;

some_left:
	tx->nr_held -= i;
	memmove(tx->held, tx->held + i, tx->nr_held * sizeof(tx->held[0]));
	return false;
}

/*
 * Let a frame in pages wait for the next ones? Only with a completion due,
 * which sends it at the latest, and if sending it now would cost a signal.
 */
static bool hold(struct nv_queue *q, struct sk_buff *skb,
		 const struct frame_tx *f)
{
	struct nv_tx *tx = &q->tx;

	if (likely(!READ_ONCE(q->pace.on)) || !tx->in_flight ||
	    tx->nr_held == NV_HELD_MAX || netif_xmit_stopped(q->txq) ||
	    nv_host_reads(q))
		return false;
	flush_section(q);
	if (unlikely(tx->batch_slot >= 0))
		return false;
	skb_tx_timestamp(skb);
	tx->held[tx->nr_held++] = (struct nv_tx_held) { .skb = skb, .as = *f };
	note_sender(tx);
	arm_timer(q);
	return true;
}

/**
 * tx_flush() - send what waits
 * @q: the queue
 *
 * With the ring full it stays, the queue stops, and a completion or the timer
 * tries again.
 *
 * Context: softirq, the queue's tx lock held.
 */
void tx_flush(struct nv_queue *q)
{
	/* One of them waits at most. */
	if (send_held(q))
		flush_section(q);
}

/* What to tell the host about a frame */

/* A tag inside the frame is moved out: hosts take it out of band only. */
static int pull_tag(struct sk_buff *skb)
{
	u16 tci;
	int ret;

	ret = __skb_vlan_pop(skb, &tci);
	if (ret)
		return ret;
	__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q), tci);
	return 0;
}

static int plan_lso(struct sk_buff *skb, struct frame_tx *f)
{
	bool v6 = skb_shinfo(skb)->gso_type & SKB_GSO_TCPV6;
	struct iphdr *iph;
	int ret;

	ret = skb_cow_head(skb, 0);
	if (ret)
		return ret;
	if (v6) {
		ipv6_hdr(skb)->payload_len = 0;
		tcp_hdr(skb)->check = ~csum_ipv6_magic(&ipv6_hdr(skb)->saddr,
						       &ipv6_hdr(skb)->daddr, 0,
						       IPPROTO_TCP, 0);
	} else {
		iph = ip_hdr(skb);
		iph->tot_len = 0;
		iph->check = 0;
		tcp_hdr(skb)->check = ~csum_tcpudp_magic(iph->saddr, iph->daddr,
							 0, IPPROTO_TCP, 0);
	}
	f->what |= FRAME_TX_LSO;
	f->offload = ppi_lso2_word(skb_shinfo(skb)->gso_size,
				   skb_transport_offset(skb), v6);
	return 0;
}

/* The stack has put the sum over the pseudo header in place. */
static int plan_csum(struct nv_card *card, struct sk_buff *skb,
		     struct frame_tx *f)
{
	bool v4 = vlan_get_protocol(skb) == htons(ETH_P_IP);
	u32 kind = v4 ? PPI_TX_IS_IPV4 : PPI_TX_IS_IPV6;
	bool able;

	if (skb->csum_offset == offsetof(struct tcphdr, check)) {
		kind |= PPI_TX_TCP;
		able = v4 ? card->caps.tcp4 : card->caps.tcp6;
	} else {
		kind |= PPI_TX_UDP;
		able = skb->csum_offset == offsetof(struct udphdr, check) &&
		       (v4 ? card->caps.udp4 : card->caps.udp6);
	}
	if (unlikely(!able))
		return skb_checksum_help(skb);
	f->what |= FRAME_TX_CSUM;
	f->offload = ppi_csum_word(kind, skb_checksum_start_offset(skb));
	return 0;
}

static __always_inline int plan(struct nv_queue *q, struct sk_buff *skb,
				struct frame_tx *f)
{
	struct nv_card *card = q->card;
	int ret;

	f->what = 0;
	if (card->nr_queues > 1) {
		f->hash = skb_get_hash_raw(skb);
		if (f->hash)
			f->what = FRAME_TX_HASH;
	}
	if (unlikely(skb->protocol == htons(ETH_P_8021Q) &&
		     !skb_vlan_tag_present(skb))) {
		ret = pull_tag(skb);
		if (ret) {
			q->tx.stats.vlan_error++;
			return ret;
		}
	}
	if (skb_vlan_tag_present(skb)) {
		f->what |= FRAME_TX_VLAN;
		f->vlan = ppi_vlan_word(skb_vlan_tag_get(skb));
	}
	if (skb_is_gso(skb)) {
		ret = plan_lso(skb, f);
		if (ret)
			return ret;
	} else if (skb->ip_summed == CHECKSUM_PARTIAL) {
		ret = plan_csum(card, skb, f);
		if (ret)
			return ret;
	}
	f->bytes = skb->len;
	return 0;
}

/* The stack's side */

static netdev_tx_t put_off(struct nv_queue *q)
{
	q->tx.stats.busy++;
	stop_queue(q);
	arm_timer(q);
	return NETDEV_TX_BUSY;
}

static netdev_tx_t drop(struct nv_queue *q, struct sk_buff *skb)
{
	q->tx.stats.dropped++;
	dev_kfree_skb_any(skb);
	/* Those before it were promised that more follows. */
	if (!netdev_xmit_more())
		tx_flush(q);
	return NETDEV_TX_OK;
}

/**
 * tx_start() - ndo_start_xmit
 * @skb: a frame
 * @ndev: the device
 *
 * Context: softirq, the queue's tx lock held.
 * Return: NETDEV_TX_OK, or NETDEV_TX_BUSY with the queue stopped.
 */
netdev_tx_t tx_start(struct sk_buff *skb, struct net_device *ndev)
{
	struct nv_card *card = netdev_priv(ndev);
	struct nv_queue *q = &card->queues[skb_get_queue_mapping(skb)];
	struct nv_tx *tx = &q->tx;
	struct frame_tx f;
	u32 header;

	if (vf_carries(card) && !netpoll_tx_running(ndev)) {
		tx_flush(q);
		return vf_xmit(card, skb);
	}
	if (unlikely(tx->closed || plan(q, skb, &f)))
		return drop(q, skb);
	header = frame_header_bytes(f.what);

	if (likely(batch_alone(&tx->batch, header + f.bytes) &&
		   room_in_section(q, header + f.bytes))) {
		u8 *to = add(tx, &f, header);

		skb_tx_timestamp(skb);
		if (likely(!skb_is_nonlinear(skb)))
			memcpy(to, skb->data, f.bytes);
		else
			skb_copy_bits(skb, 0, to, f.bytes);
		settle(q, netdev_xmit_more());
		dev_consume_skb_any(skb);
		return NETDEV_TX_OK;
	}
	if (unlikely(tx->retry))
		return put_off(q);
	if (hold(q, skb, &f))
		return NETDEV_TX_OK;
	if (unlikely(!send_held(q)))
		return put_off(q);
	skb_tx_timestamp(skb);
	switch (send_pages(q, skb, &f, header)) {
	case PLACED:
		return NETDEV_TX_OK;
	case NO_ROOM:
		return put_off(q);
	case CANNOT:
		break;
	}
	return drop(q, skb);
}

/**
 * tx_copy() - send a frame that is no skb
 * @q: the queue
 * @frame: a whole frame
 * @len: its length
 * @more: another follows, or tx_flush()
 *
 * Context: softirq, the queue's tx lock held.
 * Return: 0, -ENETDOWN, -EMSGSIZE or -EBUSY.
 */
int tx_copy(struct nv_queue *q, const void *frame, u32 len, bool more)
{
	struct frame_tx f = { .bytes = len };
	struct nv_tx *tx = &q->tx;
	u32 header = frame_header_bytes(0);

	if (tx->closed)
		return -ENETDOWN;
	if (!batch_alone(&tx->batch, header + len))
		return -EMSGSIZE;
	if (!room_in_section(q, header + len))
		return -EBUSY;
	memcpy(add(tx, &f, header), frame, len);
	settle(q, more);
	return 0;
}

/**
 * tx_select_queue() - ndo_select_queue
 * @ndev: the device
 * @skb: a frame
 * @sb_dev: not used
 *
 * A connection's frames leave where its other half comes in, if the host's
 * table has that channel at all: what comes back and what confirms is found in
 * one ring then, with one interrupt. Others by flow, through the table.
 *
 * Context: softirq.
 * Return: index of a queue.
 */
u16 tx_select_queue(struct net_device *ndev, struct sk_buff *skb,
		    struct net_device *sb_dev)
{
	struct nv_card *card = netdev_priv(ndev);
	u32 n = ndev->real_num_tx_queues;
	struct sock *sk = skb->sk;
	int was, q;

	if (n == 1)
		return 0;
	was = sk_tx_queue_get(sk);
	if (was >= 0 && was < n && !skb->ooo_okay)
		return was;
	q = sk && sk_fullsock(sk) ? sk_rx_queue_get(sk) : -1;
	if (q < 0 || q >= n || !test_bit(q, card->tx_named))
		q = READ_ONCE(card->tx_table[rss_tx_hash(card, skb) %
					     NVSP_SEND_TABLE_ENTRIES]);
	if (unlikely(q >= n))
		q = 0;
	if (q != was && sk && sk_fullsock(sk) &&
	    rcu_access_pointer(sk->sk_dst_cache))
		sk_tx_queue_set(sk, q);
	return q;
}

/**
 * tx_set_table() - which flows leave by which channel
 * @card: the card
 * @table: NVSP_SEND_TABLE_ENTRIES of channel numbers, or NULL for a fair one
 *
 * Context: any.
 */
void tx_set_table(struct nv_card *card, const u16 *table)
{
	u32 i, to;

	bitmap_zero(card->tx_named, NV_MAX_QUEUES);
	for (i = 0; i < NVSP_SEND_TABLE_ENTRIES; i++) {
		to = table ? table[i] : i % card->nr_queues;
		WRITE_ONCE(card->tx_table[i], to);
		if (to < NV_MAX_QUEUES)
			set_bit(to, card->tx_named);
	}
}

/* The host's side */

/* Free what the host has finished with; NULL for an id nothing has. */
static struct nv_tx_msg *finish(struct nv_tx *tx, u64 id)
{
	int i;

	/* Not sent yet, whatever the host says. */
	if (unlikely(tx->batch_slot >= 0 &&
		     id == tx->sections.id[tx->batch_slot]))
		return NULL;
	i = sect_put(&tx->sections, id);
	if (likely(i >= 0))
		return &tx->msgs[i];
	i = sect_put(&tx->pages, id);
	if (unlikely(i < 0))
		return NULL;
	if (unlikely(tx->bounce))
		bounce_unmap(container_of(tx, struct nv_queue, tx), i);
	return &tx->msgs[tx->sections.n + i];
}

/**
 * tx_complete() - the host has completed messages
 * @q: the queue
 * @ids: as the host gave them back
 * @n: how many
 * @budget: of the NAPI poll; 0 in netpoll
 *
 * Context: NAPI of the queue.
 */
void tx_complete(struct nv_queue *q, const u64 *ids, u32 n, int budget)
{
	u32 packets = 0, bytes = 0, bad = 0, i;
	struct sk_buff *done = NULL, *skb;
	struct nv_tx *tx = &q->tx;
	struct nv_tx_msg *m;

	__netif_tx_lock(q->txq, smp_processor_id());
	for (i = 0; i < n; i++) {
		m = finish(tx, ids[i]);
		if (unlikely(!m)) {
			bad++;
			continue;
		}
		tx->gone++;
		if (unlikely(!m->packets)) {
			/* Written off; better late than never. */
			tx->written_off--;
			tx->dead = false;
		} else {
			tx->in_flight--;
			packets += m->packets;
			bytes += m->bytes;
			m->packets = 0;
		}
		if (m->skb) {
			m->skb->next = done;
			done = m->skb;
			m->skb = NULL;
		}
	}
	netdev_tx_completed_queue(q->txq, packets, bytes);
	if (tx->batch_slot >= 0 && (!may_wait(q) || tx->retry)) {
		tx->retry = false;
		flush_section(q);
	}
	if (unlikely(tx->nr_held)) {
		tx->retry = false;
		send_held(q);
	}
	if (unlikely(netif_tx_queue_stopped(q->txq)) && !tx->closed &&
	    (tx->pages.left >= WAKE_SLOTS || !tx->in_flight) &&
	    tx->batch_slot < 0 && !tx->nr_held) {
		tx->retry = false;
		wake_queue(q);
	}
	__netif_tx_unlock(q->txq);

	while (done) {
		skb = done;
		done = skb->next;
		skb_mark_not_on_list(skb);
		napi_consume_skb(skb, budget);
	}
	while (unlikely(bad--))
		nv_refuse(q->card, NV_REFUSED_TX_ID);
}

/**
 * tx_tick() - second look at a section that waits, and at a stopped queue
 * @t: timer of the queue
 *
 * Context: softirq.
 */
void tx_tick(struct timer_list *t)
{
	struct nv_queue *q = timer_container_of(q, t, timer);
	struct nv_tx *tx = &q->tx;
	bool again = true;

	if (!__netif_tx_trylock(q->txq))
		goto rearm;
	if (tx->closed) {
		again = false;
		goto unlock;
	}
	tx->retry = false;
	tx_flush(q);
	if (!tx->retry && tx->pages.left)
		wake_queue(q);
	again = tx->retry;
unlock:
	__netif_tx_unlock(q->txq);
rearm:
	if (again)
		arm_timer(q);
}

/*
 * Do not wait for what the host has any longer. Its slots stay with it, until
 * it does complete them or the channel is closed; the stack is told that the
 * bytes are gone, or it would never send again. If none comes back until the
 * next time, or too few, the card starts anew: see tx_starved().
 */
static void write_off(struct nv_queue *q)
{
	struct nv_tx *tx = &q->tx;
	u32 packets = 0, bytes = 0, i;

	for (i = 0; i < tx->sections.n + tx->pages.n; i++) {
		struct nv_tx_msg *m = &tx->msgs[i];

		if (!m->packets)
			continue;
		packets += m->packets;
		bytes += m->bytes;
		m->packets = 0;
		tx->in_flight--;
		tx->written_off++;
	}
	netdev_tx_completed_queue(q->txq, packets, bytes);
}

/**
 * tx_give_up() - write off what the host has of all queues
 * @card: the card, nothing being sent
 *
 * Context: process.
 */
void tx_give_up(struct nv_card *card)
{
	u32 i;

	for (i = 0; i < card->nr_queues; i++) {
		struct nv_queue *q = &card->queues[i];

		__netif_tx_lock_bh(q->txq);
		write_off(q);
		__netif_tx_unlock_bh(q->txq);
	}
}

static bool starved(const struct nv_tx *tx)
{
	u32 slots = tx->sections.n ?: NV_PAGE_SLOTS;

	if (tx->closed || !tx->written_off)
		return false;
	return tx->dead || tx->written_off >= min(slots, NV_PAGE_SLOTS) / 2;
}

/**
 * tx_starved() - has the host lost so much that a queue cannot go on?
 * @card: the card
 *
 * That is when it completed nothing from one timeout to the next, and when it
 * keeps as many messages as are half of the fewer slots of a queue.
 *
 * Context: process.
 * Return: true if so.
 */
bool tx_starved(struct nv_card *card)
{
	bool yes = false;
	u32 i;

	for (i = 0; i < card->nr_queues; i++) {
		struct nv_queue *q = &card->queues[i];

		__netif_tx_lock_bh(q->txq);
		yes |= starved(&q->tx);
		__netif_tx_unlock_bh(q->txq);
	}
	return yes;
}

/**
 * tx_timeout() - ndo_tx_timeout: the host has been silent for long
 * @ndev: the device
 * @index: of the queue
 *
 * Looks for completions a lost interrupt may have left, and goes on without
 * those the host has lost; when too many are, the card starts anew.
 *
 * Context: softirq.
 */
void tx_timeout(struct net_device *ndev, unsigned int index)
{
	struct nv_card *card = netdev_priv(ndev);
	struct nv_queue *q = &card->queues[index];
	struct nv_tx *tx = &q->tx;
	bool starving = false;

	atomic64_inc(&card->tx_timeouts);
	__netif_tx_lock(q->txq, smp_processor_id());
	if (!tx->closed) {
		netdev_warn(ndev, "queue %u: host keeps %u messages for too long\n",
			    index, tx->in_flight);
		tx->dead = tx->written_off && tx->gone == tx->gone_then;
		tx->gone_then = tx->gone;
		write_off(q);
		starving = starved(tx);
		tx->retry = false;
		tx_flush(q);
		if (!tx->retry && tx->pages.left)
			wake_queue(q);
	}
	__netif_tx_unlock(q->txq);
	napi_schedule(&q->napi);
	if (starving)
		nv_reset_soon(card);
}

/* Life */

/**
 * tx_alloc() - slots of a queue; its share of the send sections
 * @q: the queue, nothing being sent; card->nr_queues is final
 *
 * Context: process.
 * Return: 0 or -ENOMEM, see tx_free().
 */
int tx_alloc(struct nv_queue *q)
{
	struct nv_card *card = q->card;
	struct nv_tx *tx = &q->tx;
	u32 sections, slots;
	u64 *ids;
	u16 *stack;

	sect_share(card->nvsp.send.parts, card->nr_queues, q->index,
		   &tx->first_section, &sections);
	slots = sections + NV_PAGE_SLOTS;
	tx->table = kvcalloc(slots, sizeof(u64) + sizeof(u16), GFP_KERNEL);
	tx->msgs = kvcalloc(slots, sizeof(*tx->msgs), GFP_KERNEL);
	tx->hdrs = alloc_pages_exact(NV_PAGE_SLOTS * NV_HDR_BYTES,
				     GFP_KERNEL | __GFP_ZERO);
	if (!tx->table || !tx->msgs || !tx->hdrs || bounce_alloc(q))
		return -ENOMEM;
	ids = tx->table;
	stack = (u16 *)(ids + slots);
	sect_init(&tx->sections, ids, stack, sections, 0);
	sect_init(&tx->pages, ids + sections, stack + sections, NV_PAGE_SLOTS,
		  sections);
	batch_init(&tx->batch, card->nvsp.send.part_bytes, &card->limits);
	tx->batch_slot = -1;
	tx->in_flight = 0;
	tx->retry = false;
	tx->dead = false;
	tx->cpu = -1;
	tx->gone_then = 0;
	nvsp_build_rndis(&tx->msg, NVSP_CHANNEL_DATA, 0, 0);
	nvsp_build_rndis(&tx->page_msg, NVSP_CHANNEL_DATA, NVSP_NO_SECTION, 0);
	return 0;
}

/**
 * tx_free() - undo tx_alloc(), also half of it
 * @q: the queue, its channel closed
 *
 * Frames the host never completed are given back to the stack here.
 *
 * Context: process.
 */
void tx_free(struct nv_queue *q)
{
	struct nv_tx *tx = &q->tx;
	u32 i;

	bounce_free(q);
	for (i = 0; tx->msgs && i < tx->sections.n + tx->pages.n; i++)
		dev_kfree_skb(tx->msgs[i].skb);
	atomic64_add(tx->made, &nv_leaks.msgs_made);
	atomic64_add(tx->gone + tx->in_flight + tx->written_off,
		     &nv_leaks.msgs_gone);
	tx->made = 0;
	tx->gone = 0;
	kvfree(tx->table);
	kvfree(tx->msgs);
	if (tx->hdrs)
		free_pages_exact(tx->hdrs, NV_PAGE_SLOTS * NV_HDR_BYTES);
	tx->table = NULL;
	tx->msgs = NULL;
	tx->hdrs = NULL;
	tx->sections.n = 0;
	tx->pages.n = 0;
	tx->in_flight = 0;
	tx->written_off = 0;
	tx->batch_slot = -1;
	netdev_tx_reset_queue(q->txq);
}

/**
 * tx_open() - let frames out
 * @card: the card, attached
 *
 * Context: process, RTNL held.
 */
void tx_open(struct nv_card *card)
{
	u32 i;

	for (i = 0; i < card->nr_queues; i++) {
		struct nv_queue *q = &card->queues[i];

		__netif_tx_lock_bh(q->txq);
		q->tx.closed = false;
		__netif_tx_unlock_bh(q->txq);
	}
}

/**
 * tx_close() - no frame goes out from here on
 * @card: the card
 *
 * Context: process, RTNL held, the stack's queues stopped.
 */
void tx_close(struct nv_card *card)
{
	u32 i;

	for (i = 0; i < card->nr_queues; i++) {
		struct nv_queue *q = &card->queues[i];

		__netif_tx_lock_bh(q->txq);
		tx_flush(q);
		if (q->tx.batch_slot >= 0) {
			/* The ring is full, and nobody will try again. */
			sect_put(&q->tx.sections,
				 q->tx.sections.id[q->tx.batch_slot]);
			q->tx.batch_slot = -1;
			lost(q, q->tx.batch.count);
		}
		while (q->tx.nr_held) {
			dev_kfree_skb_any(q->tx.held[--q->tx.nr_held].skb);
			lost(q, 1);
		}
		q->tx.closed = true;
		__netif_tx_unlock_bh(q->txq);
	}
}

/**
 * tx_idle() - does the host own no message of frames?
 * @card: the card, nothing being sent
 *
 * Context: process.
 * Return: true if so.
 */
bool tx_idle(struct nv_card *card)
{
	u32 i;

	for (i = 0; i < card->nr_queues; i++)
		if (READ_ONCE(card->queues[i].tx.in_flight))
			return false;
	return true;
}
