/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What must come out even: each pair counts objects made and objects gone.
 * One line at module exit compares them; "LEAK" in it fails a test run.
 */
#ifndef HV_VMBUS_STATS_H
#define HV_VMBUS_STATS_H

#include <linux/types.h>

enum stat_pair {
	STAT_CHANNELS,
	STAT_DEVICES,
	STAT_GPADLS,
	STAT_RINGS,
	STAT_REQUESTORS,
	STAT_XACTS,
	STAT_QUEUED,	/* offers between interrupt and worker */
	STAT_PAIRS,
};

void stat_made(enum stat_pair what);
void stat_gone(enum stat_pair what);
long stat_alive(enum stat_pair what);

/* Pages the host may still write to: never freed, on purpose. */
void stat_leaked(unsigned long pages);
void stat_report(void);

#endif /* HV_VMBUS_STATS_H */
