/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Input from the host that was refused. Each reason has a counter in debugfs
 * (hv_vmbus/refused), is logged the first time, and rate-limited after that.
 */
#ifndef HV_VMBUS_REFUSE_H
#define HV_VMBUS_REFUSE_H

#include <linux/types.h>

enum refuse_reason {
	REFUSE_MSG_SHORT,
	REFUSE_MSG_LONG,
	REFUSE_MSG_UNKNOWN,
	REFUSE_MSG_WRONG_WAY,
	REFUSE_MSG_TOO_NEW,
	REFUSE_MSG_UNEXPECTED,	/* an answer nobody waits for */
	REFUSE_OFFER_INVALID,
	REFUSE_OFFER_DUPLICATE,
	REFUSE_OFFER_ORPHAN,	/* sub-channel without a primary */
	REFUSE_OFFER_BACKLOG,
	REFUSE_RESCIND_UNKNOWN,
	REFUSE_EVENT_UNKNOWN,	/* flag of no channel, or of one not open */
	REFUSE_VERSION,
	REFUSE_RING_INDEX,
	REFUSE_PACKET_BROKEN,
	REFUSE_PACKET_SKIPPED,
	REFUSE_TRANSACTION,
	REFUSE_REASONS,
};

void refuse(enum refuse_reason why, u32 where, u32 what);
u64 refuse_count(enum refuse_reason why);
const char *refuse_name(enum refuse_reason why);

#endif /* HV_VMBUS_REFUSE_H */
