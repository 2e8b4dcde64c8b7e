/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File copy from host to guest: start, pieces, end. The daemon gets the same
 * bytes, with the two names in UTF-8.
 */
#ifndef FCOPY_FC_WIRE_H
#define FCOPY_FC_WIRE_H

#include <linux/types.h>

#include "../compat/wire.h"

#define FC_OP_START		0
#define FC_OP_WRITE		1
#define FC_OP_COMPLETE		2
#define FC_OP_CANCEL		3

#define FC_NAME_BYTES		520
#define FC_PIECE_BYTES		6144

struct fc_hdr {
	__le32 op;
	__u8 service[16];
	__u8 session[16];
} __packed;
WIRE_SIZE(struct fc_hdr, 36);
WIRE_AT(struct fc_hdr, session, 20);

struct fc_start {
	struct fc_hdr hdr;
	__u8 name[FC_NAME_BYTES];
	__u8 path[FC_NAME_BYTES];
	__le32 flags;
	__le64 size;
} __packed;
WIRE_SIZE(struct fc_start, 1088);
WIRE_AT(struct fc_start, name, 36);
WIRE_AT(struct fc_start, path, 556);
WIRE_AT(struct fc_start, flags, 1076);
WIRE_AT(struct fc_start, size, 1080);

struct fc_write {
	struct fc_hdr hdr;
	__le32 pad;
	__le64 offset;
	__le32 bytes;
	__u8 data[FC_PIECE_BYTES];
} __packed;
WIRE_SIZE(struct fc_write, 6196);
WIRE_AT(struct fc_write, offset, 40);
WIRE_AT(struct fc_write, bytes, 48);
WIRE_AT(struct fc_write, data, 52);

/* What the daemon reads */
union fc_msg {
	struct fc_hdr hdr;
	struct fc_start start;
	struct fc_write write;
};
WIRE_SIZE(union fc_msg, 6196);

/* A daemon's first write; with 0 it wants no answer. */
#define FC_REGISTER_OLD		0
#define FC_REGISTER		1

#endif /* FCOPY_FC_WIRE_H */
