/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Framing and version negotiation of the integration components (IC).
 *
 * Each message: pipe header, message header, body. In a negotiation the body
 * lists framework versions first, message versions behind them; the answer
 * holds exactly one of each. Nothing here is naturally aligned.
 */
#ifndef HV_VMBUS_IC_WIRE_H
#define HV_VMBUS_IC_WIRE_H

#include <linux/types.h>
#include "../compat/wire.h"

struct ic_pipe_hdr {
	__le32 flags;
	__le32 bytes;
} __packed;
WIRE_SIZE(struct ic_pipe_hdr, 8);

struct ic_ver {
	__le16 major;
	__le16 minor;
} __packed;
WIRE_SIZE(struct ic_ver, 4);

struct ic_hdr {
	struct ic_ver framework;
	__le16 type;
	struct ic_ver message;
	__le16 bytes;
	__le32 status;
	u8 transaction;
	u8 flags;
	u8 reserved[2];
} __packed;
WIRE_SIZE(struct ic_hdr, 20);
WIRE_AT(struct ic_hdr, type, 4);
WIRE_AT(struct ic_hdr, bytes, 10);
WIRE_AT(struct ic_hdr, status, 12);
WIRE_AT(struct ic_hdr, transaction, 16);
WIRE_AT(struct ic_hdr, flags, 17);

struct ic_nego {
	__le16 frameworks;
	__le16 messages;
	__le32 reserved;
	struct ic_ver ver[];
} __packed;
WIRE_SIZE(struct ic_nego, 8);
WIRE_AT(struct ic_nego, ver, 8);

#define IC_TYPE_NEGOTIATE	0
#define IC_FLAG_TRANSACTION	1
#define IC_FLAG_REQUEST		2
#define IC_FLAG_RESPONSE	4

/* Offsets from the start of the packet payload. */
#define IC_HDR_BYTES	(sizeof(struct ic_pipe_hdr) + sizeof(struct ic_hdr))
#define IC_NEGO_MIN_BYTES	(IC_HDR_BYTES + sizeof(struct ic_nego))
static_assert(IC_NEGO_MIN_BYTES == 36);

/* A negotiation that lists more versions than this is refused. */
#define IC_VERSIONS_MAX		100
/* Body length of an answer: counts, reserved, one version of each kind. */
#define IC_NEGO_ANSWER_BYTES	16

#endif /* HV_VMBUS_IC_WIRE_H */
