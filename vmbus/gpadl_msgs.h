/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMBUS_GPADL_MSGS_H
#define HV_VMBUS_GPADL_MSGS_H

#include <linux/types.h>
#include "msg_wire.h"

/**
 * struct gpadl_split - progress of cutting one page list into messages
 * @relid:	channel the list is for
 * @id:		id of the list
 * @byte_count:	length of the buffer
 * @byte_offset: where it starts in its first page
 * @hvpages:	4 KiB pages it touches
 * @sent:	pages already in a message
 * @bodies:	body messages built so far
 */
struct gpadl_split {
	u32 relid;
	u32 id;
	u32 byte_count;
	u32 byte_offset;
	u32 hvpages;
	u32 sent;
	u32 bodies;
};

int gpadl_split_begin(struct gpadl_split *s, u32 relid, u32 id,
		      u32 byte_offset, u32 byte_count);
u32 gpadl_split_messages(const struct gpadl_split *s);
size_t gpadl_split_next(struct gpadl_split *s, void *msg,
			u64 (*pfn)(void *ctx, u32 hvpage), void *ctx);

#endif /* HV_VMBUS_GPADL_MSGS_H */
