/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Build vstor packets, tell apart what arrives, number requests, and turn
 * mapped memory into the one GPA range of a request. Pure: see vstor.c.
 */
#ifndef STORVSC_VSTOR_H
#define STORVSC_VSTOR_H

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <asm/byteorder.h>

#include "vstor_wire.h"

/*
 * Transaction ids. A SCSI command has (generation << 32) | (index + 1), so
 * that the id of an earlier use of the same index never matches a later one;
 * the generation has 31 bits. A control request has all ones in the upper
 * half. 0 is the host's own id for what it sends unasked.
 */
#define VSTOR_ID_UNSOLICITED	0ull
#define VSTOR_ID_CONTROL	0xffffffff00000000ull
#define VSTOR_ID_GENERATION	0x0000000100000000ull
#define VSTOR_ID_TOP		0x8000000000000000ull
#define VSTOR_ID_MAX_INDEX	0xfffffffeu

/*
 * Filled-in forms: all that commands of a controller have in common, by
 * whether their device is tagged and by vstor_srb.data_in.
 */
struct vstor_forms {
	struct vstor_pkt form[2][3];
};

/* What is left to fill in. @cdb: VSTOR_CDB_BYTES can be read there. */
struct vstor_cmd {
	const u8 *cdb;
	u32 data_bytes;
	u8 cdb_bytes;
	u8 path, target, lun;
};

/* What a packet from the host is; all but the first three are refused. */
enum vstor_rx {
	VSTOR_RX_IO,		/* answer to a SCSI command */
	VSTOR_RX_CONTROL,	/* answer to a control request */
	VSTOR_RX_BUS_CHANGED,	/* devices came or went */
	VSTOR_RX_SHORT,		/* too short for what it claims to be */
	VSTOR_RX_UNEXPECTED,	/* unsolicited, and nothing we know */
	VSTOR_RX_NOT_COMPLETE,	/* an answer that is no COMPLETE_IO */
	VSTOR_RX_NR
};

/*
 * The GPA range under construction.
 * @pfn: where the next frame number goes
 * @left: bytes of the request not covered yet
 * @odd: the low bits of where pieces met
 */
struct vstor_range {
	u64 *pfn;
	u32 left;
	u32 odd;
};

u32 vstor_pkt_bytes(u16 version);
u8 vstor_sense_cap(u16 version);
void vstor_forms_init(struct vstor_forms *forms, u16 version, u8 port,
		      u8 queue_action);
void vstor_build_control(struct vstor_pkt *pkt, u32 op, u16 arg);
enum vstor_rx vstor_classify(u64 id, const void *data, u32 bytes, u32 need,
			     const struct vstor_pkt **pkt);
u32 vstor_max_transfer(u32 reported, u32 limit);

/* From VSTOR_CDB_BYTES - n on: the first n bytes of a CDB, and not the rest. */
extern const u8 vstor_cdb_mask[2 * VSTOR_CDB_BYTES];

/* What follows runs once or more per command, so it is here. */

static __always_inline u64 vstor_word(const void *from)
{
	u64 word;

	__builtin_memcpy(&word, from, sizeof(word));
	return word;
}

static __always_inline void vstor_put_word(void *to, u64 word)
{
	__builtin_memcpy(to, &word, sizeof(word));
}

/**
 * vstor_build_srb() - EXECUTE_SRB for a command
 * @pkt: packet to fill; send vstor_pkt_bytes() of it
 * @form: one of vstor_forms
 * @cmd: the command; of its CDB VSTOR_CDB_BYTES are sent at most, and zeros
 *	 behind it
 *
 * Context: any.
 */
static __always_inline void vstor_build_srb(struct vstor_pkt *pkt,
					    const struct vstor_pkt *form,
					    const struct vstor_cmd *cmd)
{
	struct vstor_srb *srb = &pkt->srb;
	u8 bytes = cmd->cdb_bytes;
	const u8 *mask;

	if (unlikely(bytes > VSTOR_CDB_BYTES))
		bytes = VSTOR_CDB_BYTES;
	mask = vstor_cdb_mask + VSTOR_CDB_BYTES - bytes;

	vstor_put_word((u8 *)pkt, vstor_word((u8 *)form));
	vstor_put_word((u8 *)pkt + 8, vstor_word((u8 *)form + 8));
	vstor_put_word((u8 *)pkt + 16, vstor_word((u8 *)form + 16));
	srb->path_id = cmd->path;
	srb->target_id = cmd->target;
	srb->lun = cmd->lun;
	srb->cdb_bytes = bytes;
	srb->data_bytes = cpu_to_le32(cmd->data_bytes);
	vstor_put_word(srb->payload, vstor_word(cmd->cdb) & vstor_word(mask));
	vstor_put_word(srb->payload + 8,
		       vstor_word(cmd->cdb + 8) & vstor_word(mask + 8));
	__builtin_memset(srb->payload + VSTOR_CDB_BYTES, 0,
			 sizeof(srb->payload) - VSTOR_CDB_BYTES);
	vstor_put_word((u8 *)pkt + 48, vstor_word((u8 *)form + 48));
	vstor_put_word((u8 *)pkt + 56, vstor_word((u8 *)form + 56));
}

/**
 * vstor_is_answer() - does the host complete something with this packet?
 * @data: payload of the packet, in memory the host cannot write to
 * @bytes: its length
 * @need: length of an answer in the version agreed
 *
 * If so it may be read. If not, vstor_classify() says what it is.
 *
 * Context: any.
 * Return: true for a whole COMPLETE_IO.
 */
static __always_inline bool vstor_is_answer(const void *data, u32 bytes,
					    u32 need)
{
	const struct vstor_pkt *pkt = data;

	return bytes >= need &&
	       pkt->operation == cpu_to_le32(VSTOR_OP_COMPLETE_IO);
}

/**
 * vstor_io_id() - first transaction id of an entry of the request table
 * @index: of the entry, below VSTOR_ID_MAX_INDEX
 *
 * Context: any.
 * Return: an id that is neither 0 nor a control id.
 */
static __always_inline u64 vstor_io_id(u32 index)
{
	return (u64)index + 1;
}

/**
 * vstor_next_id() - the one after
 * @id: transaction id of an entry of the request table
 *
 * Context: any.
 * Return: id of the same entry, not used before by 2^31 others; neither 0
 *	   nor a control id.
 */
static __always_inline u64 vstor_next_id(u64 id)
{
	return (id + VSTOR_ID_GENERATION) & ~VSTOR_ID_TOP;
}

/**
 * vstor_id_is_control() - is it the id of a control request?
 * @id: any value
 *
 * Context: any.
 * Return: true for a control id.
 */
static __always_inline bool vstor_id_is_control(u64 id)
{
	return (id & VSTOR_ID_CONTROL) == VSTOR_ID_CONTROL;
}

/**
 * vstor_id_index() - entry of the request table an id speaks of
 * @id: as the host echoed it, any value
 * @nr: entries in the table
 * @index: set on success
 *
 * Context: any.
 * Return: false when no entry can have had that id.
 */
static __always_inline bool vstor_id_index(u64 id, u32 nr, u32 *index)
{
	u32 low = (u32)id - 1;

	if (unlikely(low >= nr || vstor_id_is_control(id)))
		return false;
	*index = low;
	return true;
}

/**
 * vstor_range_frames() - frames touched by some bytes
 * @offset: of the first byte in its frame, below VSTOR_FRAME_BYTES
 * @bytes: any number
 *
 * Context: any.
 * Return: number of 4 KiB frames.
 */
static __always_inline u32 vstor_range_frames(u32 offset, u32 bytes)
{
	return ((u64)offset + bytes + VSTOR_FRAME_BYTES - 1) >>
		VSTOR_FRAME_SHIFT;
}

/*
 * Write down @frames, from @pfn on. Many pieces of memory are one frame; and
 * left to itself the compiler counts in three registers.
 */
static __always_inline u64 *vstor_put_frames(u64 *to, u64 pfn, u32 frames)
{
	u64 *end = to + frames;
	long i = -(long)frames;

	if (frames == 1) {
		*to = pfn;
		return end;
	}
	for (; i; i++) {
		end[i] = pfn++;
		OPTIMIZER_HIDE_VAR(pfn);
	}
	return end;
}

/*
 * A GPA range of several pieces of memory. The host takes exactly one range:
 * only the first piece may begin inside a frame, and after a piece that ends
 * inside one nothing may follow. Whatever the pieces are, no more frames are
 * written than vstor_range_frames() says for the whole request.
 */

/**
 * vstor_range_first() - begin a GPA range
 * @range: the range
 * @pfn: room for its frame numbers
 * @total: length of the request's data
 * @addr: guest-physical (DMA) address of the first piece
 * @bytes: its length, below @total
 *
 * Context: any.
 * Return: 0; -EINVAL for a hole.
 */
static __always_inline int vstor_range_first(struct vstor_range *range,
					     u64 *pfn, u32 total, u64 addr,
					     u32 bytes)
{
	u32 offset = (u32)addr & (VSTOR_FRAME_BYTES - 1);

	if ((offset + bytes) & (VSTOR_FRAME_BYTES - 1))
		return -EINVAL;
	range->left = total - bytes;
	range->odd = 0;
	range->pfn = vstor_put_frames(pfn, addr >> VSTOR_FRAME_SHIFT,
				      (offset + bytes) >> VSTOR_FRAME_SHIFT);
	return 0;
}

/**
 * vstor_range_middle() - append a piece that is not the last one
 * @range: the range
 * @addr: guest-physical (DMA) address of the piece
 * @bytes: its length
 *
 * Context: any.
 * Return: false if it is the last one, and not appended.
 */
static __always_inline bool vstor_range_middle(struct vstor_range *range,
					       u64 addr, u32 bytes)
{
	/* Most pieces of a long transfer are one frame. */
	if (likely(bytes == VSTOR_FRAME_BYTES &&
		   range->left > VSTOR_FRAME_BYTES)) {
		range->left -= VSTOR_FRAME_BYTES;
		range->odd |= (u32)addr;
		*range->pfn++ = addr >> VSTOR_FRAME_SHIFT;
		return true;
	}
	if (bytes >= range->left)
		return false;
	range->left -= bytes;
	range->odd |= (u32)addr;
	range->odd |= bytes;
	range->pfn = vstor_put_frames(range->pfn, addr >> VSTOR_FRAME_SHIFT,
				      bytes >> VSTOR_FRAME_SHIFT);
	return true;
}

/**
 * vstor_range_last() - append the last piece
 * @range: the range
 * @addr: guest-physical (DMA) address of the piece
 * @bytes: its length; what is beyond the request's (padding) is left out
 *
 * Context: any.
 * Return: 0, or -EINVAL for a hole or missing memory.
 */
static __always_inline int vstor_range_last(struct vstor_range *range,
					    u64 addr, u32 bytes)
{
	range->odd |= (u32)addr;
	if (bytes < range->left || range->odd & (VSTOR_FRAME_BYTES - 1))
		return -EINVAL;
	vstor_put_frames(range->pfn, addr >> VSTOR_FRAME_SHIFT,
			 vstor_range_frames(0, range->left));
	return 0;
}

#endif /* STORVSC_VSTOR_H */
