// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of control messages, the one gate each message from the host
 * passes, and the builders of the messages we send.
 *
 * Pure. The gate runs in the SynIC interrupt on a private copy; nothing
 * behind it looks at the length again.
 */
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>
#include "msg.h"
#include "msg_wire.h"

enum msg_dir { DIR_NONE, DIR_TO_HOST, DIR_TO_GUEST };

struct msg_info {
	const char *name;
	u32 since;
	u8 dir;
	u8 min_bytes;
};

#define TO_HOST(nr, bytes, first, text) \
	[nr] = { .name = text, .since = first, .dir = DIR_TO_HOST, \
		 .min_bytes = bytes }
#define TO_GUEST(nr, bytes, first, text) \
	[nr] = { .name = text, .since = first, .dir = DIR_TO_GUEST, \
		 .min_bytes = bytes }

static const struct msg_info table[VMBUS_MSG_COUNT] = {
	[VMBUS_MSG_INVALID] = { .name = "invalid" },
	TO_GUEST(VMBUS_MSG_OFFER, 196, 0, "offer"),
	TO_GUEST(VMBUS_MSG_RESCIND, 12, 0, "rescind"),
	TO_HOST(VMBUS_MSG_REQUEST_OFFERS, 8, 0, "request offers"),
	TO_GUEST(VMBUS_MSG_ALL_OFFERS, 8, 0, "all offers delivered"),
	TO_HOST(VMBUS_MSG_OPEN, 148, 0, "open"),
	TO_GUEST(VMBUS_MSG_OPEN_RESULT, 20, 0, "open result"),
	TO_HOST(VMBUS_MSG_CLOSE, 12, 0, "close"),
	TO_HOST(VMBUS_MSG_GPADL_HEADER, 28, 0, "gpadl header"),
	TO_HOST(VMBUS_MSG_GPADL_BODY, 16, 0, "gpadl body"),
	TO_GUEST(VMBUS_MSG_GPADL_CREATED, 20, 0, "gpadl created"),
	TO_HOST(VMBUS_MSG_GPADL_TEARDOWN, 16, 0, "gpadl teardown"),
	TO_GUEST(VMBUS_MSG_GPADL_TORNDOWN, 12, 0, "gpadl torndown"),
	TO_HOST(VMBUS_MSG_RELID_RELEASED, 12, 0, "relid released"),
	TO_HOST(VMBUS_MSG_CONTACT, 40, 0, "initiate contact"),
	TO_GUEST(VMBUS_MSG_VERSION, 16, 0, "version response"),
	TO_HOST(VMBUS_MSG_UNLOAD, 8, 0, "unload"),
	TO_GUEST(VMBUS_MSG_UNLOADED, 8, 0, "unload response"),
	TO_HOST(VMBUS_MSG_OPEN_RESERVED, 28, VMBUS_V4_0, "open reserved"),
	TO_HOST(VMBUS_MSG_CLOSE_RESERVED, 20, VMBUS_V4_0, "close reserved"),
	TO_GUEST(VMBUS_MSG_CLOSED_RESERVED, 12, VMBUS_V4_0,
		 "close reserved response"),
	TO_HOST(VMBUS_MSG_TL_CONNECT, 40, VMBUS_V4_0, "tl connect"),
	TO_HOST(VMBUS_MSG_MODIFY, 16, VMBUS_V4_1, "modify channel"),
	TO_GUEST(VMBUS_MSG_TL_RESULT, 44, VMBUS_V4_1, "tl connect result"),
	TO_GUEST(VMBUS_MSG_MODIFIED, 16, VMBUS_V5_3, "modify response"),
	TO_HOST(VMBUS_MSG_MODIFY_CONN, 24, VMBUS_V6_0, "modify connection"),
	TO_GUEST(VMBUS_MSG_CONN_MODIFIED, 9, VMBUS_V6_0,
		 "modify connection response"),
};

/* The table and the structures behind it must not drift apart. */
static_assert(sizeof(struct vmbus_msg_offer) == 196);
static_assert(sizeof(struct vmbus_msg_relid) == 12);
static_assert(sizeof(struct vmbus_msg_open_result) == 20);
static_assert(sizeof(struct vmbus_msg_gpadl_created) == 20);
static_assert(sizeof(struct vmbus_msg_gpadl_torndown) == 12);
static_assert(sizeof(struct vmbus_msg_version) == 16);
static_assert(sizeof(struct vmbus_msg_tl_result) == 44);
static_assert(sizeof(struct vmbus_msg_modified) == 16);

/**
 * msg_check() - the gate for messages from the host
 * @buf:	private copy of the message
 * @bytes:	its length
 * @version:	protocol version agreed upon, 0 while still negotiating
 * @type:	where the type is stored, whatever the verdict
 *
 * A longer message than needed is fine, newer hosts append fields.
 *
 * Context: Any.
 * Return: MSG_OK if @buf holds at least the structure of its type and the
 * host may send that type in this version; otherwise why not.
 */
enum msg_verdict msg_check(const void *buf, size_t bytes, u32 version,
			   u32 *type)
{
	struct vmbus_msg_hdr hdr;
	const struct msg_info *info;

	*type = VMBUS_MSG_INVALID;
	if (bytes < sizeof(hdr))
		return MSG_SHORT;
	memcpy(&hdr, buf, sizeof(hdr));
	*type = le32_to_cpu(hdr.type);
	if (bytes > VMBUS_MSG_MAX_BYTES)
		return MSG_LONG;
	if (*type == VMBUS_MSG_INVALID || *type >= VMBUS_MSG_COUNT)
		return MSG_UNKNOWN;
	info = &table[*type];
	if (info->dir != DIR_TO_GUEST)
		return MSG_WRONG_WAY;
	if (info->since > version)
		return MSG_TOO_NEW;
	if (bytes < info->min_bytes)
		return MSG_SHORT;
	return MSG_OK;
}

/**
 * msg_min_bytes() - least length of a message
 * @type:	message number
 *
 * Context: Any.
 * Return: bytes, 0 for an unknown number.
 */
size_t msg_min_bytes(u32 type)
{
	return type < VMBUS_MSG_COUNT ? table[type].min_bytes : 0;
}

/**
 * msg_name() - name of a message for log lines
 * @type:	message number
 *
 * Context: Any.
 * Return: constant text, never NULL.
 */
const char *msg_name(u32 type)
{
	return type < VMBUS_MSG_COUNT ? table[type].name : "unknown";
}

static bool all_zero(const u8 *p, size_t n)
{
	while (n--) {
		if (*p++)
			return false;
	}
	return true;
}

/**
 * msg_parse_offer() - the gate for channel offers
 * @offer:	private copy that passed msg_check()
 * @version:	protocol version agreed upon
 * @info:	filled in on OFFER_OK
 *
 * A monitor id out of range is as good as none: the channel works without.
 *
 * Context: Any.
 * Return: OFFER_OK, or why the offer must be dropped.
 */
enum offer_verdict msg_parse_offer(const struct vmbus_msg_offer *offer,
				   u32 version, struct offer_info *info)
{
	u32 relid = le32_to_cpu(offer->relid);
	u32 conn_id = le32_to_cpu(offer->conn_id);

	if (relid < VMBUS_RELID_MIN || relid > VMBUS_RELID_MAX)
		return OFFER_BAD_RELID;
	if (all_zero(offer->if_type, sizeof(offer->if_type)) ||
	    all_zero(offer->if_instance, sizeof(offer->if_instance)))
		return OFFER_BAD_TYPE;
	if (version < VMBUS_V1_1)
		conn_id = VMBUS_EVENT_CONN_ID_V0_13;
	if (!conn_id || conn_id & ~VMBUS_CONN_ID_MASK)
		return OFFER_BAD_CONN_ID;

	info->relid = relid;
	info->conn_id = conn_id;
	info->flags = le16_to_cpu(offer->flags);
	info->mmio_megabytes = le16_to_cpu(offer->mmio_megabytes);
	info->sub_index = le16_to_cpu(offer->sub_index);
	info->monitor_id = offer->monitor_id;
	info->monitored = (offer->monitor_flags & VMBUS_OFFER_MONITORED) &&
			  offer->monitor_id < VMBUS_MONITOR_IDS;
	info->dedicated = version >= VMBUS_V1_1 &&
			  (le16_to_cpu(offer->intr_flags) &
			   VMBUS_OFFER_DEDICATED);
	info->hvsock = info->flags & VMBUS_OFFER_HVSOCK;
	return OFFER_OK;
}

/**
 * msg_build_simple() - message without a body
 * @m:		message to fill
 * @type:	REQUEST_OFFERS or UNLOAD
 *
 * Context: Any.
 * Return: bytes to post.
 */
size_t msg_build_simple(struct vmbus_msg_hdr *m, u32 type)
{
	m->type = cpu_to_le32(type);
	m->reserved = 0;
	return sizeof(*m);
}

/**
 * msg_build_relid() - message that names a channel and nothing else
 * @m:		message to fill
 * @type:	CLOSE or RELID_RELEASED
 * @relid:	channel
 *
 * Context: Any.
 * Return: bytes to post.
 */
size_t msg_build_relid(struct vmbus_msg_relid *m, u32 type, u32 relid)
{
	msg_build_simple(&m->hdr, type);
	m->relid = cpu_to_le32(relid);
	return sizeof(*m);
}

/**
 * msg_build_contact() - INITIATE_CONTACT
 * @m:		message to fill
 * @version:	version to ask for
 * @target_vp:	VP index that gets the messages of the connection
 * @monitor_to_guest: address of the first monitor page
 * @monitor_to_host:  address of the second monitor page
 *
 * Context: Any.
 * Return: bytes to post.
 */
size_t msg_build_contact(struct vmbus_msg_contact *m, u32 version,
			 u32 target_vp, u64 monitor_to_guest,
			 u64 monitor_to_host)
{
	memset(m, 0, sizeof(*m));
	msg_build_simple(&m->hdr, VMBUS_MSG_CONTACT);
	m->version = cpu_to_le32(version);
	m->target_vp = cpu_to_le32(target_vp);
	if (version >= VMBUS_V5_0)
		m->sint = VMBUS_SINT;
	m->monitor_to_guest = cpu_to_le64(monitor_to_guest);
	m->monitor_to_host = cpu_to_le64(monitor_to_host);
	return sizeof(*m);
}

/**
 * msg_build_open() - OPENCHANNEL
 * @m:		message to fill
 * @relid:	channel
 * @open_id:	token the result will carry
 * @gpadl_id:	page list of both rings
 * @target_vp:	VP index that gets the channel's interrupts
 * @inbound_hvpage: first page of the inbound ring in the list
 * @user:	driver's data for the device, may be NULL
 * @user_bytes:	its length; what exceeds the field is cut off
 *
 * Context: Any.
 * Return: bytes to post.
 */
size_t msg_build_open(struct vmbus_msg_open *m, u32 relid, u32 open_id,
		      u32 gpadl_id, u32 target_vp, u32 inbound_hvpage,
		      const void *user, size_t user_bytes)
{
	memset(m, 0, sizeof(*m));
	msg_build_simple(&m->hdr, VMBUS_MSG_OPEN);
	m->relid = cpu_to_le32(relid);
	m->open_id = cpu_to_le32(open_id);
	m->gpadl_id = cpu_to_le32(gpadl_id);
	m->target_vp = cpu_to_le32(target_vp);
	m->inbound_hvpage = cpu_to_le32(inbound_hvpage);
	if (user_bytes > sizeof(m->user))
		user_bytes = sizeof(m->user);
	if (user && user_bytes)
		memcpy(m->user, user, user_bytes);
	return sizeof(*m);
}

/**
 * msg_build_gpadl_teardown() - GPADL_TEARDOWN
 * @m:		message to fill
 * @relid:	channel the page list belongs to
 * @gpadl_id:	page list to give back
 *
 * Context: Any.
 * Return: bytes to post.
 */
size_t msg_build_gpadl_teardown(struct vmbus_msg_gpadl_teardown *m, u32 relid,
				u32 gpadl_id)
{
	msg_build_simple(&m->hdr, VMBUS_MSG_GPADL_TEARDOWN);
	m->relid = cpu_to_le32(relid);
	m->gpadl_id = cpu_to_le32(gpadl_id);
	return sizeof(*m);
}

/**
 * msg_build_modify() - MODIFYCHANNEL
 * @m:		message to fill
 * @relid:	open channel
 * @target_vp:	VP index that shall get its interrupts
 *
 * Context: Any.
 * Return: bytes to post.
 */
size_t msg_build_modify(struct vmbus_msg_modify *m, u32 relid, u32 target_vp)
{
	msg_build_simple(&m->hdr, VMBUS_MSG_MODIFY);
	m->relid = cpu_to_le32(relid);
	m->target_vp = cpu_to_le32(target_vp);
	return sizeof(*m);
}

/**
 * msg_build_tl_connect() - TL_CONNECT_REQUEST
 * @m:		message to fill
 * @version:	protocol version agreed upon; the silo exists from 5.2 on
 * @endpoint:	GUID of our end
 * @service:	GUID of the host's service
 *
 * Context: Any.
 * Return: bytes to post.
 */
size_t msg_build_tl_connect(struct vmbus_msg_tl_connect *m, u32 version,
			    const u8 endpoint[16], const u8 service[16])
{
	memset(m, 0, sizeof(*m));
	msg_build_simple(&m->hdr, VMBUS_MSG_TL_CONNECT);
	memcpy(m->endpoint, endpoint, sizeof(m->endpoint));
	memcpy(m->service, service, sizeof(m->service));
	return version >= VMBUS_V5_2 ? sizeof(*m) :
				       VMBUS_TL_CONNECT_BYTES_V4_0;
}
