// SPDX-License-Identifier: GPL-2.0-only
/* Receive-side scaling: capabilities, numbers of channels, tables, parameters. */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../netvsc/rss_params.c"
#include "wire_mock.h"

static void capabilities(u8 *info, u32 flags, u32 queues, u16 entries)
{
	memset(info, 0, 24);
	info[0] = 0x88;
	info[1] = 2;
	mock_put16(info, 2, 18);
	mock_put32(info, 4, flags);
	mock_put32(info, 8, 64);
	mock_put32(info, 12, queues);
	mock_put16(info, 16, entries);
}

static int parse(struct kunit *test, const u8 *info, u32 bytes, struct rss_caps *caps)
{
	u8 *p = mock_exact(test, info, bytes);
	int err = rss_parse(p, bytes, caps);

	kunit_kfree(test, p);
	return err;
}

static void query_golden(struct kunit *test)
{
	static const u8 want[4] = { 0x88, 2, 18, 0 };
	struct ndis_hdr hdr;

	KUNIT_EXPECT_EQ(test, rss_query(&hdr), 4u);
	KUNIT_EXPECT_EQ(test, memcmp(&hdr, want, 4), 0);
}

static void parse_every_field(struct kunit *test)
{
	static const struct {
		u32 flags, queues;
		u16 entries;
		struct rss_caps caps;
	} rows[] = {
		{ 0x301, 64, 128, { 64, 128, 0x1701 } },
		{ 0x3f01, 8, 16, { 8, 16, 0x1f701 } },
		{ 0, 0, 0, { 1, 128, 0x500 } },
		{ 0x1, 1, 1, { 1, 1, 0x501 } },
		{ 0x100, 2, 256, { 2, 256, 0x700 } },
		{ 0x200, 2, 256, { 2, 256, 0x1500 } },
		{ 0x400, 2, 256, { 2, 256, 0x2500 } },
		{ 0x800, 2, 256, { 2, 256, 0x4500 } },
		{ 0x1000, 2, 256, { 2, 256, 0x8500 } },
		{ 0x2000, 0xffffffff, 256, { 0xffffffff, 256, 0x10500 } },
	};
	struct rss_caps caps;
	u8 info[24];
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		capabilities(info, rows[i].flags, rows[i].queues, rows[i].entries);
		KUNIT_EXPECT_EQ(test, parse(test, info, 18, &caps), 0);
		KUNIT_EXPECT_EQ_MSG(test, caps.queues, rows[i].caps.queues, "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, caps.entries, rows[i].caps.entries, "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, caps.hash, rows[i].caps.hash, "row %d", i);
	}
}

/* The number of entries becomes the length of a loop and of a message. */
static void regress_table_entries_are_bounded(struct kunit *test)
{
	static const u16 bad[] = { 257, 0x7fff, 0x8000, 0xffff };
	struct rss_caps caps = { .entries = 7 };
	u8 info[24];
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		capabilities(info, 0x301, 8, bad[i]);
		KUNIT_EXPECT_EQ(test, parse(test, info, 18, &caps), -EPROTO);
		KUNIT_EXPECT_EQ(test, caps.entries, 7u);
	}
}

static void parse_every_truncation(struct kunit *test)
{
	struct rss_caps caps;
	u8 info[24];
	u32 n;

	for (n = 0; n <= 24; n++) {
		capabilities(info, 0x301, 8, 64);
		/* it knows; revision 1 ends before the number of entries */
		mock_put16(info, 2, n);
		KUNIT_EXPECT_EQ(test, parse(test, info, n, &caps), n < 16 ? -EPROTO : 0);
		if (n >= 16)
			KUNIT_EXPECT_EQ(test, caps.entries, n < 17 ? 128u : 64u);
		/* it does not */
		mock_put16(info, 2, 18);
		KUNIT_EXPECT_EQ(test, parse(test, info, n, &caps), n < 18 ? -EPROTO : 0);
	}
}

static void parse_garbage_header(struct kunit *test)
{
	static const u16 bad[] = { 0, 15, 19, MOCK_BAD_U16 };
	struct rss_caps caps;
	u8 info[24];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		capabilities(info, 0x301, 8, 64);
		mock_put16(info, 2, bad[i]);
		KUNIT_EXPECT_EQ(test, parse(test, info, 18, &caps), -EPROTO);
	}
	for (i = 0; i < 256; i++) {
		capabilities(info, 0x301, 8, 64);
		info[0] = i;
		KUNIT_EXPECT_EQ(test, parse(test, info, 18, &caps), i == 0x88 ? 0 : -EPROTO);
	}
}

static void channels_smallest_of_all(struct kunit *test)
{
	static const u32 rows[][5] = {
		/* host, CPUs, wanted, bound, result */
		{ 64, 4, 8, 64, 4 }, { 2, 4, 8, 64, 2 }, { 64, 64, 8, 64, 8 },
		{ 64, 128, 128, 64, 64 }, { 1, 4, 8, 64, 1 }, { 64, 4, 0, 64, 1 },
		{ 64, 1, 8, 64, 1 }, { 0xffffffff, 0xffffffff, 0xffffffff, 64, 64 },
	};
	struct rss_caps caps = { 0 };
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		caps.queues = rows[i][0];
		KUNIT_EXPECT_EQ_MSG(test, rss_channels(&caps, rows[i][1], rows[i][2], rows[i][3]),
				    rows[i][4], "row %d", i);
	}
	KUNIT_EXPECT_EQ(test, rss_channels(NULL, 8, 8, 8), 1u);
}

static void spread_evenly(struct kunit *test)
{
	u16 table[256];
	u32 channels, i;

	for (channels = 1; channels <= 64; channels++) {
		memset(table, 0xff, sizeof(table));
		rss_spread(table, 256, channels);
		for (i = 0; i < 256; i++)
			KUNIT_EXPECT_EQ(test, table[i], i % channels);
		KUNIT_EXPECT_EQ(test, rss_check_table(table, 256, channels), 0);
		KUNIT_EXPECT_EQ(test, rss_check_table(table, 256, channels - 1), -EINVAL);
	}
	for (i = 0; i < 4; i++)
		table[i] = i ? 0 : 2;
	KUNIT_EXPECT_EQ(test, rss_check_table(table, 4, 2), -EINVAL);
	rss_spread(table, 256, 4);
	table[100] = 4;
	KUNIT_EXPECT_EQ(test, rss_check_table(table, 100, 64), 0);
}

static void params_golden(struct kunit *test)
{
	static const u8 head[40] = {
		0x89, 2, 40, 0, 0, 0, 0, 0, 0x01, 0x17, 0, 0, 16, 0, 0, 0,
		40, 0, 0, 0, 40, 0, 0, 0, 56, 0, 0, 0,
	};
	static const u8 table[16] = { 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0x34, 0x12, 0, 0 };
	static const u8 key[40] = {
		0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
		0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
		0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
	};
	static const u16 channels[4] = { 0, 1, 2, 0x1234 };
	u8 buf[100];

	memset(buf, 0xff, sizeof(buf));
	KUNIT_EXPECT_EQ(test, RSS_HASH_DEFAULT, 0x1701u);
	KUNIT_EXPECT_EQ(test, rss_params(buf, 96, false, RSS_HASH_DEFAULT, channels, 4,
					 rss_default_key), 96u);
	KUNIT_EXPECT_EQ(test, memcmp(buf, head, 40), 0);
	KUNIT_EXPECT_EQ(test, memcmp(buf + 40, table, 16), 0);
	KUNIT_EXPECT_EQ(test, memcmp(buf + 56, key, 40), 0);
	KUNIT_EXPECT_EQ(test, buf[96], 0xff);
	KUNIT_EXPECT_EQ(test, rss_params(buf, 95, false, 1, channels, 4, rss_default_key), 0u);
	KUNIT_EXPECT_EQ(test, rss_params(buf, 96, true, 1, channels, 4, rss_default_key), 96u);
	KUNIT_EXPECT_EQ(test, buf[4], 0x10);
}

static void params_longest(struct kunit *test)
{
	u8 *buf = kunit_kzalloc(test, RSS_PARAMS_MAX, GFP_KERNEL);
	u16 *table = kunit_kzalloc(test, 257 * sizeof(*table), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buf);
	KUNIT_ASSERT_NOT_NULL(test, table);
	KUNIT_EXPECT_EQ(test, RSS_PARAMS_MAX, 1104u);
	KUNIT_EXPECT_EQ(test, rss_params(buf, 1104, false, 1, table, 256, rss_default_key), 1104u);
	KUNIT_EXPECT_EQ(test, mock_get16(buf, 12), 1024);
	KUNIT_EXPECT_EQ(test, mock_get32(buf, 24), 1064u);
	KUNIT_EXPECT_EQ(test, rss_params(buf, 5000, false, 1, table, 257, rss_default_key), 0u);
	KUNIT_EXPECT_EQ(test, rss_params(buf, 1104, false, 1, table, 0x40000000,
					 rss_default_key), 0u);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(query_golden),
	KUNIT_CASE(parse_every_field),
	KUNIT_CASE(regress_table_entries_are_bounded),
	KUNIT_CASE(parse_every_truncation),
	KUNIT_CASE(parse_garbage_header),
	KUNIT_CASE(channels_smallest_of_all),
	KUNIT_CASE(spread_evenly),
	KUNIT_CASE(params_golden),
	KUNIT_CASE(params_longest),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_netvsc_rss_params",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit suite of netvsc/rss_params.c");
