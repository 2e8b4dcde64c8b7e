/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A daemon and the one request it may have.
 *
 *   ABSENT --register--> GREETED --read--> READY --request--> QUEUED
 *      ^                   |                ^ ^                 | read
 *      |                   |                | +----- answer --- ASKED
 *    close from anywhere <-+                |                   | time is up
 *                                  late answer                  v
 *                                           +----------------- OWES
 *
 *   OWES --request--> OWES_QUEUED --late answer--> QUEUED
 */
#ifndef IC_DAEMON_FSM_H
#define IC_DAEMON_FSM_H

#include <linux/types.h>

enum daemon_state {
	DAEMON_ABSENT,		/* nobody, or not registered */
	DAEMON_GREETED,		/* our answer to its registration is unread */
	DAEMON_READY,
	DAEMON_QUEUED,		/* request unread */
	DAEMON_ASKED,		/* request read, not answered */
	DAEMON_OWES,		/* nothing asked any more, the answer will come */
	DAEMON_OWES_QUEUED,	/* the same, and the next request is unread */
	DAEMON_STATE_NR
};

enum daemon_event {
	DAEMON_EV_REGISTER,	/* wrote a registration we answer */
	DAEMON_EV_REGISTER_QUIET, /* wrote one of the kind without answer */
	DAEMON_EV_WRITE,	/* wrote anything else */
	DAEMON_EV_READ,		/* read what was queued */
	DAEMON_EV_REQUEST,	/* there is something to ask */
	DAEMON_EV_GIVE_UP,	/* the answer is not wanted any more */
	DAEMON_EV_CLOSE,
	DAEMON_EVENT_NR
};

#define DAEMON_DO_QUEUE		0x01	/* put the message where it is read */
#define DAEMON_DO_WITHDRAW	0x02	/* take it away, unread */
#define DAEMON_DO_ANSWER	0x04	/* what was written is the answer */
#define DAEMON_DO_FAIL		0x08	/* there will be no answer */
#define DAEMON_DO_REJECT	0x10	/* the write is an error */
#define DAEMON_DO_SERVE		0x20	/* registered: requests are welcome */

struct daemon_fsm {
	enum daemon_state state;
};

u32 daemon_step(struct daemon_fsm *fsm, enum daemon_event event);

static inline bool daemon_registered(const struct daemon_fsm *fsm)
{
	return fsm->state > DAEMON_GREETED;
}

#endif /* IC_DAEMON_FSM_H */
