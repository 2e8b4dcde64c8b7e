// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counting and reporting of refused host input. The log never shows bytes
 * the host chose, only numbers.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/atomic.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include "refuse.h"

static const char * const names[REFUSE_REASONS] = {
	[REFUSE_MSG_SHORT] = "message-short",
	[REFUSE_MSG_LONG] = "message-long",
	[REFUSE_MSG_UNKNOWN] = "message-unknown",
	[REFUSE_MSG_WRONG_WAY] = "message-wrong-way",
	[REFUSE_MSG_TOO_NEW] = "message-too-new",
	[REFUSE_MSG_UNEXPECTED] = "message-unexpected",
	[REFUSE_OFFER_INVALID] = "offer-invalid",
	[REFUSE_OFFER_DUPLICATE] = "offer-duplicate",
	[REFUSE_OFFER_ORPHAN] = "offer-orphan",
	[REFUSE_OFFER_BACKLOG] = "offer-backlog",
	[REFUSE_RESCIND_UNKNOWN] = "rescind-unknown",
	[REFUSE_EVENT_UNKNOWN] = "event-unknown",
	[REFUSE_VERSION] = "version-response",
	[REFUSE_RING_INDEX] = "ring-index",
	[REFUSE_PACKET_BROKEN] = "packet-broken",
	[REFUSE_PACKET_SKIPPED] = "packet-skipped",
	[REFUSE_TRANSACTION] = "transaction-id",
};

static atomic64_t counts[REFUSE_REASONS];
static DEFINE_RATELIMIT_STATE(limit, 60 * HZ, 3);

/* Late flags of a closing channel and stale answers are no news. */
static bool quiet(enum refuse_reason why)
{
	return why == REFUSE_EVENT_UNKNOWN || why == REFUSE_MSG_UNEXPECTED;
}

/**
 * refuse() - input from the host was dropped
 * @why:	reason
 * @where:	relid or message type it concerns
 * @what:	the number that was wrong
 *
 * Context: Any.
 */
void refuse(enum refuse_reason why, u32 where, u32 what)
{
	u64 n = atomic64_inc_return(&counts[why]);

	if (quiet(why)) {
		pr_debug("refused %s: %u, %u\n", names[why], where, what);
		return;
	}
	if (n == 1 || __ratelimit(&limit))
		pr_warn("refused host input: %s (%u, %u), %llu so far\n",
			names[why], where, what, n);
}

/**
 * refuse_count() - how often a reason was met
 * @why:	reason
 *
 * Context: Any.
 * Return: count since the module was loaded.
 */
u64 refuse_count(enum refuse_reason why)
{
	return atomic64_read(&counts[why]);
}

/**
 * refuse_name() - stable name of a reason
 * @why:	reason
 *
 * Context: Any.
 * Return: constant text.
 */
const char *refuse_name(enum refuse_reason why)
{
	return names[why];
}
