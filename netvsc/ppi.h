/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Core: per-packet information. Words for what we send, one walk over what
 * the host sent.
 *
 * All inline: both run once per frame. The host may write to received memory
 * while we look at it; every field is therefore read exactly once, into a
 * register, which is the private copy that gets checked and used.
 */
#ifndef NETVSC_PPI_H
#define NETVSC_PPI_H

#include <linux/compiler.h>
#include <linux/unaligned.h>
#include <asm/byteorder.h>

#include "rndis_wire.h"

/*
 * struct ppi_found - what stands in front of a frame
 * @found: BIT(slot) for each that is there
 * @word: data, by slot: the type, or PPI_SLOT_RSC; valid if found
 */
#define PPI_SLOT_RSC	10
#define PPI_SLOTS	11

struct ppi_found {
	u32 found;
	u32 word[PPI_SLOTS];
};

/**
 * ppi_has() - is it there?
 * @f: result of ppi_walk()
 * @slot: PPI_* below 10, or PPI_SLOT_RSC
 *
 * Context: any.
 * Return: true if so.
 */
static inline bool ppi_has(const struct ppi_found *f, u32 slot)
{
	return f->found & (1u << slot);
}

/**
 * ppi_shared32() - read memory the host may be writing to, once
 * @p: where; need not be aligned
 *
 * Context: any.
 * Return: the word, which the compiler cannot fetch a second time.
 */
static inline u32 ppi_shared32(const void *p)
{
	u32 v = get_unaligned_le32(p);

	OPTIMIZER_HIDE_VAR(v);
	return v;
}

/**
 * ppi_shared64() - the same for two words
 * @p: where; need not be aligned
 *
 * Context: any.
 * Return: first word in the low, second in the high half.
 */
static inline u64 ppi_shared64(const void *p)
{
	u64 v = get_unaligned_le64(p);

	OPTIMIZER_HIDE_VAR(v);
	return v;
}

/**
 * ppi_walk() - collect the per-packet information of a frame
 * @at: first element, in memory the host may be writing to
 * @left: bytes up to the end of the area, which are ours to read
 * @f: result; an element that is there twice counts with its last word
 *
 * Ends at the first element that makes no sense. Every round consumes at
 * least PPI_HDR_BYTES of @left, so it ends on every input.
 *
 * Context: any.
 */
static inline void ppi_walk(const u8 *at, u32 left, struct ppi_found *f)
{
	f->found = 0;
	while (left >= PPI_BYTES) {
		u64 first = ppi_shared64(at);
		u64 second = ppi_shared64(at + 8);
		u32 bytes = (u32)first;
		u32 type = first >> 32;
		u32 offset = (u32)second;
		u32 word = second >> 32;

		if (unlikely(bytes < PPI_HDR_BYTES || bytes > left))
			return;
		if (type == PPI_RSC)
			type = PPI_SLOT_RSC;
		else if (type > PPI_HASH_INFO)
			goto next;
		if (unlikely(bytes < PPI_BYTES))
			return;
		if (unlikely(offset != PPI_HDR_BYTES)) {
			if (offset < PPI_HDR_BYTES ||
			    offset > bytes - sizeof(u32))
				return;
			word = ppi_shared32(at + offset);
		}
		f->word[type] = word;
		f->found |= 1u << type;
next:
		at += bytes;
		left -= bytes;
	}
}

/**
 * ppi_append() - write one element
 * @to: where
 * @type: PPI_*
 * @word: its data
 *
 * Context: any.
 * Return: behind it.
 */
static inline u8 *ppi_append(u8 *to, u32 type, u32 word)
{
	put_unaligned_le64((u64)type << 32 | PPI_BYTES, to);
	put_unaligned_le64((u64)word << 32 | PPI_HDR_BYTES, to + 8);
	return to + PPI_BYTES;
}

/**
 * ppi_csum_word() - ask the host for a transport checksum
 * @kind: PPI_TX_IS_IPV4 or PPI_TX_IS_IPV6, with PPI_TX_TCP or PPI_TX_UDP
 * @offset: of the transport header in the frame, at most PPI_TX_OFFSET_MAX
 *
 * Context: any.
 * Return: data for PPI_CHECKSUM.
 */
static inline u32 ppi_csum_word(u32 kind, u32 offset)
{
	return kind | offset << PPI_TX_OFFSET_SHIFT;
}

/**
 * ppi_lso1_word() - ask for large send, version 1 (IPv4)
 * @mss: bytes of payload in a segment, at most PPI_LSO_MSS_MAX
 * @offset: of the TCP header in the frame, at most PPI_LSO_OFFSET_MAX
 *
 * Context: any.
 * Return: data for PPI_LSO.
 */
static inline u32 ppi_lso1_word(u32 mss, u32 offset)
{
	return mss | offset << PPI_LSO_OFFSET_SHIFT;
}

/**
 * ppi_lso2_word() - ask for large send, version 2
 * @mss: bytes of payload in a segment, at most PPI_LSO_MSS_MAX
 * @offset: of the TCP header in the frame, at most PPI_LSO_OFFSET_MAX
 * @ipv6: the other kind of frame
 *
 * Context: any.
 * Return: data for PPI_LSO.
 */
static inline u32 ppi_lso2_word(u32 mss, u32 offset, bool ipv6)
{
	return ppi_lso1_word(mss, offset) | PPI_LSO_V2 |
	       (ipv6 ? PPI_LSO_IPV6 : 0);
}

/**
 * ppi_vlan_word() - tag of a frame, to the host
 * @tci: as the stack has it: priority, CFI, id from the top
 *
 * Context: any.
 * Return: data for PPI_VLAN.
 */
static inline u32 ppi_vlan_word(u16 tci)
{
	return tci >> 13 | (tci >> 9 & PPI_VLAN_CFI) |
	       (tci & 0xfffu) << PPI_VLAN_ID_SHIFT;
}

/**
 * ppi_vlan_tci() - tag of a frame, from the host
 * @word: data of PPI_VLAN
 *
 * Context: any.
 * Return: as the stack has it.
 */
static inline u16 ppi_vlan_tci(u32 word)
{
	return (word & 7) << 13 | (word & PPI_VLAN_CFI) << 9 |
	       (word >> PPI_VLAN_ID_SHIFT & 0xfff);
}

/**
 * ppi_csum_good() - has the host checked the transport checksum?
 * @f: result of ppi_walk()
 *
 * Context: any.
 * Return: true if it has, and found it right.
 */
static inline bool ppi_csum_good(const struct ppi_found *f)
{
	return ppi_has(f, PPI_CHECKSUM) &&
	       f->word[PPI_CHECKSUM] & (PPI_RX_TCP_OK | PPI_RX_UDP_OK);
}

/**
 * ppi_csum_ip_stale() - must the IPv4 header checksum be computed anew?
 * @f: result of ppi_walk()
 *
 * The host says so for a coalesced frame: header right, its checksum field
 * of an earlier length.
 *
 * Context: any.
 * Return: true if so.
 */
static inline bool ppi_csum_ip_stale(const struct ppi_found *f)
{
	const u32 both = PPI_RX_IP_OK | PPI_RX_IP_VALUE_BAD;

	return ppi_has(f, PPI_CHECKSUM) &&
	       (f->word[PPI_CHECKSUM] & both) == both;
}

#endif /* NETVSC_PPI_H */
