/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rings and packets of a VMBus channel: memory shared with the host.
 *
 * A channel has two rings in one GPADL, outbound (we write) first, inbound
 * (the host writes) behind it. A ring is one header page and whole data
 * pages. Indices are byte offsets into the data, multiples of 8 and below
 * the size of the data; equal indices mean empty.
 */
#ifndef HV_VMBUS_PKT_WIRE_H
#define HV_VMBUS_PKT_WIRE_H

#include <linux/types.h>
#include "../compat/wire.h"

#define RING_HEADER_BYTES	4096

/*
 * Ring header. @write_index, @pending_send_bytes and @features belong to the
 * writer of the ring, @read_index and @interrupt_mask to its reader.
 */
struct ring_ctl {
	__le32 write_index;
	__le32 read_index;
	__le32 interrupt_mask;
	__le32 pending_send_bytes;
	u8 reserved[48];
	__le32 features;
	u8 reserved2[4028];
};
WIRE_SIZE(struct ring_ctl, RING_HEADER_BYTES);
WIRE_AT(struct ring_ctl, read_index, 4);
WIRE_AT(struct ring_ctl, interrupt_mask, 8);
WIRE_AT(struct ring_ctl, pending_send_bytes, 12);
WIRE_AT(struct ring_ctl, features, 64);

/* The writer of this ring honours and uses pending_send_bytes. */
#define RING_FEAT_PENDING_SEND	0x1

/* Packet types in use */
#define PKT_INBAND		6
#define PKT_XFER_PAGES		7
#define PKT_GPA_DIRECT		9
#define PKT_CANCEL		10
#define PKT_COMPLETION		11

/* Packet flags */
#define PKT_FLAG_COMPLETION	0x0001

/* Start of a packet; both lengths in units of 8 bytes, from the packet start. */
struct pkt_desc {
	__le16 type;
	__le16 offset8;
	__le16 len8;
	__le16 flags;
	__le64 trans_id;
};
WIRE_SIZE(struct pkt_desc, 16);
WIRE_AT(struct pkt_desc, offset8, 2);
WIRE_AT(struct pkt_desc, len8, 4);
WIRE_AT(struct pkt_desc, flags, 6);
WIRE_AT(struct pkt_desc, trans_id, 8);

/* Behind each packet: zero, then the offset in the ring where it began. */
#define PKT_TRAILER_BYTES	8

/* Type 7: the payload lies in a GPADL the driver registered. */
struct pkt_xfer_hdr {
	struct pkt_desc desc;
	__le16 set_id;
	u8 sender_owns;
	u8 reserved;
	__le32 ranges;
};
WIRE_SIZE(struct pkt_xfer_hdr, 24);
WIRE_AT(struct pkt_xfer_hdr, set_id, 16);
WIRE_AT(struct pkt_xfer_hdr, ranges, 20);

struct pkt_xfer_range {
	__le32 byte_count;
	__le32 byte_offset;
};
WIRE_SIZE(struct pkt_xfer_range, 8);

/* Type 9: the packet names guest pages; followed by its ranges. */
struct pkt_gpa_hdr {
	struct pkt_desc desc;
	__le32 reserved;
	__le32 ranges;
};
WIRE_SIZE(struct pkt_gpa_hdr, 24);
WIRE_AT(struct pkt_gpa_hdr, ranges, 20);

/* One range of type 9: as many page numbers as offset + count cover. */
struct pkt_gpa_range {
	__le32 byte_count;
	__le32 byte_offset;
	__le64 pfn[];
};
WIRE_SIZE(struct pkt_gpa_range, 8);

#endif /* HV_VMBUS_PKT_WIRE_H */
