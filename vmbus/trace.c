// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tracepoints' bodies. The includes come first: they must not be read
 * with CREATE_TRACE_POINTS defined.
 */
#include <linux/hyperv.h>
#include <linux/string.h>
#include "msg_wire.h"

#define CREATE_TRACE_POINTS
#include "trace.h"
