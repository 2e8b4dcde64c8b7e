// SPDX-License-Identifier: GPL-2.0-only
/* Does get_rxfh take struct ethtool_rxfh_param? (6.8) */
#include <linux/ethtool.h>

#ifdef PROBE_NEW
static int get(struct net_device *dev, struct ethtool_rxfh_param *rxfh)
{
	return 0;
}

static int set(struct net_device *dev, struct ethtool_rxfh_param *rxfh,
	       struct netlink_ext_ack *extack)
{
	return 0;
}
#else
static int get(struct net_device *dev, u32 *indir, u8 *key, u8 *hfunc)
{
	return 0;
}

static int set(struct net_device *dev, const u32 *indir, const u8 *key,
	       const u8 hfunc)
{
	return 0;
}
#endif

struct ethtool_ops probe = { .get_rxfh = get, .set_rxfh = set };
