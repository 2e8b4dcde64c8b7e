// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bus in the device model: which driver fits which channel, and devices
 * coming and going.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/errno.h>
#include <linux/hyperv.h>
#include <linux/pci_ids.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "abi.h"
#include "bus.h"
#include "chan.h"
#include "delay.h"
#include "dynid.h"
#include "pm.h"
#include "stats.h"
#include "sysfs.h"

static struct device *root;

/**
 * bus_set_root() - the firmware's device every channel hangs under
 * @dev:	it, or NULL when it goes
 *
 * Context: Module init and exit.
 */
void bus_set_root(struct device *dev)
{
	root = dev;
}

/**
 * bus_root() - the firmware's device of the bus
 *
 * Context: Any.
 * Return: device, NULL if there is none.
 */
struct device *bus_root(void)
{
	return root;
}

static bool override_allows(struct hv_device *dev, const struct hv_driver *drv,
			    bool *forced)
{
#ifdef HAVE_HV_DEVICE_DRIVER_OVERRIDE
	*forced = dev->driver_override;
	return !dev->driver_override ||
	       !strcmp(dev->driver_override, drv->name);
#else
	int match = device_match_driver_override(&dev->device, &drv->driver);

	*forced = match > 0;
	return match;
#endif
}

static const struct hv_vmbus_device_id *find_id(struct hv_device *dev,
						struct hv_driver *drv)
{
	static const struct hv_vmbus_device_id any;
	const struct hv_vmbus_device_id *id;
	bool forced;

	if (!override_allows(dev, drv, &forced))
		return NULL;
	id = dynid_find(drv, &dev->dev_type);
	if (!id && drv->id_table) {
		for (id = drv->id_table; !guid_is_null(&id->guid); id++) {
			if (guid_equal(&id->guid, &dev->dev_type))
				break;
		}
		if (guid_is_null(&id->guid))
			id = NULL;
	}
	if (!id && forced)
		id = &any;
	return id;
}

#ifdef HAVE_BUS_MATCH_CONST_DRV
static int match(struct device *device, const struct device_driver *driver)
#else
static int match(struct device *device, struct device_driver *driver)
#endif
{
	struct hv_driver *drv = (struct hv_driver *)drv_to_hv_drv(driver);
	struct hv_device *dev = device_to_hv_device(device);

	/* A vsock offer names a service, not a class of devices. */
	if (is_hvsock_channel(dev->channel))
		return drv->hvsock;
	return !!find_id(dev, drv);
}

static int probe(struct device *device)
{
	struct hv_driver *drv = drv_to_hv_drv(device->driver);
	struct hv_device *dev = device_to_hv_device(device);

	if (!drv->probe)
		return -ENODEV;
	/* Not as the driver before left it: uio_hv_generic asks for HV_CALL_ISR. */
	set_channel_read_mode(dev->channel, HV_CALL_BATCHED);
	return drv->probe(dev, find_id(dev, drv));
}

static void unbind(struct device *device)
{
	struct hv_driver *drv;

	if (!device->driver)
		return;
	drv = drv_to_hv_drv(device->driver);
	if (drv->remove)
		drv->remove(device_to_hv_device(device));
}

#ifdef HAVE_BUS_REMOVE_VOID
static void remove(struct device *device)
{
	unbind(device);
}
#else
static int remove(struct device *device)
{
	unbind(device);
	return 0;
}
#endif

static void shutdown(struct device *device)
{
	struct hv_driver *drv;

	if (!device->driver)
		return;
	drv = drv_to_hv_drv(device->driver);
	if (drv->shutdown)
		drv->shutdown(device_to_hv_device(device));
}

#ifdef HAVE_BUS_UEVENT_CONST
static int uevent(const struct device *device, struct kobj_uevent_env *env)
#else
static int uevent(struct device *device, struct kobj_uevent_env *env)
#endif
{
	const struct hv_device *dev = device_to_hv_device(device);

	return add_uevent_var(env, "MODALIAS=vmbus:%*phN",
			      (int)sizeof(dev->dev_type), &dev->dev_type);
}

static struct bus_type bus = {
	.name = "vmbus",
	.match = match,
	.probe = probe,
	.remove = remove,
	.shutdown = shutdown,
	.uevent = uevent,
	.pm = &pm_device_ops,
	.dev_groups = sysfs_dev_groups,
	.drv_groups = sysfs_drv_groups,
	.bus_groups = sysfs_bus_groups,
#ifndef HAVE_HV_DEVICE_DRIVER_OVERRIDE
	.driver_override = true,
#endif
};

/*
 * Called in the middle of device_add() and device_del(): the channels'
 * directories exist before udev and drivers see the device, and until after
 * its driver is gone.
 */
static int notified(struct notifier_block *nb, unsigned long action,
		    void *data)
{
	struct hv_device *dev = device_to_hv_device((struct device *)data);

	switch (action) {
	case BUS_NOTIFY_ADD_DEVICE:
		if (sysfs_chans_add(dev))
			dev_warn(&dev->device, "channels not in sysfs\n");
		delay_add(dev);
		complete_all(&to_chan(dev->channel)->announced);
		break;
	case BUS_NOTIFY_REMOVED_DEVICE:
		delay_del(dev);
		sysfs_chans_del(dev);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = notified };

static void release_device(struct device *device)
{
	struct hv_device *dev = device_to_hv_device(device);
	struct chan *chan = to_chan(dev->channel);

#ifdef HAVE_HV_DEVICE_DRIVER_OVERRIDE
	kfree(dev->driver_override);
#endif
	kfree(dev);
	stat_gone(STAT_DEVICES);
	chan_put(chan);
}

/**
 * bus_plug() - put the device of a primary channel on the bus
 * @chan:	channel
 *
 * Context: Task, sleeps; drivers may be probed.
 * Return: 0 or errno.
 */
int bus_plug(struct chan *chan)
{
	struct vmbus_channel *abi = &chan->abi;
	struct hv_device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	int ret;

	if (!dev)
		return -ENOMEM;
	stat_made(STAT_DEVICES);
	dev->channel = &chan_get(chan)->abi;
	guid_copy(&dev->dev_type, &abi->offermsg.offer.if_type);
	guid_copy(&dev->dev_instance, &abi->offermsg.offer.if_instance);
	dev->vendor_id = PCI_VENDOR_ID_MICROSOFT;
	dev->device_id = abi->device_id;
	abi->device_obj = dev;

	dev->device.bus = &bus;
	dev->device.parent = root;
	dev->device.release = release_device;
	dev->device.dma_parms = &dev->dma_parms;
	dev->device.dma_mask = &dev->dma_mask;
	device_initialize(&dev->device);
	dma_set_mask_and_coherent(&dev->device, DMA_BIT_MASK(64));
	ret = dev_set_name(&dev->device, "%pUl", &dev->dev_instance);
	if (!ret)
		ret = device_add(&dev->device);
	if (ret) {
		abi->device_obj = NULL;
		put_device(&dev->device);
		return ret;
	}
	chan->registered = true;
	return 0;
}

/**
 * bus_unplug() - take the device of a primary channel off the bus
 * @chan:	channel, registered or not; a second call does nothing
 *
 * Context: Task, sleeps; the driver is unbound.
 */
void bus_unplug(struct chan *chan)
{
	if (test_and_set_bit(0, &chan->unplugged))
		return;
	chan_get(chan);
	if (chan->registered)
		device_unregister(&chan->abi.device_obj->device);
	/* A driver that left without closing: the host must not go on. */
	chan_close_with_subs(chan);
	ring_alloc_free(chan);
	chan_release(chan);
	complete_all(&chan->gone);
	chan_put(chan);
}

/**
 * abi_driver_register() - see __vmbus_driver_register()
 * @drv:	driver
 * @owner:	its module
 * @mod_name:	its name
 *
 * Context: Task, sleeps.
 * Return: 0 or errno.
 */
int abi_driver_register(struct hv_driver *drv, struct module *owner,
			const char *mod_name)
{
	if (!root)
		return -ENODEV;
	drv->driver.name = drv->name;
	drv->driver.owner = owner;
	drv->driver.mod_name = mod_name;
	drv->driver.bus = &bus;
	spin_lock_init(&drv->dynids.lock);
	INIT_LIST_HEAD(&drv->dynids.list);
	return driver_register(&drv->driver);
}

/**
 * abi_driver_unregister() - see vmbus_driver_unregister()
 * @drv:	driver
 *
 * Context: Task, sleeps.
 */
void abi_driver_unregister(struct hv_driver *drv)
{
	if (!root)
		return;
	driver_unregister(&drv->driver);
	dynid_free_all(drv);
}

/**
 * bus_register_type() - make the bus known
 *
 * Context: Module init.
 * Return: 0 or errno; -EEXIST or -EBUSY if the name is taken.
 */
int bus_register_type(void)
{
	int ret = bus_register(&bus);

	if (ret)
		return ret;
	delay_start();
	bus_register_notifier(&bus, &notifier);
	return 0;
}

/**
 * bus_unregister_type() - undo it
 *
 * Context: Module exit, no device left.
 */
void bus_unregister_type(void)
{
	bus_unregister_notifier(&bus, &notifier);
	delay_stop();
	bus_unregister(&bus);
}
