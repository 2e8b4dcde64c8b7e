// SPDX-License-Identifier: GPL-2.0-only
/*
 * Core: NDIS objects of receive-side scaling.
 *
 * Called by rss.c and rndis_ctl.c in any context. No kernel calls, no state:
 * also built in user space for the tests.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include <asm/byteorder.h>

#include "rss_params.h"

/* Up to the number of table entries, which revision 1 does not have. */
#define CAPS_BYTES_1	16u

/* The key every host documentation uses. */
const u8 rss_default_key[NDIS_RSS_KEY_BYTES] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
	0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
	0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
	0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

/* What the host can tell apart -> what to ask it to hash. */
static const struct {
	u32 can;
	u32 hash;
} types[] = {
	{ NDIS_RSS_CAP_TCP4, NDIS_HASH_TCP4 },
	{ NDIS_RSS_CAP_TCP6, NDIS_HASH_TCP6 },
	{ NDIS_RSS_CAP_TCP6_EXT, NDIS_HASH_TCP6_EXT },
	{ NDIS_RSS_CAP_UDP4, NDIS_HASH_UDP4 },
	{ NDIS_RSS_CAP_UDP6, NDIS_HASH_UDP6 },
	{ NDIS_RSS_CAP_UDP6_EXT, NDIS_HASH_UDP6_EXT },
};

#define NR_TYPES	6

static_assert(sizeof(types) == NR_TYPES * sizeof(types[0]));

/**
 * rss_query() - input of a query for the capabilities
 * @to: where
 *
 * Context: any.
 * Return: its length.
 */
u32 rss_query(struct ndis_hdr *to)
{
	to->type = NDIS_OBJ_RSS_CAPABILITIES;
	to->revision = 2;
	to->bytes = cpu_to_le16(NDIS_RSS_CAPS_BYTES);
	return sizeof(*to);
}

/**
 * rss_parse() - what the host can do
 * @info: answer to the query, in memory the host cannot write to
 * @bytes: its length
 * @caps: result, changed on success only
 *
 * Context: any.
 * Return: 0, -EPROTO for what is no such object.
 */
int rss_parse(const void *info, u32 bytes, struct rss_caps *caps)
{
	struct ndis_rss_caps rss;
	u32 size, entries, i;

	if (bytes < CAPS_BYTES_1)
		return -EPROTO;
	memcpy(&rss.hdr, info, sizeof(rss.hdr));
	size = le16_to_cpu(rss.hdr.bytes);
	if (rss.hdr.type != NDIS_OBJ_RSS_CAPABILITIES ||
	    size < CAPS_BYTES_1 || size > bytes)
		return -EPROTO;
	if (size > NDIS_RSS_CAPS_BYTES)
		size = NDIS_RSS_CAPS_BYTES;
	memset(&rss, 0, sizeof(rss));
	memcpy(&rss, info, size);
	entries = le16_to_cpu(rss.table_entries);
	if (entries > NDIS_RSS_MAX_ENTRIES)
		return -EPROTO;

	caps->entries = entries ? entries : NDIS_RSS_DEFAULT_ENTRIES;
	caps->queues = le32_to_cpu(rss.receive_queues);
	if (!caps->queues)
		caps->queues = 1;
	caps->hash = NDIS_HASH_IP4 | NDIS_HASH_IP6;
	if (le32_to_cpu(rss.flags) & NDIS_RSS_CAP_TOEPLITZ)
		caps->hash |= NDIS_HASH_TOEPLITZ;
	for (i = 0; i < NR_TYPES; i++)
		if (le32_to_cpu(rss.flags) & types[i].can)
			caps->hash |= types[i].hash;
	return 0;
}

/**
 * rss_channels() - how many channels to use
 * @caps: result of rss_parse(), NULL if the host does not do it
 * @cpus: online ones
 * @wanted: by the user
 * @max: bound of ours
 *
 * Context: any.
 * Return: at least 1.
 */
u32 rss_channels(const struct rss_caps *caps, u32 cpus, u32 wanted, u32 max)
{
	u32 n = caps ? caps->queues : 1;

	if (n > cpus)
		n = cpus;
	if (n > wanted)
		n = wanted;
	if (n > max)
		n = max;
	return n ? n : 1;
}

/**
 * rss_spread() - fill the table evenly
 * @table: channel per entry
 * @entries: of the table
 * @channels: open ones, at least 1
 *
 * Context: any.
 */
void rss_spread(u16 *table, u32 entries, u32 channels)
{
	u32 i;

	for (i = 0; i < entries; i++)
		table[i] = i % channels;
}

/**
 * rss_check_table() - can the table be given to the host?
 * @table: channel per entry
 * @entries: of the table
 * @channels: open ones
 *
 * Context: any.
 * Return: 0, -EINVAL if it names a channel that is not there.
 */
int rss_check_table(const u16 *table, u32 entries, u32 channels)
{
	u32 i;

	for (i = 0; i < entries; i++)
		if (table[i] >= channels)
			return -EINVAL;
	return 0;
}

/**
 * rss_params() - tell the host how to spread frames
 * @to: object for OID_RSS_PARAMETERS
 * @cap: room there
 * @disable: do not spread them; before each change
 * @hash: NDIS_HASH_*
 * @table: channel per entry
 * @entries: of the table, at most NDIS_RSS_MAX_ENTRIES
 * @key: NDIS_RSS_KEY_BYTES
 *
 * Context: any.
 * Return: its length, 0 if there is not enough room.
 */
u32 rss_params(void *to, u32 cap, bool disable, u32 hash, const u16 *table,
	       u32 entries, const u8 *key)
{
	struct ndis_rss_params *params = to;
	u32 table_bytes = 4 * entries, i;
	__le32 entry;
	u8 *at;

	if (entries > NDIS_RSS_MAX_ENTRIES ||
	    cap < sizeof(*params) + table_bytes + NDIS_RSS_KEY_BYTES)
		return 0;
	memset(params, 0, sizeof(*params));
	params->hdr.type = NDIS_OBJ_RSS_PARAMETERS;
	params->hdr.revision = 2;
	/* The fixed part alone, as hosts are used to. */
	params->hdr.bytes = cpu_to_le16(sizeof(*params));
	params->flags = cpu_to_le16(disable ? NDIS_RSS_DISABLE : 0);
	params->hash = cpu_to_le32(hash);
	params->table_bytes = cpu_to_le16(table_bytes);
	params->table_offset = cpu_to_le32(sizeof(*params));
	params->key_bytes = cpu_to_le16(NDIS_RSS_KEY_BYTES);
	params->key_offset = cpu_to_le32(sizeof(*params) + table_bytes);
	at = (u8 *)(params + 1);
	for (i = 0; i < entries; i++) {
		entry = cpu_to_le32(table[i]);
		memcpy(at, &entry, sizeof(entry));
		at += sizeof(entry);
	}
	memcpy(at, key, NDIS_RSS_KEY_BYTES);
	return sizeof(*params) + table_bytes + NDIS_RSS_KEY_BYTES;
}
