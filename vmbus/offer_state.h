/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What offer.c and offer_sleep.c share, and nobody else: the channels there
 * are, and what waits to become one.
 */
#ifndef HV_VMBUS_OFFER_STATE_H
#define HV_VMBUS_OFFER_STATE_H

#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/nospec.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "msg.h"

struct chan;
struct offer_info;

/**
 * struct offer_state - all about offers
 * @mutex:	guards @chans, sc_list of each channel, placement on CPUs
 * @chans:	every channel, primary or not
 * @by_relid:	the same by the host's number, under RCU
 * @queue_lock:	guards @queue and @queued; taken in the SynIC interrupt
 * @queue:	offers not yet worked off
 * @queued:	their number
 * @rescinds:	relids taken back before their offer was worked off
 * @end_seen:	ALL_OFFERS came, after what is queued
 * @declined:	refused offers whose relid we still owe to the host; worker only
 * @stopping:	the module goes
 * @asleep:	no connection: offers are old ones
 * @subs:	sub-channels in @chans
 * @no_subs:	woken when there is none
 * @work:	turns @queue into channels
 * @queue_wq:	ordered, runs @work
 * @primary_wq:	ordered, registers devices
 * @sub_wq:	ordered, hands sub-channels to drivers
 * @remove_wq:	takes channels away
 */
struct offer_state {
	struct mutex mutex;	/* chans, sc_list, placement */
	struct list_head chans;
	struct chan __rcu *by_relid[VMBUS_RELIDS];

	raw_spinlock_t queue_lock;	/* queue, queued */
	struct list_head queue;
	unsigned int queued;
	DECLARE_BITMAP(rescinds, VMBUS_RELIDS);
	bool end_seen;
	DECLARE_BITMAP(declined, VMBUS_RELIDS);
	bool stopping;
	bool asleep;
	atomic_t subs;
	wait_queue_head_t no_subs;

	struct work_struct work;
	struct workqueue_struct *queue_wq;
	struct workqueue_struct *primary_wq;
	struct workqueue_struct *sub_wq;
	struct workqueue_struct *remove_wq;
};

extern struct offer_state offers;

/**
 * offer_find() - channel of a relid
 * @relid:	host's number, any value
 *
 * Context: Under rcu_read_lock(); the channel lives as long.
 * Return: channel or NULL.
 */
static __always_inline struct chan *offer_find(u32 relid)
{
	if (unlikely(relid >= VMBUS_RELIDS))
		return NULL;
	relid = array_index_nospec(relid, VMBUS_RELIDS);
	return rcu_dereference(offers.by_relid[relid]);
}

/**
 * offer_of_flag() - channel of an event flag
 * @flag:	number of the flag, below VMBUS_RELIDS
 *
 * Context: Under rcu_read_lock(); the channel lives as long.
 * Return: channel or NULL.
 */
static __always_inline struct chan *offer_of_flag(u32 flag)
{
	/* There are no more flags, and a guess does not get beyond them. */
	static_assert(!(VMBUS_RELIDS & (VMBUS_RELIDS - 1)));
	return rcu_dereference(offers.by_relid[flag % VMBUS_RELIDS]);
}

void offer_take(struct chan *chan, const struct vmbus_msg_offer *msg,
		const struct offer_info *info);
void offer_drop_subs(void);
void offer_revive(struct chan *chan, const struct vmbus_msg_offer *msg,
		  const struct offer_info *info);

#endif /* HV_VMBUS_OFFER_STATE_H */
