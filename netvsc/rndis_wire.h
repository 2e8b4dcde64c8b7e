/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RNDIS messages, as they travel in send sections, guest pages and receive
 * sub-allocations: frames with per-packet information (PPI) in front of them,
 * and control messages.
 *
 * Everything is little endian. Offsets inside a message count from byte 8, the
 * end of the header, except inside a PPI, where they count from its start.
 */
#ifndef NETVSC_RNDIS_WIRE_H
#define NETVSC_RNDIS_WIRE_H

#include <linux/types.h>

#include "../compat/wire.h"

/* rndis_hdr.type */
#define RNDIS_T_PACKET		0x00000001
#define RNDIS_T_INITIALIZE	0x00000002
#define RNDIS_T_HALT		0x00000003
#define RNDIS_T_QUERY		0x00000004
#define RNDIS_T_SET		0x00000005
#define RNDIS_T_RESET		0x00000006
#define RNDIS_T_INDICATE	0x00000007
#define RNDIS_T_KEEPALIVE	0x00000008
#define RNDIS_T_COMPLETE	0x80000000	/* in the type of an answer */

/* status in answers and indications */
#define RNDIS_S_SUCCESS			0x00000000
#define RNDIS_S_PENDING			0x00000103
#define RNDIS_S_NOT_RECOGNIZED		0x00010001
#define RNDIS_S_BUFFER_OVERFLOW		0x80000005
#define RNDIS_S_FAILURE			0xc0000001
#define RNDIS_S_RESOURCES		0xc000009a
#define RNDIS_S_NOT_SUPPORTED		0xc00000bb
#define RNDIS_S_BAD_VERSION		0xc0010004
#define RNDIS_S_INVALID_LENGTH		0xc0010014
#define RNDIS_S_INVALID_DATA		0xc0010015
#define RNDIS_S_BUFFER_TOO_SHORT	0xc0010016
#define RNDIS_S_INVALID_OID		0xc0010017
#define RNDIS_S_MEDIA_CONNECT		0x4001000b
#define RNDIS_S_MEDIA_DISCONNECT	0x4001000c
#define RNDIS_S_LINK_SPEED_CHANGE	0x40010013
#define RNDIS_S_NETWORK_CHANGE		0x40010018
#define RNDIS_S_OFFLOAD_CONFIG		0x40020006

#define RNDIS_HDR_BYTES		8u

struct rndis_hdr {
	__le32 type;
	__le32 msg_bytes;
};

WIRE_SIZE(struct rndis_hdr, RNDIS_HDR_BYTES);

/* A frame. The PPIs follow, then the frame itself. */
struct rndis_packet {
	struct rndis_hdr hdr;
	__le32 data_offset;
	__le32 data_bytes;
	__le32 oob_offset;
	__le32 oob_bytes;
	__le32 oob_count;
	__le32 ppi_offset;
	__le32 ppi_bytes;
	__le32 vc_handle;
	__le32 reserved;
};

#define RNDIS_PACKET_BYTES	44u
WIRE_SIZE(struct rndis_packet, RNDIS_PACKET_BYTES);
WIRE_AT(struct rndis_packet, data_offset, 8);
WIRE_AT(struct rndis_packet, data_bytes, 12);
WIRE_AT(struct rndis_packet, oob_count, 24);
WIRE_AT(struct rndis_packet, ppi_offset, 28);
WIRE_AT(struct rndis_packet, ppi_bytes, 32);
WIRE_AT(struct rndis_packet, reserved, 40);

/* PPI with one word of data, which is all of them that we know. */
struct rndis_ppi {
	__le32 bytes;			/* whole element, multiple of 4 */
	__le32 type;			/* PPI_* */
	__le32 offset;			/* of the data from here */
	__le32 data;
};

#define PPI_HDR_BYTES		12u
#define PPI_BYTES		16u
WIRE_SIZE(struct rndis_ppi, PPI_BYTES);
WIRE_AT(struct rndis_ppi, data, PPI_HDR_BYTES);

/* rndis_ppi.type; bit 31 marks the types internal to VMBus */
#define PPI_CHECKSUM		0
#define PPI_LSO			2
#define PPI_VLAN		6
#define PPI_HASH		8
#define PPI_HASH_INFO		9
#define PPI_RSC			0x80000001u

/* PPI_CHECKSUM to the host; bits 16-25: offset of the transport header */
#define PPI_TX_IS_IPV4		0x00000001
#define PPI_TX_IS_IPV6		0x00000002
#define PPI_TX_TCP		0x00000004
#define PPI_TX_UDP		0x00000008
#define PPI_TX_IP_HEADER	0x00000010
#define PPI_TX_OFFSET_SHIFT	16
#define PPI_TX_OFFSET_MAX	1023u

/* PPI_CHECKSUM from the host */
#define PPI_RX_TCP_FAILED	0x00000001
#define PPI_RX_UDP_FAILED	0x00000002
#define PPI_RX_IP_FAILED	0x00000004
#define PPI_RX_TCP_OK		0x00000008
#define PPI_RX_UDP_OK		0x00000010
#define PPI_RX_IP_OK		0x00000020
#define PPI_RX_LOOPBACK		0x00000040
#define PPI_RX_TCP_VALUE_BAD	0x00000080
#define PPI_RX_IP_VALUE_BAD	0x00000100

/* PPI_LSO: bits 0-19 MSS, 20-29 offset of the TCP header */
#define PPI_LSO_MSS_MAX		0xfffffu
#define PPI_LSO_OFFSET_SHIFT	20
#define PPI_LSO_OFFSET_MAX	1023u
#define PPI_LSO_V2		0x40000000u
#define PPI_LSO_IPV6		0x80000000u

/* PPI_VLAN: bits 0-2 priority, 3 CFI, 4-15 VLAN id */
#define PPI_VLAN_CFI		0x00000008
#define PPI_VLAN_ID_SHIFT	4

/* PPI_RSC: bits 0-7 version, 8-15 flags, 16-31 packet id */
#define PPI_RSC_SUBALLOC	0x00000100
#define PPI_RSC_FIRST		0x00000200
#define PPI_RSC_LAST		0x00000400

/* Control messages, without header: they begin with the request id. */
struct rndis_initialize {
	struct rndis_hdr hdr;
	__le32 request_id;
	__le32 major;
	__le32 minor;
	__le32 max_transfer_bytes;
};

WIRE_SIZE(struct rndis_initialize, 24);

struct rndis_initialize_done {
	struct rndis_hdr hdr;
	__le32 request_id;
	__le32 status;
	__le32 major;
	__le32 minor;
	__le32 device_flags;
	__le32 medium;
	__le32 max_packets;
	__le32 max_transfer_bytes;
	__le32 align_exponent;		/* 0 to 7 */
	__le32 af_list_offset;
	__le32 af_list_bytes;
};

WIRE_SIZE(struct rndis_initialize_done, 52);
WIRE_AT(struct rndis_initialize_done, status, 12);
WIRE_AT(struct rndis_initialize_done, max_packets, 32);
WIRE_AT(struct rndis_initialize_done, max_transfer_bytes, 36);
WIRE_AT(struct rndis_initialize_done, align_exponent, 40);

struct rndis_halt {
	struct rndis_hdr hdr;
	__le32 request_id;
};

WIRE_SIZE(struct rndis_halt, 12);

/* QUERY and SET; the information follows */
struct rndis_request {
	struct rndis_hdr hdr;
	__le32 request_id;
	__le32 oid;
	__le32 info_bytes;
	__le32 info_offset;		/* 20, also without information */
	__le32 vc_handle;
};

#define RNDIS_REQUEST_BYTES	28u
WIRE_SIZE(struct rndis_request, RNDIS_REQUEST_BYTES);
WIRE_AT(struct rndis_request, oid, 12);
WIRE_AT(struct rndis_request, info_offset, 20);

struct rndis_query_done {
	struct rndis_hdr hdr;
	__le32 request_id;
	__le32 status;
	__le32 info_bytes;
	__le32 info_offset;
};

WIRE_SIZE(struct rndis_query_done, 24);
WIRE_AT(struct rndis_query_done, info_bytes, 16);
WIRE_AT(struct rndis_query_done, info_offset, 20);

/* Answer to SET and KEEPALIVE */
struct rndis_set_done {
	struct rndis_hdr hdr;
	__le32 request_id;
	__le32 status;
};

WIRE_SIZE(struct rndis_set_done, 16);

struct rndis_indicate {
	struct rndis_hdr hdr;
	__le32 status;
	__le32 info_bytes;
	__le32 info_offset;		/* all hosts count from byte 8 */
};

WIRE_SIZE(struct rndis_indicate, 20);
WIRE_AT(struct rndis_indicate, info_bytes, 12);
WIRE_AT(struct rndis_indicate, info_offset, 16);

#endif /* NETVSC_RNDIS_WIRE_H */
