// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packet framing: the gate for descriptors of the host, our own descriptors,
 * and transfer-page ranges.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../vmbus/pkt.c"
#include "ring_mock.h"
#include "wire_mock.h"

static struct pkt_desc desc_of(u16 type, u16 offset8, u16 len8, u16 flags, u64 id)
{
	struct pkt_desc d;
	u8 raw[16];

	mock_put16(raw, 0, type);
	mock_put16(raw, 2, offset8);
	mock_put16(raw, 4, len8);
	mock_put16(raw, 6, flags);
	mock_put64(raw, 8, id);
	memcpy(&d, raw, sizeof(d));
	return d;
}

static void check_golden(struct kunit *test)
{
	/* A completion of 16 + 24 bytes, with its trailer. */
	static const u8 raw[16] = {
		0x0b, 0x00, 0x02, 0x00, 0x05, 0x00, 0x01, 0x00,
		0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,
	};
	struct pkt_info info;
	struct pkt_desc d;

	memcpy(&d, raw, sizeof(d));
	KUNIT_ASSERT_EQ(test, pkt_check(&d, 48, 4096, &info), PKT_OK);
	KUNIT_EXPECT_EQ(test, info.type, 11);
	KUNIT_EXPECT_EQ(test, info.flags, 1);
	KUNIT_EXPECT_EQ(test, info.offset, 16);
	KUNIT_EXPECT_EQ(test, info.bytes, 40);
	KUNIT_EXPECT_EQ(test, info.step, 48);
	KUNIT_EXPECT_EQ(test, info.trans_id, 0x1122334455667788ull);
}

/* Every available length around a packet of every small length. */
static void check_truncation(struct kunit *test)
{
	struct pkt_info info;
	u32 len8, avail;

	for (len8 = 0; len8 <= 40; len8++) {
		struct pkt_desc d = desc_of(6, 2, len8, 0, 1);

		for (avail = 0; avail <= 400; avail++) {
			enum pkt_verdict want, got;

			if (avail < 16)
				want = PKT_NONE;
			else if (len8 < 2 || len8 * 8 + 8 > avail)
				want = PKT_BROKEN;
			else
				want = PKT_OK;
			got = pkt_check(&d, avail, 4096, &info);
			KUNIT_EXPECT_EQ_MSG(test, got, want, "len8 %u avail %u", len8, avail);
			if (got == PKT_OK) {
				KUNIT_EXPECT_EQ(test, info.step, len8 * 8 + 8);
				KUNIT_EXPECT_LE(test, info.step, avail);
			}
		}
	}
}

static void check_garbage_lengths(struct kunit *test)
{
	static const u16 bad[] = { MOCK_BAD_U16, 0, 2, 3, 512, 4096 };
	struct pkt_info info;
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		for (k = 0; k < ARRAY_SIZE(bad); k++) {
			struct pkt_desc d = desc_of(6, bad[i], bad[k], 0, 1);
			u32 offset = bad[i] * 8u, bytes = bad[k] * 8u, avail = 65536;
			enum pkt_verdict v = pkt_check(&d, avail, 65536, &info);

			if (bytes < 16 || bytes + 8 > avail)
				KUNIT_EXPECT_EQ_MSG(test, v, PKT_BROKEN, "offset8 %#x len8 %#x",
						    bad[i], bad[k]);
			else if (offset < 16 || offset > bytes)
				KUNIT_EXPECT_EQ_MSG(test, v, PKT_SKIP, "offset8 %#x len8 %#x",
						    bad[i], bad[k]);
			else
				KUNIT_EXPECT_EQ_MSG(test, v, PKT_OK, "offset8 %#x len8 %#x",
						    bad[i], bad[k]);
		}
	}
}

/* A skipped packet always moves the reader, and never past what is there. */
static void check_noise_always_advances(struct kunit *test)
{
	struct mock_noise noise = { 0xfeed };
	unsigned int i;

	for (i = 0; i < 100000; i++) {
		struct pkt_desc d;
		struct pkt_info info = {};
		u32 avail = (mock_noise(&noise) % 20000) & ~7u;
		u32 room = mock_noise(&noise) % 8192;
		enum pkt_verdict v;

		mock_fill(&noise, &d, sizeof(d));
		if (i % 2)
			d = desc_of(mock_noise(&noise) % 14, mock_noise(&noise) % 8,
				    mock_noise(&noise) % 600, 0, 0);
		v = pkt_check(&d, avail, room, &info);
		if (v == PKT_OK || v == PKT_SKIP) {
			KUNIT_EXPECT_GE(test, info.step, 24);
			KUNIT_EXPECT_LE(test, info.step, avail);
			KUNIT_EXPECT_EQ(test, info.step % 8, 0);
		}
		if (v == PKT_OK) {
			KUNIT_EXPECT_LE(test, info.bytes, room);
			KUNIT_EXPECT_GE(test, info.offset, 16);
			KUNIT_EXPECT_LE(test, info.offset, info.bytes);
		}
	}
}

static void check_types(struct kunit *test)
{
	struct pkt_info info;
	u32 type;

	for (type = 0; type <= 0xffff; type++) {
		struct pkt_desc d = desc_of(type, 3, 8, 0, 0);
		enum pkt_verdict want =
			type == 6 || type == 7 || type == 11 ? PKT_OK : PKT_SKIP;

		KUNIT_EXPECT_EQ_MSG(test, pkt_check(&d, 4096, 4096, &info), want,
				    "type %#x", type);
		KUNIT_EXPECT_EQ(test, info.step, 72);
	}
}

static void check_room(struct kunit *test)
{
	struct pkt_desc d = desc_of(6, 2, 10, 0, 0);
	struct pkt_info info;

	KUNIT_EXPECT_EQ(test, pkt_check(&d, 4096, 80, &info), PKT_OK);
	KUNIT_EXPECT_EQ_MSG(test, pkt_check(&d, 4096, 79, &info), PKT_SKIP, "never cut short");
	KUNIT_EXPECT_EQ(test, info.step, 88);
	KUNIT_EXPECT_EQ(test, pkt_check(&d, 4096, 0, &info), PKT_SKIP);
}

static void check_xfer_header(struct kunit *test)
{
	struct pkt_info info;
	struct pkt_desc d;

	d = desc_of(7, 2, 8, 0, 0);
	KUNIT_EXPECT_EQ_MSG(test, pkt_check(&d, 4096, 4096, &info), PKT_SKIP,
			    "payload inside the transfer-page header");
	d = desc_of(7, 3, 8, 0, 0);
	KUNIT_EXPECT_EQ(test, pkt_check(&d, 4096, 4096, &info), PKT_OK);
	d = desc_of(6, 2, 8, 0, 0);
	KUNIT_EXPECT_EQ(test, pkt_check(&d, 4096, 4096, &info), PKT_OK);
	/* Payload may be empty, and start at the very end. */
	d = desc_of(6, 8, 8, 0, 0);
	KUNIT_EXPECT_EQ(test, pkt_check(&d, 4096, 4096, &info), PKT_OK);
	KUNIT_EXPECT_EQ(test, info.offset, info.bytes);
	d = desc_of(6, 9, 8, 0, 0);
	KUNIT_EXPECT_EQ(test, pkt_check(&d, 4096, 4096, &info), PKT_SKIP);
}

static void build_golden(struct kunit *test)
{
	static const u8 want[16] = {
		0x09, 0x00, 0x07, 0x00, 0x0f, 0x00, 0x01, 0x00,
		0x2a, 0, 0, 0, 0, 0, 0, 0x80,
	};
	struct pkt_desc d;

	/* 56 bytes of header, 64 of payload; then 57..64 round up alike. */
	KUNIT_ASSERT_EQ(test, pkt_build(&d, 9, 56, 64, 1, 0x800000000000002aull), 0);
	KUNIT_EXPECT_MEMEQ(test, &d, want, 16);
	KUNIT_ASSERT_EQ(test, pkt_build(&d, 9, 56, 57, 1, 0x800000000000002aull), 0);
	KUNIT_EXPECT_MEMEQ(test, &d, want, 16);
}

static void build_rounding(struct kunit *test)
{
	struct pkt_desc d;
	u32 payload;

	for (payload = 0; payload < 300; payload++) {
		KUNIT_ASSERT_EQ(test, pkt_build(&d, 6, 16, payload, 0, 0), 0);
		KUNIT_EXPECT_EQ(test, mock_get16(&d, 4), 2 + (payload + 7) / 8);
		KUNIT_EXPECT_EQ(test, mock_get16(&d, 2), 2);
	}
}

static void build_limits(struct kunit *test)
{
	struct pkt_desc d;

	KUNIT_EXPECT_EQ(test, pkt_build(&d, 6, 16, 65535 * 8 - 16, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, mock_get16(&d, 4), 0xffff);
	KUNIT_EXPECT_EQ(test, pkt_build(&d, 6, 16, 65535 * 8 - 15, 0, 0), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, pkt_build(&d, 6, 65535u * 8, 0, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, pkt_build(&d, 6, 65536u * 8, 0, 0, 0), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, pkt_build(&d, 6, 0xfffffff8u, 0, 0, 0), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, pkt_build(&d, 6, 16, 0xffffffffull, 0, 0), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, pkt_build(&d, 6, 16, 0x100000000ull, 0, 0), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, pkt_build(&d, 6, 16, ~0ull, 0, 0), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, pkt_build(&d, 6, 16, ~0ull - 15, 0, 0), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, pkt_build(&d, 6, 8, 8, 0, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, pkt_build(&d, 6, 0, 8, 0, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, pkt_build(&d, 6, 17, 8, 0, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, pkt_build(&d, 6, 20, 8, 0, 0), -EINVAL);
}

/* What we build passes the gate that a peer would apply. */
static void build_then_check(struct kunit *test)
{
	u32 payload;

	for (payload = 0; payload < 2000; payload += 7) {
		struct pkt_info info = {};
		struct pkt_desc d;

		KUNIT_ASSERT_EQ(test, pkt_build(&d, 6, 16, payload, 0, payload), 0);
		KUNIT_EXPECT_EQ(test, pkt_check(&d, ALIGN(16 + payload, 8) + 8, 4096, &info),
				PKT_OK);
		KUNIT_EXPECT_EQ(test, info.trans_id, payload);
		KUNIT_EXPECT_EQ(test, pkt_check(&d, ALIGN(16 + payload, 8) + 7, 4096, &info),
				PKT_BROKEN);
	}
}

/* A type 7 packet with @count ranges announced and room for @fit. */
static u8 *xfer_packet(struct kunit *test, u32 count, u32 fit, struct pkt_info *info)
{
	u8 *pkt = kunit_kzalloc(test, 24 + 8 * fit, GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, pkt);
	mock_put16(pkt, 0, 7);
	mock_put16(pkt, 16, 0xcafe);
	mock_put32(pkt, 20, count);
	for (i = 0; i < fit; i++) {
		mock_put32(pkt, 24 + 8 * i, 0x100 + i);
		mock_put32(pkt, 28 + 8 * i, 0x1000 * i);
	}
	memset(info, 0, sizeof(*info));
	info->type = 7;
	info->offset = 24 + 8 * fit;
	info->bytes = info->offset;
	return pkt;
}

static void xfer_count_every_fit(struct kunit *test)
{
	static const u32 bad[] = { MOCK_BAD_U32, 0x20000000, 0x1fffffff, 0x20000001 };
	struct pkt_info info;
	u32 fit, count, got;
	unsigned int i;

	for (fit = 0; fit < 12; fit++) {
		for (count = 0; count < 14; count++) {
			u8 *pkt = xfer_packet(test, count, fit, &info);
			int want = count <= fit ? 0 : -EPROTO;

			got = 99;
			KUNIT_EXPECT_EQ_MSG(test, pkt_xfer_count(pkt, &info, &got), want,
					    "count %u fit %u", count, fit);
			KUNIT_EXPECT_EQ(test, got, want ? 0 : count);
			kunit_kfree(test, pkt);
		}
		for (i = 0; i < ARRAY_SIZE(bad); i++) {
			u8 *pkt = xfer_packet(test, bad[i], fit, &info);

			if (bad[i] > fit)
				KUNIT_EXPECT_EQ_MSG(test, pkt_xfer_count(pkt, &info, &got),
						    -EPROTO, "count %#x", bad[i]);
			kunit_kfree(test, pkt);
		}
	}
	/* An offset that leaves part of a range: that range does not count. */
	{
		u8 *pkt = xfer_packet(test, 2, 2, &info);

		info.offset = 24 + 15;
		KUNIT_EXPECT_EQ(test, pkt_xfer_count(pkt, &info, &got), -EPROTO);
		info.offset = 16;
		KUNIT_EXPECT_EQ(test, pkt_xfer_count(pkt, &info, &got), -EPROTO);
	}
}

static void xfer_range_bounds(struct kunit *test)
{
	static const struct { u32 offset, bytes, limit; int want; } t[] = {
		{ 0, 0, 0, 0 }, { 0, 1, 0, -ERANGE }, { 1, 0, 0, -ERANGE },
		{ 0, 4096, 4096, 0 }, { 1, 4096, 4096, -ERANGE }, { 4096, 0, 4096, 0 },
		{ 4095, 1, 4096, 0 }, { 4095, 2, 4096, -ERANGE }, { 4097, 0, 4096, -ERANGE },
		{ 0xffffffff, 1, 0x10000, -ERANGE }, { 0xffff0000, 0x10000, 0x10000, -ERANGE },
		{ 0x8000, 0xffff8001, 0x10000, -ERANGE }, { 0, 0xffffffff, 0xffffffff, 0 },
		{ 1, 0xffffffff, 0xffffffff, -ERANGE }, { 0xffffffff, 0, 0xffffffff, 0 },
	};
	struct pkt_info info;
	u32 offset, bytes;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		u8 *pkt = xfer_packet(test, 1, 1, &info);

		mock_put32(pkt, 24, t[i].bytes);
		mock_put32(pkt, 28, t[i].offset);
		KUNIT_EXPECT_EQ_MSG(test, pkt_xfer_range(pkt, 0, t[i].limit, &offset, &bytes),
				    t[i].want, "%#x + %#x in %#x", t[i].offset, t[i].bytes,
				    t[i].limit);
		KUNIT_EXPECT_EQ(test, offset, t[i].offset);
		KUNIT_EXPECT_EQ(test, bytes, t[i].bytes);
		kunit_kfree(test, pkt);
	}
}

static void xfer_range_each(struct kunit *test)
{
	struct pkt_info info;
	u8 *pkt = xfer_packet(test, 9, 9, &info);
	u32 i, offset, bytes;

	for (i = 0; i < 9; i++) {
		KUNIT_EXPECT_EQ(test, pkt_xfer_range(pkt, i, 0x10000, &offset, &bytes), 0);
		KUNIT_EXPECT_EQ(test, offset, 0x1000 * i);
		KUNIT_EXPECT_EQ(test, bytes, 0x100 + i);
	}
}

static struct kunit_case pkt_cases[] = {
	KUNIT_CASE(check_golden),
	KUNIT_CASE(check_truncation),
	KUNIT_CASE(check_garbage_lengths),
	KUNIT_CASE(check_noise_always_advances),
	KUNIT_CASE(check_types),
	KUNIT_CASE(check_room),
	KUNIT_CASE(check_xfer_header),
	KUNIT_CASE(build_golden),
	KUNIT_CASE(build_rounding),
	KUNIT_CASE(build_limits),
	KUNIT_CASE(build_then_check),
	KUNIT_CASE(xfer_count_every_fit),
	KUNIT_CASE(xfer_range_bounds),
	KUNIT_CASE(xfer_range_each),
	{}
};

static struct kunit_suite pkt_suite = {
	.name = "hv_vmbus_pkt",
	.test_cases = pkt_cases,
};

kunit_test_suite(pkt_suite);

MODULE_DESCRIPTION("KUnit: VMBus packet framing");
MODULE_LICENSE("GPL");
