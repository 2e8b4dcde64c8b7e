// SPDX-License-Identifier: GPL-2.0-only
/*
 * Core: link changes. link.c feeds in what the host indicates, under a lock,
 * and runs delayed work that does what comes out.
 *
 * Nothing is queued: however many indications come, the state stays as small
 * as this, and the stack sees the outcome.
 */
#include <linux/string.h>

#include "link_fsm.h"

/**
 * link_fsm_init() - the link as it is now
 * @l: the link
 * @up: connected
 *
 * Context: any.
 */
void link_fsm_init(struct link_fsm *l, bool up)
{
	memset(l, 0, sizeof(*l));
	l->up = up;
	l->want = up;
}

static bool pending(const struct link_fsm *l)
{
	return l->up != l->want || l->bounce || l->announce;
}

/**
 * link_fsm_event() - the host indicated something
 * @l: the link
 * @event: what
 *
 * Context: any; the caller serialises.
 * Return: true if link_fsm_run() is to be called, link_fsm_delay_ms() from
 *	   now.
 */
bool link_fsm_event(struct link_fsm *l, enum link_event event)
{
	switch (event) {
	case LINK_EV_CONNECT:
		if (l->want)
			l->announce = true;
		else if (l->up)
			l->bounce = true;
		l->want = true;
		break;
	case LINK_EV_DISCONNECT:
		l->want = false;
		l->bounce = false;
		l->announce = false;
		break;
	case LINK_EV_CHANGED:
		if (l->want && l->up)
			l->bounce = true;
		break;
	case LINK_EVENT_NR:
		break;
	}
	return pending(l);
}

/**
 * link_fsm_delay_ms() - when may it act?
 * @l: the link
 * @now_ms: any clock that does not go back
 *
 * Context: any; the caller serialises.
 * Return: milliseconds from now, at most LINK_INTERVAL_MS.
 */
u32 link_fsm_delay_ms(const struct link_fsm *l, u64 now_ms)
{
	u64 since = now_ms - l->last_ms;

	if (!l->ran || since >= LINK_INTERVAL_MS)
		return 0;
	return LINK_INTERVAL_MS - since;
}

/**
 * link_fsm_run() - act on what was indicated
 * @l: the link
 * @now_ms: the same clock
 * @again: set if it is to be called once more, link_fsm_delay_ms() from now
 *
 * Context: any; the caller serialises.
 * Return: LINK_DO_*.
 */
u32 link_fsm_run(struct link_fsm *l, u64 now_ms, bool *again)
{
	u32 todo = 0;

	*again = false;
	if (!pending(l))
		return 0;
	l->ran = true;
	l->last_ms = now_ms;
	if (!l->want || l->bounce) {
		todo = LINK_DO_DOWN;
		l->up = false;
		/* What went down for a moment comes back in another place. */
		l->announce = l->bounce;
		l->bounce = false;
		*again = l->want;
		return todo;
	}
	if (!l->up)
		todo |= LINK_DO_UP;
	if (l->announce)
		todo |= LINK_DO_ANNOUNCE;
	l->up = true;
	l->announce = false;
	return todo;
}
