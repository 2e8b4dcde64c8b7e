/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Time synchronisation: the host's clock, and from version 4 on the reading of
 * the partition's reference counter that belongs to it.
 *
 * Times are in 100 ns since 1601-01-01 UTC, without leap seconds.
 */
#ifndef TIMESYNC_TS_WIRE_H
#define TIMESYNC_TS_WIRE_H

#include <linux/types.h>

#include "../compat/wire.h"

#define TS_FLAG_SYNC		0x1
#define TS_FLAG_SAMPLE		0x2

/* 1.0 and 3.0 */
struct ts_msg_v1 {
	__le64 parent_time;
	__le64 child_time;
	__le64 round_trip;
	__u8 flags;
} __packed;
WIRE_SIZE(struct ts_msg_v1, 25);
WIRE_AT(struct ts_msg_v1, flags, 24);

/* 4.0 */
struct ts_msg_v4 {
	__le64 parent_time;
	__le64 reference;
	__u8 flags;
	__u8 leap;
	__u8 stratum;
	__u8 reserved[3];
} __packed;
WIRE_SIZE(struct ts_msg_v4, 22);
WIRE_AT(struct ts_msg_v4, reference, 8);
WIRE_AT(struct ts_msg_v4, flags, 16);

#endif /* TIMESYNC_TS_WIRE_H */
