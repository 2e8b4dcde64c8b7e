/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Glue: the partition's reference counter, in units of 100 ns. The kernel's
 * reader knows the quickest way; a kernel without Hyper-V support has none,
 * and the register itself is read.
 */
#ifndef TIMESYNC_REF_H
#define TIMESYNC_REF_H

#include <linux/types.h>
#include <asm/mshyperv.h>
#include <asm/msr.h>

#include "../hypercall/hypercall_wire.h"

/**
 * ref_read() - read the counter
 *
 * Context: any; ref_known() said yes.
 * Return: 100 ns units since the partition was created.
 */
static inline u64 ref_read(void)
{
#ifdef HAVE_HV_REFERENCE_COUNTER
	return hv_read_reference_counter();
#else
	u64 value = 0;

	rdmsrq_safe(HVW_MSR_TIME_REF_COUNT, &value);
	return value;
#endif
}

/**
 * ref_known() - is there a counter?
 *
 * Context: any.
 * Return: true if so.
 */
static inline bool ref_known(void)
{
#ifdef HAVE_HV_REFERENCE_COUNTER
	return hv_read_reference_counter;
#else
	u64 value;

	return !rdmsrq_safe(HVW_MSR_TIME_REF_COUNT, &value);
#endif
}

#endif /* TIMESYNC_REF_H */
