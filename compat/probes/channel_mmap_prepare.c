// SPDX-License-Identifier: GPL-2.0-only
/* Does vmbus_channel.mmap_prepare_ring_buffer exist? (7.0) */
#include <linux/hyperv.h>

#ifdef PROBE_NEW
void *probe(struct vmbus_channel *channel);
void *probe(struct vmbus_channel *channel)
{
	return channel->mmap_prepare_ring_buffer;
}
#else
struct vmbus_channel probe;
#endif
