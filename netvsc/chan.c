// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: the channels of a card and the NVSP requests on the primary.
 *
 * A channel and a NAPI instance belong together: NAPI is on before the channel
 * opens and off before it closes, whether the interface is up or not, because
 * answers to requests come the same way as frames. One request is on its way
 * at a time; its id is taken out of card->xact by whoever ends it: the answer
 * or the end of the wait.
 */
#include <linux/delay.h>
#include <linux/rtnetlink.h>

#include "net.h"

/* How often a waiter looks whether the channel is gone. */
#define LOOK_INTERVAL	(HZ / 20)

/* Waiting */

static bool wait_until(struct nv_card *card, struct completion *done,
		       unsigned long end)
{
	do {
		if (wait_for_completion_timeout(done, LOOK_INTERVAL))
			return true;
		if (nv_rescinded(card))
			return try_wait_for_completion(done);
	} while (time_before(jiffies, end));
	return false;
}

static unsigned long until(bool silent)
{
	return jiffies + msecs_to_jiffies(silent ? NVSP_SILENT_MS :
						   NVSP_REPLY_MS);
}

/**
 * chan_patience() - until when to wait for the host
 * @card: the card
 *
 * Much of the waiting is done under RTNL, and an undoing asks several things:
 * a host that has left one of them without an answer gets little time for the
 * others, until it is heard again.
 *
 * Context: any.
 * Return: jiffies.
 */
unsigned long chan_patience(const struct nv_card *card)
{
	return until(READ_ONCE(card->silent));
}

/* The host did not answer, or did not take what we sent, in that time. */
static void note_silence(struct nv_card *card, bool *silent)
{
	if (nv_rescinded(card))
		return;
	atomic64_inc(&card->silences);
	WRITE_ONCE(*silent, true);
}

/**
 * chan_wait() - wait for the host, but not for ever
 * @card: the card
 * @done: completed by the answer
 * @silent: of such answers none has come lately; set when none comes now
 *
 * Context: process.
 * Return: true if the answer came; false if it did not in time, or if the
 *	   channel is gone.
 */
bool chan_wait(struct nv_card *card, struct completion *done, bool *silent)
{
	bool short_of_patience = READ_ONCE(*silent) || READ_ONCE(card->silent);

	if (wait_until(card, done, until(short_of_patience)))
		return true;
	note_silence(card, silent);
	return false;
}

/* Requests */

static int send(struct nv_card *card, const struct nvsp_msg *msg, u64 id,
		u32 flags)
{
	unsigned long end = chan_patience(card);
	int ret;

	for (;;) {
		ret = vmbus_sendpacket(card->hdev->channel, (void *)msg,
				       sizeof(*msg), id, VM_PKT_DATA_INBAND,
				       flags);
		if (ret != -EAGAIN || nv_rescinded(card))
			return ret;
		if (time_after(jiffies, end)) {
			note_silence(card, &card->silent);
			return ret;
		}
		usleep_range(5000, 10000);
	}
}

/**
 * chan_tell() - send a message that has no answer
 * @card: the card
 * @msg: the message
 *
 * Context: process.
 * Return: 0 or an error if it did not get into the ring.
 */
int chan_tell(struct nv_card *card, const struct nvsp_msg *msg)
{
	return send(card, msg, 0, 0);
}

/*
 * Send a request and wait. On return card->xact.reply is what came, of
 * card->xact.bytes, 0 if it was none we can use.
 */
static enum nvsp_wait transact(struct nv_card *card, const struct nvsp_msg *msg)
{
	struct nv_xact *xact = &card->xact;
	u64 id = NV_ID_REQUEST | (++xact->serial & NV_ID_SERIAL);
	bool replied = false;

	reinit_completion(&xact->done);
	xact->bytes = 0;
	xact->accepted = false;
	xact->want = nvsp_answer_to(le32_to_cpu(msg->type));
	/* Pairs with the compare-and-exchange in chan_completion(). */
	atomic64_set_release(&xact->id, id);
	if (!send(card, msg, id, VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED))
		replied = chan_wait(card, &xact->done, &card->silent);
	else if (atomic64_cmpxchg(&xact->id, id, 0) == id)
		return NVSP_WAIT_GONE;
	if (!replied && atomic64_cmpxchg(&xact->id, id, 0) != id) {
		/* The answer is being delivered this very moment. */
		wait_for_completion(&xact->done);
		replied = true;
	}
	return nvsp_wait(replied, nv_rescinded(card));
}

/**
 * chan_completion() - the host completes a request
 * @card: the card
 * @id: transaction id, as the host gave it back
 * @data: payload, private copy
 * @bytes: its length
 *
 * Context: NAPI of the primary.
 */
void chan_completion(struct nv_card *card, u64 id, const void *data, u32 bytes)
{
	struct nv_xact *xact = &card->xact;

	if (id >= NV_ID_RNDIS) {
		rc_sent(card, id);
		return;
	}
	if (id < NV_ID_REQUEST || atomic64_cmpxchg(&xact->id, id, 0) != id) {
		nv_refuse(card, NV_REFUSED_REPLY);
		return;
	}
	WRITE_ONCE(card->silent, false);
	switch (nvsp_answer(xact->want, data, bytes, &xact->reply)) {
	case NVSP_ANSWER_GOOD:
		xact->bytes = sizeof(xact->reply);
		xact->accepted = true;
		break;
	case NVSP_ANSWER_EMPTY:
		xact->accepted = true;
		break;
	case NVSP_ANSWER_SHORT:
	case NVSP_ANSWER_WRONG:
	case NVSP_ANSWER_NR:
		/* A refusal: nobody waits for another one. */
		nv_refuse(card, NV_REFUSED_REPLY);
		break;
	}
	complete(&xact->done);
}

/**
 * chan_inband() - the host says something unasked
 * @q: the queue it came on
 * @data: payload, private copy
 * @bytes: its length
 *
 * Context: NAPI.
 */
void chan_inband(struct nv_queue *q, const void *data, u32 bytes)
{
	struct nv_card *card = q->card;
	u16 table[NVSP_SEND_TABLE_ENTRIES];
	bool allocated;
	u32 serial;
	int ret;

	if (q->index) {
		nv_refuse(card, NV_REFUSED_CHANNEL);
		return;
	}
	switch (nvsp_note(data, bytes)) {
	case NVSP_NOTE_VF:
		if (!nvsp_vf(data, bytes, &allocated, &serial))
			vf_association(card, allocated, serial);
		break;
	case NVSP_NOTE_SEND_TABLE:
		/* Entries past the queues open now become 0. */
		ret = nvsp_send_table(data, bytes, card->nvsp.version,
				      READ_ONCE(card->channels_hint), table);
		if (ret)
			nv_refuse(card, NV_REFUSED_TABLE);
		if (ret >= 0)
			tx_set_table(card, table);
		if (!ret)
			WRITE_ONCE(card->table_came, true);
		break;
	case NVSP_NOTE_DATA_PATH:
		break;
	case NVSP_NOTE_SHORT:
	case NVSP_NOTE_UNKNOWN:
	case NVSP_NOTE_NR:
		nv_refuse(card, NV_REFUSED_NVSP);
		break;
	}
}

/**
 * nv_switch_path() - have the host send frames to the VF, or to us
 * @card: the card, attached
 * @vf: to the VF
 *
 * Context: process, RTNL held.
 * Return: 0 when the host has switched; -ETIMEDOUT, -ENODEV or -EPROTO.
 */
int nv_switch_path(struct nv_card *card, bool vf)
{
	struct nvsp_msg msg;

	ASSERT_RTNL();
	if (!card->attached)
		return -ENODEV;
	nvsp_build_data_path(&msg, vf);
	switch (transact(card, &msg)) {
	case NVSP_WAIT_REPLIED:
		return card->xact.accepted ? 0 : -EPROTO;
	case NVSP_WAIT_SILENCE:
		return -ETIMEDOUT;
	case NVSP_WAIT_GONE:
		break;
	}
	return -ENODEV;
}

/* Handshake */

static int explain(struct nv_card *card)
{
	struct device *dev = &card->hdev->device;
	u32 type = le32_to_cpu(card->nvsp.msg.type);

	switch (card->nvsp.why) {
	case NVSP_WHY_VERSION:
		dev_err(dev, "no protocol version in common with the host%s\n",
			card->isolated ? ", isolated guests need 6.1" : "");
		return -EPROTONOSUPPORT;
	case NVSP_WHY_REFUSED:
		dev_err(dev, "host refused request %u\n", type);
		return -EIO;
	case NVSP_WHY_ANSWER:
		dev_err(dev, "unusable answer to request %u\n", type);
		return -EPROTO;
	case NVSP_WHY_RECV_BUF:
		dev_err(dev, "host cuts the receive buffer in an unusable way\n");
		return -EPROTO;
	case NVSP_WHY_SEND_BUF:
		dev_err(dev, "host cuts the send buffer in an unusable way\n");
		return -EPROTO;
	case NVSP_WHY_SILENCE:
		dev_err(dev, "no answer to request %u\n", type);
		return -ETIMEDOUT;
	case NVSP_WHY_GONE:
		dev_info(dev, "channel gone during initialisation\n");
		return -ENODEV;
	case NVSP_WHY_NONE:
	case NVSP_WHY_MISUSE:
		break;
	}
	return -EPROTO;
}

static enum nvsp_event ask_host(struct nv_card *card)
{
	switch (transact(card, &card->nvsp.msg)) {
	case NVSP_WAIT_REPLIED:
		return NVSP_EV_REPLY;
	case NVSP_WAIT_GONE:
		return NVSP_EV_GONE;
	case NVSP_WAIT_SILENCE:
		break;
	}
	return NVSP_EV_SILENCE;
}

/* Run the machine from @event until it wants nothing more of us. */
static int handshake(struct nv_card *card, enum nvsp_event event)
{
	int ret;

	for (;;) {
		switch (nvsp_fsm_step(&card->nvsp, event, &card->xact.reply,
				      card->xact.bytes)) {
		case NVSP_DO_ASK:
			event = ask_host(card);
			break;
		case NVSP_DO_TELL:
			event = chan_tell(card, &card->nvsp.msg) ?
				NVSP_EV_GONE : NVSP_EV_SENT;
			break;
		case NVSP_DO_BUFFERS:
			ret = buf_lend(card);
			if (ret)
				return ret;
			event = NVSP_EV_BUFFERS;
			break;
		case NVSP_DO_START:
			return 0;
		case NVSP_DO_NOTHING:
		case NVSP_DO_FAIL:
			return explain(card);
		}
	}
}

/* Opening */

static int napi_on(struct nv_queue *q)
{
	int ret;

	rx_pace_init(q);
	netif_napi_add(q->ndev, &q->napi, rx_poll);
	ret = xdp_queue_add(q);
	if (ret) {
		netif_napi_del(&q->napi);
		return ret;
	}
	napi_enable(&q->napi);
	q->napi_on = true;
	return 0;
}

static int open_channel(struct nv_queue *q, struct vmbus_channel *vmc)
{
	int ret;

	/* Ids are ours (sections.c); a driver before us may have had slots. */
	vmc->next_request_id_callback = NULL;
	vmc->request_addr_callback = NULL;
	vmc->rqstor_size = 0;
	vmc->max_pkt_size = NVSP_MAX_PKT_BYTES;
	set_channel_read_mode(vmc, HV_CALL_ISR);
	WRITE_ONCE(q->vmc, vmc);
	ret = vmbus_open(vmc, nv_ring_bytes, nv_ring_bytes, NULL, 0, rx_event,
			 q);
	if (ret) {
		WRITE_ONCE(q->vmc, NULL);
		return ret;
	}
	atomic64_inc(&nv_leaks.chans_made);
	q->opened = true;
	return 0;
}

/**
 * chans_open() - open the primary and agree with the host
 * @card: the card, without channels
 * @mtu: frames without their Ethernet header
 *
 * Context: process, RTNL held once the device is registered.
 * Return: 0, or an error; chans_close() is due in any case.
 */
int chans_open(struct nv_card *card, u32 mtu)
{
	struct nv_queue *q = &card->queues[0];
	int ret;

	card->channels_hint = 1;
	card->table_came = false;
	card->silent = false;
	ret = napi_on(q);
	if (ret)
		return ret;
	ret = open_channel(q, card->hdev->channel);
	if (ret) {
		dev_err(&card->hdev->device, "channel not opened (%d)\n", ret);
		return ret;
	}
	nvsp_fsm_init(&card->nvsp, NVSP_VERSION_6_1, mtu, card->isolated);
	return handshake(card, NVSP_EV_OPEN);
}

/* The host offers a sub-channel; any process, no lock held. */
static void sub_offered(struct vmbus_channel *vmc)
{
	struct hv_device *hdev = vmc->primary_channel->device_obj;
	struct nv_card *card = hv_get_drvdata(hdev);
	u32 index = vmc->offermsg.offer.sub_channel_index;
	int ret;

	mutex_lock(&card->subs_lock);
	if (!index || index > card->subs_wanted ||
	    card->queues[index].vmc) {
		mutex_unlock(&card->subs_lock);
		nv_refuse(card, NV_REFUSED_OFFER);
		return;
	}
	ret = open_channel(&card->queues[index], vmc);
	if (ret)
		dev_warn(&hdev->device, "sub-channel %u not opened (%d)\n",
			 index, ret);
	card->subs_seen++;
	complete(&card->subs_event);
	mutex_unlock(&card->subs_lock);
}

static void await_subs(struct nv_card *card, u32 subs)
{
	unsigned long end;
	u32 seen;

	do {
		mutex_lock(&card->subs_lock);
		seen = card->subs_seen;
		mutex_unlock(&card->subs_lock);
		/* The bus offers them: if none comes, the host still answers. */
		end = chan_patience(card);
	} while (seen < subs && wait_until(card, &card->subs_event, end));

	/* What comes later is refused. */
	mutex_lock(&card->subs_lock);
	card->subs_wanted = 0;
	mutex_unlock(&card->subs_lock);
}

/**
 * chan_open_subs() - open more channels
 * @card: the card, its primary working
 * @subs: how many to ask for
 *
 * Fewer than asked for is no error: card->nr_queues says what there is.
 *
 * Context: process, RTNL held once the device is registered.
 * Return: 0, or an error when the host does not talk to us any more.
 */
int chan_open_subs(struct nv_card *card, u32 subs)
{
	struct vmbus_channel *vmc = card->hdev->channel;
	u32 i;
	int ret;

	card->nr_queues = 1;
	if (!subs)
		return 0;
	for (i = 1; i <= subs; i++) {
		ret = napi_on(&card->queues[i]);
		if (ret)
			return ret;
	}
	mutex_lock(&card->subs_lock);
	card->subs_wanted = subs;
	card->subs_seen = 0;
	reinit_completion(&card->subs_event);
	mutex_unlock(&card->subs_lock);
	WRITE_ONCE(card->channels_hint, subs + 1);
	vmbus_set_sc_create_callback(vmc, sub_offered);

	card->nvsp.want_subs = subs;
	ret = handshake(card, NVSP_EV_SUB_CHANNELS);
	if (ret)
		return ret;
	await_subs(card, card->nvsp.subs);
	while (card->nr_queues <= subs && card->queues[card->nr_queues].opened)
		card->nr_queues++;
	if (card->nr_queues <= card->nvsp.subs)
		dev_warn(&card->hdev->device, "%u of %u sub-channels came\n",
			 card->nr_queues - 1, card->nvsp.subs);
	WRITE_ONCE(card->channels_hint, card->nr_queues);
	return 0;
}

/* Closing */

/**
 * chans_close() - close all channels
 * @card: the card
 *
 * On return the host has no access to the rings, NAPI is off, and nothing of
 * this card's runs in softirq.
 *
 * Context: process, RTNL held once the device is registered.
 */
void chans_close(struct nv_card *card)
{
	struct vmbus_channel *vmc = card->hdev->channel;
	u32 i;

	vmbus_set_sc_create_callback(vmc, NULL);
	/* One may be opening right now. */
	mutex_lock(&card->subs_lock);
	card->subs_wanted = 0;
	mutex_unlock(&card->subs_lock);

	for (i = 0; i < card->max_queues; i++) {
		if (!card->queues[i].napi_on)
			continue;
		napi_disable(&card->queues[i].napi);
		timer_delete_sync(&card->queues[i].timer);
		timer_delete_sync(&card->queues[i].done_timer);
		hrtimer_cancel(&card->queues[i].pace_timer);
	}
	if (card->queues[0].opened)
		vmbus_close(vmc);	/* sub-channels first, then this one */
	for (i = 0; i < card->max_queues; i++) {
		struct nv_queue *q = &card->queues[i];

		if (q->napi_on) {
			xdp_queue_del(q);
			netif_napi_del(&q->napi);
		}
		q->napi_on = false;
		if (q->opened)
			atomic64_inc(&nv_leaks.chans_gone);
		q->opened = false;
		WRITE_ONCE(q->vmc, NULL);
	}
	nvsp_fsm_step(&card->nvsp, NVSP_EV_CLOSE, NULL, 0);
}
