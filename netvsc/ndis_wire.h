/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * NDIS objects: what RNDIS QUERY and SET carry, by object identifier (OID).
 * Everything is little endian, except the text of a parameter (UTF-16LE).
 */
#ifndef NETVSC_NDIS_WIRE_H
#define NETVSC_NDIS_WIRE_H

#include <linux/types.h>

#include "../compat/wire.h"

#define OID_MAX_FRAME_SIZE		0x00010106	/* u32, the MTU */
#define OID_LINK_SPEED			0x00010107	/* u32, 100 bit/s */
#define OID_PACKET_FILTER		0x0001010e	/* u32, NDIS_FILTER_* */
#define OID_MEDIA_STATUS		0x00010114	/* u32, 0 connected */
#define OID_RSS_CAPABILITIES		0x00010203
#define OID_RSS_PARAMETERS		0x00010204
#define OID_CONFIG_PARAMETER		0x0001021b
#define OID_FRIENDLY_NAME		0x00020216	/* UTF-16LE */
#define OID_PERMANENT_ADDRESS		0x01010101
#define OID_CURRENT_ADDRESS		0x01010102
#define OID_OFFLOAD_CURRENT		0xfc01020b
#define OID_OFFLOAD_PARAMETERS		0xfc01020c
#define OID_OFFLOAD_CAPABILITIES	0xfc01020d

#define NDIS_MEDIA_CONNECTED		0
#define NDIS_MEDIA_DISCONNECTED		1

#define NDIS_FILTER_DIRECTED		0x0001
#define NDIS_FILTER_MULTICAST		0x0002
#define NDIS_FILTER_ALL_MULTICAST	0x0004
#define NDIS_FILTER_BROADCAST		0x0008
#define NDIS_FILTER_PROMISCUOUS		0x0020

#define NDIS_OBJ_DEFAULT		0x80
#define NDIS_OBJ_RSS_CAPABILITIES	0x88
#define NDIS_OBJ_RSS_PARAMETERS		0x89
#define NDIS_OBJ_OFFLOAD		0xa7

struct ndis_hdr {
	__u8 type;
	__u8 revision;
	__le16 bytes;
};

WIRE_SIZE(struct ndis_hdr, 4);

/* ndis_offload.csum */
#define NDIS_CSUM4_IP_OPTIONS		0x001
#define NDIS_CSUM4_TCP_OPTIONS		0x004
#define NDIS_CSUM4_TCP			0x010
#define NDIS_CSUM4_UDP			0x040
#define NDIS_CSUM4_IP			0x100
#define NDIS_CSUM6_EXTENSIONS		0x001
#define NDIS_CSUM6_TCP_OPTIONS		0x004
#define NDIS_CSUM6_TCP			0x010
#define NDIS_CSUM6_UDP			0x040
#define NDIS_ENCAP_8023			0x002
#define NDIS_LSO6_EXTENSIONS		0x001
#define NDIS_LSO6_TCP_OPTIONS		0x004

struct ndis_csum_caps {
	__le32 ip4_tx_encap;
	__le32 ip4_tx;
	__le32 ip4_rx_encap;
	__le32 ip4_rx;
	__le32 ip6_tx_encap;
	__le32 ip6_tx;
	__le32 ip6_rx_encap;
	__le32 ip6_rx;
};

struct ndis_lso2_caps {
	__le32 ip4_encap;
	__le32 ip4_max_bytes;
	__le32 ip4_min_segments;
	__le32 ip6_encap;
	__le32 ip6_max_bytes;
	__le32 ip6_min_segments;
	__le32 ip6_options;
};

/* Answer to OID_OFFLOAD_CAPABILITIES */
struct ndis_offload {
	struct ndis_hdr hdr;
	struct ndis_csum_caps csum;
	__u8 lso1[16];
	__u8 ipsec1[28];
	struct ndis_lso2_caps lso2;
	__le32 flags;
	__u8 ipsec2[32];		/* revision 2 */
	__u8 rsc_ip4;			/* revision 3 */
	__u8 rsc_ip6;
	__u8 reserved[2];
	__u8 encapsulated[8];
};

#define NDIS_OFFLOAD_BYTES_1	112
#define NDIS_OFFLOAD_BYTES_2	144
#define NDIS_OFFLOAD_BYTES_3	156
WIRE_SIZE(struct ndis_offload, NDIS_OFFLOAD_BYTES_3);
WIRE_AT(struct ndis_offload, csum.ip4_tx, 8);
WIRE_AT(struct ndis_offload, csum.ip4_rx, 16);
WIRE_AT(struct ndis_offload, csum.ip6_tx, 24);
WIRE_AT(struct ndis_offload, csum.ip6_rx, 32);
WIRE_AT(struct ndis_offload, lso1, 36);
WIRE_AT(struct ndis_offload, ipsec1, 52);
WIRE_AT(struct ndis_offload, lso2, 80);
WIRE_AT(struct ndis_offload, lso2.ip6_options, 104);
WIRE_AT(struct ndis_offload, flags, 108);
WIRE_AT(struct ndis_offload, ipsec2, NDIS_OFFLOAD_BYTES_1);
WIRE_AT(struct ndis_offload, rsc_ip4, NDIS_OFFLOAD_BYTES_2);
WIRE_AT(struct ndis_offload, encapsulated, 148);

/* ndis_offload_params: checksums, then the others */
#define NDIS_CSUM_NO_CHANGE		0
#define NDIS_CSUM_OFF			1
#define NDIS_CSUM_TX			2
#define NDIS_CSUM_RX			3
#define NDIS_CSUM_BOTH			4
#define NDIS_OFFLOAD_NO_CHANGE		0
#define NDIS_OFFLOAD_OFF		1
#define NDIS_OFFLOAD_ON			2

/* OID_OFFLOAD_PARAMETERS */
struct ndis_offload_params {
	struct ndis_hdr hdr;
	__u8 ip4_csum;
	__u8 tcp4_csum;
	__u8 udp4_csum;
	__u8 tcp6_csum;
	__u8 udp6_csum;
	__u8 lso1;
	__u8 ipsec1;
	__u8 lso2_ip4;
	__u8 lso2_ip6;
	__u8 tcp_connection_ip4;
	__u8 tcp_connection_ip6;
	__u8 reserved0;
	__le32 flags;
	__u8 ipsec2;			/* revision 2 */
	__u8 ipsec2_ip4;
	__u8 rsc_ip4;			/* revision 3 */
	__u8 rsc_ip6;
	__u8 encapsulated;
	__u8 encapsulation_types;
	__u8 reserved1[2];
};

/* Revision 3 has 26 by definition; 28 is what hosts are used to. */
#define NDIS_OFFLOAD_PARAMS_BYTES	28
#define NDIS_OFFLOAD_PARAMS_BYTES_OLD	22
WIRE_SIZE(struct ndis_offload_params, NDIS_OFFLOAD_PARAMS_BYTES);
WIRE_AT(struct ndis_offload_params, tcp4_csum, 5);
WIRE_AT(struct ndis_offload_params, lso2_ip4, 11);
WIRE_AT(struct ndis_offload_params, flags, 16);
WIRE_AT(struct ndis_offload_params, rsc_ip4, NDIS_OFFLOAD_PARAMS_BYTES_OLD);
WIRE_AT(struct ndis_offload_params, encapsulated, 24);

/* ndis_rss_caps.flags */
#define NDIS_RSS_CAP_TOEPLITZ		0x00000001
#define NDIS_RSS_CAP_TCP4		0x00000100
#define NDIS_RSS_CAP_TCP6		0x00000200
#define NDIS_RSS_CAP_TCP6_EXT		0x00000400
#define NDIS_RSS_CAP_UDP4		0x00000800
#define NDIS_RSS_CAP_UDP6		0x00001000
#define NDIS_RSS_CAP_UDP6_EXT		0x00002000

/* Answer to OID_RSS_CAPABILITIES */
struct ndis_rss_caps {
	struct ndis_hdr hdr;
	__le32 flags;
	__le32 interrupt_messages;
	__le32 receive_queues;
	__le16 table_entries;
	__le16 reserved;		/* not sent */
};

#define NDIS_RSS_CAPS_BYTES		18
WIRE_SIZE(struct ndis_rss_caps, 20);
WIRE_AT(struct ndis_rss_caps, receive_queues, 12);
WIRE_AT(struct ndis_rss_caps, table_entries, 16);
WIRE_AT(struct ndis_rss_caps, reserved, NDIS_RSS_CAPS_BYTES);

/* ndis_rss_params.flags */
#define NDIS_RSS_BASE_CPU_SAME		0x01
#define NDIS_RSS_HASH_SAME		0x02
#define NDIS_RSS_TABLE_SAME		0x04
#define NDIS_RSS_KEY_SAME		0x08
#define NDIS_RSS_DISABLE		0x10

/* ndis_rss_params.hash */
#define NDIS_HASH_TOEPLITZ		0x00000001
#define NDIS_HASH_IP4			0x00000100
#define NDIS_HASH_TCP4			0x00000200
#define NDIS_HASH_IP6			0x00000400
#define NDIS_HASH_IP6_EXT		0x00000800
#define NDIS_HASH_TCP6			0x00001000
#define NDIS_HASH_TCP6_EXT		0x00002000
#define NDIS_HASH_UDP4			0x00004000
#define NDIS_HASH_UDP6			0x00008000
#define NDIS_HASH_UDP6_EXT		0x00010000

#define NDIS_RSS_KEY_BYTES		40
#define NDIS_RSS_MAX_ENTRIES		256
#define NDIS_RSS_DEFAULT_ENTRIES	128

/* OID_RSS_PARAMETERS; table and key follow */
struct ndis_rss_params {
	struct ndis_hdr hdr;
	__le16 flags;
	__le16 base_cpu;
	__le32 hash;
	__le16 table_bytes;
	__le16 reserved0;
	__le32 table_offset;
	__le16 key_bytes;
	__le16 reserved1;
	__le32 key_offset;
	__le32 mask_offset;
	__le32 mask_count;
	__le32 mask_entry_bytes;
};

#define NDIS_RSS_PARAMS_BYTES		40
WIRE_SIZE(struct ndis_rss_params, NDIS_RSS_PARAMS_BYTES);
WIRE_AT(struct ndis_rss_params, hash, 8);
WIRE_AT(struct ndis_rss_params, table_bytes, 12);
WIRE_AT(struct ndis_rss_params, table_offset, 16);
WIRE_AT(struct ndis_rss_params, key_bytes, 20);
WIRE_AT(struct ndis_rss_params, key_offset, 24);
WIRE_AT(struct ndis_rss_params, mask_entry_bytes, 36);

/* OID_CONFIG_PARAMETER; name and value follow, UTF-16LE */
struct ndis_config {
	__le32 name_offset;
	__le32 name_bytes;
	__le32 type;			/* NDIS_CONFIG_* */
	__le32 value_offset;
	__le32 value_bytes;
};

#define NDIS_CONFIG_INTEGER		0
#define NDIS_CONFIG_STRING		2
WIRE_SIZE(struct ndis_config, 20);

#endif /* NETVSC_NDIS_WIRE_H */
