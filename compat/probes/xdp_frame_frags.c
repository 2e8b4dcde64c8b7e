// SPDX-License-Identifier: GPL-2.0-only
/* Can an XDP frame be in more than one piece? (5.18) */
#include <net/xdp.h>

bool probe(struct xdp_frame *frame);
bool probe(struct xdp_frame *frame)
{
#ifdef PROBE_NEW
	return xdp_frame_has_frags(frame);
#else
	return !frame->data;
#endif
}
