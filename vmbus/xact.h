/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMBUS_XACT_H
#define HV_VMBUS_XACT_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/types.h>

struct chan;

enum xact_state {
	XACT_WAITING,
	XACT_ANSWERED,
	XACT_RESCINDED,		/* channel gone; an answer may still come */
	XACT_CUT_OFF,		/* connection gone */
};

/**
 * struct xact - a request that waits for its answer
 * @node:	in the list of outstanding requests
 * @chan:	channel whose rescind ends the wait, or NULL
 * @type:	message type of the answer
 * @key1:	first number the answer must carry (relid), 0 if it has none
 * @key2:	second number (open id or GPADL id), 0 if it has none
 * @state:	under the list's lock
 * @done:	completed on every change of @state
 * @reply:	first bytes of the answer
 */
struct xact {
	struct list_head node;
	struct chan *chan;
	u32 type;
	u32 key1;
	u32 key2;
	enum xact_state state;
	struct completion done;
	u8 reply[24] __aligned(8);
};

void xact_begin(struct xact *x, struct chan *chan, u32 type, u32 key1,
		u32 key2);
int xact_wait(struct xact *x, unsigned int ms);
void xact_end(struct xact *x);
bool xact_answer(u32 type, u32 key1, u32 key2, const void *msg, size_t bytes);
void xact_rescind(struct chan *chan);
void xact_cut_off(void);

#endif /* HV_VMBUS_XACT_H */
