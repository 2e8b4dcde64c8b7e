// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cutting a page list into GPADL messages: counts, bytes, order, and every
 * geometry that must be refused.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../vmbus/gpadl_msgs.c"
#include "wire_mock.h"

#define PFN_BASE 0x123456789abc0ull

static u64 pfn_of(void *ctx, u32 hvpage)
{
	u32 *calls = ctx;

	(*calls)++;
	return PFN_BASE + hvpage;
}

/* What the reference says about a list of n pages. */
static const struct { u32 pages, bodies; } counts[] = {
	{ 1, 0 }, { 2, 0 }, { 25, 0 }, { 26, 0 }, { 27, 1 }, { 54, 1 }, { 55, 2 }, { 82, 2 },
	{ 83, 3 }, { 512, 18 }, { 4096, 146 }, { 8189, 292 }, { 8190, 292 },
};

static void message_counts(struct kunit *test)
{
	struct gpadl_split s;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		KUNIT_ASSERT_EQ(test, gpadl_split_begin(&s, 5, 0xe1e10, 0,
							counts[i].pages * 4096), 0);
		KUNIT_EXPECT_EQ_MSG(test, gpadl_split_messages(&s), counts[i].bodies + 1,
				    "%u pages", counts[i].pages);
	}
}

/* Builds the whole list and checks every byte of every message. */
static void walk(struct kunit *test, u32 offset, u32 bytes, u32 pages)
{
	u8 *msg = kunit_kmalloc(test, 240, GFP_KERNEL);
	u32 calls = 0, seen = 0, messages = 0, k;
	struct gpadl_split s;
	size_t n;

	KUNIT_ASSERT_NOT_NULL(test, msg);
	KUNIT_ASSERT_EQ(test, gpadl_split_begin(&s, 0x7ff, 0xe1e10, offset, bytes), 0);
	for (;;) {
		u32 head, want;

		memset(msg, 0xcc, 240);
		n = gpadl_split_next(&s, msg, pfn_of, &calls);
		if (!n)
			break;
		if (!messages) {
			head = 28;
			want = min_t(u32, pages, 26);
			KUNIT_EXPECT_EQ(test, mock_get32(msg, 0), 8);
			KUNIT_EXPECT_EQ(test, mock_get32(msg, 8), 0x7ff);
			KUNIT_EXPECT_EQ(test, mock_get32(msg, 12), 0xe1e10);
			KUNIT_EXPECT_EQ(test, mock_get16(msg, 16), 8 + 8 * pages);
			KUNIT_EXPECT_EQ(test, mock_get16(msg, 18), 1);
			KUNIT_EXPECT_EQ(test, mock_get32(msg, 20), bytes);
			KUNIT_EXPECT_EQ(test, mock_get32(msg, 24), offset);
		} else {
			head = 16;
			want = min_t(u32, pages - seen, 28);
			KUNIT_EXPECT_EQ(test, mock_get32(msg, 0), 9);
			KUNIT_EXPECT_EQ(test, mock_get32(msg, 8), messages - 1);
			KUNIT_EXPECT_EQ(test, mock_get32(msg, 12), 0xe1e10);
		}
		KUNIT_EXPECT_EQ_MSG(test, mock_get32(msg, 4), 0, "padding is sent as zero");
		KUNIT_ASSERT_EQ(test, n, head + 8 * want);
		for (k = 0; k < want; k++)
			KUNIT_EXPECT_EQ(test, mock_get64(msg, head + 8 * k), PFN_BASE + seen + k);
		if (n < 240)
			KUNIT_EXPECT_EQ(test, msg[n], 0xcc);
		seen += want;
		messages++;
		KUNIT_ASSERT_LE(test, messages, 300);
	}
	KUNIT_EXPECT_EQ(test, seen, pages);
	KUNIT_EXPECT_EQ(test, calls, pages);
	KUNIT_EXPECT_EQ(test, messages, gpadl_split_messages(&s));
	/* Finished is finished. */
	KUNIT_EXPECT_EQ(test, gpadl_split_next(&s, msg, pfn_of, &calls), 0);
	kunit_kfree(test, msg);
}

static void every_page_count_up_to_200(struct kunit *test)
{
	u32 pages;

	for (pages = 1; pages <= 200; pages++)
		walk(test, 0, pages * 4096, pages);
}

static void largest_list(struct kunit *test)
{
	walk(test, 0, 8190u * 4096, 8190);
}

static void unaligned_buffers(struct kunit *test)
{
	static const struct { u32 offset, bytes, pages; } t[] = {
		{ 0, 1, 1 }, { 4095, 1, 1 }, { 4095, 2, 2 }, { 1, 4095, 1 }, { 1, 4096, 2 },
		{ 0, 4097, 2 }, { 2048, 4096, 2 }, { 4095, 4097, 2 }, { 4095, 4098, 3 },
		{ 512, 26 * 4096, 27 }, { 0, 26 * 4096, 26 }, { 1, 54 * 4096 - 1, 54 },
		{ 4095, 8189u * 4096 + 1, 8190 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++)
		walk(test, t[i].offset, t[i].bytes, t[i].pages);
}

static void impossible_geometry(struct kunit *test)
{
	static const struct { u32 id, offset, bytes; int want; } t[] = {
		{ 1, 0, 0, -EINVAL },
		{ 0, 0, 4096, -EINVAL },
		{ 1, 4096, 4096, -EINVAL },
		{ 1, 0xffffffff, 1, -EINVAL },
		{ 1, 0, 8190u * 4096 + 1, -E2BIG },
		{ 1, 1, 8190u * 4096, -E2BIG },
		{ 1, 0, 0xffffffff, -E2BIG },
		{ 1, 4095, 0xffffffff, -E2BIG },
		{ 1, 4095, 0xfffff001, -E2BIG },
		{ 1, 0, 8190u * 4096, 0 },
	};
	struct gpadl_split s;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    gpadl_split_begin(&s, 1, t[i].id, t[i].offset, t[i].bytes),
				    t[i].want, "offset %u bytes %u", t[i].offset, t[i].bytes);
}

/* 3 pages from offset 0x10: one message, byte for byte. */
static void golden_header(struct kunit *test)
{
	static const u8 want[52] = {
		8, 0, 0, 0, 0, 0, 0, 0,
		0x05, 0, 0, 0, 0x10, 0x1e, 0x0e, 0,
		0x20, 0, 1, 0,
		0x00, 0x20, 0, 0, 0x10, 0, 0, 0,
		0xc0, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01, 0,
		0xc1, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01, 0,
		0xc2, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01, 0,
	};
	struct gpadl_split s;
	u8 msg[240];
	u32 calls = 0;

	KUNIT_ASSERT_EQ(test, gpadl_split_begin(&s, 5, 0xe1e10, 0x10, 0x2000), 0);
	KUNIT_ASSERT_EQ(test, gpadl_split_next(&s, msg, pfn_of, &calls), 52);
	KUNIT_EXPECT_MEMEQ(test, msg, want, 52);
	KUNIT_EXPECT_EQ(test, gpadl_split_next(&s, msg, pfn_of, &calls), 0);
}

static struct kunit_case gpadl_cases[] = {
	KUNIT_CASE(message_counts),
	KUNIT_CASE(golden_header),
	KUNIT_CASE(every_page_count_up_to_200),
	KUNIT_CASE(largest_list),
	KUNIT_CASE(unaligned_buffers),
	KUNIT_CASE(impossible_geometry),
	{}
};

static struct kunit_suite gpadl_suite = {
	.name = "hv_vmbus_gpadl_msgs",
	.test_cases = gpadl_cases,
};

kunit_test_suite(gpadl_suite);

MODULE_DESCRIPTION("KUnit: GPADL messages");
MODULE_LICENSE("GPL");
