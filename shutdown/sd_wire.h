/* SPDX-License-Identifier: GPL-2.0-only */
/* Shutdown: what the host wants the guest to do. */
#ifndef SHUTDOWN_SD_WIRE_H
#define SHUTDOWN_SD_WIRE_H

#include <linux/types.h>

#include "../compat/wire.h"

#define SD_FLAG_FORCE		0x1
#define SD_FLAG_RESTART		0x2	/* from 3.1 on */
#define SD_FLAG_HIBERNATE	0x4	/* from 3.2 on */

/* A text for display follows; nobody here reads it. */
struct sd_request {
	__le32 reason;
	__le32 timeout_s;
	__le32 flags;
} __packed;
WIRE_SIZE(struct sd_request, 12);
WIRE_AT(struct sd_request, flags, 8);

#endif /* SHUTDOWN_SD_WIRE_H */
