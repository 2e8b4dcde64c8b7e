/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMBUS_DELAY_H
#define HV_VMBUS_DELAY_H

#include <linux/compiler.h>
#include <linux/jump_label.h>

struct hv_device;
struct vmbus_channel;

DECLARE_STATIC_KEY_FALSE(delay_key);

void delay_signal_slow(const struct vmbus_channel *abi);
void delay_packet_slow(const struct vmbus_channel *abi);

static __always_inline void delay_signal(const struct vmbus_channel *abi)
{
	if (static_branch_unlikely(&delay_key))
		delay_signal_slow(abi);
}

static __always_inline void delay_packet(const struct vmbus_channel *abi)
{
	if (static_branch_unlikely(&delay_key))
		delay_packet_slow(abi);
}

void delay_add(struct hv_device *dev);
void delay_del(struct hv_device *dev);
void delay_start(void);
void delay_stop(void);

#endif /* HV_VMBUS_DELAY_H */
