// SPDX-License-Identifier: GPL-2.0-only
/*
 * RNDIS packet messages: the worked example of the reference and every header
 * we build; every length a host may get wrong in what it sends.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../netvsc/frame.h"
#include "net_mock.h"

#define MAX_FRAME 1522

static enum frame_verdict parse(struct kunit *test, const u8 *msg, u32 bytes, struct frame *f)
{
	u8 *p = mock_exact(test, msg, bytes);
	enum frame_verdict v;

	memset(f, 0xa5, sizeof(*f));
	v = frame_parse(p, bytes, MAX_FRAME, f);
	kunit_kfree(test, p);
	return v;
}

static void parse_plain_frame(struct kunit *test)
{
	u8 msg[44 + 60];
	struct frame f;

	memset(msg, 0, sizeof(msg));
	KUNIT_EXPECT_EQ(test, mock_packet(msg, 44, 44, 60), 104u);
	KUNIT_EXPECT_EQ(test, parse(test, msg, 104, &f), FRAME_OK);
	KUNIT_EXPECT_EQ(test, f.at, 44u);
	KUNIT_EXPECT_EQ(test, f.bytes, 60u);
	KUNIT_EXPECT_EQ(test, f.ppi.found, 0u);
}

/* As known hosts do it: information at 44, the frame at 256, the length a lie. */
static void parse_frame_with_information(struct kunit *test)
{
	u8 *msg = kunit_kzalloc(test, 1806, GFP_KERNEL);
	struct frame f;
	u32 end;

	KUNIT_ASSERT_NOT_NULL(test, msg);
	end = mock_ppi(msg, mock_ppi(msg, 44, 0, 0x28), 6, 0x1230);
	mock_packet(msg, end, 256, 1514);
	mock_put32(msg, 4, 1806);
	KUNIT_EXPECT_EQ(test, parse(test, msg, 1806, &f), FRAME_OK);
	KUNIT_EXPECT_EQ(test, f.at, 256u);
	KUNIT_EXPECT_EQ(test, f.bytes, 1514u);
	KUNIT_EXPECT_EQ(test, f.ppi.found, 0x41u);
	KUNIT_EXPECT_EQ(test, f.ppi.word[PPI_VLAN], 0x1230u);
	KUNIT_EXPECT_TRUE(test, ppi_csum_good(&f.ppi));
}

static void parse_every_truncation(struct kunit *test)
{
	u8 msg[60 + 60];
	struct frame f;
	u32 n;

	memset(msg, 0, sizeof(msg));
	mock_packet(msg, mock_ppi(msg, 44, 6, 1), 60, 60);
	for (n = 0; n <= 120; n++) {
		enum frame_verdict v;

		/* the range ends early, and the message with it */
		mock_put32(msg, 4, n);
		v = parse(test, msg, n, &f);
		if (n < 44)
			KUNIT_EXPECT_EQ_MSG(test, v, FRAME_SHORT, "%u bytes", n);
		else
			KUNIT_EXPECT_EQ_MSG(test, v, n < 120 ? FRAME_DATA : FRAME_OK, "%u", n);
		/* the range ends early, the message does not know */
		mock_put32(msg, 4, 120);
		v = parse(test, msg, n, &f);
		if (n < 8)
			KUNIT_EXPECT_EQ(test, v, FRAME_SHORT);
		else
			KUNIT_EXPECT_EQ(test, v, n < 120 ? FRAME_LENGTH : FRAME_OK);
	}
}

static void parse_message_length(struct kunit *test)
{
	static const u32 bad[] = { 0, 7, 105, 0x7fffffff, 0x80000000, 0xffffffff };
	u8 msg[104];
	struct frame f;
	u32 i;

	memset(msg, 0, sizeof(msg));
	mock_packet(msg, 44, 44, 60);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		mock_put32(msg, 4, bad[i]);
		KUNIT_EXPECT_EQ(test, parse(test, msg, 104, &f), FRAME_LENGTH);
	}
	/* shorter than the frame in it: what counts is the range */
	mock_put32(msg, 4, 8);
	KUNIT_EXPECT_EQ(test, parse(test, msg, 104, &f), FRAME_OK);
}

static void parse_other_types(struct kunit *test)
{
	static const u32 types[] = { 0, 2, 7, 8, 0x80000001, 0x80000002, 0x80000004, 0xffffffff };
	u8 msg[104];
	struct frame f;
	u32 i;

	memset(msg, 0, sizeof(msg));
	mock_packet(msg, 44, 44, 60);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		mock_put32(msg, 0, types[i]);
		mock_put32(msg, 4, 104);
		KUNIT_EXPECT_EQ(test, parse(test, msg, 104, &f), FRAME_CONTROL);
		mock_put32(msg, 4, 8);
		KUNIT_EXPECT_EQ(test, parse(test, msg, 8, &f), FRAME_CONTROL);
	}
}

static void parse_data_anywhere_else(struct kunit *test)
{
	static const u32 bad[] = { 97, 96, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff };
	u8 msg[104];
	struct frame f;
	u32 i;

	memset(msg, 0, sizeof(msg));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		mock_packet(msg, 44, 44, 60);
		mock_put32(msg, 8, bad[i]);
		KUNIT_EXPECT_EQ(test, parse(test, msg, 104, &f), FRAME_DATA);
		mock_packet(msg, 44, 44, 60);
		mock_put32(msg, 12, bad[i]);
		KUNIT_EXPECT_EQ(test, parse(test, msg, 104, &f), FRAME_DATA);
		mock_put32(msg, 12, 61);
		KUNIT_EXPECT_EQ(test, parse(test, msg, 104, &f), FRAME_DATA);
	}
	/* right at the end, and one byte further */
	mock_packet(msg, 44, 44, 60);
	mock_put32(msg, 8, 82);
	mock_put32(msg, 12, 14);
	KUNIT_EXPECT_EQ(test, parse(test, msg, 104, &f), FRAME_OK);
	KUNIT_EXPECT_EQ(test, f.at, 90u);
	mock_put32(msg, 8, 83);
	KUNIT_EXPECT_EQ(test, parse(test, msg, 104, &f), FRAME_DATA);
	/* no data at the very end of the range */
	mock_put32(msg, 8, 96);
	mock_put32(msg, 12, 0);
	KUNIT_EXPECT_EQ(test, parse(test, msg, 104, &f), FRAME_DATA);
}

static void parse_frame_lengths(struct kunit *test)
{
	u8 *msg = kunit_kzalloc(test, 1700, GFP_KERNEL);
	struct frame f;
	u32 n;

	KUNIT_ASSERT_NOT_NULL(test, msg);
	for (n = 0; n < 1600; n++) {
		mock_packet(msg, 44, 44, n);
		mock_put32(msg, 4, 1650);
		KUNIT_EXPECT_EQ_MSG(test, parse(test, msg, 1650, &f),
				    n < 14 ? FRAME_TINY : n > MAX_FRAME ? FRAME_LONG : FRAME_OK,
				    "%u bytes", n);
	}
}

/* Fragments are as long or short as they like, but not nothing. */
static void parse_fragment_lengths(struct kunit *test)
{
	u8 *msg = kunit_kzalloc(test, 1700, GFP_KERNEL);
	struct frame f;
	u32 n;

	KUNIT_ASSERT_NOT_NULL(test, msg);
	for (n = 0; n < 1600; n += n < 20 ? 1 : 13) {
		mock_packet(msg, mock_ppi(msg, 44, MOCK_PPI_RSC, 0x101), 60, n);
		mock_put32(msg, 4, 1690);
		KUNIT_EXPECT_EQ(test, parse(test, msg, 1690, &f), n ? FRAME_OK : FRAME_TINY);
	}
	/* not marked as a fragment: a frame as all others */
	mock_packet(msg, mock_ppi(msg, 44, MOCK_PPI_RSC, 0xfffff0ff), 60, 13);
	mock_put32(msg, 4, 1690);
	KUNIT_EXPECT_EQ(test, parse(test, msg, 1690, &f), FRAME_TINY);
}

/* Information that is not where it says is no information. */
static void parse_information_area(struct kunit *test)
{
	static const struct {
		u32 offset, bytes;
		u32 found;
	} rows[] = {
		{ 36, 16, 0x40 }, { 0, 16, 0 }, { 0, 0, 0 }, { 36, 0, 0 }, { 36, 15, 0 },
		{ 36, 17, 0x40 }, { 36, 60, 0x40 }, { 36, 96, 0 }, { 35, 16, 0 }, { 8, 16, 0 },
		{ 36, 61, 0 }, { 37, 16, 0 }, { 96, 0, 0 }, { 97, 0, 0 },
		{ 36, 0xffffffff, 0 }, { 36, 0x80000000, 0 }, { 0xffffffff, 16, 0 },
		{ 0xfffffff8, 8, 0 }, { 0x80000000, 0x80000000, 0 }, { 0x7fffffff, 16, 0 },
	};
	u8 msg[120];
	struct frame f;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		memset(msg, 0, sizeof(msg));
		mock_packet(msg, mock_ppi(msg, 44, 6, 1), 60, 44);
		mock_put32(msg, 28, rows[i].offset);
		mock_put32(msg, 32, rows[i].bytes);
		KUNIT_EXPECT_EQ(test, parse(test, msg, 104, &f), FRAME_OK);
		KUNIT_EXPECT_EQ_MSG(test, f.ppi.found, rows[i].found, "row %u", i);
	}
}

static void parse_noise(struct kunit *test)
{
	struct mock_noise n = { 0xfeed };
	u8 msg[200];
	struct frame f;
	u32 round, bytes;

	for (round = 0; round < 5000; round++) {
		mock_fill(&n, msg, sizeof(msg));
		bytes = mock_noise(&n) % sizeof(msg);
		if (round & 1) {
			u32 i;

			mock_put32(msg, 0, 1);
			mock_put32(msg, 4, bytes);
			for (i = 8; i < 36; i += 4)
				mock_put32(msg, i, mock_noise(&n) % 200);
		}
		if (parse(test, msg, bytes, &f) != FRAME_OK)
			continue;
		KUNIT_EXPECT_LE(test, f.at, bytes);
		KUNIT_EXPECT_LE(test, f.bytes, bytes - f.at);
	}
}

/* 60 bytes, nothing to say: the worked example of the reference. */
static void build_plain_golden(struct kunit *test)
{
	static const u8 want[44] = {
		1, 0, 0, 0, 104, 0, 0, 0, 36, 0, 0, 0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 36, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	};
	struct frame_tx tx = { .bytes = 60 };
	u8 buf[48];

	memset(buf, 0xff, sizeof(buf));
	KUNIT_EXPECT_EQ(test, frame_header_bytes(0), 44u);
	frame_build(buf, &tx, 44, 0);
	KUNIT_EXPECT_EQ(test, memcmp(buf, want, 44), 0);
	KUNIT_EXPECT_EQ(test, buf[44], 0xff);
}

static void build_with_everything_golden(struct kunit *test)
{
	static const u8 want[92] = {
		1, 0, 0, 0, 0x80, 6, 0, 0, 84, 0, 0, 0, 0x22, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 36, 0, 0, 0, 48, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		16, 0, 0, 0, 8, 0, 0, 0, 12, 0, 0, 0, 0xef, 0xbe, 0xad, 0xde,
		16, 0, 0, 0, 6, 0, 0, 0, 12, 0, 0, 0, 0x30, 0x12, 0, 0,
		16, 0, 0, 0, 2, 0, 0, 0, 12, 0, 0, 0, 0xb4, 5, 0x20, 0x42,
	};
	struct frame_tx tx = {
		.bytes = 1570, .what = FRAME_TX_HASH | FRAME_TX_VLAN | FRAME_TX_LSO,
		.hash = 0xdeadbeef, .vlan = 0x1230, .offload = 0x422005b4,
	};
	u8 buf[96];

	memset(buf, 0xff, sizeof(buf));
	KUNIT_EXPECT_EQ(test, frame_header_bytes(tx.what), 92u);
	KUNIT_EXPECT_EQ(test, FRAME_TX_MAX_HEADER, 92u);
	frame_build(buf, &tx, 92, 2);
	KUNIT_EXPECT_EQ(test, memcmp(buf, want, 92), 0);
	KUNIT_EXPECT_EQ(test, buf[92], 0xff);
}

/* Every combination, read back by our own parser. */
static void build_every_combination(struct kunit *test)
{
	u32 what, pad;

	for (what = 0; what < 16; what++)
		for (pad = 0; pad < 8; pad++) {
			struct frame_tx tx = {
				.bytes = 60, .what = what, .hash = 1, .vlan = 2, .offload = 3,
			};
			u32 header = frame_header_bytes(what), slots = 0;
			struct frame f;
			u8 msg[92 + 60 + 8];

			if ((what & FRAME_TX_LSO) && (what & FRAME_TX_CSUM))
				continue;
			memset(msg, 0, sizeof(msg));
			memset(msg + header, 0xa5, 60 + 8);
			frame_build(msg, &tx, header, pad);
			KUNIT_EXPECT_EQ(test, mock_get64(msg, header), 0xa5a5a5a5a5a5a5a5ull);
			KUNIT_EXPECT_EQ(test, mock_get32(msg, 4), header + 60 + pad);
			KUNIT_EXPECT_EQ(test, parse(test, msg, header + 60 + pad, &f), FRAME_OK);
			KUNIT_EXPECT_EQ(test, f.at, header);
			KUNIT_EXPECT_EQ(test, f.bytes, 60u);
			if (what & FRAME_TX_HASH)
				slots |= 1u << PPI_HASH;
			if (what & FRAME_TX_VLAN)
				slots |= 1u << PPI_VLAN;
			if (what & FRAME_TX_LSO)
				slots |= 1u << PPI_LSO;
			if (what & FRAME_TX_CSUM)
				slots |= 1u << PPI_CHECKSUM;
			KUNIT_EXPECT_EQ(test, f.ppi.found, slots);
			KUNIT_EXPECT_EQ(test, mock_get32(msg, 32), header - 44);
			if (what & FRAME_TX_CSUM)
				KUNIT_EXPECT_EQ(test, f.ppi.word[PPI_CHECKSUM], 3u);
			if (what & FRAME_TX_LSO)
				KUNIT_EXPECT_EQ(test, f.ppi.word[PPI_LSO], 3u);
		}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(parse_plain_frame),
	KUNIT_CASE(parse_frame_with_information),
	KUNIT_CASE(parse_every_truncation),
	KUNIT_CASE(parse_message_length),
	KUNIT_CASE(parse_other_types),
	KUNIT_CASE(parse_data_anywhere_else),
	KUNIT_CASE(parse_frame_lengths),
	KUNIT_CASE(parse_fragment_lengths),
	KUNIT_CASE(parse_information_area),
	KUNIT_CASE(parse_noise),
	KUNIT_CASE(build_plain_golden),
	KUNIT_CASE(build_with_everything_golden),
	KUNIT_CASE(build_every_combination),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_netvsc_frame",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit suite of netvsc/frame.h");
