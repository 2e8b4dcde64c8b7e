/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HYPERCALL_PAGE_H
#define HYPERCALL_PAGE_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <asm/byteorder.h>
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

/**
 * page_flags_take() - fetch and clear 64 event flags
 * @word:	in the shared page
 *
 * Clears before the sources are served, so that an event that comes meanwhile
 * sets its flag again and interrupts again.
 *
 * Context: Any.
 * Return: The flags that were set.
 */
static inline u64 page_flags_take(u64 *word)
{
	if (!READ_ONCE(*word))
		return 0;
	/* Always locked on x86; orders flag before ring contents. */
	return xchg(word, 0);
}

/**
 * page_flags_serve() - fetch, clear and hand on the event flags of some words
 * @words:	HVW_FLAG_WORDS of them, in the shared page
 * @which:	bit n: look at word n
 * @event:	called with the number of each flag that was set
 *
 * Context: Any.
 * Return: true if a flag was set.
 */
static __always_inline bool page_flags_serve(u64 *words, u32 which,
					     void (*event)(unsigned int flag))
{
	bool any = false;

	for (; which; which &= which - 1) {
		unsigned int word = __builtin_ctz(which);
		u64 set = page_flags_take(&words[word]);

		for (; set; set &= set - 1) {
			event(word * 64 + __builtin_ctzll(set));
			any = true;
		}
	}
	return any;
}

/**
 * page_slot_empty() - is there certainly nothing in a slot?
 * @slot:	slot in the shared page
 *
 * What the host puts there after the look interrupts again.
 *
 * Context: Any.
 * Return: true if so; if not, page_slot_read() says what there is.
 */
static __always_inline bool page_slot_empty(const struct hvw_slot *slot)
{
	return READ_ONCE(slot->type) == cpu_to_le32(HVW_MSG_NONE);
}

#endif /* HYPERCALL_PAGE_H */
