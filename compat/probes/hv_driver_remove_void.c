// SPDX-License-Identifier: GPL-2.0-only
/* Does hv_driver.remove return nothing? (6.6; yes in RHEL 8, 9) */
#include <linux/hyperv.h>

#ifdef PROBE_NEW
static void gone(struct hv_device *dev)
{
}
#else
static int gone(struct hv_device *dev)
{
	return 0;
}
#endif

struct hv_driver probe = { .remove = gone };
