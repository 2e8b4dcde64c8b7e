// SPDX-License-Identifier: GPL-2.0-only
/* Is the boot framebuffer in sysfb_primary_display? (6.19) */
#ifdef PROBE_NEW
#include <linux/sysfb.h>

void *probe(void);
void *probe(void)
{
	return &sysfb_primary_display;
}
#else
#include <linux/screen_info.h>

void *probe(void);
void *probe(void)
{
	return &screen_info;
}
#endif
