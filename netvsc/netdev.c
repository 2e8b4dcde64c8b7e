// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: the network device: up and down, addresses, features, MTU.
 */
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>

#include "net.h"

/* Offloads a host can do; what this one does, caps decides. */
#define BASE_FEATURES	(NETIF_F_SG | NETIF_F_HIGHDMA | \
			 NETIF_F_HW_VLAN_CTAG_TX | NETIF_F_HW_VLAN_CTAG_RX)

/* Transport headers further in than this cannot be told to the host. */
#define MAX_OFFLOAD_OFFSET	PPI_TX_OFFSET_MAX

static u32 wanted_filter(const struct net_device *ndev)
{
	return oid_filter(true, ndev->flags & IFF_PROMISC,
			  ndev->flags & IFF_ALLMULTI, !netdev_mc_empty(ndev),
			  ndev->flags & IFF_BROADCAST);
}

/**
 * netdev_filter_work() - tell the host which frames we want
 * @w: work of a card
 *
 * Context: process.
 */
void netdev_filter_work(struct work_struct *w)
{
	struct nv_card *card = container_of(w, struct nv_card, filter_work);

	if (card->attached && READ_ONCE(card->up))
		rc_set_filter(card, wanted_filter(card->ndev));
}

/* Called with a spinlock held, so it cannot wait for the host. */
static void set_rx_mode(struct net_device *ndev)
{
	struct nv_card *card = netdev_priv(ndev);

	vf_set_rx_mode(card);
	schedule_work(&card->filter_work);
}

static void let_frames_in(struct nv_card *card, bool open)
{
	u32 i;

	for (i = 0; i < card->nr_queues; i++)
		WRITE_ONCE(card->queues[i].rx.open, open);
}

/* Frames both ways, from here on. */
static int start(struct nv_card *card)
{
	int ret;

	rx_keep(card);
	let_frames_in(card, true);
	WRITE_ONCE(card->up, true);
	ret = rc_set_filter(card, wanted_filter(card->ndev));
	if (ret) {
		WRITE_ONCE(card->up, false);
		let_frames_in(card, false);
		return ret;
	}
	tx_open(card);
	netif_tx_wake_all_queues(card->ndev);
	return 0;
}

static bool idle(struct nv_card *card)
{
	u32 i;

	if (!tx_idle(card))
		return false;
	for (i = 0; i < card->max_queues; i++)
		if (!rx_idle(&card->queues[i]))
			return false;
	return true;
}

/**
 * netdev_drain() - wait until the host owns no frame of ours
 * @card: the card, nothing being sent
 *
 * Bounded: what is still out then is dealt with when the channel is closed.
 *
 * Context: process.
 */
void netdev_drain(struct nv_card *card)
{
	unsigned long end = jiffies + NV_DRAIN_S * HZ;
	unsigned long patience = chan_patience(card);
	u32 i;

	if (time_before(patience, end))
		end = patience;

	for (i = 0; i < card->max_queues; i++)
		if (card->queues[i].opened)
			rx_hurry(&card->queues[i]);
	while (!idle(card)) {
		if (nv_rescinded(card))
			return;
		if (time_after(jiffies, end)) {
			netdev_warn(card->ndev, "host still busy with frames\n");
			/* Once is enough: a detach drains again. */
			tx_give_up(card);
			WRITE_ONCE(card->silent, true);
			return;
		}
		usleep_range(1000, 2000);
	}
}

/* Reverse of start(). */
static void stop(struct nv_card *card)
{
	netif_tx_disable(card->ndev);
	tx_close(card);
	WRITE_ONCE(card->up, false);
	cancel_work_sync(&card->filter_work);
	rc_set_filter(card, 0);
	netdev_drain(card);
	let_frames_in(card, false);
}

static int open_device(struct net_device *ndev)
{
	struct nv_card *card = netdev_priv(ndev);
	int ret;

	if (!card->attached)
		return -ENODEV;
	ret = start(card);
	if (ret) {
		netdev_err(ndev, "host does not open the interface (%d)\n",
			   ret);
		return ret;
	}
	link_start(card);
	vf_open(card);
	return 0;
}

static int close_device(struct net_device *ndev)
{
	struct nv_card *card = netdev_priv(ndev);

	vf_close(card);
	if (card->up)
		stop(card);
	netif_carrier_off(ndev);
	return 0;
}

/**
 * netdev_quiesce() - nothing goes out or comes in until netdev_revive()
 * @card: the card
 *
 * Context: process, RTNL held.
 */
void netdev_quiesce(struct nv_card *card)
{
	netif_device_detach(card->ndev);
	if (card->up)
		stop(card);
	else
		netif_tx_disable(card->ndev);
}

/**
 * netdev_revive() - undo netdev_quiesce() after attaching again
 * @card: the card, attached
 *
 * Context: process, RTNL held.
 * Return: 0 or an error, then the device stays quiet.
 */
int netdev_revive(struct nv_card *card)
{
	int ret;

	if (netif_running(card->ndev)) {
		ret = start(card);
		if (ret)
			return ret;
	}
	netif_device_attach(card->ndev);
	if (netif_running(card->ndev)) {
		link_start(card);
		vf_rejoin(card);
	}
	return 0;
}

static int change_mtu(struct net_device *ndev, int mtu)
{
	struct nv_card *card = netdev_priv(ndev);
	struct nv_config want = card->cfg;
	int ret;

	if (!card->attached)
		return -ENODEV;
	ret = xdp_check_mtu(card, mtu);
	if (ret)
		return ret;
	ret = vf_set_mtu(card, mtu);
	if (ret)
		return ret;
	want.mtu = mtu;
	ret = nv_reconfigure(card, &want);
	if (ret)
		vf_set_mtu(card, ndev->mtu);
	return ret;
}

static int set_mac(struct net_device *ndev, void *p)
{
	struct nv_card *card = netdev_priv(ndev);
	struct sockaddr *addr = p;
	int ret;

	if (!card->attached)
		return -ENODEV;
	ret = eth_prepare_mac_addr_change(ndev, p);
	if (ret)
		return ret;
	ret = vf_set_mac(card, p);
	if (ret)
		return ret;
	ret = rc_set_mac(card, addr->sa_data);
	if (ret) {
		/* The host may not allow it; it keeps the address it gave. */
		vf_restore_mac(card);
		return ret;
	}
	eth_commit_mac_addr_change(ndev, p);
	return 0;
}

static netdev_features_t fix_features(struct net_device *ndev,
				      netdev_features_t features)
{
	struct nv_card *card = netdev_priv(ndev);

	/* A program wants frames as they were on the wire. */
	if (xdp_enabled(card))
		features &= ~NETIF_F_LRO;
	/* Nor does the host make the sum of what it joins right. */
	if (!(features & NETIF_F_RXCSUM))
		features &= ~NETIF_F_LRO;
	return features;
}

static int set_features(struct net_device *ndev, netdev_features_t features)
{
	struct nv_card *card = netdev_priv(ndev);
	netdev_features_t changed = features ^ ndev->features;

	if (changed & NETIF_F_LRO && card->attached)
		return rc_set_offload(card, features);
	return 0;
}

/* Per frame: what cannot be said in a PPI is done here in software. */
static netdev_features_t check_features(struct sk_buff *skb,
					struct net_device *ndev,
					netdev_features_t features)
{
	if (skb->ip_summed == CHECKSUM_PARTIAL &&
	    unlikely(skb_checksum_start_offset(skb) > MAX_OFFLOAD_OFFSET))
		features &= ~(NETIF_F_CSUM_MASK | NETIF_F_GSO_MASK);
	return features;
}

#ifdef HAVE_SELECT_QUEUE_NO_FALLBACK
#define select_queue tx_select_queue
#else
static u16 select_queue(struct net_device *ndev, struct sk_buff *skb,
			struct net_device *sb_dev,
			select_queue_fallback_t fallback)
{
	return tx_select_queue(ndev, skb, sb_dev);
}
#endif

const struct net_device_ops nv_netdev_ops = {
	.ndo_open = open_device,
	.ndo_stop = close_device,
	.ndo_start_xmit = tx_start,
	.ndo_select_queue = select_queue,
	.ndo_features_check = check_features,
	.ndo_set_rx_mode = set_rx_mode,
	.ndo_change_rx_flags = vf_change_rx_flags,
	.ndo_set_mac_address = set_mac,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_change_mtu = change_mtu,
	.ndo_tx_timeout = tx_timeout,
	.ndo_get_stats64 = stats_get64,
	.ndo_fix_features = fix_features,
	.ndo_set_features = set_features,
	.ndo_bpf = xdp_bpf,
	.ndo_xdp_xmit = xdp_xmit,
};

/**
 * netdev_features_init() - the offloads this host does
 * @card: the card, attached for the first time
 *
 * Context: process, before the device is registered.
 */
void netdev_features_init(struct nv_card *card)
{
	struct net_device *ndev = card->ndev;
	const struct ndis_caps *caps = &card->caps;
	netdev_features_t hw = NETIF_F_RXCSUM | NETIF_F_RXHASH | NETIF_F_SG;

	/* One bit for TCP and UDP: tx.c sums up what the host cannot. */
	if (caps->tcp4)
		hw |= NETIF_F_IP_CSUM;
	if (caps->tcp6)
		hw |= NETIF_F_IPV6_CSUM;
	if (caps->tso4)
		hw |= NETIF_F_TSO;
	if (caps->tso6)
		hw |= NETIF_F_TSO6;
	if (caps->rsc)
		hw |= NETIF_F_LRO;
	ndev->hw_features = hw;
	ndev->features = hw | BASE_FEATURES;
	ndev->vlan_features = (hw | BASE_FEATURES) &
			      ~(NETIF_F_HW_VLAN_CTAG_TX |
				NETIF_F_HW_VLAN_CTAG_RX);
	if (caps->tso_max_bytes)
		netif_set_tso_max_size(ndev, caps->tso_max_bytes);
}
