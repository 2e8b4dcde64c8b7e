// SPDX-License-Identifier: GPL-2.0-only
/*
 * From an event flag to the driver's callback.
 *
 * Three modes, chosen by the driver: ISR calls it right in the interrupt;
 * DIRECT from a tasklet; BATCHED from a tasklet with the host's signals
 * masked, again and again until the ring is empty, in slices.
 */
#include <linux/hyperv.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/rcupdate.h>
#include "chan.h"
#include "delay.h"
#include "offer_state.h"
#include "refuse.h"
#include "trace.h"

#define SLICE_JIFFIES	2

/**
 * isr_event() - the host set the event flag of a channel
 * @relid:	flag number, below VMBUS_RELIDS; already cleared
 *
 * Closing a channel takes sched_lock to remove the callback, so after that
 * no callback is running here; the channel itself is kept by RCU.
 *
 * Context: SynIC interrupt.
 */
void isr_event(unsigned int relid)
{
	void (*callback)(void *context);
	struct vmbus_channel *abi;
	struct chan *chan;

	rcu_read_lock();
	chan = offer_of_flag(relid);
	if (!chan) {
		refuse(REFUSE_EVENT_UNKNOWN, relid, 0);
		goto unlock;
	}
	abi = &chan->abi;
	trace_vmbus_chan_sched(abi);

	spin_lock(&abi->sched_lock);
	callback = abi->onchannel_callback;
	if (callback) {
		abi->interrupts++;
		if (unlikely(abi->callback_mode == HV_CALL_ISR)) {
			delay_signal(abi);
			callback(abi->channel_callback_context);
		} else {
			if (likely(abi->callback_mode == HV_CALL_BATCHED))
				hv_begin_read(&abi->inbound);
			tasklet_schedule(&abi->callback_event);
		}
	} else {
		refuse(REFUSE_EVENT_UNKNOWN, relid, 1);
	}
	spin_unlock(&abi->sched_lock);
unlock:
	rcu_read_unlock();
}

/* Call the driver once; true if it is to be called again, at once. */
static __always_inline bool call_driver(struct chan *chan)
{
	struct vmbus_channel *abi = &chan->abi;
	void (*callback)(void *context) = READ_ONCE(abi->onchannel_callback);
	u32 avail;

	if (unlikely(!callback))
		return false;
	callback(abi->channel_callback_context);
	if (unlikely(abi->callback_mode != HV_CALL_BATCHED))
		return false;
	if (unlikely(ring_unmask(&chan->in, &avail) != RING_OK)) {
		chan_break(chan);
		return false;
	}
	/* Less than a descriptor is no packet: wait for its signal. */
	return unlikely(avail >= sizeof(struct pkt_desc) &&
			!chan_no_reading(chan));
}

/* More came meanwhile: on for a while, then others have their turn. */
static noinline void call_again(struct chan *chan)
{
	unsigned long end = jiffies + SLICE_JIFFIES;

	do {
		ring_mask(&chan->in);
		if (!call_driver(chan))
			return;
	} while (time_before(jiffies, end));

	ring_mask(&chan->in);
	tasklet_schedule(&chan->abi.callback_event);
}

/**
 * isr_tasklet() - call the driver outside the interrupt
 * @data:	channel as drivers see it
 *
 * Context: Softirq.
 */
void isr_tasklet(unsigned long data)
{
	struct vmbus_channel *abi = (void *)data;

	trace_vmbus_on_event(abi);
	delay_signal(abi);
	if (call_driver(to_chan(abi)))
		call_again(to_chan(abi));
}
