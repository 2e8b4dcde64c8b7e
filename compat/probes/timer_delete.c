// SPDX-License-Identifier: GPL-2.0-only
/* Is there timer_delete_sync(), else del_timer_sync()? (6.2) */
#include <linux/timer.h>

int probe(struct timer_list *timer);
int probe(struct timer_list *timer)
{
#ifdef PROBE_NEW
	return timer_delete_sync(timer);
#else
	return del_timer_sync(timer);
#endif
}
