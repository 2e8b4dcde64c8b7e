// SPDX-License-Identifier: GPL-2.0-only
/* Packets of received frames: what is one, and where its ranges may be. */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../netvsc/nvsp.h"
#include "../../../netvsc/xfer.h"
#include "net_mock.h"

#define BUF_BYTES	(16u << 20)
#define PART_BYTES	1728u

static const u32 two_ranges[2][2] = { { 0, 104 }, { 3456, 1700 } };

static enum xfer_verdict check(struct kunit *test, const u8 *pkt, u32 offset, u32 bytes, u32 *n)
{
	u8 *p = mock_exact(test, pkt, bytes);
	enum xfer_verdict v = xfer_check(p, offset, bytes, n);

	kunit_kfree(test, p);
	return v;
}

/* The worked example of the reference: one frame. */
static void check_golden(struct kunit *test)
{
	static const u8 pkt[72] = {
		7, 0, 4, 0, 9, 0, 1, 0, 0x11, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0xca, 0, 0, 1, 0, 0, 0,
		0x0e, 7, 0, 0, 0x80, 0x0d, 0, 0,
		0x6b, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0,
	};
	u32 n = 0, at, bytes;

	KUNIT_EXPECT_EQ(test, check(test, pkt, 32, 72, &n), XFER_OK);
	KUNIT_EXPECT_EQ(test, n, 1u);
	KUNIT_EXPECT_FALSE(test, xfer_range(pkt, 0, BUF_BYTES, PART_BYTES, &at, &bytes));
	KUNIT_EXPECT_TRUE(test, xfer_range(pkt, 0, BUF_BYTES, 1806, &at, &bytes));
	KUNIT_EXPECT_EQ(test, at, 3456u);
	KUNIT_EXPECT_EQ(test, bytes, 1806u);
}

static void check_every_truncation(struct kunit *test)
{
	u8 pkt[80];
	u32 n, full, count;

	full = mock_xfer(pkt, 1, two_ranges, 2);
	KUNIT_EXPECT_EQ(test, full, 80u);
	/* 28 bytes of message from hosts before 6.1; 16 are looked at */
	for (n = 16; n <= full; n++)
		KUNIT_EXPECT_EQ_MSG(test, check(test, pkt, 40, n, &count),
				    n < 56 ? XFER_SHORT : XFER_OK, "%u bytes", n);
}

static void check_every_offset(struct kunit *test)
{
	u8 pkt[80];
	u32 offset, n;

	for (offset = 0; offset <= 64; offset += 8) {
		enum xfer_verdict want = XFER_NOT_RNDIS;

		mock_xfer(pkt, 1, two_ranges, 2);
		if (offset < 32)
			want = XFER_SHORT;
		else if (offset == 40)
			want = XFER_OK;
		KUNIT_EXPECT_EQ_MSG(test, check(test, pkt, offset, 80, &n), want, "at %u", offset);
	}
	/* an offset beyond the packet */
	KUNIT_EXPECT_EQ(test, check(test, pkt, 72, 80, &n), XFER_SHORT);
	KUNIT_EXPECT_EQ(test, check(test, pkt, 0x7fff8, 80, &n), XFER_SHORT);
}

static void check_range_count(struct kunit *test)
{
	static const u32 bad[] = { 0, 3, 562, 563, 0xffff, 0x10000, 0x20000002, 0x80000000,
		0xffffffff };
	u8 pkt[80];
	u32 i, n;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		mock_xfer(pkt, 1, two_ranges, 2);
		mock_put32(pkt, 20, bad[i]);
		KUNIT_EXPECT_EQ(test, check(test, pkt, 40, 80, &n), XFER_COUNT);
	}
	/* fewer than there is room for */
	mock_put32(pkt, 20, 1);
	KUNIT_EXPECT_EQ(test, check(test, pkt, 40, 80, &n), XFER_OK);
	KUNIT_EXPECT_EQ(test, n, 1u);
}

static void check_most_ranges(struct kunit *test)
{
	u32 (*range)[2] = kunit_kzalloc(test, 563 * sizeof(*range), GFP_KERNEL);
	u8 *pkt = kunit_kzalloc(test, 24 + 563 * 8 + 40, GFP_KERNEL);
	u32 bytes, n = 0;

	KUNIT_ASSERT_NOT_NULL(test, range);
	KUNIT_ASSERT_NOT_NULL(test, pkt);
	bytes = mock_xfer(pkt, 1, (const u32 (*)[2])range, 562);
	KUNIT_EXPECT_EQ(test, check(test, pkt, 24 + 562 * 8, bytes, &n), XFER_OK);
	KUNIT_EXPECT_EQ(test, n, 562u);
	bytes = mock_xfer(pkt, 1, (const u32 (*)[2])range, 563);
	KUNIT_EXPECT_EQ(test, check(test, pkt, 24 + 563 * 8, bytes, &n), XFER_COUNT);
}

/*
 * Packets that were refused here were never completed, and their sections
 * were lost. Each kind of refusal: the host gets its sections back.
 */
static void regress_refused_packet_is_completed(struct kunit *test)
{
	static const u8 fail[8] = { 0x6c, 0, 0, 0, 2, 0, 0, 0 };
	static const u8 good[8] = { 0x6c, 0, 0, 0, 1, 0, 0, 0 };
	struct nvsp_done done;
	u8 pkt[80];
	u32 i, n;

	for (i = 0; i < XFER_NR; i++) {
		enum xfer_verdict v;

		mock_xfer(pkt, 1, two_ranges, 2);
		switch ((enum xfer_verdict)i) {
		case XFER_OK:
		case XFER_NR:
			break;
		case XFER_SHORT:
			v = check(test, pkt, 40, 48, &n);
			KUNIT_EXPECT_EQ(test, v, XFER_SHORT);
			break;
		case XFER_NOT_RNDIS:
			mock_put32(pkt, 40, 108);
			break;
		case XFER_PAGESET:
			mock_put16(pkt, 16, 0xcaff);
			break;
		case XFER_COUNT:
			mock_put32(pkt, 20, 0);
			break;
		}
		v = check(test, pkt, 40, i == XFER_SHORT ? 48 : 80, &n);
		KUNIT_EXPECT_EQ(test, v, i);
		memset(&done, 0xff, sizeof(done));
		nvsp_build_done(&done, xfer_good(v, 0));
		KUNIT_EXPECT_EQ(test, memcmp(&done, i == XFER_OK ? good : fail, 8), 0);
		/* a good packet with a bad range */
		nvsp_build_done(&done, xfer_good(v, 1));
		KUNIT_EXPECT_EQ(test, memcmp(&done, fail, 8), 0);
	}
}

static void range_every_edge(struct kunit *test)
{
	static const struct {
		u32 at, bytes;
		bool good;
	} rows[] = {
		{ 0, 0, true }, { 0, 1, true }, { 0, 1728, true }, { 0, 1729, false },
		{ BUF_BYTES, 0, true }, { BUF_BYTES, 1, false }, { BUF_BYTES + 1, 0, false },
		{ BUF_BYTES - 1728, 1728, true }, { BUF_BYTES - 1727, 1728, false },
		{ 100, 0xffffffff, false }, { 0xffffffff, 1, false },
		{ 0xffffffff, 0xffffffff, false },
		{ 0xfffff000, 0x1100, false }, { 0x80000000, 0x80000000, false },
	};
	u8 pkt[80];
	u32 i, at, bytes;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const u32 range[2][2] = { { 8, 8 }, { rows[i].at, rows[i].bytes } };

		mock_xfer(pkt, 1, range, 2);
		KUNIT_EXPECT_TRUE(test, xfer_range(pkt, 0, BUF_BYTES, PART_BYTES, &at, &bytes));
		KUNIT_EXPECT_EQ(test, at, 8u);
		KUNIT_EXPECT_EQ_MSG(test, xfer_range(pkt, 1, BUF_BYTES, PART_BYTES, &at, &bytes),
				    rows[i].good, "row %u", i);
		if (rows[i].good) {
			KUNIT_EXPECT_EQ(test, at, rows[i].at);
			KUNIT_EXPECT_EQ(test, bytes, rows[i].bytes);
		}
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(check_golden),
	KUNIT_CASE(check_every_truncation),
	KUNIT_CASE(check_every_offset),
	KUNIT_CASE(check_range_count),
	KUNIT_CASE(check_most_ranges),
	KUNIT_CASE(regress_refused_packet_is_completed),
	KUNIT_CASE(range_every_edge),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_netvsc_xfer",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit suite of netvsc/xfer.h");
