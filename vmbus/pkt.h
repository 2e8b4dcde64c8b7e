/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMBUS_PKT_H
#define HV_VMBUS_PKT_H

#include <linux/types.h>
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

enum pkt_verdict pkt_check(const struct pkt_desc *desc, u32 avail,
			   u32 room, struct pkt_info *info);
int pkt_build(struct pkt_desc *desc, u16 type, u32 header_bytes,
	      u64 payload_bytes, u16 flags, u64 trans_id);
int pkt_xfer_count(const void *pkt, const struct pkt_info *info, u32 *count);
int pkt_xfer_range(const void *pkt, u32 index, u32 limit,
		   u32 *offset, u32 *bytes);

#endif /* HV_VMBUS_PKT_H */
