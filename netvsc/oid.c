// SPDX-License-Identifier: GPL-2.0-only
/*
 * Core: the small NDIS objects.
 *
 * Called by rndis_ctl.c and netdev.c in any context. No kernel calls, no
 * state: also built in user space for the tests.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include <asm/byteorder.h>

#include "oid.h"

#define MAC_DIGITS	12
#define MIN_MTU		68u

static const char mac_name[] = "NetworkAddress";

/**
 * oid_filter() - which frames the host shall deliver
 * @up: any at all
 * @promiscuous: all of them
 * @all_multicast: all multicast ones
 * @multicast: some multicast ones; the host cannot be told which
 * @broadcast: broadcast ones
 *
 * Context: any.
 * Return: NDIS_FILTER_*.
 */
u32 oid_filter(bool up, bool promiscuous, bool all_multicast, bool multicast,
	       bool broadcast)
{
	u32 filter = NDIS_FILTER_DIRECTED;

	if (!up)
		return 0;
	if (promiscuous)
		return NDIS_FILTER_PROMISCUOUS;
	if (all_multicast || multicast)
		filter |= NDIS_FILTER_ALL_MULTICAST;
	if (broadcast)
		filter |= NDIS_FILTER_BROADCAST;
	return filter;
}

/**
 * oid_u32() - an object that is a number
 * @info: answer to the query, in memory the host cannot write to
 * @bytes: its length
 * @value: result, changed on success only
 *
 * Context: any.
 * Return: 0, -EPROTO for another length.
 */
int oid_u32(const void *info, u32 bytes, u32 *value)
{
	__le32 word;

	if (bytes != sizeof(word))
		return -EPROTO;
	memcpy(&word, info, sizeof(word));
	*value = le32_to_cpu(word);
	return 0;
}

/**
 * oid_mac() - an object that is the address of a card
 * @info: answer to the query, in memory the host cannot write to
 * @bytes: its length
 * @mac: result, changed on success only
 *
 * Context: any.
 * Return: 0, -EPROTO for another length or what no card can have.
 */
int oid_mac(const void *info, u32 bytes, u8 mac[OID_MAC_BYTES])
{
	static const u8 none[OID_MAC_BYTES];
	const u8 *from = info;

	if (bytes != OID_MAC_BYTES || from[0] & 1 ||
	    !memcmp(from, none, sizeof(none)))
		return -EPROTO;
	memcpy(mac, from, OID_MAC_BYTES);
	return 0;
}

/* ASCII as UTF-16LE */
static u8 *put_char(u8 *to, char c)
{
	*to++ = c;
	*to++ = 0;
	return to;
}

/**
 * oid_mac_param() - change the address
 * @to: object for OID_CONFIG_PARAMETER
 * @cap: room there
 * @mac: new address
 *
 * Context: any.
 * Return: its length, 0 if there is not enough room.
 */
u32 oid_mac_param(void *to, u32 cap, const u8 mac[OID_MAC_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	const u32 name_bytes = 2 * (sizeof(mac_name) - 1);
	struct ndis_config *config = to;
	u8 *at = (u8 *)(config + 1);
	u32 i;

	if (cap < OID_MAC_PARAM_BYTES)
		return 0;
	config->name_offset = cpu_to_le32(sizeof(*config));
	config->name_bytes = cpu_to_le32(name_bytes);
	config->type = cpu_to_le32(NDIS_CONFIG_STRING);
	config->value_offset = cpu_to_le32(sizeof(*config) + name_bytes);
	config->value_bytes = cpu_to_le32(2 * MAC_DIGITS);
	for (i = 0; i < sizeof(mac_name) - 1; i++)
		at = put_char(at, mac_name[i]);
	for (i = 0; i < OID_MAC_BYTES; i++) {
		at = put_char(at, digits[mac[i] >> 4]);
		at = put_char(at, digits[mac[i] & 15]);
	}
	return OID_MAC_PARAM_BYTES;
}

static u32 unit(const u8 *info, u32 at)
{
	return info[at] | info[at + 1] << 8;
}

/* One character of UTF-8; '?' for what is no text. */
static u32 put_utf8(u8 *to, u32 c)
{
	if (c < 0x20 || c == 0x7f || (c >= 0xd800 && c < 0xe000))
		c = '?';
	if (c < 0x80) {
		to[0] = c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = 0xc0 | c >> 6;
		to[1] = 0x80 | (c & 0x3f);
		return 2;
	}
	if (c < 0x10000) {
		to[0] = 0xe0 | c >> 12;
		to[1] = 0x80 | (c >> 6 & 0x3f);
		to[2] = 0x80 | (c & 0x3f);
		return 3;
	}
	to[0] = 0xf0 | c >> 18;
	to[1] = 0x80 | (c >> 12 & 0x3f);
	to[2] = 0x80 | (c >> 6 & 0x3f);
	to[3] = 0x80 | (c & 0x3f);
	return 4;
}

/**
 * oid_name() - an object that is a name
 * @info: UTF-16LE, in memory the host cannot write to; ends with the first 0
 * @bytes: its length
 * @to: UTF-8, terminated, on success
 * @cap: room there
 *
 * Control characters and broken pairs become '?'. A name that does not fit
 * is cut between characters.
 *
 * Context: any.
 * Return: length of the name, -EPROTO for a length no text can have.
 */
int oid_name(const void *info, u32 bytes, char *to, u32 cap)
{
	u32 at, c, low, length, out = 0;
	u8 utf8[4];

	if (bytes > OID_NAME_INFO_MAX || bytes & 1 || !cap)
		return -EPROTO;
	for (at = 0; at < bytes; at += 2) {
		c = unit(info, at);
		if (!c)
			break;
		if (c >= 0xd800 && c < 0xdc00 && at + 2 < bytes) {
			low = unit(info, at + 2);
			if (low >= 0xdc00 && low < 0xe000) {
				c = 0x10000 + ((c - 0xd800) << 10) +
				    (low - 0xdc00);
				at += 2;
			}
		}
		length = put_utf8(utf8, c);
		if (length >= cap - out)
			break;
		memcpy(to + out, utf8, length);
		out += length;
	}
	to[out] = 0;
	return out;
}

/**
 * oid_mtu() - the MTU to use
 * @reported: largest one of the host
 * @wanted: by the user
 *
 * Context: any.
 * Return: the smaller one, unless the host's is none that IP could use.
 */
u32 oid_mtu(u32 reported, u32 wanted)
{
	return reported >= MIN_MTU && reported < wanted ? reported : wanted;
}
