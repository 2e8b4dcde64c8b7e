// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transaction ids: instead of a guest address the host gets the number of a
 * slot, plus one. What it sends back is checked against the slots in use.
 *
 * The free slots form a list through req_arr, as <linux/hyperv.h> lays the
 * structure out.
 */
#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/hyperv.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include "abi.h"
#include "chan.h"
#include "refuse.h"
#include "stats.h"

/**
 * requestor_alloc() - room for a number of outstanding requests
 * @rqstor:	the channel's table
 * @size:	how many
 *
 * Context: Task, sleeps.
 * Return: 0 or -ENOMEM.
 */
int requestor_alloc(struct vmbus_requestor *rqstor, u32 size)
{
	unsigned long flags;
	unsigned long *used;
	u64 *slots;
	u32 i;

	slots = kcalloc(size, sizeof(*slots), GFP_KERNEL);
	if (!slots)
		return -ENOMEM;
	used = bitmap_zalloc(size, GFP_KERNEL);
	if (!used) {
		kfree(slots);
		return -ENOMEM;
	}
	for (i = 0; i < size; i++)
		slots[i] = i + 1;
	stat_made(STAT_REQUESTORS);

	spin_lock_irqsave(&rqstor->req_lock, flags);
	rqstor->req_arr = slots;
	rqstor->req_bitmap = used;
	rqstor->size = size;
	rqstor->next_request_id = 0;
	spin_unlock_irqrestore(&rqstor->req_lock, flags);
	return 0;
}

/**
 * requestor_free() - the channel is closed: no id is valid any more
 * @rqstor:	the channel's table, empty or not
 *
 * Context: Task.
 */
void requestor_free(struct vmbus_requestor *rqstor)
{
	unsigned long flags;
	unsigned long *used;
	u64 *slots;

	spin_lock_irqsave(&rqstor->req_lock, flags);
	slots = rqstor->req_arr;
	used = rqstor->req_bitmap;
	rqstor->req_arr = NULL;
	rqstor->req_bitmap = NULL;
	rqstor->size = 0;
	rqstor->next_request_id = 0;
	spin_unlock_irqrestore(&rqstor->req_lock, flags);
	if (!slots)
		return;
	kfree(slots);
	bitmap_free(used);
	stat_gone(STAT_REQUESTORS);
}

/**
 * abi_next_request_id() - see vmbus_next_request_id()
 * @channel:	open channel
 * @addr:	what the id shall stand for
 *
 * Context: Any.
 * Return: id, VMBUS_NO_RQSTOR without a table, VMBUS_RQST_ERROR if it is
 * full.
 */
u64 abi_next_request_id(struct vmbus_channel *channel, u64 addr)
{
	struct vmbus_requestor *rqstor = &channel->requestor;
	unsigned long flags;
	u64 id = VMBUS_RQST_ERROR;
	u64 slot;

	if (!channel->rqstor_size)
		return VMBUS_NO_RQSTOR;
	spin_lock_irqsave(&rqstor->req_lock, flags);
	slot = rqstor->next_request_id;
	if (slot < rqstor->size) {
		rqstor->next_request_id = rqstor->req_arr[slot];
		rqstor->req_arr[slot] = addr;
		__set_bit(slot, rqstor->req_bitmap);
		id = slot + 1;
	}
	spin_unlock_irqrestore(&rqstor->req_lock, flags);
	return id;
}

/**
 * abi_request_addr_match_locked() - see __vmbus_request_addr_match()
 * @channel:	open channel
 * @id:		id from the host, any value
 * @addr:	release the slot only if it stands for this, or
 *		VMBUS_RQST_ADDR_ANY
 *
 * Context: channel->requestor.req_lock held.
 * Return: what the id stands for, VMBUS_NO_RQSTOR, or VMBUS_RQST_ERROR for an
 * id that is not in use.
 */
u64 abi_request_addr_match_locked(struct vmbus_channel *channel, u64 id,
				  u64 addr)
{
	struct vmbus_requestor *rqstor = &channel->requestor;
	u64 slot = id - 1;
	u64 was;

	if (!channel->rqstor_size)
		return VMBUS_NO_RQSTOR;
	if (!id)
		return VMBUS_RQST_ERROR;	/* the host's own message */
	if (slot >= rqstor->size)
		goto refused;
	slot = array_index_nospec(slot, rqstor->size);
	if (!test_bit(slot, rqstor->req_bitmap))
		goto refused;

	was = rqstor->req_arr[slot];
	if (addr == VMBUS_RQST_ADDR_ANY || addr == was) {
		__clear_bit(slot, rqstor->req_bitmap);
		rqstor->req_arr[slot] = rqstor->next_request_id;
		rqstor->next_request_id = slot;
	}
	return was;
refused:
	refuse(REFUSE_TRANSACTION, to_chan(channel)->relid, id);
	return VMBUS_RQST_ERROR;
}

/**
 * abi_request_addr_match() - the same, taking the lock
 * @channel:	open channel
 * @id:		id from the host, any value
 * @addr:	as above
 *
 * Context: Any.
 * Return: as above.
 */
u64 abi_request_addr_match(struct vmbus_channel *channel, u64 id, u64 addr)
{
	unsigned long flags;
	u64 was;

	spin_lock_irqsave(&channel->requestor.req_lock, flags);
	was = abi_request_addr_match_locked(channel, id, addr);
	spin_unlock_irqrestore(&channel->requestor.req_lock, flags);
	return was;
}
