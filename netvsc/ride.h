/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Core: does it pay to wake the host for receive completions before somebody
 * answers what was received? Pure; see rx.c for who calls.
 *
 * If the answer is written before the host has looked, it needs no signal of
 * its own: the one signal came earlier, and so does the answer. If not, there
 * were two signals instead of one. That depends on who answers: a task on this
 * processor does before anything else happens, one on another is woken first.
 * So what happened is counted, and while it is mostly two it is not done, but
 * tried now and then.
 */
#ifndef NETVSC_RIDE_H
#define NETVSC_RIDE_H

#include <linux/compiler.h>
#include <linux/types.h>

/* A loss is made good by so many gains; so many are remembered. */
#define RIDE_LOSS		8
#define RIDE_CREDIT		16
/*
 * While it does not pay, some occasions in a row out of so many are used to
 * find out; the first of them proves nothing, it brings all completions home.
 */
#define RIDE_TRIES		4
#define RIDE_TRY_EVERY		256

/**
 * struct ride - what came of it; all of it is its NAPI's
 * @sent: messages of frames, when there was last something to answer
 * @signals: that the host had been given then, if @begun
 * @begun: it was woken for completions then
 * @pays: do it
 * @credit: gains; those of the tries while it does not pay
 * @since: occasions since the tries began, while it does not pay
 */
struct ride {
	u64 sent;
	u64 signals;
	bool begun;
	bool pays;
	u8 credit;
	u16 since;
};

/**
 * ride_init() - a queue is about to receive
 * @r: the ride
 *
 * Context: any.
 */
static inline void ride_init(struct ride *r)
{
	*r = (struct ride) { .pays = true, .credit = RIDE_CREDIT };
}

/* The host had been woken early, when it paid: was it the only signal? */
static inline void ride_judge(struct ride *r, bool won)
{
	if (won) {
		r->credit += r->credit < RIDE_CREDIT;
	} else if (r->credit >= RIDE_LOSS) {
		r->credit -= RIDE_LOSS;
	} else {
		r->pays = false;
		r->since = RIDE_TRIES;
	}
}

/* The same for a try: all in a row must be won. */
static inline void ride_judge_try(struct ride *r, bool won)
{
	if (r->since == 1)
		return;
	if (!won) {
		r->since = RIDE_TRIES;
	} else if (++r->credit == RIDE_TRIES - 1) {
		r->pays = true;
		r->credit = RIDE_CREDIT;
	}
}

/**
 * ride_expected() - frames have come: wake the host now for their completions?
 * @r: the ride
 * @sent: messages of frames, sent so far
 * @signals: the host was given for this queue so far
 * @few: so few frames that it may be a dialogue
 *
 * Context: NAPI of the queue.
 * Return: true if it most likely pays; then call ride_begin().
 */
static inline bool ride_expected(struct ride *r, u64 sent, u64 signals,
				 bool few)
{
	bool answered = sent != r->sent;
	bool won = answered && signals == r->signals;

	if (r->begun && r->pays)
		ride_judge(r, won);
	else if (r->begun)
		ride_judge_try(r, won);
	r->begun = false;
	r->sent = sent;
	if (!answered || !few)
		return false;
	if (likely(r->pays))
		return true;
	if (++r->since > RIDE_TRY_EVERY) {
		r->since = 1;
		r->credit = 0;
	}
	return r->since <= RIDE_TRIES;
}

/**
 * ride_begin() - the host is woken for completions
 * @r: the ride
 * @signals: it was given for this queue, this one included
 *
 * Context: NAPI of the queue.
 */
static inline void ride_begin(struct ride *r, u64 signals)
{
	r->begun = true;
	r->signals = signals;
}

#endif /* NETVSC_RIDE_H */
