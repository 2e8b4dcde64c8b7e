// SPDX-License-Identifier: GPL-2.0-only
/* Is there ethtool_puts(), else ethtool_sprintf() alone? (6.8) */
#include <linux/ethtool.h>

void probe(u8 **data);
void probe(u8 **data)
{
#ifdef PROBE_NEW
	ethtool_puts(data, "name");
#else
	ethtool_sprintf(data, "%.31s", "name");
#endif
}
