// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: the virtual function (VF) of a card, a passed-through network device
 * with the same address. It becomes our lower device: users see one interface
 * whose frames go through the VF while the host agrees, else through the
 * channel. vf_fsm.c decides which; here is what it decides on.
 *
 * A VF joins when it is registered, or is found when we are (or when the host
 * announces it). Others get TAKEOVER_DELAY to rename it before it is set up and
 * brought up. Notifiers must not call into the VF, whose own lock they may
 * hold; they link it, unlink it and switch paths. The rest is @work's.
 *
 * All of it runs under RTNL, waits for the host included; those are bounded.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>

#include "net.h"

#define TAKEOVER_DELAY	(HZ / 10)

/* Registered cards; under RTNL. */
static LIST_HEAD(cards);

static struct net_device *lower(const struct nv_card *card)
{
	return rtnl_dereference(card->vf.ndev);
}

/* Pairing */

static struct pci_dev *pci_behind(const struct net_device *dev)
{
	struct device *at;

	for (at = dev->dev.parent; at; at = at->parent)
		if (dev_is_pci(at))
			return to_pci_dev(at);
	return NULL;
}

/* Only a device of the PCI bus is passed through: no bridge, no VLAN. */
static enum vf_fit fits(struct nv_card *card, const struct net_device *dev)
{
	struct pci_dev *pdev;
	bool offered;
	u32 serial;

	if (dev->type != ARPHRD_ETHER || dev->addr_len != ETH_ALEN ||
	    dev->netdev_ops == &nv_netdev_ops || card->isolated)
		return VF_FIT_NONE;
	pdev = pci_behind(dev);
	if (!pdev)
		return VF_FIT_NONE;
	spin_lock_bh(&card->vf.lock);
	offered = card->vf.offered;
	serial = card->vf.serial;
	spin_unlock_bh(&card->vf.lock);
	return vf_fsm_fit(card->ndev->perm_addr, dev->perm_addr, offered,
			  serial, pdev->slot ? pci_slot_name(pdev->slot) : NULL);
}

static struct nv_card *card_for(const struct net_device *dev)
{
	enum vf_fit best = VF_FIT_NONE, fit;
	struct nv_card *card, *found = NULL;

	list_for_each_entry(card, &cards, vf.entry) {
		if (lower(card))
			continue;
		fit = fits(card, dev);
		if (fit > best) {
			best = fit;
			found = card;
		}
	}
	return found;
}

static struct nv_card *card_of(const struct net_device *dev)
{
	struct nv_card *card;

	list_for_each_entry(card, &cards, vf.entry)
		if (lower(card) == dev)
			return card;
	return NULL;
}

/* Data path */

static bool able(struct nv_card *card)
{
	struct net_device *vf = lower(card);
	bool offered;

	spin_lock_bh(&card->vf.lock);
	offered = card->vf.offered;
	spin_unlock_bh(&card->vf.lock);
	return vf && offered && card->vf.settled && !card->vf.leaving &&
	       card->attached && netif_running(card->ndev) &&
	       netif_running(vf) && netif_carrier_ok(vf);
}

static void send_through(struct nv_card *card, bool vf)
{
	WRITE_ONCE(card->vf.carries, vf);
	/* Whoever still sees the VF as the way to go has left after this. */
	if (!vf)
		synchronize_net();
	netdev_info(card->ndev, "data path: %s\n", vf ? "VF" : "synthetic");
}

static void step(struct nv_card *card, enum vf_event ev)
{
	u32 todo = vf_fsm_step(&card->vf.fsm, ev);
	bool to_vf;
	int ret;

	for (;;) {
		if (todo & VF_DO_SEND_SYNTHETIC)
			send_through(card, false);
		if (todo & VF_DO_SEND_VF)
			send_through(card, true);
		to_vf = todo & VF_DO_ASK_VF;
		if (!to_vf && !(todo & VF_DO_ASK_SYNTHETIC))
			return;
		ret = nv_switch_path(card, to_vf);
		if (ret && !nv_rescinded(card))
			netdev_warn(card->ndev,
				    "host does not switch to %s (%d)\n",
				    to_vf ? "the VF" : "the channel", ret);
		todo = vf_fsm_step(&card->vf.fsm, ret ? VF_EV_FAILED :
							VF_EV_SWITCHED);
	}
}

static void update(struct nv_card *card)
{
	ASSERT_RTNL();
	step(card, able(card) ? VF_EV_ABLE : VF_EV_UNABLE);
	/* It may have gone, or come back, while the host was asked. */
	step(card, able(card) ? VF_EV_ABLE : VF_EV_UNABLE);
}

/* What the VF receives is ours. */
static rx_handler_result_t receive(struct sk_buff **pskb)
{
	struct net_device *ndev = rcu_dereference((*pskb)->dev->rx_handler_data);
	struct nv_card *card = netdev_priv(ndev);
	struct nv_vf_stats *stats = this_cpu_ptr(card->vf.stats);
	struct sk_buff *skb = skb_share_check(*pskb, GFP_ATOMIC);

	if (unlikely(!skb))
		return RX_HANDLER_CONSUMED;
	*pskb = skb;
	skb->dev = ndev;
	u64_stats_update_begin(&stats->syncp);
	stats->rx_packets++;
	stats->rx_bytes += skb->len;
	u64_stats_update_end(&stats->syncp);
	return RX_HANDLER_ANOTHER;
}

/**
 * vf_xmit() - send a frame through the VF
 * @card: the card; vf_carries() is true
 * @skb: the frame
 *
 * Context: transmit: BH off, not netpoll.
 * Return: NETDEV_TX_OK: the frame is sent or dropped.
 */
netdev_tx_t vf_xmit(struct nv_card *card, struct sk_buff *skb)
{
	struct net_device *vf = rcu_dereference_bh(card->vf.ndev);
	struct nv_vf_stats *stats = this_cpu_ptr(card->vf.stats);
	int ret = NET_XMIT_DROP;
	u32 len = skb->len;

	if (likely(vf)) {
		skb->dev = vf;
		skb_set_queue_mapping(skb, 0);
		ret = dev_queue_xmit(skb);
	} else {
		dev_kfree_skb_any(skb);
	}
	u64_stats_update_begin(&stats->syncp);
	if (likely(ret == NET_XMIT_SUCCESS || ret == NET_XMIT_CN)) {
		stats->tx_packets++;
		stats->tx_bytes += len;
	} else {
		stats->tx_dropped++;
	}
	u64_stats_update_end(&stats->syncp);
	return NETDEV_TX_OK;
}

/* What both devices have in common */

static void sync_addresses(struct nv_card *card, struct net_device *vf)
{
	netif_addr_lock_bh(card->ndev);
	dev_uc_sync(vf, card->ndev);
	dev_mc_sync(vf, card->ndev);
	netif_addr_unlock_bh(card->ndev);
}

/* Unlike the above, these two lock our list themselves. */
static void unsync_addresses(struct nv_card *card, struct net_device *vf)
{
	dev_uc_unsync(vf, card->ndev);
	dev_mc_unsync(vf, card->ndev);
}

/* A VF has no addresses of its own: kernels look at one flag or the other. */
static void mark(struct net_device *vf, bool ours)
{
#ifdef HAVE_NETDEV_NO_ADDRCONF
	if (ours)
		vf->priv_flags |= IFF_NO_ADDRCONF;
	else
		vf->priv_flags &= ~IFF_NO_ADDRCONF;
#endif
	if (ours)
		vf->flags |= IFF_SLAVE;
	else
		vf->flags &= ~IFF_SLAVE;
}

static void pass_flags(struct nv_card *card, struct net_device *vf, u32 flags)
{
	bool promisc = flags & IFF_PROMISC, allmulti = flags & IFF_ALLMULTI;

	if (promisc != card->vf.promisc &&
	    !dev_set_promiscuity(vf, promisc ? 1 : -1))
		card->vf.promisc = promisc;
	if (allmulti != card->vf.allmulti &&
	    !dev_set_allmulti(vf, allmulti ? 1 : -1))
		card->vf.allmulti = allmulti;
}

static int give_mac(struct net_device *vf, const u8 *mac)
{
#ifdef HAVE_DEV_SET_MAC_STORAGE
	struct sockaddr_storage addr = { .ss_family = vf->type };

	memcpy(addr.__data, mac, ETH_ALEN);
#else
	struct sockaddr addr = { .sa_family = vf->type };

	memcpy(addr.sa_data, mac, ETH_ALEN);
#endif
	if (ether_addr_equal(vf->dev_addr, mac))
		return 0;
	return dev_set_mac_address(vf, &addr, NULL);
}

static void bring_up(struct nv_card *card, struct net_device *vf)
{
	int ret;

	if (!netif_running(card->ndev) || netif_running(vf))
		return;
	ret = dev_open(vf, NULL);
	if (ret)
		netdev_warn(vf, "cannot be brought up (%d)\n", ret);
}

/* The rest of joining, once others have had their time. */
static void settle(struct nv_card *card)
{
	struct net_device *vf = lower(card);
	int ret;

	if (!vf || card->vf.settled)
		return;
	if (vf->mtu != card->ndev->mtu) {
		ret = dev_set_mtu(vf, card->ndev->mtu);
		if (ret)
			netdev_warn(vf, "cannot have MTU %u (%d)\n",
				    card->ndev->mtu, ret);
	}
	if (card->xdp_prog) {
		ret = xdp_hand_down(vf, card->xdp_prog);
		if (ret) {
			/* Its frames would pass the program by. */
			netdev_warn(vf, "takes no XDP program, not used (%d)\n",
				    ret);
			return;
		}
	}
	ret = give_mac(vf, card->ndev->dev_addr);
	if (ret)
		netdev_warn(vf, "cannot have our address (%d)\n", ret);
	sync_addresses(card, vf);
	pass_flags(card, vf, card->ndev->flags);
	card->vf.settled = true;
	bring_up(card, vf);
}

/* Joining and leaving */

static int join(struct nv_card *card, struct net_device *dev)
{
	int ret;

	ret = netdev_rx_handler_register(dev, receive, card->ndev);
	if (ret) {
		netdev_warn(dev, "is in use by others (%d)\n", ret);
		return ret;
	}
	ret = netdev_master_upper_dev_link(dev, card->ndev, NULL, NULL, NULL);
	if (ret) {
		netdev_warn(dev, "cannot be our lower device (%d)\n", ret);
		netdev_rx_handler_unregister(dev);
		return ret;
	}
	mark(dev, true);
	dev_hold(dev);
	card->vf.settled = false;
	card->vf.leaving = false;
	card->vf.promisc = false;
	card->vf.allmulti = false;
	rcu_assign_pointer(card->vf.ndev, dev);
	netdev_info(card->ndev, "VF: %s\n", netdev_name(dev));
	schedule_delayed_work(&card->vf.takeover, TAKEOVER_DELAY);
	return 0;
}

static void leave(struct nv_card *card)
{
	struct net_device *vf = lower(card);

	if (!vf)
		return;
	card->vf.leaving = true;
	update(card);
	if (card->vf.settled) {
		pass_flags(card, vf, 0);
		unsync_addresses(card, vf);
		if (card->xdp_prog)
			xdp_hand_down(vf, NULL);
	}
	card->vf.settled = false;
	RCU_INIT_POINTER(card->vf.ndev, NULL);
	netdev_upper_dev_unlink(vf, card->ndev);
	/* Waits for readers of both pointers. */
	netdev_rx_handler_unregister(vf);
	mark(vf, false);
	netdev_info(card->ndev, "VF: %s left\n", netdev_name(vf));
	dev_put(vf);
}

/* A device of ours that is there already, here or where devices come to be. */
static void look_for(struct nv_card *card)
{
	struct net *places[] = { dev_net(card->ndev), &init_net };
	enum vf_fit best = VF_FIT_NONE, fit;
	struct net_device *dev, *found = NULL;
	int i;

	if (lower(card))
		return;
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		for_each_netdev(places[i], dev) {
			if (netdev_master_upper_dev_get(dev) || card_of(dev))
				continue;
			fit = fits(card, dev);
			if (fit > best) {
				best = fit;
				found = dev;
			}
		}
		if (places[i] == &init_net)
			break;
	}
	if (!found)
		return;
	/* It joins when it is registered anew, in our namespace. */
	if (!net_eq(dev_net(found), dev_net(card->ndev)))
		dev_change_net_namespace(found, dev_net(card->ndev), "eth%d");
	else
		join(card, found);
}

static void move_along(struct nv_card *card)
{
	struct net_device *vf = lower(card);
	int ret;

	if (!vf || net_eq(dev_net(vf), dev_net(card->ndev)))
		return;
	/* Leaves and joins again on the way. */
	ret = dev_change_net_namespace(vf, dev_net(card->ndev), "eth%d");
	if (ret)
		netdev_warn(vf, "does not follow to our namespace (%d)\n", ret);
}

static bool watched(const struct nv_card *card)
{
	return !list_empty(&card->vf.entry);
}

static void work(struct work_struct *w)
{
	struct nv_card *card = container_of(w, struct nv_card, vf.work);

	rtnl_lock();
	if (watched(card)) {
		move_along(card);
		look_for(card);
		update(card);
	}
	rtnl_unlock();
}

static void takeover(struct work_struct *w)
{
	struct nv_card *card = container_of(to_delayed_work(w), struct nv_card,
					    vf.takeover);

	rtnl_lock();
	if (watched(card)) {
		settle(card);
		update(card);
	}
	rtnl_unlock();
}

/* Events */

static void on_register(struct net_device *dev)
{
	struct nv_card *card;

	if (dev->netdev_ops == &nv_netdev_ops) {
		/* Ours, in another namespace: the VF follows. */
		card = netdev_priv(dev);
		if (watched(card))
			schedule_work(&card->vf.work);
		return;
	}
	card = card_for(dev);
	if (!card)
		return;
	if (net_eq(dev_net(dev), dev_net(card->ndev)))
		join(card, dev);
	else
		schedule_work(&card->vf.work);
}

static int notified(struct notifier_block *nb, unsigned long event, void *info)
{
	struct net_device *dev = netdev_notifier_info_to_dev(info);
	struct nv_card *card;

	if (event == NETDEV_REGISTER) {
		on_register(dev);
		return NOTIFY_DONE;
	}
	card = card_of(dev);
	if (!card)
		return NOTIFY_DONE;
	switch (event) {
	case NETDEV_UNREGISTER:
		leave(card);
		break;
	case NETDEV_GOING_DOWN:
		card->vf.leaving = true;
		update(card);
		break;
	case NETDEV_UP:
		card->vf.leaving = false;
		fallthrough;
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
		update(card);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block notifier = {
	.notifier_call = notified,
};

/**
 * vf_association() - the host announces a VF, or that it goes
 * @card: the card
 * @allocated: it comes
 * @serial: its serial number
 *
 * Nothing depends on there being such a device. An isolated guest has told the
 * host that it takes none.
 *
 * Context: any.
 */
void vf_association(struct nv_card *card, bool allocated, u32 serial)
{
	/* A device the host put there would see all frames. */
	if (card->isolated)
		return;
	spin_lock_bh(&card->vf.lock);
	card->vf.offered = allocated;
	card->vf.serial = serial;
	spin_unlock_bh(&card->vf.lock);
	schedule_work(&card->vf.work);
}

/**
 * vf_open() - the interface goes up
 * @card: the card
 *
 * Context: process, RTNL held.
 */
void vf_open(struct nv_card *card)
{
	struct net_device *vf = lower(card);

	if (vf && card->vf.settled)
		bring_up(card, vf);
	update(card);
}

/**
 * vf_close() - the interface goes down
 * @card: the card
 *
 * Context: process, RTNL held.
 */
void vf_close(struct nv_card *card)
{
	struct net_device *vf = lower(card);

	update(card);
	if (vf && netif_running(vf))
		dev_close(vf);
}

/**
 * vf_reset() - the channel was closed
 * @card: the card
 *
 * Context: process, RTNL held.
 */
void vf_reset(struct nv_card *card)
{
	step(card, VF_EV_RESET);
}

/**
 * vf_rejoin() - the card is attached again: its data path starts synthetic
 * @card: the card
 *
 * Context: process, RTNL held.
 */
void vf_rejoin(struct nv_card *card)
{
	update(card);
}

/**
 * vf_set_mtu() - the MTU is about to change
 * @card: the card
 * @mtu: the new one
 *
 * Context: process, RTNL held.
 * Return: 0, also without a VF, or an error.
 */
int vf_set_mtu(struct nv_card *card, u32 mtu)
{
	struct net_device *vf = lower(card);

	return vf && card->vf.settled ? dev_set_mtu(vf, mtu) : 0;
}

/**
 * vf_set_mac() - the address is about to change
 * @card: the card
 * @sockaddr: as ndo_set_mac_address got it
 *
 * Context: process, RTNL held.
 * Return: 0, also without a VF, or an error.
 */
int vf_set_mac(struct nv_card *card, const void *sockaddr)
{
	const struct sockaddr *addr = sockaddr;
	struct net_device *vf = lower(card);

	return vf && card->vf.settled ?
	       give_mac(vf, (const u8 *)addr->sa_data) : 0;
}

/**
 * vf_restore_mac() - undo vf_set_mac()
 * @card: the card, with the address it keeps
 *
 * Context: process, RTNL held.
 */
void vf_restore_mac(struct nv_card *card)
{
	struct net_device *vf = lower(card);

	if (vf && card->vf.settled)
		give_mac(vf, card->ndev->dev_addr);
}

/**
 * vf_set_rx_mode() - the addresses the interface listens to have changed
 * @card: the card
 *
 * Context: the interface's address list is locked.
 */
void vf_set_rx_mode(struct nv_card *card)
{
	struct net_device *vf;

	rcu_read_lock();
	vf = rcu_dereference(card->vf.ndev);
	if (vf && READ_ONCE(card->vf.settled)) {
		dev_uc_sync(vf, card->ndev);
		dev_mc_sync(vf, card->ndev);
	}
	rcu_read_unlock();
}

/**
 * vf_change_rx_flags() - ndo_change_rx_flags
 * @ndev: device
 * @change: which flags change
 *
 * Context: process, RTNL held.
 */
void vf_change_rx_flags(struct net_device *ndev, int change)
{
	struct nv_card *card = netdev_priv(ndev);
	struct net_device *vf = lower(card);

	if (vf && card->vf.settled && change & (IFF_PROMISC | IFF_ALLMULTI))
		pass_flags(card, vf, ndev->flags);
}

/**
 * vf_set_prog() - an XDP program is about to be set
 * @card: the card
 * @prog: program, or NULL for none
 *
 * Context: process, RTNL held.
 * Return: 0, also without a VF, or an error.
 */
int vf_set_prog(struct nv_card *card, struct bpf_prog *prog)
{
	struct net_device *vf = lower(card);

	if (!vf)
		return 0;
	if (card->vf.settled)
		return xdp_hand_down(vf, prog);
	/* Not used because of the program that goes? */
	if (!prog)
		schedule_delayed_work(&card->vf.takeover, 0);
	return 0;
}

/**
 * vf_init() - before the device is registered
 * @card: the card
 *
 * Context: process.
 * Return: 0 or an error.
 */
int vf_init(struct nv_card *card)
{
	struct nv_vf *vf = &card->vf;

	vf_fsm_init(&vf->fsm);
	spin_lock_init(&vf->lock);
	INIT_LIST_HEAD(&vf->entry);
	INIT_WORK(&vf->work, work);
	INIT_DELAYED_WORK(&vf->takeover, takeover);
	vf->stats = netdev_alloc_pcpu_stats(struct nv_vf_stats);
	return vf->stats ? 0 : -ENOMEM;
}

/**
 * vf_watch() - the device is registered: a VF may join
 * @card: the card
 *
 * Context: process, RTNL not held.
 */
void vf_watch(struct nv_card *card)
{
	rtnl_lock();
	list_add(&card->vf.entry, &cards);
	rtnl_unlock();
	schedule_work(&card->vf.work);
}

/**
 * vf_exit() - no VF from here on; undo vf_watch()
 * @card: the card
 *
 * Context: process, RTNL not held.
 */
void vf_exit(struct nv_card *card)
{
	rtnl_lock();
	leave(card);
	list_del_init(&card->vf.entry);
	rtnl_unlock();
	/* What runs or is queued from now on finds the card unwatched. */
	cancel_work_sync(&card->vf.work);
	cancel_delayed_work_sync(&card->vf.takeover);
}

/**
 * vf_free() - undo vf_init()
 * @card: the card, nobody can reach it any more
 *
 * Context: process.
 */
void vf_free(struct nv_card *card)
{
	/* The host may have announced something after vf_exit(). */
	cancel_work_sync(&card->vf.work);
	free_percpu(card->vf.stats);
	card->vf.stats = NULL;
}

/**
 * vf_start() - hear of network devices
 *
 * Context: module init.
 * Return: 0 or an error.
 */
int vf_start(void)
{
	return register_netdevice_notifier(&notifier);
}

/**
 * vf_stop() - undo vf_start()
 *
 * Context: module exit, no card is left.
 */
void vf_stop(void)
{
	unregister_netdevice_notifier(&notifier);
}
