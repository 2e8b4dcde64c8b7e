// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exported symbols of the group "vmbus_drv": driver registration, MMIO windows,
 * ring attributes.
 *
 * The checksums of these symbols are computed over every type that is visible
 * here, so the list of headers is part of the interface: add none, remove
 * none (order does not matter). Code that needs more lives in other files;
 * own headers included here must not include kernel headers. tests/abi
 * compares the checksums with the target kernel's.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/device.h>
#include <linux/platform_device.h>
#include <linux/of_address.h>
#include <asm/mshyperv.h>
#include <linux/interrupt.h>
#include <linux/sysctl.h>
#include <linux/slab.h>
#include <linux/acpi.h>
#include <linux/completion.h>
#include <linux/hyperv.h>
#include <linux/kernel_stat.h>
#include <linux/clockchips.h>
#include <linux/cpu.h>
#include <linux/sched/isolation.h>
#include <linux/dma-map-ops.h>
#include <linux/pci.h>
#include <linux/sched/task_stack.h>
#include <linux/smpboot.h>
#include <linux/delay.h>
#ifdef HAVE_PANIC_NOTIFIER_H
#include <linux/panic_notifier.h>
#else
#include <linux/notifier.h>
#include <linux/kdebug.h>
#endif
#include <linux/ptrace.h>
#ifdef HAVE_SYSFB_PRIMARY_DISPLAY
#include <linux/sysfb.h>
#else
#include <linux/screen_info.h>
#endif
#include <linux/efi.h>
#include <linux/random.h>
#include <linux/kernel.h>
#include <linux/syscore_ops.h>
#include <clocksource/hyperv_timer.h>
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
 * __vmbus_driver_register() - add a driver to the bus
 * @hv_driver:	driver
 * @owner:	its module
 * @mod_name:	its name
 *
 * Context: Task, sleeps.
 * Return: 0 or errno.
 */
int __vmbus_driver_register(struct hv_driver *hv_driver, struct module *owner,
			    const char *mod_name)
{
	return abi_driver_register(hv_driver, owner, mod_name);
}
EXPORT_SYMBOL_GPL(__vmbus_driver_register);

/**
 * vmbus_driver_unregister() - take a driver off the bus
 * @hv_driver:	driver
 *
 * Context: Task, sleeps.
 */
void vmbus_driver_unregister(struct hv_driver *hv_driver)
{
	abi_driver_unregister(hv_driver);
}
EXPORT_SYMBOL_GPL(vmbus_driver_unregister);

/* Exported, but declared by no public header. */
void vmbus_device_unregister(struct hv_device *device_obj);

/**
 * vmbus_device_unregister() - take a device off the bus
 * @device_obj:	device
 *
 * Context: Task, sleeps.
 */
void vmbus_device_unregister(struct hv_device *device_obj)
{
	abi_device_unregister(device_obj);
}
EXPORT_SYMBOL_GPL(vmbus_device_unregister);

/**
 * vmbus_allocate_mmio() - reserve address space for a device
 * @new:	the reserved piece
 * @device_obj:	device
 * @min:	lowest address
 * @max:	highest address
 * @size:	length
 * @align:	alignment, a power of two
 * @fb_overlap_ok: the boot frame buffer may be part of it
 *
 * Context: Task, sleeps.
 * Return: 0 or errno.
 */
int vmbus_allocate_mmio(struct resource **new, struct hv_device *device_obj,
			resource_size_t min, resource_size_t max,
			resource_size_t size, resource_size_t align,
			bool fb_overlap_ok)
{
	return abi_allocate_mmio(new, device_obj, min, max, size, align,
				 fb_overlap_ok);
}
EXPORT_SYMBOL_GPL(vmbus_allocate_mmio);

/**
 * vmbus_free_mmio() - give address space back
 * @start:	first address
 * @size:	length
 *
 * Context: Task, sleeps.
 */
void vmbus_free_mmio(resource_size_t start, resource_size_t size)
{
	abi_free_mmio(start, size);
}
EXPORT_SYMBOL_GPL(vmbus_free_mmio);

#ifdef HAVE_CHANNEL_RING_SYSFS
/* Exported, but declared by no public header. */
int hv_create_ring_sysfs(struct vmbus_channel *channel,
			 int (*hv_mmap_ring_buffer)(struct vmbus_channel *channel,
						    struct vm_area_struct *vma));
int hv_remove_ring_sysfs(struct vmbus_channel *channel);

/**
 * hv_create_ring_sysfs() - let user space map the rings of a channel
 * @channel:	channel
 * @hv_mmap_ring_buffer: maps them
 *
 * Context: Task, sleeps.
 * Return: 0 or errno.
 */
int hv_create_ring_sysfs(struct vmbus_channel *channel,
			 int (*hv_mmap_ring_buffer)(struct vmbus_channel *channel,
						    struct vm_area_struct *vma))
{
	channel->mmap_ring_buffer = hv_mmap_ring_buffer;
	channel->ring_sysfs_visible = true;
	return abi_create_ring_sysfs(channel);
}
EXPORT_SYMBOL_GPL(hv_create_ring_sysfs);

/**
 * hv_remove_ring_sysfs() - no longer
 * @channel:	channel
 *
 * Context: Task, sleeps.
 * Return: 0 or errno.
 */
int hv_remove_ring_sysfs(struct vmbus_channel *channel)
{
	channel->ring_sysfs_visible = false;
	return abi_remove_ring_sysfs(channel);
}
EXPORT_SYMBOL_GPL(hv_remove_ring_sysfs);
#endif
