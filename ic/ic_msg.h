/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef IC_MSG_H
#define IC_MSG_H

#include <linux/types.h>

#include "ic_types.h"

enum ic_kind {
	IC_NEGOTIATION,
	IC_REQUEST,		/* of the service's own type */
	IC_FOREIGN,		/* of another type: answered with a failure */
	IC_BAD_LENGTH,		/* lengths inside do not fit: same */
	IC_SHORT,		/* no header: not answered */
	IC_KIND_NR
};

enum ic_kind ic_classify(const void *pkt, u32 bytes, u16 type);
void ic_seal(void *pkt, u32 bytes, u32 status);
bool ic_agree(void *pkt, u32 bytes, const int *frameworks, int framework_count,
	      const int *messages, int message_count,
	      int *framework, int *message);

static inline void *ic_body(void *pkt)
{
	return (u8 *)pkt + IC_HDR_BYTES;
}

#endif /* IC_MSG_H */
