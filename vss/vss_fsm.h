/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Are file systems frozen, and who has to thaw them?
 *
 *   THAWED --freeze asked--> FREEZING --ok--> FROZEN --thaw ok--> THAWED
 *                               |               |
 *                       nobody knows: time      | watchdog, suspend
 *                       is up, host gone        v
 *                               +---------> OWED --our thaw ok--> THAWED
 *                                             |
 *             daemon gone, from any but THAWED: the kernel thaws itself
 */
#ifndef VSS_VSS_FSM_H
#define VSS_VSS_FSM_H

#include <linux/types.h>

enum vss_state {
	VSS_THAWED,
	VSS_FREEZING,		/* the daemon is at it */
	VSS_FROZEN,
	VSS_OWED,		/* may be frozen; a thaw is to follow, by us */
	VSS_STATE_NR
};

enum vss_event {
	VSS_EV_FREEZE_ASKED,
	VSS_EV_FREEZE_OK,
	VSS_EV_FREEZE_FAILED,	/* the daemon has thawed what it froze */
	VSS_EV_THAW_OK,		/* asked by the host or by us */
	VSS_EV_THAW_FAILED,
	VSS_EV_TIME_IS_UP,	/* the daemon did not answer, or the host */
	VSS_EV_HOST_GONE,	/* does not want an answer, suspends, goes */
	VSS_EV_DAEMON_GONE,
	VSS_EV_DAEMON_CAME,
	VSS_EVENT_NR
};

#define VSS_DO_THAW	0x1	/* ask the daemon to */
#define VSS_DO_RESCUE	0x2	/* no daemon: thaw from here */
#define VSS_DO_WATCH	0x4	/* give the host so long */
#define VSS_DO_UNWATCH	0x8

struct vss_fsm {
	enum vss_state state;
};

/* What to do with a request of the host. */
enum vss_verdict {
	VSS_ANSWER,		/* with the status given */
	VSS_ASK,		/* the daemon */
};

u32 vss_step(struct vss_fsm *fsm, enum vss_event event);
enum vss_verdict vss_request(const struct vss_fsm *fsm, void *body, u32 bytes,
			     u8 *op, u32 *status);
u32 vss_answer(u8 op, u32 error, void *body);

#endif /* VSS_VSS_FSM_H */
