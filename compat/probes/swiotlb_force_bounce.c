// SPDX-License-Identifier: GPL-2.0-only
/* Can a driver ask whether all its DMA is bounced? (5.15) */
#include <linux/device.h>
#include <linux/swiotlb.h>

bool probe(struct device *dev);
bool probe(struct device *dev)
{
#ifdef PROBE_NEW
	return is_swiotlb_force_bounce(dev);
#else
	return false;
#endif
}
