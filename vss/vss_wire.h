/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Live backup: the host freezes the file systems, takes its snapshot, thaws
 * them. What it says about disks is of no interest here.
 */
#ifndef VSS_VSS_WIRE_H
#define VSS_VSS_WIRE_H

#include <linux/types.h>

#include "../compat/wire.h"

#define VSS_REQ_CREATE		0
#define VSS_REQ_DELETE		1
#define VSS_REQ_HOT_BACKUP	2
#define VSS_REQ_GET_DM_INFO	3
#define VSS_REQ_BACKUP_COMPLETE	4
#define VSS_REQ_FREEZE		5
#define VSS_REQ_THAW		6
#define VSS_REQ_AUTO_RECOVER	7
#define VSS_REQ_CLUSTER_INFO	8
/* A daemon's first write; the old one gets no answer. */
#define VSS_REQ_REGISTER_OLD	128
#define VSS_REQ_REGISTER		129

/* Flags answered to VSS_REQ_HOT_BACKUP: it works, nothing is to be recovered. */
#define VSS_FLAG_HOT_BACKUP	0x1
#define VSS_FLAG_NO_AUTO_RECOVERY	0x4

/* Start of every message, of the host and of the daemon. */
struct vss_msg {
	union {
		struct {
			__u8 op;
			__u8 reserved[7];
		} __packed;
		__le32 error;		/* from the daemon */
	};
	__le32 flags;
} __packed;
WIRE_SIZE(struct vss_msg, 12);
WIRE_AT(struct vss_msg, flags, 8);

/* Answer to a registration */
#define VSS_GREETING_BYTES	4

#endif /* VSS_VSS_WIRE_H */
