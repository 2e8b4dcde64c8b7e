// SPDX-License-Identifier: GPL-2.0-only
/*
 * Heartbeat: sequence + 1.
 *
 * Pure. Called by heartbeat.c for each beat.
 */
#include <linux/types.h>
#include <asm/byteorder.h>

#include "../ic/ic_types.h"
#include "hb.h"
#include "hb_wire.h"

/**
 * hb_answer() - answer a beat
 * @body: behind the header; edited in place
 * @bytes: its length
 *
 * Context: any.
 * Return: status for the host.
 */
u32 hb_answer(void *body, u32 bytes)
{
	struct hb_beat *beat = body;

	if (bytes < HB_LEAST_BYTES)
		return IC_E_FAIL;
	beat->sequence = cpu_to_le64(le64_to_cpu(beat->sequence) + 1);
	return IC_OK;
}
