// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exported symbols of the group "channel": open, close, rings, GPADLs and
 * packets of a channel.
 *
 * The checksums of these symbols are computed over every type that is visible
 * here, so the list of headers is part of the interface: add none, remove
 * none (order does not matter). Code that needs more lives in other files;
 * own headers included here must not include kernel headers. tests/abi
 * compares the checksums with the target kernel's.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/wait.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/module.h>
#include <linux/hyperv.h>
#include <linux/uio.h>
#include <linux/interrupt.h>
#include <linux/set_memory.h>
#include <asm/page.h>
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
 * vmbus_setevent() - signal the host in the way it prefers
 * @channel:	open channel
 *
 * Context: Any.
 */
void vmbus_setevent(struct vmbus_channel *channel)
{
	abi_setevent(channel);
}
EXPORT_SYMBOL_GPL(vmbus_setevent);

/**
 * vmbus_alloc_ring() - memory for the rings of a channel
 * @channel:	channel without rings
 * @send_size:	outbound ring with its header, whole pages
 * @recv_size:	inbound ring, likewise
 *
 * Context: Task, sleeps.
 * Return: 0 or errno.
 */
int vmbus_alloc_ring(struct vmbus_channel *channel, u32 send_size,
		     u32 recv_size)
{
	return abi_alloc_ring(channel, send_size, recv_size);
}
EXPORT_SYMBOL_GPL(vmbus_alloc_ring);

/**
 * vmbus_free_ring() - free the rings of a closed channel
 * @channel:	channel
 *
 * Context: Task, sleeps.
 */
void vmbus_free_ring(struct vmbus_channel *channel)
{
	abi_free_ring(channel);
}
EXPORT_SYMBOL_GPL(vmbus_free_ring);

/**
 * vmbus_connect_ring() - open a channel whose rings are allocated
 * @channel:	channel
 * @onchannel_callback: called when the host has sent something
 * @context:	its argument
 *
 * Context: Task, sleeps.
 * Return: 0 or errno.
 */
int vmbus_connect_ring(struct vmbus_channel *channel,
		       void (*onchannel_callback)(void *context),
		       void *context)
{
	return abi_connect_ring(channel, onchannel_callback, context);
}
EXPORT_SYMBOL_GPL(vmbus_connect_ring);

/**
 * vmbus_disconnect_ring() - close a channel and keep its rings
 * @channel:	channel
 *
 * Context: Task, sleeps.
 * Return: 0 or errno.
 */
int vmbus_disconnect_ring(struct vmbus_channel *channel)
{
	return abi_disconnect_ring(channel);
}
EXPORT_SYMBOL_GPL(vmbus_disconnect_ring);

/**
 * vmbus_open() - allocate rings and open a channel
 * @channel:	channel
 * @send_ringbuffersize: outbound ring with its header, whole pages
 * @recv_ringbuffersize: inbound ring, likewise
 * @userdata:	data for the device, or NULL
 * @userdatalen: its length, at most 120
 * @onchannel_callback: called when the host has sent something
 * @context:	its argument
 *
 * Context: Task, sleeps.
 * Return: 0 or errno.
 */
int vmbus_open(struct vmbus_channel *channel, u32 send_ringbuffersize,
	       u32 recv_ringbuffersize, void *userdata, u32 userdatalen,
	       void (*onchannel_callback)(void *context), void *context)
{
	return abi_open(channel, send_ringbuffersize, recv_ringbuffersize,
			userdata, userdatalen, onchannel_callback, context);
}
EXPORT_SYMBOL_GPL(vmbus_open);

/**
 * vmbus_close() - close a channel, its sub-channels first, and free the rings
 * @channel:	channel
 *
 * Context: Task, sleeps.
 */
void vmbus_close(struct vmbus_channel *channel)
{
	abi_close(channel);
}
EXPORT_SYMBOL_GPL(vmbus_close);

/**
 * vmbus_send_tl_connect_request() - ask for a connection to a host service
 * @shv_guest_servie_id: GUID of our end
 * @shv_host_servie_id:	GUID of the service
 *
 * Context: Task, sleeps.
 * Return: 0 or errno.
 */
int vmbus_send_tl_connect_request(const guid_t *shv_guest_servie_id,
				  const guid_t *shv_host_servie_id)
{
	return abi_tl_connect(shv_guest_servie_id, shv_host_servie_id);
}
EXPORT_SYMBOL_GPL(vmbus_send_tl_connect_request);

/**
 * vmbus_send_modifychannel() - have the host interrupt another processor
 * @channel:	open channel
 * @target_vp:	VP index
 *
 * Context: Task, sleeps.
 * Return: 0 or errno.
 */
int vmbus_send_modifychannel(struct vmbus_channel *channel, u32 target_vp)
{
	return abi_modify(channel, target_vp);
}
EXPORT_SYMBOL_GPL(vmbus_send_modifychannel);

/**
 * vmbus_establish_gpadl() - lend memory to the host
 * @channel:	channel
 * @kbuffer:	memory
 * @size:	its length
 * @gpadl:	filled in
 *
 * Context: Task, sleeps.
 * Return: 0 or errno.
 */
int vmbus_establish_gpadl(struct vmbus_channel *channel, void *kbuffer,
			  u32 size, struct vmbus_gpadl *gpadl)
{
	return abi_establish_gpadl(channel, kbuffer, size, gpadl);
}
EXPORT_SYMBOL_GPL(vmbus_establish_gpadl);

/**
 * vmbus_teardown_gpadl() - take memory back
 * @channel:	channel
 * @gpadl:	what vmbus_establish_gpadl() filled in
 *
 * Context: Task, sleeps.
 * Return: 0 or errno.
 */
int vmbus_teardown_gpadl(struct vmbus_channel *channel,
			 struct vmbus_gpadl *gpadl)
{
	return abi_teardown_gpadl(channel, gpadl);
}
EXPORT_SYMBOL_GPL(vmbus_teardown_gpadl);

/**
 * vmbus_reset_channel_cb() - end the callbacks of a channel
 * @channel:	channel
 *
 * Context: Task, sleeps.
 */
void vmbus_reset_channel_cb(struct vmbus_channel *channel)
{
	abi_reset_channel_cb(channel);
}

/**
 * vmbus_sendpacket_getid() - send a packet and learn its transaction id
 * @channel:	open channel
 * @buffer:	payload
 * @bufferlen:	its length
 * @requestid:	what the transaction id shall stand for
 * @trans_id:	the id
 * @type:	packet type
 * @flags:	packet flags
 *
 * Context: Any.
 * Return: 0 or errno, -EAGAIN if there is no room.
 */
int vmbus_sendpacket_getid(struct vmbus_channel *channel, void *buffer,
			   u32 bufferlen, u64 requestid, u64 *trans_id,
			   enum vmbus_packet_type type, u32 flags)
{
	return abi_send(channel, buffer, bufferlen, requestid, trans_id, type,
			flags);
}
EXPORT_SYMBOL(vmbus_sendpacket_getid);

/**
 * vmbus_sendpacket() - send a packet
 * @channel:	open channel
 * @buffer:	payload
 * @bufferlen:	its length
 * @requestid:	what the transaction id shall stand for
 * @type:	packet type
 * @flags:	packet flags
 *
 * Context: Any.
 * Return: 0 or errno, -EAGAIN if there is no room.
 */
int vmbus_sendpacket(struct vmbus_channel *channel, void *buffer,
		     u32 bufferlen, u64 requestid,
		     enum vmbus_packet_type type, u32 flags)
{
	return abi_send(channel, buffer, bufferlen, requestid, NULL, type,
			flags);
}
EXPORT_SYMBOL(vmbus_sendpacket);

#ifdef HAVE_SENDPACKET_PAGEBUFFER
/**
 * vmbus_sendpacket_pagebuffer() - send a packet with a list of guest pages
 * @channel:	open channel
 * @pagebuffers: ranges of one page each
 * @pagecount:	their number
 * @buffer:	payload
 * @bufferlen:	its length
 * @requestid:	what the transaction id shall stand for
 *
 * Context: Any.
 * Return: 0 or errno, -EAGAIN if there is no room.
 */
int vmbus_sendpacket_pagebuffer(struct vmbus_channel *channel,
				struct hv_page_buffer pagebuffers[],
				u32 pagecount, void *buffer, u32 bufferlen,
				u64 requestid)
{
	return abi_send_pages(channel, pagebuffers, pagecount, buffer,
			      bufferlen, requestid);
}
EXPORT_SYMBOL_GPL(vmbus_sendpacket_pagebuffer);
#endif

/**
 * vmbus_sendpacket_mpb_desc() - send a packet with lists of guest pages
 * @channel:	open channel
 * @desc:	header with the lists, their number included
 * @desc_size:	its length
 * @buffer:	payload
 * @bufferlen:	its length
 * @requestid:	what the transaction id shall stand for
 *
 * Context: Any.
 * Return: 0 or errno, -EAGAIN if there is no room.
 */
int vmbus_sendpacket_mpb_desc(struct vmbus_channel *channel,
			      struct vmbus_packet_mpb_array *desc,
			      u32 desc_size, void *buffer, u32 bufferlen,
			      u64 requestid)
{
	return abi_send_mpb(channel, desc, desc_size, buffer, bufferlen,
			    requestid);
}
EXPORT_SYMBOL_GPL(vmbus_sendpacket_mpb_desc);

/**
 * vmbus_recvpacket() - payload of the next packet
 * @channel:	open channel
 * @buffer:	where it goes
 * @bufferlen:	its length
 * @buffer_actual_len: length of the payload, 0 for no packet
 * @requestid:	transaction id
 *
 * Context: Reader's side of the channel.
 * Return: 0 or errno, -ENOBUFS if it does not fit.
 */
int vmbus_recvpacket(struct vmbus_channel *channel, void *buffer,
		     u32 bufferlen, u32 *buffer_actual_len, u64 *requestid)
{
	return abi_recv(channel, buffer, bufferlen, buffer_actual_len,
			requestid, false);
}
EXPORT_SYMBOL(vmbus_recvpacket);

/**
 * vmbus_recvpacket_raw() - the next packet with its descriptor
 * @channel:	open channel
 * @buffer:	where it goes
 * @bufferlen:	its length
 * @buffer_actual_len: length of the packet, 0 for no packet
 * @requestid:	transaction id
 *
 * Context: Reader's side of the channel.
 * Return: 0 or errno, -ENOBUFS if it does not fit.
 */
int vmbus_recvpacket_raw(struct vmbus_channel *channel, void *buffer,
			 u32 bufferlen, u32 *buffer_actual_len,
			 u64 *requestid)
{
	return abi_recv(channel, buffer, bufferlen, buffer_actual_len,
			requestid, true);
}
EXPORT_SYMBOL_GPL(vmbus_recvpacket_raw);

/**
 * vmbus_next_request_id() - transaction id for an address
 * @channel:	open channel
 * @rqst_addr:	what the id shall stand for
 *
 * Context: Any.
 * Return: id, VMBUS_NO_RQSTOR or VMBUS_RQST_ERROR.
 */
u64 vmbus_next_request_id(struct vmbus_channel *channel, u64 rqst_addr)
{
	return abi_next_request_id(channel, rqst_addr);
}
EXPORT_SYMBOL_GPL(vmbus_next_request_id);

/**
 * __vmbus_request_addr_match() - what a transaction id stands for
 * @channel:	open channel
 * @trans_id:	id from the host
 * @rqst_addr:	release it only if it stands for this
 *
 * Context: channel->requestor.req_lock held.
 * Return: address, VMBUS_NO_RQSTOR or VMBUS_RQST_ERROR.
 */
u64 __vmbus_request_addr_match(struct vmbus_channel *channel, u64 trans_id,
			       u64 rqst_addr)
{
	return abi_request_addr_match_locked(channel, trans_id, rqst_addr);
}
EXPORT_SYMBOL_GPL(__vmbus_request_addr_match);

/**
 * vmbus_request_addr_match() - the same, taking the lock
 * @channel:	open channel
 * @trans_id:	id from the host
 * @rqst_addr:	release it only if it stands for this
 *
 * Context: Any.
 * Return: address, VMBUS_NO_RQSTOR or VMBUS_RQST_ERROR.
 */
u64 vmbus_request_addr_match(struct vmbus_channel *channel, u64 trans_id,
			     u64 rqst_addr)
{
	return abi_request_addr_match(channel, trans_id, rqst_addr);
}
EXPORT_SYMBOL_GPL(vmbus_request_addr_match);

/**
 * vmbus_request_addr() - what a transaction id stands for; releases it
 * @channel:	open channel
 * @trans_id:	id from the host
 *
 * Context: Any.
 * Return: address, VMBUS_NO_RQSTOR or VMBUS_RQST_ERROR.
 */
u64 vmbus_request_addr(struct vmbus_channel *channel, u64 trans_id)
{
	return abi_request_addr_match(channel, trans_id, VMBUS_RQST_ADDR_ANY);
}
EXPORT_SYMBOL_GPL(vmbus_request_addr);
