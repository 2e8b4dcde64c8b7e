/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HYPERCALL_PAGE_H
#define HYPERCALL_PAGE_H

#include <linux/atomic.h>
#include <linux/compiler.h>
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

/* Words looked at together; a page is a whole number of these. */
#define PAGE_FLAGS_GROUP	4

/**
 * page_flags_none() - are PAGE_FLAGS_GROUP words of event flags all clear?
 * @words:	in the shared page
 *
 * An interrupt looks at all words and seldom finds more than one flag: this
 * is the quick way over the rest. A flag set after the look interrupts again.
 *
 * Context: Any.
 * Return: true if so.
 */
static __always_inline bool page_flags_none(const u64 *words)
{
	return !(READ_ONCE(words[0]) | READ_ONCE(words[1]) |
		 READ_ONCE(words[2]) | READ_ONCE(words[3]));
}

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

#endif /* HYPERCALL_PAGE_H */
