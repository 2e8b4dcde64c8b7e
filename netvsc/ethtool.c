// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: what ethtool shows and sets. Every operation holds RTNL.
 *
 * Whatever changes the number of channels or buffers detaches the card from
 * the host and attaches it again, see nv_reconfigure().
 */
#include <linux/ethtool.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "net.h"
#include "rss_params.h"

/* Fewer sections than this leave no room to work. */
#define MIN_SECTIONS	10u

#define FLOW_ADDRESSES	(RXH_IP_SRC | RXH_IP_DST)
#define FLOW_PORTS	(RXH_L4_B_0_1 | RXH_L4_B_2_3)

static void get_drvinfo(struct net_device *ndev, struct ethtool_drvinfo *info)
{
	struct nv_card *card = netdev_priv(ndev);

	strscpy(info->driver, KBUILD_MODNAME, sizeof(info->driver));
#ifdef MODULE
	if (THIS_MODULE->version)
		strscpy(info->version, THIS_MODULE->version,
			sizeof(info->version));
#endif
	strscpy(info->bus_info, dev_name(&card->hdev->device),
		sizeof(info->bus_info));
	snprintf(info->fw_version, sizeof(info->fw_version), "NVSP %u.%u",
		 card->nvsp.version >> 16, card->nvsp.version & 0xffff);
}

static u32 get_msglevel(struct net_device *ndev)
{
	struct nv_card *card = netdev_priv(ndev);

	return card->msg_enable;
}

static void set_msglevel(struct net_device *ndev, u32 level)
{
	struct nv_card *card = netdev_priv(ndev);

	card->msg_enable = level;
}

/* Registers: the table the host wants us to choose channels by. */
static int get_regs_len(struct net_device *ndev)
{
	return NVSP_SEND_TABLE_ENTRIES * sizeof(u32);
}

static void get_regs(struct net_device *ndev, struct ethtool_regs *regs,
		     void *to)
{
	struct nv_card *card = netdev_priv(ndev);
	u32 *table = to;
	int i;

	regs->version = 0;
	for (i = 0; i < NVSP_SEND_TABLE_ENTRIES; i++)
		table[i] = card->tx_table[i];
}

/* Statistics */

static int get_sset_count(struct net_device *ndev, int set)
{
	if (set != ETH_SS_STATS)
		return -EOPNOTSUPP;
	return stats_count(netdev_priv(ndev));
}

static void get_strings(struct net_device *ndev, u32 set, u8 *to)
{
	if (set == ETH_SS_STATS)
		stats_names(netdev_priv(ndev), to);
}

static void get_ethtool_stats(struct net_device *ndev,
			      struct ethtool_stats *stats, u64 *to)
{
	stats_values(netdev_priv(ndev), to);
}

/* Channels and rings */

static u32 max_queues(const struct nv_card *card)
{
	return rss_channels(&card->rss_caps, num_online_cpus(), NV_MAX_QUEUES,
			    card->max_queues);
}

static void get_channels(struct net_device *ndev, struct ethtool_channels *ch)
{
	struct nv_card *card = netdev_priv(ndev);

	ch->max_combined = max_queues(card);
	ch->combined_count = card->nr_queues;
}

static int set_channels(struct net_device *ndev, struct ethtool_channels *ch)
{
	struct nv_card *card = netdev_priv(ndev);
	struct nv_config want = card->cfg;

	if (!ch->combined_count || ch->rx_count || ch->tx_count ||
	    ch->other_count)
		return -EINVAL;
	if (ch->combined_count > max_queues(card))
		return -EINVAL;
	if (!card->attached)
		return -ENODEV;
	if (card->nvsp.version < NVSP_VERSION_5)
		return -EOPNOTSUPP;
	if (ch->combined_count == card->nr_queues)
		return 0;
	want.queues = ch->combined_count;
	return nv_reconfigure(card, &want);
}

static u32 max_recv_sections(const struct nv_card *card)
{
	u32 bytes = card->nvsp.recv.part_bytes;

	return bytes ? nvsp_recv_max_bytes(card->nvsp.version) / bytes : 0;
}

static u32 max_send_sections(const struct nv_card *card)
{
	return card->section_bytes ?
	       NVSP_SEND_MAX_BYTES / card->section_bytes : 0;
}

static void get_ringparam(struct net_device *ndev,
			  struct ethtool_ringparam *ring,
			  struct kernel_ethtool_ringparam *kernel_ring,
			  struct netlink_ext_ack *extack)
{
	struct nv_card *card = netdev_priv(ndev);

	ring->rx_max_pending = max_recv_sections(card);
	ring->tx_max_pending = max_send_sections(card);
	ring->rx_pending = card->nvsp.recv.parts;
	ring->tx_pending = card->nvsp.send.parts;
}

/* As many as wanted, of the length the host cuts, in our units. */
static u32 sections(u32 wanted, u32 max, u32 bytes, u32 unit)
{
	return DIV_ROUND_UP_ULL((u64)clamp(wanted, MIN_SECTIONS, max) * bytes,
				unit);
}

static int set_ringparam(struct net_device *ndev,
			 struct ethtool_ringparam *ring,
			 struct kernel_ethtool_ringparam *kernel_ring,
			 struct netlink_ext_ack *extack)
{
	struct nv_card *card = netdev_priv(ndev);
	struct nv_config want = card->cfg;

	if (!card->attached)
		return -ENODEV;
	if (ring->rx_pending == card->nvsp.recv.parts &&
	    ring->tx_pending == card->nvsp.send.parts)
		return 0;
	want.recv_sections = sections(ring->rx_pending, max_recv_sections(card),
				      card->nvsp.recv.part_bytes,
				      NV_RECV_SECTION_BYTES);
	want.send_sections = sections(ring->tx_pending, max_send_sections(card),
				      card->section_bytes,
				      NV_SEND_SECTION_BYTES);
	return nv_reconfigure(card, &want);
}

/* Receive-side scaling */

static u32 flow_l4(u32 flow_type)
{
	switch (flow_type) {
	case TCP_V4_FLOW:
		return NV_L4_TCP4;
	case TCP_V6_FLOW:
		return NV_L4_TCP6;
	case UDP_V4_FLOW:
		return NV_L4_UDP4;
	case UDP_V6_FLOW:
		return NV_L4_UDP6;
	}
	return 0;
}

static u32 l4_hash(u32 l4)
{
	switch (l4) {
	case NV_L4_TCP4:
		return NDIS_HASH_TCP4;
	case NV_L4_TCP6:
		return NDIS_HASH_TCP6;
	case NV_L4_UDP4:
		return NDIS_HASH_UDP4;
	case NV_L4_UDP6:
		return NDIS_HASH_UDP6;
	}
	return 0;
}

static u32 flow_fields(const struct nv_card *card, u32 flow_type)
{
	u32 l4 = flow_l4(flow_type);

	if (l4)
		return FLOW_ADDRESSES | (card->rss.l4 & l4 ? FLOW_PORTS : 0);
	if (flow_type == IPV4_FLOW || flow_type == IPV6_FLOW)
		return FLOW_ADDRESSES;
	return 0;
}

/*
 * Ports are looked at in both directions or in neither; of received frames as
 * far as the host can.
 */
static int set_flow_fields(struct nv_card *card, u32 flow_type, u64 fields)
{
	struct nv_rss *rss = &card->rss;
	u32 l4 = flow_l4(flow_type);
	u32 old_hash = rss->hash, old_l4 = rss->l4;
	int ret;

	if (!l4)
		return -EOPNOTSUPP;
	if (fields == (FLOW_ADDRESSES | FLOW_PORTS)) {
		WRITE_ONCE(rss->l4, rss->l4 | l4);
		rss->hash |= l4_hash(l4) & card->rss_caps.hash;
	} else if (fields == FLOW_ADDRESSES) {
		WRITE_ONCE(rss->l4, rss->l4 & ~l4);
		rss->hash &= ~l4_hash(l4);
	} else {
		return -EOPNOTSUPP;
	}
	if (rss->hash == old_hash || !card->attached)
		return 0;
	ret = rss_apply(card);
	if (ret) {
		rss->hash = old_hash;
		WRITE_ONCE(rss->l4, old_l4);
		rss_apply(card);
	}
	return ret;
}

#ifdef HAVE_ETHTOOL_RXFH_FIELDS
static int get_rxfh_fields(struct net_device *ndev,
			   struct ethtool_rxfh_fields *info)
{
	info->data = flow_fields(netdev_priv(ndev), info->flow_type);
	return 0;
}

static int set_rxfh_fields(struct net_device *ndev,
			   const struct ethtool_rxfh_fields *info,
			   struct netlink_ext_ack *extack)
{
	return set_flow_fields(netdev_priv(ndev), info->flow_type, info->data);
}
#else
static int set_rxnfc(struct net_device *ndev, struct ethtool_rxnfc *info)
{
	if (info->cmd != ETHTOOL_SRXFH)
		return -EOPNOTSUPP;
	return set_flow_fields(netdev_priv(ndev), info->flow_type, info->data);
}
#endif

#ifdef HAVE_ETHTOOL_RX_RING_COUNT
static u32 get_rx_ring_count(struct net_device *ndev)
{
	struct nv_card *card = netdev_priv(ndev);

	return card->nr_queues;
}
#else
static int get_rxnfc(struct net_device *ndev, struct ethtool_rxnfc *info,
		     u32 *rules)
{
	struct nv_card *card = netdev_priv(ndev);

	switch (info->cmd) {
	case ETHTOOL_GRXRINGS:
		info->data = card->nr_queues;
		return 0;
#ifndef HAVE_ETHTOOL_RXFH_FIELDS
	case ETHTOOL_GRXFH:
		info->data = flow_fields(card, info->flow_type);
		return 0;
#endif
	}
	return -EOPNOTSUPP;
}
#endif

static u32 get_rxfh_key_size(struct net_device *ndev)
{
	return NV_RSS_KEY_BYTES;
}

static u32 get_rxfh_indir_size(struct net_device *ndev)
{
	struct nv_card *card = netdev_priv(ndev);

	return card->rss.entries;
}

static void read_rxfh(const struct nv_card *card, u32 *table, u8 *key)
{
	u32 i;

	for (i = 0; table && i < card->rss.entries; i++)
		table[i] = card->rss.table[i];
	if (key)
		memcpy(key, card->rss.key, NV_RSS_KEY_BYTES);
}

static int write_rxfh(struct nv_card *card, const u32 *table, const u8 *key,
		      u8 function)
{
	struct nv_rss *rss = &card->rss;
	struct nv_rss old;
	int ret;
	u32 i;

	if (function != ETH_RSS_HASH_NO_CHANGE &&
	    function != ETH_RSS_HASH_TOP)
		return -EOPNOTSUPP;
	if (!card->attached)
		return -ENODEV;
	for (i = 0; table && i < rss->entries; i++)
		if (table[i] >= card->nr_queues)
			return -EINVAL;
	if (!table && !key)
		return 0;
	old = *rss;
	for (i = 0; table && i < rss->entries; i++)
		rss->table[i] = table[i];
	if (key)
		memcpy(rss->key, key, NV_RSS_KEY_BYTES);
	ret = rss_apply(card);
	if (ret) {
		*rss = old;
		rss_apply(card);
	}
	return ret;
}

#ifdef HAVE_ETHTOOL_RXFH_PARAM
static int get_rxfh(struct net_device *ndev, struct ethtool_rxfh_param *rxfh)
{
	rxfh->hfunc = ETH_RSS_HASH_TOP;
	read_rxfh(netdev_priv(ndev), rxfh->indir, rxfh->key);
	return 0;
}

static int set_rxfh(struct net_device *ndev, struct ethtool_rxfh_param *rxfh,
		    struct netlink_ext_ack *extack)
{
	return write_rxfh(netdev_priv(ndev), rxfh->indir, rxfh->key,
			  rxfh->hfunc);
}
#else
static int get_rxfh(struct net_device *ndev, u32 *table, u8 *key, u8 *function)
{
	if (function)
		*function = ETH_RSS_HASH_TOP;
	read_rxfh(netdev_priv(ndev), table, key);
	return 0;
}

static int set_rxfh(struct net_device *ndev, const u32 *table, const u8 *key,
		    const u8 function)
{
	return write_rxfh(netdev_priv(ndev), table, key, function);
}
#endif

/* Link */

static int get_link_ksettings(struct net_device *ndev,
			      struct ethtool_link_ksettings *cmd)
{
	struct nv_card *card = netdev_priv(ndev);
	struct net_device *vf = rtnl_dereference(card->vf.ndev);
	u32 host = READ_ONCE(card->link_speed) / 10000;

	if (vf && vf_carries(card))
		return __ethtool_get_link_ksettings(vf, cmd);
	cmd->base.speed = card->user_speed ?: host ?: SPEED_UNKNOWN;
	cmd->base.duplex = card->user_speed ? card->user_duplex : DUPLEX_FULL;
	cmd->base.port = PORT_OTHER;
	return 0;
}

/* Nothing depends on it but what others are told. */
static int set_link_ksettings(struct net_device *ndev,
			      const struct ethtool_link_ksettings *cmd)
{
	struct nv_card *card = netdev_priv(ndev);
	u32 speed = card->user_speed;
	u8 duplex = card->user_duplex;
	int ret;

	if (vf_carries(card))
		return -EOPNOTSUPP;
	ret = ethtool_virtdev_set_link_ksettings(ndev, cmd, &speed, &duplex);
	if (ret)
		return ret;
	card->user_speed = speed == SPEED_UNKNOWN ? 0 : speed;
	card->user_duplex = duplex;
	return 0;
}

const struct ethtool_ops nv_ethtool_ops = {
	.get_drvinfo = get_drvinfo,
	.get_msglevel = get_msglevel,
	.set_msglevel = set_msglevel,
	.get_regs_len = get_regs_len,
	.get_regs = get_regs,
	.get_link = ethtool_op_get_link,
	.get_ts_info = ethtool_op_get_ts_info,
	.get_sset_count = get_sset_count,
	.get_strings = get_strings,
	.get_ethtool_stats = get_ethtool_stats,
	.get_channels = get_channels,
	.set_channels = set_channels,
	.get_ringparam = get_ringparam,
	.set_ringparam = set_ringparam,
#ifdef HAVE_ETHTOOL_RXFH_FIELDS
	.get_rxfh_fields = get_rxfh_fields,
	.set_rxfh_fields = set_rxfh_fields,
#else
	.set_rxnfc = set_rxnfc,
#endif
#ifdef HAVE_ETHTOOL_RX_RING_COUNT
	.get_rx_ring_count = get_rx_ring_count,
#else
	.get_rxnfc = get_rxnfc,
#endif
	.get_rxfh_key_size = get_rxfh_key_size,
	.get_rxfh_indir_size = get_rxfh_indir_size,
	.get_rxfh = get_rxfh,
	.set_rxfh = set_rxfh,
	.get_link_ksettings = get_link_ksettings,
	.set_link_ksettings = set_link_ksettings,
};
