// SPDX-License-Identifier: GPL-2.0-only
/* Is there timer_container_of(), else from_timer()? (6.16) */
#include <linux/timer.h>

struct holder {
	struct timer_list timer;
};

void *probe(struct timer_list *t);
void *probe(struct timer_list *t)
{
#ifdef PROBE_NEW
	struct holder *h = timer_container_of(h, t, timer);
#else
	struct holder *h = from_timer(h, t, timer);
#endif

	return h;
}
