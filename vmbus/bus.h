/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMBUS_BUS_H
#define HV_VMBUS_BUS_H

#include <linux/device.h>

struct chan;

int bus_register_type(void);
void bus_unregister_type(void);
void bus_set_root(struct device *root);
struct device *bus_root(void);

int bus_plug(struct chan *chan);
void bus_unplug(struct chan *chan);

#endif /* HV_VMBUS_BUS_H */
