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
 * @tcp4, @tcp6: transport checksum of TCP, sent
 * @udp4, @udp6: of UDP, sent
 * @rx_tcp4, @rx_tcp6, @rx_udp4, @rx_udp6: received
 * @tso4, @tso6: large send
 * @tso_max_bytes: longest large send, over both; 0 without
 * @rsc: coalesced receive
 */
struct ndis_caps {
	bool tcp4, tcp6, udp4, udp6;
	bool rx_tcp4, rx_tcp6, rx_udp4, rx_udp6;
	bool tso4, tso6;
	bool rsc;
	u32 tso_max_bytes;
};

/* What to switch on; each bit needs the capability. */
struct ndis_use {
	bool tx_csum;
	bool rx_csum;
	bool tso4, tso6;
	bool rsc;
};

u32 offload_query(struct ndis_hdr *to, u32 version);
int offload_parse(const void *info, u32 bytes, u32 version,
		  struct ndis_caps *caps);
u32 offload_params(struct ndis_offload_params *to, u32 version,
		   const struct ndis_caps *caps, const struct ndis_use *use);

#endif /* NETVSC_OFFLOAD_H */
