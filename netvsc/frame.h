/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Core: the RNDIS packet message around a frame. Parses one range of the
 * receive buffer, builds the header in front of a frame to send.
 *
 * All inline: both run once per frame. Nothing is copied but the words looked
 * at, each read once (see ppi.h); the host may write to the range meanwhile.
 */
#ifndef NETVSC_FRAME_H
#define NETVSC_FRAME_H

#include "ppi.h"
#include "rndis_wire.h"

/* What a range of the receive buffer is. */
enum frame_verdict {
	FRAME_OK,
	FRAME_CONTROL,		/* another RNDIS message: see rndis.h */
	FRAME_SHORT,		/* no room for the header */
	FRAME_LENGTH,		/* message length makes no sense */
	FRAME_DATA,		/* the frame is not inside the message */
	FRAME_TINY,		/* less than an Ethernet header */
	FRAME_LONG,		/* longer than the MTU allows */
	FRAME_NR
};

#define FRAME_MIN_BYTES	14u

/**
 * struct frame - a received frame, or a fragment of a coalesced one
 * @at: where it begins in the range
 * @bytes: its length
 * @ppi: what the host says about it
 */
struct frame {
	u32 at;
	u32 bytes;
	struct ppi_found ppi;
};

/**
 * frame_parse() - what is in this range?
 * @range: of the receive buffer; the host may be writing to it
 * @bytes: its length; range and length are checked by xfer_range()
 * @max: longest frame to take, fragments of coalesced ones excepted
 * @f: result, for FRAME_OK only
 *
 * Context: any.
 * Return: verdict. A FRAME_CONTROL range has at least RNDIS_HDR_BYTES.
 */
static __always_inline enum frame_verdict
frame_parse(const u8 *range, u32 bytes, u32 max, struct frame *f)
{
	u32 room = bytes - RNDIS_HDR_BYTES, offset, length;
	u64 two;

	if (unlikely(bytes < RNDIS_HDR_BYTES))
		return FRAME_SHORT;
	two = ppi_shared64(range);
	length = two >> 32;
	if (unlikely(length < RNDIS_HDR_BYTES || length > bytes))
		return FRAME_LENGTH;
	if (unlikely((u32)two != RNDIS_T_PACKET))
		return FRAME_CONTROL;
	if (unlikely(bytes < RNDIS_PACKET_BYTES))
		return FRAME_SHORT;

	two = ppi_shared64(range + 8);
	offset = (u32)two;
	length = two >> 32;
	if (unlikely(offset >= room || length > room - offset))
		return FRAME_DATA;
	f->at = offset + RNDIS_HDR_BYTES;
	f->bytes = length;

	/* Wrong information is no information; the frame is still a frame. */
	two = ppi_shared64(range + 28);
	offset = (u32)two;
	if (offset >= RNDIS_PACKET_BYTES - RNDIS_HDR_BYTES && offset <= room &&
	    two >> 32 <= room - offset)
		ppi_walk(range + RNDIS_HDR_BYTES + offset, two >> 32, &f->ppi);
	else
		f->ppi.found = 0;

	if (unlikely(ppi_has(&f->ppi, PPI_SLOT_RSC)) &&
	    f->ppi.word[PPI_SLOT_RSC] & PPI_RSC_SUBALLOC)
		return length ? FRAME_OK : FRAME_TINY;
	if (unlikely(length < FRAME_MIN_BYTES))
		return FRAME_TINY;
	return unlikely(length > max) ? FRAME_LONG : FRAME_OK;
}

/* struct frame_tx.what */
#define FRAME_TX_HASH	0x1
#define FRAME_TX_VLAN	0x2
#define FRAME_TX_LSO	0x4	/* implies the checksum */
#define FRAME_TX_CSUM	0x8

/* No header we build is longer. */
#define FRAME_TX_MAX_HEADER	(RNDIS_PACKET_BYTES + 3 * PPI_BYTES)

/**
 * struct frame_tx - what to say about a frame to send
 * @bytes: its length, without padding
 * @what: FRAME_TX_*; one of _LSO and _CSUM at most
 * @hash: for FRAME_TX_HASH
 * @vlan: ppi_vlan_word() for FRAME_TX_VLAN
 * @offload: ppi_lso1_word(), ppi_lso2_word() or ppi_csum_word()
 */
struct frame_tx {
	u32 bytes;
	u32 what;
	u32 hash;
	u32 vlan;
	u32 offload;
};

/**
 * frame_header_bytes() - length of the header of a frame to send
 * @what: FRAME_TX_*
 *
 * Context: any.
 * Return: bytes, at most FRAME_TX_MAX_HEADER.
 */
static inline u32 frame_header_bytes(u32 what)
{
	u32 bytes = RNDIS_PACKET_BYTES;

	if (unlikely(what & FRAME_TX_HASH))
		bytes += PPI_BYTES;
	if (unlikely(what & FRAME_TX_VLAN))
		bytes += PPI_BYTES;
	if (what & (FRAME_TX_LSO | FRAME_TX_CSUM))
		bytes += PPI_BYTES;
	return bytes;
}

/**
 * frame_build() - the header of a frame to send
 * @to: frame_header_bytes(@tx->what) of room; need not be aligned
 * @tx: the frame
 * @header_bytes: frame_header_bytes(@tx->what)
 * @pad: zeros behind the frame that belong to the message
 *
 * Order of the information: hash, VLAN, offload.
 *
 * Context: any.
 */
static __always_inline void frame_build(u8 *to, const struct frame_tx *tx,
					u32 header_bytes, u32 pad)
{
	u32 body = RNDIS_PACKET_BYTES - RNDIS_HDR_BYTES;
	u32 infos = header_bytes - RNDIS_PACKET_BYTES;
	u64 total = header_bytes + tx->bytes + pad;

	put_unaligned_le64(total << 32 | RNDIS_T_PACKET, to);
	put_unaligned_le64((u64)tx->bytes << 32 | (body + infos), to + 8);
	put_unaligned_le64(0, to + 16);
	put_unaligned_le64((u64)body << 32, to + 24);
	put_unaligned_le64(infos, to + 32);
	put_unaligned_le32(0, to + 40);
	if (!infos)
		return;
	to += RNDIS_PACKET_BYTES;
	if (unlikely(tx->what & FRAME_TX_HASH))
		to = ppi_append(to, PPI_HASH, tx->hash);
	if (unlikely(tx->what & FRAME_TX_VLAN))
		to = ppi_append(to, PPI_VLAN, tx->vlan);
	if (tx->what & FRAME_TX_LSO)
		ppi_append(to, PPI_LSO, tx->offload);
	else if (tx->what & FRAME_TX_CSUM)
		ppi_append(to, PPI_CHECKSUM, tx->offload);
}

#endif /* NETVSC_FRAME_H */
