// SPDX-License-Identifier: GPL-2.0-only
/* Is there __netdev_notify_peers(), for who holds RTNL? (5.11) */
#include <linux/netdevice.h>

void probe(struct net_device *dev);
void probe(struct net_device *dev)
{
#ifdef PROBE_NEW
	__netdev_notify_peers(dev);
#else
	call_netdevice_notifiers(NETDEV_NOTIFY_PEERS, dev);
	call_netdevice_notifiers(NETDEV_RESEND_IGMP, dev);
#endif
}
