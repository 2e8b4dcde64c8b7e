// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: key-value pairs. The daemon, unchanged, answers through
 * /dev/vmbus/hv_kvp; the host gets an answer whether there is one or not.
 */
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>

#include "../ic/ic.h"
#include "kvp_msg.h"

/*
 * Address injection at boot should find the daemon: this long the versions are
 * not answered without one. Hosts wait for a minute.
 */
#define HOLD_S	55

static bool kvp_ip_numbers;
module_param(kvp_ip_numbers, bool, 0644);
MODULE_PARM_DESC(kvp_ip_numbers,
		 "Speak version 5.0, in which addresses are numbers; for hosts that speak no other");

static const int frameworks[] = { IC_VERSION(3, 0), IC_VERSION(1, 0) };
/* The first only if asked for: drivers of the kernel never spoke it. */
static const int messages[] = { IC_VERSION(5, 0), IC_VERSION(4, 0),
				IC_VERSION(3, 0), IC_VERSION(1, 0) };

/*
 * @asked: the request being worked on
 * @old: the daemon registered the old way
 * @question: made here, then queued
 */
struct kvp {
	struct kvp_asked asked;
	bool old;
	struct kvp_daemon_msg question;
};

static enum ic_turn request(struct ic_dev *ic, void *body, u32 bytes,
			    u32 *status)
{
	struct kvp *kvp = ic->priv;

	kvp->asked.binary = ic->message >= IC_VERSION(5, 0);
	*status = kvp_question(body, bytes, &kvp->asked, &kvp->question);
	if (*status) {
		if (*status != IC_E_NO_MORE)
			ic_refuse(ic, IC_REFUSED_REQUEST);
		return IC_ANSWER;
	}
	if (ic_user_ask(ic, &kvp->question, sizeof(kvp->question), false))
		return IC_LATER;
	*status = IC_E_FAIL;
	return IC_ANSWER;
}

static u8 skip_messages(struct ic_dev *ic)
{
	return READ_ONCE(kvp_ip_numbers) ? 0 : 1;
}

static bool registers(struct ic_dev *ic, const void *msg, u32 bytes, u32 *reply)
{
	enum kvp_registration how = kvp_registers(msg);
	struct kvp *kvp = ic->priv;

	if (how == KVP_NOT_REGISTERING)
		return false;
	if (reply) {
		kvp->old = how == KVP_REGISTER_OLD;
		kvp_greet(ic->user->out, kvp->old ? KVP_REQ_REGISTER_OLD :
						    KVP_REQ_REGISTER);
		*reply = sizeof(struct kvp_daemon_msg);
	}
	return true;
}

static u32 answered(struct ic_dev *ic, const void *msg, u32 bytes)
{
	struct kvp *kvp = ic->priv;

	return kvp_answer(&kvp->asked, kvp->old, msg, ic_body(ic->pkt));
}

static const struct ic_user_ops user_ops = {
	.node = "vmbus/hv_kvp",
	.out_bytes = sizeof(struct kvp_daemon_msg),
	.in_bytes = sizeof(struct kvp_daemon_msg),
	.in_least = sizeof(struct kvp_daemon_msg),
	.registers = registers,
	.answered = answered,
};

const struct ic_service kvp_service = {
	.name = "kvp",
	.type = IC_TYPE_KVP,
	.frameworks = frameworks,
	.framework_count = ARRAY_SIZE(frameworks),
	.messages = messages,
	.message_count = ARRAY_SIZE(messages),
	.hold_s = HOLD_S,
	.user = &user_ops,
	.skip_messages = skip_messages,
	.priv_bytes = sizeof(struct kvp),
	.request = request,
};
