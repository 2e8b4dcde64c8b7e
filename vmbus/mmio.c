// SPDX-License-Identifier: GPL-2.0-only
/*
 * Windows of address space the firmware gives to the bus, handed out in
 * pieces to the drivers of display and pass-through PCI.
 *
 * A piece is reserved twice: in our window, so that two drivers of the bus
 * never get the same, and in the machine's resource tree.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/acpi.h>
#include <linux/errno.h>
#include <linux/hyperv.h>
#include <linux/ioport.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include "abi.h"
#include "mmio.h"

#define LOWEST		0x100000		/* below is legacy space */
#define TPM_START	0xfed40000ULL		/* the TPM's, also if listed */
#define TPM_END		0xfed44fffULL

struct window {
	struct list_head node;
	struct resource res;
};

static LIST_HEAD(windows);
static DEFINE_MUTEX(lock);	/* protects the tree in each window */

static void add_window(u64 start, u64 end)
{
	struct window *w;

	if (start < LOWEST)
		start = LOWEST;
	if (start >= end)
		return;
	w = kzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return;
	w->res.name = "hyperv mmio";
	w->res.flags = IORESOURCE_MEM;
	w->res.start = start;
	w->res.end = end;
	list_add_tail(&w->node, &windows);
	pr_debug("window %pR\n", &w->res);
}

static acpi_status take_window(struct acpi_resource *res, void *ctx)
{
	struct acpi_resource_address64 addr;

	if (res->type != ACPI_RESOURCE_TYPE_ADDRESS32 &&
	    res->type != ACPI_RESOURCE_TYPE_ADDRESS64)
		return AE_OK;
	if (ACPI_FAILURE(acpi_resource_to_address64(res, &addr)) ||
	    addr.resource_type != ACPI_MEMORY_RANGE ||
	    !addr.address.address_length)
		return AE_OK;
	if (addr.address.minimum <= TPM_END && addr.address.maximum >= TPM_START) {
		add_window(addr.address.minimum, TPM_START - 1);
		add_window(TPM_END + 1, addr.address.maximum);
		return AE_OK;
	}
	add_window(addr.address.minimum, addr.address.maximum);
	return AE_OK;
}

/**
 * mmio_collect() - find the windows of the bus
 * @device:	the bus in ACPI; the nearest ancestor with windows counts
 *
 * A machine without any is fine: only drivers that want space will fail.
 *
 * Context: Module init.
 */
void mmio_collect(struct acpi_device *device)
{
	/* The namespace's root is no object that could have resources. */
	while (device && device->handle != ACPI_ROOT_OBJECT &&
	       list_empty(&windows)) {
		acpi_walk_resources(device->handle, METHOD_NAME__CRS,
				    take_window, NULL);
		device = acpi_dev_parent(device);
	}
}

/**
 * mmio_release() - forget the windows
 *
 * Context: Module exit, no driver left.
 */
void mmio_release(void)
{
	struct window *w, *next;

	list_for_each_entry_safe(w, next, &windows, node) {
		list_del(&w->node);
		kfree(w);
	}
}

/* Reserve one piece of a window, if nobody has it. */
static struct resource *reserve(struct window *w, u64 start, u64 bytes,
				const char *name)
{
	struct resource *shadow, *res;

	shadow = __request_region(&w->res, start, bytes, NULL, IORESOURCE_BUSY);
	if (!shadow)
		return NULL;
	res = request_mem_region_exclusive(start, bytes, name);
	if (!res)
		__release_region(&w->res, start, bytes);
	return res;
}

/* First multiple of @align from @at on; 0 if there is none. */
static u64 align_up(u64 at, u64 align)
{
	u64 up = at + align - 1;

	return up < at ? 0 : up & ~(align - 1);
}

static struct resource *search(struct window *w, u64 min, u64 max, u64 bytes,
			       u64 align, const char *name)
{
	u64 first = max_t(u64, min, w->res.start);
	u64 last = min_t(u64, max, w->res.end);
	struct resource *res;
	u64 at = align_up(first, align);

	while (at && at <= last && last - at >= bytes - 1) {
		res = reserve(w, at, bytes, name);
		if (res)
			return res;
		if (at + align < at)
			break;
		at += align;
	}
	return NULL;
}

/**
 * abi_allocate_mmio() - see vmbus_allocate_mmio()
 * @res:	the reserved piece
 * @dev:	device it is for
 * @min:	lowest address
 * @max:	highest address
 * @bytes:	length, not 0
 * @align:	a power of two
 * @fb_overlap_ok: the boot frame buffer may be part of it; the machine's
 *		resource tree decides that for us
 *
 * Context: Task, sleeps.
 * Return: 0, -EINVAL, or -ENXIO if no window has room.
 */
int abi_allocate_mmio(struct resource **res, struct hv_device *dev, u64 min,
		      u64 max, u64 bytes, u64 align, bool fb_overlap_ok)
{
	const char *name = dev_name(&dev->device);
	struct window *w;

	if (!bytes)
		return -EINVAL;
	if (!align)
		align = 1;
	if (align & (align - 1))
		return -EINVAL;
	*res = NULL;
	mutex_lock(&lock);
	list_for_each_entry(w, &windows, node) {
		*res = search(w, min, max, bytes, align, name);
		if (*res)
			break;
	}
	mutex_unlock(&lock);
	return *res ? 0 : -ENXIO;
}

/**
 * abi_free_mmio() - see vmbus_free_mmio()
 * @start:	first address of the piece
 * @bytes:	its length
 *
 * Context: Task, sleeps.
 */
void abi_free_mmio(u64 start, u64 bytes)
{
	struct window *w;

	if (!bytes)
		return;
	mutex_lock(&lock);
	list_for_each_entry(w, &windows, node) {
		if (start >= w->res.start && start <= w->res.end &&
		    w->res.end - start >= bytes - 1)
			__release_region(&w->res, start, bytes);
	}
	release_mem_region(start, bytes);
	mutex_unlock(&lock);
}
