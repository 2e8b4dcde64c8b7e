/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VMBus control messages as they travel through the SynIC message ports.
 *
 * relid     number the host gave to a channel offer, 1..2047
 * GPADL     list of guest pages the host may use; its id is chosen by us
 * VP index  hypervisor's number of a virtual processor, never a CPU number
 *
 * Every message starts with struct vmbus_msg_hdr. Reserved fields are zero
 * when sent and ignored when read. All integers are little-endian.
 */
#ifndef HV_VMBUS_MSG_WIRE_H
#define HV_VMBUS_MSG_WIRE_H

#include <linux/types.h>
#include "../compat/wire.h"

/* A message never exceeds the payload of one SynIC message. */
#define VMBUS_MSG_MAX_BYTES	240

/* Message numbers; direction and sizes are in the table in msg.c. */
#define VMBUS_MSG_INVALID		0
#define VMBUS_MSG_OFFER			1
#define VMBUS_MSG_RESCIND		2
#define VMBUS_MSG_REQUEST_OFFERS	3
#define VMBUS_MSG_ALL_OFFERS		4
#define VMBUS_MSG_OPEN			5
#define VMBUS_MSG_OPEN_RESULT		6
#define VMBUS_MSG_CLOSE			7
#define VMBUS_MSG_GPADL_HEADER		8
#define VMBUS_MSG_GPADL_BODY		9
#define VMBUS_MSG_GPADL_CREATED		10
#define VMBUS_MSG_GPADL_TEARDOWN	11
#define VMBUS_MSG_GPADL_TORNDOWN	12
#define VMBUS_MSG_RELID_RELEASED	13
#define VMBUS_MSG_CONTACT		14
#define VMBUS_MSG_VERSION		15
#define VMBUS_MSG_UNLOAD		16
#define VMBUS_MSG_UNLOADED		17
#define VMBUS_MSG_OPEN_RESERVED		18
#define VMBUS_MSG_CLOSE_RESERVED	19
#define VMBUS_MSG_CLOSED_RESERVED	20
#define VMBUS_MSG_TL_CONNECT		21
#define VMBUS_MSG_MODIFY		22
#define VMBUS_MSG_TL_RESULT		23
#define VMBUS_MSG_MODIFIED		24
#define VMBUS_MSG_MODIFY_CONN		25
#define VMBUS_MSG_CONN_MODIFIED		26
#define VMBUS_MSG_COUNT			27

/* SynIC source and message type VMBus lives on. */
#define VMBUS_SINT			2
#define VMBUS_SYNIC_MSG_TYPE		1

/* Ports for messages to the host: before and from protocol 5.0. */
#define VMBUS_CONN_ID_LEGACY		1
#define VMBUS_CONN_ID_MULTICLIENT	4
#define VMBUS_CONN_ID_MASK		0x00ffffffu

#define VMBUS_RELID_MIN			1
#define VMBUS_RELID_MAX			2047
#define VMBUS_RELIDS			2048
#define VMBUS_MONITOR_IDS		128

/* Offer flags */
#define VMBUS_OFFER_PIPE		0x0010
#define VMBUS_OFFER_HVSOCK		0x2000

#define VMBUS_USER_BYTES		120
#define VMBUS_HVPAGE_BYTES		4096

/* Protocol versions: major << 16 | minor. */
#define VMBUS_V0_13	0x0000000du
#define VMBUS_V1_1	0x00010001u
#define VMBUS_V2_4	0x00020004u
#define VMBUS_V3_0	0x00030000u
#define VMBUS_V4_0	0x00040000u
#define VMBUS_V4_1	0x00040001u
#define VMBUS_V5_0	0x00050000u
#define VMBUS_V5_1	0x00050001u
#define VMBUS_V5_2	0x00050002u
#define VMBUS_V5_3	0x00050003u
#define VMBUS_V6_0	0x00060000u

struct vmbus_msg_hdr {
	__le32 type;
	__le32 reserved;
};
WIRE_SIZE(struct vmbus_msg_hdr, 8);

/* 1: a channel is on offer. 0.13 hosts stop before @intr_flags. */
struct vmbus_msg_offer {
	struct vmbus_msg_hdr hdr;
	u8 if_type[16];
	u8 if_instance[16];
	u8 reserved[16];
	__le16 flags;
	__le16 mmio_megabytes;
	u8 user[VMBUS_USER_BYTES];
	__le16 sub_index;
	__le16 reserved2;
	__le32 relid;
	u8 monitor_id;
	u8 monitor_flags;
	__le16 intr_flags;
	__le32 conn_id;
};
WIRE_SIZE(struct vmbus_msg_offer, 196);
WIRE_AT(struct vmbus_msg_offer, if_type, 8);
WIRE_AT(struct vmbus_msg_offer, if_instance, 24);
WIRE_AT(struct vmbus_msg_offer, flags, 56);
WIRE_AT(struct vmbus_msg_offer, user, 60);
WIRE_AT(struct vmbus_msg_offer, sub_index, 180);
WIRE_AT(struct vmbus_msg_offer, relid, 184);
WIRE_AT(struct vmbus_msg_offer, monitor_id, 188);
WIRE_AT(struct vmbus_msg_offer, intr_flags, 190);
WIRE_AT(struct vmbus_msg_offer, conn_id, 192);

#define VMBUS_OFFER_BYTES_V0_13		190
#define VMBUS_OFFER_MONITORED		0x01	/* in monitor_flags */
#define VMBUS_OFFER_DEDICATED		0x0001	/* in intr_flags */
/* Connection id of 0.13 hosts, which do not send one. */
#define VMBUS_EVENT_CONN_ID_V0_13	2

/* 2, 7, 13 and 20: only a relid. */
struct vmbus_msg_relid {
	struct vmbus_msg_hdr hdr;
	__le32 relid;
};
WIRE_SIZE(struct vmbus_msg_relid, 12);
WIRE_AT(struct vmbus_msg_relid, relid, 8);

/* 5 */
struct vmbus_msg_open {
	struct vmbus_msg_hdr hdr;
	__le32 relid;
	__le32 open_id;
	__le32 gpadl_id;
	__le32 target_vp;
	__le32 inbound_hvpage;
	u8 user[VMBUS_USER_BYTES];
};
WIRE_SIZE(struct vmbus_msg_open, 148);
WIRE_AT(struct vmbus_msg_open, open_id, 12);
WIRE_AT(struct vmbus_msg_open, gpadl_id, 16);
WIRE_AT(struct vmbus_msg_open, target_vp, 20);
WIRE_AT(struct vmbus_msg_open, inbound_hvpage, 24);
WIRE_AT(struct vmbus_msg_open, user, 28);

/* 6 */
struct vmbus_msg_open_result {
	struct vmbus_msg_hdr hdr;
	__le32 relid;
	__le32 open_id;
	__le32 status;
};
WIRE_SIZE(struct vmbus_msg_open_result, 20);
WIRE_AT(struct vmbus_msg_open_result, status, 16);

/*
 * 8: header of a page list with one range. @range_bytes counts the range
 * (8 bytes + 8 per page) including the pages in the body messages.
 */
struct vmbus_msg_gpadl_header {
	struct vmbus_msg_hdr hdr;
	__le32 relid;
	__le32 gpadl_id;
	__le16 range_bytes;
	__le16 ranges;
	__le32 byte_count;
	__le32 byte_offset;
	__le64 pfn[];
} __packed;
WIRE_SIZE(struct vmbus_msg_gpadl_header, 28);
WIRE_AT(struct vmbus_msg_gpadl_header, gpadl_id, 12);
WIRE_AT(struct vmbus_msg_gpadl_header, range_bytes, 16);
WIRE_AT(struct vmbus_msg_gpadl_header, byte_count, 20);
WIRE_AT(struct vmbus_msg_gpadl_header, pfn, 28);

/* 9: more pages of the list @gpadl_id. */
struct vmbus_msg_gpadl_body {
	struct vmbus_msg_hdr hdr;
	__le32 number;
	__le32 gpadl_id;
	__le64 pfn[];
};
WIRE_SIZE(struct vmbus_msg_gpadl_body, 16);
WIRE_AT(struct vmbus_msg_gpadl_body, gpadl_id, 12);

#define VMBUS_GPADL_HEADER_PFNS \
	((VMBUS_MSG_MAX_BYTES - sizeof(struct vmbus_msg_gpadl_header)) / 8)
#define VMBUS_GPADL_BODY_PFNS \
	((VMBUS_MSG_MAX_BYTES - sizeof(struct vmbus_msg_gpadl_body)) / 8)
static_assert(VMBUS_GPADL_HEADER_PFNS == 26);
static_assert(VMBUS_GPADL_BODY_PFNS == 28);
/* range_bytes is 16 bits wide: 8 + 8 * pages. */
#define VMBUS_GPADL_MAX_HVPAGES		8190

/* 10 */
struct vmbus_msg_gpadl_created {
	struct vmbus_msg_hdr hdr;
	__le32 relid;
	__le32 gpadl_id;
	__le32 status;
};
WIRE_SIZE(struct vmbus_msg_gpadl_created, 20);
WIRE_AT(struct vmbus_msg_gpadl_created, gpadl_id, 12);
WIRE_AT(struct vmbus_msg_gpadl_created, status, 16);

/* 11 */
struct vmbus_msg_gpadl_teardown {
	struct vmbus_msg_hdr hdr;
	__le32 relid;
	__le32 gpadl_id;
};
WIRE_SIZE(struct vmbus_msg_gpadl_teardown, 16);
WIRE_AT(struct vmbus_msg_gpadl_teardown, gpadl_id, 12);

/* 12 */
struct vmbus_msg_gpadl_torndown {
	struct vmbus_msg_hdr hdr;
	__le32 gpadl_id;
};
WIRE_SIZE(struct vmbus_msg_gpadl_torndown, 12);

/*
 * 14: bytes 16 to 23 are the address of the interrupt page below 5.0, and
 * target SINT, target VTL and feature flags from there on.
 */
struct vmbus_msg_contact {
	struct vmbus_msg_hdr hdr;
	__le32 version;
	__le32 target_vp;
	union {
		__le64 interrupt_page;
		struct {
			u8 sint;
			u8 vtl;
			__le16 reserved;
			__le32 features;
		};
	};
	__le64 monitor_to_guest;
	__le64 monitor_to_host;
};
WIRE_SIZE(struct vmbus_msg_contact, 40);
WIRE_AT(struct vmbus_msg_contact, version, 8);
WIRE_AT(struct vmbus_msg_contact, target_vp, 12);
WIRE_AT(struct vmbus_msg_contact, sint, 16);
WIRE_AT(struct vmbus_msg_contact, features, 20);
WIRE_AT(struct vmbus_msg_contact, monitor_to_guest, 24);
WIRE_AT(struct vmbus_msg_contact, monitor_to_host, 32);

/* 15: @conn_id is meaningful from 5.0 on, @state from 2.4 on. */
struct vmbus_msg_version {
	struct vmbus_msg_hdr hdr;
	u8 supported;
	u8 state;
	__le16 reserved;
	__le32 conn_id;
};
WIRE_SIZE(struct vmbus_msg_version, 16);
WIRE_AT(struct vmbus_msg_version, supported, 8);
WIRE_AT(struct vmbus_msg_version, state, 9);
WIRE_AT(struct vmbus_msg_version, conn_id, 12);

/* 21: 40 bytes before 5.2, which appended the silo. */
struct vmbus_msg_tl_connect {
	struct vmbus_msg_hdr hdr;
	u8 endpoint[16];
	u8 service[16];
	u8 silo[16];
};
WIRE_SIZE(struct vmbus_msg_tl_connect, 56);
WIRE_AT(struct vmbus_msg_tl_connect, service, 24);
WIRE_AT(struct vmbus_msg_tl_connect, silo, 40);

#define VMBUS_TL_CONNECT_BYTES_V4_0	40

/* 22 */
struct vmbus_msg_modify {
	struct vmbus_msg_hdr hdr;
	__le32 relid;
	__le32 target_vp;
};
WIRE_SIZE(struct vmbus_msg_modify, 16);
WIRE_AT(struct vmbus_msg_modify, target_vp, 12);

/* 23: sent only when the host refused the connection. */
struct vmbus_msg_tl_result {
	struct vmbus_msg_hdr hdr;
	u8 endpoint[16];
	u8 service[16];
	__le32 status;
};
WIRE_SIZE(struct vmbus_msg_tl_result, 44);
WIRE_AT(struct vmbus_msg_tl_result, status, 40);

/* 24 */
struct vmbus_msg_modified {
	struct vmbus_msg_hdr hdr;
	__le32 relid;
	__le32 status;
};
WIRE_SIZE(struct vmbus_msg_modified, 16);
WIRE_AT(struct vmbus_msg_modified, status, 12);

/*
 * Monitor page: the guest sets trigger bits in @group[].pending of the page
 * to the host instead of making a hypercall. Bit = monitor id.
 */
struct vmbus_monitor_page {
	__le32 trigger_state;
	__le32 reserved;
	struct {
		u32 pending;
		u32 armed;
	} group[4];
	u8 reserved2[24];
	__le32 next_check[4][32];
	__le16 latency[4][32];
	u8 reserved3[256];
	struct {
		__le32 conn_id;
		__le16 flag;
		__le16 reserved;
	} param[4][32];
	u8 reserved4[1984];
};
WIRE_SIZE(struct vmbus_monitor_page, 4096);
WIRE_AT(struct vmbus_monitor_page, group, 0x008);
WIRE_AT(struct vmbus_monitor_page, next_check, 0x040);
WIRE_AT(struct vmbus_monitor_page, latency, 0x240);
WIRE_AT(struct vmbus_monitor_page, param, 0x440);

#endif /* HV_VMBUS_MSG_WIRE_H */
