/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the suites of rings and packets: what the bus does in registers, as it
 * goes along, put together for who looks at the result.
 */
#ifndef TESTS_MOCK_RING_MOCK_H
#define TESTS_MOCK_RING_MOCK_H

#include "../../vmbus/pkt.h"
#include "../../vmbus/ring.h"

/**
 * pkt_check() - pkt_judge(), and the framing
 * @desc:	private copy of the descriptor
 * @avail:	bytes in the ring from the descriptor on
 * @room:	size of the private buffer a packet must fit into
 * @info:	framing; valid on PKT_OK, and @step also on PKT_SKIP
 *
 * Context: Any.
 * Return: as pkt_judge().
 */
static inline enum pkt_verdict pkt_check(const struct pkt_desc *desc, u32 avail,
					 u32 room, struct pkt_info *info)
{
	info->type = le16_to_cpu(desc->type);
	info->flags = le16_to_cpu(desc->flags);
	info->offset = (u32)le16_to_cpu(desc->offset8) * 8;
	info->bytes = (u32)le16_to_cpu(desc->len8) * 8;
	info->step = info->bytes + PKT_TRAILER_BYTES;
	info->trans_id = le64_to_cpu(desc->trans_id);
	return pkt_judge(desc, avail, room);
}

/**
 * ring_publish() - show the host everything written so far
 * @r:		outbound ring
 *
 * Context: Writer's lock held.
 * Return: as ring_show(); false if there was nothing.
 */
static __always_inline bool ring_publish(struct ring *r)
{
	if (r->told == r->pos)
		return false;
	return ring_show(r, r->pos);
}

#endif /* TESTS_MOCK_RING_MOCK_H */
