/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HYPERCALL_STATUS_H
#define HYPERCALL_STATUS_H

#include <linux/types.h>

/**
 * enum hvc_verdict - what to do after a post-message hypercall
 * @HVC_DONE:	the message is queued
 * @HVC_RETRY:	the host could not take it now; wait and send it again
 * @HVC_LOWER:	no such connection for this protocol version; ask for less
 * @HVC_FAIL:	it will never be taken
 */
enum hvc_verdict {
	HVC_DONE,
	HVC_RETRY,
	HVC_LOWER,
	HVC_FAIL,
};

/* Tries of one message, the first included */
#define HVC_POST_TRIES	100

int hvc_status_errno(u64 result);
enum hvc_verdict hvc_post_verdict(u64 result, bool contact);
u32 hvc_backoff_us(unsigned int failed_tries);

#endif /* HYPERCALL_STATUS_H */
