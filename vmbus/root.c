// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bus as the firmware describes it: an ACPI device. It becomes the
 * parent of all channels; its path is part of persistent device names
 * (by-path), so it is bound in the way the target kernel's own bus does it:
 * as an ACPI driver, or, where ACPI drivers' remove returns nothing, as a
 * platform driver. Both changes came with the same kernel.
 */
#include <linux/acpi.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include "bus.h"
#include "mmio.h"
#include "pm.h"
#include "root.h"

static const struct acpi_device_id ids[] = {
	{ "VMBUS", 0 },
	{ "VMBus", 0 },
	{ }
};
MODULE_DEVICE_TABLE(acpi, ids);

static int found(struct device *dev, struct acpi_device *companion)
{
	if (bus_root())
		return -EBUSY;	/* there is one bus */
	mmio_collect(companion);
	bus_set_root(dev);
	return 0;
}

#ifdef HAVE_ACPI_REMOVE_VOID
static int root_probe(struct platform_device *pdev)
{
	return found(&pdev->dev, ACPI_COMPANION(&pdev->dev));
}

static struct platform_driver driver = {
	.probe = root_probe,
	.driver = {
		.name = "vmbus",
		.acpi_match_table = ids,
		.pm = &pm_root_ops,
		.probe_type = PROBE_FORCE_SYNCHRONOUS,
		.suppress_bind_attrs = true,
	},
};

static int register_driver(void)
{
	return platform_driver_register(&driver);
}

static void unregister_driver(void)
{
	platform_driver_unregister(&driver);
}
#else
static int root_add(struct acpi_device *device)
{
	return found(&device->dev, device);
}

static int root_remove(struct acpi_device *device)
{
	return 0;
}

static struct acpi_driver driver = {
	.name = "vmbus",
	.ids = ids,
	.ops = {
		.add = root_add,
		.remove = root_remove,
	},
	.drv = {
		.pm = &pm_root_ops,
		.probe_type = PROBE_FORCE_SYNCHRONOUS,
		.suppress_bind_attrs = true,
	},
};

static int register_driver(void)
{
	return acpi_bus_register_driver(&driver);
}

static void unregister_driver(void)
{
	acpi_bus_unregister_driver(&driver);
}
#endif

/**
 * root_find() - bind the firmware's device of the bus
 *
 * Context: Module init.
 * Return: 0, or -ENODEV if the firmware has none.
 */
int root_find(void)
{
	int ret = register_driver();

	if (ret)
		return ret;
	if (!bus_root()) {
		unregister_driver();
		return -ENODEV;
	}
	return 0;
}

/**
 * root_release() - let go of it
 *
 * Context: Module exit, no device left.
 */
void root_release(void)
{
	bus_set_root(NULL);
	unregister_driver();
	mmio_release();
}
