/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers all integration services share: message types, results, versions.
 * The framing itself is in vmbus/ic_wire.h.
 */
#ifndef IC_TYPES_H
#define IC_TYPES_H

#include <linux/types.h>

#include "../vmbus/ic_wire.h"

/* ic_hdr.type, besides IC_TYPE_NEGOTIATE */
#define IC_TYPE_HEARTBEAT	1
#define IC_TYPE_KVP		2
#define IC_TYPE_SHUTDOWN	3
#define IC_TYPE_TIMESYNC	4
#define IC_TYPE_VSS		5
#define IC_TYPE_FCOPY		7

/* ic_hdr.status; also what a daemon answers */
#define IC_OK			0u
#define IC_E_FAIL		0x80004005u
#define IC_E_NO_MORE		0x80070103u
#define IC_E_NOT_SUPPORTED	0x80070032u
#define IC_E_INVALID_ARG	0x80070057u
#define IC_E_NO_OBJECT		0x80041002u
#define IC_E_NOT_CONNECTED	0x8007048fu
#define IC_E_EXISTS		0x80070050u
#define IC_E_DISK_FULL		0x80070070u

/* Both kinds of versions, as ic_negotiate() takes them. */
#define IC_VERSION(major, minor)	((major) << 16 | (minor))

#endif /* IC_TYPES_H */
