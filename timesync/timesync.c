// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: time synchronisation. The callback stores what the host says; clocks
 * are set in process context, by one work item however many messages ask.
 */
#define pr_fmt(fmt) "hv_utils: " fmt

#include <linux/moduleparam.h>
#include <linux/ktime.h>

#include "../ic/ic.h"
#include "ref.h"
#include "timesync.h"

static bool timesync_implicit;
module_param(timesync_implicit, bool, 0644);
MODULE_PARM_DESC(timesync_implicit,
		 "If set treat SAMPLE as SYNC when clock is behind");

static bool timesync_ignore_sync;
module_param(timesync_ignore_sync, bool, 0644);
MODULE_PARM_DESC(timesync_ignore_sync,
		 "If set the host never steps the clock; /dev/ptp_hyperv stays");

static const int frameworks[] = { IC_VERSION(3, 0), IC_VERSION(1, 0) };
static const int messages[] = { IC_VERSION(4, 0), IC_VERSION(3, 0),
				IC_VERSION(1, 0) };

/**
 * timesync_at() - the host's clock at a reading of the reference counter
 * @ts: the service
 * @ref: the reading
 * @ns: Unix time
 *
 * Context: any.
 * Return: 0 or -ESTALE.
 */
int timesync_at(struct timesync *ts, u64 ref, s64 *ns)
{
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&ts->lock, flags);
	ret = ts_host_ns(&ts->pair, ref, ns);
	spin_unlock_irqrestore(&ts->lock, flags);
	return ret;
}

static void forget(struct timesync *ts)
{
	unsigned long flags;

	spin_lock_irqsave(&ts->lock, flags);
	ts->pair.valid = false;
	spin_unlock_irqrestore(&ts->lock, flags);
}

static void set_clock(struct work_struct *work)
{
	struct timesync *ts = container_of(work, struct timesync, work);
	struct timespec64 now;
	s64 host_ns;

	/* At this moment, not when the message came. */
	if (!ref_known() ||
	    timesync_at(ts, ref_read(), &host_ns))
		return;
	if (READ_ONCE(ts->implicit) &&
	    !ts_implicit_step(host_ns, ktime_get_real_ns()))
		return;
	now = ns_to_timespec64(host_ns);
	if (do_settimeofday64(&now))
		pr_warn_ratelimited("the host's time cannot be set\n");
}

static enum ic_turn request(struct ic_dev *ic, void *body, u32 bytes,
			    u32 *status)
{
	struct timesync *ts = ic->priv;
	enum ts_verdict verdict;
	struct ts_pair pair;
	unsigned long flags;

	*status = IC_E_FAIL;
	if (!ref_known())
		return IC_ANSWER;
	verdict = ts_judge(ic->message, body, bytes,
			   ref_read(), &pair);
	if (!pair.valid) {
		ic_refuse(ic, IC_REFUSED_REQUEST);
		return IC_ANSWER;
	}
	*status = IC_OK;
	spin_lock_irqsave(&ts->lock, flags);
	ts->pair = pair;
	spin_unlock_irqrestore(&ts->lock, flags);
	if (READ_ONCE(timesync_ignore_sync))
		return IC_ANSWER;
	if (verdict == TS_STEP) {
		WRITE_ONCE(ts->implicit, false);
		queue_work(ic_wq, &ts->work);
	} else if (READ_ONCE(timesync_implicit) && !work_pending(&ts->work)) {
		WRITE_ONCE(ts->implicit, true);
		queue_work(ic_wq, &ts->work);
	}
	return IC_ANSWER;
}

/* The host starts over: after a restore or a move its clock may be another. */
static void agreed(struct ic_dev *ic)
{
	forget(ic->priv);
}

static int start(struct ic_dev *ic)
{
	struct timesync *ts = ic->priv;

	spin_lock_init(&ts->lock);
	INIT_WORK(&ts->work, set_clock);
	ptp_start(ts);
	return 0;
}

static void stop(struct ic_dev *ic)
{
	ptp_stop(ic->priv);
}

static void quiesce(struct ic_dev *ic)
{
	struct timesync *ts = ic->priv;

	cancel_work_sync(&ts->work);
}

/* The reference counter of the resumed machine is a new one. */
static void resumed(struct ic_dev *ic)
{
	forget(ic->priv);
}

const struct ic_service timesync_service = {
	.name = "timesync",
	.type = IC_TYPE_TIMESYNC,
	.frameworks = frameworks,
	.framework_count = ARRAY_SIZE(frameworks),
	.messages = messages,
	.message_count = ARRAY_SIZE(messages),
	.priv_bytes = sizeof(struct timesync),
	.start = start,
	.stop = stop,
	.quiesce = quiesce,
	.agreed = agreed,
	.request = request,
	.resumed = resumed,
};
