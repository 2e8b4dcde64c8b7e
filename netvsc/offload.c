// SPDX-License-Identifier: GPL-2.0-only
/*
 * Core: NDIS offload objects. Decides from the host's capabilities what may
 * be offered to the stack, and words what the user switched on for the host.
 *
 * Called by rndis_ctl.c in any context. No kernel calls, no state: also built
 * in user space for the tests.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include <asm/byteorder.h>

#include "nvsp.h"
#include "offload.h"

/* All of TCP, with options; IPv6 with extension headers as well. */
#define TCP4_NEEDS	(NDIS_CSUM4_TCP | NDIS_CSUM4_TCP_OPTIONS)
#define TCP6_NEEDS	(NDIS_CSUM6_TCP | NDIS_CSUM6_TCP_OPTIONS |	\
			 NDIS_CSUM6_EXTENSIONS)
#define LSO6_NEEDS	(NDIS_LSO6_EXTENSIONS | NDIS_LSO6_TCP_OPTIONS)

/* The stack segments nothing shorter: no use for less, or for more pieces. */
#define MIN_TSO_BYTES		2048u
#define STACK_MIN_SEGMENTS	2u

/**
 * offload_query() - input of a query for the capabilities
 * @to: where
 * @version: of NVSP, agreed
 *
 * Context: any.
 * Return: its length.
 */
u32 offload_query(struct ndis_hdr *to, u32 version)
{
	u32 revision = 1, bytes = NDIS_OFFLOAD_BYTES_1;

	if (nvsp_version_at_least(version, NVSP_VERSION_5)) {
		revision = 3;
		bytes = NDIS_OFFLOAD_BYTES_3;
	} else if (nvsp_version_at_least(version, NVSP_VERSION_4)) {
		revision = 2;
		bytes = NDIS_OFFLOAD_BYTES_2;
	}
	to->type = NDIS_OBJ_OFFLOAD;
	to->revision = revision;
	to->bytes = cpu_to_le16(bytes);
	return sizeof(*to);
}

static bool has(__le32 word, u32 bits)
{
	return (le32_to_cpu(word) & bits) == bits;
}

static bool tso_works(__le32 encap, __le32 max_bytes, __le32 min_segments)
{
	return has(encap, NDIS_ENCAP_8023) &&
	       le32_to_cpu(max_bytes) >= MIN_TSO_BYTES &&
	       le32_to_cpu(min_segments) <= STACK_MIN_SEGMENTS;
}

static void take_csum(const struct ndis_csum_caps *csum, bool udp,
		      struct ndis_caps *caps)
{
	caps->tcp4 = has(csum->ip4_tx, TCP4_NEEDS);
	caps->tcp6 = has(csum->ip6_tx, TCP6_NEEDS);
	caps->udp4 = udp && caps->tcp4 && has(csum->ip4_tx, NDIS_CSUM4_UDP);
	caps->udp6 = udp && caps->tcp6 && has(csum->ip6_tx, NDIS_CSUM6_UDP);
	caps->rx_tcp4 = has(csum->ip4_rx, NDIS_CSUM4_TCP);
	caps->rx_tcp6 = has(csum->ip6_rx, NDIS_CSUM6_TCP);
	caps->rx_udp4 = udp && has(csum->ip4_rx, NDIS_CSUM4_UDP);
	caps->rx_udp6 = udp && has(csum->ip6_rx, NDIS_CSUM6_UDP);
}

static void take_lso(const struct ndis_lso2_caps *lso, struct ndis_caps *caps)
{
	u32 max4 = le32_to_cpu(lso->ip4_max_bytes);
	u32 max6 = le32_to_cpu(lso->ip6_max_bytes);

	caps->tso4 = caps->tcp4 && tso_works(lso->ip4_encap,
					     lso->ip4_max_bytes,
					     lso->ip4_min_segments);
	caps->tso6 = caps->tcp6 && has(lso->ip6_options, LSO6_NEEDS) &&
		     tso_works(lso->ip6_encap, lso->ip6_max_bytes,
			       lso->ip6_min_segments);
	caps->tso_max_bytes = caps->tso4 ? max4 : 0;
	if (caps->tso6 && (!caps->tso4 || max6 < max4))
		caps->tso_max_bytes = max6;
}

/**
 * offload_parse() - what may be offered to the stack?
 * @info: answer to the query, in memory the host cannot write to
 * @bytes: its length
 * @version: of NVSP, agreed
 * @caps: result, changed on success only
 *
 * Context: any.
 * Return: 0, -EPROTO for what is no such object.
 */
int offload_parse(const void *info, u32 bytes, u32 version,
		  struct ndis_caps *caps)
{
	struct ndis_offload off;
	u32 size;

	if (bytes < NDIS_OFFLOAD_BYTES_1)
		return -EPROTO;
	memcpy(&off.hdr, info, sizeof(off.hdr));
	size = le16_to_cpu(off.hdr.bytes);
	if (off.hdr.type != NDIS_OBJ_OFFLOAD || !off.hdr.revision ||
	    size < NDIS_OFFLOAD_BYTES_1 || size > bytes)
		return -EPROTO;
	if (size > sizeof(off))
		size = sizeof(off);
	memset(&off, 0, sizeof(off));
	memcpy(&off, info, size);

	memset(caps, 0, sizeof(*caps));
	take_csum(&off.csum, nvsp_version_at_least(version, NVSP_VERSION_5),
		  caps);
	take_lso(&off.lso2, caps);
	caps->rsc = nvsp_version_at_least(version, NVSP_VERSION_6_1) &&
		    off.rsc_ip4 && off.rsc_ip6;
	return 0;
}

static u8 csum_value(bool can_tx, bool can_rx, const struct ndis_use *use)
{
	if (!can_tx && !can_rx)
		return NDIS_CSUM_NO_CHANGE;
	return NDIS_CSUM_OFF + (can_tx && use->tx_csum) +
	       2 * (can_rx && use->rx_csum);
}

static u8 switch_value(bool can, bool use)
{
	if (!can)
		return NDIS_OFFLOAD_NO_CHANGE;
	return use ? NDIS_OFFLOAD_ON : NDIS_OFFLOAD_OFF;
}

/**
 * offload_params() - tell the host what to do
 * @to: object for OID_OFFLOAD_PARAMETERS
 * @version: of NVSP, agreed
 * @caps: result of offload_parse()
 * @use: what to switch on; what the host cannot do is left alone
 *
 * The IPv4 header checksum is never left to the host: the stack always has it.
 *
 * Context: any.
 * Return: its length.
 */
u32 offload_params(struct ndis_offload_params *to, u32 version,
		   const struct ndis_caps *caps, const struct ndis_use *use)
{
	u32 bytes = NDIS_OFFLOAD_PARAMS_BYTES;

	memset(to, 0, sizeof(*to));
	if (!nvsp_version_at_least(version, NVSP_VERSION_5))
		bytes = NDIS_OFFLOAD_PARAMS_BYTES_OLD;
	to->hdr.type = NDIS_OBJ_DEFAULT;
	to->hdr.revision = 3;
	to->hdr.bytes = cpu_to_le16(bytes);
	to->ip4_csum = NDIS_CSUM_OFF;
	to->tcp4_csum = csum_value(caps->tcp4, caps->rx_tcp4, use);
	to->tcp6_csum = csum_value(caps->tcp6, caps->rx_tcp6, use);
	to->udp4_csum = csum_value(caps->udp4, caps->rx_udp4, use);
	to->udp6_csum = csum_value(caps->udp6, caps->rx_udp6, use);
	to->lso2_ip4 = switch_value(caps->tso4, use->tso4);
	to->lso2_ip6 = switch_value(caps->tso6, use->tso6);
	to->rsc_ip4 = switch_value(caps->rsc, use->rsc);
	to->rsc_ip6 = to->rsc_ip4;
	return bytes;
}
