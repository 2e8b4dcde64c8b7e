/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HEARTBEAT_HB_H
#define HEARTBEAT_HB_H

#include <linux/types.h>

u32 hb_answer(void *body, u32 bytes);

#endif /* HEARTBEAT_HB_H */
