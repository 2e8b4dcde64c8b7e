/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Core: when a queue that sends in bulk looks for the host's answers by the
 * clock instead of being interrupted for each. Pure; see rx.c for who calls.
 *
 * A processor that does nothing but send is interrupted twice for each large
 * message: when the host is done with it and when the other side confirms it.
 * Neither is urgent while there is more to send. So in bulk the ring stays
 * masked after a poll and a timer polls. Nobody waits for long: a timer that
 * finds the sender's processor idle, which means that the sender waits for
 * something, comes sooner from then on, and later again while it finds it at
 * work. Idle twice though it cannot come any sooner, the mode is left and not
 * entered again for a while. A dialogue never gets there, however fast it is:
 * its messages are small.
 */
#ifndef NETVSC_PACE_H
#define NETVSC_PACE_H

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/minmax.h>
#include <linux/types.h>

/* From poll to poll: what an answer is late at most, and what is a gain. */
#define PACE_NS_MAX		500000u
#define PACE_NS_MIN		200000u
/* In between, one poll for so many messages at least. */
#define PACE_POLL_MESSAGES	4u
/* So much longer after so many polls that found the processor at work. */
#define PACE_NS_STEP		25000u
#define PACE_LONGER_POLLS	8
/* For so many looks of the timer a task that sent is who sends. */
#define PACE_LATELY_LOOKS	32
#define PACE_SECOND_NS		1000000000u
/* With fewer messages in a second the timer is no gain; half, it is a loss. */
#define PACE_MESSAGES		4000
/* Looked at less often than that, nothing is known. */
#define PACE_TICKS		4
/* Bulk comes in gusts: after so many ticks of few messages it is over. */
#define PACE_POOR_MAX		4
/* On average no shorter than this: nobody talks in such messages. */
#define PACE_MESSAGE_BYTES	4096
/* Having been wrong costs so many ticks, then twice as many, ... */
#define PACE_REST_MIN		2
#define PACE_REST_MAX		8
/* After so many polls what was wrong is forgotten. */
#define PACE_GOOD_POLLS		64

static_assert(PACE_GOOD_POLLS % PACE_LONGER_POLLS == 0);

/**
 * struct pace - the mode of a queue; all of it is its NAPI's
 * @on: the ring is masked between polls
 * @bulk: the ticks before were full of bulk
 * @poor: ticks of few messages, after others
 * @ns: from poll to poll
 * @least: what that may become
 * @idle: the timer had found the processor idle before the last poll
 * @tick: the present one
 * @messages: sent when it began
 * @bytes: likewise
 * @rest: ticks that the next failure costs
 * @rest_until: no entry before this tick
 * @good: polls since the mode was entered or the processor was idle
 */
struct pace {
	bool on;
	bool bulk;
	u32 poor;
	u32 ns;
	u32 least;
	bool idle;
	unsigned long tick;
	u64 messages;
	u64 bytes;
	u32 rest;
	unsigned long rest_until;
	u32 good;
};

/**
 * pace_init() - a queue is about to receive
 * @p: the mode
 * @now: tick
 *
 * Context: any.
 */
static inline void pace_init(struct pace *p, unsigned long now)
{
	*p = (struct pace) { .tick = now, .rest = PACE_REST_MIN,
			     .rest_until = now, .ns = PACE_NS_MIN,
			     .least = PACE_NS_MIN };
}

/* A tick is over, or a few: what was sent in them? */
static inline void pace_new_tick(struct pace *p, unsigned long now, u32 hz,
				 u64 messages, u64 bytes, bool one_way)
{
	u64 m = messages - p->messages, b = bytes - p->bytes;
	u32 ticks = min_t(unsigned long, now - p->tick, PACE_TICKS + 1);
	u32 rate = min_t(u64, m * hz, U32_MAX) / ticks;
	u32 enough = p->on ? PACE_MESSAGES / 2 : PACE_MESSAGES;

	p->bulk = ticks <= PACE_TICKS &&
		  (one_way || b >= m * PACE_MESSAGE_BYTES);
	if (rate >= enough)
		p->poor = 0;
	else if (p->on && p->poor < PACE_POOR_MAX)
		p->poor += ticks;
	else
		p->bulk = false;
	if (p->bulk && !p->poor)
		p->least = clamp_t(u32, PACE_POLL_MESSAGES * PACE_SECOND_NS / rate,
				   PACE_NS_MIN, PACE_NS_MAX);
	p->ns = max(p->ns, p->least);
	p->tick = now;
	p->messages = messages;
	p->bytes = bytes;
}

/**
 * pace_stays() - at the end of a poll: leave the ring masked?
 * @p: the mode
 * @now: tick
 * @hz: ticks in a second
 * @messages: of frames, sent so far
 * @bytes: in them
 * @one_way: much is sent and nothing received
 *
 * Context: NAPI of the queue.
 * Return: true if the timer is to poll; false if the host is to interrupt.
 */
static inline bool pace_stays(struct pace *p, unsigned long now, u32 hz,
			      u64 messages, u64 bytes, bool one_way)
{
	if (unlikely(now != p->tick))
		pace_new_tick(p, now, hz, messages, bytes, one_way);
	if (likely(!p->bulk)) {
		p->on = false;
		return false;
	}
	if (!p->on) {
		if ((long)(now - p->rest_until) < 0)
			return false;
		p->on = true;
		p->idle = false;
		p->ns = p->least;
		p->good = 0;
	}
	return true;
}

/**
 * pace_stands() - has a processor stood still since the timer came last?
 * @idle_us: of that time it was idle, microseconds
 * @ns: that time, nanoseconds
 *
 * A sender at work sleeps, too, while its socket is full.
 *
 * Context: any.
 * Return: true if it was idle for more than a quarter.
 */
static inline bool pace_stands(u64 idle_us, u32 ns)
{
	return idle_us > ns / 4000;
}

/**
 * pace_polled() - at the end of a poll in that mode
 * @p: the mode, on
 * @idle: the timer has found the sender's processor with nothing to do
 * @now: tick
 *
 * Context: NAPI of the queue.
 */
static inline void pace_polled(struct pace *p, bool idle, unsigned long now)
{
	bool twice = idle && p->idle;

	p->idle = idle;
	if (likely(!idle)) {
		p->good++;
		if (p->good % PACE_LONGER_POLLS == 0)
			p->ns = min(p->ns + PACE_NS_STEP, PACE_NS_MAX);
		if (p->good == PACE_GOOD_POLLS) {
			p->good = 0;
			p->rest = PACE_REST_MIN;
		}
		return;
	}
	p->good = 0;
	if (p->ns > p->least || !twice) {
		p->ns = max(p->ns - p->ns / 4, p->least);
		return;
	}
	p->on = false;
	p->bulk = false;
	p->rest_until = now + p->rest;
	if (p->rest < PACE_REST_MAX)
		p->rest *= 2;
}

#endif /* NETVSC_PACE_H */
