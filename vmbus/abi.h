/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the exporting files (abi_*.c) forward to. They see a fixed set of
 * kernel headers, so this one includes none and names types only.
 */
#ifndef HV_VMBUS_ABI_H
#define HV_VMBUS_ABI_H

struct device;
struct hv_device;
struct hv_driver;
struct hv_ring_buffer_info;
struct module;
struct resource;
struct vm_area_struct;
struct vmbus_channel;
struct vmbus_device;
struct vmbus_gpadl;
struct vmbus_packet_mpb_array;
struct vmpacket_descriptor;

extern __u32 vmbus_proto_version;
extern const struct vmbus_device vmbus_devs[];

/* abi_connection.c */
void abi_connection_pages(void *interrupt_page, void *to_guest, void *to_host);

/* abi_channel_mgmt.c */
unsigned short class_of(const void *guid, bool hvsock);

/* channel.c, gpadl.c, ring_alloc.c through abi_glue.c */
int abi_open(struct vmbus_channel *channel, u32 send_bytes, u32 recv_bytes,
	     void *user, u32 user_bytes, void (*callback)(void *context),
	     void *context);
int abi_connect_ring(struct vmbus_channel *channel,
		     void (*callback)(void *context), void *context);
int abi_disconnect_ring(struct vmbus_channel *channel);
void abi_close(struct vmbus_channel *channel);
int abi_alloc_ring(struct vmbus_channel *channel, u32 send_bytes,
		   u32 recv_bytes);
void abi_free_ring(struct vmbus_channel *channel);
void abi_setevent(struct vmbus_channel *channel);
void abi_set_event(struct vmbus_channel *channel);
int abi_modify(struct vmbus_channel *channel, u32 vp);
int abi_tl_connect(const void *endpoint, const void *service);
int abi_establish_gpadl(struct vmbus_channel *channel, void *buffer, u32 bytes,
			struct vmbus_gpadl *gpadl);
int abi_teardown_gpadl(struct vmbus_channel *channel,
		       struct vmbus_gpadl *gpadl);
void abi_hvsock_unregister(struct vmbus_channel *channel);
void abi_device_unregister(struct hv_device *dev);
void abi_reset_channel_cb(struct vmbus_channel *channel);

/* ring_io.c */
int abi_send(struct vmbus_channel *channel, void *buffer, u32 bytes, u64 addr,
	     u64 *trans_id, u16 type, u32 flags);
int abi_send_mpb(struct vmbus_channel *channel,
		 struct vmbus_packet_mpb_array *mpb, u32 mpb_bytes,
		 void *buffer, u32 bytes, u64 addr);
int abi_send_pages(struct vmbus_channel *channel, struct hv_page_buffer *pages,
		   u32 count, void *buffer, u32 bytes, u64 addr);
int abi_recv(struct vmbus_channel *channel, void *buffer, u32 room,
	     u32 *bytes, u64 *trans_id, bool raw);
struct vmpacket_descriptor *abi_pkt_first(struct vmbus_channel *channel);
struct vmpacket_descriptor *abi_pkt_next(struct vmbus_channel *channel);
void abi_pkt_close(struct vmbus_channel *channel);

/* requestor.c */
u64 abi_next_request_id(struct vmbus_channel *channel, u64 addr);
u64 abi_request_addr_match_locked(struct vmbus_channel *channel, u64 id,
				  u64 addr);
u64 abi_request_addr_match(struct vmbus_channel *channel, u64 id, u64 addr);

/* ic_negotiate.c */
bool ic_negotiate(void *payload, u32 bytes,
		  const int *frameworks, int framework_count,
		  const int *messages, int message_count,
		  int *framework, int *message);

/* bus.c */
int abi_driver_register(struct hv_driver *drv, struct module *owner,
			const char *mod_name);
void abi_driver_unregister(struct hv_driver *drv);

/* mmio.c */
int abi_allocate_mmio(struct resource **res, struct hv_device *dev, u64 min,
		      u64 max, u64 bytes, u64 align, bool fb_overlap_ok);
void abi_free_mmio(u64 start, u64 bytes);

/* sysfs_chan.c */
int abi_create_ring_sysfs(struct vmbus_channel *channel);
int abi_remove_ring_sysfs(struct vmbus_channel *channel);

#endif /* HV_VMBUS_ABI_H */
