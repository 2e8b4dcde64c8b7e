/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Build vstor packets, tell apart what arrives, number requests, and turn
 * mapped memory into the one GPA range of a request. Pure: see vstor.c.
 */
#ifndef STORVSC_VSTOR_H
#define STORVSC_VSTOR_H

#include "vstor_wire.h"

/*
 * Transaction ids. A SCSI command has (generation << 32) | (index + 1), so
 * that the id of an earlier use of the same index never matches a later one;
 * a control request has all ones in the upper half. 0 is the host's own id
 * for what it sends unasked.
 */
#define VSTOR_ID_UNSOLICITED	0ull
#define VSTOR_ID_CONTROL	0xffffffff00000000ull
#define VSTOR_ID_MAX_INDEX	0xfffffffeu

/* One command as the builder of an SRB needs it. */
struct vstor_cmd {
	const u8 *cdb;
	u32 data_bytes;
	u8 cdb_bytes;
	u8 data_in;		/* VSTOR_DATA_* */
	u8 port, path, target, lun;
	bool tagged;
	u8 queue_action;	/* VSTOR_QUEUE_*, for a tagged device */
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
 * @pfn: frame numbers, @cap of them at most; @nr used so far
 * @offset: of the first byte in the first frame
 * @left: bytes of the request not covered yet
 */
struct vstor_range {
	u64 *pfn;
	u32 cap;
	u32 nr;
	u32 offset;
	u32 left;
	bool closed;
};

u32 vstor_pkt_bytes(u16 version);
u8 vstor_sense_cap(u16 version);
void vstor_build_srb(struct vstor_pkt *pkt, u16 version,
		     const struct vstor_cmd *cmd);
void vstor_build_control(struct vstor_pkt *pkt, u32 op, u16 arg);
enum vstor_rx vstor_classify(u64 id, const void *data, u32 bytes, u32 need,
			     const struct vstor_pkt **pkt);

u64 vstor_io_id(u32 index, u32 generation);
bool vstor_id_index(u64 id, u32 nr, u32 *index);
bool vstor_id_is_control(u64 id);

u32 vstor_range_frames(u32 offset, u32 bytes);
void vstor_range_init(struct vstor_range *range, u64 *pfn, u32 cap, u32 bytes);
int vstor_range_add(struct vstor_range *range, u64 addr, u32 bytes);
int vstor_range_end(const struct vstor_range *range);

u32 vstor_max_transfer(u32 reported, u32 limit);

#endif /* STORVSC_VSTOR_H */
