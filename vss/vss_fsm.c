// SPDX-License-Identifier: GPL-2.0-only
/*
 * Live backup: what each operation of the host gets, and the rule that a thaw
 * follows every freeze.
 *
 * Pure. Called by vss.c under the lock of the service.
 */
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>

#include "../ic/ic_types.h"
#include "vss_fsm.h"
#include "vss_wire.h"

#define STAY	VSS_STATE_NR

struct rule {
	u8 next;
	u8 act;
};

#define R(state, act)	{ VSS_##state, act }
#define NONE		{ STAY, 0 }

static const struct rule rules[VSS_STATE_NR][VSS_EVENT_NR] = {
	[VSS_THAWED] = {
		[VSS_EV_FREEZE_ASKED] = R(FREEZING, 0),
		[VSS_EV_FREEZE_OK] = NONE,
		[VSS_EV_FREEZE_FAILED] = NONE,
		[VSS_EV_THAW_OK] = NONE,
		[VSS_EV_THAW_FAILED] = NONE,
		[VSS_EV_TIME_IS_UP] = NONE,
		[VSS_EV_HOST_GONE] = NONE,
		[VSS_EV_DAEMON_GONE] = NONE,
		[VSS_EV_DAEMON_CAME] = NONE,
	},
	[VSS_FREEZING] = {
		[VSS_EV_FREEZE_ASKED] = NONE,
		[VSS_EV_FREEZE_OK] = R(FROZEN, VSS_DO_WATCH),
		[VSS_EV_FREEZE_FAILED] = R(THAWED, 0),
		[VSS_EV_THAW_OK] = NONE,
		[VSS_EV_THAW_FAILED] = NONE,
		[VSS_EV_TIME_IS_UP] = R(OWED, VSS_DO_THAW),
		[VSS_EV_HOST_GONE] = R(OWED, VSS_DO_THAW),
		[VSS_EV_DAEMON_GONE] = R(THAWED, VSS_DO_RESCUE),
		[VSS_EV_DAEMON_CAME] = NONE,
	},
	[VSS_FROZEN] = {
		[VSS_EV_FREEZE_ASKED] = NONE,
		[VSS_EV_FREEZE_OK] = NONE,
		[VSS_EV_FREEZE_FAILED] = NONE,
		[VSS_EV_THAW_OK] = R(THAWED, VSS_DO_UNWATCH),
		/* The watchdog or the next try of the host will. */
		[VSS_EV_THAW_FAILED] = NONE,
		[VSS_EV_TIME_IS_UP] = R(OWED, VSS_DO_THAW | VSS_DO_UNWATCH),
		[VSS_EV_HOST_GONE] = R(OWED, VSS_DO_THAW | VSS_DO_UNWATCH),
		[VSS_EV_DAEMON_GONE] = R(THAWED, VSS_DO_RESCUE |
						 VSS_DO_UNWATCH),
		[VSS_EV_DAEMON_CAME] = NONE,
	},
	[VSS_OWED] = {
		[VSS_EV_FREEZE_ASKED] = NONE,
		/* Late, and our thaw is behind it. */
		[VSS_EV_FREEZE_OK] = NONE,
		[VSS_EV_FREEZE_FAILED] = NONE,
		[VSS_EV_THAW_OK] = R(THAWED, 0),
		[VSS_EV_THAW_FAILED] = R(THAWED, VSS_DO_RESCUE),
		[VSS_EV_TIME_IS_UP] = R(THAWED, VSS_DO_RESCUE),
		[VSS_EV_HOST_GONE] = NONE,
		[VSS_EV_DAEMON_GONE] = R(THAWED, VSS_DO_RESCUE),
		[VSS_EV_DAEMON_CAME] = R(OWED, VSS_DO_THAW),
	},
};

/**
 * vss_step() - run the machine
 * @fsm: the machine
 * @event: what happened
 *
 * Context: any; the caller serialises.
 * Return: VSS_DO_* bits.
 */
u32 vss_step(struct vss_fsm *fsm, enum vss_event event)
{
	const struct rule *rule = &rules[fsm->state][event];

	if (rule->next != STAY)
		fsm->state = rule->next;
	return rule->act;
}

/**
 * vss_request() - what does the host get?
 * @fsm: the machine
 * @body: behind the header; flags are set in it where they are the answer
 * @bytes: its length
 * @op: operation asked for
 * @status: answer, for VSS_ANSWER
 *
 * Context: any.
 * Return: what to do.
 */
enum vss_verdict vss_request(const struct vss_fsm *fsm, void *body, u32 bytes,
			     u8 *op, u32 *status)
{
	struct vss_msg *msg = body;

	*status = IC_E_FAIL;
	if (bytes < sizeof(*msg))
		return VSS_ANSWER;
	*op = msg->op;
	switch (msg->op) {
	case VSS_REQ_HOT_BACKUP:
	case VSS_REQ_THAW:
		return VSS_ASK;
	case VSS_REQ_FREEZE:
		return fsm->state == VSS_THAWED ? VSS_ASK : VSS_ANSWER;
	case VSS_REQ_GET_DM_INFO:
		msg->flags = 0;
		*status = IC_OK;
		return VSS_ANSWER;
	case VSS_REQ_CREATE:
	case VSS_REQ_DELETE:
	case VSS_REQ_BACKUP_COMPLETE:
	case VSS_REQ_AUTO_RECOVER:
	case VSS_REQ_CLUSTER_INFO:
		*status = IC_OK;
		return VSS_ANSWER;
	default:
		*status = IC_E_NOT_SUPPORTED;
		return VSS_ANSWER;
	}
}

/**
 * vss_answer() - make the host's answer of the daemon's
 * @op: what the host asked for
 * @error: what the daemon said
 * @body: of the host's request
 *
 * Context: any.
 * Return: status for the host.
 */
u32 vss_answer(u8 op, u32 error, void *body)
{
	struct vss_msg *msg = body;

	if (error)
		return IC_E_FAIL;
	if (op == VSS_REQ_HOT_BACKUP)
		msg->flags = cpu_to_le32(VSS_FLAG_HOT_BACKUP |
					 VSS_FLAG_NO_AUTO_RECOVERY);
	return IC_OK;
}
