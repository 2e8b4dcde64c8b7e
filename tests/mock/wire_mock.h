/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes for the suites: little-endian fields by offset, exact-size copies,
 * repeatable noise.
 *
 * Nothing here uses the wire structs of the code under test. Offsets are those
 * of the protocol documents, so that a mistake in a struct cannot hide in the
 * test that should find it.
 */
#ifndef TESTS_MOCK_WIRE_MOCK_H
#define TESTS_MOCK_WIRE_MOCK_H

#include <kunit/test.h>
#include <linux/string.h>
#include <linux/types.h>

static inline void mock_put8(void *buf, unsigned int off, u8 v)
{
	((u8 *)buf)[off] = v;
}

static inline void mock_put16(void *buf, unsigned int off, u16 v)
{
	mock_put8(buf, off, v & 0xff);
	mock_put8(buf, off + 1, v >> 8);
}

static inline void mock_put32(void *buf, unsigned int off, u32 v)
{
	mock_put16(buf, off, v & 0xffff);
	mock_put16(buf, off + 2, v >> 16);
}

static inline void mock_put64(void *buf, unsigned int off, u64 v)
{
	mock_put32(buf, off, v & 0xffffffff);
	mock_put32(buf, off + 4, v >> 32);
}

static inline u16 mock_get16(const void *buf, unsigned int off)
{
	const u8 *p = (const u8 *)buf + off;

	return p[0] | p[1] << 8;
}

static inline u32 mock_get32(const void *buf, unsigned int off)
{
	return mock_get16(buf, off) | (u32)mock_get16(buf, off + 2) << 16;
}

static inline u64 mock_get64(const void *buf, unsigned int off)
{
	return mock_get32(buf, off) | (u64)mock_get32(buf, off + 4) << 32;
}

/*
 * The first @bytes of @src in memory of exactly that size: one byte read past
 * the end is found by the sanitizer.
 */
static inline void *mock_exact(struct kunit *test, const void *src, size_t bytes)
{
	void *p = kunit_kmalloc(test, bytes ? bytes : 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	memcpy(p, src, bytes);
	return p;
}

/* A length field can hold each of these, and each has broken a parser. */
#define MOCK_BAD_U16 0x0001, 0x0007, 0x7fff, 0x8000, 0xfff8, 0xffff
#define MOCK_BAD_U32 0x00000001, 0x00000007, 0x0000ffff, 0x00010000,	\
	0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff

/* xorshift64: the same noise in every run */
struct mock_noise {
	u64 state;
};

static inline u64 mock_noise(struct mock_noise *n)
{
	n->state ^= n->state << 13;
	n->state ^= n->state >> 7;
	n->state ^= n->state << 17;
	return n->state;
}

static inline void mock_fill(struct mock_noise *n, void *buf, size_t bytes)
{
	u8 *p = buf;

	while (bytes--)
		*p++ = mock_noise(n) >> 24;
}

#endif /* TESTS_MOCK_WIRE_MOCK_H */
