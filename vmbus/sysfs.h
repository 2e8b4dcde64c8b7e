/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMBUS_SYSFS_H
#define HV_VMBUS_SYSFS_H

struct attribute_group;
struct chan;
struct hv_device;

/* sysfs_dev.c */
extern const struct attribute_group *sysfs_dev_groups[];
extern const struct attribute_group *sysfs_drv_groups[];
extern const struct attribute_group *sysfs_bus_groups[];

/* sysfs_chan.c */
void sysfs_chan_init(struct chan *chan);
int sysfs_chans_add(struct hv_device *dev);
void sysfs_chans_del(struct hv_device *dev);
void sysfs_chan_add(struct chan *chan);
void sysfs_chan_del(struct chan *chan);
void sysfs_chan_rename(struct chan *chan);

#endif /* HV_VMBUS_SYSFS_H */
