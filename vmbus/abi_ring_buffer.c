// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exported symbols of the group "ring_buffer": packet iterators and ring information.
 *
 * The checksums of these symbols are computed over every type that is visible
 * here, so the list of headers is part of the interface: add none, remove
 * none (order does not matter). Code that needs more lives in other files;
 * own headers included here must not include kernel headers. tests/abi
 * compares the checksums with the target kernel's.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/hyperv.h>
#include <linux/uio.h>
#include <linux/vmalloc.h>
#include <linux/slab.h>
#include <linux/prefetch.h>
#include <linux/io.h>
#include <asm/mshyperv.h>
/* the headers a driver with tracepoints sees */
#include <linux/list.h>
#include <linux/bitops.h>
#include <asm/sync_bitops.h>
#ifdef HAVE_HYPERV_TLFS_H
#include <asm/hyperv-tlfs.h>
#else
#include <asm/mshyperv.h>
#include <hyperv/hvhdk.h>
#endif
#include <linux/atomic.h>
#include <linux/hyperv.h>
#include <linux/interrupt.h>
#include <linux/tracepoint.h>

#include "abi.h"

/**
 * hv_ringbuffer_get_debuginfo() - state of a ring
 * @ring_info:	ring of a channel
 * @debug_info:	filled in
 *
 * Context: Task, sleeps.
 * Return: 0, or -EINVAL if the channel has no rings.
 */
int hv_ringbuffer_get_debuginfo(struct hv_ring_buffer_info *ring_info,
				struct hv_ring_buffer_debug_info *debug_info)
{
	struct hv_ring_buffer *ring;
	u32 used;

	mutex_lock(&ring_info->ring_buffer_mutex);
	ring = ring_info->ring_buffer;
	if (!ring) {
		mutex_unlock(&ring_info->ring_buffer_mutex);
		return -EINVAL;
	}
	debug_info->current_interrupt_mask = READ_ONCE(ring->interrupt_mask);
	debug_info->current_read_index = READ_ONCE(ring->read_index);
	debug_info->current_write_index = READ_ONCE(ring->write_index);
	mutex_unlock(&ring_info->ring_buffer_mutex);

	used = debug_info->current_write_index - debug_info->current_read_index;
	if (debug_info->current_write_index < debug_info->current_read_index)
		used += ring_info->ring_datasize;
	debug_info->bytes_avail_toread = used;
	debug_info->bytes_avail_towrite = ring_info->ring_datasize - used;
	return 0;
}
EXPORT_SYMBOL_GPL(hv_ringbuffer_get_debuginfo);

/**
 * hv_ringbuffer_spinlock_busy() - would a send have to spin
 * @channel:	channel
 *
 * For panic paths, which must not wait for a lock of a stopped CPU.
 *
 * Context: Any.
 * Return: true if the lock is held.
 */
bool hv_ringbuffer_spinlock_busy(struct vmbus_channel *channel)
{
	return spin_is_locked(&channel->outbound.ring_lock);
}
EXPORT_SYMBOL_GPL(hv_ringbuffer_spinlock_busy);

/**
 * hv_pkt_iter_first() - the next packet from the host
 * @channel:	open channel
 *
 * Context: Reader's side of the channel.
 * Return: private copy, or NULL.
 */
struct vmpacket_descriptor *hv_pkt_iter_first(struct vmbus_channel *channel)
{
	return abi_pkt_first(channel);
}
EXPORT_SYMBOL_GPL(hv_pkt_iter_first);

/**
 * __hv_pkt_iter_next() - step over a packet
 * @channel:	open channel
 * @desc:	the packet hv_pkt_iter_first() gave
 *
 * Context: Reader's side of the channel.
 * Return: private copy of the packet behind it, or NULL.
 */
struct vmpacket_descriptor *
__hv_pkt_iter_next(struct vmbus_channel *channel,
		   const struct vmpacket_descriptor *desc)
{
	return abi_pkt_next(channel);
}
EXPORT_SYMBOL_GPL(__hv_pkt_iter_next);

/**
 * hv_pkt_iter_close() - tell the host what was consumed
 * @channel:	open channel
 *
 * Context: Reader's side of the channel.
 */
void hv_pkt_iter_close(struct vmbus_channel *channel)
{
	abi_pkt_close(channel);
}
EXPORT_SYMBOL_GPL(hv_pkt_iter_close);
