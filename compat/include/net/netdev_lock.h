/* SPDX-License-Identifier: GPL-2.0-only */
/* From 6.15 on these names have a header of their own; before they are here. */
#ifndef COMPAT_NET_NETDEV_LOCK_H
#define COMPAT_NET_NETDEV_LOCK_H

#include <linux/netdevice.h>

#endif /* COMPAT_NET_NETDEV_LOCK_H */
