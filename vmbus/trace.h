/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints. Names, fields and texts are those that scripts know from the
 * kernel's own bus (events/hyperv/ in tracefs); tests/steps/57-trace compares
 * the two. Messages come as they travel, so bytes are turned around here, and
 * only while somebody watches.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM hyperv

#if !defined(HV_VMBUS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define HV_VMBUS_TRACE_H

#include <linux/hyperv.h>
#include <linux/tracepoint.h>
#include <linux/types.h>
#include <asm/byteorder.h>
#include "msg_wire.h"

/*
 * From the host
 */

DECLARE_EVENT_CLASS(vmbus_message,
	TP_PROTO(u32 type),
	TP_ARGS(type),
	TP_STRUCT__entry(__field(unsigned int, msgtype)),
	TP_fast_assign(__entry->msgtype = type;),
	TP_printk("msgtype=%u", __entry->msgtype)
);

/* arrived, whatever it is */
DEFINE_EVENT(vmbus_message, vmbus_on_msg_dpc,
	TP_PROTO(u32 type),
	TP_ARGS(type)
);

/* found to be in order, about to be handled */
DEFINE_EVENT(vmbus_message, vmbus_on_message,
	TP_PROTO(u32 type),
	TP_ARGS(type)
);

TRACE_EVENT(vmbus_onoffer,
	TP_PROTO(const struct vmbus_msg_offer *msg),
	TP_ARGS(msg),
	TP_STRUCT__entry(
		__field(u32, child_relid)
		__field(u8, monitorid)
		__field(u16, is_ddc_int)
		__field(u32, connection_id)
		__array(char, if_type, 16)
		__array(char, if_instance, 16)
		__field(u16, chn_flags)
		__field(u16, mmio_mb)
		__field(u16, sub_idx)
	),
	TP_fast_assign(
		__entry->child_relid = le32_to_cpu(msg->relid);
		__entry->monitorid = msg->monitor_id;
		__entry->is_ddc_int = le16_to_cpu(msg->intr_flags) &
				      VMBUS_OFFER_DEDICATED;
		__entry->connection_id = le32_to_cpu(msg->conn_id);
		memcpy(__entry->if_type, msg->if_type, 16);
		memcpy(__entry->if_instance, msg->if_instance, 16);
		__entry->chn_flags = le16_to_cpu(msg->flags);
		__entry->mmio_mb = le16_to_cpu(msg->mmio_megabytes);
		__entry->sub_idx = le16_to_cpu(msg->sub_index);
	),
	TP_printk("child_relid 0x%x, monitorid 0x%x, is_dedicated %d, connection_id 0x%x, if_type %pUl, if_instance %pUl, chn_flags 0x%x, mmio_megabytes %d, sub_channel_index %d",
		  __entry->child_relid, __entry->monitorid,
		  __entry->is_ddc_int, __entry->connection_id,
		  __entry->if_type, __entry->if_instance,
		  __entry->chn_flags, __entry->mmio_mb, __entry->sub_idx)
);

TRACE_EVENT(vmbus_onoffer_rescind,
	TP_PROTO(u32 relid),
	TP_ARGS(relid),
	TP_STRUCT__entry(__field(u32, child_relid)),
	TP_fast_assign(__entry->child_relid = relid;),
	TP_printk("child_relid 0x%x", __entry->child_relid)
);

TRACE_EVENT(vmbus_onopen_result,
	TP_PROTO(const struct vmbus_msg_open_result *msg),
	TP_ARGS(msg),
	TP_STRUCT__entry(
		__field(u32, child_relid)
		__field(u32, openid)
		__field(u32, status)
	),
	TP_fast_assign(
		__entry->child_relid = le32_to_cpu(msg->relid);
		__entry->openid = le32_to_cpu(msg->open_id);
		__entry->status = le32_to_cpu(msg->status);
	),
	TP_printk("child_relid 0x%x, openid %d, status %d",
		  __entry->child_relid, __entry->openid, __entry->status)
);

TRACE_EVENT(vmbus_ongpadl_created,
	TP_PROTO(const struct vmbus_msg_gpadl_created *msg),
	TP_ARGS(msg),
	TP_STRUCT__entry(
		__field(u32, child_relid)
		__field(u32, gpadl)
		__field(u32, status)
	),
	TP_fast_assign(
		__entry->child_relid = le32_to_cpu(msg->relid);
		__entry->gpadl = le32_to_cpu(msg->gpadl_id);
		__entry->status = le32_to_cpu(msg->status);
	),
	TP_printk("child_relid 0x%x, gpadl 0x%x, creation_status %d",
		  __entry->child_relid, __entry->gpadl, __entry->status)
);

TRACE_EVENT(vmbus_ongpadl_torndown,
	TP_PROTO(const struct vmbus_msg_gpadl_torndown *msg),
	TP_ARGS(msg),
	TP_STRUCT__entry(__field(u32, gpadl)),
	TP_fast_assign(__entry->gpadl = le32_to_cpu(msg->gpadl_id);),
	TP_printk("gpadl 0x%x", __entry->gpadl)
);

TRACE_EVENT(vmbus_onmodifychannel_response,
	TP_PROTO(const struct vmbus_msg_modified *msg),
	TP_ARGS(msg),
	TP_STRUCT__entry(
		__field(u32, child_relid)
		__field(u32, status)
	),
	TP_fast_assign(
		__entry->child_relid = le32_to_cpu(msg->relid);
		__entry->status = le32_to_cpu(msg->status);
	),
	TP_printk("child_relid 0x%x, status %d", __entry->child_relid,
		  __entry->status)
);

TRACE_EVENT(vmbus_onversion_response,
	TP_PROTO(const struct vmbus_msg_version *msg),
	TP_ARGS(msg),
	TP_STRUCT__entry(__field(u8, ver)),
	TP_fast_assign(__entry->ver = msg->supported;),
	TP_printk("version_supported %d", __entry->ver)
);

/*
 * To the host; @ret is what became of the message
 */

TRACE_EVENT(vmbus_request_offers,
	TP_PROTO(int ret),
	TP_ARGS(ret),
	TP_STRUCT__entry(__field(int, ret)),
	TP_fast_assign(__entry->ret = ret;),
	TP_printk("sending ret %d", __entry->ret)
);

TRACE_EVENT(vmbus_open,
	TP_PROTO(const struct vmbus_msg_open *msg, int ret),
	TP_ARGS(msg, ret),
	TP_STRUCT__entry(
		__field(u32, child_relid)
		__field(u32, openid)
		__field(u32, gpadlhandle)
		__field(u32, target_vp)
		__field(u32, offset)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->child_relid = le32_to_cpu(msg->relid);
		__entry->openid = le32_to_cpu(msg->open_id);
		__entry->gpadlhandle = le32_to_cpu(msg->gpadl_id);
		__entry->target_vp = le32_to_cpu(msg->target_vp);
		__entry->offset = le32_to_cpu(msg->inbound_hvpage);
		__entry->ret = ret;
	),
	TP_printk("sending child_relid 0x%x, openid %d, gpadlhandle 0x%x, target_vp 0x%x, offset 0x%x, ret %d",
		  __entry->child_relid, __entry->openid, __entry->gpadlhandle,
		  __entry->target_vp, __entry->offset, __entry->ret)
);

DECLARE_EVENT_CLASS(vmbus_relid,
	TP_PROTO(u32 relid, int ret),
	TP_ARGS(relid, ret),
	TP_STRUCT__entry(
		__field(u32, child_relid)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->child_relid = relid;
		__entry->ret = ret;
	),
	TP_printk("sending child_relid 0x%x, ret %d", __entry->child_relid,
		  __entry->ret)
);

DEFINE_EVENT(vmbus_relid, vmbus_close_internal,
	TP_PROTO(u32 relid, int ret),
	TP_ARGS(relid, ret)
);

TRACE_EVENT(vmbus_establish_gpadl_header,
	TP_PROTO(const struct vmbus_msg_gpadl_header *msg, int ret),
	TP_ARGS(msg, ret),
	TP_STRUCT__entry(
		__field(u32, child_relid)
		__field(u32, gpadl)
		__field(u16, range_buflen)
		__field(u16, rangecount)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->child_relid = le32_to_cpu(msg->relid);
		__entry->gpadl = le32_to_cpu(msg->gpadl_id);
		__entry->range_buflen = le16_to_cpu(msg->range_bytes);
		__entry->rangecount = le16_to_cpu(msg->ranges);
		__entry->ret = ret;
	),
	TP_printk("sending child_relid 0x%x, gpadl 0x%x, range_buflen %d rangecount %d, ret %d",
		  __entry->child_relid, __entry->gpadl, __entry->range_buflen,
		  __entry->rangecount, __entry->ret)
);

TRACE_EVENT(vmbus_establish_gpadl_body,
	TP_PROTO(const struct vmbus_msg_gpadl_body *msg, int ret),
	TP_ARGS(msg, ret),
	TP_STRUCT__entry(
		__field(u32, msgnumber)
		__field(u32, gpadl)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->msgnumber = le32_to_cpu(msg->number);
		__entry->gpadl = le32_to_cpu(msg->gpadl_id);
		__entry->ret = ret;
	),
	TP_printk("sending msgnumber %d, gpadl 0x%x, ret %d",
		  __entry->msgnumber, __entry->gpadl, __entry->ret)
);

TRACE_EVENT(vmbus_teardown_gpadl,
	TP_PROTO(const struct vmbus_msg_gpadl_teardown *msg, int ret),
	TP_ARGS(msg, ret),
	TP_STRUCT__entry(
		__field(u32, child_relid)
		__field(u32, gpadl)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->child_relid = le32_to_cpu(msg->relid);
		__entry->gpadl = le32_to_cpu(msg->gpadl_id);
		__entry->ret = ret;
	),
	TP_printk("sending child_relid 0x%x, gpadl 0x%x, ret %d",
		  __entry->child_relid, __entry->gpadl, __entry->ret)
);

TRACE_EVENT(vmbus_negotiate_version,
	TP_PROTO(const struct vmbus_msg_contact *msg, int ret),
	TP_ARGS(msg, ret),
	TP_STRUCT__entry(
		__field(u32, ver)
		__field(u32, target_vcpu)
		__field(int, ret)
		__field(u64, int_page)
		__field(u64, mon_page1)
		__field(u64, mon_page2)
	),
	TP_fast_assign(
		__entry->ver = le32_to_cpu(msg->version);
		__entry->target_vcpu = le32_to_cpu(msg->target_vp);
		__entry->ret = ret;
		__entry->int_page = le64_to_cpu(msg->interrupt_page);
		__entry->mon_page1 = le64_to_cpu(msg->monitor_to_guest);
		__entry->mon_page2 = le64_to_cpu(msg->monitor_to_host);
	),
	TP_printk("sending vmbus_version_requested %d, target_vcpu 0x%x, pages %llx:%llx:%llx, ret %d",
		  __entry->ver, __entry->target_vcpu, __entry->int_page,
		  __entry->mon_page1, __entry->mon_page2, __entry->ret)
);

DEFINE_EVENT(vmbus_relid, vmbus_release_relid,
	TP_PROTO(u32 relid, int ret),
	TP_ARGS(relid, ret)
);

TRACE_EVENT(vmbus_send_tl_connect_request,
	TP_PROTO(const struct vmbus_msg_tl_connect *msg, int ret),
	TP_ARGS(msg, ret),
	TP_STRUCT__entry(
		__array(char, guest_id, 16)
		__array(char, host_id, 16)
		__field(int, ret)
	),
	TP_fast_assign(
		memcpy(__entry->guest_id, msg->endpoint, 16);
		memcpy(__entry->host_id, msg->service, 16);
		__entry->ret = ret;
	),
	TP_printk("sending guest_endpoint_id %pUl, host_service_id %pUl, ret %d",
		  __entry->guest_id, __entry->host_id, __entry->ret)
);

TRACE_EVENT(vmbus_send_modifychannel,
	TP_PROTO(const struct vmbus_msg_modify *msg, int ret),
	TP_ARGS(msg, ret),
	TP_STRUCT__entry(
		__field(u32, child_relid)
		__field(u32, target_vp)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->child_relid = le32_to_cpu(msg->relid);
		__entry->target_vp = le32_to_cpu(msg->target_vp);
		__entry->ret = ret;
	),
	TP_printk("binding child_relid 0x%x to target_vp 0x%x, ret %d",
		  __entry->child_relid, __entry->target_vp, __entry->ret)
);

/*
 * Signals of a ring
 */

DECLARE_EVENT_CLASS(vmbus_ring,
	TP_PROTO(const struct vmbus_channel *channel),
	TP_ARGS(channel),
	TP_STRUCT__entry(__field(u32, relid)),
	TP_fast_assign(__entry->relid = channel->offermsg.child_relid;),
	TP_printk("relid 0x%x", __entry->relid)
);

/* in the interrupt */
DEFINE_EVENT(vmbus_ring, vmbus_chan_sched,
	TP_PROTO(const struct vmbus_channel *channel),
	TP_ARGS(channel)
);

/* in the tasklet */
DEFINE_EVENT(vmbus_ring, vmbus_on_event,
	TP_PROTO(const struct vmbus_channel *channel),
	TP_ARGS(channel)
);

/* to the host */
DEFINE_EVENT(vmbus_ring, vmbus_setevent,
	TP_PROTO(const struct vmbus_channel *channel),
	TP_ARGS(channel)
);

#endif /* HV_VMBUS_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH vmbus
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
