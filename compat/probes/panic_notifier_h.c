// SPDX-License-Identifier: GPL-2.0-only
/* Does <linux/panic_notifier.h> exist? (5.14) */
#ifdef PROBE_NEW
#include <linux/panic_notifier.h>
#else
#include <linux/kernel.h>
#include <linux/notifier.h>
#endif

void *probe(void);
void *probe(void)
{
	return &panic_notifier_list;
}
