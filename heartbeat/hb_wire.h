/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Heartbeat: the host counts, the guest adds one. Hosts differ in what follows
 * the sequence, so only that much is asked for.
 */
#ifndef HEARTBEAT_HB_WIRE_H
#define HEARTBEAT_HB_WIRE_H

#include <linux/types.h>

#include "../compat/wire.h"

struct hb_beat {
	__le64 sequence;
	__le32 application_state;	/* 0: nothing to say about programs */
	__le32 reserved;
} __packed;

#define HB_LEAST_BYTES		8
WIRE_SIZE(struct hb_beat, 16);
WIRE_AT(struct hb_beat, application_state, HB_LEAST_BYTES);

#endif /* HEARTBEAT_HB_WIRE_H */
