// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exported symbols of the group "channel_mgmt": offers, negotiation, callbacks
 * of channels and devices.
 *
 * The checksums of these symbols are computed over every type that is visible
 * here, so the list of headers is part of the interface: add none, remove
 * none (order does not matter). Code that needs more lives in other files;
 * own headers included here must not include kernel headers. tests/abi
 * compares the checksums with the target kernel's.
 */
#include <linux/kernel.h>
#include <linux/interrupt.h>
#include <linux/sched.h>
#include <linux/wait.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/cpu.h>
#include <linux/hyperv.h>
#include <asm/mshyperv.h>
#include <linux/sched/isolation.h>
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

/* An array whose length other modules do not know. */
extern const struct vmbus_device vmbus_devs[];

const struct vmbus_device vmbus_devs[] = {
	{ .dev_type = HV_IDE, HV_IDE_GUID, .perf_device = true },
	{ .dev_type = HV_SCSI, HV_SCSI_GUID, .perf_device = true,
	  .allowed_in_isolated = true },
	{ .dev_type = HV_FC, HV_SYNTHFC_GUID, .perf_device = true },
	{ .dev_type = HV_NIC, HV_NIC_GUID, .perf_device = true,
	  .allowed_in_isolated = true },
	{ .dev_type = HV_ND, HV_ND_GUID },
	{ .dev_type = HV_PCIE, HV_PCIE_GUID },
	{ .dev_type = HV_FB, HV_SYNTHVID_GUID },
	{ .dev_type = HV_KBD, HV_KBD_GUID },
	{ .dev_type = HV_MOUSE, HV_MOUSE_GUID },
	{ .dev_type = HV_KVP, HV_KVP_GUID },
	{ .dev_type = HV_TS, HV_TS_GUID, .allowed_in_isolated = true },
	{ .dev_type = HV_HB, HV_HEART_BEAT_GUID, .allowed_in_isolated = true },
	{ .dev_type = HV_SHUTDOWN, HV_SHUTDOWN_GUID,
	  .allowed_in_isolated = true },
	{ .dev_type = HV_FCOPY, HV_FCOPY_GUID, FCOPY_RING_SIZE },
	{ .dev_type = HV_BACKUP, HV_VSS_GUID },
	{ .dev_type = HV_DM, HV_DM_GUID },
	{ .dev_type = HV_UNKNOWN },
};
EXPORT_SYMBOL_GPL(vmbus_devs);

/**
 * class_of() - number of a device class
 * @guid:	class from the offer
 * @hvsock:	the offer is a vsock connection, its class is a service
 *
 * Context: Any.
 * Return: index into vmbus_devs, HV_UNKNOWN for none.
 */
unsigned short class_of(const void *guid, bool hvsock)
{
	unsigned short i;

	if (hvsock)
		return HV_UNKNOWN;
	for (i = 0; i < HV_UNKNOWN; i++) {
		if (guid_equal(guid, &vmbus_devs[i].guid))
			break;
	}
	return i;
}

/**
 * vmbus_prep_negotiate_resp() - answer a negotiation of versions
 * @icmsghdrp:	message header of the packet, inside @buf
 * @buf:	packet payload from the pipe header on; edited in place
 * @buflen:	its length
 * @fw_version:	framework versions, best first
 * @fw_vercnt:	their number
 * @srv_version: message versions, best first
 * @srv_vercnt:	their number
 * @nego_fw_version: chosen framework version, or NULL
 * @nego_srv_version: chosen message version, or NULL
 *
 * Context: Any.
 * Return: true if a version of both kinds was chosen.
 */
bool vmbus_prep_negotiate_resp(struct icmsg_hdr *icmsghdrp, u8 *buf,
			       u32 buflen, const int *fw_version,
			       int fw_vercnt, const int *srv_version,
			       int srv_vercnt, int *nego_fw_version,
			       int *nego_srv_version)
{
	return ic_negotiate(buf, buflen, fw_version, fw_vercnt, srv_version,
			    srv_vercnt, nego_fw_version, nego_srv_version);
}
EXPORT_SYMBOL_GPL(vmbus_prep_negotiate_resp);

/**
 * vmbus_hvsock_device_unregister() - a vsock connection is done with
 * @channel:	its channel
 *
 * Context: Task, sleeps.
 */
void vmbus_hvsock_device_unregister(struct vmbus_channel *channel)
{
	abi_hvsock_unregister(channel);
}
EXPORT_SYMBOL_GPL(vmbus_hvsock_device_unregister);

/**
 * vmbus_set_sc_create_callback() - be told about sub-channels
 * @primary_channel: channel of the driver
 * @sc_cr_cb:	called for each new sub-channel, in a task
 *
 * Context: Any.
 */
void vmbus_set_sc_create_callback(struct vmbus_channel *primary_channel,
				  void (*sc_cr_cb)(struct vmbus_channel *new_sc))
{
	WRITE_ONCE(primary_channel->sc_creation_callback, sc_cr_cb);
}
EXPORT_SYMBOL_GPL(vmbus_set_sc_create_callback);

/**
 * vmbus_set_chn_rescind_callback() - be told about the rescind of a channel
 * @channel:	channel of the driver
 * @chn_rescind_cb: called in a task; the driver then unregisters the device
 *
 * Context: Any.
 */
void vmbus_set_chn_rescind_callback(struct vmbus_channel *channel,
				    void (*chn_rescind_cb)(struct vmbus_channel *))
{
	WRITE_ONCE(channel->chn_rescind_callback, chn_rescind_cb);
}
EXPORT_SYMBOL_GPL(vmbus_set_chn_rescind_callback);
