// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device classes an administrator added to a driver at run time (new_id,
 * remove_id).
 */
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/hyperv.h>
#include <linux/list.h>
#include <linux/slab.h>
#include "dynid.h"

struct dynid {
	struct list_head node;
	struct hv_vmbus_device_id id;
};

static struct dynid *find(struct hv_driver *drv, const guid_t *guid)
{
	struct dynid *d;

	list_for_each_entry(d, &drv->dynids.list, node) {
		if (guid_equal(&d->id.guid, guid))
			return d;
	}
	return NULL;
}

/**
 * dynid_find() - was a class added to a driver
 * @drv:	driver
 * @guid:	class
 *
 * Context: Any.
 * Return: the entry, valid as long as nobody removes it, or NULL.
 */
const struct hv_vmbus_device_id *dynid_find(struct hv_driver *drv,
					    const guid_t *guid)
{
	struct dynid *d;

	spin_lock(&drv->dynids.lock);
	d = find(drv, guid);
	spin_unlock(&drv->dynids.lock);
	return d ? &d->id : NULL;
}

/**
 * dynid_add() - add a class to a driver and let it look for devices
 * @drv:	driver
 * @guid:	class
 *
 * Context: Task, sleeps.
 * Return: 0 or errno.
 */
int dynid_add(struct hv_driver *drv, const guid_t *guid)
{
	struct dynid *d = kzalloc(sizeof(*d), GFP_KERNEL);

	if (!d)
		return -ENOMEM;
	guid_copy(&d->id.guid, guid);
	spin_lock(&drv->dynids.lock);
	list_add_tail(&d->node, &drv->dynids.list);
	spin_unlock(&drv->dynids.lock);
	return driver_attach(&drv->driver);
}

/**
 * dynid_remove() - take a class away from a driver; bound devices stay
 * @drv:	driver
 * @guid:	class
 *
 * Context: Task.
 * Return: 0, or -ENODEV if it was not added.
 */
int dynid_remove(struct hv_driver *drv, const guid_t *guid)
{
	struct dynid *d;

	spin_lock(&drv->dynids.lock);
	d = find(drv, guid);
	if (d)
		list_del(&d->node);
	spin_unlock(&drv->dynids.lock);
	if (!d)
		return -ENODEV;
	kfree(d);
	return 0;
}

/**
 * dynid_free_all() - the driver is gone
 * @drv:	driver, unregistered
 *
 * Context: Task.
 */
void dynid_free_all(struct hv_driver *drv)
{
	struct dynid *d, *next;

	list_for_each_entry_safe(d, next, &drv->dynids.list, node) {
		list_del(&d->node);
		kfree(d);
	}
}
