// SPDX-License-Identifier: GPL-2.0-only
/*
 * The connection: find a version, ask for offers, leave. Pure: one function
 * moves the state and says what has to be done; the caller holds the
 * connection's lock around it and acts after dropping it.
 */
#include <linux/types.h>
#include "conn_fsm.h"
#include "version.h"

/**
 * conn_init() - no connection yet
 * @c:		machine
 * @ceiling:	highest version to ask for, 0 for no limit
 *
 * Context: Before anybody else knows the connection.
 */
void conn_init(struct conn_fsm *c, u32 ceiling)
{
	c->state = CONN_DOWN;
	c->ceiling = ceiling;
	c->version = 0;
	c->conn_id = 0;
}

static u32 try_next(struct conn_fsm *c)
{
	c->version = version_next(c->version, c->ceiling);
	if (!c->version) {
		c->state = CONN_DOWN;
		c->conn_id = 0;
		return CONN_DO_FAIL;
	}
	c->state = CONN_CONTACT;
	c->conn_id = version_contact_conn_id(c->version);
	return CONN_DO_CONTACT;
}

static u32 leave(struct conn_fsm *c)
{
	if (version_has_unload(c->version)) {
		c->state = CONN_UNLOADING;
		return CONN_DO_UNLOAD;
	}
	conn_init(c, c->ceiling);
	return CONN_DO_RESET;
}

static u32 in_down(struct conn_fsm *c, enum conn_event ev)
{
	switch (ev) {
	case CONN_EV_START:
		c->version = 0;
		return try_next(c);
	case CONN_EV_REFUSED:
	case CONN_EV_ACCEPTED:
	case CONN_EV_REQUEST:
	case CONN_EV_ALL_OFFERS:
	case CONN_EV_UNLOAD:
	case CONN_EV_UNLOADED:
	case CONN_EVENTS:
		break;
	}
	return CONN_DO_REFUSE;
}

static u32 in_contact(struct conn_fsm *c, enum conn_event ev)
{
	switch (ev) {
	case CONN_EV_REFUSED:
		return try_next(c);
	case CONN_EV_ACCEPTED:
		c->state = CONN_LINKED;
		return CONN_DO_WAKE;
	case CONN_EV_START:
	case CONN_EV_REQUEST:
	case CONN_EV_ALL_OFFERS:
	case CONN_EV_UNLOAD:
	case CONN_EV_UNLOADED:
	case CONN_EVENTS:
		break;
	}
	return CONN_DO_REFUSE;
}

static u32 in_linked(struct conn_fsm *c, enum conn_event ev)
{
	switch (ev) {
	case CONN_EV_REQUEST:
		c->state = CONN_OFFERING;
		return CONN_DO_REQUEST_OFFERS;
	case CONN_EV_UNLOAD:
		return leave(c);
	case CONN_EV_START:
	case CONN_EV_REFUSED:
	case CONN_EV_ACCEPTED:
	case CONN_EV_ALL_OFFERS:
	case CONN_EV_UNLOADED:
	case CONN_EVENTS:
		break;
	}
	return CONN_DO_REFUSE;
}

static u32 in_offering(struct conn_fsm *c, enum conn_event ev)
{
	switch (ev) {
	case CONN_EV_ALL_OFFERS:
		c->state = CONN_READY;
		return CONN_DO_WAKE;
	case CONN_EV_UNLOAD:
		return leave(c);
	case CONN_EV_START:
	case CONN_EV_REFUSED:
	case CONN_EV_ACCEPTED:
	case CONN_EV_REQUEST:
	case CONN_EV_UNLOADED:
	case CONN_EVENTS:
		break;
	}
	return CONN_DO_REFUSE;
}

static u32 in_ready(struct conn_fsm *c, enum conn_event ev)
{
	switch (ev) {
	case CONN_EV_UNLOAD:
		return leave(c);
	case CONN_EV_START:
	case CONN_EV_REFUSED:
	case CONN_EV_ACCEPTED:
	case CONN_EV_REQUEST:
	case CONN_EV_ALL_OFFERS:
	case CONN_EV_UNLOADED:
	case CONN_EVENTS:
		break;
	}
	return CONN_DO_REFUSE;
}

static u32 in_unloading(struct conn_fsm *c, enum conn_event ev)
{
	switch (ev) {
	case CONN_EV_UNLOADED:
		conn_init(c, c->ceiling);
		return CONN_DO_WAKE | CONN_DO_RESET;
	case CONN_EV_START:
	case CONN_EV_REFUSED:
	case CONN_EV_ACCEPTED:
	case CONN_EV_REQUEST:
	case CONN_EV_ALL_OFFERS:
	case CONN_EV_UNLOAD:
	case CONN_EVENTS:
		break;
	}
	return CONN_DO_REFUSE;
}

/**
 * conn_step() - something happened to the connection
 * @c:	machine
 * @ev:	what
 *
 * Context: The connection's lock held.
 * Return: CONN_DO_* bits. CONN_DO_REFUSE comes alone.
 */
u32 conn_step(struct conn_fsm *c, enum conn_event ev)
{
	switch (c->state) {
	case CONN_DOWN:
		return in_down(c, ev);
	case CONN_CONTACT:
		return in_contact(c, ev);
	case CONN_LINKED:
		return in_linked(c, ev);
	case CONN_OFFERING:
		return in_offering(c, ev);
	case CONN_READY:
		return in_ready(c, ev);
	case CONN_UNLOADING:
		return in_unloading(c, ev);
	case CONN_STATES:
		break;
	}
	return CONN_DO_REFUSE;
}
