/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMBUS_ROOT_H
#define HV_VMBUS_ROOT_H

int root_find(void);
void root_release(void);

#endif /* HV_VMBUS_ROOT_H */
