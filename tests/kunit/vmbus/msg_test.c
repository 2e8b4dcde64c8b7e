// SPDX-License-Identifier: GPL-2.0-only
/*
 * Control messages: the table, the gate for messages and offers of the host,
 * and the bytes of every message we send.
 *
 * Sizes and offsets are those of the protocol reference, written down again.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../vmbus/msg.c"
#include "wire_mock.h"

enum way { NOBODY, GUEST, HOST };

static const struct {
	u32 type;
	enum way from;
	u32 bytes;
	u32 since;
} reference[] = {
	{ 0, NOBODY, 0, 0 },
	{ 1, HOST, 196, 0 },
	{ 2, HOST, 12, 0 },
	{ 3, GUEST, 8, 0 },
	{ 4, HOST, 8, 0 },
	{ 5, GUEST, 148, 0 },
	{ 6, HOST, 20, 0 },
	{ 7, GUEST, 12, 0 },
	{ 8, GUEST, 28, 0 },
	{ 9, GUEST, 16, 0 },
	{ 10, HOST, 20, 0 },
	{ 11, GUEST, 16, 0 },
	{ 12, HOST, 12, 0 },
	{ 13, GUEST, 12, 0 },
	{ 14, GUEST, 40, 0 },
	{ 15, HOST, 16, 0 },
	{ 16, GUEST, 8, 0 },
	{ 17, HOST, 8, 0 },
	{ 18, GUEST, 28, 0x40000 },
	{ 19, GUEST, 20, 0x40000 },
	{ 20, HOST, 12, 0x40000 },
	{ 21, GUEST, 40, 0x40000 },
	{ 22, GUEST, 16, 0x40001 },
	{ 23, HOST, 44, 0x40001 },
	{ 24, HOST, 16, 0x50003 },
	{ 25, GUEST, 24, 0x60000 },
	{ 26, HOST, 9, 0x60000 },
};

static const u32 versions[] = {
	0, 0x0d, 0x10001, 0x20004, 0x30000, 0x40000, 0x40001, 0x50000, 0x50001,
	0x50002, 0x50003, 0x60000, 0xffffffff,
};

static enum msg_verdict check_type(struct kunit *test, u32 type, size_t bytes, u32 version)
{
	u8 raw[256] = {};
	u32 seen = 0xdeadbeef;
	enum msg_verdict verdict;
	void *copy;

	mock_put32(raw, 0, type);
	copy = mock_exact(test, raw, bytes);
	verdict = msg_check(copy, bytes, version, &seen);
	if (bytes >= 8)
		KUNIT_EXPECT_EQ_MSG(test, seen, type, "type is told whatever the verdict");
	else
		KUNIT_EXPECT_EQ(test, seen, 0);
	kunit_kfree(test, copy);
	return verdict;
}

static void table_matches_reference(struct kunit *test)
{
	unsigned int i;

	KUNIT_ASSERT_EQ(test, ARRAY_SIZE(reference), VMBUS_MSG_COUNT);
	for (i = 0; i < ARRAY_SIZE(reference); i++) {
		KUNIT_EXPECT_EQ(test, reference[i].type, i);
		KUNIT_EXPECT_EQ_MSG(test, msg_min_bytes(i), reference[i].bytes, "type %u", i);
		KUNIT_EXPECT_NOT_NULL(test, msg_name(i));
		KUNIT_EXPECT_GT(test, strlen(msg_name(i)), 0);
	}
	KUNIT_EXPECT_EQ(test, msg_min_bytes(27), 0);
	KUNIT_EXPECT_EQ(test, msg_min_bytes(0xffffffff), 0);
	KUNIT_EXPECT_STREQ(test, msg_name(27), "unknown");
	KUNIT_EXPECT_STREQ(test, msg_name(0xffffffff), "unknown");
}

static void check_every_type_and_length(struct kunit *test)
{
	unsigned int i, bytes;

	for (i = 0; i < ARRAY_SIZE(reference); i++) {
		for (bytes = 0; bytes <= 250; bytes++) {
			enum msg_verdict v = check_type(test, i, bytes, 0x60000);
			enum msg_verdict want;

			if (bytes < 8)
				want = MSG_SHORT;
			else if (bytes > 240)
				want = MSG_LONG;
			else if (reference[i].from == NOBODY)
				want = MSG_UNKNOWN;
			else if (reference[i].from == GUEST)
				want = MSG_WRONG_WAY;
			else
				want = bytes < reference[i].bytes ? MSG_SHORT : MSG_OK;
			KUNIT_EXPECT_EQ_MSG(test, v, want, "type %u, %u bytes", i, bytes);
		}
	}
}

static void check_every_type_and_version(struct kunit *test)
{
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(reference); i++) {
		if (reference[i].from != HOST)
			continue;
		for (k = 0; k < ARRAY_SIZE(versions); k++)
			KUNIT_EXPECT_EQ_MSG(test,
					    check_type(test, i, reference[i].bytes, versions[k]),
					    versions[k] >= reference[i].since ?
						    MSG_OK : MSG_TOO_NEW,
					    "type %u, version %#x", i, versions[k]);
	}
}

static void check_unknown_types(struct kunit *test)
{
	static const u32 odd[] = { 0, 27, 28, 29, 30, 255, 256, 0x10001, 0x80000001,
				   MOCK_BAD_U32 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(odd); i++) {
		if (odd[i] == 1 || odd[i] == 7)
			continue;
		KUNIT_EXPECT_EQ_MSG(test, check_type(test, odd[i], 240, 0x60000), MSG_UNKNOWN,
				    "type %#x", odd[i]);
	}
}

/* The header's second word is padding, whatever a host leaves in it. */
static void check_ignores_padding(struct kunit *test)
{
	u8 raw[8] = { 4, 0, 0, 0, 0xff, 0xff, 0xff, 0xff };
	u32 type;

	KUNIT_EXPECT_EQ(test, msg_check(raw, sizeof(raw), 0, &type), MSG_OK);
	KUNIT_EXPECT_EQ(test, type, 4);
}

static void check_noise(struct kunit *test)
{
	struct mock_noise noise = { 0x9e3779b97f4a7c15ull };
	unsigned int round;

	for (round = 0; round < 20000; round++) {
		size_t bytes = mock_noise(&noise) % 260;
		u8 *raw = kunit_kmalloc(test, bytes ? bytes : 1, GFP_KERNEL);
		enum msg_verdict v;
		u32 type;

		KUNIT_ASSERT_NOT_NULL(test, raw);
		mock_fill(&noise, raw, bytes);
		if (bytes >= 4 && round % 2)
			mock_put32(raw, 0, mock_noise(&noise) % 32);
		v = msg_check(raw, bytes, versions[round % ARRAY_SIZE(versions)], &type);
		KUNIT_EXPECT_LT(test, v, MSG_VERDICTS);
		if (v == MSG_OK) {
			KUNIT_ASSERT_LT(test, type, ARRAY_SIZE(reference));
			KUNIT_EXPECT_EQ(test, reference[type].from, HOST);
			KUNIT_EXPECT_GE(test, bytes, reference[type].bytes);
		}
		kunit_kfree(test, raw);
	}
}

/* A SCSI controller as a 2022 host offers it. */
static const u8 golden_offer[196] = {
	0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	/* @8 class */
	0xd9, 0x63, 0x61, 0xba, 0xa1, 0x04, 0x29, 0x4d,
	0xb6, 0x05, 0x72, 0xe2, 0xff, 0xb1, 0xdc, 0x7f,
	/* @24 instance */
	0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
	0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x01,
	/* @40 reserved: old hosts put numbers here */
	0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee,
	0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee,
	/* @56 flags, @58 MMIO megabytes */
	0x11, 0x04, 0x34, 0x12,
	/* @180 */
	[180] = 0x03, 0x00, 0xff, 0xff,		/* sub-channel index, optional */
	[184] = 0xfe, 0x07, 0x00, 0x00,		/* relid 2046 */
	[188] = 0x7f, 0x01, 0x01, 0x00,		/* monitor 127, allocated, dedicated */
	[192] = 0x01, 0x20, 0xab, 0x00,		/* connection id */
};

static enum offer_verdict parse(const u8 *raw, u32 version, struct offer_info *info)
{
	struct vmbus_msg_offer offer;

	memcpy(&offer, raw, sizeof(offer));
	memset(info, 0xa5, sizeof(*info));
	return msg_parse_offer(&offer, version, info);
}

static void parse_offer_golden(struct kunit *test)
{
	struct offer_info o;

	KUNIT_ASSERT_EQ(test, parse(golden_offer, 0x50003, &o), OFFER_OK);
	KUNIT_EXPECT_EQ(test, o.relid, 2046);
	KUNIT_EXPECT_EQ(test, o.conn_id, 0xab2001);
	KUNIT_EXPECT_EQ(test, o.flags, 0x0411);
	KUNIT_EXPECT_EQ(test, o.mmio_megabytes, 0x1234);
	KUNIT_EXPECT_EQ(test, o.sub_index, 3);
	KUNIT_EXPECT_EQ(test, o.monitor_id, 127);
	KUNIT_EXPECT_TRUE(test, o.monitored);
	KUNIT_EXPECT_TRUE(test, o.dedicated);
	KUNIT_EXPECT_FALSE(test, o.hvsock);
}

static void parse_offer_every_relid(struct kunit *test)
{
	static const u32 bad[] = { 0, 2048, 2049, 4095, 0x10001, 0x7fffffff, 0x80000001,
				   0xffffffff };
	u8 raw[196];
	struct offer_info o;
	u32 i;

	memcpy(raw, golden_offer, sizeof(raw));
	for (i = 1; i <= 2047; i++) {
		mock_put32(raw, 184, i);
		KUNIT_EXPECT_EQ_MSG(test, parse(raw, 0x50003, &o), OFFER_OK, "relid %u", i);
		KUNIT_EXPECT_EQ(test, o.relid, i);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		mock_put32(raw, 184, bad[i]);
		KUNIT_EXPECT_EQ_MSG(test, parse(raw, 0x50003, &o), OFFER_BAD_RELID,
				    "relid %#x", bad[i]);
	}
}

static void parse_offer_monitor(struct kunit *test)
{
	u8 raw[196];
	struct offer_info o;
	unsigned int id, flags;

	memcpy(raw, golden_offer, sizeof(raw));
	for (id = 0; id < 256; id++) {
		for (flags = 0; flags < 256; flags++) {
			raw[188] = id;
			raw[189] = flags;
			KUNIT_ASSERT_EQ(test, parse(raw, 0x50003, &o), OFFER_OK);
			KUNIT_EXPECT_EQ_MSG(test, o.monitored, (flags & 1) && id < 128,
					    "id %u flags %#x", id, flags);
		}
	}
}

static void parse_offer_connection_id(struct kunit *test)
{
	static const struct { u32 id; enum offer_verdict want; } t[] = {
		{ 0, OFFER_BAD_CONN_ID }, { 1, OFFER_OK }, { 0x2001, OFFER_OK },
		{ 0xffffff, OFFER_OK }, { 0x1000000, OFFER_BAD_CONN_ID },
		{ 0x80000001, OFFER_BAD_CONN_ID }, { 0xffffffff, OFFER_BAD_CONN_ID },
	};
	u8 raw[196];
	struct offer_info o;
	unsigned int i;

	memcpy(raw, golden_offer, sizeof(raw));
	for (i = 0; i < ARRAY_SIZE(t); i++) {
		mock_put32(raw, 192, t[i].id);
		KUNIT_EXPECT_EQ_MSG(test, parse(raw, 0x50003, &o), t[i].want, "id %#x", t[i].id);
		if (t[i].want == OFFER_OK)
			KUNIT_EXPECT_EQ(test, o.conn_id, t[i].id);
		/* 0.13 has no such field: whatever is there, it is port 2. */
		KUNIT_ASSERT_EQ(test, parse(raw, 0x0d, &o), OFFER_OK);
		KUNIT_EXPECT_EQ(test, o.conn_id, 2);
		KUNIT_EXPECT_FALSE(test, o.dedicated);
		/* 1.1 has both. */
		KUNIT_ASSERT_EQ(test, parse(raw, 0x10001, &o), t[i].want);
		if (t[i].want == OFFER_OK) {
			KUNIT_EXPECT_EQ(test, o.conn_id, t[i].id);
			KUNIT_EXPECT_TRUE(test, o.dedicated);
		}
	}
}

static void parse_offer_zero_guid(struct kunit *test)
{
	u8 raw[196];
	struct offer_info o;
	unsigned int i;

	memcpy(raw, golden_offer, sizeof(raw));
	memset(raw + 8, 0, 16);
	KUNIT_EXPECT_EQ(test, parse(raw, 0x50003, &o), OFFER_BAD_TYPE);
	for (i = 0; i < 16; i++) {
		memset(raw + 8, 0, 16);
		raw[8 + i] = 1;
		KUNIT_EXPECT_EQ_MSG(test, parse(raw, 0x50003, &o), OFFER_OK, "byte %u", i);
	}
	memcpy(raw, golden_offer, sizeof(raw));
	memset(raw + 24, 0, 16);
	KUNIT_EXPECT_EQ(test, parse(raw, 0x50003, &o), OFFER_BAD_TYPE);
}

static void parse_offer_flags(struct kunit *test)
{
	u8 raw[196];
	struct offer_info o;
	unsigned int bit;

	memcpy(raw, golden_offer, sizeof(raw));
	for (bit = 0; bit < 16; bit++) {
		mock_put16(raw, 56, 1 << bit);
		mock_put16(raw, 190, 1 << bit);
		KUNIT_ASSERT_EQ(test, parse(raw, 0x50003, &o), OFFER_OK);
		KUNIT_EXPECT_EQ(test, o.flags, 1 << bit);
		KUNIT_EXPECT_EQ(test, o.hvsock, bit == 13);
		KUNIT_EXPECT_EQ(test, o.dedicated, bit == 0);
	}
}

/* Room for the message between two canaries: builders fill it and no more. */
#define CANARY 0x5a
struct guarded {
	u8 before[16];
	u8 msg[240];
	u8 after[16];
};

#define BUILD(g, type) ((type *)memset((g)->msg, 0xcc, sizeof((g)->msg)))

static void set_canaries(struct guarded *g)
{
	memset(g, CANARY, sizeof(*g));
}

static void expect_bytes(struct kunit *test, struct guarded *g, size_t built,
			 const u8 *want, size_t bytes)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(test, built, bytes);
	for (i = 0; i < bytes; i++)
		KUNIT_EXPECT_EQ_MSG(test, g->msg[i], want[i], "byte %u", i);
	for (i = 0; i < sizeof(g->before); i++) {
		KUNIT_EXPECT_EQ(test, g->before[i], CANARY);
		KUNIT_EXPECT_EQ(test, g->after[i], CANARY);
	}
}

static void build_header_only(struct kunit *test)
{
	static const u8 request_offers[8] = { 3 };
	static const u8 unload[8] = { 16 };
	struct guarded g;

	set_canaries(&g);
	expect_bytes(test, &g,
		     msg_build_simple(BUILD(&g, struct vmbus_msg_hdr), VMBUS_MSG_REQUEST_OFFERS),
		     request_offers, 8);
	expect_bytes(test, &g,
		     msg_build_simple(BUILD(&g, struct vmbus_msg_hdr), VMBUS_MSG_UNLOAD),
		     unload, 8);
	KUNIT_EXPECT_EQ_MSG(test, g.msg[8], 0xcc, "nothing behind the header is touched");
}

static void build_relid(struct kunit *test)
{
	static const u8 close[12] = { 7, 0, 0, 0, 0, 0, 0, 0, 0xff, 0x07 };
	static const u8 released[12] = { 13, 0, 0, 0, 0, 0, 0, 0, 0x01 };
	struct guarded g;

	set_canaries(&g);
	expect_bytes(test, &g,
		     msg_build_relid(BUILD(&g, struct vmbus_msg_relid), VMBUS_MSG_CLOSE, 2047),
		     close, 12);
	expect_bytes(test, &g,
		     msg_build_relid(BUILD(&g, struct vmbus_msg_relid),
				     VMBUS_MSG_RELID_RELEASED, 1),
		     released, 12);
}

static void build_contact_legacy(struct kunit *test)
{
	/* Below 5.0 bytes 16..23 are the interrupt page, which we do not use. */
	static const u8 want[40] = {
		14, 0, 0, 0, 0, 0, 0, 0,
		0x01, 0x00, 0x04, 0x00, 0x78, 0x56, 0x34, 0x12,
		0, 0, 0, 0, 0, 0, 0, 0,
		0x00, 0xf0, 0xcd, 0xab, 0x01, 0, 0, 0,
		0x00, 0x00, 0xce, 0xab, 0x02, 0, 0, 0,
	};
	struct guarded g;

	set_canaries(&g);
	expect_bytes(test, &g,
		     msg_build_contact(BUILD(&g, struct vmbus_msg_contact), 0x40001, 0x12345678,
				       0x1abcdf000ull, 0x2abce0000ull),
		     want, 40);
}

static void build_contact_multiclient(struct kunit *test)
{
	/* From 5.0 on: target SINT 2, target VTL 0, no feature flags. */
	static const u8 want[40] = {
		14, 0, 0, 0, 0, 0, 0, 0,
		0x03, 0x00, 0x05, 0x00, 0x03, 0x00, 0x00, 0x00,
		2, 0, 0, 0, 0, 0, 0, 0,
		0x00, 0x10, 0, 0, 0, 0, 0, 0,
		0x00, 0x20, 0, 0, 0, 0, 0, 0,
	};
	struct guarded g;

	set_canaries(&g);
	expect_bytes(test, &g,
		     msg_build_contact(BUILD(&g, struct vmbus_msg_contact), 0x50003, 3,
				       0x1000, 0x2000),
		     want, 40);
	msg_build_contact(BUILD(&g, struct vmbus_msg_contact), 0x50000, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, g.msg[16], 2);
	msg_build_contact(BUILD(&g, struct vmbus_msg_contact), 0x40001, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, g.msg[16], 0);
}

static void build_open(struct kunit *test)
{
	u8 want[148] = {
		5, 0, 0, 0, 0, 0, 0, 0,
		0x02, 0x01, 0, 0, 0x04, 0x03, 0, 0,
		0x10, 0x1e, 0x0e, 0x00, 0x07, 0, 0, 0,
		0x40, 0, 0, 0, 0xaa, 0xbb, 0xcc,
	};
	static const u8 user[] = { 0xaa, 0xbb, 0xcc };
	u8 big[200];
	struct guarded g;

	set_canaries(&g);
	expect_bytes(test, &g,
		     msg_build_open(BUILD(&g, struct vmbus_msg_open), 0x102, 0x304, 0xe1e10, 7,
				    0x40, user, sizeof(user)),
		     want, 148);

	/* No user data: the field is zero, not stack. */
	want[28] = 0;
	want[29] = 0;
	want[30] = 0;
	expect_bytes(test, &g,
		     msg_build_open(BUILD(&g, struct vmbus_msg_open), 0x102, 0x304, 0xe1e10, 7,
				    0x40, NULL, 50),
		     want, 148);
	expect_bytes(test, &g,
		     msg_build_open(BUILD(&g, struct vmbus_msg_open), 0x102, 0x304, 0xe1e10, 7,
				    0x40, user, 0),
		     want, 148);

	/* Too much user data is cut at the 120 bytes of the field. */
	memset(big, 0x77, sizeof(big));
	memset(want + 28, 0x77, 120);
	expect_bytes(test, &g,
		     msg_build_open(BUILD(&g, struct vmbus_msg_open), 0x102, 0x304, 0xe1e10, 7,
				    0x40, big, sizeof(big)),
		     want, 148);
	KUNIT_EXPECT_EQ(test, g.msg[148], 0xcc);
}

static void build_teardown(struct kunit *test)
{
	static const u8 want[16] = {
		11, 0, 0, 0, 0, 0, 0, 0, 0xff, 0x07, 0, 0, 0x12, 0x1e, 0x0e, 0x00,
	};
	struct guarded g;

	set_canaries(&g);
	expect_bytes(test, &g,
		     msg_build_gpadl_teardown(BUILD(&g, struct vmbus_msg_gpadl_teardown), 2047,
					      0xe1e12),
		     want, 16);
}

static void build_modify(struct kunit *test)
{
	static const u8 want[16] = {
		22, 0, 0, 0, 0, 0, 0, 0, 0x05, 0, 0, 0, 0x03, 0, 0, 0,
	};
	struct guarded g;

	set_canaries(&g);
	expect_bytes(test, &g, msg_build_modify(BUILD(&g, struct vmbus_msg_modify), 5, 3),
		     want, 16);
}

static void build_tl_connect(struct kunit *test)
{
	u8 endpoint[16], service[16], want[56] = { 21 };
	struct guarded g;
	unsigned int i;

	for (i = 0; i < 16; i++) {
		endpoint[i] = 0x10 + i;
		service[i] = 0x80 + i;
	}
	memcpy(want + 8, endpoint, 16);
	memcpy(want + 24, service, 16);
	set_canaries(&g);
	expect_bytes(test, &g,
		     msg_build_tl_connect(BUILD(&g, struct vmbus_msg_tl_connect), 0x50001,
					  endpoint, service),
		     want, 40);
	expect_bytes(test, &g,
		     msg_build_tl_connect(BUILD(&g, struct vmbus_msg_tl_connect), 0x50002,
					  endpoint, service),
		     want, 56);
}

static struct kunit_case msg_cases[] = {
	KUNIT_CASE(table_matches_reference),
	KUNIT_CASE(check_every_type_and_length),
	KUNIT_CASE(check_every_type_and_version),
	KUNIT_CASE(check_unknown_types),
	KUNIT_CASE(check_ignores_padding),
	KUNIT_CASE(check_noise),
	KUNIT_CASE(parse_offer_golden),
	KUNIT_CASE(parse_offer_every_relid),
	KUNIT_CASE(parse_offer_monitor),
	KUNIT_CASE(parse_offer_connection_id),
	KUNIT_CASE(parse_offer_zero_guid),
	KUNIT_CASE(parse_offer_flags),
	KUNIT_CASE(build_header_only),
	KUNIT_CASE(build_relid),
	KUNIT_CASE(build_contact_legacy),
	KUNIT_CASE(build_contact_multiclient),
	KUNIT_CASE(build_open),
	KUNIT_CASE(build_teardown),
	KUNIT_CASE(build_modify),
	KUNIT_CASE(build_tl_connect),
	{}
};

static struct kunit_suite msg_suite = {
	.name = "hv_vmbus_msg",
	.test_cases = msg_cases,
};

kunit_test_suite(msg_suite);

MODULE_DESCRIPTION("KUnit: VMBus control messages");
MODULE_LICENSE("GPL");
