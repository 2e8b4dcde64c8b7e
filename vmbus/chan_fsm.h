/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMBUS_CHAN_FSM_H
#define HV_VMBUS_CHAN_FSM_H

#include <linux/types.h>

/*
 * Life of a channel, named by what is true:
 *
 *               open          open ok
 *   OFFERED ----------> OPENING -----> OPEN
 *     | ^ ^                |  |         |
 *     | | +---- open fail -+  |         | close
 *     | +---------------------|---------+
 *     | rescind               | rescind | rescind
 *     v          open fail,   v         v
 *   RESCINDED <---- close --- DYING <---+
 *     | release
 *     v
 *   RELEASED
 *
 * DYING: the host took the offer back while it had, or was about to have, our
 * rings; CLOSE is still owed. RESCINDED: nothing of ours is open at the host,
 * only the relid is held. RELEASED: the relid belongs to the host again.
 */
enum chan_state {
	CHAN_OFFERED,
	CHAN_OPENING,
	CHAN_OPEN,
	CHAN_DYING,
	CHAN_RESCINDED,
	CHAN_RELEASED,
	CHAN_STATES,
};

enum chan_event {
	CHAN_EV_OPEN,		/* driver wants to open */
	CHAN_EV_OPEN_OK,	/* host agreed */
	CHAN_EV_OPEN_FAIL,	/* host refused, or never answered */
	CHAN_EV_CLOSE,		/* driver is done */
	CHAN_EV_RESCIND,	/* host takes the offer back */
	CHAN_EV_RELEASE,	/* our objects for the channel are gone */
	CHAN_EVENTS,
};

/* What the caller must do, after dropping the lock, in this order. */
#define CHAN_DO_REFUSE		0x01	/* nothing changed, event not allowed */
#define CHAN_DO_SEND_OPEN	0x02
#define CHAN_DO_SEND_CLOSE	0x04
#define CHAN_DO_WAKE		0x08	/* wake whoever waits for the host */
#define CHAN_DO_REMOVE		0x10	/* start removal of the device */
#define CHAN_DO_SEND_RELEASED	0x20

struct chan_fsm {
	enum chan_state state;
};

void chan_init(struct chan_fsm *c);
u32 chan_step(struct chan_fsm *c, enum chan_event ev);

static inline bool chan_is_rescinded(const struct chan_fsm *c)
{
	return c->state >= CHAN_DYING;
}

#endif /* HV_VMBUS_CHAN_FSM_H */
