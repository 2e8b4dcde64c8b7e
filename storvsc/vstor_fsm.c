// SPDX-License-Identifier: GPL-2.0-only
/*
 * Core: the handshake as a machine. chan.c opens the primary channel, feeds
 * events in and sends what comes out; one request is outstanding at a time.
 */
#include <linux/string.h>
#include <asm/byteorder.h>

#include "vstor.h"
#include "vstor_fsm.h"

/* Newest first; the host takes one exactly or refuses it. */
static const u16 proposals[] = {
	VSTOR_VERSION_6_2,
	VSTOR_VERSION_6_0,
	VSTOR_VERSION_5_1,
	VSTOR_VERSION_4_2,
	VSTOR_VERSION_2_0,
};

#define NR_PROPOSALS	5

static_assert(sizeof(proposals) == NR_PROPOSALS * sizeof(proposals[0]));

/**
 * vstor_fsm_init() - a machine in the state VSTOR_CLOSED
 * @fsm: the machine
 * @fibre_channel: controller of the Fibre Channel variant
 * @max_subs: sub-channels of use to us, 0 for none
 * @transfer_limit: bound of ours on one transfer
 *
 * Context: any.
 */
void vstor_fsm_init(struct vstor_fsm *fsm, bool fibre_channel, u16 max_subs,
		    u32 transfer_limit)
{
	memset(fsm, 0, sizeof(*fsm));
	fsm->fibre_channel = fibre_channel;
	fsm->max_subs = max_subs;
	fsm->transfer_limit = transfer_limit;
}

static enum vstor_do fail(struct vstor_fsm *fsm, enum vstor_why why)
{
	fsm->state = VSTOR_FAILED;
	fsm->why = why;
	return VSTOR_DO_FAIL;
}

static enum vstor_do ask(struct vstor_fsm *fsm, enum vstor_state state, u32 op,
			 u16 arg)
{
	fsm->state = state;
	fsm->op = op;
	fsm->arg = arg;
	return VSTOR_DO_SEND;
}

static enum vstor_do ready(struct vstor_fsm *fsm)
{
	fsm->state = VSTOR_READY;
	return VSTOR_DO_START;
}

static enum vstor_do propose(struct vstor_fsm *fsm)
{
	if (fsm->proposal >= NR_PROPOSALS)
		return fail(fsm, VSTOR_WHY_VERSION);
	fsm->version = proposals[fsm->proposal];
	return ask(fsm, VSTOR_ASKED_VERSION, VSTOR_OP_QUERY_VERSION,
		   fsm->version);
}

static enum vstor_do end(struct vstor_fsm *fsm)
{
	return ask(fsm, VSTOR_ENDED, VSTOR_OP_END_INITIALIZATION, 0);
}

static enum vstor_do take_properties(struct vstor_fsm *fsm,
				     const struct vstor_props *props)
{
	u32 longest = le32_to_cpu(props->max_transfer_bytes);
	u16 subs = le16_to_cpu(props->max_sub_channels);

	fsm->max_transfer = vstor_max_transfer(longest, fsm->transfer_limit);
	if (!fsm->max_transfer)
		return fail(fsm, VSTOR_WHY_TRANSFER);
	fsm->subs = subs < fsm->max_subs ? subs : fsm->max_subs;
	if (!(le32_to_cpu(props->flags) & VSTOR_PROP_MULTI_CHANNEL) ||
	    fsm->version < VSTOR_VERSION_5_1)
		fsm->subs = 0;
	if (fsm->fibre_channel)
		return ask(fsm, VSTOR_ASKED_WWN, VSTOR_OP_FCHBA_DATA, 0);
	return end(fsm);
}

/* The host said yes to the request that is on its way. */
static enum vstor_do accepted(struct vstor_fsm *fsm,
			      const struct vstor_pkt *reply)
{
	switch (fsm->state) {
	case VSTOR_BEGUN:
		return propose(fsm);
	case VSTOR_ASKED_VERSION:
		return ask(fsm, VSTOR_ASKED_PROPERTIES,
			   VSTOR_OP_QUERY_PROPERTIES, 0);
	case VSTOR_ASKED_PROPERTIES:
		return take_properties(fsm, &reply->props);
	case VSTOR_ASKED_WWN:
		fsm->wwn = reply->wwn;
		return end(fsm);
	case VSTOR_ENDED:
		if (!fsm->subs)
			return ready(fsm);
		return ask(fsm, VSTOR_ASKED_SUBS, VSTOR_OP_CREATE_SUB_CHANNELS,
			   fsm->subs);
	case VSTOR_ASKED_SUBS:
		return ready(fsm);
	case VSTOR_CLOSED:
	case VSTOR_READY:
	case VSTOR_FAILED:
	case VSTOR_STATE_NR:
		break;
	}
	return fail(fsm, VSTOR_WHY_MISUSE);
}

/* The host said no to the request that is on its way. */
static enum vstor_do refused(struct vstor_fsm *fsm)
{
	switch (fsm->state) {
	case VSTOR_ASKED_VERSION:
		fsm->proposal++;
		return propose(fsm);
	case VSTOR_ASKED_SUBS:
		/* The primary alone will do. */
		fsm->subs = 0;
		return ready(fsm);
	case VSTOR_BEGUN:
	case VSTOR_ASKED_PROPERTIES:
	case VSTOR_ASKED_WWN:
	case VSTOR_ENDED:
		return fail(fsm, VSTOR_WHY_REFUSED);
	case VSTOR_CLOSED:
	case VSTOR_READY:
	case VSTOR_FAILED:
	case VSTOR_STATE_NR:
		break;
	}
	return fail(fsm, VSTOR_WHY_MISUSE);
}

static bool waiting(const struct vstor_fsm *fsm)
{
	switch (fsm->state) {
	case VSTOR_BEGUN:
	case VSTOR_ASKED_VERSION:
	case VSTOR_ASKED_PROPERTIES:
	case VSTOR_ASKED_WWN:
	case VSTOR_ENDED:
	case VSTOR_ASKED_SUBS:
		return true;
	case VSTOR_CLOSED:
	case VSTOR_READY:
	case VSTOR_FAILED:
	case VSTOR_STATE_NR:
		break;
	}
	return false;
}

/**
 * vstor_fsm_step() - one event in, one thing to do out
 * @fsm: the machine
 * @event: what happened
 * @reply: the host's packet, with VSTOR_EV_ACCEPTED only; at least as long as
 *	   a packet of the version proposed, zeros behind it
 *
 * Context: any; the caller serialises.
 * Return: what to do next.
 */
enum vstor_do vstor_fsm_step(struct vstor_fsm *fsm, enum vstor_event event,
			     const struct vstor_pkt *reply)
{
	switch (event) {
	case VSTOR_EV_OPEN:
		if (fsm->state != VSTOR_CLOSED)
			return fail(fsm, VSTOR_WHY_MISUSE);
		fsm->why = VSTOR_WHY_NONE;
		fsm->proposal = 0;
		fsm->version = proposals[0];
		fsm->max_transfer = 0;
		fsm->subs = 0;
		return ask(fsm, VSTOR_BEGUN, VSTOR_OP_BEGIN_INITIALIZATION, 0);
	case VSTOR_EV_ACCEPTED:
		return accepted(fsm, reply);
	case VSTOR_EV_REFUSED:
		return refused(fsm);
	case VSTOR_EV_SILENCE:
		if (fsm->state == VSTOR_ASKED_SUBS)
			return refused(fsm);
		return fail(fsm, waiting(fsm) ? VSTOR_WHY_SILENCE :
						VSTOR_WHY_MISUSE);
	case VSTOR_EV_GONE:
		if (fsm->state == VSTOR_CLOSED || fsm->state == VSTOR_FAILED)
			return VSTOR_DO_NOTHING;
		return fail(fsm, VSTOR_WHY_GONE);
	case VSTOR_EV_CLOSE:
		fsm->state = VSTOR_CLOSED;
		return VSTOR_DO_NOTHING;
	case VSTOR_EVENT_NR:
		break;
	}
	return fail(fsm, VSTOR_WHY_MISUSE);
}
