/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMBUS_DEBUG_H
#define HV_VMBUS_DEBUG_H

void debug_start(void);
void debug_stop(void);

#endif /* HV_VMBUS_DEBUG_H */
