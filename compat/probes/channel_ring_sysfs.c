// SPDX-License-Identifier: GPL-2.0-only
/* Does vmbus_channel know a visible ring in sysfs? (6.12.30 stable, 6.15) */
#include <linux/hyperv.h>

#ifdef PROBE_NEW
bool probe(struct vmbus_channel *channel);
bool probe(struct vmbus_channel *channel)
{
	return channel->ring_sysfs_visible;
}
#else
struct vmbus_channel probe;
#endif
