// SPDX-License-Identifier: GPL-2.0-only
/*
 * Core: RNDIS control messages as bytes. Builds requests, decides what an
 * answer or an indication is before anybody looks into it.
 *
 * Called by rndis_ctl.c in any context, with a private copy of what the host
 * sent. No kernel calls, no state: also built in user space for the tests.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include <asm/byteorder.h>

#include "rndis.h"

/* Where the information of a request begins, from the end of the header. */
#define REQUEST_INFO_OFFSET	(RNDIS_REQUEST_BYTES - RNDIS_HDR_BYTES)
/* It cannot begin inside the fixed part of an answer or an indication. */
#define QUERY_MIN_OFFSET	(sizeof(struct rndis_query_done) -	\
				 RNDIS_HDR_BYTES)
#define INDICATE_MIN_OFFSET	(sizeof(struct rndis_indicate) -	\
				 RNDIS_HDR_BYTES)

/**
 * rndis_next_id() - id of the next request
 * @last: id of the last one
 *
 * Context: any; the caller serialises.
 * Return: another id, never 0.
 */
u32 rndis_next_id(u32 last)
{
	return last + 1 ? last + 1 : 1;
}

/* Room for a message, zeroed, with its header written. */
static void *begin(void *to, u32 cap, u32 type, u32 bytes)
{
	struct rndis_hdr *hdr = to;

	if (bytes > cap)
		return NULL;
	memset(to, 0, bytes);
	hdr->type = cpu_to_le32(type);
	hdr->msg_bytes = cpu_to_le32(bytes);
	return to;
}

/**
 * rndis_build_initialize() - begin to speak RNDIS
 * @to: where
 * @cap: room there
 * @id: of the request
 *
 * Context: any.
 * Return: length, 0 if there is not enough room.
 */
u32 rndis_build_initialize(void *to, u32 cap, u32 id)
{
	struct rndis_initialize *msg;

	msg = begin(to, cap, RNDIS_T_INITIALIZE, sizeof(*msg));
	if (!msg)
		return 0;
	msg->request_id = cpu_to_le32(id);
	msg->major = cpu_to_le32(1);
	msg->max_transfer_bytes = cpu_to_le32(RNDIS_MAX_TRANSFER);
	return sizeof(*msg);
}

/**
 * rndis_build_halt() - stop to speak RNDIS; there is no answer
 * @to: where
 * @cap: room there
 * @id: of the request
 *
 * Context: any.
 * Return: length, 0 if there is not enough room.
 */
u32 rndis_build_halt(void *to, u32 cap, u32 id)
{
	struct rndis_halt *msg;

	msg = begin(to, cap, RNDIS_T_HALT, sizeof(*msg));
	if (!msg)
		return 0;
	msg->request_id = cpu_to_le32(id);
	return sizeof(*msg);
}

static u32 build_request(void *to, u32 cap, u32 type, u32 id, u32 oid,
			 const void *info, u32 info_bytes)
{
	struct rndis_request *msg;

	if (info_bytes > RNDIS_CONTROL_MAX - sizeof(*msg))
		return 0;
	msg = begin(to, cap, type, sizeof(*msg) + info_bytes);
	if (!msg)
		return 0;
	msg->request_id = cpu_to_le32(id);
	msg->oid = cpu_to_le32(oid);
	msg->info_bytes = cpu_to_le32(info_bytes);
	/* Also without information: hosts refuse 0. */
	msg->info_offset = cpu_to_le32(REQUEST_INFO_OFFSET);
	if (info_bytes)
		memcpy(msg + 1, info, info_bytes);
	return sizeof(*msg) + info_bytes;
}

/**
 * rndis_build_query() - ask for an object
 * @to: where
 * @cap: room there
 * @id: of the request
 * @oid: OID_*
 * @info: input some objects want
 * @info_bytes: its length, or 0
 *
 * Context: any.
 * Return: length, 0 if there is not enough room.
 */
u32 rndis_build_query(void *to, u32 cap, u32 id, u32 oid, const void *info,
		      u32 info_bytes)
{
	return build_request(to, cap, RNDIS_T_QUERY, id, oid, info,
			     info_bytes);
}

/**
 * rndis_build_set() - change an object
 * @to: where
 * @cap: room there
 * @id: of the request
 * @oid: OID_*
 * @info: what to change it to
 * @info_bytes: its length
 *
 * Context: any.
 * Return: length, 0 if there is not enough room.
 */
u32 rndis_build_set(void *to, u32 cap, u32 id, u32 oid, const void *info,
		    u32 info_bytes)
{
	return build_request(to, cap, RNDIS_T_SET, id, oid, info, info_bytes);
}

/**
 * rndis_check() - what control message did the host send?
 * @msg: the message, in memory the host cannot write to
 * @bytes: length of the range it came in, or what was copied of it
 * @c: result, valid unless the message is refused
 *
 * Context: any.
 * Return: kind of message.
 */
enum rndis_kind rndis_check(const void *msg, u32 bytes,
			    struct rndis_control *c)
{
	const struct rndis_set_done *done = msg;
	const struct rndis_indicate *said = msg;

	if (bytes < sizeof(done->hdr))
		return RNDIS_KIND_SHORT;
	c->type = le32_to_cpu(done->hdr.type);
	c->bytes = le32_to_cpu(done->hdr.msg_bytes);
	if (c->bytes < sizeof(done->hdr) || c->bytes > bytes)
		return RNDIS_KIND_SHORT;
	c->request_id = 0;
	switch (c->type) {
	case RNDIS_T_INITIALIZE | RNDIS_T_COMPLETE:
	case RNDIS_T_QUERY | RNDIS_T_COMPLETE:
	case RNDIS_T_SET | RNDIS_T_COMPLETE:
		if (c->bytes < sizeof(*done))
			return RNDIS_KIND_SHORT;
		c->request_id = le32_to_cpu(done->request_id);
		c->status = le32_to_cpu(done->status);
		return RNDIS_KIND_REPLY;
	case RNDIS_T_INDICATE:
		if (c->bytes < sizeof(*said))
			return RNDIS_KIND_SHORT;
		c->status = le32_to_cpu(said->status);
		return RNDIS_KIND_INDICATE;
	default:
		return RNDIS_KIND_UNKNOWN;
	}
}

/**
 * rndis_answers() - is it the answer to that request?
 * @want: type of the request
 * @id: of the request
 * @c: result of rndis_check(), RNDIS_KIND_REPLY
 *
 * Context: any.
 * Return: true if so.
 */
bool rndis_answers(u32 want, u32 id, const struct rndis_control *c)
{
	return c->type == (want | RNDIS_T_COMPLETE) && c->request_id == id;
}

/**
 * rndis_limits() - what frames the host takes
 * @msg: answer to INITIALIZE, in memory the host cannot write to
 * @bytes: its length: rndis_control.bytes
 * @limits: result, changed on success only
 *
 * Context: any.
 * Return: 0; -EPROTO if the answer is too short or asks for an alignment that
 *	   makes no sense, or the errno of its status.
 */
int rndis_limits(const void *msg, u32 bytes, struct rndis_limits *limits)
{
	const struct rndis_initialize_done *done = msg;
	u32 packets, exponent;
	int err;

	if (bytes < sizeof(struct rndis_set_done))
		return -EPROTO;
	err = rndis_errno(le32_to_cpu(done->status));
	if (err)
		return err;
	if (bytes < offsetof(struct rndis_initialize_done, af_list_offset))
		return -EPROTO;
	exponent = le32_to_cpu(done->align_exponent);
	if (exponent > RNDIS_MAX_ALIGN)
		return -EPROTO;
	packets = le32_to_cpu(done->max_packets);
	if (!packets)
		packets = 1;
	if (packets > RNDIS_MAX_PACKETS)
		packets = RNDIS_MAX_PACKETS;
	limits->max_packets = packets;
	limits->max_transfer = le32_to_cpu(done->max_transfer_bytes);
	limits->align = 1u << exponent;
	return 0;
}

/**
 * rndis_info() - what the host answered to a query
 * @msg: the answer, in memory the host cannot write to
 * @bytes: its length: rndis_control.bytes
 * @cap: the most that makes sense for that object
 * @info: where the information begins, inside @msg
 * @info_bytes: its length, at most @cap
 *
 * Context: any.
 * Return: 0; -EPROTO if the information is not inside the message, -EMSGSIZE
 *	   if it is longer than @cap, or the errno of the status.
 */
int rndis_info(const void *msg, u32 bytes, u32 cap, const void **info,
	       u32 *info_bytes)
{
	const struct rndis_query_done *done = msg;
	u32 offset, length, room;
	int err;

	if (bytes < sizeof(struct rndis_set_done))
		return -EPROTO;
	err = rndis_errno(le32_to_cpu(done->status));
	if (err)
		return err;
	if (bytes < sizeof(*done))
		return -EPROTO;
	offset = le32_to_cpu(done->info_offset);
	length = le32_to_cpu(done->info_bytes);
	room = bytes - RNDIS_HDR_BYTES;
	/* Nothing may be anywhere. */
	if (!length)
		offset = QUERY_MIN_OFFSET;
	if (offset < QUERY_MIN_OFFSET || offset > room ||
	    length > room - offset)
		return -EPROTO;
	if (length > cap)
		return -EMSGSIZE;
	*info = (const u8 *)msg + RNDIS_HDR_BYTES + offset;
	*info_bytes = length;
	return 0;
}

/**
 * rndis_indicated() - what came with an indication
 * @msg: the indication, in memory the host cannot write to
 * @bytes: length of the range it came in, or what was copied of it: older
 *	   hosts do not count the information in the length of the message
 * @info: where the information begins, inside @msg
 * @info_bytes: its length; 0 is legal
 *
 * Context: any.
 * Return: 0, -EPROTO if the information is not inside the range.
 */
int rndis_indicated(const void *msg, u32 bytes, const void **info,
		    u32 *info_bytes)
{
	const struct rndis_indicate *said = msg;
	u32 offset, length, room;

	if (bytes < sizeof(*said))
		return -EPROTO;
	offset = le32_to_cpu(said->info_offset);
	length = le32_to_cpu(said->info_bytes);
	room = bytes - RNDIS_HDR_BYTES;
	if (!length)
		offset = INDICATE_MIN_OFFSET;
	if (offset < INDICATE_MIN_OFFSET || offset > room ||
	    length > room - offset)
		return -EPROTO;
	*info = (const u8 *)msg + RNDIS_HDR_BYTES + offset;
	*info_bytes = length;
	return 0;
}

/**
 * rndis_errno() - status of an answer
 * @status: RNDIS_S_*
 *
 * Context: any.
 * Return: 0 for success, else a negative errno.
 */
int rndis_errno(u32 status)
{
	switch (status) {
	case RNDIS_S_SUCCESS:
		return 0;
	case RNDIS_S_NOT_SUPPORTED:
	case RNDIS_S_NOT_RECOGNIZED:
	case RNDIS_S_INVALID_OID:
	case RNDIS_S_BAD_VERSION:
		return -EOPNOTSUPP;
	case RNDIS_S_INVALID_DATA:
	case RNDIS_S_INVALID_LENGTH:
	case RNDIS_S_BUFFER_TOO_SHORT:
	case RNDIS_S_BUFFER_OVERFLOW:
		return -EINVAL;
	case RNDIS_S_RESOURCES:
		return -ENOSPC;
	default:
		return -EIO;
	}
}
