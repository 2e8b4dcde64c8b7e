// SPDX-License-Identifier: GPL-2.0-only
/*
 * Values of synthetic registers: what is set, what is cleared, and that every
 * reserved bit survives.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../hypercall/regs.c"
#include "wire_mock.h"

#define RSVD_PAGE	0x0000000000000ffeull	/* 11:1 */
#define SINT_OURS	0x00000000000700ffull	/* vector, masked, auto-EOI, polling */

static void page_on(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, regs_page_on(0, 0x12345000), 0x12345001);
	KUNIT_EXPECT_EQ(test, regs_page_on(RSVD_PAGE, 0x1000), 0x1000 | RSVD_PAGE | 1);
	KUNIT_EXPECT_EQ_MSG(test, regs_page_on(0xfffffffffffff000ull, 0x1000), 0x1001,
			    "the old page is replaced, not merged");
	KUNIT_EXPECT_EQ(test, regs_page_on(~0ull, 0), RSVD_PAGE | 1);
	KUNIT_EXPECT_EQ(test, regs_page_on(0, 0xfffffffffffff000ull), 0xfffffffffffff001ull);
	/* A stray low bit of the address does not leak into reserved bits. */
	KUNIT_EXPECT_EQ(test, regs_page_on(0, 0x1ffe), 0x1001);
}

static void page_off(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, regs_page_off(0x12345001), 0);
	KUNIT_EXPECT_EQ(test, regs_page_off(~0ull), RSVD_PAGE);
	KUNIT_EXPECT_EQ(test, regs_page_off(0), 0);
}

static void sint_on(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, regs_sint_on(0x10000, 0xf3, false, false), 0xf3);
	KUNIT_EXPECT_EQ(test, regs_sint_on(0x10000, 0xf3, true, false), 0x200f3);
	KUNIT_EXPECT_EQ(test, regs_sint_on(0x10000, 0xf3, false, true), 0x400f3);
	KUNIT_EXPECT_EQ(test, regs_sint_on(0x10000, 0xf3, true, true), 0x600f3);
	KUNIT_EXPECT_EQ_MSG(test, regs_sint_on(0x700ff, 0x20, false, false), 0x20,
			    "bits of an earlier owner go");
	KUNIT_EXPECT_EQ(test, regs_sint_on(~0ull, 0x20, false, false), ~SINT_OURS | 0x20);
}

static void sint_every_vector(struct kunit *test)
{
	unsigned int v;

	for (v = 16; v < 256; v++) {
		KUNIT_EXPECT_EQ(test, regs_sint_on(0x10000, v, false, false), v);
		KUNIT_EXPECT_EQ(test, regs_sint_on(0x100ff, v, true, false), v | 0x20000);
	}
}

static void sint_off(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, regs_sint_off(0xf3), 0x100f3);
	KUNIT_EXPECT_EQ(test, regs_sint_off(0x10000), 0x10000);
	KUNIT_EXPECT_EQ(test, regs_sint_off(0), 0x10000);
	KUNIT_EXPECT_EQ(test, regs_sint_off(~0ull), ~0ull);
}

static void os_id(struct kunit *test)
{
	/* bit 63, type 1 = Linux in 62:56, version in 47:16 */
	KUNIT_EXPECT_EQ(test, regs_os_id(0x060c75), 0x8100000000000000ull | 0x060c750000ull);
	KUNIT_EXPECT_NE_MSG(test, regs_os_id(0), 0, "0 would take the hypercall page away");
	KUNIT_EXPECT_EQ(test, regs_os_id(0), 0x8100000000000000ull);
	KUNIT_EXPECT_EQ_MSG(test, regs_os_id(0xffffffff), 0x8100ffffffff0000ull,
			    "nothing runs over into the type");
}

static void noise(struct kunit *test)
{
	struct mock_noise n = { 1234567 };
	unsigned int i;

	for (i = 0; i < 10000; i++) {
		u64 old = mock_noise(&n), gpa = mock_noise(&n);
		u64 on = regs_page_on(old, gpa), off = regs_page_off(on);
		u64 sint = regs_sint_on(old, gpa, gpa & 0x100, gpa & 0x200);

		KUNIT_EXPECT_EQ(test, on & RSVD_PAGE, old & RSVD_PAGE);
		KUNIT_EXPECT_EQ(test, on & ~0xfffull, gpa & ~0xfffull);
		KUNIT_EXPECT_EQ(test, on & 1, 1);
		KUNIT_EXPECT_EQ(test, off, old & RSVD_PAGE);
		KUNIT_EXPECT_EQ(test, sint & ~SINT_OURS, old & ~SINT_OURS);
		KUNIT_EXPECT_EQ(test, sint & 0xff, gpa & 0xff);
		KUNIT_EXPECT_EQ(test, sint >> 17 & 1, gpa >> 8 & 1);
		KUNIT_EXPECT_EQ(test, sint >> 18 & 1, gpa >> 9 & 1);
		KUNIT_EXPECT_EQ(test, sint >> 16 & 1, 0);
	}
}

static struct kunit_case regs_cases[] = {
	KUNIT_CASE(page_on),
	KUNIT_CASE(page_off),
	KUNIT_CASE(sint_on),
	KUNIT_CASE(sint_every_vector),
	KUNIT_CASE(sint_off),
	KUNIT_CASE(os_id),
	KUNIT_CASE(noise),
	{}
};

static struct kunit_suite regs_suite = {
	.name = "hv_hypercall_regs",
	.test_cases = regs_cases,
};

kunit_test_suite(regs_suite);

MODULE_DESCRIPTION("KUnit: values of synthetic registers");
MODULE_LICENSE("GPL");
