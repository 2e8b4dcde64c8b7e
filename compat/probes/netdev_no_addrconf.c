// SPDX-License-Identifier: GPL-2.0-only
/* Is there a flag against automatic IPv6 addresses, else IFF_SLAVE does it? (6.2) */
#include <linux/netdevice.h>

void probe(struct net_device *dev);
void probe(struct net_device *dev)
{
#ifdef PROBE_NEW
	dev->priv_flags |= IFF_NO_ADDRCONF;
#else
	dev->flags |= IFF_SLAVE;
#endif
}
