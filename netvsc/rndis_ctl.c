// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: RNDIS control messages, one at a time, on the primary channel.
 *
 * Each is answered twice, in any order: the NVSP completion says that the host
 * has read the message (rc_sent()), and the RNDIS answer comes like a frame
 * (rc_receive()). All waits end by themselves. A request page the host never
 * says it has read is not written to again: it gets a successor and is freed
 * when the channel is closed.
 */
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/slab.h>

#include "net.h"

static_assert(RNDIS_CONTROL_MAX <= PAGE_SIZE);
static_assert(RNDIS_REQUEST_BYTES + RSS_PARAMS_MAX <= RNDIS_CONTROL_MAX);

/* Receiving */

static void indicated(struct nv_card *card, const void *msg, u32 bytes,
		      u32 status)
{
	const void *info;
	u32 info_bytes, speed;

	switch (status) {
	case RNDIS_S_MEDIA_CONNECT:
		link_event(card, LINK_EV_CONNECT);
		break;
	case RNDIS_S_MEDIA_DISCONNECT:
		link_event(card, LINK_EV_DISCONNECT);
		break;
	case RNDIS_S_NETWORK_CHANGE:
		link_event(card, LINK_EV_CHANGED);
		break;
	case RNDIS_S_LINK_SPEED_CHANGE:
		if (rndis_indicated(msg, bytes, &info, &info_bytes) ||
		    oid_u32(info, info_bytes, &speed))
			nv_refuse(card, NV_REFUSED_STATUS);
		else
			WRITE_ONCE(card->link_speed, speed);
		break;
	default:
		break;
	}
}

static bool answered(struct nv_ctl *ctl, const struct rndis_control *c)
{
	bool expected;

	spin_lock(&ctl->reply_lock);
	expected = rndis_answers(ctl->want, ctl->req_id, c);
	if (expected) {
		memcpy(ctl->reply, ctl->rx, c->bytes);
		ctl->reply_bytes = c->bytes;
		ctl->status = c->status;
		ctl->want = 0;
		complete(&ctl->done);
	}
	spin_unlock(&ctl->reply_lock);
	return expected;
}

/**
 * rc_receive() - a control message of the host
 * @card: the card
 * @msg: in the receive buffer; the host may be writing to it
 * @bytes: its length
 *
 * Context: NAPI of the primary.
 */
void rc_receive(struct nv_card *card, const void *msg, u32 bytes)
{
	struct nv_ctl *ctl = &card->ctl;
	struct rndis_control c;

	bytes = min(bytes, RNDIS_CONTROL_MAX);
	memcpy(ctl->rx, msg, bytes);
	switch (rndis_check(ctl->rx, bytes, &c)) {
	case RNDIS_KIND_REPLY:
		WRITE_ONCE(card->silent, false);
		if (!answered(ctl, &c))
			nv_refuse(card, NV_REFUSED_REPLY);
		break;
	case RNDIS_KIND_INDICATE:
		indicated(card, ctl->rx, bytes, c.status);
		break;
	case RNDIS_KIND_SHORT:
	case RNDIS_KIND_UNKNOWN:
	case RNDIS_KIND_NR:
		nv_refuse(card, NV_REFUSED_RNDIS);
		break;
	}
}

/**
 * rc_sent() - the host has read a control message
 * @card: the card
 * @id: of the message, as the host gave it back
 *
 * Context: NAPI of the primary.
 */
void rc_sent(struct nv_card *card, u64 id)
{
	struct nv_ctl *ctl = &card->ctl;
	bool ours;

	spin_lock(&ctl->reply_lock);
	ours = ctl->owned == id;
	if (ours) {
		ctl->owned = 0;
		WRITE_ONCE(ctl->keeps, false);
		complete(&ctl->sent);
	}
	spin_unlock(&ctl->reply_lock);
	if (!ours)
		nv_refuse(card, NV_REFUSED_REPLY);
}

/* Sending */

/* A page to write the next request to, @lock held. */
static int own_page(struct nv_card *card)
{
	struct nv_ctl *ctl = &card->ctl;
	void *page;

	if (!READ_ONCE(ctl->owned) ||
	    chan_wait(card, &ctl->sent, &ctl->keeps))
		return 0;
	page = (void *)get_zeroed_page(GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	if (ctl->nr_lost == ARRAY_SIZE(ctl->lost)) {
		/* A host that reads nothing: say no more to it. */
		free_page((unsigned long)page);
		return -ENODEV;
	}
	spin_lock_bh(&ctl->reply_lock);
	ctl->owned = 0;
	ctl->lost[ctl->nr_lost++] = ctl->req;
	ctl->req = (struct nv_page){ .mem = page };
	spin_unlock_bh(&ctl->reply_lock);
	return 0;
}

static int send(struct nv_card *card, u32 bytes)
{
	struct nv_ctl *ctl = &card->ctl;
	struct nvsp_msg msg;
	struct {
		struct vmbus_packet_mpb_array mpb;
		u64 frame;
	} __packed desc = {
		.mpb.rangecount = 1,
		.mpb.range.len = bytes,
		.mpb.range.offset = 0,
	};
	u64 id = NV_ID_RNDIS | (++ctl->serial & NV_ID_SERIAL);
	unsigned long end = chan_patience(card);
	int ret, tries = 0;

	ret = bounce_page(card, &ctl->req);
	if (ret)
		return ret;
	desc.frame = ctl->req.frame;
	nvsp_build_rndis(&msg, NVSP_CHANNEL_CONTROL, NVSP_NO_SECTION, 0);
	reinit_completion(&ctl->sent);
	WRITE_ONCE(ctl->owned, id);
	do {
		if (tries++)
			fsleep(5000);
		ret = vmbus_sendpacket_mpb_desc(card->hdev->channel, &desc.mpb,
						sizeof(desc), &msg,
						sizeof(msg), id);
	} while (ret == -EAGAIN && time_before(jiffies, end) &&
		 !nv_rescinded(card));
	if (ret)
		WRITE_ONCE(ctl->owned, 0);
	return ret;
}

/*
 * Send what is in the request page and wait for the answer of type @want; its
 * bytes are in @reply then. @lock held.
 */
static int transact(struct nv_card *card, u32 want, u32 bytes)
{
	struct nv_ctl *ctl = &card->ctl;
	int ret;

	if (!bytes)
		return -EMSGSIZE;
	spin_lock_bh(&ctl->reply_lock);
	reinit_completion(&ctl->done);
	ctl->want = want;
	spin_unlock_bh(&ctl->reply_lock);

	ret = send(card, bytes);
	if (!ret && !chan_wait(card, &ctl->done, &card->silent))
		ret = nv_rescinded(card) ? -ENODEV : -ETIMEDOUT;

	spin_lock_bh(&ctl->reply_lock);
	/* It may have come this very moment. */
	if (ret && !ctl->want)
		ret = 0;
	ctl->want = 0;
	spin_unlock_bh(&ctl->reply_lock);
	return ret ?: rndis_errno(ctl->status);
}

static int begin(struct nv_card *card)
{
	struct nv_ctl *ctl = &card->ctl;
	int ret;

	lockdep_assert_held(&ctl->lock);
	if (!ctl->open || nv_rescinded(card))
		return -ENODEV;
	ret = own_page(card);
	if (ret)
		return ret;
	ctl->req_id = rndis_next_id(ctl->req_id);
	return 0;
}

/**
 * rc_query() - ask the host about an object
 * @card: the card
 * @oid: OID_*
 * @in: information to send, or NULL
 * @in_bytes: its length
 * @out: where the answer goes
 * @out_bytes: room there; set to the length of the answer
 *
 * Context: process, sleeps.
 * Return: 0 or an error.
 */
int rc_query(struct nv_card *card, u32 oid, const void *in, u32 in_bytes,
	     void *out, u32 *out_bytes)
{
	struct nv_ctl *ctl = &card->ctl;
	const void *info;
	u32 bytes;
	int ret;

	mutex_lock(&ctl->lock);
	ret = begin(card);
	if (ret)
		goto unlock;
	bytes = rndis_build_query(ctl->req.mem, RNDIS_CONTROL_MAX, ctl->req_id,
				  oid, in, in_bytes);
	ret = transact(card, RNDIS_T_QUERY | RNDIS_T_COMPLETE, bytes);
	if (ret)
		goto unlock;
	ret = rndis_info(ctl->reply, ctl->reply_bytes, *out_bytes, &info,
			 &bytes);
	if (ret)
		goto unlock;
	memcpy(out, info, bytes);
	*out_bytes = bytes;
unlock:
	mutex_unlock(&ctl->lock);
	return ret;
}

/**
 * rc_set() - give the host an object
 * @card: the card
 * @oid: OID_*
 * @in: the object
 * @in_bytes: its length
 *
 * Context: process, sleeps.
 * Return: 0 or an error.
 */
int rc_set(struct nv_card *card, u32 oid, const void *in, u32 in_bytes)
{
	struct nv_ctl *ctl = &card->ctl;
	u32 bytes;
	int ret;

	mutex_lock(&ctl->lock);
	ret = begin(card);
	if (ret)
		goto unlock;
	bytes = rndis_build_set(ctl->req.mem, RNDIS_CONTROL_MAX, ctl->req_id, oid,
				in, in_bytes);
	ret = transact(card, RNDIS_T_SET | RNDIS_T_COMPLETE, bytes);
unlock:
	mutex_unlock(&ctl->lock);
	return ret;
}

static int query_u32(struct nv_card *card, u32 oid, u32 *value)
{
	__le32 word;
	u32 bytes = sizeof(word);
	int ret;

	ret = rc_query(card, oid, NULL, 0, &word, &bytes);
	return ret ?: oid_u32(&word, bytes, value);
}

/* What the driver asks and tells */

/**
 * rc_set_filter() - which frames the host shall deliver
 * @card: the card
 * @filter: NDIS_FILTER_*, 0 for none
 *
 * Context: process, sleeps.
 * Return: 0 or an error.
 */
int rc_set_filter(struct nv_card *card, u32 filter)
{
	__le32 word = cpu_to_le32(filter);

	return rc_set(card, OID_PACKET_FILTER, &word, sizeof(word));
}

/**
 * rc_set_offload() - switch offloads on that the host has and we use
 * @card: the card
 * @features: of the device
 *
 * Context: process, sleeps.
 * Return: 0 or an error.
 */
int rc_set_offload(struct nv_card *card, netdev_features_t features)
{
	const struct ndis_caps *caps = &card->caps;
	struct ndis_use use = {
		.tx_csum = true,
		.rx_csum = true,
		.tso4 = caps->tso4,
		.tso6 = caps->tso6,
		.rsc = features & NETIF_F_LRO,
	};
	struct ndis_offload_params params;
	u32 bytes;

	bytes = offload_params(&params, card->nvsp.version, caps, &use);
	return rc_set(card, OID_OFFLOAD_PARAMETERS, &params, bytes);
}

/**
 * rc_set_rss() - give the host key and table
 * @card: the card; see rss.c for what is given
 * @disable: switch it off instead
 *
 * Context: process, sleeps.
 * Return: 0 or an error.
 */
int rc_set_rss(struct nv_card *card, bool disable)
{
	struct nv_rss *rss = &card->rss;
	void *params;
	u32 bytes;
	int ret;

	params = kmalloc(RSS_PARAMS_MAX, GFP_KERNEL);
	if (!params)
		return -ENOMEM;
	bytes = rss_params(params, RSS_PARAMS_MAX, disable, rss->hash,
			   rss->table, rss->entries, rss->key);
	ret = bytes ? rc_set(card, OID_RSS_PARAMETERS, params, bytes) :
		      -EINVAL;
	kfree(params);
	return ret;
}

/**
 * rc_set_mac() - change the address the host delivers to
 * @card: the card
 * @mac: the address
 *
 * Context: process, sleeps.
 * Return: 0 or an error; hosts may refuse.
 */
int rc_set_mac(struct nv_card *card, const u8 *mac)
{
	u8 param[OID_MAC_PARAM_BYTES];
	u32 bytes = oid_mac_param(param, sizeof(param), mac);

	return rc_set(card, OID_CONFIG_PARAMETER, param, bytes);
}

static int initialize(struct nv_card *card)
{
	struct nv_ctl *ctl = &card->ctl;
	u32 bytes;
	int ret;

	mutex_lock(&ctl->lock);
	ret = begin(card);
	if (ret)
		goto unlock;
	bytes = rndis_build_initialize(ctl->req.mem, RNDIS_CONTROL_MAX,
				       ctl->req_id);
	ret = transact(card, RNDIS_T_INITIALIZE | RNDIS_T_COMPLETE, bytes);
	if (!ret)
		ret = rndis_limits(ctl->reply, ctl->reply_bytes,
				   &card->limits);
unlock:
	mutex_unlock(&ctl->lock);
	return ret;
}

static int query_mac(struct nv_card *card)
{
	u8 info[OID_MAC_BYTES], mac[OID_MAC_BYTES];
	u32 bytes = sizeof(info);
	int ret;

	ret = rc_query(card, OID_PERMANENT_ADDRESS, NULL, 0, info, &bytes);
	if (!ret)
		ret = oid_mac(info, bytes, mac);
	if (ret)
		return ret;
	if (card->ndev->reg_state == NETREG_UNINITIALIZED) {
		eth_hw_addr_set(card->ndev, mac);
		ether_addr_copy(card->ndev->perm_addr, mac);
	}
	return 0;
}

/* No answer, or none we understand: no offloads, which is legal. */
static void query_offload(struct nv_card *card)
{
	u32 version = card->nvsp.version;
	struct ndis_offload info;
	u32 bytes = sizeof(info);
	struct ndis_hdr hdr;
	u32 hdr_bytes = offload_query(&hdr, version);

	memset(&card->caps, 0, sizeof(card->caps));
	memset(&info, 0, sizeof(info));
	if (rc_query(card, OID_OFFLOAD_CAPABILITIES, &hdr, hdr_bytes, &info,
		     &bytes) ||
	    offload_parse(&info, bytes, version, &card->caps)) {
		memset(&card->caps, 0, sizeof(card->caps));
		dev_info(&card->hdev->device, "host names no offloads\n");
	}
}

static void query_rss(struct nv_card *card)
{
	struct rss_caps *caps = &card->rss_caps;
	struct ndis_rss_caps info;
	u32 bytes = sizeof(info);
	struct ndis_hdr hdr;
	u32 hdr_bytes = rss_query(&hdr);

	memset(&info, 0, sizeof(info));
	memset(caps, 0, sizeof(*caps));
	if (nvsp_version_at_least(card->nvsp.version, NVSP_VERSION_5) &&
	    !rc_query(card, OID_RSS_CAPABILITIES, &hdr, hdr_bytes, &info,
		      &bytes) &&
	    !rss_parse(&info, bytes, caps))
		return;
	memset(caps, 0, sizeof(*caps));
	caps->queues = 1;
}

/**
 * rc_start() - begin RNDIS and ask what there is to know
 * @card: the card, its buffers agreed
 *
 * Context: process, RTNL held once the device is registered.
 * Return: 0 or an error.
 */
int rc_start(struct nv_card *card)
{
	u32 mtu, media = NDIS_MEDIA_DISCONNECTED;
	int ret;

	ret = initialize(card);
	if (ret) {
		dev_err(&card->hdev->device, "RNDIS not initialised (%d)\n",
			ret);
		return ret;
	}
	card->ctl.initialized = true;
	ret = query_mac(card);
	if (ret) {
		dev_err(&card->hdev->device, "no usable address (%d)\n", ret);
		return ret;
	}
	if (!query_u32(card, OID_MAX_FRAME_SIZE, &mtu))
		card->cfg.mtu = oid_mtu(mtu, card->cfg.mtu);
	query_offload(card);
	ret = rc_set_offload(card, card->ndev->reg_state ==
			     NETREG_UNINITIALIZED && card->caps.rsc ?
			     NETIF_F_LRO : card->ndev->features);
	if (ret && ret != -EOPNOTSUPP) {
		dev_err(&card->hdev->device, "offloads not set (%d)\n", ret);
		return ret;
	}
	ret = query_u32(card, OID_MEDIA_STATUS, &media);
	link_reset(card, !ret && media == NDIS_MEDIA_CONNECTED);
	if (nvsp_version_at_least(card->nvsp.version, NVSP_VERSION_5))
		query_u32(card, OID_LINK_SPEED, &card->link_speed);
	query_rss(card);
	return 0;
}

/**
 * rc_halt() - end RNDIS
 * @card: the card
 *
 * Context: process.
 * Return: 0 when the host has read it.
 */
int rc_halt(struct nv_card *card)
{
	struct nv_ctl *ctl = &card->ctl;
	u32 bytes;
	int ret;

	mutex_lock(&ctl->lock);
	ret = begin(card);
	if (ret)
		goto unlock;
	bytes = rndis_build_halt(ctl->req.mem, RNDIS_CONTROL_MAX, ctl->req_id);
	ret = send(card, bytes);
	if (!ret && !chan_wait(card, &ctl->sent, &ctl->keeps))
		ret = -ETIMEDOUT;
unlock:
	mutex_unlock(&ctl->lock);
	return ret;
}

/* Life */

/**
 * rc_init() - before the channel opens
 * @card: the card
 *
 * Context: process.
 * Return: 0 or -ENOMEM, see rc_exit().
 */
int rc_init(struct nv_card *card)
{
	struct nv_ctl *ctl = &card->ctl;

	mutex_init(&ctl->lock);
	spin_lock_init(&ctl->reply_lock);
	init_completion(&ctl->done);
	init_completion(&ctl->sent);
	ctl->req.mem = (void *)get_zeroed_page(GFP_KERNEL);
	ctl->rx = (void *)get_zeroed_page(GFP_KERNEL);
	ctl->reply = (void *)get_zeroed_page(GFP_KERNEL);
	return ctl->req.mem && ctl->rx && ctl->reply ? 0 : -ENOMEM;
}

/**
 * rc_exit() - undo rc_init(), also half of it
 * @card: the card, without channels
 *
 * Context: process.
 */
void rc_exit(struct nv_card *card)
{
	struct nv_ctl *ctl = &card->ctl;

	free_page((unsigned long)ctl->req.mem);
	free_page((unsigned long)ctl->rx);
	free_page((unsigned long)ctl->reply);
}

/**
 * rc_open() - requests may be sent
 * @card: the card, its primary open or about to close
 * @open: so it is
 *
 * Context: process.
 */
void rc_open(struct nv_card *card, bool open)
{
	struct nv_ctl *ctl = &card->ctl;

	mutex_lock(&ctl->lock);
	ctl->open = open;
	ctl->keeps &= !open;
	ctl->initialized &= open;
	mutex_unlock(&ctl->lock);
}

/**
 * rc_closed() - the host has lost access to all pages
 * @card: the card, its channels closed
 *
 * Context: process.
 */
void rc_closed(struct nv_card *card)
{
	struct nv_ctl *ctl = &card->ctl;
	u32 i;

	bounce_page_back(card, &ctl->req);
	for (i = 0; i < ctl->nr_lost; i++) {
		bounce_page_back(card, &ctl->lost[i]);
		free_page((unsigned long)ctl->lost[i].mem);
	}
	ctl->nr_lost = 0;
	ctl->owned = 0;
}
