// SPDX-License-Identifier: GPL-2.0-only
/* Offloads: every capability alone and together, and the words for the host. */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../netvsc/offload.c"
#include "wire_mock.h"

static const u32 versions[] = { 0x2, 0x30002, 0x40000, 0x50000, 0x60000, 0x60001 };

/* A host that can do everything. */
static void everything(u8 *info)
{
	memset(info, 0, 156);
	info[0] = 0xa7;
	info[1] = 3;
	mock_put16(info, 2, 156);
	mock_put32(info, 4, 2);
	mock_put32(info, 8, 0x155);
	mock_put32(info, 12, 2);
	mock_put32(info, 16, 0x155);
	mock_put32(info, 20, 2);
	mock_put32(info, 24, 0x55);
	mock_put32(info, 28, 2);
	mock_put32(info, 32, 0x55);
	mock_put32(info, 80, 2);
	mock_put32(info, 84, 0xf53c);
	mock_put32(info, 88, 2);
	mock_put32(info, 92, 2);
	mock_put32(info, 96, 0xf000);
	mock_put32(info, 100, 2);
	mock_put32(info, 104, 5);
	info[144] = 1;
	info[145] = 1;
}

static int parse(struct kunit *test, const u8 *info, u32 bytes, struct ndis_caps *caps)
{
	u8 *p = mock_exact(test, info, bytes);
	int err;

	err = offload_parse(p, bytes, 0x60001, caps);
	kunit_kfree(test, p);
	return err;
}

static void query_every_version(struct kunit *test)
{
	static const u8 want[6][4] = {
		{ 0xa7, 1, 112, 0 }, { 0xa7, 1, 112, 0 }, { 0xa7, 2, 144, 0 },
		{ 0xa7, 3, 156, 0 }, { 0xa7, 3, 156, 0 }, { 0xa7, 3, 156, 0 },
	};
	struct ndis_hdr hdr;
	int i;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		KUNIT_EXPECT_EQ(test, offload_query(&hdr, versions[i]), 4u);
		KUNIT_EXPECT_EQ(test, memcmp(&hdr, want[i], 4), 0);
	}
}

static void parse_everything(struct kunit *test)
{
	struct ndis_caps caps;
	u8 info[156];

	everything(info);
	memset(&caps, 0, sizeof(caps));
	KUNIT_EXPECT_EQ(test, parse(test, info, 156, &caps), 0);
	KUNIT_EXPECT_TRUE(test, caps.tcp4);
	KUNIT_EXPECT_TRUE(test, caps.tcp6);
	KUNIT_EXPECT_TRUE(test, caps.udp4);
	KUNIT_EXPECT_TRUE(test, caps.udp6);
	KUNIT_EXPECT_TRUE(test, caps.rx_tcp4);
	KUNIT_EXPECT_TRUE(test, caps.rx_tcp6);
	KUNIT_EXPECT_TRUE(test, caps.rx_udp4);
	KUNIT_EXPECT_TRUE(test, caps.rx_udp6);
	KUNIT_EXPECT_TRUE(test, caps.tso4);
	KUNIT_EXPECT_TRUE(test, caps.tso6);
	KUNIT_EXPECT_TRUE(test, caps.rsc);
	KUNIT_EXPECT_EQ(test, caps.tso_max_bytes, 0xf000u);
}

static void parse_nothing(struct kunit *test)
{
	static const struct ndis_caps none;
	struct ndis_caps caps;
	u8 info[156] = { 0xa7, 1, 112 };

	memset(&caps, 0xff, sizeof(caps));
	KUNIT_EXPECT_EQ(test, parse(test, info, 112, &caps), 0);
	KUNIT_EXPECT_EQ(test, memcmp(&caps, &none, sizeof(caps)), 0);
}

static void parse_every_version(struct kunit *test)
{
	struct ndis_caps caps;
	u8 info[156];
	int i;

	everything(info);
	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		bool five = versions[i] >= 0x50000;

		KUNIT_EXPECT_EQ(test, offload_parse(info, 156, versions[i], &caps), 0);
		KUNIT_EXPECT_TRUE(test, caps.tcp4);
		KUNIT_EXPECT_TRUE(test, caps.tcp6);
		KUNIT_EXPECT_TRUE(test, caps.tso4);
		KUNIT_EXPECT_TRUE(test, caps.tso6);
		KUNIT_EXPECT_EQ(test, caps.udp4, five);
		KUNIT_EXPECT_EQ(test, caps.udp6, five);
		KUNIT_EXPECT_EQ(test, caps.rx_udp4, five);
		KUNIT_EXPECT_EQ(test, caps.rx_udp6, five);
		KUNIT_EXPECT_EQ(test, caps.rsc, versions[i] >= 0x60001);
	}
}

/* Each capability needs each of its words. */
static void parse_one_word_missing(struct kunit *test)
{
	static const struct {
		u32 at;
		u32 word;
		bool tcp4, udp4, tso4, tcp6, udp6, tso6;
		u32 max;
	} rows[] = {
		{ 8, 0x155, 1, 1, 1, 1, 1, 1, 0xf000 },
		{ 8, 0x145, 0, 0, 0, 1, 1, 1, 0xf000 },
		{ 8, 0x151, 0, 0, 0, 1, 1, 1, 0xf000 },
		{ 8, 0x115, 1, 0, 1, 1, 1, 1, 0xf000 },
		{ 8, 0x014, 1, 0, 1, 1, 1, 1, 0xf000 },
		{ 24, 0x045, 1, 1, 1, 0, 0, 0, 0xf53c },
		{ 24, 0x051, 1, 1, 1, 0, 0, 0, 0xf53c },
		{ 24, 0x054, 1, 1, 1, 0, 0, 0, 0xf53c },
		{ 24, 0x015, 1, 1, 1, 1, 0, 1, 0xf000 },
		{ 80, 0, 1, 1, 0, 1, 1, 1, 0xf000 },
		{ 80, 1, 1, 1, 0, 1, 1, 1, 0xf000 },
		{ 84, 0, 1, 1, 0, 1, 1, 1, 0xf000 },
		{ 84, 2047, 1, 1, 0, 1, 1, 1, 0xf000 },
		{ 84, 2048, 1, 1, 1, 1, 1, 1, 2048 },
		{ 84, 0xffffffff, 1, 1, 1, 1, 1, 1, 0xf000 },
		{ 88, 3, 1, 1, 0, 1, 1, 1, 0xf000 },
		{ 88, 0, 1, 1, 1, 1, 1, 1, 0xf000 },
		{ 92, 0, 1, 1, 1, 1, 1, 0, 0xf53c },
		{ 96, 2047, 1, 1, 1, 1, 1, 0, 0xf53c },
		{ 96, 0xf53d, 1, 1, 1, 1, 1, 1, 0xf53c },
		{ 100, 3, 1, 1, 1, 1, 1, 0, 0xf53c },
		{ 104, 1, 1, 1, 1, 1, 1, 0, 0xf53c },
		{ 104, 4, 1, 1, 1, 1, 1, 0, 0xf53c },
	};
	struct ndis_caps caps;
	u8 info[156];
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		everything(info);
		mock_put32(info, rows[i].at, rows[i].word);
		KUNIT_EXPECT_EQ(test, parse(test, info, 156, &caps), 0);
		KUNIT_EXPECT_EQ_MSG(test, caps.tcp4, rows[i].tcp4, "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, caps.udp4, rows[i].udp4, "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, caps.tso4, rows[i].tso4, "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, caps.tcp6, rows[i].tcp6, "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, caps.udp6, rows[i].udp6, "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, caps.tso6, rows[i].tso6, "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, caps.tso_max_bytes, rows[i].max, "row %d", i);
	}
}

static void parse_received_checksums(struct kunit *test)
{
	static const u32 words[] = { 0, 0x10, 0x40, 0x50, 0xffffffaf };
	struct ndis_caps caps;
	u8 info[156];
	int i, j;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		for (j = 0; j < ARRAY_SIZE(words); j++) {
			everything(info);
			mock_put32(info, 16, words[i]);
			mock_put32(info, 32, words[j]);
			KUNIT_EXPECT_EQ(test, parse(test, info, 156, &caps), 0);
			KUNIT_EXPECT_EQ(test, caps.rx_tcp4, !!(words[i] & 0x10));
			KUNIT_EXPECT_EQ(test, caps.rx_udp4, !!(words[i] & 0x40));
			KUNIT_EXPECT_EQ(test, caps.rx_tcp6, !!(words[j] & 0x10));
			KUNIT_EXPECT_EQ(test, caps.rx_udp6, !!(words[j] & 0x40));
		}
}

static void parse_rsc_needs_both(struct kunit *test)
{
	struct ndis_caps caps;
	u8 info[156];
	int i;

	for (i = 0; i < 4; i++) {
		everything(info);
		info[144] = i & 1;
		info[145] = i >> 1;
		KUNIT_EXPECT_EQ(test, parse(test, info, 156, &caps), 0);
		KUNIT_EXPECT_EQ(test, caps.rsc, i == 3);
	}
}

static void parse_every_truncation(struct kunit *test)
{
	struct ndis_caps caps;
	u8 info[160];
	u32 n;

	memset(info, 0xff, sizeof(info));
	everything(info);
	for (n = 0; n <= 160; n++) {
		/* it knows */
		mock_put16(info, 2, n);
		KUNIT_EXPECT_EQ(test, parse(test, info, n, &caps), n < 112 ? -EPROTO : 0);
		if (n >= 112)
			KUNIT_EXPECT_EQ_MSG(test, caps.rsc, n >= 146, "%u", n);
		/* it does not know */
		mock_put16(info, 2, 156);
		KUNIT_EXPECT_EQ(test, parse(test, info, n, &caps), n < 156 ? -EPROTO : 0);
	}
}

static void parse_garbage_header(struct kunit *test)
{
	static const u16 bad[] = { 0, 111, 157, MOCK_BAD_U16 };
	struct ndis_caps caps;
	u8 info[156];
	u32 i;

	memset(&caps, 0xee, sizeof(caps));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		everything(info);
		mock_put16(info, 2, bad[i]);
		KUNIT_EXPECT_EQ(test, parse(test, info, 156, &caps), -EPROTO);
	}
	for (i = 0; i < 256; i++) {
		everything(info);
		info[0] = i;
		KUNIT_EXPECT_EQ(test, parse(test, info, 156, &caps), i == 0xa7 ? 0 : -EPROTO);
		everything(info);
		info[1] = i;
		KUNIT_EXPECT_EQ(test, parse(test, info, 156, &caps), i ? 0 : -EPROTO);
	}
}

static void params_golden(struct kunit *test)
{
	static const u8 want[28] = {
		0x80, 3, 28, 0, 1, 4, 4, 4, 4, 0, 0, 2, 2, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0,
	};
	struct ndis_use use = { true, true, true, true, true };
	struct ndis_offload_params params;
	struct ndis_caps caps;
	u8 info[156];

	everything(info);
	offload_parse(info, 156, 0x60001, &caps);
	memset(&params, 0xff, sizeof(params));
	KUNIT_EXPECT_EQ(test, offload_params(&params, 0x60001, &caps, &use), 28u);
	KUNIT_EXPECT_EQ(test, memcmp(&params, want, 28), 0);
}

/* Before 5: shorter, without UDP, revision the same. */
static void params_every_version(struct kunit *test)
{
	struct ndis_use use = { true, true, true, true, true };
	struct ndis_offload_params params;
	struct ndis_caps caps;
	const u8 *raw = (u8 *)&params;
	u8 info[156];
	int i;

	everything(info);
	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		bool five = versions[i] >= 0x50000;

		offload_parse(info, 156, versions[i], &caps);
		KUNIT_EXPECT_EQ(test, offload_params(&params, versions[i], &caps, &use),
				five ? 28u : 22u);
		KUNIT_EXPECT_EQ(test, raw[1], 3);
		KUNIT_EXPECT_EQ(test, mock_get16(raw, 2), five ? 28 : 22);
		KUNIT_EXPECT_EQ(test, raw[5], 4);
		KUNIT_EXPECT_EQ(test, raw[6], five ? 4 : 0);
		KUNIT_EXPECT_EQ(test, raw[8], five ? 4 : 0);
		KUNIT_EXPECT_EQ(test, raw[22], versions[i] >= 0x60001 ? 2 : 0);
	}
}

static void params_every_switch(struct kunit *test)
{
	struct ndis_offload_params params;
	const u8 *raw = (u8 *)&params;
	struct ndis_caps caps;
	u8 info[156];
	u32 bits;

	everything(info);
	offload_parse(info, 156, 0x60001, &caps);
	for (bits = 0; bits < 32; bits++) {
		struct ndis_use use = {
			.tx_csum = bits & 1, .rx_csum = bits & 2, .tso4 = bits & 4,
			.tso6 = bits & 8, .rsc = bits & 16,
		};
		u8 csum = 1 + (bits & 3);

		offload_params(&params, 0x60001, &caps, &use);
		KUNIT_EXPECT_EQ(test, raw[4], 1);
		KUNIT_EXPECT_EQ(test, raw[5], csum);
		KUNIT_EXPECT_EQ(test, raw[6], csum);
		KUNIT_EXPECT_EQ(test, raw[7], csum);
		KUNIT_EXPECT_EQ(test, raw[8], csum);
		KUNIT_EXPECT_EQ(test, raw[11], bits & 4 ? 2 : 1);
		KUNIT_EXPECT_EQ(test, raw[12], bits & 8 ? 2 : 1);
		KUNIT_EXPECT_EQ(test, raw[22], bits & 16 ? 2 : 1);
		KUNIT_EXPECT_EQ(test, raw[23], bits & 16 ? 2 : 1);
	}
}

/* What the host cannot do is left alone, each for itself. */
static void params_without_capability(struct kunit *test)
{
	static const struct {
		struct ndis_caps caps;
		u8 want[5];		/* bytes 5 to 8, and 11 */
	} rows[] = {
		{ { .tcp4 = true }, { 2, 0, 0, 0, 0 } },
		{ { .udp4 = true }, { 0, 2, 0, 0, 0 } },
		{ { .tcp6 = true }, { 0, 0, 2, 0, 0 } },
		{ { .udp6 = true }, { 0, 0, 0, 2, 0 } },
		{ { .rx_tcp4 = true }, { 3, 0, 0, 0, 0 } },
		{ { .rx_udp4 = true }, { 0, 3, 0, 0, 0 } },
		{ { .rx_tcp6 = true }, { 0, 0, 3, 0, 0 } },
		{ { .rx_udp6 = true }, { 0, 0, 0, 3, 0 } },
		{ { .tso4 = true }, { 0, 0, 0, 0, 2 } },
		{ { .tso6 = true, .rsc = true }, { 0, 0, 0, 0, 0 } },
	};
	struct ndis_use use = { true, true, true, true, true };
	struct ndis_offload_params params;
	const u8 *raw = (u8 *)&params;
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		offload_params(&params, 0x60001, &rows[i].caps, &use);
		KUNIT_EXPECT_EQ_MSG(test, memcmp(raw + 5, rows[i].want, 4), 0, "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, raw[11], rows[i].want[4], "row %d", i);
		KUNIT_EXPECT_EQ(test, raw[12], rows[i].caps.tso6 ? 2 : 0);
		KUNIT_EXPECT_EQ(test, raw[23], rows[i].caps.rsc ? 2 : 0);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(query_every_version),
	KUNIT_CASE(parse_everything),
	KUNIT_CASE(parse_nothing),
	KUNIT_CASE(parse_every_version),
	KUNIT_CASE(parse_one_word_missing),
	KUNIT_CASE(parse_received_checksums),
	KUNIT_CASE(parse_rsc_needs_both),
	KUNIT_CASE(parse_every_truncation),
	KUNIT_CASE(parse_garbage_header),
	KUNIT_CASE(params_golden),
	KUNIT_CASE(params_every_version),
	KUNIT_CASE(params_every_switch),
	KUNIT_CASE(params_without_capability),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_netvsc_offload",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit suite of netvsc/offload.c");
