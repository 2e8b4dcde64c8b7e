// SPDX-License-Identifier: GPL-2.0-only
/* Is there dev_xdp_propagate(), else the lower device's ndo_bpf? (6.12) */
#include <linux/netdevice.h>

int probe(struct net_device *dev, struct netdev_bpf *bpf);
int probe(struct net_device *dev, struct netdev_bpf *bpf)
{
#ifdef PROBE_NEW
	return dev_xdp_propagate(dev, bpf);
#else
	return dev->netdev_ops->ndo_bpf(dev, bpf);
#endif
}
