/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packet framing: the gate for descriptors the host wrote, and the builder
 * of ours. Both run for every packet, so they are here.
 *
 * Pure. Works on a private copy of the descriptor; behind the gate lengths
 * are trusted.
 */
#ifndef HV_VMBUS_PKT_H
#define HV_VMBUS_PKT_H

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/types.h>
#include <asm/byteorder.h>
#include "pkt_wire.h"

/* Verdict on the packet at the read position of an inbound ring. */
enum pkt_verdict {
	PKT_OK,
	PKT_NONE,	/* no complete descriptor there */
	PKT_SKIP,	/* sound framing, but not for us: step over it */
	PKT_BROKEN,	/* framing lies: the ring is lost */
};

/**
 * struct pkt_info - framing of one packet, in host order, checked
 * @type:	packet type
 * @flags:	flags as sent
 * @offset:	start of the payload from the start of the packet
 * @bytes:	descriptor and payload, without trailer
 * @step:	bytes to consume, with trailer
 * @trans_id:	transaction id
 */
struct pkt_info {
	u16 type;
	u16 flags;
	u32 offset;
	u32 bytes;
	u32 step;
	u64 trans_id;
};

/**
 * pkt_bytes() - descriptor and payload, without trailer
 * @desc:	private copy of the descriptor
 *
 * Context: Any.
 * Return: bytes; trusted behind the gate only.
 */
static __always_inline u32 pkt_bytes(const struct pkt_desc *desc)
{
	return (u32)le16_to_cpu(desc->len8) * 8;
}

/*
 * Does the payload begin behind the header of this type? A host sends these
 * types to guests, and no others.
 */
static __always_inline bool pkt_head_ok(u16 type, u32 offset)
{
	if (likely(type == PKT_COMPLETION || type == PKT_INBAND))
		return offset >= sizeof(struct pkt_desc);
	return type == PKT_XFER_PAGES && offset >= sizeof(struct pkt_xfer_hdr);
}

/**
 * pkt_judge() - the gate for packets from the host
 * @desc:	private copy of the descriptor
 * @avail:	bytes in the ring from the descriptor on
 * @room:	size of the private buffer a packet must fit into
 *
 * Context: Any.
 * Return: verdict. A packet that is too long for the driver, or of a type a
 * host never sends to guests, is stepped over, never cut short.
 */
static __always_inline enum pkt_verdict
pkt_judge(const struct pkt_desc *desc, u32 avail, u32 room)
{
	u32 bytes = pkt_bytes(desc);
	u32 offset = (u32)le16_to_cpu(desc->offset8) * 8;

	/* A header in front of a payload: so the descriptor is there, too. */
	if (likely(bytes + PKT_TRAILER_BYTES <= avail && bytes <= room &&
		   offset <= bytes &&
		   pkt_head_ok(le16_to_cpu(desc->type), offset)))
		return PKT_OK;
	if (avail < sizeof(*desc))
		return PKT_NONE;
	if (bytes < sizeof(*desc) || bytes + PKT_TRAILER_BYTES > avail)
		return PKT_BROKEN;
	return PKT_SKIP;
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
static __always_inline int pkt_build(struct pkt_desc *desc, u16 type,
				     u32 header_bytes, u64 payload_bytes,
				     u16 flags, u64 trans_id)
{
	u64 len8 = (header_bytes + payload_bytes + 7) / 8;

	if (header_bytes < sizeof(*desc) || header_bytes & 7)
		return -EINVAL;
	if (unlikely(payload_bytes > 0xffffffffu || len8 > 0xffff))
		return -EMSGSIZE;
	desc->type = cpu_to_le16(type);
	desc->offset8 = cpu_to_le16(header_bytes / 8);
	desc->len8 = cpu_to_le16(len8);
	desc->flags = cpu_to_le16(flags);
	desc->trans_id = cpu_to_le64(trans_id);
	return 0;
}

int pkt_xfer_count(const void *pkt, const struct pkt_info *info, u32 *count);
int pkt_xfer_range(const void *pkt, u32 index, u32 limit,
		   u32 *offset, u32 *bytes);

#endif /* HV_VMBUS_PKT_H */
