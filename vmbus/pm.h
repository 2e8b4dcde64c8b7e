/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMBUS_PM_H
#define HV_VMBUS_PM_H

struct dev_pm_ops;

extern const struct dev_pm_ops pm_device_ops;
extern const struct dev_pm_ops pm_root_ops;

#endif /* HV_VMBUS_PM_H */
