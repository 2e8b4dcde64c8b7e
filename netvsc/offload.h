/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Offloads: what the host can do, and telling it what to do.
 * Pure: see offload.c.
 */
#ifndef NETVSC_OFFLOAD_H
#define NETVSC_OFFLOAD_H

#include "ndis_wire.h"
#include "nvsp_wire.h"

/**
 * struct ndis_caps - what may be offered to the stack
 * @tcp4: checksum of TCP over IPv4, sent
 * @tcp6: of TCP over IPv6, sent
 * @udp4: of UDP over IPv4, sent
 * @udp6: of UDP over IPv6, sent
 * @rx_tcp4: of TCP over IPv4, received
 * @rx_tcp6: of TCP over IPv6, received
 * @rx_udp4: of UDP over IPv4, received
 * @rx_udp6: of UDP over IPv6, received
 * @tso4: large send of TCP over IPv4
 * @tso6: large send of TCP over IPv6
 * @rsc: coalesced receive
 * @tso_max_bytes: longest large send, over both; 0 without
 */
struct ndis_caps {
	bool tcp4;
	bool tcp6;
	bool udp4;
	bool udp6;
	bool rx_tcp4;
	bool rx_tcp6;
	bool rx_udp4;
	bool rx_udp6;
	bool tso4;
	bool tso6;
	bool rsc;
	u32 tso_max_bytes;
};

/* What to switch on; each bit needs the capability. */
struct ndis_use {
	bool tx_csum;
	bool rx_csum;
	bool tso4;
	bool tso6;
	bool rsc;
};

u32 offload_query(struct ndis_hdr *to, u32 version);
int offload_parse(const void *info, u32 bytes, u32 version,
		  struct ndis_caps *caps);
u32 offload_params(struct ndis_offload_params *to, u32 version,
		   const struct ndis_caps *caps, const struct ndis_use *use);

#endif /* NETVSC_OFFLOAD_H */
