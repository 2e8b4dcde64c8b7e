// SPDX-License-Identifier: GPL-2.0-only
/*
 * Framing of the integration services: what a packet is taken for at every
 * length, lengths that lie, and the bytes of an answer.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../ic/ic_msg.c"
#include "../../../vmbus/ic_negotiate.c"
#include "ic_mock.h"

static void every_length(struct kunit *test)
{
	u32 bytes;

	for (bytes = 0; bytes <= 64; bytes++) {
		u8 *p = mock_ic(test, bytes, 1);

		KUNIT_EXPECT_EQ_MSG(test, ic_classify(p, bytes, 1),
				    bytes < 28 ? IC_SHORT : IC_REQUEST,
				    "%u bytes", bytes);
	}
}

static void other_types(struct kunit *test)
{
	static const u16 types[] = { 2, 3, 4, 5, 6, 7, 8, 9, 0x100, 0x8001, 0xffff };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		KUNIT_EXPECT_EQ(test, ic_classify(mock_ic(test, 40, types[i]), 40, 1),
				IC_FOREIGN);
	KUNIT_EXPECT_EQ(test, ic_classify(mock_ic(test, 40, 0), 40, 1), IC_NEGOTIATION);
}

static void lying_lengths(struct kunit *test)
{
	static const u16 bad16[] = { MOCK_BAD_U16 };
	static const u32 bad32[] = { MOCK_BAD_U32 };
	unsigned int i;
	u8 *p;

	for (i = 0; i < ARRAY_SIZE(bad16); i++) {
		p = mock_ic(test, 40, 1);
		mock_put16(p, 18, bad16[i]);
		KUNIT_EXPECT_EQ_MSG(test, ic_classify(p, 40, 1),
				    bad16[i] <= 12 ? IC_REQUEST : IC_BAD_LENGTH,
				    "icmsgsize %#x", bad16[i]);
	}
	for (i = 0; i < ARRAY_SIZE(bad32); i++) {
		p = mock_ic(test, 40, 1);
		mock_put32(p, 4, bad32[i]);
		KUNIT_EXPECT_EQ_MSG(test, ic_classify(p, 40, 1),
				    bad32[i] <= 32 ? IC_REQUEST : IC_BAD_LENGTH,
				    "pipe size %#x", bad32[i]);
	}
	/* Exactly at the end, and one beyond. */
	p = mock_ic(test, 40, 1);
	KUNIT_EXPECT_EQ(test, ic_classify(p, 40, 1), IC_REQUEST);
	mock_put16(p, 18, 13);
	KUNIT_EXPECT_EQ(test, ic_classify(p, 40, 1), IC_BAD_LENGTH);
}

static void seal_golden(struct kunit *test)
{
	u8 *p = mock_ic(test, 40, 1), *before = mock_exact(test, p, 40);

	mock_put8(p, 25, 0xff);
	mock_put16(p, 26, 0xffff);
	ic_seal(p, 40, 0x80004005);
	KUNIT_EXPECT_MEMEQ(test, p, before, 20);
	KUNIT_EXPECT_EQ(test, mock_get32(p, 20), 0x80004005u);
	KUNIT_EXPECT_EQ_MSG(test, p[24], 0x5a, "the transaction id is the host's");
	KUNIT_EXPECT_EQ_MSG(test, p[25], 5, "no flag of the host comes back");
	KUNIT_EXPECT_EQ(test, mock_get16(p, 26), 0);
	KUNIT_EXPECT_MEMEQ(test, p + 28, before + 28, 12);
}

static void seal_cuts_lengths(struct kunit *test)
{
	u8 *p = mock_ic(test, 40, 1);

	mock_put32(p, 4, 0xfffffff8);
	mock_put16(p, 18, 0xffff);
	ic_seal(p, 40, 0);
	KUNIT_EXPECT_EQ(test, mock_get32(p, 4), 32u);
	KUNIT_EXPECT_EQ(test, mock_get16(p, 18), 12);
}

static void seal_shortest(struct kunit *test)
{
	u8 *p = mock_ic(test, 28, 9);

	ic_seal(p, 28, 0x80004005);
	KUNIT_EXPECT_EQ(test, mock_get16(p, 18), 0);
	KUNIT_EXPECT_EQ(test, mock_get32(p, 4), 20u);
	KUNIT_EXPECT_EQ(test, p[25], 5);
}

static void agree_every_length(struct kunit *test)
{
	static const int fw[] = { 3 << 16, 1 << 16 }, msg[] = { 4 << 16 };
	u32 bytes;

	for (bytes = 28; bytes <= 48; bytes++) {
		u8 *p = mock_ic(test, bytes, 0);
		u8 body[20] = { 2, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0 };
		int got_fw = -1, got_msg = -1;
		bool ok;

		memcpy(p + 28, body, bytes - 28);
		ok = ic_agree(p, bytes, fw, 2, msg, 1, &got_fw, &got_msg);
		KUNIT_EXPECT_EQ_MSG(test, ok, bytes == 48, "%u bytes", bytes);
		KUNIT_EXPECT_EQ(test, got_fw, ok ? 3 << 16 : 0);
		KUNIT_EXPECT_EQ(test, got_msg, ok ? 4 << 16 : 0);
		KUNIT_EXPECT_EQ(test, p[25], 5);
		/* The length said never exceeds the packet. */
		KUNIT_EXPECT_LE(test, mock_get16(p, 18), bytes - 28);
		if (bytes >= 36 && !ok)
			KUNIT_EXPECT_EQ(test, mock_get32(p, 28), 0u);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(every_length),
	KUNIT_CASE(other_types),
	KUNIT_CASE(lying_lengths),
	KUNIT_CASE(seal_golden),
	KUNIT_CASE(seal_cuts_lengths),
	KUNIT_CASE(seal_shortest),
	KUNIT_CASE(agree_every_length),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_utils_ic_msg",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Tests of ic/ic_msg.c");
