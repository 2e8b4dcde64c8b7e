/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Synthetic interrupt controller: what comes from the host. One client, the
 * VMBus; its SINT is number 2.
 */
#ifndef HYPERCALL_SYNIC_H
#define HYPERCALL_SYNIC_H

#include <linux/types.h>

#define SYNIC_PAYLOAD_BYTES	240
#define SYNIC_EVENTS		2048

/**
 * struct synic_msg - private copy of a message from the host
 * @type:	SynIC message type, always HVW_MSG_VMBUS for the client
 * @bytes:	valid bytes in @payload, 0..SYNIC_PAYLOAD_BYTES
 * @payload:	the message; bytes after @bytes are zero
 *
 * Nothing in here can change under the reader. Sender and flags of the slot
 * are not copied: the first must not be trusted, the second is the SynIC's.
 */
struct synic_msg {
	u32 type;
	u32 bytes;
	u8 payload[SYNIC_PAYLOAD_BYTES] __aligned(8);
};

/**
 * struct synic_client - who gets what the host sends
 * @event:	event flag @relid was set, 1..2047; already cleared
 * @message:	a VMBus message arrived; @msg is valid during the call only
 * @cpu_online:	SynIC of @cpu just started; optional, an error undoes it
 * @cpu_offline: @cpu wants to go; optional, an error (-EBUSY) keeps it
 *
 * @event and @message run with migration disabled on the CPU whose SynIC it
 * is: in hard interrupt context, or, on PREEMPT_RT, in a per-CPU thread.
 * @cpu_online and @cpu_offline run in the hotplug thread of that CPU and may
 * sleep.
 */
struct synic_client {
	void (*event)(unsigned int relid);
	void (*message)(const struct synic_msg *msg);
	int (*cpu_online)(unsigned int cpu);
	int (*cpu_offline)(unsigned int cpu);
};

/**
 * struct synic_stats - sums over all CPUs since synic_start()
 * @interrupts:	SINT interrupts taken, or polls where there are none
 * @events:	event flags handed to the client
 * @messages:	messages handed to the client
 * @timers:	timer messages handed to the clock event device
 * @eoms:	end-of-message writes
 * @bad_type:	messages dropped for an unknown type
 * @bad_bytes:	messages dropped for a payload size above 240
 * @stale:	slots or flags found in use when a page was enabled
 */
struct synic_stats {
	u64 interrupts;
	u64 events;
	u64 messages;
	u64 timers;
	u64 eoms;
	u64 bad_type;
	u64 bad_bytes;
	u64 stale;
};

int synic_start(const struct synic_client *client);
void synic_stop(void);
void synic_watch(unsigned int relid);
void synic_stats(struct synic_stats *sum);

/* Dying kernel: no interrupts, no other CPU runs */
bool synic_crash_poll(unsigned int cpu, struct synic_msg *out);
void synic_crash_stop(void);

#endif /* HYPERCALL_SYNIC_H */
