// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses of an adapter: the host of version 5.0 has them as numbers, daemons
 * know text, several of a kind with semicolons between. IPv4 comes first.
 *
 * Pure. Called by kvp_msg.c. The adapter's name is not looked at here.
 */
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>

#include "../ic/ic_types.h"
#include "kvp_ip.h"

#define V4		4
#define V6		16
#define V6_GROUPS	8
/* The longest that is made here, with what separates it and a NUL. */
#define ONE_TEXT	48

/* Text of a field being made: nothing is written beyond it. */
struct text {
	u8 *at;
	u32 room;	/* the NUL counted */
	bool full;
};

static void add_char(struct text *text, char c)
{
	if (text->room < 2) {
		text->full = true;
		return;
	}
	*text->at++ = (u8)c;
	*text->at = '\0';
	text->room--;
}

static void add_number(struct text *text, u32 n, u32 base)
{
	char digit[10];
	u32 i = 0;

	do {
		digit[i++] = "0123456789abcdef"[n % base];
		n /= base;
	} while (n);
	while (i)
		add_char(text, digit[--i]);
}

static void add_v4(struct text *text, const u8 *address)
{
	u32 i;

	for (i = 0; i < V4; i++) {
		if (i)
			add_char(text, '.');
		add_number(text, address[i], 10);
	}
}

static u32 group(const u8 *address, u32 i)
{
	return (u32)address[2 * i] << 8 | address[2 * i + 1];
}

/* Where the longest run of zeros begins; its length, at least two, or 0. */
static u32 zeros(const u8 *address, u32 *begin)
{
	u32 i, run = 0, best = 0;

	for (i = 0; i < V6_GROUPS; i++) {
		run = group(address, i) ? 0 : run + 1;
		if (run > best) {
			best = run;
			*begin = i + 1 - run;
		}
	}
	return best > 1 ? best : 0;
}

static void add_v6(struct text *text, const u8 *address)
{
	u32 begin = 0, run = zeros(address, &begin), i = 0;

	while (i < V6_GROUPS) {
		if (run && i == begin) {
			add_char(text, ':');
			add_char(text, ':');
			i += run;
			continue;
		}
		if (i && !(run && i == begin + run))
			add_char(text, ':');
		add_number(text, group(address, i), 16);
		i++;
	}
}

static void add_list(struct text *text, const u8 *v4, u32 n4, const u8 *v6,
		     u32 n6)
{
	bool first = true;
	u32 i;

	for (i = 0; i < n4; i++, first = false) {
		if (!first)
			add_char(text, ';');
		add_v4(text, v4 + V4 * i);
	}
	for (i = 0; i < n6; i++, first = false) {
		if (!first)
			add_char(text, ';');
		add_v6(text, v6 + V6 * i);
	}
}

static void add_subnets(struct text *text, const struct kvp_ip_binary *from,
			u32 n4, u32 n6)
{
	u32 i;

	add_list(text, from->v4_mask[0], n4, NULL, 0);
	for (i = 0; i < n6; i++) {
		if (i || n4)
			add_char(text, ';');
		add_number(text, le32_to_cpu(from->v6_prefix[i]), 10);
	}
}

/**
 * kvp_ip_to_text() - numbers of the host to text for the daemon
 * @from: what the host sent
 * @to: family, DHCP, and the four texts; zeroed before
 *
 * Context: any.
 * Return: 0, or the status for the host: too many, or more than the texts hold.
 */
u32 kvp_ip_to_text(const struct kvp_ip_binary *from, struct kvp_ip *to)
{
	struct text text[] = {
		{ to->addresses, sizeof(to->addresses) },
		{ to->subnets, sizeof(to->subnets) },
		{ to->gateways, sizeof(to->gateways) },
		{ to->dns, sizeof(to->dns) },
	};
	u32 a4 = le32_to_cpu(from->v4_addresses);
	u32 a6 = le32_to_cpu(from->v6_addresses);
	u32 g4 = le32_to_cpu(from->v4_gateways);
	u32 g6 = le32_to_cpu(from->v6_gateways);
	u32 d4 = le32_to_cpu(from->v4_servers);
	u32 d6 = le32_to_cpu(from->v6_servers);
	u32 i;

	if (a4 > KVP_IP_MANY || a6 > KVP_IP_MANY || g4 > KVP_IP_GATEWAYS ||
	    g6 > KVP_IP_GATEWAYS || d4 > KVP_IP_MANY || d6 > KVP_IP_MANY)
		return IC_E_INVALID_ARG;
	for (i = 0; i < a6; i++) {
		if (le32_to_cpu(from->v6_prefix[i]) > 8 * V6)
			return IC_E_INVALID_ARG;
	}
	to->family = from->family;
	to->dhcp = from->dhcp;
	add_list(&text[0], from->v4_address[0], a4, from->v6_address[0], a6);
	add_subnets(&text[1], from, a4, a6);
	add_list(&text[2], from->v4_gateway[0], g4, from->v6_gateway[0], g6);
	add_list(&text[3], from->v4_server[0], d4, from->v6_server[0], d6);
	return text[0].full || text[1].full || text[2].full || text[3].full ?
	       IC_E_INVALID_ARG : IC_OK;
}

/* What is between two semicolons of a field, blanks and an empty rest left out. */
struct words {
	const u8 *at;
	const u8 *end;
};

static bool next_word(struct words *words, char *to)
{
	u32 n = 0;

	while (words->at < words->end && *words->at &&
	       (*words->at == ';' || *words->at == ' '))
		words->at++;
	while (words->at < words->end && *words->at && *words->at != ';') {
		/* Too long for an address: not one. */
		if (n < ONE_TEXT - 1)
			to[n++] = (char)*words->at;
		words->at++;
	}
	while (n && to[n - 1] == ' ')
		n--;
	to[n] = '\0';
	return n;
}

static int digit(char c, u32 base)
{
	int d = 99;

	if (c >= '0' && c <= '9')
		d = c - '0';
	else if (c >= 'a' && c <= 'f')
		d = c - 'a' + 10;
	else if (c >= 'A' && c <= 'F')
		d = c - 'A' + 10;
	return d < (int)base ? d : -1;
}

/* A number of up to @digits digits; moves on; false if there is none. */
static bool get_number(const char **at, u32 base, u32 digits, u32 *n)
{
	u32 i;

	*n = 0;
	for (i = 0; digit(**at, base) >= 0; i++, (*at)++) {
		if (i == digits)
			return false;
		*n = *n * base + (u32)digit(**at, base);
	}
	return i;
}

static bool get_v4(const char *at, u8 *to)
{
	u32 i, n;

	for (i = 0; i < V4; i++) {
		if (i && *at++ != '.')
			return false;
		if (!get_number(&at, 10, 3, &n) || n > 255)
			return false;
		to[i] = (u8)n;
	}
	return !*at;
}

/* Groups up to the end, to "::" or to a scope; returns how many, or -1. */
static int get_groups(const char **at, u8 *to, u32 room)
{
	u32 i = 0, n;

	while (**at && **at != '%') {
		const char *begin = *at;

		if (i == room)
			return -1;
		if (!get_number(at, 16, 4, &n)) {
			/* 192.0.2.1 has fewer digits than would be too many. */
			return -1;
		}
		if (**at == '.') {
			if (i + 2 > room || !get_v4(begin, to + 2 * i))
				return -1;
			*at += strlen(*at);
			return (int)i + 2;
		}
		to[2 * i] = (u8)(n >> 8);
		to[2 * i + 1] = (u8)n;
		i++;
		if (**at != ':')
			break;
		if ((*at)[1] == ':')
			break;
		(*at)++;
		if (!**at)
			return -1;
	}
	return (int)i;
}

static bool get_v6(const char *at, u8 *to)
{
	u8 tail[V6] = {};
	int head = 0, rest;

	memset(to, 0, V6);
	if (at[0] != ':')
		head = get_groups(&at, to, V6_GROUPS);
	if (head < 0)
		return false;
	if (at[0] == ':' && at[1] == ':') {
		at += 2;
		rest = get_groups(&at, tail, V6_GROUPS);
		if (rest < 0 || head + rest >= V6_GROUPS)
			return false;
		memcpy(to + V6 - 2 * rest, tail, 2 * (size_t)rest);
	} else if (head != V6_GROUPS) {
		return false;
	}
	/* A scope is not part of an address. */
	return !*at || *at == '%';
}

/* Addresses of both families, and where they go: as many as there is room. */
struct lists {
	u8 *v4, *v6;
	u32 n4, n6;
	u32 room;
};

/* False if one is no address. */
static bool put_list(const u8 *text, u32 bytes, struct lists *to)
{
	struct words words = { text, text + bytes };
	char word[ONE_TEXT];
	u8 address[V6];

	while (next_word(&words, word)) {
		if (strchr(word, ':')) {
			if (!get_v6(word, address))
				return false;
			if (to->n6 < to->room)
				memcpy(to->v6 + V6 * to->n6++, address, V6);
		} else {
			if (!get_v4(word, address))
				return false;
			if (to->n4 < to->room)
				memcpy(to->v4 + V4 * to->n4++, address, V4);
		}
	}
	return true;
}

/* Masks with dots and prefix lengths, with or without a slash. */
static bool put_subnets(const u8 *text, u32 bytes, struct kvp_ip_binary *to)
{
	struct words words = { text, text + bytes };
	char word[ONE_TEXT];
	u32 i4 = 0, i6 = 0, n;
	u8 mask[V4];

	while (next_word(&words, word)) {
		const char *at = word[0] == '/' ? word + 1 : word;

		if (strchr(at, '.')) {
			if (!get_v4(at, mask))
				return false;
			if (i4 < KVP_IP_MANY)
				memcpy(to->v4_mask[i4++], mask, V4);
		} else {
			if (!get_number(&at, 10, 3, &n) || *at || n > 8 * V6)
				return false;
			if (i6 < KVP_IP_MANY)
				to->v6_prefix[i6++] = cpu_to_le32(n);
		}
	}
	return true;
}

/**
 * kvp_ip_from_text() - text of the daemon to numbers for the host
 * @from: what the daemon said
 * @to: all but the adapter's name is set
 *
 * Context: any.
 * Return: 0, or the status for the host: the daemon's text makes no sense.
 */
u32 kvp_ip_from_text(const struct kvp_ip *from, struct kvp_ip_binary *to)
{
	u16 origin = from->dhcp ? KVP_IP_ORIGIN_DHCP : KVP_IP_ORIGIN_STATIC;
	struct lists addresses = { .v4 = to->v4_address[0],
				   .v6 = to->v6_address[0],
				   .room = KVP_IP_MANY };
	struct lists gateways = { .v4 = to->v4_gateway[0],
				  .v6 = to->v6_gateway[0],
				  .room = KVP_IP_GATEWAYS };
	struct lists servers = { .v4 = to->v4_server[0],
				 .v6 = to->v6_server[0],
				 .room = KVP_IP_MANY };
	const size_t before = offsetof(struct kvp_ip_binary, adapter);
	const size_t behind = offsetof(struct kvp_ip_binary, family);
	u8 *bytes = (u8 *)to;
	u32 i;

	memset(bytes, 0, before);
	memset(bytes + behind, 0, sizeof(*to) - behind);
	to->family = from->family;
	to->dhcp = from->dhcp;
	if (!put_list(from->addresses, sizeof(from->addresses), &addresses) ||
	    !put_subnets(from->subnets, sizeof(from->subnets), to) ||
	    !put_list(from->gateways, sizeof(from->gateways), &gateways) ||
	    !put_list(from->dns, sizeof(from->dns), &servers))
		return IC_E_FAIL;
	to->v4_addresses = cpu_to_le32(addresses.n4);
	to->v6_addresses = cpu_to_le32(addresses.n6);
	to->v4_gateways = cpu_to_le32(gateways.n4);
	to->v6_gateways = cpu_to_le32(gateways.n6);
	to->v4_servers = cpu_to_le32(servers.n4);
	to->v6_servers = cpu_to_le32(servers.n6);
	for (i = 0; i < addresses.n4 + addresses.n6; i++)
		to->origin[i] = cpu_to_le16(origin);
	return IC_OK;
}
