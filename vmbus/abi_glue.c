// SPDX-License-Identifier: GPL-2.0-only
/*
 * The exported channel functions, behind their exports: each one is a few
 * calls inward. Here because the exporting files may not see our headers.
 */
#include <linux/errno.h>
#include <linux/hyperv.h>
#include <linux/mm.h>
#include <linux/uuid.h>
#include "abi.h"
#include "bus.h"
#include "chan.h"
#include "conn.h"
#include "gpadl.h"
#include "msg.h"
#include "stats.h"
#include "trace.h"

#define HVSOCK_RESCIND_MS	10000

/**
 * abi_open() - see vmbus_open()
 * @channel:	channel without rings
 * @send_bytes:	outbound ring
 * @recv_bytes:	inbound ring
 * @user:	data for the device, or NULL
 * @user_bytes:	its length
 * @callback:	called when the host has sent something
 * @context:	its argument
 *
 * Context: Task, sleeps.
 * Return: 0 or errno.
 */
int abi_open(struct vmbus_channel *channel, u32 send_bytes, u32 recv_bytes,
	     void *user, u32 user_bytes, void (*callback)(void *context),
	     void *context)
{
	struct chan *chan = to_chan(channel);
	int ret;

	ret = ring_alloc(chan, send_bytes, recv_bytes);
	if (ret)
		return ret;
	ret = chan_open(chan, user, user_bytes, callback, context);
	if (ret)
		ring_alloc_free(chan);
	return ret;
}

/**
 * abi_connect_ring() - see vmbus_connect_ring()
 * @channel:	channel with rings
 * @callback:	called when the host has sent something
 * @context:	its argument
 *
 * Context: Task, sleeps.
 * Return: 0 or errno.
 */
int abi_connect_ring(struct vmbus_channel *channel,
		     void (*callback)(void *context), void *context)
{
	return chan_open(to_chan(channel), NULL, 0, callback, context);
}

/**
 * abi_disconnect_ring() - see vmbus_disconnect_ring()
 * @channel:	channel, its rings stay allocated; its sub-channels are closed
 *		first, and theirs do not
 *
 * Context: Task, sleeps.
 * Return: 0, or an errno if the host still holds the rings.
 */
int abi_disconnect_ring(struct vmbus_channel *channel)
{
	chan_close_subs(to_chan(channel));
	return chan_close(to_chan(channel));
}

/**
 * abi_close() - see vmbus_close()
 * @channel:	channel; its sub-channels are closed first
 *
 * Context: Task, sleeps.
 */
void abi_close(struct vmbus_channel *channel)
{
	chan_close_with_subs(to_chan(channel));
}

/**
 * abi_alloc_ring() - see vmbus_alloc_ring()
 * @channel:	channel without rings
 * @send_bytes:	outbound ring
 * @recv_bytes:	inbound ring
 *
 * Context: Task, sleeps.
 * Return: 0 or errno.
 */
int abi_alloc_ring(struct vmbus_channel *channel, u32 send_bytes,
		   u32 recv_bytes)
{
	return ring_alloc(to_chan(channel), send_bytes, recv_bytes);
}

/**
 * abi_free_ring() - see vmbus_free_ring()
 * @channel:	closed channel
 *
 * Context: Task, sleeps.
 */
void abi_free_ring(struct vmbus_channel *channel)
{
	ring_alloc_free(to_chan(channel));
}

/**
 * abi_setevent() - see vmbus_setevent()
 * @channel:	open channel
 *
 * Context: Any.
 */
void abi_setevent(struct vmbus_channel *channel)
{
	chan_signal_host(to_chan(channel));
}

/**
 * abi_set_event() - see vmbus_set_event()
 * @channel:	open channel
 *
 * Context: Any.
 */
void abi_set_event(struct vmbus_channel *channel)
{
	chan_signal_hypercall(to_chan(channel));
}

/**
 * abi_modify() - see vmbus_send_modifychannel()
 * @channel:	open channel
 * @vp:		VP index
 *
 * Context: Task, sleeps.
 * Return: 0 or errno.
 */
int abi_modify(struct vmbus_channel *channel, u32 vp)
{
	return chan_send_modify(to_chan(channel), vp);
}

/**
 * abi_tl_connect() - see vmbus_send_tl_connect_request()
 * @endpoint:	GUID of our end
 * @service:	GUID of the host's service
 *
 * Context: Task, sleeps.
 * Return: 0 or errno; the answer is an offer.
 */
int abi_tl_connect(const void *endpoint, const void *service)
{
	struct vmbus_msg_tl_connect msg;
	u32 version = conn_version();
	int ret;

	if (version < VMBUS_V4_0)
		return -EOPNOTSUPP;
	ret = conn_post(&msg, msg_build_tl_connect(&msg, version, endpoint,
						   service));
	trace_vmbus_send_tl_connect_request(&msg, ret);
	return ret;
}

/*
 * Drivers free their buffer when establishing fails. If the host may hold
 * it all the same, one more reference on each page keeps them out of use.
 */
static void pin(void *buffer, u32 bytes)
{
	u32 off;

	if (!is_vmalloc_addr(buffer))
		return;
	for (off = 0; off < bytes; off += PAGE_SIZE)
		get_page(vmalloc_to_page(buffer + off));
}

/**
 * abi_establish_gpadl() - see vmbus_establish_gpadl()
 * @channel:	channel
 * @buffer:	memory to lend
 * @bytes:	its length
 * @gpadl:	filled in
 *
 * Context: Task, sleeps.
 * Return: 0 or errno.
 */
int abi_establish_gpadl(struct vmbus_channel *channel, void *buffer, u32 bytes,
			struct vmbus_gpadl *gpadl)
{
	int ret = gpadl_establish(to_chan(channel), buffer, bytes, gpadl);

	if (ret && gpadl->gpadl_handle) {
		pin(buffer, bytes);
		gpadl_forget(gpadl);
	}
	return ret;
}

/**
 * abi_teardown_gpadl() - see vmbus_teardown_gpadl()
 * @channel:	channel
 * @gpadl:	memory lent
 *
 * On a rescinded channel drivers free the memory whatever we return, so it
 * is pinned if the host did not let go.
 *
 * Context: Task, sleeps.
 * Return: 0 or errno.
 */
int abi_teardown_gpadl(struct vmbus_channel *channel,
		       struct vmbus_gpadl *gpadl)
{
	int ret = gpadl_teardown(to_chan(channel), gpadl);

	if (!ret)
		return 0;
	pin(gpadl->buffer, gpadl->size);
	gpadl_forget(gpadl);
	return chan_dead(to_chan(channel)) ? 0 : ret;
}

/**
 * abi_hvsock_unregister() - see vmbus_hvsock_device_unregister()
 * @channel:	hvsock channel the driver is done with
 *
 * The host rescinds such a channel after its end of the connection closed;
 * one that does not is not waited for without end.
 *
 * Context: Task, sleeps.
 */
void abi_hvsock_unregister(struct vmbus_channel *channel)
{
	struct chan *chan = to_chan(channel);

	wait_for_completion(&chan->probed);
	wait_for_completion_timeout(&chan->rescinded,
				    msecs_to_jiffies(HVSOCK_RESCIND_MS));
	bus_unplug(chan);
}

/**
 * abi_device_unregister() - see vmbus_device_unregister()
 * @dev:	device to take off the bus
 *
 * Context: Task, sleeps.
 */
void abi_device_unregister(struct hv_device *dev)
{
	bus_unplug(to_chan(dev->channel));
}

/**
 * abi_reset_channel_cb() - see vmbus_reset_channel_cb()
 * @channel:	channel whose callback must end
 *
 * Context: Task, sleeps.
 */
void abi_reset_channel_cb(struct vmbus_channel *channel)
{
	chan_stop_callback(to_chan(channel));
}
