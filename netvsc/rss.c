// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: how flows are spread over the queues. Of received frames the host
 * decides, with the table and key it is given here; of frames to send we do,
 * see tx_select_queue().
 */
#include <linux/jhash.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <net/flow_dissector.h>

#include "net.h"
#include "rss_params.h"

/**
 * rss_init() - a table and a key for the queues there are
 * @card: the card; its queues and what the host can do are known
 *
 * What the user has set stays, as far as it still makes sense.
 *
 * Context: process, RTNL held or before the device is registered.
 */
void rss_init(struct nv_card *card)
{
	struct nv_rss *rss = &card->rss;

	if (!rss->key_set) {
		memcpy(rss->key, rss_default_key, sizeof(rss->key));
		rss->hash = RSS_HASH_DEFAULT;
		rss->l4 = NV_L4_ALL;
		rss->key_set = true;
	}
	if (netif_is_rxfh_configured(card->ndev) &&
	    !rss_check_table(rss->table, rss->entries, card->nr_queues))
		return;
	rss_spread(rss->table, rss->entries, max(card->nr_queues, 1u));
}

static int tell(struct nv_card *card, bool disable)
{
	const struct nv_rss *rss = &card->rss;
	void *params = kmalloc(RSS_PARAMS_MAX, GFP_KERNEL);
	u32 bytes;
	int ret;

	if (!params)
		return -ENOMEM;
	bytes = rss_params(params, RSS_PARAMS_MAX, disable, rss->hash,
			   rss->table, rss->entries, rss->key);
	ret = rc_set(card, OID_RSS_PARAMETERS, params, bytes);
	kfree(params);
	return ret;
}

/**
 * rss_apply() - give table and key to the host
 * @card: the card, attached
 *
 * Hosts are used to a change that begins with switching the old one off.
 *
 * Context: process, RTNL held or before the device is registered.
 * Return: 0 or an error.
 */
int rss_apply(struct nv_card *card)
{
	int ret;

	if (!card->rss.entries || card->nr_queues < 2)
		return 0;
	ret = tell(card, true);
	return ret ?: tell(card, false);
}

static u32 l4_bit(const struct flow_keys *flow)
{
	bool ip6 = flow->basic.n_proto == htons(ETH_P_IPV6);

	switch (flow->basic.ip_proto) {
	case IPPROTO_TCP:
		return ip6 ? NV_L4_TCP6 : NV_L4_TCP4;
	case IPPROTO_UDP:
		return ip6 ? NV_L4_UDP6 : NV_L4_UDP4;
	}
	return NV_L4_ALL;
}

/**
 * rss_tx_hash() - which flow does a frame to send belong to?
 * @card: the card
 * @skb: the frame
 *
 * Context: any.
 * Return: hash over addresses, and over ports unless the user turned that off.
 */
u32 rss_tx_hash(const struct nv_card *card, struct sk_buff *skb)
{
	u32 l4 = READ_ONCE(card->rss.l4);
	struct flow_keys flow;

	if (likely(l4 == NV_L4_ALL))
		return skb_get_hash(skb);
	if (!skb_flow_dissect_flow_keys(skb, &flow, 0))
		return 0;
	if (l4 & l4_bit(&flow))
		return skb_get_hash(skb);
	if (flow.basic.n_proto == htons(ETH_P_IPV6))
		return jhash2((const u32 *)&flow.addrs.v6addrs,
			      sizeof(flow.addrs.v6addrs) / sizeof(u32), 0);
	return jhash_2words((__force u32)flow.addrs.v4addrs.src,
			    (__force u32)flow.addrs.v4addrs.dst, 0);
}
