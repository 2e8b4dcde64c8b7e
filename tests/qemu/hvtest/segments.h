/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers that start.S and C share. */
#ifndef HVTEST_SEGMENTS_H
#define HVTEST_SEGMENTS_H

#define SEL_CODE32	0x08
#define SEL_KCODE	0x10
#define SEL_KDATA	0x18
#define SEL_UCODE	0x23
#define SEL_UDATA	0x2b
#define SEL_TSS		0x30		/* + 16 per processor */

#define MAX_CPUS	16
#define AP_TRAMPOLINE	0x8000

#endif
