// SPDX-License-Identifier: GPL-2.0-only
/* Can a driver say that its disks need no I/O scheduler unless told? (5.14) */
#include <linux/blk-mq.h>

void probe(struct blk_mq_tag_set *set);
void probe(struct blk_mq_tag_set *set)
{
#ifdef PROBE_NEW
	set->flags |= BLK_MQ_F_NO_SCHED_BY_DEFAULT;
#else
	set->flags = 0;
#endif
}
