// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a hypercall result means: errno, retry or not, how long to wait.
 *
 * Core: called by hypercall.c and by the tests, from any context. A result
 * is 64 bits of which only 15:0 are the status; the rest is ignored.
 */
#include <linux/errno.h>
#include "hypercall_wire.h"
#include "status.h"

static const struct {
	u16 status;
	s16 err;
} errors[] = {
	{ HVW_STATUS_SUCCESS,			0 },
	{ HVW_STATUS_INVALID_HYPERCALL_CODE,	-EOPNOTSUPP },
	{ HVW_STATUS_INVALID_HYPERCALL_INPUT,	-EINVAL },
	{ HVW_STATUS_INVALID_ALIGNMENT,		-EINVAL },
	{ HVW_STATUS_INVALID_PARAMETER,		-EINVAL },
	{ HVW_STATUS_ACCESS_DENIED,		-EACCES },
	{ HVW_STATUS_INVALID_PARTITION_STATE,	-EIO },
	{ HVW_STATUS_OPERATION_DENIED,		-EACCES },
	{ HVW_STATUS_UNKNOWN_PROPERTY,		-EINVAL },
	{ HVW_STATUS_VALUE_OUT_OF_RANGE,	-ERANGE },
	{ HVW_STATUS_INSUFFICIENT_MEMORY,	-ENOMEM },
	{ HVW_STATUS_INVALID_PARTITION_ID,	-EINVAL },
	{ HVW_STATUS_INVALID_VP_INDEX,		-EINVAL },
	{ HVW_STATUS_NOT_FOUND,			-ENOENT },
	{ HVW_STATUS_INVALID_PORT_ID,		-ENXIO },
	{ HVW_STATUS_INVALID_CONNECTION_ID,	-ENXIO },
	{ HVW_STATUS_INSUFFICIENT_BUFFERS,	-EAGAIN },
	{ HVW_STATUS_NOT_ACKNOWLEDGED,		-EIO },
	{ HVW_STATUS_INVALID_VP_STATE,		-EIO },
	{ HVW_STATUS_INVALID_SYNIC_STATE,	-EIO },
	{ HVW_STATUS_OBJECT_IN_USE,		-EBUSY },
	{ HVW_STATUS_NO_DATA,			-ENODATA },
	{ HVW_STATUS_INACTIVE,			-EIO },
	{ HVW_STATUS_NO_RESOURCES,		-ENOSPC },
	{ HVW_STATUS_FEATURE_UNAVAILABLE,	-EOPNOTSUPP },
	{ HVW_STATUS_INSUFFICIENT_BUFFER,	-EMSGSIZE },
	{ HVW_STATUS_OPERATION_FAILED,		-EIO },
	{ HVW_STATUS_TIME_OUT,			-ETIMEDOUT },
	{ HVW_STATUS_CALL_PENDING,		-EINPROGRESS },
};

#define NUM_ERRORS	(sizeof(errors) / sizeof(*errors))

/**
 * hvc_status_errno() - errno for the result of a hypercall
 * @result:	what the hypervisor returned, all 64 bits
 *
 * Context: Any.
 * Return: 0, or a negative errno; -EIO for a status nobody has documented,
 * which includes the all-ones of a hypercall page that was never enabled.
 */
int hvc_status_errno(u64 result)
{
	u16 status = result & HVW_RESULT_STATUS;
	unsigned int i;

	for (i = 0; i < NUM_ERRORS; i++)
		if (errors[i].status == status)
			return errors[i].err;
	return -EIO;
}

/**
 * hvc_post_verdict() - what to do after posting a message
 * @result:	result of the hypercall
 * @contact:	the message opens a connection, so that an invalid connection
 *		id means that the host does not speak the version it stands for
 *
 * Without @contact an invalid connection id is a passing state: hosts answer
 * so while they move a virtual machine.
 *
 * Context: Any.
 * Return: The verdict.
 */
enum hvc_verdict hvc_post_verdict(u64 result, bool contact)
{
	switch (result & HVW_RESULT_STATUS) {
	case HVW_STATUS_SUCCESS:
		return HVC_DONE;
	case HVW_STATUS_INSUFFICIENT_MEMORY:
	case HVW_STATUS_INSUFFICIENT_BUFFERS:
		return HVC_RETRY;
	case HVW_STATUS_INVALID_CONNECTION_ID:
		return contact ? HVC_LOWER : HVC_RETRY;
	default:
		return HVC_FAIL;
	}
}

/* Longest wait between two tries: 2^18 us, about a quarter of a second */
#define BACKOFF_SHIFT_MAX	18

/**
 * hvc_backoff_us() - how long to wait before the next try
 * @failed_tries: tries made so far, at least 1
 *
 * From 1 us, doubling to a quarter of a second: a full queue is emptied within
 * microseconds, a host that is being serviced takes seconds. All tries of a
 * message together wait for 21.5 s.
 *
 * Context: Any.
 * Return: Microseconds, or 0 when it is time to give up.
 */
u32 hvc_backoff_us(unsigned int failed_tries)
{
	unsigned int shift = failed_tries - 1;

	if (failed_tries < 1 || failed_tries >= HVC_POST_TRIES)
		return 0;
	if (shift > BACKOFF_SHIFT_MAX)
		shift = BACKOFF_SHIFT_MAX;
	return (u32)1 << shift;
}
