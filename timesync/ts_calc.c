// SPDX-License-Identifier: GPL-2.0-only
/*
 * The arithmetic of time synchronisation: what a message of the host says
 * about now, and what a stored message says about later. Nothing wraps.
 *
 * Pure. Called by timesync.c and ptp.c.
 */
#include <linux/errno.h>
#include <linux/math64.h>
#include <linux/overflow.h>
#include <linux/types.h>
#include <asm/byteorder.h>

#include "../ic/ic_types.h"
#include "ts_calc.h"
#include "ts_wire.h"

static bool expressible(u64 time)
{
	return time >= TS_EPOCH && time <= TS_LAST;
}

/* SYNC and SAMPLE together are SYNC; other bits do not exist. */
static enum ts_verdict what(u8 flags)
{
	return flags & TS_FLAG_SYNC ? TS_STEP : TS_STORE;
}

static enum ts_verdict judge_v4(const struct ts_msg_v4 *msg, u64 ref_now,
				struct ts_pair *pair)
{
	u64 reference = le64_to_cpu(msg->reference), age;
	u64 time = le64_to_cpu(msg->parent_time);
	enum ts_verdict verdict = what(msg->flags);

	if (reference > ref_now)
		return TS_FUTURE;
	age = ref_now - reference;
	if (verdict == TS_STORE && age > TS_SAMPLE_MAX_AGE)
		return TS_STALE;
	if (!expressible(time) || check_add_overflow(time, age, &pair->time) ||
	    !expressible(pair->time))
		return TS_OUT_OF_RANGE;
	return verdict;
}

/**
 * ts_judge() - what does a message say?
 * @version: message version agreed on
 * @body: behind the header
 * @bytes: its length
 * @ref_now: the reference counter at its arrival
 * @pair: host time at @ref_now; set for TS_STORE and TS_STEP
 *
 * Context: any.
 * Return: the verdict.
 */
enum ts_verdict ts_judge(int version, const void *body, u32 bytes, u64 ref_now,
			 struct ts_pair *pair)
{
	const struct ts_msg_v1 *v1 = body;
	enum ts_verdict verdict;

	pair->valid = false;
	pair->ref = ref_now;
	if (version > IC_VERSION(3, 0)) {
		if (bytes < sizeof(struct ts_msg_v4))
			return TS_SHORT;
		verdict = judge_v4(body, ref_now, pair);
	} else {
		if (bytes < sizeof(*v1))
			return TS_SHORT;
		pair->time = le64_to_cpu(v1->parent_time);
		verdict = expressible(pair->time) ? what(v1->flags) :
						 TS_OUT_OF_RANGE;
	}
	pair->valid = verdict == TS_STORE || verdict == TS_STEP;
	return verdict;
}

/**
 * ts_host_ns() - the host's clock at a reading of the reference counter
 * @pair: the last message
 * @ref: the reading
 * @ns: Unix time
 *
 * Context: any.
 * Return: 0, or -ESTALE if nothing is known or it is too old.
 */
int ts_host_ns(const struct ts_pair *pair, u64 ref, s64 *ns)
{
	u64 time;

	/* A counter behind the stored one was started anew. */
	if (!pair->valid || ref < pair->ref ||
	    ref - pair->ref > TS_PAIR_MAX_AGE)
		return -ESTALE;
	time = pair->time + (ref - pair->ref);
	if (!expressible(time))
		return -ESTALE;
	*ns = (s64)((time - TS_EPOCH) * 100);
	return 0;
}

/**
 * ts_implicit_step() - is a sample a reason to step?
 * @host_ns: the host's clock
 * @guest_ns: ours
 *
 * For hosts that say nothing after a resume, if the administrator wants it.
 *
 * Context: any.
 * Return: true if the guest is far behind.
 */
bool ts_implicit_step(s64 host_ns, s64 guest_ns)
{
	s64 behind;

	if (check_sub_overflow(host_ns, guest_ns, &behind))
		return host_ns > guest_ns;
	return behind >= TS_IMPLICIT_BEHIND_NS;
}

/**
 * ts_between() - reference counter at a reading of another counter
 * @at: the reading
 * @from: that counter with @ref_from
 * @to: the same with @ref_to
 * @ref_from: reference counter, read before
 * @ref_to: reference counter, read after
 * @ref: result
 *
 * Context: any.
 * Return: false if the reading is not between the two.
 */
bool ts_between(u64 at, u64 from, u64 to, u64 ref_from, u64 ref_to, u64 *ref)
{
	u64 span = to - from, ref_span = ref_to - ref_from;

	if (at < from || at > to || to < from || ref_to < ref_from)
		return false;
	/* Microseconds in practice; what is not cannot be multiplied. */
	if (span >> 32 || ref_span >> 31)
		return false;
	*ref = ref_from;
	if (span)
		*ref += div64_u64((at - from) * ref_span, span);
	return true;
}
