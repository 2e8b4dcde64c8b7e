/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMBUS_CRASH_H
#define HV_VMBUS_CRASH_H

void crash_arm(void);
void crash_disarm(void);

#endif /* HV_VMBUS_CRASH_H */
