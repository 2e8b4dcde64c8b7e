/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMBUS_VERSION_H
#define HV_VMBUS_VERSION_H

#include <linux/types.h>

u32 version_next(u32 tried, u32 ceiling);
u32 version_contact_conn_id(u32 version);
bool version_has_modify(u32 version);
bool version_acks_modify(u32 version);
bool version_has_unload(u32 version);

/* What a version response means for the negotiation. */
enum version_verdict {
	VERSION_ACCEPTED,
	VERSION_LOWER,		/* not this one, try the next */
	VERSION_INVALID,	/* the host contradicts itself; treat as refusal */
};

enum version_verdict version_judge(u32 version, u8 supported, u8 state,
				   u32 conn_id, u32 *use_conn_id);

#endif /* HV_VMBUS_VERSION_H */
