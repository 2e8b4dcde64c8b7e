/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMBUS_DYNID_H
#define HV_VMBUS_DYNID_H

#include <linux/uuid.h>

struct hv_driver;
struct hv_vmbus_device_id;

const struct hv_vmbus_device_id *dynid_find(struct hv_driver *drv,
					    const guid_t *guid);
int dynid_add(struct hv_driver *drv, const guid_t *guid);
int dynid_remove(struct hv_driver *drv, const guid_t *guid);
void dynid_free_all(struct hv_driver *drv);

#endif /* HV_VMBUS_DYNID_H */
