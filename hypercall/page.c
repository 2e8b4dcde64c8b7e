// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading the two pages the host writes: message slots and event flags.
 *
 * Core: works on memory it is given, called by synic.c in interrupt context
 * and by the tests. The other side is a host thread on another processor,
 * also when this kernel has one CPU only, so all barriers are the virt_ ones
 * and all read-modify-writes keep their lock prefix on a uniprocessor.
 *
 * A slot belongs to the host while its type is 0 and to the guest otherwise;
 * "pending" may be set by the host at any time while the guest owns it:
 *
 *	guest				host
 *	type = 0   (release)		if (type != 0)
 *	full barrier			    pending = 1
 *	if (pending) write EOM		    full barrier
 *					    if (type == 0) deliver
 *
 * Forbidden: the guest sees pending == 0 and the host sees type != 0; the
 * message would wait for ever.
 */
#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/string.h>
#include <asm/barrier.h>
#include <asm/byteorder.h>
#include "page.h"

/**
 * page_slot_read() - look into a slot and copy a VMBus message out of it
 * @slot:	slot in the shared page
 * @msg:	filled for PAGE_VMBUS, untouched otherwise
 *
 * Every field is read once; what is checked is what is used.
 *
 * Context: Any. The caller is the only one who releases @slot.
 * Return: What was found.
 */
enum page_verdict page_slot_read(const struct hvw_slot *slot,
				 struct synic_msg *msg)
{
	u32 type;
	u8 bytes;

	/* Pairs with the host's store of the type after the payload. */
	type = le32_to_cpu(virt_load_acquire(&slot->type));
	switch (type) {
	case HVW_MSG_NONE:
		return PAGE_EMPTY;
	case HVW_MSG_VMBUS:
		break;
	case HVW_MSG_TIMER_EXPIRED:
		return PAGE_TIMER;
	default:
		return PAGE_BAD_TYPE;
	}
	bytes = READ_ONCE(slot->bytes);
	if (bytes > SYNIC_PAYLOAD_BYTES)
		return PAGE_BAD_BYTES;
	msg->type = type;
	msg->bytes = bytes;
	memcpy(msg->payload, slot->payload, bytes);
	memset(msg->payload + bytes, 0, SYNIC_PAYLOAD_BYTES - bytes);
	return PAGE_VMBUS;
}

/**
 * page_slot_is_timer() - does a slot hold a timer message?
 * @slot:	slot in the shared page
 *
 * Context: Any.
 * Return: true if so; the slot still has to be released.
 */
bool page_slot_is_timer(const struct hvw_slot *slot)
{
	return le32_to_cpu(READ_ONCE(slot->type)) == HVW_MSG_TIMER_EXPIRED;
}

static bool pending(const struct hvw_slot *slot)
{
	/* Between type = 0 and this load; partner: the host, see the top. */
	virt_mb();
	return READ_ONCE(slot->flags) & HVW_MSG_FLAG_PENDING;
}

/**
 * page_slot_release() - give a slot back to the host
 * @slot:	slot in the shared page, everything needed is copied
 *
 * Context: Any, on the only CPU that releases this slot.
 * Return: true if the end-of-message register has to be written, because more
 * messages wait for this slot.
 */
bool page_slot_release(struct hvw_slot *slot)
{
	/* The copy is complete before the host may write again. */
	virt_store_release(&slot->type, cpu_to_le32(HVW_MSG_NONE));
	return pending(slot);
}

/**
 * page_slot_release_type() - give back a slot that another CPU may share
 * @slot:	slot in the shared page
 * @type:	message type that was read
 *
 * For a dying kernel, which looks into the pages of CPUs that stopped
 * somewhere: one of them may have released this slot already, and the host
 * may have put the next message in.
 *
 * Context: Any.
 * Return: true if the end-of-message register has to be written.
 */
bool page_slot_release_type(struct hvw_slot *slot, u32 type)
{
	u32 *word = (u32 __force *)&slot->type;
	u32 old = (u32 __force)cpu_to_le32(type);

	/* Fully ordered, so it also orders the load in pending(). */
	if (sync_cmpxchg(word, old, 0) != old)
		return false;
	return pending(slot);
}
