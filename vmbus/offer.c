// SPDX-License-Identifier: GPL-2.0-only
/*
 * Offers and rescinds: which channels exist.
 *
 * The interrupt only queues offers (bounded) and marks rescinds. One ordered
 * worker turns offers into channels, in the order they came; announcing them
 * to drivers happens in further queues, because a driver's probe may wait for
 * sub-channels, which are offers again.
 *
 *   interrupt -> queue_work_fn  -> primary_wq (register devices, in order)
 *                               -> sub_wq     (hand sub-channels to drivers)
 *   interrupt -> chan_rescind() -> remove_wq  (take devices away)
 *
 * A rescind is a mark, never a queue entry: it cannot be lost for lack of
 * memory. It is set at once if the channel is known; else its offer is still
 * queued, and the worker applies the mark after it has emptied the queue. The
 * host does not offer a relid again before we released it.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/bitmap.h>
#include <linux/cpu.h>
#include <linux/hyperv.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "../hypercall/synic.h"
#include "abi.h"
#include "bus.h"
#include "chan.h"
#include "conn.h"
#include "msg.h"
#include "offer.h"
#include "offer_state.h"
#include "place.h"
#include "refuse.h"
#include "stats.h"
#include "sysfs.h"

#define BACKLOG_MAX		VMBUS_RELIDS
#define SUBS_PER_PRIMARY_MAX	512
#define PREDECESSOR_MS		60000

struct queued {
	struct list_head node;
	struct vmbus_msg_offer msg;
};

struct offer_state offers = {
	.mutex = __MUTEX_INITIALIZER(offers.mutex),
	.chans = LIST_HEAD_INIT(offers.chans),
	.queue_lock = __RAW_SPIN_LOCK_UNLOCKED(offers.queue_lock),
	.queue = LIST_HEAD_INIT(offers.queue),
	.no_subs = __WAIT_QUEUE_HEAD_INITIALIZER(offers.no_subs),
};

/**
 * offer_lock() - keep the set of channels as it is
 *
 * Context: Task. Never held while a driver is called.
 */
void offer_lock(void)
{
	mutex_lock(&offers.mutex);
}

/**
 * offer_unlock() - let the set of channels change again
 *
 * Context: Task.
 */
void offer_unlock(void)
{
	mutex_unlock(&offers.mutex);
}

/*
 * Interrupt side
 */

/**
 * offer_receive() - an offer arrived
 * @msg:	private copy, checked for length
 *
 * Context: SynIC interrupt.
 */
void offer_receive(const struct vmbus_msg_offer *msg)
{
	struct queued *q;
	unsigned long flags;
	bool full;

	if (READ_ONCE(offers.stopping) || READ_ONCE(offers.asleep))
		return;
	q = kmalloc(sizeof(*q), GFP_ATOMIC);
	if (!q) {
		refuse(REFUSE_OFFER_BACKLOG, le32_to_cpu(msg->relid), 0);
		return;
	}
	memcpy(&q->msg, msg, sizeof(q->msg));

	raw_spin_lock_irqsave(&offers.queue_lock, flags);
	full = offers.queued >= BACKLOG_MAX;
	if (!full) {
		list_add_tail(&q->node, &offers.queue);
		offers.queued++;
	}
	raw_spin_unlock_irqrestore(&offers.queue_lock, flags);
	if (full) {
		refuse(REFUSE_OFFER_BACKLOG, le32_to_cpu(msg->relid),
		       BACKLOG_MAX);
		kfree(q);
		return;
	}
	stat_made(STAT_QUEUED);
	queue_work(offers.queue_wq, &offers.work);
}

/**
 * offer_mark_end() - the host has made all its first offers
 *
 * Context: SynIC interrupt.
 */
void offer_mark_end(void)
{
	WRITE_ONCE(offers.end_seen, true);
	queue_work(offers.queue_wq, &offers.work);
}

static bool rescind_now(u32 relid)
{
	struct chan *chan;

	rcu_read_lock();
	chan = offer_find(relid);
	if (chan)
		chan_rescind(chan);
	rcu_read_unlock();
	return chan;
}

/**
 * offer_rescind() - the host takes an offer back
 * @relid:	which, any value
 *
 * Context: SynIC interrupt.
 */
void offer_rescind(u32 relid)
{
	if (relid < VMBUS_RELID_MIN || relid > VMBUS_RELID_MAX) {
		refuse(REFUSE_RESCIND_UNKNOWN, relid, 0);
		return;
	}
	if (rescind_now(relid))
		return;
	set_bit(relid, offers.rescinds);
	queue_work(offers.queue_wq, &offers.work);
}

/**
 * offer_queue_remove() - start taking a rescinded channel away
 * @chan:	channel; the queue gets its own reference
 *
 * Context: Any.
 */
void offer_queue_remove(struct chan *chan)
{
	chan_get(chan);
	if (!queue_work(offers.remove_wq, &chan->remove_work))
		chan_put(chan);
}

/*
 * Birth and death of channels
 */

static void free_chan(struct rcu_head *rcu)
{
	kfree(to_chan(container_of(rcu, struct vmbus_channel, rcu)));
	stat_gone(STAT_CHANNELS);
}

/**
 * chan_free() - last reference of a channel is gone
 * @chan:	channel
 *
 * The interrupt may still look at it: freed after a grace period.
 *
 * Context: Release of the channel's kobject.
 */
void chan_free(struct chan *chan)
{
	tasklet_kill(&chan->abi.callback_event);
	if (chan->abi.primary_channel)
		chan_put(to_chan(chan->abi.primary_channel));
	call_rcu(&chan->abi.rcu, free_chan);
}

static void add_work_fn(struct work_struct *work);
static void remove_work_fn(struct work_struct *work);

/**
 * offer_take() - what the offer says about a channel
 * @chan:	channel, new or known from before hibernation
 * @msg:	offer
 * @info:	the same, checked
 *
 * Context: Offer worker.
 */
void offer_take(struct chan *chan, const struct vmbus_msg_offer *msg,
		const struct offer_info *info)
{
	struct vmbus_channel *abi = &chan->abi;

	chan->relid = info->relid;
	WRITE_ONCE(chan->conn, conn_number());
	chan->conn_id = info->conn_id;
	chan->monitored = info->monitored;
	static_assert(sizeof(abi->offermsg) == sizeof(*msg));
	memcpy(&abi->offermsg, msg, sizeof(*msg));
	abi->offermsg.monitor_allocated = info->monitored;
	abi->offermsg.is_dedicated_interrupt = info->dedicated;
	abi->offermsg.connection_id = info->conn_id;
	abi->monitor_grp = info->monitored ? info->monitor_id / 32 : 0;
	abi->monitor_bit = info->monitored ? info->monitor_id % 32 : 0;
	abi->is_dedicated_interrupt = info->dedicated;
	abi->sig_event = info->conn_id;
}

static struct chan *chan_create(const struct vmbus_msg_offer *msg,
				const struct offer_info *info)
{
	struct chan *chan = kzalloc(sizeof(*chan), GFP_KERNEL);
	struct vmbus_channel *abi;

	if (!chan)
		return NULL;
	stat_made(STAT_CHANNELS);
	spin_lock_init(&chan->lock);
	chan_init(&chan->fsm);
	chan->bare = true;
	init_completion(&chan->rescinded);
	init_completion(&chan->announced);
	init_completion(&chan->probed);
	init_completion(&chan->gone);
	mutex_init(&chan->modify);
	INIT_WORK(&chan->add_work, add_work_fn);
	INIT_WORK(&chan->remove_work, remove_work_fn);

	abi = &chan->abi;
	offer_take(chan, msg, info);
	abi->state = CHANNEL_OFFER_STATE;
	abi->device_id = class_of(&abi->offermsg.offer.if_type, info->hvsock);
	init_completion(&abi->rescind_event);
	INIT_LIST_HEAD(&abi->listentry);
	INIT_LIST_HEAD(&abi->sc_list);
	spin_lock_init(&abi->sched_lock);
	spin_lock_init(&abi->requestor.req_lock);
	spin_lock_init(&abi->inbound.ring_lock);
	spin_lock_init(&abi->outbound.ring_lock);
	mutex_init(&abi->inbound.ring_buffer_mutex);
	mutex_init(&abi->outbound.ring_buffer_mutex);
	tasklet_init(&abi->callback_event, isr_tasklet, (unsigned long)abi);
	sysfs_chan_init(chan);
	return chan;
}

/**
 * offer_forget() - a channel is no longer ours to use
 * @chan:	channel; drops the reference the table held
 *
 * Context: Task, once per channel.
 */
void offer_forget(struct chan *chan)
{
	offer_lock();
	/* After hibernation the relid may be somebody else's. */
	if (rcu_access_pointer(offers.by_relid[chan->relid]) == chan)
		RCU_INIT_POINTER(offers.by_relid[chan->relid], NULL);
	list_del_init(&chan->abi.listentry);
	if (chan->abi.primary_channel)
		list_del_init(&chan->abi.sc_list);
	place_give_back(chan);
	offer_unlock();
	if (chan->abi.primary_channel && atomic_dec_and_test(&offers.subs))
		wake_up_all(&offers.no_subs);
	sysfs_chan_del(chan);
	chan_put(chan);
}

/*
 * Worker side
 */

static bool same_device(const struct chan *a, const struct vmbus_msg_offer *b)
{
	return !memcmp(&a->abi.offermsg.offer.if_type, b->if_type, 16) &&
	       !memcmp(&a->abi.offermsg.offer.if_instance, b->if_instance, 16);
}

/*
 * The primary channel of the device @msg is for. A rescinded one counts only
 * if @dead is wanted: the host may offer the same device again before we are
 * done with its last life.
 */
static struct chan *find_primary(const struct vmbus_msg_offer *msg, bool dead)
{
	struct chan *chan;

	list_for_each_entry(chan, &offers.chans, abi.listentry) {
		if (chan->abi.primary_channel || !same_device(chan, msg))
			continue;
		if (chan_dead(chan) == dead)
			return chan;
	}
	return NULL;
}

static bool sub_allowed(struct chan *primary, u16 index)
{
	struct vmbus_channel *sub;
	unsigned int n = 0;

	list_for_each_entry(sub, &primary->abi.sc_list, sc_list) {
		if (sub->offermsg.offer.sub_channel_index == index &&
		    !chan_dead(to_chan(sub)))
			return false;
		n++;
	}
	return n < SUBS_PER_PRIMARY_MAX;
}

/* Does the offer fit to the channels we know? If not, it is counted. */
static bool fits(const struct offer_info *info, struct chan *primary)
{
	if (info->sub_index && (!primary || primary->away)) {
		refuse(REFUSE_OFFER_ORPHAN, info->relid, info->sub_index);
		return false;
	}
	if (!info->sub_index && primary) {
		refuse(REFUSE_OFFER_DUPLICATE, info->relid, primary->relid);
		return false;
	}
	if (info->sub_index && !sub_allowed(primary, info->sub_index)) {
		refuse(REFUSE_OFFER_DUPLICATE, info->relid, info->sub_index);
		return false;
	}
	return true;
}

/*
 * Turn an offer into a channel; NULL if it is refused, or is about a channel
 * that was there before hibernation (@known, with a reference).
 */
static struct chan *admit(const struct vmbus_msg_offer *msg,
			  struct chan **known)
{
	struct chan *chan, *primary, *old;
	struct offer_info info;
	enum offer_verdict verdict;

	lockdep_assert_held(&offers.mutex);
	verdict = msg_parse_offer(msg, conn_version(), &info);
	if (verdict != OFFER_OK) {
		refuse(REFUSE_OFFER_INVALID, le32_to_cpu(msg->relid), verdict);
		return NULL;
	}
	if (rcu_access_pointer(offers.by_relid[info.relid])) {
		refuse(REFUSE_OFFER_DUPLICATE, info.relid, 0);
		return NULL;
	}

	primary = find_primary(msg, false);
	if (primary && primary->away && !info.sub_index) {
		offer_revive(primary, msg, &info);
		*known = chan_get(primary);
		return NULL;
	}
	chan = fits(&info, primary) ? chan_create(msg, &info) : NULL;
	if (!chan) {
		__set_bit(info.relid, offers.declined);
		return NULL;
	}
	__clear_bit(info.relid, offers.declined);
	if (primary) {
		chan_get(primary);
		chan->abi.primary_channel = &primary->abi;
		atomic_inc(&offers.subs);
		list_add_tail(&chan->abi.sc_list, &primary->abi.sc_list);
	} else {
		old = find_primary(msg, true);
		if (old)
			chan->predecessor = chan_get(old);
	}
	list_add_tail(&chan->abi.listentry, &offers.chans);
	return chan;
}

static void process(const struct vmbus_msg_offer *msg)
{
	struct chan *chan, *known = NULL;

	cpus_read_lock();
	offer_lock();
	chan = admit(msg, &known);
	if (chan) {
		place_channel(chan);
		/* Held by add_work; the first reference is the table's. */
		chan_get(chan);
		synic_watch(chan->relid);
		rcu_assign_pointer(offers.by_relid[chan->relid], chan);
	}
	offer_unlock();
	cpus_read_unlock();
	if (known) {
		sysfs_chan_rename(known);
		chan_put(known);
	}
	if (!chan)
		return;
	queue_work(chan->abi.primary_channel ? offers.sub_wq : offers.primary_wq,
		   &chan->add_work);
}

static struct queued *dequeue(void)
{
	struct queued *q;
	unsigned long flags;

	raw_spin_lock_irqsave(&offers.queue_lock, flags);
	q = list_first_entry_or_null(&offers.queue, struct queued, node);
	if (q) {
		list_del(&q->node);
		offers.queued--;
	}
	raw_spin_unlock_irqrestore(&offers.queue_lock, flags);
	return q;
}

static void late_rescind(u32 relid, u32 number)
{
	struct vmbus_msg_relid msg;

	if (rescind_now(relid))
		return;
	if (!__test_and_clear_bit(relid, offers.declined)) {
		refuse(REFUSE_RESCIND_UNKNOWN, relid, 0);
		return;
	}
	/* We never took it, but the host waits for it to come back. */
	conn_post_in(number, &msg,
		     msg_build_relid(&msg, VMBUS_MSG_RELID_RELEASED, relid));
}

static void queue_work_fn(struct work_struct *work)
{
	bool end = READ_ONCE(offers.end_seen);
	u32 number = conn_number();
	DECLARE_BITMAP(marks, VMBUS_RELIDS);
	struct queued *q;
	unsigned int relid;

	/*
	 * Marks are taken before the queue is emptied: a mark seen here came
	 * after its offer, so the offer is handled below, before the mark.
	 */
	bitmap_zero(marks, VMBUS_RELIDS);
	for_each_set_bit(relid, offers.rescinds, VMBUS_RELIDS) {
		if (test_and_clear_bit(relid, offers.rescinds))
			__set_bit(relid, marks);
	}
	while ((q = dequeue())) {
		process(&q->msg);
		kfree(q);
		stat_gone(STAT_QUEUED);
	}
	for_each_set_bit(relid, marks, VMBUS_RELIDS)
		late_rescind(relid, number);
	if (end) {
		flush_workqueue(offers.primary_wq);
		conn_offers_complete();
		WRITE_ONCE(offers.end_seen, false);
	}
}

static void add_primary(struct chan *chan)
{
	struct chan *old = chan->predecessor;
	int ret = -ENODEV;

	if (old) {
		if (!wait_for_completion_timeout(&old->gone,
						 msecs_to_jiffies(PREDECESSOR_MS)))
			pr_warn("channel %u: its last life does not end\n",
				chan->relid);
		chan->predecessor = NULL;
		chan_put(old);
	}
	if (!chan_dead(chan) && !READ_ONCE(offers.stopping))
		ret = bus_plug(chan);
	if (ret && ret != -ENODEV)
		pr_err("channel %u: no device: %d\n", chan->relid, ret);
}

static void add_sub(struct chan *chan)
{
	struct vmbus_channel *primary = chan->abi.primary_channel;
	void (*created)(struct vmbus_channel *sub);

	/* The primary's device is registered by another queue. */
	wait_for_completion(&to_chan(primary)->announced);
	if (chan_dead(chan) || READ_ONCE(offers.stopping))
		return;
	sysfs_chan_add(chan);
	created = READ_ONCE(primary->sc_creation_callback);
	if (created)
		created(&chan->abi);
}

static void add_work_fn(struct work_struct *work)
{
	struct chan *chan = container_of(work, struct chan, add_work);

	WRITE_ONCE(chan->abi.state, CHANNEL_OPEN_STATE);
	if (chan->abi.primary_channel)
		add_sub(chan);
	else
		add_primary(chan);
	complete_all(&chan->announced);
	WRITE_ONCE(chan->abi.probe_done, true);
	complete_all(&chan->probed);
	chan_put(chan);
}

static void remove_work_fn(struct work_struct *work)
{
	struct chan *chan = container_of(work, struct chan, remove_work);
	struct vmbus_channel *abi = &chan->abi;

	chan_show_rescind(chan);
	flush_work(&chan->add_work);
	if (abi->primary_channel) {
		/* If it is open, whoever closes it releases it. */
		chan_release(chan);
	} else if (chan->registered && abi->chn_rescind_callback) {
		/* This driver takes the device off the bus by itself. */
		abi->chn_rescind_callback(abi);
	} else {
		bus_unplug(chan);
	}
	chan_put(chan);
}

/**
 * offer_open_sub() - a sub-channel that is still open
 * @primary:	primary channel
 *
 * Context: Task.
 * Return: channel with a reference, or NULL.
 */
struct chan *offer_open_sub(struct chan *primary)
{
	struct chan *found = NULL;
	struct vmbus_channel *sub;

	offer_lock();
	list_for_each_entry(sub, &primary->abi.sc_list, sc_list) {
		if (chan_is_open(to_chan(sub))) {
			found = chan_get(to_chan(sub));
			break;
		}
	}
	offer_unlock();
	return found;
}

static struct chan *find_on_cpu(unsigned int cpu)
{
	struct chan *chan, *found = NULL;

	offer_lock();
	list_for_each_entry(chan, &offers.chans, abi.listentry) {
		if (chan->abi.target_cpu == cpu &&
		    !chan_dead(chan)) {
			found = chan_get(chan);
			break;
		}
	}
	offer_unlock();
	return found;
}

/**
 * offer_evacuate_cpu() - move all channels away from a CPU that goes offline
 * @cpu:	CPU, still taking interrupts
 *
 * Context: CPU hotplug, sleeps.
 * Return: 0, or -EBUSY if the host cannot move a channel, or not provably.
 */
int offer_evacuate_cpu(unsigned int cpu)
{
	struct chan *chan;
	int ret = 0;

	/* Hibernation: they will interrupt there again if the CPU is back. */
	if (!conn_version())
		return 0;
	if (cpu == conn_cpu())
		return -EBUSY;
	while (!ret && (chan = find_on_cpu(cpu))) {
		ret = chan_modify_cpu(chan, place_other(cpu));
		if (ret == -ENODEV)
			ret = 0;	/* rescinded meanwhile: not found again */
		chan_put(chan);
	}
	return ret ? -EBUSY : 0;
}

/**
 * offer_show_rings() - lines of channel number, bytes of its ring from the
 * host and of that to the host
 * @m:		file to write to
 *
 * Context: Task, sleeps.
 */
void offer_show_rings(struct seq_file *m)
{
	struct chan *chan;

	offer_lock();
	list_for_each_entry(chan, &offers.chans, abi.listentry)
		seq_printf(m, "%u %u %u\n", chan->relid,
			   READ_ONCE(chan->abi.inbound.ring_datasize),
			   READ_ONCE(chan->abi.outbound.ring_datasize));
	offer_unlock();
}

/* A channel of the list with a reference; primaries first. */
static struct chan *pick_any(bool primary)
{
	struct chan *chan, *found = NULL;

	offer_lock();
	list_for_each_entry(chan, &offers.chans, abi.listentry) {
		if (!chan->abi.primary_channel == primary &&
		    !test_bit(0, &chan->unplugged)) {
			found = chan_get(chan);
			break;
		}
	}
	offer_unlock();
	return found;
}

/**
 * offer_drop_subs() - end of the sub-channels that outlived their primary
 *
 * Context: Task, sleeps; no driver uses them any more.
 */
void offer_drop_subs(void)
{
	struct chan *chan;

	while ((chan = pick_any(false))) {
		chan_close_with_subs(chan);
		set_bit(0, &chan->unplugged);
		chan_release(chan);
		chan_put(chan);
	}
}

static void destroy_queues(void)
{
	if (offers.remove_wq)
		destroy_workqueue(offers.remove_wq);
	if (offers.sub_wq)
		destroy_workqueue(offers.sub_wq);
	if (offers.primary_wq)
		destroy_workqueue(offers.primary_wq);
	if (offers.queue_wq)
		destroy_workqueue(offers.queue_wq);
}

/**
 * offer_start() - get ready for offers
 *
 * Context: Module init, before the SynIC runs.
 * Return: 0 or -ENOMEM.
 */
int offer_start(void)
{
	INIT_WORK(&offers.work, queue_work_fn);
	offers.queue_wq = alloc_ordered_workqueue("hv_offers", 0);
	offers.primary_wq = alloc_ordered_workqueue("hv_devices", 0);
	offers.sub_wq = alloc_ordered_workqueue("hv_subs", 0);
	offers.remove_wq = alloc_workqueue("hv_removals", WQ_UNBOUND, 0);
	if (offers.queue_wq && offers.primary_wq && offers.sub_wq &&
	    offers.remove_wq)
		return 0;
	destroy_queues();
	return -ENOMEM;
}

/**
 * offer_close_all() - take every device off the bus
 *
 * Drivers are gone by now (they depend on us). Offers are no longer taken in;
 * rescinds still are, the SynIC runs.
 *
 * Context: Module exit, before conn_unload().
 */
void offer_close_all(void)
{
	struct chan *chan;

	WRITE_ONCE(offers.stopping, true);
	flush_workqueue(offers.queue_wq);
	flush_workqueue(offers.primary_wq);
	flush_workqueue(offers.sub_wq);
	while ((chan = pick_any(true))) {
		bus_unplug(chan);
		chan_put(chan);
	}
	flush_workqueue(offers.remove_wq);
	offer_drop_subs();
}

/**
 * offer_stop() - end of the workers; no channel is left after this
 *
 * Context: Module exit, after the SynIC stopped.
 */
void offer_stop(void)
{
	struct queued *q;

	flush_workqueue(offers.queue_wq);
	flush_workqueue(offers.remove_wq);
	while ((q = dequeue())) {
		kfree(q);
		stat_gone(STAT_QUEUED);
	}
	destroy_queues();
	rcu_barrier();
}
