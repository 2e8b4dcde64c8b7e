// SPDX-License-Identifier: GPL-2.0-only
/* Is driver_override a member of hv_device? (no longer, from 6.12.107 of Debian) */
#include <linux/hyperv.h>

#ifdef PROBE_NEW
const char *probe(struct hv_device *dev);
const char *probe(struct hv_device *dev)
{
	return dev->driver_override;
}
#else
struct hv_device probe;
#endif
