/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Coalesced receive (RSC): several ranges of one packet make one frame.
 * Pure: see rsc.c.
 */
#ifndef NETVSC_RSC_H
#define NETVSC_RSC_H

#include "frame.h"
#include "nvsp_wire.h"

/* The longest coalesced frame: an IPv6 packet of 64 KiB, headers, a tag. */
#define RSC_MAX_BYTES	(65535u + 40 + 18)

/* What to do with the range just added. */
enum rsc_verdict {
	RSC_SINGLE,		/* a frame of its own */
	RSC_MORE,		/* kept: the frame is not complete */
	RSC_DONE,		/* the frame is complete: see struct rsc */
	RSC_REFUSED,		/* makes no sense: this and what was kept is lost */
	RSC_VERDICT_NR
};

struct rsc_piece {
	u32 at;			/* in the receive buffer */
	u32 bytes;
};

/**
 * struct rsc - the frame being assembled, within one packet
 * @count: pieces, 0 if nothing is kept
 * @bytes: in all of them
 * @done: the frame is complete: the next range does not belong to it
 * @ppi: information of the first piece
 * @piece: where they are
 */
struct rsc {
	u32 count;
	u32 bytes;
	bool done;
	struct ppi_found ppi;
	struct rsc_piece piece[NVSP_MAX_RANGES];
};

enum rsc_verdict rsc_add_piece(struct rsc *rsc, const struct frame *f,
			       u32 range_at, bool last_range);

/**
 * rsc_reset() - forget what is kept
 * @rsc: the assembly
 *
 * At the start of each packet, and after a range that was refused.
 *
 * Context: any.
 */
static inline void rsc_reset(struct rsc *rsc)
{
	rsc->count = 0;
	rsc->done = false;
}

/**
 * rsc_add() - one more range of the packet
 * @rsc: the assembly
 * @f: result of frame_parse(), FRAME_OK
 * @range_at: where the range begins in the receive buffer
 * @last_range: of the packet
 *
 * Context: any; once per frame.
 * Return: what to do with it.
 */
static inline enum rsc_verdict rsc_add(struct rsc *rsc, const struct frame *f,
				       u32 range_at, bool last_range)
{
	if (likely(!ppi_has(&f->ppi, PPI_SLOT_RSC) && !rsc->count))
		return RSC_SINGLE;
	return rsc_add_piece(rsc, f, range_at, last_range);
}

#endif /* NETVSC_RSC_H */
