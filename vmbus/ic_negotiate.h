/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMBUS_IC_NEGOTIATE_H
#define HV_VMBUS_IC_NEGOTIATE_H

#include <linux/types.h>

bool ic_negotiate(void *payload, u32 bytes,
		  const int *frameworks, int framework_count,
		  const int *messages, int message_count,
		  int *framework, int *message);

#endif /* HV_VMBUS_IC_NEGOTIATE_H */
