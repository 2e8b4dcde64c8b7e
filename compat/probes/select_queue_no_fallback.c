// SPDX-License-Identifier: GPL-2.0-only
/* Does ndo_select_queue get three arguments, else a fallback as the fourth? (5.2) */
#include <linux/netdevice.h>

#ifdef PROBE_NEW
static u16 choose(struct net_device *dev, struct sk_buff *skb,
		  struct net_device *sb_dev)
{
	return 0;
}
#else
static u16 choose(struct net_device *dev, struct sk_buff *skb,
		  struct net_device *sb_dev, select_queue_fallback_t fallback)
{
	return 0;
}
#endif

struct net_device_ops probe = { .ndo_select_queue = choose };
