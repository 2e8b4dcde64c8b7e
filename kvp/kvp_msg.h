/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVP_KVP_MSG_H
#define KVP_KVP_MSG_H

#include <linux/types.h>

#include "kvp_wire.h"

enum kvp_registration {
	KVP_NOT_REGISTERING,
	KVP_REGISTER,
	KVP_REGISTER_OLD,	/* tells of errors by an empty key */
};

/*
 * What we remember of a request; nothing the daemon says changes it.
 * @binary: set by the caller: addresses are numbers, as from version 5.0 on
 */
struct kvp_asked {
	bool binary;
	u8 op;
	u8 pool;
	u16 key_bytes;
};

enum kvp_registration kvp_registers(const struct kvp_daemon_msg *msg);
void kvp_greet(struct kvp_daemon_msg *msg, u8 op);
u32 kvp_question(const void *body, u32 bytes, struct kvp_asked *asked,
		 struct kvp_daemon_msg *to);
u32 kvp_answer(const struct kvp_asked *asked, bool old,
	       const struct kvp_daemon_msg *from, void *body);

#endif /* KVP_KVP_MSG_H */
