// SPDX-License-Identifier: GPL-2.0-only
/* Is vmbus_sendpacket_pagebuffer() declared? (no longer, from 6.15 and 6.1.170) */
#include <linux/hyperv.h>

#ifdef PROBE_NEW
void *probe(void);
void *probe(void)
{
	return vmbus_sendpacket_pagebuffer;
}
#else
struct vmbus_channel probe;
#endif
