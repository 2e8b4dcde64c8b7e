// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: the one loop all services share. Receive, negotiate, dispatch, reply.
 *
 * Runs in the channel's tasklet, and in process context when a daemon has
 * answered or work was put off. ic->lock makes these one after the other.
 */
#include <linux/string.h>

#include "ic.h"

/**
 * ic_refuse() - count a packet of the host that is not what it should be
 * @ic: the device, locked
 * @why: what is wrong with it
 *
 * Context: any, ic->lock held.
 */
void ic_refuse(struct ic_dev *ic, enum ic_refusal why)
{
	static const char * const text[IC_REFUSED_NR] = {
		[IC_REFUSED_SHORT] = "is too short",
		[IC_REFUSED_LENGTH] = "lies about its length",
		[IC_REFUSED_FOREIGN] = "is of another service",
		[IC_REFUSED_EARLY] = "came before the versions",
		[IC_REFUSED_VERSIONS] = "offers no version we know",
		[IC_REFUSED_REQUEST] = "makes no sense",
		[IC_REFUSED_READ] = "cannot be read",
		[IC_REFUSED_UNSENT] = "cannot be answered, the ring is full",
	};

	lockdep_assert_held(&ic->lock);
	ic->refused[why]++;
	ic_warn(ic, "%s: a packet of the host %s\n", ic->svc->name, text[why]);
}

static void send_answer(struct ic_dev *ic)
{
	int ret;

	ret = vmbus_sendpacket(ic->hdev->channel, ic->pkt, ic->pkt_bytes,
			       ic->pkt_id, VM_PKT_DATA_INBAND, 0);
	if (ret == -EAGAIN && ++ic->unsent_tries < IC_UNSENT_TRIES) {
		/* Nothing is read meanwhile: the host has to make room. */
		mod_delayed_work(ic_wq, &ic->again,
				 msecs_to_jiffies(IC_UNSENT_MS));
		return;
	}
	if (ret)
		ic_refuse(ic, IC_REFUSED_UNSENT);
	else
		ic->answers++;
	ic->unsent_tries = 0;
	ic->busy = false;
	if (ic->svc->sent)
		ic->svc->sent(ic);
}

/**
 * ic_answer() - send the packet being worked on back
 * @ic: the device, locked
 * @status: result
 *
 * Callers outside the loop call ic_poll() after unlocking.
 *
 * Context: any, ic->lock held.
 */
void ic_answer(struct ic_dev *ic, u32 status)
{
	lockdep_assert_held(&ic->lock);
	if (!ic->open)
		return;
	ic_seal(ic->pkt, ic->pkt_bytes, status);
	ic->busy = true;
	ic->unsent_tries = 0;
	send_answer(ic);
}

/**
 * ic_let_negotiate() - answer the negotiation that waited for a daemon
 * @ic: the device, locked
 *
 * Context: any, ic->lock held.
 */
void ic_let_negotiate(struct ic_dev *ic)
{
	const struct ic_service *svc = ic->svc;
	u8 skip = svc->skip_messages ? svc->skip_messages(ic) : 0;

	lockdep_assert_held(&ic->lock);
	if (!ic->open)
		return;
	ic->held = false;
	ic->waited = true;
	if (!ic_agree(ic->pkt, ic->pkt_bytes, svc->frameworks,
		      svc->framework_count, svc->messages + skip,
		      svc->message_count - skip, &ic->framework, &ic->message))
		ic_refuse(ic, IC_REFUSED_VERSIONS);
	else if (svc->agreed)
		svc->agreed(ic);
	ic_answer(ic, IC_OK);
}

/**
 * ic_drop_pending() - what is being worked on is not wanted any more
 * @ic: the device, locked
 *
 * Context: any, ic->lock held.
 */
void ic_drop_pending(struct ic_dev *ic)
{
	lockdep_assert_held(&ic->lock);
	ic->busy = false;
	ic->held = false;
	ic->unsent_tries = 0;
	if (ic->user)
		ic_user_give_up(ic);
}

static void negotiate(struct ic_dev *ic)
{
	ic->negotiations++;
	ic->framework = 0;
	ic->message = 0;
	if (ic->svc->hold_s && !ic->waited &&
	    !daemon_registered(&ic->user->fsm)) {
		ic->busy = true;
		ic->held = true;
		ic_user_wait(ic, ic->svc->hold_s);
		return;
	}
	ic_let_negotiate(ic);
}

static void request(struct ic_dev *ic)
{
	u32 status = IC_E_FAIL;

	ic->requests++;
	if (!ic->message) {
		ic_refuse(ic, IC_REFUSED_EARLY);
		ic_answer(ic, IC_E_FAIL);
		return;
	}
	/* Set first: the service may answer before it returns. */
	ic->busy = true;
	if (ic->svc->request(ic, ic_body(ic->pkt),
			     ic->pkt_bytes - IC_HDR_BYTES,
			     &status) == IC_ANSWER)
		ic_answer(ic, status);
}

static void dispatch(struct ic_dev *ic, enum ic_kind kind)
{
	switch (kind) {
	case IC_NEGOTIATION:
		negotiate(ic);
		break;
	case IC_REQUEST:
		request(ic);
		break;
	case IC_FOREIGN:
		ic_refuse(ic, IC_REFUSED_FOREIGN);
		ic_answer(ic, IC_E_FAIL);
		break;
	case IC_BAD_LENGTH:
		ic_refuse(ic, IC_REFUSED_LENGTH);
		ic_answer(ic, IC_E_FAIL);
		break;
	case IC_SHORT:
	case IC_KIND_NR:
		ic_refuse(ic, IC_REFUSED_SHORT);
		break;
	}
}

/* Into ic->next; false if there is nothing. */
static bool read_next(struct ic_dev *ic)
{
	u32 bytes = 0;
	u64 id = 0;
	int ret;

	ret = vmbus_recvpacket(ic->hdev->channel, ic->next, IC_RING_BYTES,
			       &bytes, &id);
	if (ret) {
		/* Longer than the ring: the bus will not let us past it. */
		ic_refuse(ic, IC_REFUSED_READ);
		return false;
	}
	if (!bytes)
		return false;
	ic->next_bytes = bytes;
	ic->next_id = id;
	return true;
}

/* The packet read ahead becomes the one being worked on. */
static void take_next(struct ic_dev *ic)
{
	swap(ic->pkt, ic->next);
	ic->pkt_bytes = ic->next_bytes;
	ic->pkt_id = ic->next_id;
	ic->next_bytes = 0;
}

/* One packet; false if there is none, or one that has to wait. */
static bool step(struct ic_dev *ic)
{
	enum ic_kind kind;

	if (ic->unsent_tries)
		return false;
	if (!ic->next_bytes && !read_next(ic))
		return false;
	kind = ic_classify(ic->next, ic->next_bytes, ic->svc->type);
	if (ic->busy || (ic->user && ic->user->own)) {
		/* Only the host starting over does not wait for its turn. */
		if (kind != IC_NEGOTIATION)
			return false;
		ic_drop_pending(ic);
	}
	take_next(ic);
	dispatch(ic, kind);
	return true;
}

/**
 * ic_poll() - handle what is in the ring
 * @ic: the device, not locked
 *
 * Context: any but hard interrupt.
 */
void ic_poll(struct ic_dev *ic)
{
	unsigned int left = IC_BUDGET;

	spin_lock_bh(&ic->lock);
	while (ic->open && left && step(ic))
		left--;
	if (ic->open && !left)
		mod_delayed_work(ic_wq, &ic->again, 1);
	spin_unlock_bh(&ic->lock);
}

/**
 * ic_receive() - the host has put something into the ring
 * @context: the device
 *
 * Context: tasklet.
 */
void ic_receive(void *context)
{
	ic_poll(context);
}

/**
 * ic_again() - go on with what was put off
 * @work: ic->again
 *
 * Context: process.
 */
void ic_again(struct work_struct *work)
{
	struct ic_dev *ic = container_of(to_delayed_work(work), struct ic_dev,
					 again);

	spin_lock_bh(&ic->lock);
	if (ic->open && ic->unsent_tries)
		send_answer(ic);
	spin_unlock_bh(&ic->lock);
	ic_poll(ic);
}
