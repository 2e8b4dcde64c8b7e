// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packet framing: the lists of ranges in front of a payload. What runs for
 * every packet is in pkt.h.
 *
 * Pure. Works on a private copy of the packet.
 */
#include <linux/errno.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>
#include "pkt.h"
#include "pkt_wire.h"

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
