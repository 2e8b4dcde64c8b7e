/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMBUS_MSG_H
#define HV_VMBUS_MSG_H

#include <linux/types.h>
#include "msg_wire.h"

/* Verdict on a message from the host; all but MSG_OK mean: drop and count. */
enum msg_verdict {
	MSG_OK,
	MSG_SHORT,		/* shorter than its type requires */
	MSG_LONG,		/* longer than a SynIC message can be */
	MSG_UNKNOWN,		/* type 0 or beyond the table */
	MSG_WRONG_WAY,		/* only guests send this type */
	MSG_TOO_NEW,		/* not part of the version agreed upon */
	MSG_VERDICTS,
};

enum msg_verdict msg_check(const void *buf, size_t bytes, u32 version,
			   u32 *type);
size_t msg_min_bytes(u32 type);
const char *msg_name(u32 type);

/* Verdict on an offer; all but OFFER_OK mean: drop and count. */
enum offer_verdict {
	OFFER_OK,
	OFFER_BAD_RELID,
	OFFER_BAD_CONN_ID,	/* does not fit into 24 bits */
	OFFER_BAD_TYPE,		/* class or instance all zero */
	OFFER_VERDICTS,
};

/* Host order view of an offer, after the gate. */
struct offer_info {
	u32 relid;
	u32 conn_id;
	u16 flags;
	u16 mmio_megabytes;
	u16 sub_index;
	u8 monitor_id;
	bool monitored;		/* monitor_id may be used */
	bool dedicated;
	bool hvsock;
};

enum offer_verdict msg_parse_offer(const struct vmbus_msg_offer *offer,
				   u32 version, struct offer_info *info);

/* Builders: fill @m completely and return the number of bytes to post. */
size_t msg_build_simple(struct vmbus_msg_hdr *m, u32 type);
size_t msg_build_relid(struct vmbus_msg_relid *m, u32 type, u32 relid);
size_t msg_build_contact(struct vmbus_msg_contact *m, u32 version,
			 u32 target_vp, u64 monitor_to_guest,
			 u64 monitor_to_host);
size_t msg_build_open(struct vmbus_msg_open *m, u32 relid, u32 open_id,
		      u32 gpadl_id, u32 target_vp, u32 inbound_hvpage,
		      const void *user, size_t user_bytes);
size_t msg_build_gpadl_teardown(struct vmbus_msg_gpadl_teardown *m, u32 relid,
				u32 gpadl_id);
size_t msg_build_modify(struct vmbus_msg_modify *m, u32 relid, u32 target_vp);
size_t msg_build_tl_connect(struct vmbus_msg_tl_connect *m, u32 version,
			    const u8 endpoint[16], const u8 service[16]);

#endif /* HV_VMBUS_MSG_H */
