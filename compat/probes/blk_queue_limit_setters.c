// SPDX-License-Identifier: GPL-2.0-only
/* Are there blk_queue_rq_timeout-style limit setters, blk_queue_virt_boundary()? (gone in 6.11) */
#include <linux/blkdev.h>

#ifdef PROBE_NEW
void probe(struct request_queue *q);
void probe(struct request_queue *q)
{
	blk_queue_virt_boundary(q, 4095);
}
#else
struct queue_limits probe = { .virt_boundary_mask = 4095 };
#endif
