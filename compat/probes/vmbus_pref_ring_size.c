// SPDX-License-Identifier: GPL-2.0-only
/* Does the table of VMBus device classes say a ring size? (6.10) */
#include <linux/hyperv.h>

#ifdef PROBE_NEW
struct vmbus_device probe = { .pref_ring_size = 0x4000 };
#else
struct vmbus_device probe;
#endif
