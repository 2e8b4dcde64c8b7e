// SPDX-License-Identifier: GPL-2.0-only
/*
 * Channels in hibernation: the connection ends, devices stay, and the offers
 * of the next connection are matched to them.
 *
 * pm.c calls the four functions in this order: go away, come back, mark lost,
 * and at the very end, when drivers can be unbound again, remove lost. A
 * channel that is away has no relid; whatever a worker still wanted to send
 * about it is dropped with its connection (conn_post_in()).
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/hyperv.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include "../hypercall/synic.h"
#include "chan.h"
#include "conn.h"
#include "offer.h"
#include "offer_state.h"
#include "place.h"

#define SUBS_GONE_MS		5000

/**
 * offer_revive() - a device of ours is there again after hibernation
 * @chan:	its primary channel
 * @msg:	the new offer
 * @info:	the same, checked
 *
 * Context: Offer worker, offer mutex and CPU hotplug lock held.
 */
void offer_revive(struct chan *chan, const struct vmbus_msg_offer *msg,
		  const struct offer_info *info)
{
	lockdep_assert_held(&offers.mutex);
	offer_take(chan, msg, info);
	WRITE_ONCE(chan->broken, false);
	WRITE_ONCE(chan->away, false);
	if (!cpu_online(chan->abi.target_cpu))
		place_move(chan, conn_cpu());
	__clear_bit(info->relid, offers.declined);
	synic_watch(info->relid);
	rcu_assign_pointer(offers.by_relid[info->relid], chan);
}

/* Sockets end with the connection; for anything else its driver is asked. */
static int end_open_channels(void)
{
	struct chan *chan;
	int ret = 0;

	offer_lock();
	list_for_each_entry(chan, &offers.chans, abi.listentry) {
		if (chan->abi.primary_channel || chan_dead(chan))
			continue;
		if (is_hvsock_channel(&chan->abi)) {
			chan_rescind(chan);
		} else if (chan_is_open(chan)) {
			pr_err("channel %u: its driver left it open\n",
			       chan->relid);
			ret = -EBUSY;
		}
	}
	offer_unlock();
	return ret;
}

/**
 * offer_go_away() - forget what the host knows, keep the devices
 *
 * Context: Hibernation, drivers have closed their channels. Sleeps.
 * Return: 0, or -EBUSY if one has not; then nothing changed.
 */
int offer_go_away(void)
{
	struct chan *chan;
	int ret;

	WRITE_ONCE(offers.asleep, true);
	flush_workqueue(offers.queue_wq);
	flush_workqueue(offers.primary_wq);
	flush_workqueue(offers.sub_wq);
	ret = end_open_channels();
	if (ret) {
		WRITE_ONCE(offers.asleep, false);
		return ret;
	}
	wait_event_timeout(offers.no_subs, !atomic_read(&offers.subs),
			   msecs_to_jiffies(SUBS_GONE_MS));
	offer_drop_subs();

	offer_lock();
	list_for_each_entry(chan, &offers.chans, abi.listentry) {
		RCU_INIT_POINTER(offers.by_relid[chan->relid], NULL);
		WRITE_ONCE(chan->away, true);
		chan->abi.offermsg.child_relid = INVALID_RELID;
	}
	offer_unlock();
	return 0;
}

/**
 * offer_come_back() - take offers in again
 *
 * Context: Resume, connected, before offers are asked for.
 */
void offer_come_back(void)
{
	flush_workqueue(offers.queue_wq);
	bitmap_zero(offers.rescinds, VMBUS_RELIDS);
	bitmap_zero(offers.declined, VMBUS_RELIDS);
	WRITE_ONCE(offers.asleep, false);
}

/**
 * offer_mark_lost() - what has not been offered by now is gone
 *
 * Context: Resume, after the first round of offers.
 */
void offer_mark_lost(void)
{
	struct chan *chan;

	flush_workqueue(offers.queue_wq);
	offer_lock();
	list_for_each_entry(chan, &offers.chans, abi.listentry) {
		if (!chan->away || chan_dead(chan))
			continue;
		WRITE_ONCE(chan->lost, true);
		chan_rescind(chan);
	}
	offer_unlock();
}

/**
 * offer_remove_lost() - take a device away that did not survive hibernation
 * @chan:	any primary channel; nothing happens if it did
 *
 * Context: End of resume: drivers can be unbound again.
 */
void offer_remove_lost(struct chan *chan)
{
	if (!READ_ONCE(chan->lost))
		return;
	WRITE_ONCE(chan->lost, false);
	offer_queue_remove(chan);
}
