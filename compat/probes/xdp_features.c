// SPDX-License-Identifier: GPL-2.0-only
/* Does a network device say which parts of XDP it has? (6.3) */
#include <linux/netdevice.h>

void probe(struct net_device *dev);
void probe(struct net_device *dev)
{
#ifdef PROBE_NEW
	dev->xdp_features = NETDEV_XDP_ACT_BASIC;
#endif
}
