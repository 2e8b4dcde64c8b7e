/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The marks between which count.c counts. A program in the guest sets one with
 * mark_begin() and mark_end(); without the plugin they are NOPs.
 */
#ifndef MARK_H
#define MARK_H

#define MARK_BEGIN	0x48560001
#define MARK_END	0x48560002

#ifdef __x86_64__
#define MARK_STRING(x)	#x
#define MARK_NOP(mark)	__asm__ volatile(".byte 0x0f, 0x1f, 0x84, 0x00\n\t.long " MARK_STRING(mark) ::: "memory")

static inline void mark_begin(void)
{
	MARK_NOP(0x48560001);
}

static inline void mark_end(void)
{
	MARK_NOP(0x48560002);
}
#endif

#endif
