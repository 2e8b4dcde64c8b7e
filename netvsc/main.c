// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: the module, its parameters, and a card from probe to remove.
 *
 * Stands in for the kernel's hv_netvsc under the same name, with the same
 * parameters, on any bus that offers <linux/hyperv.h>. A card is attached when
 * host and driver have agreed on everything (nv_attach()); what changes that
 * agreement - MTU, number of channels, buffers - detaches and attaches again.
 */
#define pr_fmt(fmt) "hv_netvsc: " fmt

#include <linux/crash_dump.h>
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/netdev_lock.h>

#include "net.h"

#define MIN_RING_PAGES		64
#define MAX_RING_PAGES		2048
#define KDUMP_RING_PAGES	16

#define MIN_MTU			68
#define MAX_MTU			(65535 - ETH_HLEN)

static unsigned int ring_size = 128;
module_param(ring_size, uint, 0444);
MODULE_PARM_DESC(ring_size, "Ring buffer size (# of 4K pages)");

static int debug = -1;
module_param(debug, int, 0444);
MODULE_PARM_DESC(debug, "Debug level (0=none,...,16=all)");

unsigned int nv_ring_bytes;
struct nv_leaks nv_leaks;

/* Attach and detach */

static int alloc_queues(struct nv_card *card)
{
	u32 i;
	int ret;

	for (i = 0; i < card->nr_queues; i++) {
		ret = tx_alloc(&card->queues[i]);
		if (ret)
			return ret;
	}
	return 0;
}

static int set_queues(struct nv_card *card)
{
	int ret;

	/* Hosts send it once, which may have been while channels opened. */
	if (!READ_ONCE(card->table_came))
		tx_set_table(card, NULL);
	ret = netif_set_real_num_tx_queues(card->ndev, card->nr_queues);
	if (ret)
		return ret;
	return netif_set_real_num_rx_queues(card->ndev, card->nr_queues);
}

static int open_more(struct nv_card *card)
{
	u32 n, i;
	int ret;

	n = rss_channels(&card->rss_caps, num_online_cpus(), card->cfg.queues,
			 card->max_queues);
	for (i = 1; i < n; i++) {
		ret = rx_alloc(&card->queues[i]);
		if (ret)
			return ret;
	}
	return chan_open_subs(card, n - 1);
}

static int start_rss(struct nv_card *card)
{
	int ret;

	card->rss.entries = card->rss_caps.queues > 1 ?
			    card->rss_caps.entries : 0;
	rss_init(card);
	ret = rss_apply(card);
	if (ret)
		dev_warn(&card->hdev->device,
			 "host does not spread frames (%d)\n", ret);
	return 0;
}

static int attach(struct nv_card *card)
{
	int ret;

	ret = chans_open(card, card->cfg.mtu);
	if (ret)
		return ret;
	card->send_buf = card->send.mem;
	card->section_bytes = card->nvsp.send.part_bytes;
	ret = rx_alloc(&card->queues[0]);
	if (ret)
		return ret;
	rc_open(card, true);
	ret = rc_start(card);
	if (ret)
		return ret;
	ret = open_more(card);
	if (ret)
		return ret;
	ret = alloc_queues(card);
	if (ret)
		return ret;
	ret = set_queues(card);
	if (ret)
		return ret;
	return start_rss(card);
}

/**
 * nv_attach() - agree with the host on everything
 * @card: the card, detached
 * @want: what is asked for; card->cfg is what came of it
 *
 * Context: process, RTNL held once the device is registered.
 * Return: 0, or an error with the card detached.
 */
int nv_attach(struct nv_card *card, const struct nv_config *want)
{
	int ret;

	card->cfg = *want;
	ret = attach(card);
	if (ret) {
		nv_detach(card);
		return ret;
	}
	card->attached = true;
	return 0;
}

static int revoke(struct nv_card *card, u32 type)
{
	struct nvsp_msg msg;

	nvsp_build_revoke(&msg, type);
	return chan_tell(card, &msg);
}

static int undo(struct nv_card *card, enum nvsp_undo step)
{
	switch (step) {
	case NVSP_UNDO_FILTER:
		return rc_set_filter(card, 0);
	case NVSP_UNDO_HALT:
		return rc_halt(card);
	case NVSP_UNDO_DRAIN:
		netdev_drain(card);
		return 0;
	case NVSP_UNDO_REVOKE_RECV:
		return revoke(card, NVSP_MSG_REVOKE_RECV_BUF);
	case NVSP_UNDO_RECV_GPADL:
		return buf_reclaim(card, &card->recv);
	case NVSP_UNDO_REVOKE_SEND:
		return revoke(card, NVSP_MSG_REVOKE_SEND_BUF);
	case NVSP_UNDO_SEND_GPADL:
		return buf_reclaim(card, &card->send);
	case NVSP_UNDO_CLOSE:
		rc_open(card, false);
		chans_close(card);
		return 0;
	case NVSP_UNDO_FREE_RECV:
	case NVSP_UNDO_LEAK_RECV:
		buf_free(card, &card->recv, step == NVSP_UNDO_LEAK_RECV);
		return 0;
	case NVSP_UNDO_FREE_SEND:
	case NVSP_UNDO_LEAK_SEND:
		buf_free(card, &card->send, step == NVSP_UNDO_LEAK_SEND);
		return 0;
	case NVSP_UNDO_END:
		break;
	}
	return 0;
}

/**
 * nv_detach() - end everything that was agreed with the host
 * @card: the card, attached or half so; nothing is being sent
 *
 * On return the host has no access to any memory of ours, but to what is
 * counted as leaked.
 *
 * Context: process, RTNL held once the device is registered.
 */
void nv_detach(struct nv_card *card)
{
	struct nvsp_teardown td = {
		.bus_4 = vmbus_proto_version >= VERSION_WIN10,
		.rndis = card->ctl.initialized,
		.recv_gpadl = card->recv.lent,
		.recv_told = card->nvsp.state >= NVSP_ASKED_RECV_BUF,
		.send_gpadl = card->send.lent,
		.send_told = card->nvsp.state >= NVSP_ASKED_SEND_BUF,
	};
	enum nvsp_undo step;
	int ret = 0;
	u32 i;

	card->attached = false;
	link_stop(card);
	for (;;) {
		td.rescinded |= nv_rescinded(card);
		step = nvsp_teardown_next(&td, ret);
		if (step == NVSP_UNDO_END)
			break;
		ret = undo(card, step);
	}
	/* An indication may have come in between; now none can. */
	link_stop(card);
	rc_closed(card);
	for (i = 0; i < card->max_queues; i++) {
		tx_free(&card->queues[i]);
		rx_free(&card->queues[i]);
	}
	vf_reset(card);
}

/* What is tried to come back from being detached: after so many seconds each. */
static const u16 come_back_s[] = { 5, 10, 30, 60, 120, 300 };

/* Detached against everyone's will. */
static void adrift(struct nv_card *card)
{
	card->adrift = true;
	if (card->tries >= ARRAY_SIZE(come_back_s)) {
		netdev_err(card->ndev, "detached for good\n");
		return;
	}
	schedule_delayed_work(&card->reset_work,
			      come_back_s[card->tries++] * HZ);
}

/* Frames again, as before, or back to nothing. */
static int revive(struct nv_card *card)
{
	int ret = netdev_revive(card);

	if (ret) {
		nv_detach(card);
		adrift(card);
		return ret;
	}
	card->adrift = false;
	card->tries = 0;
	return 0;
}

/**
 * nv_reconfigure() - agree with the host anew
 * @card: the card, attached
 * @want: what is asked for
 *
 * If that fails, what was before is restored; if that fails too, the card
 * is detached, and tries to come back later.
 *
 * Context: process, RTNL held.
 * Return: 0 or an error, then nothing has changed.
 */
int nv_reconfigure(struct nv_card *card, const struct nv_config *want)
{
	struct nv_config old = card->cfg, now = *want;
	int ret, err;

	ASSERT_RTNL();
	if (!card->attached)
		return -ENODEV;
	netdev_quiesce(card);
	nv_detach(card);
	ret = nv_attach(card, &now);
	if (!ret && card->cfg.mtu != now.mtu) {
		/* The host takes less than was asked for. */
		nv_detach(card);
		ret = -EINVAL;
	}
	if (ret) {
		err = nv_attach(card, &old);
		if (err) {
			netdev_err(card->ndev, "detached (%d)\n", err);
			adrift(card);
			return ret;
		}
	}
	WRITE_ONCE(card->ndev->mtu, card->cfg.mtu);
	err = revive(card);
	return ret ?: err;
}

static void come_back(struct nv_card *card)
{
	struct nv_config want = card->cfg;
	int ret;

	ret = nv_attach(card, &want);
	if (ret) {
		adrift(card);
		return;
	}
	if (!revive(card))
		netdev_info(card->ndev, "attached again\n");
}

static void reset(struct work_struct *w)
{
	struct nv_card *card = container_of(to_delayed_work(w), struct nv_card,
					    reset_work);

	rtnl_lock();
	if (card->ndev->reg_state != NETREG_REGISTERED || nv_rescinded(card))
		goto unlock;
	if (!card->attached && card->adrift) {
		atomic64_inc(&card->resets);
		come_back(card);
	} else if (card->attached && tx_starved(card)) {
		netdev_warn(card->ndev, "host has lost messages, starting anew\n");
		atomic64_inc(&card->resets);
		nv_reconfigure(card, &card->cfg);
	}
unlock:
	rtnl_unlock();
}

/**
 * nv_reset_soon() - attach anew unless the host finds what it has lost
 * @card: the card
 *
 * Context: any.
 */
void nv_reset_soon(struct nv_card *card)
{
	schedule_delayed_work(&card->reset_work, NV_RESET_S * HZ);
}

/* Cards */

static void free_card(struct nv_card *card)
{
	u32 i;

	rc_exit(card);
	for (i = 0; card->queues && i < card->max_queues; i++)
		rx_pool_del(&card->queues[i]);
	kvfree(card->queues);
	atomic64_inc(&nv_leaks.cards_gone);
	free_netdev(card->ndev);
}

static void init_queue(struct nv_card *card, u32 i)
{
	struct nv_queue *q = &card->queues[i];

	q->card = card;
	q->ndev = card->ndev;
	q->index = i;
	q->txq = netdev_get_tx_queue(card->ndev, i);
	q->tx.batch_slot = -1;
	q->tx.closed = true;
	u64_stats_init(&q->tx.stats.sync);
	u64_stats_init(&q->rx.stats.sync);
	timer_setup(&q->timer, tx_tick, 0);
	timer_setup(&q->done_timer, rx_tick, TIMER_DEFERRABLE);
	rx_pool_add(q);
}

static struct nv_card *alloc_card(struct hv_device *hdev)
{
	u32 queues = min_t(u32, num_possible_cpus(), NV_MAX_QUEUES), i;
	struct net_device *ndev;
	struct nv_card *card;

	if (is_kdump_kernel())
		queues = 1;
	ndev = alloc_etherdev_mq(sizeof(*card), queues);
	if (!ndev)
		return NULL;
	atomic64_inc(&nv_leaks.cards_made);
	card = netdev_priv(ndev);
	card->ndev = ndev;
	card->hdev = hdev;
	card->max_queues = queues;
	card->nr_queues = 1;
	card->msg_enable = netif_msg_init(debug, NETIF_MSG_DRV |
					  NETIF_MSG_PROBE | NETIF_MSG_LINK);
	mutex_init(&card->subs_lock);
	init_completion(&card->subs_event);
	init_completion(&card->xact.done);
	INIT_WORK(&card->filter_work, netdev_filter_work);
	INIT_DELAYED_WORK(&card->reset_work, reset);
	link_init(card);
	card->queues = kvcalloc(queues, sizeof(*card->queues), GFP_KERNEL);
	if (rc_init(card) || !card->queues) {
		free_card(card);
		return NULL;
	}
	for (i = 0; i < queues; i++)
		init_queue(card, i);
	return card;
}

static void setup_netdev(struct nv_card *card)
{
	struct net_device *ndev = card->ndev;

	SET_NETDEV_DEV(ndev, &card->hdev->device);
	ndev->netdev_ops = &nv_netdev_ops;
	ndev->ethtool_ops = &nv_ethtool_ops;
	ndev->min_mtu = MIN_MTU;
	ndev->watchdog_timeo = 5 * HZ;
	netdev_lockdep_set_classes(ndev);
	netif_carrier_off(ndev);
}

static void default_config(struct nv_card *card, struct nv_config *cfg)
{
	cfg->mtu = card->ndev->mtu;
	cfg->queues = min_t(u32, NV_DEFAULT_QUEUES, card->max_queues);
	buf_defaults(cfg);
}

static int nv_probe(struct hv_device *hdev, const struct hv_vmbus_device_id *id)
{
	struct nv_config cfg;
	struct nv_card *card;
	int ret;

	card = alloc_card(hdev);
	if (!card)
		return -ENOMEM;
	setup_netdev(card);
	hv_set_drvdata(hdev, card);
	ret = bounce_init(card);
	if (ret)
		goto err_free;
	ret = vf_init(card);
	if (ret)
		goto err_free;
	xdp_init(card);

	default_config(card, &cfg);
	ret = nv_attach(card, &cfg);
	if (ret)
		goto err_exit;
	card->ndev->mtu = card->cfg.mtu;
	card->ndev->max_mtu = nvsp_version_at_least(card->nvsp.version,
						    NVSP_VERSION_2) ?
			      MAX_MTU : ETH_DATA_LEN;
	netdev_features_init(card);

	ret = register_netdev(card->ndev);
	if (ret)
		goto err_detach;
	dev_info(&hdev->device, "%s: NVSP %x.%x, %u channels, %u receive and %u send sections\n",
		 netdev_name(card->ndev), card->nvsp.version >> 16,
		 card->nvsp.version & 0xffff, card->nr_queues,
		 card->nvsp.recv.parts, card->nvsp.send.parts);
	vf_watch(card);
	return 0;

err_detach:
	nv_detach(card);
err_exit:
	xdp_exit(card);
	vf_exit(card);
	vf_free(card);
err_free:
	hv_set_drvdata(hdev, NULL);
	free_card(card);
	return ret;
}

static void remove(struct hv_device *hdev)
{
	struct nv_card *card = hv_get_drvdata(hdev);

	vf_exit(card);
	unregister_netdev(card->ndev);
	rtnl_lock();
	nv_detach(card);
	rtnl_unlock();
	cancel_work_sync(&card->filter_work);
	cancel_delayed_work_sync(&card->reset_work);
	xdp_exit(card);
	vf_free(card);
	hv_set_drvdata(hdev, NULL);
	free_card(card);
}

#ifdef HAVE_HV_DRIVER_REMOVE_VOID
static void nv_remove(struct hv_device *hdev)
{
	remove(hdev);
}
#else
static int nv_remove(struct hv_device *hdev)
{
	remove(hdev);
	return 0;
}
#endif

static int nv_suspend(struct hv_device *hdev)
{
	struct nv_card *card = hv_get_drvdata(hdev);

	rtnl_lock();
	netdev_quiesce(card);
	nv_detach(card);
	card->adrift = false;
	rtnl_unlock();
	return 0;
}

static int nv_resume(struct hv_device *hdev)
{
	struct nv_card *card = hv_get_drvdata(hdev);
	struct nv_config want = card->cfg;
	int ret;

	rtnl_lock();
	card->tries = 0;
	ret = nv_attach(card, &want);
	if (ret)
		adrift(card);
	else
		ret = revive(card);
	rtnl_unlock();
	if (ret)
		netdev_err(card->ndev, "not resumed (%d)\n", ret);
	return ret;
}

/* The module */

static const struct hv_vmbus_device_id id_table[] = {
	{ HV_NIC_GUID, },
	{ },
};
MODULE_DEVICE_TABLE(vmbus, id_table);

static struct hv_driver driver = {
	.name = KBUILD_MODNAME,
	.id_table = id_table,
	.probe = nv_probe,
	.remove = nv_remove,
	.suspend = nv_suspend,
	.resume = nv_resume,
	.driver = {
		.probe_type = PROBE_FORCE_SYNCHRONOUS,
	},
};

static void report_leaks(void)
{
	struct nv_leaks *l = &nv_leaks;
	s64 pair[][2] = {
		{ atomic64_read(&l->cards_made), atomic64_read(&l->cards_gone) },
		{ atomic64_read(&l->chans_made), atomic64_read(&l->chans_gone) },
		{ atomic64_read(&l->gpadls_made), atomic64_read(&l->gpadls_gone) },
		{ atomic64_read(&l->msgs_made), atomic64_read(&l->msgs_gone) },
	};
	bool equal = true;
	int i;

	for (i = 0; i < ARRAY_SIZE(pair); i++)
		equal &= pair[i][0] == pair[i][1];
	pr_info("leak check: cards %lld/%lld channels %lld/%lld gpadls %lld/%lld messages %lld/%lld leaked %lld%s\n",
		pair[0][1], pair[0][0], pair[1][1], pair[1][0], pair[2][1],
		pair[2][0], pair[3][1], pair[3][0],
		atomic64_read(&l->leaked), equal ? "" : " LEAK");
}

static int __init nv_init(void)
{
	u32 pages = clamp(ring_size, MIN_RING_PAGES, MAX_RING_PAGES);
	int ret;

	if (is_kdump_kernel())
		pages = KDUMP_RING_PAGES;
	nv_ring_bytes = VMBUS_RING_SIZE(pages * 4096);
	ret = vf_start();
	if (ret)
		return ret;
	ret = vmbus_driver_register(&driver);
	if (ret)
		vf_stop();
	return ret;
}
module_init(nv_init);

static void __exit nv_exit(void)
{
	vmbus_driver_unregister(&driver);
	vf_stop();
	report_leaks();
}
module_exit(nv_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Hyper-V synthetic network card");
MODULE_VERSION("0.1.0");
