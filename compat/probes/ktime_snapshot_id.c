// SPDX-License-Identifier: GPL-2.0-only
/* Does a snapshot of the clocks take the id of the clock? (7.2) */
#include <linux/ktime.h>

void probe(struct system_time_snapshot *snap);
void probe(struct system_time_snapshot *snap)
{
#ifdef PROBE_NEW
	ktime_get_snapshot_id(CLOCK_REALTIME, snap);
#else
	ktime_get_snapshot(snap);
#endif
}
