// SPDX-License-Identifier: GPL-2.0-only
/* Do GPADL calls take a struct vmbus_gpadl? (5.15 and RHEL 8.7) */
/* required: it has the VMBus calls of 5.10 or older */
#include <linux/hyperv.h>

#ifdef PROBE_NEW
int probe(struct vmbus_channel *channel, struct vmbus_gpadl *gpadl);
int probe(struct vmbus_channel *channel, struct vmbus_gpadl *gpadl)
{
	return vmbus_teardown_gpadl(channel, gpadl);
}
#else
int probe(struct vmbus_channel *channel, u32 gpadl);
int probe(struct vmbus_channel *channel, u32 gpadl)
{
	return vmbus_teardown_gpadl(channel, gpadl);
}
#endif
