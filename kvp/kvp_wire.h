/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Key-value pairs: records in pools, and the addresses of network adapters.
 *
 * Host and daemon get nearly the same bytes. On the host's side text is
 * UTF-16LE and an address body starts 2 bytes behind the operation (4 from
 * version 5.0 on, with numbers for text); on the daemon's side text is UTF-8 in
 * the same arrays, and every body starts at 4.
 */
#ifndef KVP_KVP_WIRE_H
#define KVP_KVP_WIRE_H

#include <linux/types.h>

#include "../compat/wire.h"

#define KVP_REQ_GET		0
#define KVP_REQ_SET		1
#define KVP_REQ_DELETE		2
#define KVP_REQ_ENUMERATE	3
#define KVP_REQ_GET_IP		4
#define KVP_REQ_SET_IP		5
/* A daemon's first write; the old one has the number of another operation. */
#define KVP_REQ_REGISTER_OLD	4
#define KVP_REQ_REGISTER		100

#define KVP_POOLS		4

#define KVP_TYPE_STRING		1
#define KVP_TYPE_EXPANDABLE	2
#define KVP_TYPE_U32		4
#define KVP_TYPE_U64_LINUX	8
#define KVP_TYPE_U64		11

#define KVP_KEY_BYTES		512
#define KVP_VALUE_BYTES		2048

struct kvp_hdr {
	__u8 op;
	__u8 pool;
	__le16 reserved;
} __packed;
WIRE_SIZE(struct kvp_hdr, 4);

struct kvp_value {
	__le32 type;
	__le32 key_bytes;
	__le32 value_bytes;
	__u8 key[KVP_KEY_BYTES];
	__u8 value[KVP_VALUE_BYTES];
} __packed;
WIRE_SIZE(struct kvp_value, 2572);
WIRE_AT(struct kvp_value, key, 12);
WIRE_AT(struct kvp_value, value, 524);

struct kvp_delete {
	__le32 key_bytes;
	__u8 key[KVP_KEY_BYTES];
} __packed;
WIRE_SIZE(struct kvp_delete, 516);

struct kvp_enumerate {
	__le32 index;
	struct kvp_value record;
} __packed;
WIRE_SIZE(struct kvp_enumerate, 2576);

/* Text may hold several addresses, with semicolons between. */
struct kvp_ip {
	__u8 adapter[256];
	__u8 family;
	__u8 dhcp;
	__u8 addresses[2048];
	__u8 subnets[2048];
	__u8 gateways[1024];
	__u8 dns[2048];
} __packed;
WIRE_SIZE(struct kvp_ip, 7426);
WIRE_AT(struct kvp_ip, family, 256);
WIRE_AT(struct kvp_ip, addresses, 258);
WIRE_AT(struct kvp_ip, subnets, 2306);
WIRE_AT(struct kvp_ip, gateways, 4354);
WIRE_AT(struct kvp_ip, dns, 5378);

/* The same from version 5.0 on, as numbers; addresses in network order. */
#define KVP_IP_MANY		64
#define KVP_IP_GATEWAYS		5
#define KVP_IP_ORIGIN_DHCP	1
#define KVP_IP_ORIGIN_STATIC	2

struct kvp_ip_binary {
	__le32 v4_addresses;
	__le32 v6_addresses;
	__le32 v4_gateways;
	__le32 v6_gateways;
	__le32 v4_servers;
	__le32 v6_servers;
	__u8 adapter[256];
	__u8 family;
	__u8 dhcp;
	__le16 reserved;
	__u8 v4_address[KVP_IP_MANY][4];
	__u8 v6_address[KVP_IP_MANY][16];
	__u8 v4_mask[KVP_IP_MANY][4];
	__le32 v6_prefix[KVP_IP_MANY];
	__u8 v4_gateway[KVP_IP_GATEWAYS][4];
	__u8 v6_gateway[KVP_IP_GATEWAYS][16];
	__u8 v4_server[KVP_IP_MANY][4];
	__u8 v6_server[KVP_IP_MANY][16];
	__le16 origin[2 * KVP_IP_MANY];
} __packed;
WIRE_SIZE(struct kvp_ip_binary, 3712);
WIRE_AT(struct kvp_ip_binary, adapter, 24);
WIRE_AT(struct kvp_ip_binary, family, 280);
WIRE_AT(struct kvp_ip_binary, v4_address, 284);
WIRE_AT(struct kvp_ip_binary, v6_address, 540);
WIRE_AT(struct kvp_ip_binary, v4_mask, 1564);
WIRE_AT(struct kvp_ip_binary, v6_prefix, 1820);
WIRE_AT(struct kvp_ip_binary, v4_gateway, 2076);
WIRE_AT(struct kvp_ip_binary, v6_gateway, 2096);
WIRE_AT(struct kvp_ip_binary, v4_server, 2176);
WIRE_AT(struct kvp_ip_binary, v6_server, 2432);
WIRE_AT(struct kvp_ip_binary, origin, 3456);

/* Offset of the body behind the operation, on the host's side. */
#define KVP_AT_BODY		4
#define KVP_AT_IP		2

/* What the daemon reads and writes; always all of it. */
struct kvp_daemon_msg {
	union {
		struct kvp_hdr hdr;
		__le32 error;		/* from the daemon */
	};
	union {
		struct kvp_value value;
		struct kvp_delete del;
		struct kvp_enumerate enumerate;
		struct kvp_ip ip;
		char version[KVP_VALUE_BYTES];
		__le32 align[1857];
	};
};
WIRE_SIZE(struct kvp_daemon_msg, 7432);
WIRE_AT(struct kvp_daemon_msg, value, 4);
WIRE_AT(struct kvp_daemon_msg, ip, 4);

#endif /* KVP_KVP_WIRE_H */
