/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which way a card's data goes: through the channel (synthetic), or through
 * the virtual function that belongs to it. Pure: see vf_fsm.c.
 */
#ifndef NETVSC_VF_FSM_H
#define NETVSC_VF_FSM_H

#include <linux/types.h>

/*
 *              able             switched
 *  SYNTHETIC --------> TAKING ------------> CARRYING
 *   ^  ^  ^             |  | ^                 |
 *   |  |  |      failed |  | '- able -.        | unable
 *   |  |  |             |  unable     |        v
 *   |  |  |             |  '----> ABORTING  RETURNING ----> SYNTHETIC
 *   |  |  |             v             |        ^     switched
 *   |  |  '- unable - BARRED          '--------'
 *   |  |                ^              answered
 *   |  '- (unable) REVOKING
 *   '----- reset, from anywhere
 *
 * Each of TAKING, ABORTING, RETURNING and REVOKING means: the host was asked,
 * and nothing else is asked before the answer or its absence.
 */
enum vf_state {
	VF_SYNTHETIC,	/* data goes through the channel, the host agrees */
	VF_TAKING,	/* asked for the VF; we still send through the channel */
	VF_ABORTING,	/* as TAKING, but it shall not be used any more */
	VF_CARRYING,	/* data goes through the VF, the host agrees */
	VF_RETURNING,	/* asked for the channel; we send through it already */
	VF_REVOKING,	/* as RETURNING, after a request that failed */
	VF_BARRED,	/* the host did not do as asked: not again until UNABLE */
	VF_STATE_NR
};

enum vf_event {
	VF_EV_ABLE,	/* there is a VF, up, with a carrier, and the host offered it */
	VF_EV_UNABLE,	/* one of these is not so (any more) */
	VF_EV_SWITCHED,	/* the host completed our request */
	VF_EV_FAILED,	/* it could not be sent, or nobody answered in time */
	VF_EV_RESET,	/* the channel was closed: a new one starts synthetic */
	VF_EVENT_NR
};

/* What is to be done, in this order. */
#define VF_DO_SEND_SYNTHETIC	0x1	/* transmit through the channel from now on */
#define VF_DO_SEND_VF		0x2	/* transmit through the VF from now on */
#define VF_DO_ASK_SYNTHETIC	0x4	/* ask the host for the channel, wait, say how it went */
#define VF_DO_ASK_VF		0x8	/* ask the host for the VF, wait, say how it went */

/* How well a network device fits a card. */
enum vf_fit {
	VF_FIT_NONE,
	VF_FIT_MAC,		/* same address, slot not named after a serial number */
	VF_FIT_SERIAL,		/* same address, in the slot the host named */
};

struct vf_fsm {
	enum vf_state state;
};

void vf_fsm_init(struct vf_fsm *f);
u32 vf_fsm_step(struct vf_fsm *f, enum vf_event ev);
bool vf_fsm_slot_serial(const char *name, u32 *serial);
enum vf_fit vf_fsm_fit(const u8 *card_mac, const u8 *vf_mac, bool offered,
		       u32 card_serial, const char *slot);

#endif /* NETVSC_VF_FSM_H */
