/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMBUS_CONN_FSM_H
#define HV_VMBUS_CONN_FSM_H

#include <linux/types.h>

/*
 * The one connection to the host:
 *
 *         start            accepted          request
 *   DOWN -------> CONTACT ----------> LINKED -------> OFFERING
 *    ^  no version |  ^ refused         |               | all offers
 *    +-------------+--+                 | unload        v
 *    ^                                  |  unload     READY
 *    | unloaded, timeout                v               | unload
 *    +----------------------------- UNLOADING <---------+
 *
 * CONTACT: INITIATE_CONTACT for @version is out. LINKED: a version is agreed
 * upon, @conn_id is the port for messages. OFFERING: offers arrive. READY: the
 * first round of offers is complete; more may come at any time.
 */
enum conn_state {
	CONN_DOWN,
	CONN_CONTACT,
	CONN_LINKED,
	CONN_OFFERING,
	CONN_READY,
	CONN_UNLOADING,
	CONN_STATES,
};

enum conn_event {
	CONN_EV_START,		/* connect, @ceiling is the highest version */
	CONN_EV_REFUSED,	/* port unknown, or host says no, or silence */
	CONN_EV_ACCEPTED,	/* host says yes, conn_id filled in */
	CONN_EV_REQUEST,	/* ask for the offers */
	CONN_EV_ALL_OFFERS,
	CONN_EV_UNLOAD,		/* leave */
	CONN_EV_UNLOADED,	/* host let go, or was given up on */
	CONN_EVENTS,
};

#define CONN_DO_REFUSE		0x01	/* nothing changed, event not allowed */
#define CONN_DO_CONTACT		0x02	/* send INITIATE_CONTACT for @version */
#define CONN_DO_FAIL		0x04	/* no version in common */
#define CONN_DO_REQUEST_OFFERS	0x08
#define CONN_DO_WAKE		0x10	/* wake whoever waits for this event */
#define CONN_DO_UNLOAD		0x20	/* send UNLOAD, an answer will come */
#define CONN_DO_RESET		0x40	/* nothing left at the host */

/**
 * struct conn_fsm - state of the connection
 * @state:	where we are
 * @ceiling:	highest version allowed, 0 for no limit
 * @version:	version asked for or agreed upon, 0 when down
 * @conn_id:	port for messages to the host
 */
struct conn_fsm {
	enum conn_state state;
	u32 ceiling;
	u32 version;
	u32 conn_id;
};

void conn_init(struct conn_fsm *c, u32 ceiling);
u32 conn_step(struct conn_fsm *c, enum conn_event ev);

/* Version for msg_check(): what is not agreed upon yet does not count. */
static inline u32 conn_agreed_version(const struct conn_fsm *c)
{
	return c->state >= CONN_LINKED ? c->version : 0;
}

#endif /* HV_VMBUS_CONN_FSM_H */
