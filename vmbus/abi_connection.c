// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exported symbols of the group "connection": the connection to the host.
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
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/hyperv.h>
#include <linux/export.h>
#include <linux/io.h>
#include <linux/set_memory.h>
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
#include "abi_connection.h"

struct vmbus_connection vmbus_connection = {
	.chn_msg_list = LIST_HEAD_INIT(vmbus_connection.chn_msg_list),
	.channelmsg_lock =
		__SPIN_LOCK_UNLOCKED(vmbus_connection.channelmsg_lock),
	.chn_list = LIST_HEAD_INIT(vmbus_connection.chn_list),
	.channel_mutex = __MUTEX_INITIALIZER(vmbus_connection.channel_mutex),
};
EXPORT_SYMBOL_GPL(vmbus_connection);

__u32 vmbus_proto_version;
EXPORT_SYMBOL_GPL(vmbus_proto_version);

/**
 * vmbus_set_event() - signal the host by a hypercall
 * @channel:	open channel
 *
 * Context: Any.
 */
void vmbus_set_event(struct vmbus_channel *channel)
{
	abi_set_event(channel);
}
EXPORT_SYMBOL_GPL(vmbus_set_event);

/**
 * abi_connection_pages() - pages drivers in user space map
 * @interrupt_page: interrupt page, or NULL when it goes
 * @to_guest:	monitor page written by the host
 * @to_host:	monitor page written by us
 *
 * Context: Module init and exit.
 */
void abi_connection_pages(void *interrupt_page, void *to_guest, void *to_host)
{
	vmbus_connection.int_page = interrupt_page;
	vmbus_connection.monitor_pages[0] = to_guest;
	vmbus_connection.monitor_pages[1] = to_host;
	vmbus_connection.conn_state = interrupt_page ? CONNECTED : DISCONNECTED;
}
