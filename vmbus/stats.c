// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters behind the leak check at module exit.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/atomic.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include "stats.h"

static const char * const names[STAT_PAIRS] = {
	[STAT_CHANNELS] = "channels",
	[STAT_DEVICES] = "devices",
	[STAT_GPADLS] = "gpadls",
	[STAT_RINGS] = "rings",
	[STAT_REQUESTORS] = "requestors",
	[STAT_XACTS] = "requests",
	[STAT_QUEUED] = "messages",
};

static atomic_long_t made[STAT_PAIRS];
static atomic_long_t gone[STAT_PAIRS];
static atomic_long_t leaked;

/**
 * stat_made() - an object came into being
 * @what:	its kind
 *
 * Context: Any.
 */
void stat_made(enum stat_pair what)
{
	atomic_long_inc(&made[what]);
}

/**
 * stat_gone() - an object is gone
 * @what:	its kind
 *
 * Context: Any.
 */
void stat_gone(enum stat_pair what)
{
	atomic_long_inc(&gone[what]);
}

/**
 * stat_alive() - objects of a kind that exist now
 * @what:	the kind
 *
 * Context: Any.
 * Return: made minus gone.
 */
long stat_alive(enum stat_pair what)
{
	return atomic_long_read(&made[what]) - atomic_long_read(&gone[what]);
}

/**
 * stat_leaked() - memory was given up because the host may still write to it
 * @pages:	how much
 *
 * Context: Any.
 */
void stat_leaked(unsigned long pages)
{
	atomic_long_add(pages, &leaked);
}

/**
 * stat_report() - the one line that proves a clean exit
 *
 * Context: Module exit, after everything was given back.
 */
void stat_report(void)
{
	char line[256];
	bool even = true;
	int i, n = 0;

	for (i = 0; i < STAT_PAIRS; i++) {
		long m = atomic_long_read(&made[i]);
		long g = atomic_long_read(&gone[i]);

		even &= m == g;
		n += scnprintf(line + n, sizeof(line) - n, " %s %ld/%ld",
			       names[i], m, g);
	}
	pr_info("leak check:%s leaked %ld%s\n", line,
		atomic_long_read(&leaked), even ? "" : " LEAK");
}
