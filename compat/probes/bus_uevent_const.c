// SPDX-License-Identifier: GPL-2.0-only
/* Does bus_type.uevent take a const device? (6.3) */
#include <linux/device.h>

#ifdef PROBE_NEW
static int uevent(const struct device *dev, struct kobj_uevent_env *env)
#else
static int uevent(struct device *dev, struct kobj_uevent_env *env)
#endif
{
	return 0;
}

struct bus_type probe = { .uevent = uevent };
