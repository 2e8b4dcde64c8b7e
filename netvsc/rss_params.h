/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Receive-side scaling: what the host can do, and the table and key for it.
 * Pure: see rss_params.c.
 */
#ifndef NETVSC_RSS_PARAMS_H
#define NETVSC_RSS_PARAMS_H

#include "ndis_wire.h"

/* Hash types to ask for unless told otherwise: TCP over both, IP over both. */
#define RSS_HASH_DEFAULT	(NDIS_HASH_TOEPLITZ | NDIS_HASH_IP4 |	\
				 NDIS_HASH_TCP4 | NDIS_HASH_IP6 |	\
				 NDIS_HASH_TCP6)

/* Longest set of parameters. */
#define RSS_PARAMS_MAX	(NDIS_RSS_PARAMS_BYTES + 4 * NDIS_RSS_MAX_ENTRIES + \
			 NDIS_RSS_KEY_BYTES)

/**
 * struct rss_caps - what the host does
 * @queues: receive queues, at least 1
 * @entries: of the table, 1 to NDIS_RSS_MAX_ENTRIES
 * @hash: NDIS_HASH_* it can compute, function and types
 */
struct rss_caps {
	u32 queues;
	u32 entries;
	u32 hash;
};

extern const u8 rss_default_key[NDIS_RSS_KEY_BYTES];

u32 rss_query(struct ndis_hdr *to);
int rss_parse(const void *info, u32 bytes, struct rss_caps *caps);
u32 rss_channels(const struct rss_caps *caps, u32 cpus, u32 wanted, u32 max);
void rss_spread(u16 *table, u32 entries, u32 channels);
int rss_check_table(const u16 *table, u32 entries, u32 channels);
u32 rss_params(void *to, u32 cap, bool disable, u32 hash, const u16 *table,
	       u32 entries, const u8 *key);

#endif /* NETVSC_RSS_PARAMS_H */
