// SPDX-License-Identifier: GPL-2.0-only
/* Does an operation of its own say how many receive rings there are? (6.19) */
#include <linux/ethtool.h>

#ifdef PROBE_NEW
static u32 count(struct net_device *dev)
{
	return 0;
}

struct ethtool_ops probe = { .get_rx_ring_count = count };
#else
static int get(struct net_device *dev, struct ethtool_rxnfc *info, u32 *rules)
{
	return 0;
}

struct ethtool_ops probe = { .get_rxnfc = get };
#endif
