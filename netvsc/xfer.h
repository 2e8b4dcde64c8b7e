/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Core: packets of received frames. Each lists ranges of the receive buffer;
 * these belong to us until we complete the packet.
 *
 * All inline: runs once per packet and once per frame. Works on a private
 * copy of the packet (the bus makes one), never on the ring.
 */
#ifndef NETVSC_XFER_H
#define NETVSC_XFER_H

#include <linux/compiler.h>
#include <asm/byteorder.h>

#include "../vmbus/pkt_wire.h"
#include "nvsp_wire.h"

/* Verdict on a packet; whatever it is, the packet must be completed. */
enum xfer_verdict {
	XFER_OK,
	XFER_SHORT,		/* no room for ranges or message */
	XFER_NOT_RNDIS,		/* another message */
	XFER_PAGESET,		/* not our receive buffer */
	XFER_COUNT,		/* no ranges, or more than are there */
	XFER_NR
};

/**
 * xfer_check() - is it a packet of frames?
 * @pkt: private copy of the packet, from its descriptor on
 * @offset: where its message begins
 * @bytes: its length; at least a descriptor
 * @ranges: number of ranges, set for XFER_OK
 *
 * Context: any.
 * Return: verdict.
 */
static inline enum xfer_verdict xfer_check(const void *pkt, u32 offset,
					   u32 bytes, u32 *ranges)
{
	const struct pkt_xfer_hdr *hdr = pkt;
	const u8 *msg = (const u8 *)pkt + offset;
	u32 count;

	if (unlikely(offset < sizeof(*hdr) + sizeof(struct pkt_xfer_range) ||
		     bytes < offset + 4 + sizeof(struct nvsp_rndis)))
		return XFER_SHORT;
	if (unlikely(*(const __le32 *)msg != cpu_to_le32(NVSP_MSG_RNDIS)))
		return XFER_NOT_RNDIS;
	if (unlikely(hdr->set_id != cpu_to_le16(NVSP_RECV_BUF_ID)))
		return XFER_PAGESET;
	count = le32_to_cpu(hdr->ranges);
	if (unlikely(!count || count > NVSP_MAX_RANGES || count >
		     (offset - sizeof(*hdr)) / sizeof(struct pkt_xfer_range)))
		return XFER_COUNT;
	*ranges = count;
	return XFER_OK;
}

/**
 * xfer_good() - what to tell the host when giving its sections back
 * @verdict: result of xfer_check()
 * @refused: ranges of the packet that were refused, for any reason
 *
 * Every packet is completed; this is only about its status.
 *
 * Context: any.
 * Return: argument for nvsp_build_done().
 */
static inline bool xfer_good(enum xfer_verdict verdict, u32 refused)
{
	return verdict == XFER_OK && !refused;
}

/**
 * xfer_range() - one range of a packet
 * @pkt: private copy, checked by xfer_check()
 * @index: which, below the count
 * @buf_bytes: length of the receive buffer
 * @part_bytes: length of a sub-allocation
 * @at: where the range begins in the receive buffer
 * @bytes: its length
 *
 * Context: any.
 * Return: true if the range is inside the buffer and no longer than a
 *	   sub-allocation; @at and @bytes must not be used otherwise.
 */
static inline bool xfer_range(const void *pkt, u32 index, u32 buf_bytes,
			      u32 part_bytes, u32 *at, u32 *bytes)
{
	const struct pkt_xfer_range *range =
		(const void *)((const u8 *)pkt + sizeof(struct pkt_xfer_hdr));

	*bytes = le32_to_cpu(range[index].byte_count);
	*at = le32_to_cpu(range[index].byte_offset);
	return *at <= buf_bytes && *bytes <= buf_bytes - *at &&
	       *bytes <= part_bytes;
}

#endif /* NETVSC_XFER_H */
