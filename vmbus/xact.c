// SPDX-License-Identifier: GPL-2.0-only
/*
 * One request, one answer: the only place where this module waits for the
 * host. Every wait ends by the answer, by time, by the rescind of the
 * channel or by the end of the connection.
 *
 * Answers are matched by type and by every number both messages carry, so a
 * late or invented answer finds nobody.
 */
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include "chan.h"
#include "stats.h"
#include "xact.h"

static LIST_HEAD(outstanding);
static DEFINE_RAW_SPINLOCK(lock);	/* taken in the SynIC interrupt */

/**
 * xact_begin() - start waiting, before the request is posted
 * @x:		request, on the stack of the caller
 * @chan:	channel it concerns, or NULL
 * @type:	message type of the answer
 * @key1:	first number of the answer
 * @key2:	second number of the answer
 *
 * Context: Any; xact_end() must follow.
 */
void xact_begin(struct xact *x, struct chan *chan, u32 type, u32 key1,
		u32 key2)
{
	unsigned long flags;

	x->chan = chan;
	x->type = type;
	x->key1 = key1;
	x->key2 = key2;
	x->state = XACT_WAITING;
	init_completion(&x->done);
	memset(x->reply, 0, sizeof(x->reply));
	stat_made(STAT_XACTS);

	raw_spin_lock_irqsave(&lock, flags);
	/*
	 * chan_rescind() sets the mark and then takes the lock: either we see
	 * the mark here, or it finds us in the list.
	 */
	if (chan && chan_dead(chan)) {
		x->state = XACT_RESCINDED;
		complete(&x->done);
	}
	list_add_tail(&x->node, &outstanding);
	raw_spin_unlock_irqrestore(&lock, flags);
}

/**
 * xact_wait() - wait for the answer
 * @x:		request, already posted
 * @ms:		bound of the wait
 *
 * May be called again after -ENODEV: the answer can still arrive.
 *
 * Context: Task, sleeps.
 * Return: 0 with the answer in @x->reply, -ETIMEDOUT, -ENODEV if the channel
 * was rescinded, -ESHUTDOWN if the connection ended.
 */
int xact_wait(struct xact *x, unsigned int ms)
{
	unsigned long flags;
	enum xact_state state;

	wait_for_completion_timeout(&x->done, msecs_to_jiffies(ms));

	raw_spin_lock_irqsave(&lock, flags);
	state = x->state;
	if (state == XACT_RESCINDED) {
		x->state = XACT_WAITING;
		x->chan = NULL;
		reinit_completion(&x->done);
	}
	raw_spin_unlock_irqrestore(&lock, flags);

	switch (state) {
	case XACT_ANSWERED:
		return 0;
	case XACT_RESCINDED:
		return -ENODEV;
	case XACT_CUT_OFF:
		return -ESHUTDOWN;
	case XACT_WAITING:
		break;
	}
	return -ETIMEDOUT;
}

/**
 * xact_end() - stop waiting; answers that come later are refused
 * @x:		request
 *
 * Context: Any.
 */
void xact_end(struct xact *x)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	list_del(&x->node);
	raw_spin_unlock_irqrestore(&lock, flags);
	stat_gone(STAT_XACTS);
}

/**
 * xact_answer() - an answer arrived
 * @type:	its message type
 * @key1:	its first number
 * @key2:	its second number
 * @msg:	private copy of the message
 * @bytes:	its length
 *
 * Context: SynIC interrupt.
 * Return: false if nobody waits for it.
 */
bool xact_answer(u32 type, u32 key1, u32 key2, const void *msg, size_t bytes)
{
	struct xact *x;
	unsigned long flags;
	bool found = false;

	raw_spin_lock_irqsave(&lock, flags);
	list_for_each_entry(x, &outstanding, node) {
		if (x->type != type || x->key1 != key1 || x->key2 != key2)
			continue;
		if (x->state != XACT_WAITING && x->state != XACT_RESCINDED)
			continue;
		memcpy(x->reply, msg, min(bytes, sizeof(x->reply)));
		x->state = XACT_ANSWERED;
		complete(&x->done);
		found = true;
		break;
	}
	raw_spin_unlock_irqrestore(&lock, flags);
	return found;
}

static void wake(struct chan *chan, enum xact_state state)
{
	struct xact *x;
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	list_for_each_entry(x, &outstanding, node) {
		if ((chan && x->chan != chan) || x->state != XACT_WAITING)
			continue;
		x->state = state;
		complete(&x->done);
	}
	raw_spin_unlock_irqrestore(&lock, flags);
}

/**
 * xact_rescind() - wake everybody who waits for answers about a channel
 * @chan:	channel, already marked as rescinded
 *
 * Context: Any.
 */
void xact_rescind(struct chan *chan)
{
	wake(chan, XACT_RESCINDED);
}

/**
 * xact_cut_off() - wake everybody: the connection is gone
 *
 * Context: Any.
 */
void xact_cut_off(void)
{
	wake(NULL, XACT_CUT_OFF);
}
