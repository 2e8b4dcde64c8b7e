// SPDX-License-Identifier: GPL-2.0-only
/*
 * Heartbeat: the bytes of an answer in both forms of the message, the wrap of
 * the sequence, and beats that are too short.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../heartbeat/hb.c"
#include "ic_mock.h"

static void adds_one_and_no_more(struct kunit *test)
{
	static const u32 sizes[] = { 8, 16, 40 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		u8 *p = mock_ic(test, 28 + sizes[i], 1), *before;

		mock_put64(p, 28, 0x1122334455667788);
		before = mock_exact(test, p, 28 + sizes[i]);
		KUNIT_EXPECT_EQ(test, hb_answer(p + 28, sizes[i]), 0u);
		KUNIT_EXPECT_EQ(test, mock_get64(p, 28), 0x1122334455667789ull);
		KUNIT_EXPECT_MEMEQ(test, p, before, 28);
		KUNIT_EXPECT_MEMEQ(test, p + 36, before + 36, sizes[i] - 8);
	}
}

static void wraps_in_silence(struct kunit *test)
{
	u8 body[8];

	memset(body, 0xff, 8);
	KUNIT_EXPECT_EQ(test, hb_answer(body, 8), 0u);
	KUNIT_EXPECT_EQ(test, mock_get64(body, 0), 0ull);
	mock_put64(body, 0, 0x00000000ffffffff);
	hb_answer(body, 8);
	KUNIT_EXPECT_EQ(test, mock_get64(body, 0), 0x100000000ull);
}

static void too_short(struct kunit *test)
{
	u32 bytes;

	for (bytes = 0; bytes < 8; bytes++) {
		u8 *p = kunit_kzalloc(test, bytes ? bytes : 1, GFP_KERNEL);

		KUNIT_EXPECT_EQ(test, hb_answer(p, bytes), 0x80004005u);
		KUNIT_EXPECT_EQ(test, p[0], 0);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(adds_one_and_no_more),
	KUNIT_CASE(wraps_in_silence),
	KUNIT_CASE(too_short),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_utils_hb",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Tests of heartbeat/hb.c");
