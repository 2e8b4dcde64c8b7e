// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tell the host that a ring has something for it: by a bit in a page it
 * polls (monitored channels, cheap but late) or by a hypercall.
 */
#include <linux/hyperv.h>
#include <linux/mm.h>
#include <asm/sync_bitops.h>
#include "chan.h"
#include "conn.h"
#include "hypercall/hvc.h"
#include "trace.h"

/**
 * monitor_signal() - set the channel's bit in the monitor page
 * @chan:	monitored channel
 *
 * Context: Any. Other CPUs and the host change the same word.
 */
void monitor_signal(struct chan *chan)
{
	u32 *group = conn_trigger_group(chan->abi.monitor_grp & 3);
	unsigned int bit = chan->abi.monitor_bit & 31;

	sync_set_bit(bit, (unsigned long *)group);
}

/**
 * chan_signal_hypercall() - signal the host now
 * @chan:	open channel
 *
 * Context: Any.
 */
void chan_signal_hypercall(struct chan *chan)
{
	if (!chan->abi.is_dedicated_interrupt)
		conn_mark_sent(chan->relid);
	chan->abi.sig_events++;
	hvc_signal_event(chan->conn_id);
}

/**
 * chan_signal_host() - signal the host in the way it prefers
 * @chan:	open channel
 *
 * Context: Any.
 */
void chan_signal_host(struct chan *chan)
{
	trace_vmbus_setevent(&chan->abi);
	if (!chan->monitored || chan->abi.low_latency) {
		chan_signal_hypercall(chan);
		return;
	}
	conn_mark_sent(chan->relid);
	monitor_signal(chan);
}
