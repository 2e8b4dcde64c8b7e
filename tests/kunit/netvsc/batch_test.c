// SPDX-License-Identifier: GPL-2.0-only
/* Several frames in one send section: when the next one fits, and where. */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../netvsc/batch.c"
#include "wire_mock.h"

static void init(struct batch *b, u32 section, u32 packets, u32 transfer, u32 align)
{
	struct rndis_limits limits = {
		.max_packets = packets, .max_transfer = transfer, .align = align,
	};

	memset(b, 0xa5, sizeof(*b));
	batch_init(b, section, &limits);
}

static void init_every_limit(struct kunit *test)
{
	struct batch b;

	init(&b, 6144, 8, 0xefffffff, 8);
	KUNIT_EXPECT_EQ(test, b.limit, 6143u);
	KUNIT_EXPECT_EQ(test, b.max, 8u);
	KUNIT_EXPECT_EQ(test, b.align, 8u);
	KUNIT_EXPECT_EQ(test, b.used, 0u);
	KUNIT_EXPECT_FALSE(test, batch_waits(&b));
	init(&b, 6144, 8, 0x1000, 8);
	KUNIT_EXPECT_EQ(test, b.limit, 4095u);
	init(&b, 6144, 8, 6144, 8);
	KUNIT_EXPECT_EQ(test, b.limit, 6143u);
	init(&b, 6144, 8, 0, 8);
	KUNIT_EXPECT_EQ(test, b.limit, 0u);
	KUNIT_EXPECT_FALSE(test, batch_alone(&b, 1));
}

static void padded_every_alignment(struct kunit *test)
{
	struct batch b;
	u32 exponent, bytes;

	for (exponent = 0; exponent <= 7; exponent++) {
		init(&b, 6144, 8, 0x4000, 1u << exponent);
		for (bytes = 0; bytes < 300; bytes++) {
			u32 padded = batch_padded(&b, bytes);

			KUNIT_EXPECT_GE(test, padded, bytes);
			KUNIT_EXPECT_LT(test, padded - bytes, 1u << exponent);
			KUNIT_EXPECT_EQ(test, padded % (1u << exponent), 0u);
		}
	}
}

static void alone_up_to_the_limit(struct kunit *test)
{
	struct batch b;

	init(&b, 6144, 8, 0x4000, 8);
	KUNIT_EXPECT_TRUE(test, batch_alone(&b, 44 + 60));
	KUNIT_EXPECT_TRUE(test, batch_alone(&b, 6136));
	KUNIT_EXPECT_FALSE(test, batch_alone(&b, 6137));
	KUNIT_EXPECT_FALSE(test, batch_alone(&b, 6144));
	KUNIT_EXPECT_FALSE(test, batch_alone(&b, 0x10000));
	init(&b, 6144, 8, 0x4000, 1);
	KUNIT_EXPECT_TRUE(test, batch_alone(&b, 6143));
	KUNIT_EXPECT_FALSE(test, batch_alone(&b, 6144));
}

static void messages_in_a_row(struct kunit *test)
{
	struct batch b;
	u8 section[64];
	u32 pad;

	init(&b, 6144, 3, 0x4000, 8);
	batch_open(&b, section);
	KUNIT_EXPECT_TRUE(test, batch_fits(&b, 104));
	KUNIT_EXPECT_PTR_EQ(test, batch_add(&b, 104, &pad), &section[0]);
	KUNIT_EXPECT_EQ(test, pad, 0u);
	KUNIT_EXPECT_TRUE(test, batch_waits(&b));
	KUNIT_EXPECT_PTR_EQ(test, batch_add(&b, 105, &pad), section + 104);
	KUNIT_EXPECT_EQ(test, pad, 7u);
	KUNIT_EXPECT_EQ(test, b.used, 104u + 112);
	KUNIT_EXPECT_FALSE(test, batch_full(&b));
	KUNIT_EXPECT_PTR_EQ(test, batch_add(&b, 111, &pad), section + 216);
	KUNIT_EXPECT_EQ(test, pad, 1u);
	KUNIT_EXPECT_EQ(test, b.used, 328u);
	/* three is all the host takes */
	KUNIT_EXPECT_FALSE(test, batch_fits(&b, 1));
	KUNIT_EXPECT_TRUE(test, batch_full(&b));
	batch_drop(&b, 111);
	KUNIT_EXPECT_EQ(test, b.used, 216u);
	KUNIT_EXPECT_TRUE(test, batch_fits(&b, 1));
	batch_open(&b, section + 8);
	KUNIT_EXPECT_FALSE(test, batch_waits(&b));
	KUNIT_EXPECT_PTR_EQ(test, batch_add(&b, 60, &pad), section + 8);
	KUNIT_EXPECT_EQ(test, b.used, 64u);
}

static void bytes_run_out(struct kunit *test)
{
	struct batch b;
	u8 section[8];
	u32 pad;

	init(&b, 6144, 64, 0x4000, 8);
	batch_open(&b, section);
	batch_add(&b, 6000, &pad);
	KUNIT_EXPECT_TRUE(test, batch_fits(&b, 136));
	KUNIT_EXPECT_FALSE(test, batch_fits(&b, 137));
	KUNIT_EXPECT_FALSE(test, batch_fits(&b, 0x7fffff00));
	/* 143 bytes are left: a short frame goes in */
	KUNIT_EXPECT_FALSE(test, batch_full(&b));
	batch_add(&b, 40, &pad);
	KUNIT_EXPECT_TRUE(test, batch_full(&b));
	init(&b, 6144, 64, 0x4000, 1);
	batch_open(&b, section);
	batch_add(&b, 6143 - 108, &pad);
	KUNIT_EXPECT_FALSE(test, batch_full(&b));
	KUNIT_EXPECT_TRUE(test, batch_fits(&b, 108));
	KUNIT_EXPECT_FALSE(test, batch_fits(&b, 109));
	batch_add(&b, 1, &pad);
	KUNIT_EXPECT_TRUE(test, batch_full(&b));
}

/* Whatever is added while it fits, nothing leaves the section or overlaps. */
static void never_beyond_the_section(struct kunit *test)
{
	struct mock_noise n = { 7 };
	u8 section[1];
	struct batch b;
	u32 round, bytes, pad;

	for (round = 0; round < 500; round++) {
		u8 *end = section;
		u32 count = 0;

		init(&b, 68 + mock_noise(&n) % 8000, 1 + mock_noise(&n) % 64, 0xefffffff,
		     1u << mock_noise(&n) % 8);
		batch_open(&b, section);
		for (;;) {
			u8 *at;

			bytes = 44 + mock_noise(&n) % 1600;
			if (!batch_fits(&b, bytes))
				break;
			at = batch_add(&b, bytes, &pad);
			KUNIT_ASSERT_PTR_EQ(test, at, end);
			end = at + bytes + pad;
			count++;
			KUNIT_ASSERT_LE(test, b.used, b.limit);
			KUNIT_ASSERT_EQ(test, (u32)(end - section), b.used);
			KUNIT_ASSERT_LE(test, count, b.max);
		}
		KUNIT_EXPECT_EQ(test, batch_alone(&b, bytes),
				batch_padded(&b, bytes) <= b.limit);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(init_every_limit),
	KUNIT_CASE(padded_every_alignment),
	KUNIT_CASE(alone_up_to_the_limit),
	KUNIT_CASE(messages_in_a_row),
	KUNIT_CASE(bytes_run_out),
	KUNIT_CASE(never_beyond_the_section),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_netvsc_batch",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit suite of netvsc/batch.c");
