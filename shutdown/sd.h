/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHUTDOWN_SD_H
#define SHUTDOWN_SD_H

#include <linux/types.h>

enum sd_action {
	SD_NOTHING,
	SD_POWER_OFF,
	SD_RESTART,
	SD_HIBERNATE,
};

enum sd_action sd_decide(const void *body, u32 bytes, int version,
			 bool can_hibernate, u32 *status);

#endif /* SHUTDOWN_SD_H */
