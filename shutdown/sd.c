// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shutdown: which of three things the host asks for, if the version allows it.
 *
 * Pure. Called by shutdown.c for each request.
 */
#include <linux/types.h>
#include <asm/byteorder.h>

#include "../ic/ic_types.h"
#include "sd.h"
#include "sd_wire.h"

/**
 * sd_decide() - what to do
 * @body: behind the header
 * @bytes: its length
 * @version: message version agreed on
 * @can_hibernate: the machine is able to
 * @status: for the host; 0 says that it will be done
 *
 * Context: any.
 * Return: what to do once the answer is on its way.
 */
enum sd_action sd_decide(const void *body, u32 bytes, int version,
			 bool can_hibernate, u32 *status)
{
	const struct sd_request *request = body;
	enum sd_action action = SD_NOTHING;

	*status = IC_E_FAIL;
	if (bytes < sizeof(*request))
		return SD_NOTHING;
	switch (le32_to_cpu(request->flags)) {
	case 0:
	case SD_FLAG_FORCE:
		action = SD_POWER_OFF;
		break;
	case SD_FLAG_RESTART:
	case SD_FLAG_RESTART | SD_FLAG_FORCE:
		if (version >= IC_VERSION(3, 1))
			action = SD_RESTART;
		break;
	case SD_FLAG_HIBERNATE:
	case SD_FLAG_HIBERNATE | SD_FLAG_FORCE:
		if (version >= IC_VERSION(3, 2) && can_hibernate)
			action = SD_HIBERNATE;
		break;
	}
	if (action != SD_NOTHING)
		*status = IC_OK;
	return action;
}
