// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open, close, rescind and release of a channel: runs the channel machine.
 *
 * @lock guards the machine only; what it asks for is done after dropping it.
 * Nothing here waits for the host without a bound.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/cpu.h>
#include <linux/errno.h>
#include <linux/hyperv.h>
#include <linux/interrupt.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <asm/byteorder.h>
#include "chan.h"
#include "conn.h"
#include "gpadl.h"
#include "hypercall/hvc.h"
#include "msg.h"
#include "offer.h"
#include "place.h"
#include "refuse.h"
#include "stats.h"
#include "trace.h"
#include "version.h"
#include "xact.h"

#define OPEN_MS		30000
#define MODIFY_MS	10000

static enum vmbus_channel_state shown(enum chan_state state)
{
	switch (state) {
	case CHAN_OPENING:
		return CHANNEL_OPENING_STATE;
	case CHAN_OPEN:
		return CHANNEL_OPENED_STATE;
	case CHAN_OFFERED:
	case CHAN_DYING:
	case CHAN_RESCINDED:
	case CHAN_RELEASED:
	case CHAN_STATES:
		break;
	}
	return CHANNEL_OPEN_STATE;
}

static u32 step(struct chan *chan, enum chan_event ev)
{
	enum chan_state before;
	unsigned long flags;
	u32 todo;

	spin_lock_irqsave(&chan->lock, flags);
	before = chan->fsm.state;
	todo = chan_step(&chan->fsm, ev);
	if (ev == CHAN_EV_RESCIND && !(todo & CHAN_DO_REFUSE))
		WRITE_ONCE(chan->dead, true);
	/* A dying channel still counts as opened: drivers close those only. */
	if (chan->fsm.state != before &&
	    !(before == CHAN_OPEN && chan->fsm.state == CHAN_DYING))
		WRITE_ONCE(chan->abi.state, shown(chan->fsm.state));
	spin_unlock_irqrestore(&chan->lock, flags);
	return todo;
}

/**
 * chan_is_open() - would a close have something to do
 * @chan:	channel
 *
 * Context: Any.
 * Return: true if the host has, or may have, our rings.
 */
bool chan_is_open(struct chan *chan)
{
	unsigned long flags;
	bool open;

	spin_lock_irqsave(&chan->lock, flags);
	open = chan->fsm.state == CHAN_OPEN || chan->fsm.state == CHAN_DYING;
	spin_unlock_irqrestore(&chan->lock, flags);
	return open;
}

/**
 * chan_post() - send a message about a channel
 * @chan:	channel
 * @msg:	message with the channel's relid
 * @bytes:	its length
 *
 * Context: Task, sleeps.
 * Return: 0; -ENOTCONN if the relid means nothing to the host any more; other
 * errno.
 */
int chan_post(const struct chan *chan, const void *msg, size_t bytes)
{
	return conn_post_in(READ_ONCE(chan->conn), msg, bytes);
}

static int send_relid(struct chan *chan, u32 type)
{
	struct vmbus_msg_relid msg;
	int ret;

	ret = chan_post(chan, &msg, msg_build_relid(&msg, type, chan->relid));
	if (type == VMBUS_MSG_CLOSE)
		trace_vmbus_close_internal(chan->relid, ret);
	else
		trace_vmbus_release_relid(chan->relid, ret);
	return ret;
}

/* Rings back from the host, or given up if it does not answer. */
static int take_rings_back(struct chan *chan)
{
	struct vmbus_gpadl *gpadl = &chan->abi.ringbuffer_gpadlhandle;
	int ret = gpadl_teardown(chan, gpadl);

	if (ret)
		pr_err("channel %u: rings not given back: %d\n", chan->relid,
		       ret);
	return ret;
}

static int send_open(struct chan *chan, const void *user, u32 user_bytes)
{
	struct vmbus_channel *abi = &chan->abi;
	struct vmbus_msg_open_result result;
	struct vmbus_msg_open msg;
	struct xact x;
	size_t bytes;
	int ret;

	/* The target CPU must not go offline before the host knows it. */
	cpus_read_lock();
	xact_begin(&x, chan, VMBUS_MSG_OPEN_RESULT, chan->relid, chan->relid);
	bytes = msg_build_open(&msg, chan->relid, chan->relid,
			       abi->ringbuffer_gpadlhandle.gpadl_handle,
			       hvc_vp_index(abi->target_cpu),
			       abi->ringbuffer_send_offset * (PAGE_SIZE / 4096),
			       user, user_bytes);
	ret = chan_post(chan, &msg, bytes);
	trace_vmbus_open(&msg, ret);
	if (!ret)
		ret = xact_wait(&x, OPEN_MS);
	xact_end(&x);
	cpus_read_unlock();
	if (ret)
		return ret;
	memcpy(&result, x.reply, sizeof(result));
	return le32_to_cpu(result.status) ? -EAGAIN : 0;
}

static void set_callback(struct chan *chan, void (*callback)(void *context),
			 void *context)
{
	unsigned long flags;

	spin_lock_irqsave(&chan->abi.sched_lock, flags);
	/* A dead channel is stopped, or about to be, and stays stopped. */
	if (chan_dead(chan))
		callback = NULL;
	chan->abi.channel_callback_context = context;
	chan->abi.onchannel_callback = callback;
	spin_unlock_irqrestore(&chan->abi.sched_lock, flags);
}

/*
 * The rescind of a sub-channel that was open left its release to whoever ends
 * that. A worker does it: the caller may be the driver's callback for it.
 */
static void release_sub_later(struct chan *chan)
{
	if (chan->abi.primary_channel && chan_dead(chan))
		offer_queue_remove(chan);
}

/**
 * chan_open() - give the rings to the host and start talking
 * @chan:	channel whose rings are allocated
 * @user:	data for the device, or NULL
 * @user_bytes:	its length, at most 120
 * @callback:	called when the host has sent something
 * @context:	its argument
 *
 * Context: Task, sleeps.
 * Return: 0; -EINVAL if it is open already or the arguments make no sense;
 * -ENODEV if it was rescinded; -EAGAIN if the host refused.
 */
int chan_open(struct chan *chan, const void *user, u32 user_bytes,
	      void (*callback)(void *context), void *context)
{
	struct vmbus_channel *abi = &chan->abi;
	u32 todo;
	int ret;

	if (user_bytes > VMBUS_USER_BYTES || !abi->ringbuffer_page)
		return -EINVAL;
	if (chan_dead(chan) || READ_ONCE(chan->away))
		return -ENODEV;
	if (!(step(chan, CHAN_EV_OPEN) & CHAN_DO_SEND_OPEN))
		return chan_dead(chan) ? -ENODEV : -EINVAL;

	ret = ring_alloc_prepare(chan);
	if (ret)
		goto err_not_open;
	if (abi->rqstor_size) {
		ret = requestor_alloc(&abi->requestor, abi->rqstor_size);
		if (ret)
			goto err_not_open;
	}
	ret = gpadl_establish(chan, page_address(abi->ringbuffer_page),
			      abi->ringbuffer_pagecount << PAGE_SHIFT,
			      &abi->ringbuffer_gpadlhandle);
	if (ret)
		goto err_free_requestor;

	set_callback(chan, callback, context);
	ret = send_open(chan, user, user_bytes);
	if (ret)
		goto err_stop_callback;
	step(chan, CHAN_EV_OPEN_OK);
	if (chan_dead(chan)) {
		/* The mark came while the result was on its way. */
		ret = -ENODEV;
		goto err_stop_callback;
	}
	return 0;

err_stop_callback:
	chan_stop_callback(chan);
	todo = step(chan, CHAN_EV_OPEN_FAIL);
	/* An open that was never answered may have happened all the same. */
	if (todo & CHAN_DO_SEND_CLOSE || ret == -ETIMEDOUT)
		send_relid(chan, VMBUS_MSG_CLOSE);
	take_rings_back(chan);
	requestor_free(&abi->requestor);
	release_sub_later(chan);
	return ret;

err_free_requestor:
	requestor_free(&abi->requestor);
err_not_open:
	todo = step(chan, CHAN_EV_OPEN_FAIL);
	if (todo & CHAN_DO_SEND_CLOSE)
		send_relid(chan, VMBUS_MSG_CLOSE);
	release_sub_later(chan);
	return ret;
}

/**
 * chan_stop_callback() - no callback runs or will run after this
 * @chan:	channel
 *
 * Context: Task, sleeps.
 */
void chan_stop_callback(struct chan *chan)
{
	struct vmbus_channel *abi = &chan->abi;

	/*
	 * The tasklet is out first: it may be waiting for the host, in the
	 * driver's callback, with the lock below not held. Then the lock
	 * closes the door to callbacks from the interrupt itself.
	 */
	tasklet_disable(&abi->callback_event);
	set_callback(chan, NULL, NULL);
	abi->sc_creation_callback = NULL;
	tasklet_enable(&abi->callback_event);
}

/**
 * chan_close() - stop talking and take the rings back
 * @chan:	channel; nothing happens if it is not open
 *
 * The memory of the rings stays; see ring_alloc_free().
 *
 * Context: Task, sleeps.
 * Return: 0, or an errno if the host still holds the rings.
 */
int chan_close(struct chan *chan)
{
	u32 todo;
	int ret;

	chan_stop_callback(chan);
	todo = step(chan, CHAN_EV_CLOSE);
	if (todo & CHAN_DO_REFUSE)
		return 0;
	ret = send_relid(chan, VMBUS_MSG_CLOSE);
	if (ret)
		pr_err("channel %u: close not sent: %d\n", chan->relid, ret);
	/* Without CLOSE the host refuses the teardown and keeps writing. */
	if (!ret)
		ret = take_rings_back(chan);
	requestor_free(&chan->abi.requestor);
	release_sub_later(chan);
	return ret;
}

static void close_and_free(struct chan *chan)
{
	chan_close(chan);
	ring_alloc_free(chan);
}

/**
 * chan_close_subs() - close and free the open sub-channels of a channel
 * @chan:	primary or sub-channel
 *
 * Context: Task, sleeps.
 */
void chan_close_subs(struct chan *chan)
{
	struct chan *sub;

	if (chan->abi.primary_channel)
		return;
	while ((sub = offer_open_sub(chan))) {
		close_and_free(sub);
		chan_put(sub);
	}
}

/**
 * chan_close_with_subs() - close a channel and, first, its sub-channels
 * @chan:	primary or sub-channel; nothing happens if it is not open
 *
 * Context: Task, sleeps.
 */
void chan_close_with_subs(struct chan *chan)
{
	if (!chan_is_open(chan))
		return;
	chan_close_subs(chan);
	close_and_free(chan);
}

/**
 * chan_rescind() - the host took the offer back
 * @chan:	channel
 *
 * The mark comes first, then everybody who waits is woken; removal is left
 * to a worker.
 *
 * Context: Any, SynIC interrupt included.
 */
void chan_rescind(struct chan *chan)
{
	u32 todo = step(chan, CHAN_EV_RESCIND);

	if (todo & CHAN_DO_REFUSE) {
		refuse(REFUSE_RESCIND_UNKNOWN, chan->relid, 1);
		return;
	}
	if (todo & CHAN_DO_WAKE) {
		xact_rescind(chan);
		complete_all(&chan->rescinded);
	}
	/* Lost in hibernation: drivers cannot let go of it yet. */
	if (todo & CHAN_DO_REMOVE && !READ_ONCE(chan->lost))
		offer_queue_remove(chan);
}

/*
 * What the host put into the ring before it took the offer back is still
 * delivered: answers to requests that nobody else would end.
 */
static void last_call(struct chan *chan)
{
	struct vmbus_channel *abi = &chan->abi;
	unsigned long flags;

	if (abi->callback_mode != HV_CALL_ISR) {
		tasklet_disable(&abi->callback_event);
		local_bh_disable();
		isr_tasklet((unsigned long)abi);
		local_bh_enable();
		tasklet_enable(&abi->callback_event);
		return;
	}
	spin_lock_irqsave(&abi->sched_lock, flags);
	if (abi->onchannel_callback)
		abi->onchannel_callback(abi->channel_callback_context);
	spin_unlock_irqrestore(&abi->sched_lock, flags);
}

/**
 * chan_show_rescind() - let the driver know that the channel is gone
 * @chan:	dead channel
 *
 * Drivers that see abi.rescind free what a callback would touch, so the
 * callbacks end first. Must not wait for a probe: it may be waiting for the
 * very mark.
 *
 * Context: Task, sleeps.
 */
void chan_show_rescind(struct chan *chan)
{
	last_call(chan);
	chan_stop_callback(chan);
	WRITE_ONCE(chan->abi.rescind, true);
	complete_all(&chan->abi.rescind_event);
}

/**
 * chan_release() - give the relid back, if nothing is open any more
 * @chan:	channel; may be freed on return unless the caller holds it
 *
 * Context: Task, sleeps.
 * Return: true if this call released it.
 */
bool chan_release(struct chan *chan)
{
	u32 todo;

	todo = step(chan, CHAN_EV_RELEASE);
	if (todo & CHAN_DO_REFUSE)
		return false;
	chan_get(chan);
	/* Out of the table first: the next offer may carry the same relid. */
	offer_forget(chan);
	/* Nothing is owed to a host that was left meanwhile. */
	if (todo & CHAN_DO_SEND_RELEASED)
		send_relid(chan, VMBUS_MSG_RELID_RELEASED);
	chan_put(chan);
	return true;
}

/**
 * chan_send_modify() - ask the host to interrupt another virtual processor
 * @chan:	open channel
 * @vp:		VP index
 *
 * Context: Task, sleeps.
 * Return: 0; -EOPNOTSUPP if the host cannot; -EAGAIN if it refused; other
 * errno.
 */
int chan_send_modify(struct chan *chan, u32 vp)
{
	struct vmbus_msg_modified answer;
	struct vmbus_msg_modify msg;
	size_t bytes = msg_build_modify(&msg, chan->relid, vp);
	u32 version = conn_version();
	struct xact x;
	int ret;

	if (!version_has_modify(version))
		return -EOPNOTSUPP;
	if (!version_acks_modify(version)) {
		ret = chan_post(chan, &msg, bytes);
		trace_vmbus_send_modifychannel(&msg, ret);
		return ret;
	}

	mutex_lock(&chan->modify);
	xact_begin(&x, chan, VMBUS_MSG_MODIFIED, chan->relid, 0);
	ret = chan_post(chan, &msg, bytes);
	trace_vmbus_send_modifychannel(&msg, ret);
	if (!ret)
		ret = xact_wait(&x, MODIFY_MS);
	xact_end(&x);
	mutex_unlock(&chan->modify);
	if (ret)
		return ret;
	memcpy(&answer, x.reply, sizeof(answer));
	return le32_to_cpu(answer.status) ? -EAGAIN : 0;
}

/**
 * chan_modify_cpu() - have a channel interrupt another CPU
 * @chan:	channel, open or not
 * @cpu:	CPU that stays online during the call
 *
 * Without an acknowledgment (below 5.3) interrupts may still reach the old
 * CPU for a while; the caller must know if that is good enough.
 *
 * Context: Task, sleeps; CPU hotplug lock held or in a hotplug callback.
 * Return: 0 or errno.
 */
int chan_modify_cpu(struct chan *chan, unsigned int cpu)
{
	struct vmbus_channel *abi = &chan->abi;
	unsigned int old;
	int ret;

	if (chan_dead(chan))
		return -ENODEV;
	if (chan_is_open(chan)) {
		ret = chan_send_modify(chan, hvc_vp_index(cpu));
		if (ret)
			return ret;
	}
	offer_lock();
	old = abi->target_cpu;
	place_move(chan, cpu);
	offer_unlock();
	if (old != cpu && abi->change_target_cpu_callback)
		abi->change_target_cpu_callback(abi, old, cpu);
	return 0;
}

/**
 * chan_break() - the host lied about a ring: stop using the channel
 * @chan:	channel
 *
 * Context: Any.
 */
void chan_break(struct chan *chan)
{
	if (READ_ONCE(chan->broken))
		return;
	WRITE_ONCE(chan->broken, true);
	refuse(REFUSE_RING_INDEX, chan->relid, 0);
}
