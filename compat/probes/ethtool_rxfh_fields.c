// SPDX-License-Identifier: GPL-2.0-only
/* Are the fields of the receive hash set by an operation of their own? (6.17) */
#include <linux/ethtool.h>

#ifdef PROBE_NEW
static int get(struct net_device *dev, struct ethtool_rxfh_fields *fields)
{
	return 0;
}

static int set(struct net_device *dev, const struct ethtool_rxfh_fields *fields,
	       struct netlink_ext_ack *extack)
{
	return 0;
}

struct ethtool_ops probe = { .get_rxfh_fields = get, .set_rxfh_fields = set };
#else
static int set(struct net_device *dev, struct ethtool_rxnfc *info)
{
	return 0;
}

struct ethtool_ops probe = { .set_rxnfc = set };
#endif
