/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The small objects: packet filter, addresses, numbers, names.
 * Pure: see oid.c.
 */
#ifndef NETVSC_OID_H
#define NETVSC_OID_H

#include "ndis_wire.h"

#define OID_MAC_BYTES		6
/* Set of a MAC address: header, "NetworkAddress", 12 digits. */
#define OID_MAC_PARAM_BYTES	72
/* A friendly name: 256 UTF-16 units, at most three bytes of UTF-8 each. */
#define OID_NAME_INFO_MAX	512
#define OID_NAME_MAX		(256 * 3 + 1)

u32 oid_filter(bool up, bool promiscuous, bool all_multicast, bool multicast,
	       bool broadcast);
int oid_u32(const void *info, u32 bytes, u32 *value);
int oid_mac(const void *info, u32 bytes, u8 mac[OID_MAC_BYTES]);
u32 oid_mac_param(void *to, u32 cap, const u8 mac[OID_MAC_BYTES]);
int oid_name(const void *info, u32 bytes, char *to, u32 cap);
u32 oid_mtu(u32 reported, u32 wanted);

#endif /* NETVSC_OID_H */
