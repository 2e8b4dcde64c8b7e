/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TIMESYNC_TIMESYNC_H
#define TIMESYNC_TIMESYNC_H

#include <linux/ptp_clock_kernel.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "ts_calc.h"

/*
 * @lock: guards @pair; taken with interrupts off
 * @implicit: @work was queued by a sample: only step if we are behind
 */
struct timesync {
	spinlock_t lock;	/* see above */
	struct ts_pair pair;
	struct work_struct work;
	bool implicit;
	struct ptp_clock_info info;
	struct ptp_clock *clock;
};

/* timesync.c */
int timesync_at(struct timesync *ts, u64 ref, s64 *ns);

/* ptp.c */
void ptp_start(struct timesync *ts);
void ptp_stop(struct timesync *ts);

#endif /* TIMESYNC_TIMESYNC_H */
