/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMBUS_GPADL_H
#define HV_VMBUS_GPADL_H

#include <linux/hyperv.h>

struct chan;

int gpadl_establish(struct chan *chan, void *buffer, u32 bytes,
		    struct vmbus_gpadl *gpadl);
int gpadl_teardown(struct chan *chan, struct vmbus_gpadl *gpadl);
void gpadl_forget(struct vmbus_gpadl *gpadl);

#endif /* HV_VMBUS_GPADL_H */
