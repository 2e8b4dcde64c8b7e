// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cut the page list of a GPADL into one header and as many body messages as
 * it needs.
 *
 * Pure. Page numbers come from a callback, so that lists of any origin need
 * no intermediate array; messages are built one at a time into the same
 * buffer and posted in order.
 */
#include <linux/errno.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>
#include "gpadl_msgs.h"
#include "msg_wire.h"

/**
 * gpadl_split_begin() - check the geometry of a page list
 * @s:		progress to initialise
 * @relid:	channel the list is for
 * @id:		id of the list, not 0
 * @byte_offset: start of the buffer in its first page
 * @byte_count:	length of the buffer
 *
 * Context: Any.
 * Return: 0, -EINVAL for an impossible geometry, -E2BIG if the length field
 * of the message cannot hold that many pages.
 */
int gpadl_split_begin(struct gpadl_split *s, u32 relid, u32 id,
		      u32 byte_offset, u32 byte_count)
{
	u64 end = (u64)byte_offset + byte_count;
	u64 hvpages = (end + VMBUS_HVPAGE_BYTES - 1) / VMBUS_HVPAGE_BYTES;

	if (!byte_count || !id || byte_offset >= VMBUS_HVPAGE_BYTES)
		return -EINVAL;
	if (hvpages > VMBUS_GPADL_MAX_HVPAGES)
		return -E2BIG;

	s->relid = relid;
	s->id = id;
	s->byte_count = byte_count;
	s->byte_offset = byte_offset;
	s->hvpages = hvpages;
	s->sent = 0;
	s->bodies = 0;
	return 0;
}

/**
 * gpadl_split_messages() - how many messages the list takes
 * @s:		list
 *
 * Context: Any.
 * Return: header and bodies together.
 */
u32 gpadl_split_messages(const struct gpadl_split *s)
{
	if (s->hvpages <= VMBUS_GPADL_HEADER_PFNS)
		return 1;
	return 1 + (s->hvpages - VMBUS_GPADL_HEADER_PFNS +
		    VMBUS_GPADL_BODY_PFNS - 1) / VMBUS_GPADL_BODY_PFNS;
}

static u32 put_pfns(struct gpadl_split *s, __le64 *to, u32 room,
		    u64 (*pfn)(void *ctx, u32 hvpage), void *ctx)
{
	u32 n = s->hvpages - s->sent;
	u32 i;

	if (n > room)
		n = room;
	for (i = 0; i < n; i++)
		to[i] = cpu_to_le64(pfn(ctx, s->sent + i));
	s->sent += n;
	return n;
}

static size_t build_header(struct gpadl_split *s, u8 *msg,
			   u64 (*pfn)(void *ctx, u32 hvpage), void *ctx)
{
	struct vmbus_msg_gpadl_header h = {
		.hdr.type = cpu_to_le32(VMBUS_MSG_GPADL_HEADER),
		.relid = cpu_to_le32(s->relid),
		.gpadl_id = cpu_to_le32(s->id),
		.range_bytes = cpu_to_le16(8 + 8 * s->hvpages),
		.ranges = cpu_to_le16(1),
		.byte_count = cpu_to_le32(s->byte_count),
		.byte_offset = cpu_to_le32(s->byte_offset),
	};
	/* Copied below: in the message it starts off its natural boundary. */
	__le64 list[VMBUS_GPADL_HEADER_PFNS];
	u32 n = put_pfns(s, list, VMBUS_GPADL_HEADER_PFNS, pfn, ctx);

	memcpy(msg, &h, sizeof(h));
	memcpy(msg + sizeof(h), list, n * sizeof(list[0]));
	return sizeof(h) + n * sizeof(list[0]);
}

static size_t build_body(struct gpadl_split *s, u8 *msg,
			 u64 (*pfn)(void *ctx, u32 hvpage), void *ctx)
{
	struct vmbus_msg_gpadl_body b = {
		.hdr.type = cpu_to_le32(VMBUS_MSG_GPADL_BODY),
		.number = cpu_to_le32(s->bodies++),
		.gpadl_id = cpu_to_le32(s->id),
	};
	__le64 list[VMBUS_GPADL_BODY_PFNS];
	u32 n = put_pfns(s, list, VMBUS_GPADL_BODY_PFNS, pfn, ctx);

	memcpy(msg, &b, sizeof(b));
	memcpy(msg + sizeof(b), list, n * sizeof(list[0]));
	return sizeof(b) + n * sizeof(list[0]);
}

/**
 * gpadl_split_next() - build the next message of the list
 * @s:		list
 * @msg:	room for VMBUS_MSG_MAX_BYTES
 * @pfn:	tells the 4 KiB page number of page @hvpage of the buffer
 * @ctx:	its first argument
 *
 * Context: Any.
 * Return: bytes to post, 0 when all pages have been sent.
 */
size_t gpadl_split_next(struct gpadl_split *s, void *msg,
			u64 (*pfn)(void *ctx, u32 hvpage), void *ctx)
{
	if (s->sent == s->hvpages)
		return 0;
	if (!s->sent)
		return build_header(s, msg, pfn, ctx);
	return build_body(s, msg, pfn, ctx);
}
