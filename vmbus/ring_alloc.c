// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of a channel's rings.
 *
 * One physically contiguous block for both directions: drivers that pass the
 * rings to user space rely on that, and it needs no mapping of its own. The
 * code that copies handles the wrap-around, so the data is mapped only once.
 */
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/hyperv.h>
#include <linux/mm.h>
#include <linux/reciprocal_div.h>
#include <linux/slab.h>
#include <linux/topology.h>
#include "chan.h"
#include "gpadl.h"
#include "msg_wire.h"
#include "stats.h"

static void show(struct hv_ring_buffer_info *info, void *mem, u32 bytes)
{
	mutex_lock(&info->ring_buffer_mutex);
	info->ring_size = bytes;
	info->ring_size_div10_reciprocal = reciprocal_value(bytes / 10);
	info->ring_datasize = bytes - sizeof(struct hv_ring_buffer);
	info->priv_read_index = 0;
	info->ring_buffer = mem;
	mutex_unlock(&info->ring_buffer_mutex);
}

static void hide(struct hv_ring_buffer_info *info)
{
	mutex_lock(&info->ring_buffer_mutex);
	info->ring_buffer = NULL;
	mutex_unlock(&info->ring_buffer_mutex);
	kvfree(info->pkt_buffer);
	info->pkt_buffer = NULL;
	info->pkt_buffer_size = 0;
}

/**
 * ring_alloc() - memory for both rings of a channel
 * @chan:	channel without rings
 * @send_bytes:	outbound ring with its header, whole pages, at least two
 * @recv_bytes:	inbound ring, likewise
 *
 * Context: Task, sleeps.
 * Return: 0, -EINVAL or -ENOMEM.
 */
int ring_alloc(struct chan *chan, u32 send_bytes, u32 recv_bytes)
{
	struct vmbus_channel *abi = &chan->abi;
	u64 bytes = (u64)send_bytes + recv_bytes;
	struct page *page;
	int order;

	if (send_bytes % PAGE_SIZE || recv_bytes % PAGE_SIZE ||
	    send_bytes < 2 * PAGE_SIZE || recv_bytes < 2 * PAGE_SIZE ||
	    bytes > (u64)VMBUS_GPADL_MAX_HVPAGES * 4096)
		return -EINVAL;
	if (abi->ringbuffer_page)
		return -EINVAL;

	order = get_order(bytes);
	page = alloc_pages_node(cpu_to_node(abi->target_cpu),
				GFP_KERNEL | __GFP_ZERO, order);
	if (!page)
		return -ENOMEM;
	stat_made(STAT_RINGS);
	abi->ringbuffer_page = page;
	abi->ringbuffer_pagecount = bytes >> PAGE_SHIFT;
	abi->ringbuffer_send_offset = send_bytes >> PAGE_SHIFT;
	return 0;
}

/**
 * ring_alloc_prepare() - make the rings empty, ready to be opened
 * @chan:	channel with rings the host does not know
 *
 * Context: Task, sleeps.
 * Return: 0, -ENOMEM, -EINVAL.
 */
int ring_alloc_prepare(struct chan *chan)
{
	struct vmbus_channel *abi = &chan->abi;
	u32 out_bytes = abi->ringbuffer_send_offset << PAGE_SHIFT;
	u32 in_bytes = (abi->ringbuffer_pagecount << PAGE_SHIFT) - out_bytes;
	u8 *mem = page_address(abi->ringbuffer_page);
	void *copy;
	int ret;

	if (abi->ringbuffer_gpadlhandle.gpadl_handle)
		return -EBUSY;	/* the host never gave them back */
	if (!abi->max_pkt_size)
		abi->max_pkt_size = VMBUS_DEFAULT_MAX_PKT_SIZE;
	/* A descriptor is copied before anything is known about the rest. */
	if (abi->max_pkt_size < sizeof(struct pkt_desc))
		abi->max_pkt_size = sizeof(struct pkt_desc);
	copy = kvzalloc(abi->max_pkt_size, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;

	/* What the last user left there is nobody else's business. */
	memset(mem, 0, (size_t)abi->ringbuffer_pagecount << PAGE_SHIFT);
	ret = ring_init(&chan->out, mem, out_bytes);
	if (!ret)
		ret = ring_init(&chan->in, mem + out_bytes, in_bytes);
	if (ret) {
		kvfree(copy);
		return ret;
	}
	chan->pkt_step = 0;
	WRITE_ONCE(chan->broken, false);
	kvfree(abi->inbound.pkt_buffer);
	abi->inbound.pkt_buffer = copy;
	abi->inbound.pkt_buffer_size = abi->max_pkt_size;
	abi->out_full_flag = false;
	show(&abi->outbound, mem, out_bytes);
	show(&abi->inbound, mem + out_bytes, in_bytes);
	WRITE_ONCE(chan->bare, false);
	return 0;
}

/**
 * ring_alloc_free() - free the rings of a closed channel
 * @chan:	channel; nothing happens if it has none
 *
 * If the host did not give the rings back they are leaked.
 *
 * Context: Task, sleeps.
 */
void ring_alloc_free(struct chan *chan)
{
	struct vmbus_channel *abi = &chan->abi;
	struct page *page = abi->ringbuffer_page;

	WRITE_ONCE(chan->bare, true);
	/* Nothing is left to consume, nor to tell the host of. */
	chan->pkt_step = 0;
	chan->in.told = chan->in.pos;
	hide(&abi->outbound);
	hide(&abi->inbound);
	if (!page)
		return;
	if (abi->ringbuffer_gpadlhandle.gpadl_handle)
		gpadl_forget(&abi->ringbuffer_gpadlhandle);
	else
		__free_pages(page, get_order((u64)abi->ringbuffer_pagecount <<
					     PAGE_SHIFT));
	abi->ringbuffer_page = NULL;
	stat_gone(STAT_RINGS);
}
