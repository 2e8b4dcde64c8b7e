// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packet framing: the gate for descriptors the host wrote, and the builder
 * of ours.
 *
 * Pure. Works on a private copy of the descriptor; behind the gate lengths
 * are trusted.
 */
#include <linux/errno.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>
#include "pkt.h"
#include "pkt_wire.h"

static bool type_known(u16 type)
{
	return type == PKT_INBAND || type == PKT_XFER_PAGES ||
	       type == PKT_COMPLETION;
}

static bool xfer_fits(const struct pkt_info *info)
{
	return info->type != PKT_XFER_PAGES ||
	       info->offset >= sizeof(struct pkt_xfer_hdr);
}

/**
 * pkt_check() - the gate for packets from the host
 * @desc:	private copy of the descriptor
 * @avail:	bytes in the ring from the descriptor on
 * @room:	size of the private buffer a packet must fit into
 * @info:	framing; valid on PKT_OK, and @step also on PKT_SKIP
 *
 * Context: Any.
 * Return: verdict. A packet that is too long for the driver, or of a type a
 * host never sends to guests, is stepped over, never cut short.
 */
enum pkt_verdict pkt_check(const struct pkt_desc *desc, u32 avail,
			   u32 room, struct pkt_info *info)
{
	u32 bytes = (u32)le16_to_cpu(desc->len8) * 8;
	u32 offset = (u32)le16_to_cpu(desc->offset8) * 8;

	if (avail < sizeof(*desc))
		return PKT_NONE;
	if (bytes < sizeof(*desc) || bytes > avail ||
	    avail - bytes < PKT_TRAILER_BYTES)
		return PKT_BROKEN;
	info->step = bytes + PKT_TRAILER_BYTES;
	info->bytes = bytes;
	info->offset = offset;
	info->type = le16_to_cpu(desc->type);
	info->flags = le16_to_cpu(desc->flags);
	info->trans_id = le64_to_cpu(desc->trans_id);
	if (offset < sizeof(*desc) || offset > bytes)
		return PKT_SKIP;
	if (bytes > room || !type_known(info->type) || !xfer_fits(info))
		return PKT_SKIP;
	return PKT_OK;
}

/**
 * pkt_build() - descriptor of a packet of ours
 * @desc:	filled in
 * @type:	packet type
 * @header_bytes: descriptor and extended header, a multiple of 8
 * @payload_bytes: payload before padding
 * @flags:	packet flags
 * @trans_id:	transaction id
 *
 * Context: Any.
 * Return: 0, -EINVAL for an impossible header, -EMSGSIZE if the packet is
 * longer than its length field can tell.
 */
int pkt_build(struct pkt_desc *desc, u16 type, u32 header_bytes,
	      u64 payload_bytes, u16 flags, u64 trans_id)
{
	u64 len8 = (header_bytes + payload_bytes + 7) / 8;

	if (header_bytes < sizeof(*desc) || header_bytes & 7)
		return -EINVAL;
	if (payload_bytes > 0xffffffffu || len8 > 0xffff)
		return -EMSGSIZE;
	desc->type = cpu_to_le16(type);
	desc->offset8 = cpu_to_le16(header_bytes / 8);
	desc->len8 = cpu_to_le16(len8);
	desc->flags = cpu_to_le16(flags);
	desc->trans_id = cpu_to_le64(trans_id);
	return 0;
}

/**
 * pkt_xfer_count() - number of ranges of a transfer-page packet
 * @pkt:	private copy of the packet
 * @info:	its framing, type PKT_XFER_PAGES
 * @count:	ranges listed in front of the payload
 *
 * Context: Any.
 * Return: 0, or -EPROTO if the ranges do not fit in front of the payload.
 */
int pkt_xfer_count(const void *pkt, const struct pkt_info *info, u32 *count)
{
	struct pkt_xfer_hdr hdr;
	u32 room;

	*count = 0;
	if (info->offset < sizeof(hdr))
		return -EPROTO;
	memcpy(&hdr, pkt, sizeof(hdr));
	room = (info->offset - sizeof(hdr)) / sizeof(struct pkt_xfer_range);
	if (le32_to_cpu(hdr.ranges) > room)
		return -EPROTO;
	*count = le32_to_cpu(hdr.ranges);
	return 0;
}

/**
 * pkt_xfer_range() - one range of a transfer-page packet
 * @pkt:	private copy of the packet, checked by pkt_xfer_count()
 * @index:	which range, below the count
 * @limit:	length of the GPADL the ranges lie in
 * @offset:	where the range starts in the GPADL
 * @bytes:	its length
 *
 * Context: Any.
 * Return: 0, or -ERANGE if the range leaves the GPADL.
 */
int pkt_xfer_range(const void *pkt, u32 index, u32 limit,
		   u32 *offset, u32 *bytes)
{
	struct pkt_xfer_range range;

	memcpy(&range, (const u8 *)pkt + sizeof(struct pkt_xfer_hdr) +
	       (size_t)index * sizeof(range), sizeof(range));
	*offset = le32_to_cpu(range.byte_offset);
	*bytes = le32_to_cpu(range.byte_count);
	if (*offset > limit || limit - *offset < *bytes)
		return -ERANGE;
	return 0;
}
