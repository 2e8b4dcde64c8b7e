// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: live backup. The daemon, unchanged, freezes and thaws through
 * /dev/vmbus/hv_vss. Nothing is allocated between the two: what would have to
 * be written to disk for it might wait for the thaw.
 */
#define pr_fmt(fmt) "hv_utils: " fmt

#include <linux/moduleparam.h>

#include "../ic/ic.h"
#include "vss.h"
#include "vss_fsm.h"
#include "vss_wire.h"

/* Hosts wait this long for a freeze; it has to write back all that is dirty. */
#define FREEZE_S	900

static uint vss_thaw_after = 900;
module_param(vss_thaw_after, uint, 0644);
MODULE_PARM_DESC(vss_thaw_after,
		 "Thaw if the host has not done it after so many seconds, 0 for never");

static const int frameworks[] = { IC_VERSION(3, 0) };
static const int messages[] = { IC_VERSION(5, 0) };

/*
 * @op: of the host's request being worked on
 * @asked_op: what the daemon is at, the host's or our own
 * @thaw_due: ask the daemon to thaw as soon as it can be asked
 * @watch: the host's time for a thaw is up
 */
struct vss {
	struct vss_fsm fsm;
	u8 op;
	u8 asked_op;
	bool thaw_due;
	struct ic_dev *ic;
	struct delayed_work watch;
};

/*
 * The rescue outlives the service: its device may go while it runs. Work of the
 * module, not of a device; drained when the module goes.
 */
static void rescue(struct work_struct *work)
{
	thaw_all();
}

static DECLARE_WORK(rescue_work, rescue);

static bool ask(struct ic_dev *ic, u8 op, bool own)
{
	struct vss_msg msg = { .op = op };
	struct vss *vss = ic->priv;

	vss->asked_op = op;
	return ic_user_ask(ic, &msg, sizeof(msg), own);
}

static void thaw_if_due(struct ic_dev *ic)
{
	struct vss *vss = ic->priv;

	if (vss->thaw_due && ask(ic, VSS_REQ_THAW, true))
		vss->thaw_due = false;
}

static void perform(struct ic_dev *ic, u32 act)
{
	struct vss *vss = ic->priv;

	if (act & VSS_DO_UNWATCH)
		cancel_delayed_work(&vss->watch);
	if ((act & VSS_DO_WATCH) && vss_thaw_after)
		mod_delayed_work(ic_wq, &vss->watch,
				 (unsigned long)vss_thaw_after * HZ);
	if (act & VSS_DO_THAW) {
		vss->thaw_due = true;
		thaw_if_due(ic);
	}
	if (act & VSS_DO_RESCUE) {
		vss->thaw_due = false;
		queue_work(ic_wq, &rescue_work);
	}
}

static void step(struct ic_dev *ic, enum vss_event event)
{
	struct vss *vss = ic->priv;

	perform(ic, vss_step(&vss->fsm, event));
}

static void watchdog(struct work_struct *work)
{
	struct vss *vss = container_of(to_delayed_work(work), struct vss,
				       watch);
	struct ic_dev *ic = vss->ic;

	spin_lock_bh(&ic->lock);
	if (vss->fsm.state == VSS_FROZEN) {
		pr_warn_ratelimited("the host does not thaw, so we do\n");
		/* A thaw of the host that is on its way is as good as ours. */
		if (ic->busy && vss->asked_op == VSS_REQ_THAW)
			mod_delayed_work(ic_wq, &vss->watch, HZ);
		else
			step(ic, VSS_EV_TIME_IS_UP);
	}
	spin_unlock_bh(&ic->lock);
}

static enum ic_turn request(struct ic_dev *ic, void *body, u32 bytes,
			    u32 *status)
{
	struct vss *vss = ic->priv;

	if (vss_request(&vss->fsm, body, bytes, &vss->op, status) ==
	    VSS_ANSWER) {
		if (*status)
			ic_refuse(ic, IC_REFUSED_REQUEST);
		return IC_ANSWER;
	}
	if (!ask(ic, vss->op, false)) {
		*status = IC_E_FAIL;
		return IC_ANSWER;
	}
	if (vss->op == VSS_REQ_FREEZE)
		step(ic, VSS_EV_FREEZE_ASKED);
	return IC_LATER;
}

static bool registers(struct ic_dev *ic, const void *msg, u32 bytes, u32 *reply)
{
	const struct vss_msg *from = msg;
	__le32 *greeting = ic->user->out;

	switch (le32_to_cpu(from->error)) {
	case VSS_REQ_REGISTER:
		if (reply) {
			*greeting = cpu_to_le32(VSS_REQ_REGISTER);
			*reply = VSS_GREETING_BYTES;
		}
		return true;
	case VSS_REQ_REGISTER_OLD:
		return true;
	default:
		return false;
	}
}

static void done(struct ic_dev *ic, u32 error)
{
	struct vss *vss = ic->priv;

	switch (vss->asked_op) {
	case VSS_REQ_FREEZE:
		step(ic, error ? VSS_EV_FREEZE_FAILED : VSS_EV_FREEZE_OK);
		break;
	case VSS_REQ_THAW:
		step(ic, error ? VSS_EV_THAW_FAILED : VSS_EV_THAW_OK);
		break;
	}
}

static u32 answered(struct ic_dev *ic, const void *msg, u32 bytes)
{
	u32 error = le32_to_cpu(((const struct vss_msg *)msg)->error);
	struct vss *vss = ic->priv;

	done(ic, error);
	thaw_if_due(ic);
	return vss_answer(vss->op, error, ic_body(ic->pkt));
}

static void own_done(struct ic_dev *ic, const void *msg, u32 bytes)
{
	done(ic, le32_to_cpu(((const struct vss_msg *)msg)->error));
	thaw_if_due(ic);
}

static void failed(struct ic_dev *ic, bool gone)
{
	struct vss *vss = ic->priv;

	if (gone)
		step(ic, VSS_EV_DAEMON_GONE);
	else if (vss->asked_op == VSS_REQ_FREEZE || vss->asked_op == VSS_REQ_THAW)
		step(ic, VSS_EV_TIME_IS_UP);
	thaw_if_due(ic);
}

static void registered(struct ic_dev *ic)
{
	step(ic, VSS_EV_DAEMON_CAME);
}

static u16 timeout(struct ic_dev *ic)
{
	struct vss *vss = ic->priv;

	return vss->asked_op == VSS_REQ_FREEZE ? FREEZE_S : IC_DAEMON_S;
}

static int start(struct ic_dev *ic)
{
	struct vss *vss = ic->priv;

	/* Live backup came with Windows 8.1. */
	if (vmbus_proto_version < VERSION_WIN8_1) {
		pr_warn("vss: the host is too old\n");
		return -ENODEV;
	}
	vss->ic = ic;
	INIT_DELAYED_WORK(&vss->watch, watchdog);
	return 0;
}

/* The channel is closed; a daemon that is asked now still gets it. */
static void quiesce(struct ic_dev *ic)
{
	struct vss *vss = ic->priv;

	cancel_delayed_work_sync(&vss->watch);
	spin_lock_bh(&ic->lock);
	/* Gone with the node, it thaws by itself when it sees that. */
	if (!ic->user->dead)
		step(ic, VSS_EV_HOST_GONE);
	spin_unlock_bh(&ic->lock);
}

static const struct ic_user_ops vss_user_ops = {
	.node = "vmbus/hv_vss",
	.out_bytes = sizeof(struct vss_msg),
	.in_bytes = sizeof(struct vss_msg),
	.in_least = sizeof(struct vss_msg),
	.registers = registers,
	.answered = answered,
	.failed = failed,
	.own_done = own_done,
	.registered = registered,
	.timeout = timeout,
};

const struct ic_service vss_service = {
	.name = "vss",
	.type = IC_TYPE_VSS,
	.frameworks = frameworks,
	.framework_count = ARRAY_SIZE(frameworks),
	.messages = messages,
	.message_count = ARRAY_SIZE(messages),
	.user = &vss_user_ops,
	.priv_bytes = sizeof(struct vss),
	.start = start,
	.quiesce = quiesce,
	.request = request,
};
