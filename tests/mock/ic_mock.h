/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets of the integration services, byte by byte: pipe header at 0, message
 * header at 8, body at 28. Offsets are those of the protocol reference.
 */
#ifndef TESTS_MOCK_IC_MOCK_H
#define TESTS_MOCK_IC_MOCK_H

#include "wire_mock.h"

/* A packet of @bytes with a request of @type; the body is noise. */
static inline u8 *mock_ic(struct kunit *test, u32 bytes, u16 type)
{
	u8 *p = kunit_kzalloc(test, bytes ? bytes : 1, GFP_KERNEL);
	u8 head[28] = { 1 };
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, p);
	mock_put32(head, 4, bytes < 8 ? 0 : bytes - 8);
	mock_put16(head, 8, 3);
	mock_put16(head, 12, type);
	mock_put16(head, 18, bytes < 28 ? 0 : bytes - 28);
	mock_put8(head, 24, 0x5a);
	mock_put8(head, 25, 3);
	for (i = 28; i < bytes; i++)
		p[i] = (u8)(0xc0 | i);
	memcpy(p, head, bytes < 28 ? bytes : 28);
	return p;
}

/* ASCII as the host writes it, with a NUL; returns bytes written. */
static inline u32 mock_utf16(u8 *to, const char *text)
{
	u32 n = 0;

	do {
		mock_put16(to, 2 * n, (u8)text[n]);
	} while (text[n++]);
	return 2 * n;
}

#endif /* TESTS_MOCK_IC_MOCK_H */
