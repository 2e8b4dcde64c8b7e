/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the network host (VSP) and this driver (VSC) say to each other in the
 * rings of a network channel: NVSP messages.
 *
 * receive buffer	memory of ours the host writes frames to, cut by the host
 *			into sub-allocations of equal size
 * send buffer		memory of ours the host reads frames from, cut into
 *			sections
 * PPI			per-packet information, see rndis_wire.h
 * data path		synthetic (this channel) or VF (a passed-through card)
 *
 * Everything is little endian. Reserved fields are sent as zero and ignored
 * when read.
 */
#ifndef NETVSC_NVSP_WIRE_H
#define NETVSC_NVSP_WIRE_H

#include <linux/types.h>

#include "../compat/wire.h"

/* Protocol versions; there is no 3. */
#define NVSP_VERSION_1		0x00000002
#define NVSP_VERSION_2		0x00030002	/* NDIS_CONFIG */
#define NVSP_VERSION_4		0x00040000	/* VF; receive buffer > 15 MiB */
#define NVSP_VERSION_5		0x00050000	/* sub-channels */
#define NVSP_VERSION_6		0x00060000
#define NVSP_VERSION_6_1	0x00060001	/* RSC; send table where it says */

/* nvsp_msg.type; what no guest uses has no name here */
#define NVSP_MSG_INIT			1
#define NVSP_MSG_INIT_COMPLETE		2
#define NVSP_MSG_NDIS_VERSION		100
#define NVSP_MSG_RECV_BUF		101
#define NVSP_MSG_RECV_BUF_COMPLETE	102
#define NVSP_MSG_REVOKE_RECV_BUF	103
#define NVSP_MSG_SEND_BUF		104
#define NVSP_MSG_SEND_BUF_COMPLETE	105
#define NVSP_MSG_REVOKE_SEND_BUF	106
#define NVSP_MSG_RNDIS			107
#define NVSP_MSG_RNDIS_COMPLETE		108
#define NVSP_MSG_NDIS_CONFIG		125
#define NVSP_MSG_VF_ASSOCIATION		128
#define NVSP_MSG_DATA_PATH		129
#define NVSP_MSG_SUB_CHANNELS		133
#define NVSP_MSG_SEND_TABLE		134

/* status in answers */
#define NVSP_STATUS_NONE		0
#define NVSP_STATUS_SUCCESS		1
#define NVSP_STATUS_FAIL		2
#define NVSP_STATUS_TOO_NEW		3
#define NVSP_STATUS_TOO_OLD		4
#define NVSP_STATUS_INVALID_RNDIS	5
#define NVSP_STATUS_BUSY		6
#define NVSP_STATUS_UNSUPPORTED		7

/* nvsp_msg.rndis */
#define NVSP_CHANNEL_DATA		0
#define NVSP_CHANNEL_CONTROL		1
#define NVSP_NO_SECTION			0xffffffffu

/* nvsp_msg.ndis_config.capabilities */
#define NVSP_CAP_VMQ			0x01
#define NVSP_CAP_CHIMNEY		0x02
#define NVSP_CAP_SRIOV			0x04
#define NVSP_CAP_8021Q			0x08
#define NVSP_CAP_CORRELATION_ID		0x10
#define NVSP_CAP_TEAMING		0x20	/* and link speed updates */
#define NVSP_CAP_VSUBNET_ID		0x40
#define NVSP_CAP_RSC			0x80

#define NVSP_SUB_CHANNELS_ALLOCATE	1

#define NVSP_PATH_SYNTHETIC		0
#define NVSP_PATH_VF			1

/* Names of our buffers. */
#define NVSP_RECV_BUF_ID		0xcafe
#define NVSP_SEND_BUF_ID		0

#define NVSP_SEND_TABLE_ENTRIES		16
/* Where hosts before 6.1 put the table, whatever they say. */
#define NVSP_SEND_TABLE_AT		40

/* Ranges of one transfer-page packet: with RSC, the most a host ever sends. */
#define NVSP_MAX_RANGES			562
/* The longest packet a host sends: descriptor, ranges, message, send table. */
#define NVSP_MAX_PKT_BYTES		4624

struct nvsp_init {
	__le32 min_version;
	__le32 max_version;
};

struct nvsp_init_complete {
	__le32 version;			/* meaningless */
	__le32 max_mdl_chain;
	__le32 status;
};

struct nvsp_ndis_version {
	__le32 major;
	__le32 minor;
};

struct nvsp_ndis_config {
	__le32 mtu;			/* with the Ethernet header */
	__le32 reserved;
	__le32 capabilities;
	__le32 capabilities_high;
};

struct nvsp_buf {			/* RECV_BUF and SEND_BUF */
	__le32 gpadl;
	__le16 id;
	__le16 reserved;
};

struct nvsp_recv_buf_complete {
	__le32 status;
	__le32 sections;		/* 1 */
	__le32 offset;			/* 0 */
	__le32 sub_bytes;
	__le32 sub_count;
	__le32 end_offset;
};

struct nvsp_send_buf_complete {
	__le32 status;
	__le32 section_bytes;
};

struct nvsp_revoke {			/* REVOKE_RECV_BUF and _SEND_BUF */
	__le16 id;
	__le16 reserved;
};

struct nvsp_rndis {
	__le32 channel;			/* NVSP_CHANNEL_* */
	__le32 section;			/* or NVSP_NO_SECTION */
	__le32 section_bytes;		/* used in that section */
};

struct nvsp_vf_association {
	__le32 allocated;
	__le32 serial;
};

struct nvsp_sub_channels {
	__le32 op_or_status;		/* request, answer */
	__le32 count;			/* wanted, granted */
};

struct nvsp_send_table {
	__le32 count;
	__le32 offset;			/* from the start of the message */
};

/* Sent with this length always; hosts below 6.1 answer with 28 or 32 bytes. */
struct nvsp_msg {
	__le32 type;
	union {
		struct nvsp_init init;
		struct nvsp_init_complete init_complete;
		struct nvsp_ndis_version ndis_version;
		struct nvsp_ndis_config ndis_config;
		struct nvsp_buf buf;
		struct nvsp_recv_buf_complete recv_buf_complete;
		struct nvsp_send_buf_complete send_buf_complete;
		struct nvsp_revoke revoke;
		struct nvsp_rndis rndis;
		__le32 status;		/* RNDIS_COMPLETE */
		__le32 data_path;	/* NVSP_PATH_* */
		struct nvsp_vf_association vf;
		struct nvsp_sub_channels sub_channels;
		struct nvsp_send_table send_table;
		__u8 raw[36];
	};
};

#define NVSP_MSG_BYTES		40
#define NVSP_MSG_BYTES_LEGACY	28
WIRE_SIZE(struct nvsp_msg, NVSP_MSG_BYTES);
WIRE_AT(struct nvsp_msg, init.max_version, 8);
WIRE_AT(struct nvsp_msg, init_complete.status, 12);
WIRE_AT(struct nvsp_msg, ndis_version.minor, 8);
WIRE_AT(struct nvsp_msg, ndis_config.mtu, 4);
WIRE_AT(struct nvsp_msg, ndis_config.capabilities, 12);
WIRE_AT(struct nvsp_msg, buf.gpadl, 4);
WIRE_AT(struct nvsp_msg, buf.id, 8);
WIRE_AT(struct nvsp_msg, recv_buf_complete.status, 4);
WIRE_AT(struct nvsp_msg, recv_buf_complete.sections, 8);
WIRE_AT(struct nvsp_msg, recv_buf_complete.offset, 12);
WIRE_AT(struct nvsp_msg, recv_buf_complete.sub_bytes, 16);
WIRE_AT(struct nvsp_msg, recv_buf_complete.sub_count, 20);
WIRE_AT(struct nvsp_msg, recv_buf_complete.end_offset, 24);
WIRE_AT(struct nvsp_msg, send_buf_complete.status, 4);
WIRE_AT(struct nvsp_msg, send_buf_complete.section_bytes, 8);
WIRE_AT(struct nvsp_msg, revoke.id, 4);
WIRE_AT(struct nvsp_msg, rndis.channel, 4);
WIRE_AT(struct nvsp_msg, rndis.section, 8);
WIRE_AT(struct nvsp_msg, rndis.section_bytes, 12);
WIRE_AT(struct nvsp_msg, status, 4);
WIRE_AT(struct nvsp_msg, data_path, 4);
WIRE_AT(struct nvsp_msg, vf.allocated, 4);
WIRE_AT(struct nvsp_msg, vf.serial, 8);
WIRE_AT(struct nvsp_msg, sub_channels.op_or_status, 4);
WIRE_AT(struct nvsp_msg, sub_channels.count, 8);
WIRE_AT(struct nvsp_msg, send_table.count, 4);
WIRE_AT(struct nvsp_msg, send_table.offset, 8);

/* The short form of a completion: all we send back for received frames. */
struct nvsp_done {
	__le32 type;			/* NVSP_MSG_RNDIS_COMPLETE */
	__le32 status;
};

WIRE_SIZE(struct nvsp_done, 8);

#endif /* NETVSC_NVSP_WIRE_H */
