// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: heartbeat. Answered at once in the callback, so that a busy guest is
 * not taken for a dead one.
 */
#include "../ic/ic.h"
#include "hb.h"

static const int frameworks[] = { IC_VERSION(3, 0), IC_VERSION(1, 0) };
static const int messages[] = { IC_VERSION(3, 0), IC_VERSION(1, 0) };

static enum ic_turn request(struct ic_dev *ic, void *body, u32 bytes,
			    u32 *status)
{
	*status = hb_answer(body, bytes);
	if (*status)
		ic_refuse(ic, IC_REFUSED_REQUEST);
	return IC_ANSWER;
}

const struct ic_service heartbeat_service = {
	.name = "heartbeat",
	.type = IC_TYPE_HEARTBEAT,
	.frameworks = frameworks,
	.framework_count = ARRAY_SIZE(frameworks),
	.messages = messages,
	.message_count = ARRAY_SIZE(messages),
	.request = request,
};
