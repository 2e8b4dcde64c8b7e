// SPDX-License-Identifier: GPL-2.0-only
/*
 * Core: fragments of coalesced frames. A frame is complete within one packet:
 * nothing is kept beyond it. What runs per packet is in rsc.h.
 */
#include "rsc.h"

static enum rsc_verdict refuse(struct rsc *rsc)
{
	rsc_reset(rsc);
	return RSC_REFUSED;
}

/**
 * rsc_add_piece() - a range of a coalesced frame, or one that interrupts it
 * @rsc: the assembly
 * @f: result of frame_parse(), FRAME_OK
 * @range_at: where the range begins in the receive buffer
 * @last_range: of the packet
 *
 * Context: any.
 * Return: what to do with it.
 */
enum rsc_verdict rsc_add_piece(struct rsc *rsc, const struct frame *f,
			       u32 range_at, bool last_range)
{
	u32 flags = 0;

	if (ppi_has(&f->ppi, PPI_SLOT_RSC))
		flags = f->ppi.word[PPI_SLOT_RSC];
	if (!(flags & PPI_RSC_SUBALLOC)) {
		/* What was kept will never be complete. */
		rsc_reset(rsc);
		return RSC_SINGLE;
	}
	if (rsc->done)
		rsc_reset(rsc);
	if (flags & PPI_RSC_FIRST) {
		if (f->bytes < FRAME_MIN_BYTES)
			return refuse(rsc);
		rsc_reset(rsc);
		rsc->bytes = 0;
		rsc->ppi = f->ppi;
	} else if (!rsc->count) {
		return refuse(rsc);
	}
	if (rsc->count >= NVSP_MAX_RANGES ||
	    f->bytes > RSC_MAX_BYTES - rsc->bytes)
		return refuse(rsc);
	rsc->piece[rsc->count].at = range_at + f->at;
	rsc->piece[rsc->count].bytes = f->bytes;
	rsc->count++;
	rsc->bytes += f->bytes;
	if (flags & PPI_RSC_LAST) {
		rsc->done = true;
		return RSC_DONE;
	}
	return last_range ? refuse(rsc) : RSC_MORE;
}
