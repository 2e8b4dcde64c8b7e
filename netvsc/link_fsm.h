/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What to do about link changes the host indicates, and when: a host that
 * changes its mind quickly makes us act on the outcome only, and no faster
 * than every LINK_INTERVAL_MS. Pure: see link_fsm.c.
 */
#ifndef NETVSC_LINK_FSM_H
#define NETVSC_LINK_FSM_H

#include <linux/types.h>

#define LINK_INTERVAL_MS	2000u

enum link_event {
	LINK_EV_CONNECT,
	LINK_EV_DISCONNECT,
	LINK_EV_CHANGED,	/* another network behind the same link */
	LINK_EVENT_NR
};

/* Bits of link_fsm_run(). */
#define LINK_DO_DOWN		0x1	/* carrier off, stop the queues */
#define LINK_DO_UP		0x2	/* carrier on, start the queues */
#define LINK_DO_ANNOUNCE	0x4	/* tell the peers where we are */

/**
 * struct link_fsm - the link
 * @up: as the stack sees it
 * @want: as the host says it is
 * @bounce: must be seen going down before it is up (again)
 * @announce: peers must hear of us
 * @ran: link_fsm_run() has acted before
 * @last_ms: when
 */
struct link_fsm {
	bool up;
	bool want;
	bool bounce;
	bool announce;
	bool ran;
	u64 last_ms;
};

void link_fsm_init(struct link_fsm *l, bool up);
bool link_fsm_event(struct link_fsm *l, enum link_event event);
u32 link_fsm_delay_ms(const struct link_fsm *l, u64 now_ms);
u32 link_fsm_run(struct link_fsm *l, u64 now_ms, bool *again);

#endif /* NETVSC_LINK_FSM_H */
