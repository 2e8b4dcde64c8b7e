/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HYPERCALL_PAGE_H
#define HYPERCALL_PAGE_H

#include "hypercall_wire.h"
#include "synic.h"

/**
 * enum page_verdict - what is in a message slot
 * @PAGE_EMPTY:		nothing
 * @PAGE_VMBUS:		a VMBus message, copied out
 * @PAGE_TIMER:		a timer expired; nothing to copy
 * @PAGE_BAD_TYPE:	something a plain guest never gets
 * @PAGE_BAD_BYTES:	a VMBus message longer than a slot
 *
 * Everything but PAGE_EMPTY occupies the slot until it is released.
 */
enum page_verdict {
	PAGE_EMPTY,
	PAGE_VMBUS,
	PAGE_TIMER,
	PAGE_BAD_TYPE,
	PAGE_BAD_BYTES,
};

enum page_verdict page_slot_read(const struct hvw_slot *slot,
				 struct synic_msg *msg);
bool page_slot_is_timer(const struct hvw_slot *slot);
bool page_slot_release(struct hvw_slot *slot);
bool page_slot_release_type(struct hvw_slot *slot, u32 type);
u64 page_flags_take(u64 *word);

#endif /* HYPERCALL_PAGE_H */
