/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVP_KVP_IP_H
#define KVP_KVP_IP_H

#include <linux/types.h>

#include "kvp_wire.h"

u32 kvp_ip_to_text(const struct kvp_ip_binary *from, struct kvp_ip *to);
u32 kvp_ip_from_text(const struct kvp_ip *from, struct kvp_ip_binary *to);

#endif /* KVP_KVP_IP_H */
