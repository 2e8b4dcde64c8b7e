// SPDX-License-Identifier: GPL-2.0-only
/* Does dev_set_mac_address() take struct sockaddr_storage? (6.16) */
#include <linux/netdevice.h>

#ifdef PROBE_NEW
int probe(struct net_device *dev, struct sockaddr_storage *ss);
int probe(struct net_device *dev, struct sockaddr_storage *ss)
{
	return dev_set_mac_address(dev, ss, NULL);
}
#else
int probe(struct net_device *dev, struct sockaddr *sa);
int probe(struct net_device *dev, struct sockaddr *sa)
{
	return dev_set_mac_address(dev, sa, NULL);
}
#endif
