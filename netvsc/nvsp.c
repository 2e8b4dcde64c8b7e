// SPDX-License-Identifier: GPL-2.0-only
/*
 * Core: NVSP messages as bytes. Builds what we send, decides what an arriving
 * message is before anybody looks into it.
 *
 * Called by chan.c, buf.c and nvsp_fsm.c in any context. No kernel calls, no
 * state: also built in user space for the tests.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include <asm/byteorder.h>

#include "nvsp.h"

#define ETHERNET_HEADER_BYTES	14

/* Up to the last field of a message that matters to us. */
#define TYPE_BYTES		4u
#define SEND_TABLE_HEAD_BYTES	12u
#define SEND_TABLE_BYTES	(4u * NVSP_SEND_TABLE_ENTRIES)

static void begin(struct nvsp_msg *msg, u32 type)
{
	memset(msg, 0, sizeof(*msg));
	msg->type = cpu_to_le32(type);
}

/**
 * nvsp_build_init() - propose a version
 * @msg: to fill
 * @version: the one and only
 *
 * Context: any.
 */
void nvsp_build_init(struct nvsp_msg *msg, u32 version)
{
	begin(msg, NVSP_MSG_INIT);
	msg->init.min_version = cpu_to_le32(version);
	msg->init.max_version = cpu_to_le32(version);
}

/**
 * nvsp_build_ndis_config() - MTU and what we are able to do
 * @msg: to fill
 * @version: agreed; NVSP_VERSION_2 or later
 * @mtu: without Ethernet header
 * @sriov: the host may offer a VF
 *
 * Context: any.
 */
void nvsp_build_ndis_config(struct nvsp_msg *msg, u32 version, u32 mtu,
			    bool sriov)
{
	u32 caps = NVSP_CAP_8021Q;

	begin(msg, NVSP_MSG_NDIS_CONFIG);
	if (nvsp_version_at_least(version, NVSP_VERSION_5)) {
		caps |= NVSP_CAP_TEAMING;
		if (sriov)
			caps |= NVSP_CAP_SRIOV;
	}
	if (nvsp_version_at_least(version, NVSP_VERSION_6_1))
		caps |= NVSP_CAP_RSC;
	msg->ndis_config.mtu = cpu_to_le32(mtu + ETHERNET_HEADER_BYTES);
	msg->ndis_config.capabilities = cpu_to_le32(caps);
}

/**
 * nvsp_build_ndis_version() - which NDIS objects we speak
 * @msg: to fill
 * @version: agreed
 *
 * Context: any.
 */
void nvsp_build_ndis_version(struct nvsp_msg *msg, u32 version)
{
	bool newer = nvsp_version_at_least(version, NVSP_VERSION_5);

	begin(msg, NVSP_MSG_NDIS_VERSION);
	msg->ndis_version.major = cpu_to_le32(6);
	msg->ndis_version.minor = cpu_to_le32(newer ? 30 : 1);
}

/**
 * nvsp_build_recv_buf() - lend the host the receive buffer
 * @msg: to fill
 * @gpadl: of the buffer
 *
 * Context: any.
 */
void nvsp_build_recv_buf(struct nvsp_msg *msg, u32 gpadl)
{
	begin(msg, NVSP_MSG_RECV_BUF);
	msg->buf.gpadl = cpu_to_le32(gpadl);
	msg->buf.id = cpu_to_le16(NVSP_RECV_BUF_ID);
}

/**
 * nvsp_build_send_buf() - lend the host the send buffer
 * @msg: to fill
 * @gpadl: of the buffer
 *
 * Context: any.
 */
void nvsp_build_send_buf(struct nvsp_msg *msg, u32 gpadl)
{
	begin(msg, NVSP_MSG_SEND_BUF);
	msg->buf.gpadl = cpu_to_le32(gpadl);
	msg->buf.id = cpu_to_le16(NVSP_SEND_BUF_ID);
}

/**
 * nvsp_build_revoke() - take a buffer back
 * @msg: to fill
 * @type: NVSP_MSG_REVOKE_RECV_BUF or NVSP_MSG_REVOKE_SEND_BUF
 *
 * Context: any.
 */
void nvsp_build_revoke(struct nvsp_msg *msg, u32 type)
{
	begin(msg, type);
	msg->revoke.id = cpu_to_le16(type == NVSP_MSG_REVOKE_RECV_BUF ?
				     NVSP_RECV_BUF_ID : NVSP_SEND_BUF_ID);
}

/**
 * nvsp_build_sub_channels() - ask for channels besides the primary
 * @msg: to fill
 * @count: how many
 *
 * Context: any.
 */
void nvsp_build_sub_channels(struct nvsp_msg *msg, u32 count)
{
	begin(msg, NVSP_MSG_SUB_CHANNELS);
	msg->sub_channels.op_or_status =
		cpu_to_le32(NVSP_SUB_CHANNELS_ALLOCATE);
	msg->sub_channels.count = cpu_to_le32(count);
}

/**
 * nvsp_build_data_path() - switch the data path
 * @msg: to fill
 * @vf: to the VF, else to this channel
 *
 * Context: any.
 */
void nvsp_build_data_path(struct nvsp_msg *msg, bool vf)
{
	begin(msg, NVSP_MSG_DATA_PATH);
	msg->data_path = cpu_to_le32(vf ? NVSP_PATH_VF : NVSP_PATH_SYNTHETIC);
}

/**
 * nvsp_note() - what did the host send in-band?
 * @data: payload, in memory the host cannot write to
 * @bytes: its length
 *
 * Context: any.
 * Return: kind of message; long enough for its reader below unless
 *	   NVSP_NOTE_SHORT.
 */
enum nvsp_note nvsp_note(const void *data, u32 bytes)
{
	const struct nvsp_msg *msg = data;

	if (bytes < TYPE_BYTES)
		return NVSP_NOTE_SHORT;
	switch (le32_to_cpu(msg->type)) {
	case NVSP_MSG_VF_ASSOCIATION:
		if (bytes < TYPE_BYTES + sizeof(msg->vf))
			return NVSP_NOTE_SHORT;
		return NVSP_NOTE_VF;
	case NVSP_MSG_SEND_TABLE:
		if (bytes < SEND_TABLE_HEAD_BYTES)
			return NVSP_NOTE_SHORT;
		return NVSP_NOTE_SEND_TABLE;
	case NVSP_MSG_DATA_PATH:
		return NVSP_NOTE_DATA_PATH;
	default:
		return NVSP_NOTE_UNKNOWN;
	}
}

/**
 * nvsp_answer_to() - type of the answer to a request
 * @type: NVSP_MSG_* that asks for a completion
 *
 * Context: any.
 * Return: NVSP_MSG_* of the answer, 0 for an empty one.
 */
u32 nvsp_answer_to(u32 type)
{
	switch (type) {
	case NVSP_MSG_INIT:
	case NVSP_MSG_RECV_BUF:
	case NVSP_MSG_SEND_BUF:
	case NVSP_MSG_RNDIS:
		return type + 1;
	case NVSP_MSG_SUB_CHANNELS:
		return NVSP_MSG_SUB_CHANNELS;
	default:
		return 0;
	}
}

/* Up to the last field of the answer that is read. */
static u32 answer_bytes(u32 want)
{
	const struct nvsp_msg *msg;

	switch (want) {
	case NVSP_MSG_INIT_COMPLETE:
		return TYPE_BYTES + sizeof(msg->init_complete);
	case NVSP_MSG_RECV_BUF_COMPLETE:
		return TYPE_BYTES + sizeof(msg->recv_buf_complete);
	case NVSP_MSG_SEND_BUF_COMPLETE:
		return TYPE_BYTES + sizeof(msg->send_buf_complete);
	case NVSP_MSG_SUB_CHANNELS:
		return TYPE_BYTES + sizeof(msg->sub_channels);
	case NVSP_MSG_RNDIS_COMPLETE:
		return TYPE_BYTES + sizeof(msg->status);
	default:
		return TYPE_BYTES;
	}
}

/**
 * nvsp_answer() - is it the answer we wait for?
 * @want: nvsp_answer_to() the request
 * @data: payload of the completion, in memory the host cannot write to; not
 *	  looked at if @bytes is 0
 * @bytes: its length
 * @to: set to the answer for NVSP_ANSWER_GOOD, zeros behind it
 *
 * Context: any.
 * Return: verdict.
 */
enum nvsp_answer nvsp_answer(u32 want, const void *data, u32 bytes,
			     struct nvsp_msg *to)
{
	const struct nvsp_msg *msg = data;

	if (!want)
		return bytes ? NVSP_ANSWER_WRONG : NVSP_ANSWER_EMPTY;
	if (bytes < TYPE_BYTES)
		return NVSP_ANSWER_SHORT;
	if (le32_to_cpu(msg->type) != want)
		return NVSP_ANSWER_WRONG;
	if (bytes < answer_bytes(want))
		return NVSP_ANSWER_SHORT;
	if (bytes > sizeof(*to))
		bytes = sizeof(*to);
	memset(to, 0, sizeof(*to));
	memcpy(to, data, bytes);
	return NVSP_ANSWER_GOOD;
}

static u32 table_word(const void *data, u32 at)
{
	__le32 word;

	memcpy(&word, (const u8 *)data + at, sizeof(word));
	return le32_to_cpu(word);
}

/**
 * nvsp_send_table() - which channel to send on, by hash
 * @data: payload, in memory the host cannot write to
 * @bytes: its length
 * @version: agreed
 * @channels: open ones, at least 1
 * @table: result, changed on success only; each entry is below @channels
 *
 * Hosts before 6.1 give an offset that is wrong when the table is where it
 * always was; newer ones may put it right behind the header.
 *
 * Context: any.
 * Return: number of entries replaced by 0 because there is no such channel;
 *	   -EPROTO if there is no table in it.
 */
int nvsp_send_table(const void *data, u32 bytes, u32 version, u32 channels,
		    u16 table[NVSP_SEND_TABLE_ENTRIES])
{
	u32 at, i, entry;
	int bad = 0;

	if (bytes < SEND_TABLE_HEAD_BYTES ||
	    table_word(data, 4) != NVSP_SEND_TABLE_ENTRIES)
		return -EPROTO;
	at = table_word(data, 8);
	if (version <= NVSP_VERSION_6 &&
	    bytes >= NVSP_SEND_TABLE_AT + SEND_TABLE_BYTES)
		at = NVSP_SEND_TABLE_AT;
	if (bytes < SEND_TABLE_BYTES || at > bytes - SEND_TABLE_BYTES ||
	    at < SEND_TABLE_HEAD_BYTES)
		return -EPROTO;
	for (i = 0; i < NVSP_SEND_TABLE_ENTRIES; i++) {
		entry = table_word(data, at + 4 * i);
		if (entry >= channels) {
			entry = 0;
			bad++;
		}
		table[i] = entry;
	}
	return bad;
}

/**
 * nvsp_vf() - a VF comes or goes
 * @data: payload, in memory the host cannot write to
 * @bytes: its length
 * @allocated: true if it came
 * @serial: number the VF has on the PCI bus
 *
 * Context: any.
 * Return: 0, -EPROTO if the message is too short.
 */
int nvsp_vf(const void *data, u32 bytes, bool *allocated, u32 *serial)
{
	const struct nvsp_msg *msg = data;

	if (bytes < TYPE_BYTES + sizeof(msg->vf))
		return -EPROTO;
	*allocated = msg->vf.allocated != 0;
	*serial = le32_to_cpu(msg->vf.serial);
	return 0;
}

/**
 * nvsp_wait() - how did a wait end?
 * @replied: the answer has come
 * @rescinded: the channel is gone
 *
 * An answer that came counts, even if the channel went afterwards. Neither
 * means that time is up: every wait has an end, after NVSP_REPLY_MS.
 *
 * Context: any.
 * Return: what to tell nvsp_fsm_step().
 */
enum nvsp_wait nvsp_wait(bool replied, bool rescinded)
{
	if (replied)
		return NVSP_WAIT_REPLIED;
	return rescinded ? NVSP_WAIT_GONE : NVSP_WAIT_SILENCE;
}
