// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: programs that see a frame before the stack does.
 *
 * The receive buffer is shared with the host, so a frame is copied first, to a
 * page of its own. The page stays with the queue until a frame needs to keep
 * it: a program that drops or sends back everything runs in one page for ever.
 * What is sent is copied once more, to a send section, where it shares a
 * message with others; the page or frame is free again at once.
 */
#include <linux/bpf.h>
#include <linux/bpf_trace.h>
#include <linux/filter.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>

#include "net.h"

/* What is left of a page for the frame. */
#define XDP_ROOM	(PAGE_SIZE - XDP_PACKET_HEADROOM - \
			 SKB_DATA_ALIGN(sizeof(struct skb_shared_info)))

static struct page *take_page(struct nv_queue *q)
{
	if (!q->xdp_page)
		q->xdp_page = dev_alloc_page();
	return q->xdp_page;
}

/* The page goes with the frame. */
static void give_page(struct nv_queue *q)
{
	q->xdp_page = NULL;
}

static void count(struct nv_queue *q, u64 *counter)
{
	u64_stats_update_begin(&q->rx.stats.sync);
	(*counter)++;
	u64_stats_update_end(&q->rx.stats.sync);
}

static struct sk_buff *to_skb(struct nv_queue *q, const struct xdp_buff *xdp)
{
	u32 meta = xdp->data - xdp->data_meta;
	struct sk_buff *skb;

	skb = napi_build_skb(xdp->data_hard_start, PAGE_SIZE);
	if (!skb) {
		count(q, &q->rx.stats.no_memory);
		return NULL;
	}
	give_page(q);
	skb_reserve(skb, xdp->data - xdp->data_hard_start);
	__skb_put(skb, xdp->data_end - xdp->data);
	if (meta)
		skb_metadata_set(skb, meta);
	return skb;
}

static bool send_back(struct nv_queue *q, const struct xdp_buff *xdp)
{
	u32 len = xdp->data_end - xdp->data;
	int ret;

	__netif_tx_lock(q->txq, smp_processor_id());
	ret = tx_copy(q, xdp->data, len, true);
	__netif_tx_unlock(q->txq);
	if (!ret)
		q->xdp_flush = true;
	return !ret;
}

/* Returns the skb, or NULL when the frame went another way. */
static struct sk_buff *run(struct nv_queue *q, struct bpf_prog *prog,
			   struct xdp_buff *xdp)
{
	u32 act = bpf_prog_run_xdp(prog, xdp);

	switch (act) {
	case XDP_PASS:
		return to_skb(q, xdp);
	case XDP_TX:
		if (send_back(q, xdp)) {
			count(q, &q->rx.stats.xdp_tx);
			return NULL;
		}
		break;
	case XDP_REDIRECT:
		if (!xdp_do_redirect(q->ndev, xdp, prog)) {
			give_page(q);
			q->xdp_flush = true;
			count(q, &q->rx.stats.xdp_redirect);
			return NULL;
		}
		break;
	case XDP_DROP:
		count(q, &q->rx.stats.xdp_drop);
		return NULL;
	default:
		bpf_warn_invalid_xdp_action(q->ndev, prog, act);
		fallthrough;
	case XDP_ABORTED:
		break;
	}
	trace_xdp_exception(q->ndev, prog, act);
	count(q, &q->rx.stats.xdp_drop);
	return NULL;
}

/**
 * xdp_rx() - let the program decide on a frame
 * @q: the queue it came on
 * @frame: the frame, in the receive buffer
 * @len: its length
 *
 * Context: NAPI, when a program is set.
 * Return: skb for the stack, from its Ethernet header on, or NULL when the
 *	   frame went another way; it is counted then.
 */
struct sk_buff *xdp_rx(struct nv_queue *q, const void *frame, u32 len)
{
	struct sk_buff *skb = NULL;
	struct bpf_prog *prog;
	struct xdp_buff xdp;
	struct page *page;

	if (unlikely(len > XDP_ROOM)) {
		/* Not one of ours to judge: an MTU that fits was checked. */
		count(q, &q->rx.stats.dropped);
		return NULL;
	}
	page = take_page(q);
	if (unlikely(!page)) {
		count(q, &q->rx.stats.no_memory);
		return NULL;
	}
	xdp_init_buff(&xdp, PAGE_SIZE, &q->xdp_rxq);
	xdp_prepare_buff(&xdp, page_address(page), XDP_PACKET_HEADROOM, len,
			 true);
	memcpy(xdp.data, frame, len);

	rcu_read_lock();
	prog = rcu_dereference(q->xdp_prog);
	if (likely(prog))
		skb = run(q, prog, &xdp);
	else
		skb = to_skb(q, &xdp);
	rcu_read_unlock();
	return skb;
}

/**
 * xdp_end_poll() - send on what programs sent on or back
 * @q: the queue; its xdp_flush is set
 *
 * Context: NAPI, at the end of such a poll.
 */
void xdp_end_poll(struct nv_queue *q)
{
	q->xdp_flush = false;
	xdp_do_flush();
	__netif_tx_lock(q->txq, smp_processor_id());
	tx_flush(q);
	__netif_tx_unlock(q->txq);
}

/**
 * xdp_queue_add() - a queue is about to receive
 * @q: the queue, its NAPI added
 *
 * Context: process, RTNL held or before the device is registered.
 * Return: 0 or an error.
 */
int xdp_queue_add(struct nv_queue *q)
{
	int ret;

	ret = xdp_rxq_info_reg(&q->xdp_rxq, q->ndev, q->index, q->napi.napi_id);
	if (ret)
		return ret;
	ret = xdp_rxq_info_reg_mem_model(&q->xdp_rxq, MEM_TYPE_PAGE_SHARED,
					 NULL);
	if (ret) {
		xdp_rxq_info_unreg(&q->xdp_rxq);
		return ret;
	}
	rcu_assign_pointer(q->xdp_prog, q->card->xdp_prog);
	return 0;
}

/**
 * xdp_queue_del() - undo xdp_queue_add()
 * @q: the queue, its NAPI off
 *
 * Context: process, RTNL held or before the device is registered.
 */
void xdp_queue_del(struct nv_queue *q)
{
	RCU_INIT_POINTER(q->xdp_prog, NULL);
	if (xdp_rxq_info_is_reg(&q->xdp_rxq))
		xdp_rxq_info_unreg(&q->xdp_rxq);
	if (q->xdp_page)
		__free_page(q->xdp_page);
	q->xdp_page = NULL;
}

/**
 * xdp_init() - say what we can do
 * @card: the card
 *
 * Context: process, before the device is registered.
 */
void xdp_init(struct nv_card *card)
{
#ifdef HAVE_XDP_FEATURES
	card->ndev->xdp_features = NETDEV_XDP_ACT_BASIC |
				   NETDEV_XDP_ACT_REDIRECT |
				   NETDEV_XDP_ACT_NDO_XMIT;
#endif
}

/**
 * xdp_exit() - let go of the program
 * @card: the card, its device unregistered, which removed the program, or
 *	  never registered
 *
 * Context: process.
 */
void xdp_exit(struct nv_card *card)
{
	if (card->xdp_prog)
		bpf_prog_put(card->xdp_prog);
	card->xdp_prog = NULL;
}

/**
 * xdp_check_mtu() - do frames of this length fit a program's page?
 * @card: the card
 * @mtu: as wanted
 *
 * Context: process, RTNL held.
 * Return: 0, also without a program, or -EINVAL.
 */
int xdp_check_mtu(struct nv_card *card, u32 mtu)
{
	if (card->xdp_prog && mtu > XDP_ROOM - ETH_HLEN)
		return -EINVAL;
	return 0;
}

/* What a program cannot live with. */
static int check(const struct nv_card *card, struct netlink_ext_ack *extack)
{
	if (card->ndev->mtu > XDP_ROOM - ETH_HLEN) {
		NL_SET_ERR_MSG(extack, "a frame of this MTU does not fit a page");
		return -EOPNOTSUPP;
	}
	return 0;
}

static void publish(struct nv_card *card, struct bpf_prog *prog)
{
	u32 i;

	card->xdp_prog = prog;
	for (i = 0; i < card->nr_queues; i++)
		rcu_assign_pointer(card->queues[i].xdp_prog, prog);
}

/* The caller's reference is ours on success. */
static int set_prog(struct nv_card *card, struct bpf_prog *prog,
		    struct netlink_ext_ack *extack)
{
	struct bpf_prog *old = card->xdp_prog;
	int ret;

	if (prog) {
		ret = check(card, extack);
		if (ret)
			return ret;
	}
	ret = vf_set_prog(card, prog);
	if (ret) {
		NL_SET_ERR_MSG(extack, "the virtual function takes no program");
		return ret;
	}
	publish(card, prog);
	/* Coalesced frames are none: fix_features() of netdev.c. */
	if (!old != !prog)
		netdev_update_features(card->ndev);
	/* Programs that still run have until the next grace period. */
	if (old)
		bpf_prog_put(old);
	return 0;
}

/**
 * xdp_bpf() - ndo_bpf
 * @ndev: device
 * @bpf: command
 *
 * Context: process, RTNL held.
 * Return: 0 or an error.
 */
int xdp_bpf(struct net_device *ndev, struct netdev_bpf *bpf)
{
	switch (bpf->command) {
	case XDP_SETUP_PROG:
		return set_prog(netdev_priv(ndev), bpf->prog, bpf->extack);
	default:
		return -EINVAL;
	}
}

/**
 * xdp_hand_down() - set a program on the lower device
 * @vf: lower device
 * @prog: program, or NULL for none
 *
 * Context: process, RTNL held.
 * Return: 0 or an error; -EOPNOTSUPP if it knows no programs.
 */
int xdp_hand_down(struct net_device *vf, struct bpf_prog *prog)
{
	struct netdev_bpf bpf = {
		.command = XDP_SETUP_PROG,
		.prog = prog,
	};
	int ret;

	if (!vf->netdev_ops->ndo_bpf)
		return prog ? -EOPNOTSUPP : 0;
	if (prog)
		bpf_prog_inc(prog);
#ifdef HAVE_DEV_XDP_PROPAGATE
	ret = dev_xdp_propagate(vf, &bpf);
#else
	ret = vf->netdev_ops->ndo_bpf(vf, &bpf);
#endif
	if (ret && prog)
		bpf_prog_put(prog);
	return ret;
}

/* Whatever the VF can send, it sends. */
static int xmit_vf(struct nv_card *card, int n, struct xdp_frame **frames,
		   u32 flags)
{
	struct net_device *vf = rcu_dereference_bh(card->vf.ndev);

	if (!vf || !vf->netdev_ops->ndo_xdp_xmit || !netif_running(vf) ||
	    !netif_carrier_ok(vf))
		return -ENODEV;
	return vf->netdev_ops->ndo_xdp_xmit(vf, n, frames, flags);
}

/**
 * xdp_xmit() - ndo_xdp_xmit: send what was redirected here
 * @ndev: device
 * @n: number of frames
 * @frames: frames of any device; those that are sent are free again at once
 * @flags: XDP_XMIT_*
 *
 * Context: NAPI of another device.
 * Return: how many were sent, from the first on, or an error.
 */
int xdp_xmit(struct net_device *ndev, int n, struct xdp_frame **frames,
	     u32 flags)
{
	struct nv_card *card = netdev_priv(ndev);
	u32 queues = READ_ONCE(card->nr_queues);
	struct nv_queue *q;
	int sent, ret;

	if (unlikely(flags & ~XDP_XMIT_FLAGS_MASK))
		return -EINVAL;
	if (unlikely(!netif_running(ndev) || !netif_carrier_ok(ndev) ||
		     !queues))
		return -ENETDOWN;
	if (vf_carries(card)) {
		ret = xmit_vf(card, n, frames, flags);
		if (ret != -ENODEV)
			return ret;
	}
	q = &card->queues[smp_processor_id() % queues];
	__netif_tx_lock(q->txq, smp_processor_id());
	for (sent = 0; sent < n; sent++) {
		struct xdp_frame *f = frames[sent];

		if (unlikely(xdp_frame_has_frags(f)) ||
		    tx_copy(q, f->data, f->len, true))
			break;
		xdp_return_frame_rx_napi(f);
	}
	if (sent)
		tx_flush(q);
	q->tx.stats.xdp_xmit += sent;
	__netif_tx_unlock(q->txq);
	return sent;
}
