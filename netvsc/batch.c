// SPDX-License-Identifier: GPL-2.0-only
/*
 * Core: how much goes into one send section. What runs per packet is in
 * batch.h.
 */
#include "batch.h"

/**
 * batch_init() - limits for a host
 * @b: the batch
 * @section_bytes: length of a send section
 * @limits: result of rndis_limits()
 *
 * A section is never filled to its last byte: known guests do not, so no host
 * is known to take it.
 *
 * Context: any.
 */
void batch_init(struct batch *b, u32 section_bytes,
		const struct rndis_limits *limits)
{
	u32 bytes = section_bytes;

	if (limits->max_transfer < bytes)
		bytes = limits->max_transfer;
	b->base = NULL;
	b->used = 0;
	b->count = 0;
	b->limit = bytes ? bytes - 1 : 0;
	b->align = limits->align;
	b->max = limits->max_packets;
}
