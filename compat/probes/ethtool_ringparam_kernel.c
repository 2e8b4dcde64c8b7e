// SPDX-License-Identifier: GPL-2.0-only
/* Does get_ringparam take struct kernel_ethtool_ringparam? (5.17) */
/* required: get_ringparam takes two arguments, as before 5.17 */
#include <linux/ethtool.h>

#ifdef PROBE_NEW
static void get(struct net_device *dev, struct ethtool_ringparam *ring,
		struct kernel_ethtool_ringparam *kernel_ring,
		struct netlink_ext_ack *extack)
{
}
#else
static void get(struct net_device *dev, struct ethtool_ringparam *ring)
{
}
#endif

struct ethtool_ops probe = { .get_ringparam = get };
