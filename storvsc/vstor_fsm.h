/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The handshake of a controller, from the open channel to the first command.
 * Pure: see vstor_fsm.c.
 */
#ifndef STORVSC_VSTOR_FSM_H
#define STORVSC_VSTOR_FSM_H

#include "vstor_wire.h"

/*
 *  CLOSED -> BEGUN -> ASKED_VERSION -> ASKED_PROPERTIES -> [ASKED_WWN] ->
 *            refused: next  \_/                                 |
 *            older version                                      v
 *                              READY <- [ASKED_SUBS] <- ENDED <-'
 *
 *  any state but READY: wrong answer, no answer, rescind -> FAILED
 *  any state: close -> CLOSED
 *
 * Each ASKED/BEGUN/ENDED state means: that request is on its way and nothing
 * else is.
 */
enum vstor_state {
	VSTOR_CLOSED,
	VSTOR_BEGUN,
	VSTOR_ASKED_VERSION,
	VSTOR_ASKED_PROPERTIES,
	VSTOR_ASKED_WWN,
	VSTOR_ENDED,
	VSTOR_ASKED_SUBS,
	VSTOR_READY,
	VSTOR_FAILED,
	VSTOR_STATE_NR
};

enum vstor_event {
	VSTOR_EV_OPEN,		/* the primary channel is open */
	VSTOR_EV_ACCEPTED,	/* answer with status 0 */
	VSTOR_EV_REFUSED,	/* answer with another status */
	VSTOR_EV_SILENCE,	/* no answer in time */
	VSTOR_EV_GONE,		/* the channel is rescinded or cannot send */
	VSTOR_EV_CLOSE,		/* we close the channel */
	VSTOR_EVENT_NR
};

enum vstor_do {
	VSTOR_DO_NOTHING,
	VSTOR_DO_SEND,		/* send fsm.op with fsm.arg and wait */
	VSTOR_DO_START,		/* ready for commands */
	VSTOR_DO_FAIL,		/* give the controller up; fsm.why says why */
};

enum vstor_why {
	VSTOR_WHY_NONE,
	VSTOR_WHY_REFUSED,	/* the host refused a request */
	VSTOR_WHY_VERSION,	/* no version in common */
	VSTOR_WHY_TRANSFER,	/* a largest transfer below one page */
	VSTOR_WHY_SILENCE,
	VSTOR_WHY_GONE,
	VSTOR_WHY_MISUSE,	/* an event that makes no sense here */
};

/*
 * @fibre_channel, @max_subs, @transfer_limit: set by vstor_fsm_init()
 * @version: proposed, from ASKED_PROPERTIES on agreed
 * @max_transfer: bytes, multiple of VSTOR_FRAME_BYTES, once READY
 * @subs: sub-channels asked for; 0 when the host granted none
 * @wwn: valid for Fibre Channel from ENDED on
 * @op, @arg: request to send after VSTOR_DO_SEND
 */
struct vstor_fsm {
	enum vstor_state state;
	enum vstor_why why;
	bool fibre_channel;
	u16 max_subs;
	u32 transfer_limit;
	u8 proposal;
	u16 version;
	u32 max_transfer;
	u16 subs;
	struct vstor_wwn wwn;
	u32 op;
	u16 arg;
};

void vstor_fsm_init(struct vstor_fsm *fsm, bool fibre_channel, u16 max_subs,
		    u32 transfer_limit);
enum vstor_do vstor_fsm_step(struct vstor_fsm *fsm, enum vstor_event event,
			     const struct vstor_pkt *reply);

#endif /* STORVSC_VSTOR_FSM_H */
