/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMBUS_RING_H
#define HV_VMBUS_RING_H

#include <linux/types.h>
#include "pkt_wire.h"

/**
 * struct ring - one direction of a channel, seen from one end
 * @ctl:	shared header page
 * @data:	shared data, @size bytes
 * @size:	bytes of data; a multiple of 8
 * @pos:	our own index, never read back from @ctl: next byte to write
 *		(outbound) or to read (inbound)
 * @told:	the value of @pos the other side knows
 */
struct ring {
	struct ring_ctl *ctl;
	u8 *data;
	u32 size;
	u32 pos;
	u32 told;
};

/* A piece of a packet to write. */
struct ring_vec {
	const void *base;
	u32 bytes;
};

enum ring_verdict {
	RING_OK,
	RING_FULL,	/* not enough room now */
	RING_BROKEN,	/* the host wrote an impossible index: stop using it */
};

int ring_init(struct ring *r, void *mem, u32 bytes);

/* writer */
enum ring_verdict ring_put(struct ring *r, const struct ring_vec *vec,
			   unsigned int vecs);
bool ring_publish(struct ring *r);
enum ring_verdict ring_room(const struct ring *r, u32 *room);
void ring_want_room(struct ring *r, u32 bytes);

/* reader */
enum ring_verdict ring_avail(const struct ring *r, u32 *avail);
void ring_peek(const struct ring *r, u32 off, void *to, u32 bytes);
void ring_skip(struct ring *r, u32 bytes);
bool ring_release(struct ring *r);
void ring_mask(struct ring *r);
enum ring_verdict ring_unmask(struct ring *r, u32 *avail);

#endif /* HV_VMBUS_RING_H */
