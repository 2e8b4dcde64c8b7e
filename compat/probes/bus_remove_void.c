// SPDX-License-Identifier: GPL-2.0-only
/* Does bus_type.remove return nothing? (5.15) */
#include <linux/device.h>

#ifdef PROBE_NEW
static void gone(struct device *dev)
{
}
#else
static int gone(struct device *dev)
{
	return 0;
}
#endif

struct bus_type probe = { .remove = gone };
