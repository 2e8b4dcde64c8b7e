// SPDX-License-Identifier: GPL-2.0-only
/* Does platform_driver.remove return nothing? (6.11) */
#include <linux/platform_device.h>

#ifdef PROBE_NEW
static void gone(struct platform_device *dev)
{
}
#else
static int gone(struct platform_device *dev)
{
	return 0;
}
#endif

struct platform_driver probe = { .remove = gone };
