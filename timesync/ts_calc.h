/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TIMESYNC_TS_CALC_H
#define TIMESYNC_TS_CALC_H

#include <linux/types.h>

#define TS_UNITS_PER_SECOND	10000000ull
/* 1970-01-01, and the last moment that is an s64 of ns after it */
#define TS_EPOCH		116444736000000000ull
#define TS_LAST			208678456368547758ull
/* A sample underway for longer says nothing. */
#define TS_SAMPLE_MAX_AGE	(60 * TS_UNITS_PER_SECOND)
/* The host has stopped sending: nobody is to rely on it any more. */
#define TS_PAIR_MAX_AGE		(600 * TS_UNITS_PER_SECOND)
/* With timesync_implicit, a guest this far behind is stepped by a sample. */
#define TS_IMPLICIT_BEHIND_NS	5000000000ll

enum ts_verdict {
	TS_STORE,		/* a sample */
	TS_STEP,		/* set the clock, and a sample too */
	TS_SHORT,
	TS_OUT_OF_RANGE,	/* no time we can express */
	TS_FUTURE,		/* taken later than now */
	TS_STALE,		/* underway for too long */
	TS_VERDICT_NR
};

/* Host time @time at reading @ref of the reference counter. */
struct ts_pair {
	u64 time;
	u64 ref;
	bool valid;
};

enum ts_verdict ts_judge(int version, const void *body, u32 bytes, u64 ref_now,
			 struct ts_pair *pair);
int ts_host_ns(const struct ts_pair *pair, u64 ref, s64 *ns);
bool ts_implicit_step(s64 host_ns, s64 guest_ns);
bool ts_between(u64 at, u64 from, u64 to, u64 ref_from, u64 ref_to, u64 *ref);

#endif /* TIMESYNC_TS_CALC_H */
