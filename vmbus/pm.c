// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hibernation. Devices go first: their drivers close the channels. Then the
 * root device, on behalf of the bus, forgets every relid and unloads. On the
 * way back the root connects with the version that drivers know, and offers
 * are matched to the devices that are still there, by GUID; then drivers open
 * their channels again, with whatever relid these have now.
 *
 *   freeze, poweroff:  hv_driver.suspend of each device -> bus away
 *   thaw, restore:     bus back -> hv_driver.resume of each device
 *   complete:          devices that the host no longer has are removed
 *
 * All of it happens late (noirq): other devices are asleep by then, and the
 * host interrupts through a vector that suspend does not switch off. Suspend
 * to RAM and to idle leave the bus as it is.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/device.h>
#include <linux/errno.h>
#include <linux/hyperv.h>
#include <linux/pm.h>
#include <linux/printk.h>
#include "chan.h"
#include "conn.h"
#include "offer.h"
#include "pm.h"

static struct hv_driver *driver_of(struct device *device)
{
	return device->driver ? drv_to_hv_drv(device->driver) : NULL;
}

static int device_suspend(struct device *device)
{
	struct hv_driver *drv = driver_of(device);

	if (!drv)
		return 0;
	/* An open channel cannot be taken along. */
	if (!drv->suspend)
		return -EOPNOTSUPP;
	return drv->suspend(device_to_hv_device(device));
}

static int device_resume(struct device *device)
{
	struct hv_driver *drv = driver_of(device);

	if (!drv)
		return 0;
	if (!drv->resume)
		return -EOPNOTSUPP;
	return drv->resume(device_to_hv_device(device));
}

static void device_complete(struct device *device)
{
	offer_remove_lost(to_chan(device_to_hv_device(device)->channel));
}

const struct dev_pm_ops pm_device_ops = {
	.freeze_noirq = device_suspend,
	.thaw_noirq = device_resume,
	.poweroff_noirq = device_suspend,
	.restore_noirq = device_resume,
	.complete = device_complete,
};

static int root_resume(struct device *device)
{
	int ret;

	ret = conn_reconnect();
	if (ret) {
		pr_err("not connected again: %d\n", ret);
		return ret;
	}
	offer_come_back();
	ret = conn_request_offers();
	if (ret)
		pr_err("offers not requested: %d\n", ret);
	offer_mark_lost();
	return ret;
}

static int root_suspend(struct device *device)
{
	int ret = offer_go_away();

	if (!ret)
		conn_unload();
	return ret;
}

const struct dev_pm_ops pm_root_ops = {
	.freeze_noirq = root_suspend,
	.thaw_noirq = root_resume,
	.poweroff_noirq = root_suspend,
	.restore_noirq = root_resume,
};
