/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A channel as we hold it. Class drivers see only @abi, whose layout and
 * meaning belong to the kernel's <linux/hyperv.h>; we keep the fields they
 * read up to date and decide on our own state alone.
 */
#ifndef HV_VMBUS_CHAN_H
#define HV_VMBUS_CHAN_H

#include <linux/completion.h>
#include <linux/hyperv.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "chan_fsm.h"
#include "ring.h"

/**
 * struct chan - one offered channel
 * @abi:	what class drivers see; its kobject counts our references
 * @lock:	protects @fsm; taken in the SynIC interrupt
 * @fsm:	life of the channel
 * @bare:	there are no rings; like the next two set and cleared alone, and
 *		looked at together with them
 * @broken:	the host lied about a ring; nothing is read or sent any more
 * @dead:	the host took the offer back; set first, in the interrupt.
 *		abi.rescind follows when no callback runs any more, which is
 *		what drivers conclude from it
 * @no_reading:	@bare or @broken
 * @no_sending:	any of the three
 * @relid:	host's number; changes in hibernation only (the copy in @abi is
 *		for drivers)
 * @conn:	number of the connection that @relid belongs to
 * @away:	the host knows nothing of this channel: it was disconnected for
 *		hibernation and has not offered it again; under the offer mutex
 * @lost:	it was not: removed when hibernation is over
 * @conn_id:	port to signal the host
 * @monitored:	the host watches our bit in the monitor page
 * @out:	ring to the host, under abi.outbound.ring_lock
 * @in:		ring from the host, reader's side only
 * @pkt_step:	bytes to consume with the packet in abi.inbound.pkt_buffer, as
 *		they were checked; 0 when it is consumed, or there is none
 * @rescinded:	completed when the host takes the offer back
 * @announced:	completed when the device is on the bus, or never will be
 * @probed:	completed when its drivers were asked, or never will be
 * @gone:	completed when the device is off the bus again
 * @registered:	abi.device_obj is on the bus
 * @unplugged:	bit 0: somebody started to take the device off the bus
 * @in_sysfs:	it has a directory; under sysfs_chan.c's mutex
 * @predecessor: channel of the same device that is still being removed
 * @add_work:	announces the channel to drivers
 * @remove_work: takes it away again after a rescind
 * @modify:	one change of the target CPU at a time
 */
struct chan {
	struct vmbus_channel abi;
	spinlock_t lock;	/* fsm */
	struct chan_fsm fsm;
	union {
		struct {
			bool bare;
			bool broken;
			bool dead;
		};
		u16 no_reading;
		u32 no_sending;
	};
	bool away;
	bool lost;
	u32 relid;
	u32 conn;
	u32 conn_id;
	bool monitored;
	struct ring out;
	struct ring in;
	u32 pkt_step;
	struct completion rescinded;
	struct completion announced;
	struct completion probed;
	struct completion gone;
	bool registered;
	unsigned long unplugged;
	bool in_sysfs;
	struct chan *predecessor;
	struct work_struct add_work;
	struct work_struct remove_work;
	struct mutex modify;	/* one MODIFYCHANNEL at a time */
};

#define to_chan(c) container_of(c, struct chan, abi)

static inline struct chan *chan_get(struct chan *chan)
{
	kobject_get(&chan->abi.kobj);
	return chan;
}

static inline bool chan_dead(const struct chan *chan)
{
	return READ_ONCE(chan->dead);
}

/* Two of the three flags, and no more, are in the shorter word. */
static_assert(offsetof(struct chan, dead) == offsetof(struct chan, no_reading) +
	      sizeof_field(struct chan, no_reading));

/* Nothing may be taken out of its ring. */
static __always_inline bool chan_no_reading(const struct chan *chan)
{
	return READ_ONCE(chan->no_reading);
}

/* Nothing may be put into its ring. */
static __always_inline bool chan_no_sending(const struct chan *chan)
{
	return READ_ONCE(chan->no_sending);
}

static inline void chan_put(struct chan *chan)
{
	kobject_put(&chan->abi.kobj);
}

/* channel.c */
int chan_open(struct chan *chan, const void *user, u32 user_bytes,
	      void (*callback)(void *context), void *context);
int chan_close(struct chan *chan);
void chan_close_subs(struct chan *chan);
void chan_close_with_subs(struct chan *chan);
void chan_stop_callback(struct chan *chan);
void chan_rescind(struct chan *chan);
void chan_show_rescind(struct chan *chan);
bool chan_release(struct chan *chan);
int chan_modify_cpu(struct chan *chan, unsigned int cpu);
int chan_send_modify(struct chan *chan, u32 vp);
void chan_break(struct chan *chan);
int chan_post(const struct chan *chan, const void *msg, size_t bytes);
bool chan_is_open(struct chan *chan);

/* offer.c */
void chan_free(struct chan *chan);

/* isr.c */
void isr_event(unsigned int relid);
void isr_tasklet(unsigned long data);

/* monitor.c */
void monitor_signal(struct chan *chan);
void chan_signal_host(struct chan *chan);
void chan_signal_hypercall(struct chan *chan);

/* ring_alloc.c */
int ring_alloc(struct chan *chan, u32 send_bytes, u32 recv_bytes);
int ring_alloc_prepare(struct chan *chan);
void ring_alloc_free(struct chan *chan);

/* requestor.c */
int requestor_alloc(struct vmbus_requestor *rqstor, u32 size);
void requestor_free(struct vmbus_requestor *rqstor);

#endif /* HV_VMBUS_CHAN_H */
