// SPDX-License-Identifier: GPL-2.0-only
/* Does bus_type.match take a const driver? (6.11) */
#include <linux/device.h>

#ifdef PROBE_NEW
static int match(struct device *dev, const struct device_driver *drv)
#else
static int match(struct device *dev, struct device_driver *drv)
#endif
{
	return 0;
}

struct bus_type probe = { .match = match };
