/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FCOPY_FC_MSG_H
#define FCOPY_FC_MSG_H

#include <linux/types.h>

#include "fc_wire.h"

/*
 * The copy going on.
 * @open: between START and its end
 * @starting: START was asked, not answered
 * @size: the file's, as declared
 */
struct fc_session {
	bool open;
	bool starting;
	u8 id[16];
	u64 size;
};

u32 fc_question(struct fc_session *session, const void *body, u32 bytes,
		union fc_msg *to, u32 *to_bytes);
u32 fc_answer(struct fc_session *session, u32 op, u32 error);
void fc_end(struct fc_session *session);

#endif /* FCOPY_FC_MSG_H */
