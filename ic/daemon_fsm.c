// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a daemon may do when. A late answer, to a request that was given up, is
 * accepted and dropped; any other write nobody asked for is an error.
 *
 * Pure. Called by ic_user.c under the lock of the service.
 */
#include <linux/types.h>

#include "daemon_fsm.h"

#define STAY	DAEMON_STATE_NR

struct rule {
	u8 next;
	u8 act;
};

#define R(state, act)	{ DAEMON_##state, act }
#define REJECT		{ STAY, DAEMON_DO_REJECT }
#define NONE		{ STAY, 0 }
#define FAIL		{ STAY, DAEMON_DO_FAIL }

static const struct rule rules[DAEMON_STATE_NR][DAEMON_EVENT_NR] = {
	[DAEMON_ABSENT] = {
		[DAEMON_EV_REGISTER] = R(GREETED, DAEMON_DO_QUEUE),
		[DAEMON_EV_REGISTER_QUIET] = R(READY, DAEMON_DO_SERVE),
		[DAEMON_EV_WRITE] = REJECT,
		[DAEMON_EV_READ] = NONE,
		[DAEMON_EV_REQUEST] = FAIL,
		[DAEMON_EV_GIVE_UP] = NONE,
		[DAEMON_EV_CLOSE] = NONE,
	},
	[DAEMON_GREETED] = {
		[DAEMON_EV_REGISTER] = REJECT,
		[DAEMON_EV_REGISTER_QUIET] = REJECT,
		[DAEMON_EV_WRITE] = REJECT,
		[DAEMON_EV_READ] = R(READY, DAEMON_DO_SERVE),
		[DAEMON_EV_REQUEST] = FAIL,
		[DAEMON_EV_GIVE_UP] = NONE,
		[DAEMON_EV_CLOSE] = R(ABSENT, DAEMON_DO_WITHDRAW),
	},
	[DAEMON_READY] = {
		[DAEMON_EV_REGISTER] = REJECT,
		[DAEMON_EV_REGISTER_QUIET] = REJECT,
		[DAEMON_EV_WRITE] = REJECT,
		[DAEMON_EV_READ] = NONE,
		[DAEMON_EV_REQUEST] = R(QUEUED, DAEMON_DO_QUEUE),
		[DAEMON_EV_GIVE_UP] = NONE,
		[DAEMON_EV_CLOSE] = R(ABSENT, 0),
	},
	[DAEMON_QUEUED] = {
		[DAEMON_EV_REGISTER] = REJECT,
		[DAEMON_EV_REGISTER_QUIET] = REJECT,
		[DAEMON_EV_WRITE] = REJECT,
		[DAEMON_EV_READ] = R(ASKED, 0),
		[DAEMON_EV_REQUEST] = FAIL,
		[DAEMON_EV_GIVE_UP] = R(READY, DAEMON_DO_WITHDRAW),
		[DAEMON_EV_CLOSE] = R(ABSENT, DAEMON_DO_WITHDRAW |
					      DAEMON_DO_FAIL),
	},
	[DAEMON_ASKED] = {
		[DAEMON_EV_REGISTER] = REJECT,
		[DAEMON_EV_REGISTER_QUIET] = REJECT,
		[DAEMON_EV_WRITE] = R(READY, DAEMON_DO_ANSWER),
		[DAEMON_EV_READ] = NONE,
		[DAEMON_EV_REQUEST] = FAIL,
		[DAEMON_EV_GIVE_UP] = R(OWES, 0),
		[DAEMON_EV_CLOSE] = R(ABSENT, DAEMON_DO_FAIL),
	},
	[DAEMON_OWES] = {
		[DAEMON_EV_REGISTER] = REJECT,
		[DAEMON_EV_REGISTER_QUIET] = REJECT,
		[DAEMON_EV_WRITE] = R(READY, 0),
		[DAEMON_EV_READ] = NONE,
		[DAEMON_EV_REQUEST] = R(OWES_QUEUED, DAEMON_DO_QUEUE),
		[DAEMON_EV_GIVE_UP] = NONE,
		[DAEMON_EV_CLOSE] = R(ABSENT, 0),
	},
	[DAEMON_OWES_QUEUED] = {
		[DAEMON_EV_REGISTER] = REJECT,
		[DAEMON_EV_REGISTER_QUIET] = REJECT,
		[DAEMON_EV_WRITE] = R(QUEUED, 0),
		[DAEMON_EV_READ] = R(ASKED, 0),
		[DAEMON_EV_REQUEST] = FAIL,
		[DAEMON_EV_GIVE_UP] = R(OWES, DAEMON_DO_WITHDRAW),
		[DAEMON_EV_CLOSE] = R(ABSENT, DAEMON_DO_WITHDRAW |
					      DAEMON_DO_FAIL),
	},
};

/**
 * daemon_step() - run the machine
 * @fsm: the machine
 * @event: what happened
 *
 * Context: any; the caller serialises.
 * Return: DAEMON_DO_* bits.
 */
u32 daemon_step(struct daemon_fsm *fsm, enum daemon_event event)
{
	const struct rule *rule = &rules[fsm->state][event];

	if (rule->next != STAY)
		fsm->state = rule->next;
	return rule->act;
}
