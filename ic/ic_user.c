// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: a request on its way through a daemon. The machine in daemon_fsm.c
 * decides; here its decisions are carried out.
 *
 * Called by the loop, by the file operations and by a timer; ic->lock is held
 * through each step, so exactly one of them answers the host.
 */
#include <linux/string.h>

#include "ic.h"

static void settle(struct ic_dev *ic)
{
	atomic64_inc(&ic_leaks.settled);
	ic->user->own = false;
}

/* There will be no answer. */
static void fail(struct ic_dev *ic, bool gone)
{
	bool own = ic->user->own;

	settle(ic);
	if (!own)
		ic_answer(ic, IC_E_FAIL);
	if (ic->svc->user->failed)
		ic->svc->user->failed(ic, gone);
}

static void withdraw(struct ic_dev *ic)
{
	WRITE_ONCE(ic->user->out_bytes, 0);
}

static void queue(struct ic_dev *ic, u32 bytes)
{
	WRITE_ONCE(ic->user->out_bytes, bytes);
	wake_up_interruptible(&ic->user->wq);
}

/* Answers the negotiation that waited, tells the service. */
static void serve(struct ic_dev *ic)
{
	if (ic->held)
		ic_let_negotiate(ic);
	if (ic->svc->user->registered)
		ic->svc->user->registered(ic);
}

/**
 * ic_user_wait() - run the timer
 * @ic: the device, locked
 * @seconds: from now
 *
 * Context: any, ic->lock held.
 */
void ic_user_wait(struct ic_dev *ic, unsigned int seconds)
{
	ic->deadline = jiffies + seconds * HZ;
	mod_delayed_work(ic_wq, &ic->timer, seconds * HZ);
}

/**
 * ic_user_ask() - give the daemon something to do
 * @ic: the device, locked
 * @msg: the message, complete; not user->out itself
 * @bytes: its length
 * @own: the host did not ask for it and gets no answer
 *
 * Context: any, ic->lock held.
 * Return: false if there is no daemon to ask.
 */
bool ic_user_ask(struct ic_dev *ic, const void *msg, u32 bytes, bool own)
{
	const struct ic_user_ops *ops = ic->svc->user;
	u32 act;

	lockdep_assert_held(&ic->lock);
	act = daemon_step(&ic->user->fsm, DAEMON_EV_REQUEST);
	if (!(act & DAEMON_DO_QUEUE))
		return false;
	atomic64_inc(&ic_leaks.asked);
	ic->user->own = own;
	memcpy(ic->user->out, msg, bytes);
	queue(ic, bytes);
	ic_user_wait(ic, ops->timeout ? ops->timeout(ic) : IC_DAEMON_S);
	return true;
}

/* Is a request on its way? */
static bool asking(const struct ic_dev *ic)
{
	enum daemon_state state = ic->user->fsm.state;

	return state == DAEMON_QUEUED || state == DAEMON_ASKED ||
	       state == DAEMON_OWES_QUEUED;
}

/**
 * ic_user_give_up() - the host does not want the answer any more
 * @ic: the device, locked
 *
 * What the service itself asked goes on.
 *
 * Context: any, ic->lock held.
 */
void ic_user_give_up(struct ic_dev *ic)
{
	lockdep_assert_held(&ic->lock);
	if (!asking(ic) || ic->user->own)
		return;
	if (daemon_step(&ic->user->fsm, DAEMON_EV_GIVE_UP) & DAEMON_DO_WITHDRAW)
		withdraw(ic);
	settle(ic);
	if (ic->svc->user->failed)
		ic->svc->user->failed(ic, false);
}

/**
 * ic_user_timer() - the daemon was too slow, or none came
 * @work: ic->timer
 *
 * Context: process.
 */
void ic_user_timer(struct work_struct *work)
{
	struct ic_dev *ic = container_of(to_delayed_work(work), struct ic_dev,
					 timer);

	spin_lock_bh(&ic->lock);
	/* A timer that was set anew while we waited for the lock. */
	if (time_before(jiffies, ic->deadline)) {
		mod_delayed_work(ic_wq, &ic->timer, ic->deadline - jiffies);
	} else if (ic->held) {
		ic_let_negotiate(ic);
	} else if (asking(ic)) {
		ic_warn(ic, "%s: the daemon does not answer\n", ic->svc->name);
		if (daemon_step(&ic->user->fsm, DAEMON_EV_GIVE_UP) &
		    DAEMON_DO_WITHDRAW)
			withdraw(ic);
		fail(ic, false);
	}
	spin_unlock_bh(&ic->lock);
	ic_poll(ic);
}

/**
 * ic_user_write() - a daemon wrote something
 * @ic: the device, not locked
 * @msg: what, copied
 * @bytes: its length
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int ic_user_write(struct ic_dev *ic, const void *msg, u32 bytes)
{
	const struct ic_user_ops *ops = ic->svc->user;
	enum daemon_event event = DAEMON_EV_WRITE;
	struct ic_user *user = ic->user;
	u32 act, reply = 0;
	int ret = 0;

	spin_lock_bh(&ic->lock);
	if (user->dead) {
		spin_unlock_bh(&ic->lock);
		return -EBADF;
	}
	/* A reply is built only where none can be unread: @out is free then. */
	if (ops->registers(ic, msg, bytes,
			   user->fsm.state == DAEMON_ABSENT ? &reply : NULL))
		event = reply ? DAEMON_EV_REGISTER : DAEMON_EV_REGISTER_QUIET;
	act = daemon_step(&user->fsm, event);
	if (act & DAEMON_DO_REJECT)
		ret = -EINVAL;
	if (act & DAEMON_DO_QUEUE)
		queue(ic, reply);
	if (act & DAEMON_DO_SERVE)
		serve(ic);
	if (act & DAEMON_DO_ANSWER) {
		bool own = user->own;

		settle(ic);
		if (!own)
			ic_answer(ic, ops->answered(ic, msg, bytes));
		else if (ops->own_done)
			ops->own_done(ic, msg, bytes);
	}
	spin_unlock_bh(&ic->lock);
	ic_poll(ic);
	return ret;
}

/**
 * ic_user_read() - take the message that is queued
 * @ic: the device, not locked
 * @to: room for the longest message
 *
 * Context: process.
 * Return: its length, 0 if there is none.
 */
u32 ic_user_read(struct ic_dev *ic, void *to)
{
	struct ic_user *user = ic->user;
	u32 bytes, act;

	spin_lock_bh(&ic->lock);
	bytes = user->out_bytes;
	if (bytes) {
		memcpy(to, user->out, bytes);
		withdraw(ic);
		act = daemon_step(&user->fsm, DAEMON_EV_READ);
		if (act & DAEMON_DO_SERVE)
			serve(ic);
	}
	spin_unlock_bh(&ic->lock);
	if (bytes)
		ic_poll(ic);
	return bytes;
}

/**
 * ic_user_faulted() - what was read did not reach the daemon
 * @ic: the device, not locked
 *
 * Its buffer is bad; there will be no answer, so nobody waits for one.
 *
 * Context: process.
 */
void ic_user_faulted(struct ic_dev *ic)
{
	spin_lock_bh(&ic->lock);
	if (ic->user->fsm.state == DAEMON_ASKED) {
		daemon_step(&ic->user->fsm, DAEMON_EV_GIVE_UP);
		fail(ic, false);
	}
	spin_unlock_bh(&ic->lock);
	ic_poll(ic);
}

/**
 * ic_user_closed() - the daemon closed the device, or died
 * @ic: the device, not locked
 *
 * Context: process.
 */
void ic_user_closed(struct ic_dev *ic)
{
	struct ic_user *user = ic->user;
	u32 act;

	spin_lock_bh(&ic->lock);
	act = daemon_step(&user->fsm, DAEMON_EV_CLOSE);
	if (act & DAEMON_DO_WITHDRAW)
		withdraw(ic);
	if (act & DAEMON_DO_FAIL)
		fail(ic, true);
	else if (ic->svc->user->failed)
		ic->svc->user->failed(ic, true);
	user->open = false;
	spin_unlock_bh(&ic->lock);
	ic_poll(ic);
}
