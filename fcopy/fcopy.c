// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: file copy through /dev/vmbus/hv_fcopy, for kernels whose daemon expects
 * it. Newer ones have a daemon that talks to the host by itself, over UIO, and
 * leave this file empty.
 */
#include "../ic/ic.h"

#ifndef HAVE_FCOPY_BY_UIO

#include "fc_msg.h"

static const int frameworks[] = { IC_VERSION(3, 0) };
static const int messages[] = { IC_VERSION(1, 1) };

/*
 * @op: what the daemon is at
 * @cancel_due: a copy was given up and the daemon does not know yet
 */
struct fcopy {
	struct fc_session session;
	u32 op;
	bool cancel_due;
	union fc_msg question;
};

static void cancel_if_due(struct ic_dev *ic)
{
	struct fcopy *fc = ic->priv;
	struct fc_hdr msg = { .op = cpu_to_le32(FC_OP_CANCEL) };

	if (!fc->cancel_due || !ic_user_ask(ic, &msg, sizeof(msg), true))
		return;
	fc->op = FC_OP_CANCEL;
	fc->cancel_due = false;
}

/* The daemon is to close and remove the file. */
static void give_up(struct ic_dev *ic)
{
	struct fcopy *fc = ic->priv;

	if (fc->session.open || fc->session.starting)
		fc->cancel_due = true;
	fc_end(&fc->session);
	cancel_if_due(ic);
}

static enum ic_turn request(struct ic_dev *ic, void *body, u32 bytes,
			    u32 *status)
{
	struct fcopy *fc = ic->priv;
	bool was_open = fc->session.open;
	u32 question_bytes = 0;

	*status = IC_E_FAIL;
	if (!daemon_registered(&ic->user->fsm))
		return IC_ANSWER;
	*status = fc_question(&fc->session, body, bytes, &fc->question,
			      &question_bytes);
	if (*status) {
		ic_refuse(ic, IC_REFUSED_REQUEST);
		/* It would wait for the rest for ever. */
		if (was_open && !fc->session.open) {
			fc->cancel_due = true;
			cancel_if_due(ic);
		}
		return IC_ANSWER;
	}
	fc->op = le32_to_cpu(fc->question.hdr.op);
	if (ic_user_ask(ic, &fc->question, question_bytes, false))
		return IC_LATER;
	fc_end(&fc->session);
	*status = IC_E_FAIL;
	return IC_ANSWER;
}

static bool registers(struct ic_dev *ic, const void *msg, u32 bytes, u32 *reply)
{
	u32 version = le32_to_cpu(*(const __le32 *)msg);
	__le32 *greeting = ic->user->out;

	/* Later the same number is an answer. */
	if (!reply || version > FC_REGISTER)
		return false;
	if (version == FC_REGISTER) {
		*greeting = cpu_to_le32(FC_REGISTER);
		*reply = sizeof(*greeting);
	}
	return true;
}

static u32 answered(struct ic_dev *ic, const void *msg, u32 bytes)
{
	struct fcopy *fc = ic->priv;

	return fc_answer(&fc->session, fc->op,
			 le32_to_cpu(*(const __le32 *)msg));
}

static void failed(struct ic_dev *ic, bool gone)
{
	struct fcopy *fc = ic->priv;

	if (!gone) {
		give_up(ic);
		return;
	}
	fc_end(&fc->session);
	fc->cancel_due = false;
}

static void agreed(struct ic_dev *ic)
{
	give_up(ic);
}

static void quiesce(struct ic_dev *ic)
{
	spin_lock_bh(&ic->lock);
	if (!ic->user->dead)
		give_up(ic);
	spin_unlock_bh(&ic->lock);
}

static const struct ic_user_ops user_ops = {
	.node = "vmbus/hv_fcopy",
	.out_bytes = sizeof(union fc_msg),
	.in_bytes = sizeof(__le32),
	.in_least = sizeof(__le32),
	.registers = registers,
	.answered = answered,
	.failed = failed,
};

const struct ic_service fcopy_service = {
	.name = "fcopy",
	.type = IC_TYPE_FCOPY,
	.frameworks = frameworks,
	.framework_count = ARRAY_SIZE(frameworks),
	.messages = messages,
	.message_count = ARRAY_SIZE(messages),
	.user = &user_ops,
	.priv_bytes = sizeof(struct fcopy),
	.quiesce = quiesce,
	.agreed = agreed,
	.request = request,
};

#endif /* HAVE_FCOPY_BY_UIO */
