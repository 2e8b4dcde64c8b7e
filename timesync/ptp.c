// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: the host's clock as a PTP clock, named so that udev links
 * /dev/ptp_hyperv to it. Read only; -ESTALE whenever the host's time is not
 * known.
 */
#define pr_fmt(fmt) "hv_utils: " fmt

#include <linux/err.h>
#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/ktime.h>
#include <asm/mshyperv.h>
#include <clocksource/hyperv_timer.h>

#include "ref.h"
#include "timesync.h"

/* A hypervisor may take the CPU away between two readings: try again. */
#define CROSS_TRIES	3

static struct timesync *of(struct ptp_clock_info *info)
{
	return container_of(info, struct timesync, info);
}

static int refuse_settime(struct ptp_clock_info *info,
			  const struct timespec64 *to)
{
	return -EOPNOTSUPP;
}

static int refuse_adjtime(struct ptp_clock_info *info, s64 delta)
{
	return -EOPNOTSUPP;
}

static int refuse_adjfine(struct ptp_clock_info *info, long scaled_ppm)
{
	return -EOPNOTSUPP;
}

static int refuse_enable(struct ptp_clock_info *info,
			 struct ptp_clock_request *request, int on)
{
	return -EOPNOTSUPP;
}

static int gettimex(struct ptp_clock_info *info, struct timespec64 *to,
		    struct ptp_system_timestamp *sts)
{
	s64 ns;
	u64 ref;
	int ret;

	ptp_read_system_prets(sts);
	ref = ref_read();
	ptp_read_system_postts(sts);
	ret = timesync_at(of(info), ref, &ns);
	if (!ret)
		*to = ns_to_timespec64(ns);
	return ret;
}

#ifdef hv_get_raw_timer
/* Readings of both counters around a snapshot of the system's clocks. */
struct bracket {
	u64 ref_from, ref_to;
	u64 raw_from, raw_to;
	struct system_time_snapshot snap;
};

static void take(struct bracket *b)
{
	unsigned long flags;

	local_irq_save(flags);
	b->ref_from = ref_read();
	b->raw_from = hv_get_raw_timer();
#ifdef HAVE_KTIME_SNAPSHOT_ID
	ktime_get_snapshot_id(CLOCK_REALTIME, &b->snap);
#else
	ktime_get_snapshot(&b->snap);
#endif
	b->raw_to = hv_get_raw_timer();
	b->ref_to = ref_read();
	local_irq_restore(flags);
}

/*
 * What the reference counter was at the snapshot. The system's clock either
 * counts with it, then the snapshot has its value; or with the counter of the
 * processor, which is between its two readings then.
 */
static bool ref_of(const struct bracket *b, u64 *ref)
{
	u64 at = b->snap.cycles;

	if (at >= b->ref_from && at <= b->ref_to) {
		*ref = at;
		return true;
	}
	return ts_between(at, b->raw_from, b->raw_to, b->ref_from, b->ref_to,
			  ref);
}

static int getcrosststamp(struct ptp_clock_info *info,
			  struct system_device_crosststamp *cross)
{
	struct bracket b, best;
	u64 ref;
	s64 ns;
	int i, ret;

#ifdef HAVE_KTIME_SNAPSHOT_ID
	if (cross->clock_id != CLOCK_REALTIME)
		return -EOPNOTSUPP;
#endif
	take(&best);
	for (i = 1; i < CROSS_TRIES; i++) {
		take(&b);
		if (b.ref_to - b.ref_from < best.ref_to - best.ref_from)
			best = b;
	}
	if (!ref_of(&best, &ref))
		return -EOPNOTSUPP;
	ret = timesync_at(of(info), ref, &ns);
	if (ret)
		return ret;
	cross->device = ns_to_ktime(ns);
#ifdef HAVE_KTIME_SNAPSHOT_ID
	cross->sys_systime = best.snap.systime;
	cross->sys_monoraw = best.snap.monoraw;
#else
	cross->sys_realtime = best.snap.real;
	cross->sys_monoraw = best.snap.raw;
#endif
	return 0;
}
#endif

/**
 * ptp_start() - offer the clock
 * @ts: the service
 *
 * Without one the host's time still steps ours.
 *
 * Context: process.
 */
void ptp_start(struct timesync *ts)
{
	if (!ref_known())
		return;
	ts->info = (struct ptp_clock_info) {
		.owner = THIS_MODULE,
		.name = "hyperv",
		.gettimex64 = gettimex,
#ifdef hv_get_raw_timer
		.getcrosststamp = getcrosststamp,
#endif
		.settime64 = refuse_settime,
		.adjtime = refuse_adjtime,
		.adjfine = refuse_adjfine,
		.enable = refuse_enable,
	};
	ts->clock = ptp_clock_register(&ts->info, NULL);
	if (IS_ERR(ts->clock)) {
		pr_warn("no PTP clock: %ld\n", PTR_ERR(ts->clock));
		ts->clock = NULL;
	}
}

/**
 * ptp_stop() - take it away
 * @ts: the service
 *
 * Context: process.
 */
void ptp_stop(struct timesync *ts)
{
	if (ts->clock)
		ptp_clock_unregister(ts->clock);
	ts->clock = NULL;
}
