// SPDX-License-Identifier: GPL-2.0-only
/*
 * Life of a channel from offer to release. Pure: one function moves the
 * state and says what has to be done; the caller holds the channel's lock
 * around it and acts after dropping it.
 */
#include <linux/types.h>
#include "chan_fsm.h"

/**
 * chan_init() - a channel was just offered
 * @c:	machine
 *
 * Context: Before anybody else knows the channel.
 */
void chan_init(struct chan_fsm *c)
{
	c->state = CHAN_OFFERED;
}

static u32 in_offered(struct chan_fsm *c, enum chan_event ev)
{
	switch (ev) {
	case CHAN_EV_OPEN:
		c->state = CHAN_OPENING;
		return CHAN_DO_SEND_OPEN;
	case CHAN_EV_RESCIND:
		c->state = CHAN_RESCINDED;
		return CHAN_DO_WAKE | CHAN_DO_REMOVE;
	case CHAN_EV_RELEASE:
		/* Ours to drop at disconnect; the host will forget it then. */
		c->state = CHAN_RELEASED;
		return 0;
	case CHAN_EV_OPEN_OK:
	case CHAN_EV_OPEN_FAIL:
	case CHAN_EV_CLOSE:
	case CHAN_EVENTS:
		break;
	}
	return CHAN_DO_REFUSE;
}

static u32 in_opening(struct chan_fsm *c, enum chan_event ev)
{
	switch (ev) {
	case CHAN_EV_OPEN_OK:
		c->state = CHAN_OPEN;
		return 0;
	case CHAN_EV_OPEN_FAIL:
		c->state = CHAN_OFFERED;
		return 0;
	case CHAN_EV_RESCIND:
		c->state = CHAN_DYING;
		return CHAN_DO_WAKE | CHAN_DO_REMOVE;
	case CHAN_EV_OPEN:
	case CHAN_EV_CLOSE:
	case CHAN_EV_RELEASE:
	case CHAN_EVENTS:
		break;
	}
	return CHAN_DO_REFUSE;
}

static u32 in_open(struct chan_fsm *c, enum chan_event ev)
{
	switch (ev) {
	case CHAN_EV_CLOSE:
		c->state = CHAN_OFFERED;
		return CHAN_DO_SEND_CLOSE;
	case CHAN_EV_RESCIND:
		c->state = CHAN_DYING;
		return CHAN_DO_WAKE | CHAN_DO_REMOVE;
	case CHAN_EV_OPEN:
	case CHAN_EV_OPEN_OK:
	case CHAN_EV_OPEN_FAIL:
	case CHAN_EV_RELEASE:
	case CHAN_EVENTS:
		break;
	}
	return CHAN_DO_REFUSE;
}

static u32 in_dying(struct chan_fsm *c, enum chan_event ev)
{
	switch (ev) {
	case CHAN_EV_OPEN_FAIL:
	case CHAN_EV_CLOSE:
		c->state = CHAN_RESCINDED;
		return CHAN_DO_SEND_CLOSE;
	case CHAN_EV_OPEN_OK:
		/* The result was on its way; CLOSE is owed either way. */
		return 0;
	case CHAN_EV_OPEN:
	case CHAN_EV_RESCIND:
	case CHAN_EV_RELEASE:
	case CHAN_EVENTS:
		break;
	}
	return CHAN_DO_REFUSE;
}

static u32 in_rescinded(struct chan_fsm *c, enum chan_event ev)
{
	switch (ev) {
	case CHAN_EV_RELEASE:
		c->state = CHAN_RELEASED;
		return CHAN_DO_SEND_RELEASED;
	case CHAN_EV_OPEN:
	case CHAN_EV_OPEN_OK:
	case CHAN_EV_OPEN_FAIL:
	case CHAN_EV_CLOSE:
	case CHAN_EV_RESCIND:
	case CHAN_EVENTS:
		break;
	}
	return CHAN_DO_REFUSE;
}

/**
 * chan_step() - something happened to a channel
 * @c:	machine
 * @ev:	what
 *
 * Context: The channel's lock held.
 * Return: CHAN_DO_* bits. CHAN_DO_REFUSE comes alone.
 */
u32 chan_step(struct chan_fsm *c, enum chan_event ev)
{
	switch (c->state) {
	case CHAN_OFFERED:
		return in_offered(c, ev);
	case CHAN_OPENING:
		return in_opening(c, ev);
	case CHAN_OPEN:
		return in_open(c, ev);
	case CHAN_DYING:
		return in_dying(c, ev);
	case CHAN_RESCINDED:
		return in_rescinded(c, ev);
	case CHAN_RELEASED:
	case CHAN_STATES:
		break;
	}
	return CHAN_DO_REFUSE;
}
