// SPDX-License-Identifier: GPL-2.0-only
/*
 * RNDIS control messages: the bytes of each request, and what we make of each
 * answer and indication of a host.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../netvsc/rndis.c"
#include "wire_mock.h"

static void next_id_is_never_zero(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, rndis_next_id(0), 1u);
	KUNIT_EXPECT_EQ(test, rndis_next_id(1), 2u);
	KUNIT_EXPECT_EQ(test, rndis_next_id(0xfffffffe), 0xffffffffu);
	KUNIT_EXPECT_EQ(test, rndis_next_id(0xffffffff), 1u);
}

static void build_initialize_golden(struct kunit *test)
{
	static const u8 want[24] = {
		2, 0, 0, 0, 24, 0, 0, 0, 0x44, 0x33, 0x22, 0x11, 1, 0, 0, 0,
		0, 0, 0, 0, 0x00, 0x40, 0, 0,
	};
	u8 buf[32];

	memset(buf, 0xff, sizeof(buf));
	KUNIT_EXPECT_EQ(test, rndis_build_initialize(buf, 32, 0x11223344), 24u);
	KUNIT_EXPECT_EQ(test, memcmp(buf, want, 24), 0);
	KUNIT_EXPECT_EQ(test, buf[24], 0xff);
	KUNIT_EXPECT_EQ(test, rndis_build_initialize(buf, 24, 1), 24u);
	KUNIT_EXPECT_EQ(test, rndis_build_initialize(buf, 23, 1), 0u);
}

static void build_halt_golden(struct kunit *test)
{
	static const u8 want[12] = { 3, 0, 0, 0, 12, 0, 0, 0, 9 };
	u8 buf[16];

	memset(buf, 0xff, sizeof(buf));
	KUNIT_EXPECT_EQ(test, rndis_build_halt(buf, 16, 9), 12u);
	KUNIT_EXPECT_EQ(test, memcmp(buf, want, 12), 0);
	KUNIT_EXPECT_EQ(test, rndis_build_halt(buf, 11, 9), 0u);
}

static void build_query_golden(struct kunit *test)
{
	/* Without information the offset is still 20: hosts refuse 0. */
	static const u8 mtu[28] = {
		4, 0, 0, 0, 28, 0, 0, 0, 7, 0, 0, 0, 0x06, 0x01, 0x01, 0,
		0, 0, 0, 0, 20, 0, 0, 0,
	};
	static const u8 rss[32] = {
		4, 0, 0, 0, 32, 0, 0, 0, 7, 0, 0, 0, 0x03, 0x02, 0x01, 0,
		4, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0x88, 2, 18, 0,
	};
	static const u8 header[4] = { 0x88, 2, 18, 0 };
	u8 buf[64];

	memset(buf, 0xff, sizeof(buf));
	KUNIT_EXPECT_EQ(test, rndis_build_query(buf, 64, 7, 0x00010106, NULL, 0), 28u);
	KUNIT_EXPECT_EQ(test, memcmp(buf, mtu, 28), 0);
	memset(buf, 0xff, sizeof(buf));
	KUNIT_EXPECT_EQ(test, rndis_build_query(buf, 64, 7, 0x00010203, header, 4), 32u);
	KUNIT_EXPECT_EQ(test, memcmp(buf, rss, 32), 0);
}

static void build_set_golden(struct kunit *test)
{
	static const u8 want[32] = {
		5, 0, 0, 0, 32, 0, 0, 0, 8, 0, 0, 0, 0x0e, 0x01, 0x01, 0,
		4, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0x0d, 0, 0, 0,
	};
	static const u8 filter[4] = { 0x0d };
	u8 *buf = kunit_kzalloc(test, 5000, GFP_KERNEL);
	u8 *info = kunit_kzalloc(test, 5000, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buf);
	KUNIT_ASSERT_NOT_NULL(test, info);
	KUNIT_EXPECT_EQ(test, rndis_build_set(buf, 32, 8, 0x0001010e, filter, 4), 32u);
	KUNIT_EXPECT_EQ(test, memcmp(buf, want, 32), 0);
	KUNIT_EXPECT_EQ(test, rndis_build_set(buf, 31, 8, 0x0001010e, filter, 4), 0u);
	KUNIT_EXPECT_EQ(test, rndis_build_set(buf, 5000, 8, 1, info, 4096 - 28), 4096u);
	KUNIT_EXPECT_EQ(test, rndis_build_set(buf, 5000, 8, 1, info, 4096 - 27), 0u);
	KUNIT_EXPECT_EQ(test, rndis_build_set(buf, 5000, 8, 1, info, 0xffffffff), 0u);
}

static void check_every_type(struct kunit *test)
{
	static const u32 types[] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x80000000, 0x80000001, 0x80000002, 0x80000003,
		0x80000004, 0x80000005, 0x80000006, 0x80000007, 0x80000008, 0xffffffff, 0x40000004,
	};
	struct rndis_control c;
	u8 msg[64] = { 0 };
	int i;

	mock_put32(msg, 4, 52);
	mock_put32(msg, 8, 0x11);
	mock_put32(msg, 12, 0x22);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		enum rndis_kind want = RNDIS_KIND_UNKNOWN;

		if (types[i] == 7)
			want = RNDIS_KIND_INDICATE;
		if (types[i] == 0x80000002 || types[i] == 0x80000004 || types[i] == 0x80000005)
			want = RNDIS_KIND_REPLY;
		mock_put32(msg, 0, types[i]);
		memset(&c, 0xee, sizeof(c));
		KUNIT_EXPECT_EQ_MSG(test, rndis_check(msg, 64, &c), want, "type %x", types[i]);
		if (want == RNDIS_KIND_REPLY) {
			KUNIT_EXPECT_EQ(test, c.type, types[i]);
			KUNIT_EXPECT_EQ(test, c.bytes, 52u);
			KUNIT_EXPECT_EQ(test, c.request_id, 0x11u);
			KUNIT_EXPECT_EQ(test, c.status, 0x22u);
		} else if (want == RNDIS_KIND_INDICATE) {
			KUNIT_EXPECT_EQ(test, c.request_id, 0u);
			KUNIT_EXPECT_EQ(test, c.status, 0x11u);
		}
	}
}

static void check_every_truncation(struct kunit *test)
{
	static const struct {
		u32 type;
		u32 need;
		enum rndis_kind kind;
	} rows[] = {
		{ 0x80000002, 16, RNDIS_KIND_REPLY }, { 0x80000004, 16, RNDIS_KIND_REPLY },
		{ 0x80000005, 16, RNDIS_KIND_REPLY }, { 7, 20, RNDIS_KIND_INDICATE },
		{ 8, 8, RNDIS_KIND_UNKNOWN },
	};
	struct rndis_control c;
	u8 msg[64] = { 0 };
	u32 i, n, claim;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		for (n = 0; n <= 32; n++) {
			u8 *p;

			/* the range ends early */
			mock_put32(msg, 0, rows[i].type);
			mock_put32(msg, 4, n > 8 ? n : 8);
			p = mock_exact(test, msg, n);
			KUNIT_EXPECT_EQ(test, rndis_check(p, n, &c),
					n < rows[i].need ? RNDIS_KIND_SHORT : rows[i].kind);
			kunit_kfree(test, p);
			/* the message does */
			for (claim = 0; claim <= 32; claim++) {
				mock_put32(msg, 4, claim);
				KUNIT_EXPECT_EQ(test, rndis_check(msg, 32, &c),
						claim < rows[i].need ? RNDIS_KIND_SHORT :
								       rows[i].kind);
			}
		}
}

static void check_garbage_length(struct kunit *test)
{
	static const u32 bad[] = { 0, 33, MOCK_BAD_U32 };
	struct rndis_control c;
	u8 msg[32] = { 4, 0, 0, 0x80 }, *p;
	int i;

	mock_put32(msg, 4, 32);
	p = mock_exact(test, msg, 32);
	KUNIT_EXPECT_EQ(test, rndis_check(p, 32, &c), RNDIS_KIND_REPLY);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		mock_put32(p, 4, bad[i]);
		KUNIT_EXPECT_EQ(test, rndis_check(p, 32, &c), RNDIS_KIND_SHORT);
	}
}

/* An answer belongs to the request with its id and its type, or to none. */
static void answers_by_id_and_type(struct kunit *test)
{
	struct rndis_control c = { .type = 0x80000004, .request_id = 5 };

	KUNIT_EXPECT_TRUE(test, rndis_answers(4, 5, &c));
	KUNIT_EXPECT_FALSE(test, rndis_answers(4, 6, &c));
	KUNIT_EXPECT_FALSE(test, rndis_answers(5, 5, &c));
	KUNIT_EXPECT_FALSE(test, rndis_answers(2, 5, &c));
	KUNIT_EXPECT_FALSE(test, rndis_answers(0, 0, &c));
}

static void initialize_done(u8 *msg, u32 packets, u32 transfer, u32 exponent)
{
	memset(msg, 0, 52);
	mock_put32(msg, 0, 0x80000002);
	mock_put32(msg, 4, 52);
	mock_put32(msg, 8, 1);
	mock_put32(msg, 16, 1);
	mock_put32(msg, 24, 1);
	mock_put32(msg, 32, packets);
	mock_put32(msg, 36, transfer);
	mock_put32(msg, 40, exponent);
}

static void limits_of_a_host(struct kunit *test)
{
	static const struct {
		u32 packets, transfer, exponent;
		u32 max, align;
	} rows[] = {
		{ 8, 0xefffffff, 3, 8, 8 }, { 1, 0x4000, 0, 1, 1 }, { 0, 0x4000, 2, 1, 4 },
		{ 64, 1, 7, 64, 128 }, { 65, 1, 1, 64, 2 }, { 0xffffffff, 0, 3, 64, 8 },
	};
	struct rndis_limits l;
	u8 msg[52];
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		initialize_done(msg, rows[i].packets, rows[i].transfer, rows[i].exponent);
		KUNIT_EXPECT_EQ(test, rndis_limits(msg, 52, &l), 0);
		KUNIT_EXPECT_EQ(test, l.max_packets, rows[i].max);
		KUNIT_EXPECT_EQ(test, l.max_transfer, rows[i].transfer);
		KUNIT_EXPECT_EQ(test, l.align, rows[i].align);
	}
}

/* The factor was shifted by, whatever it was. */
static void regress_alignment_shift_is_bounded(struct kunit *test)
{
	static const u32 bad[] = { 8, 31, 32, 63, 64, 0xffff, 0x80000000, 0xffffffff };
	struct rndis_limits l = { .align = 77 };
	u8 msg[52];
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		initialize_done(msg, 8, 0x4000, bad[i]);
		KUNIT_EXPECT_EQ(test, rndis_limits(msg, 52, &l), -EPROTO);
		KUNIT_EXPECT_EQ(test, l.align, 77u);
	}
}

static void limits_every_truncation(struct kunit *test)
{
	struct rndis_limits l;
	u8 msg[52];
	u32 n;

	initialize_done(msg, 8, 0x4000, 3);
	for (n = 0; n <= 52; n++) {
		u8 *p = mock_exact(test, msg, n);

		/* up to the alignment factor; what is behind it is not used */
		KUNIT_EXPECT_EQ(test, rndis_limits(p, n, &l), n < 44 ? -EPROTO : 0);
		kunit_kfree(test, p);
	}
	mock_put32(msg, 12, 0xc0000001);
	KUNIT_EXPECT_EQ(test, rndis_limits(msg, 52, &l), -EIO);
	KUNIT_EXPECT_EQ(test, rndis_limits(mock_exact(test, msg, 16), 16, &l), -EIO);
}

static void query_done(u8 *msg, u32 total, u32 offset, u32 bytes)
{
	u32 i;

	for (i = 0; i < total; i++)
		msg[i] = i;
	mock_put32(msg, 0, 0x80000004);
	mock_put32(msg, 4, total);
	mock_put32(msg, 8, 1);
	mock_put32(msg, 12, 0);
	mock_put32(msg, 16, bytes);
	mock_put32(msg, 20, offset);
}

static void info_golden(struct kunit *test)
{
	const void *info = NULL;
	u32 bytes = 99;
	u8 msg[64];

	query_done(msg, 30, 16, 6);
	KUNIT_EXPECT_EQ(test, rndis_info(msg, 30, 6, &info, &bytes), 0);
	KUNIT_EXPECT_PTR_EQ(test, info, (const void *)(msg + 24));
	KUNIT_EXPECT_EQ(test, bytes, 6u);
	/* further back */
	query_done(msg, 40, 26, 6);
	KUNIT_EXPECT_EQ(test, rndis_info(msg, 40, 100, &info, &bytes), 0);
	KUNIT_EXPECT_PTR_EQ(test, info, (const void *)(msg + 34));
	/* nothing, wherever */
	query_done(msg, 24, 0, 0);
	KUNIT_EXPECT_EQ(test, rndis_info(msg, 24, 4, &info, &bytes), 0);
	KUNIT_EXPECT_EQ(test, bytes, 0u);
	query_done(msg, 24, 0xffffffff, 0);
	KUNIT_EXPECT_EQ(test, rndis_info(msg, 24, 4, &info, &bytes), 0);
	KUNIT_EXPECT_PTR_EQ(test, info, (const void *)(msg + 24));
}

static void info_longer_than_wanted(struct kunit *test)
{
	const void *info;
	u32 bytes;
	u8 msg[64];

	query_done(msg, 32, 16, 8);
	KUNIT_EXPECT_EQ(test, rndis_info(msg, 32, 8, &info, &bytes), 0);
	KUNIT_EXPECT_EQ(test, rndis_info(msg, 32, 7, &info, &bytes), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, rndis_info(msg, 32, 4, &info, &bytes), -EMSGSIZE);
}

static void info_every_truncation(struct kunit *test)
{
	const void *info;
	u32 n, bytes;
	u8 msg[64];

	query_done(msg, 30, 16, 6);
	for (n = 0; n <= 30; n++) {
		u8 *p = mock_exact(test, msg, n);

		KUNIT_EXPECT_EQ(test, rndis_info(p, n, 6, &info, &bytes), n < 30 ? -EPROTO : 0);
		kunit_kfree(test, p);
	}
}

static void info_garbage(struct kunit *test)
{
	static const u32 bad[] = { MOCK_BAD_U32 };
	static const u32 bad_offset[] = { 0, 15, 17, 23, 0xfffffff0, 0xfffffff8 };
	const void *info;
	u8 msg[64], *p;
	u32 i, bytes;

	query_done(msg, 30, 16, 6);
	p = mock_exact(test, msg, 30);
	for (i = 0; i < ARRAY_SIZE(bad_offset); i++) {
		mock_put32(p, 20, bad_offset[i]);
		KUNIT_EXPECT_EQ(test, rndis_info(p, 30, 6, &info, &bytes), -EPROTO);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		mock_put32(p, 20, bad[i]);
		mock_put32(p, 16, 6);
		KUNIT_EXPECT_EQ(test, rndis_info(p, 30, 6, &info, &bytes), -EPROTO);
		mock_put32(p, 20, 16);
		mock_put32(p, 16, bad[i]);
		KUNIT_EXPECT_EQ(test, rndis_info(p, 30, 0xffffffff, &info, &bytes),
				bad[i] <= 6 ? 0 : -EPROTO);
	}
}

/* The status of an answer was not looked at. */
static void regress_query_status_is_checked(struct kunit *test)
{
	const void *info = NULL;
	u32 bytes;
	u8 msg[64];

	query_done(msg, 30, 16, 6);
	mock_put32(msg, 12, 0xc00000bb);
	KUNIT_EXPECT_EQ(test, rndis_info(msg, 30, 6, &info, &bytes), -EOPNOTSUPP);
	KUNIT_EXPECT_PTR_EQ(test, info, (const void *)NULL);
	/* a refusal may be as short as the answer to a SET */
	KUNIT_EXPECT_EQ(test, rndis_info(mock_exact(test, msg, 16), 16, 6, &info, &bytes),
			-EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, rndis_info(mock_exact(test, msg, 15), 15, 6, &info, &bytes), -EPROTO);
}

static void indicate(u8 *msg, u32 status, u32 bytes, u32 offset)
{
	memset(msg, 0, 32);
	mock_put32(msg, 0, 7);
	mock_put32(msg, 4, 20);
	mock_put32(msg, 8, status);
	mock_put32(msg, 12, bytes);
	mock_put32(msg, 16, offset);
	mock_put32(msg, 20, 0x00989680);
}

/* Older hosts do not count what follows in the length of the message. */
static void indicated_golden(struct kunit *test)
{
	struct rndis_control c;
	const void *info;
	u32 bytes;
	u8 msg[32];

	indicate(msg, 0x40010013, 4, 12);
	KUNIT_EXPECT_EQ(test, rndis_check(msg, 24, &c), RNDIS_KIND_INDICATE);
	KUNIT_EXPECT_EQ(test, c.status, 0x40010013u);
	KUNIT_EXPECT_EQ(test, rndis_indicated(msg, 24, &info, &bytes), 0);
	KUNIT_EXPECT_PTR_EQ(test, info, (const void *)(msg + 20));
	KUNIT_EXPECT_EQ(test, bytes, 4u);
}

/* A cable needs no words: length and offset 0. */
static void regress_indication_without_information(struct kunit *test)
{
	static const u32 status[] = { 0x4001000b, 0x4001000c };
	struct rndis_control c;
	const void *info;
	u32 bytes;
	u8 msg[32];
	int i;

	for (i = 0; i < 2; i++) {
		indicate(msg, status[i], 0, 0);
		KUNIT_EXPECT_EQ(test, rndis_check(msg, 20, &c), RNDIS_KIND_INDICATE);
		KUNIT_EXPECT_EQ(test, c.status, status[i]);
		bytes = 7;
		KUNIT_EXPECT_EQ(test, rndis_indicated(mock_exact(test, msg, 20), 20, &info,
						      &bytes), 0);
		KUNIT_EXPECT_EQ(test, bytes, 0u);
	}
}

static void indicated_every_truncation(struct kunit *test)
{
	const void *info;
	u32 n, bytes;
	u8 msg[32];

	indicate(msg, 0x40010013, 4, 12);
	for (n = 0; n <= 24; n++) {
		u8 *p = mock_exact(test, msg, n);

		KUNIT_EXPECT_EQ(test, rndis_indicated(p, n, &info, &bytes), n < 24 ? -EPROTO : 0);
		kunit_kfree(test, p);
	}
}

static void indicated_garbage(struct kunit *test)
{
	static const u32 bad[] = { 13, 0x0000ffff, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff };
	const void *info;
	u8 msg[32], *p;
	u32 i, bytes;

	indicate(msg, 0x40010013, 4, 12);
	p = mock_exact(test, msg, 24);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		mock_put32(p, 12, bad[i]);
		mock_put32(p, 16, 12);
		KUNIT_EXPECT_EQ(test, rndis_indicated(p, 24, &info, &bytes), -EPROTO);
		mock_put32(p, 12, 4);
		mock_put32(p, 16, bad[i]);
		KUNIT_EXPECT_EQ(test, rndis_indicated(p, 24, &info, &bytes), -EPROTO);
	}
	mock_put32(p, 16, 11);
	KUNIT_EXPECT_EQ(test, rndis_indicated(p, 24, &info, &bytes), -EPROTO);
	mock_put32(p, 16, 16);
	mock_put32(p, 12, 1);
	KUNIT_EXPECT_EQ(test, rndis_indicated(p, 24, &info, &bytes), -EPROTO);
}

static void errno_of_every_status(struct kunit *test)
{
	static const struct {
		u32 status;
		int err;
	} rows[] = {
		{ 0, 0 }, { 0xc00000bb, -EOPNOTSUPP }, { 0x00010001, -EOPNOTSUPP },
		{ 0xc0010017, -EOPNOTSUPP }, { 0xc0010004, -EOPNOTSUPP },
		{ 0xc0010015, -EINVAL }, { 0xc0010014, -EINVAL }, { 0xc0010016, -EINVAL },
		{ 0x80000005, -EINVAL }, { 0xc000009a, -ENOSPC }, { 0xc0000001, -EIO },
		{ 0x103, -EIO }, { 1, -EIO }, { 0xffffffff, -EIO },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ(test, rndis_errno(rows[i].status), rows[i].err);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(next_id_is_never_zero),
	KUNIT_CASE(build_initialize_golden),
	KUNIT_CASE(build_halt_golden),
	KUNIT_CASE(build_query_golden),
	KUNIT_CASE(build_set_golden),
	KUNIT_CASE(check_every_type),
	KUNIT_CASE(check_every_truncation),
	KUNIT_CASE(check_garbage_length),
	KUNIT_CASE(answers_by_id_and_type),
	KUNIT_CASE(limits_of_a_host),
	KUNIT_CASE(regress_alignment_shift_is_bounded),
	KUNIT_CASE(limits_every_truncation),
	KUNIT_CASE(info_golden),
	KUNIT_CASE(info_longer_than_wanted),
	KUNIT_CASE(info_every_truncation),
	KUNIT_CASE(info_garbage),
	KUNIT_CASE(regress_query_status_is_checked),
	KUNIT_CASE(indicated_golden),
	KUNIT_CASE(regress_indication_without_information),
	KUNIT_CASE(indicated_every_truncation),
	KUNIT_CASE(indicated_garbage),
	KUNIT_CASE(errno_of_every_status),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_netvsc_rndis",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit suite of netvsc/rndis.c");
