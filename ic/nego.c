// SPDX-License-Identifier: GPL-2.0-only
/*
 * Our version negotiation, built into hv_utils too: the bus below may be one
 * whose own writes versions it refused, or more than it received. With
 * our bus in the same image there is one of it.
 */
#pragma weak ic_negotiate
#include "../vmbus/ic_negotiate.c"
