/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RNDIS control messages: build requests, check what the host answers and
 * indicates. Pure: see rndis.c. Frames are in frame.h.
 */
#ifndef NETVSC_RNDIS_H
#define NETVSC_RNDIS_H

#include "rndis_wire.h"

/* No control message we take or send is longer; a range is cut to this. */
#define RNDIS_CONTROL_MAX	4096u

#define RNDIS_MAX_TRANSFER	0x4000u	/* what we say we take */
#define RNDIS_MAX_PACKETS	64u	/* in one message */
#define RNDIS_MAX_ALIGN		7u	/* exponent */

/* What a control message of the host is; the last two are refused. */
enum rndis_kind {
	RNDIS_KIND_REPLY,
	RNDIS_KIND_INDICATE,
	RNDIS_KIND_SHORT,	/* too short for what it claims to be */
	RNDIS_KIND_UNKNOWN,
	RNDIS_KIND_NR
};

/* Its fixed part, checked. */
struct rndis_control {
	u32 type;
	u32 bytes;		/* header and body, inside what was copied */
	u32 request_id;		/* of an answer */
	u32 status;
};

/* What the host said about frames to it. */
struct rndis_limits {
	u32 max_packets;	/* in one message: 1 to RNDIS_MAX_PACKETS */
	u32 max_transfer;	/* bytes */
	u32 align;		/* of a frame's message: 1 to 128 */
};

u32 rndis_next_id(u32 last);
u32 rndis_build_initialize(void *to, u32 cap, u32 id);
u32 rndis_build_halt(void *to, u32 cap, u32 id);
u32 rndis_build_query(void *to, u32 cap, u32 id, u32 oid, const void *info,
		      u32 info_bytes);
u32 rndis_build_set(void *to, u32 cap, u32 id, u32 oid, const void *info,
		    u32 info_bytes);

enum rndis_kind rndis_check(const void *msg, u32 bytes,
			    struct rndis_control *c);
bool rndis_answers(u32 want, u32 id, const struct rndis_control *c);
int rndis_limits(const void *msg, u32 bytes, struct rndis_limits *limits);
int rndis_info(const void *msg, u32 bytes, u32 cap, const void **info,
	       u32 *info_bytes);
int rndis_indicated(const void *msg, u32 bytes, const void **info,
		    u32 *info_bytes);
int rndis_errno(u32 status);

#endif /* NETVSC_RNDIS_H */
