// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time synchronisation: what messages of each version mean, every length, the
 * edges where a sum or a difference would wrap, and how old an answer may be.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../timesync/ts_calc.c"
#include "ic_mock.h"

#define V(major, minor) ((major) << 16 | (minor))

/* 1970-01-01, 2026-01-01, and the last time in range */
#define EPOCH 116444736000000000ull
#define Y2026 134116992000000000ull
#define LAST 208678456368547758ull
#define SECOND 10000000ull

static u8 *v4(struct kunit *test, u64 time, u64 ref, u8 flags)
{
	u8 *p = kunit_kzalloc(test, 22, GFP_KERNEL);

	mock_put64(p, 0, time);
	mock_put64(p, 8, ref);
	mock_put8(p, 16, flags);
	return p;
}

static u8 *v1(struct kunit *test, u64 time, u64 other, u8 flags)
{
	u8 *p = kunit_kzalloc(test, 25, GFP_KERNEL);

	mock_put64(p, 0, time);
	mock_put64(p, 8, other);
	mock_put64(p, 16, other);
	mock_put8(p, 24, flags);
	return p;
}

static void flags(struct kunit *test)
{
	struct ts_pair pair;
	unsigned int f;

	for (f = 0; f < 256; f++) {
		enum ts_verdict want = f & 1 ? TS_STEP : TS_STORE;

		KUNIT_EXPECT_EQ(test, ts_judge(V(4, 0), v4(test, Y2026, 5, f), 22, 5, &pair), want);
		KUNIT_EXPECT_TRUE(test, pair.valid);
		KUNIT_EXPECT_EQ(test, ts_judge(V(3, 0), v1(test, Y2026, 5, f), 25, 5, &pair), want);
	}
}

static void travel_time_is_added(struct kunit *test)
{
	struct ts_pair pair;
	s64 ns;

	KUNIT_ASSERT_EQ(test, ts_judge(V(4, 0), v4(test, Y2026, 1000, 1), 22, 1250, &pair),
			TS_STEP);
	KUNIT_EXPECT_EQ(test, pair.time, Y2026 + 250);
	KUNIT_EXPECT_EQ(test, pair.ref, 1250ull);
	/* 2026-01-01 is 1767225600 after 1970; 250 units underway, 50 since. */
	KUNIT_ASSERT_EQ(test, ts_host_ns(&pair, 1300, &ns), 0);
	KUNIT_EXPECT_EQ(test, ns, 1767225600000000000ll + 30000);
	/* Older versions say nothing about when. */
	ts_judge(V(3, 0), v1(test, Y2026, 77, 1), 25, 1250, &pair);
	KUNIT_EXPECT_EQ(test, pair.time, Y2026);
}

static void every_length(struct kunit *test)
{
	static const int versions[] = { V(1, 0), V(3, 0), V(4, 0) };
	u8 *msg = v1(test, Y2026, 0, 1);
	unsigned int v;
	u32 bytes;

	for (v = 0; v < ARRAY_SIZE(versions); v++) {
		u32 least = v == 2 ? 22 : 25;

		for (bytes = 0; bytes <= 25; bytes++) {
			u8 *p = mock_exact(test, msg, bytes);
			struct ts_pair pair;
			enum ts_verdict got;

			got = ts_judge(versions[v], p, bytes, SECOND, &pair);
			KUNIT_EXPECT_EQ_MSG(test, got == TS_SHORT, bytes < least,
					    "%u bytes, version %#x", bytes, versions[v]);
			KUNIT_EXPECT_EQ(test, pair.valid, bytes >= least);
		}
	}
}

static void edges(struct kunit *test)
{
	static const struct {
		u64 time, ref, now;
		u8 flags;
		enum ts_verdict want;
	} edge[] = {
		{ 0, 0, 0, 1, TS_OUT_OF_RANGE },
		{ EPOCH - 1, 0, 0, 1, TS_OUT_OF_RANGE },
		{ EPOCH, 0, 0, 1, TS_STEP },
		{ LAST, 7, 7, 1, TS_STEP },
		{ LAST, 7, 8, 1, TS_OUT_OF_RANGE },
		{ LAST + 1, 0, 0, 1, TS_OUT_OF_RANGE },
		{ U64_MAX, 0, 0, 1, TS_OUT_OF_RANGE },
		{ U64_MAX, 0, U64_MAX, 1, TS_OUT_OF_RANGE },
		{ Y2026, 0, U64_MAX, 1, TS_OUT_OF_RANGE },
		{ Y2026, 1, 0, 1, TS_FUTURE },
		{ Y2026, U64_MAX, 0, 2, TS_FUTURE },
		{ Y2026, U64_MAX, U64_MAX, 2, TS_STORE },
		{ Y2026, 0, 60 * SECOND, 2, TS_STORE },
		{ Y2026, 0, 60 * SECOND + 1, 2, TS_STALE },
		{ Y2026, 0, 60 * SECOND + 1, 0, TS_STALE },
		{ Y2026, 0, 60 * SECOND + 1, 1, TS_STEP },
		{ Y2026, 0, 60 * SECOND + 1, 3, TS_STEP },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(edge); i++) {
		struct ts_pair pair;
		u8 *p = v4(test, edge[i].time, edge[i].ref, edge[i].flags);

		KUNIT_EXPECT_EQ_MSG(test, ts_judge(V(4, 0), p, 22, edge[i].now, &pair),
				    edge[i].want, "edge %u", i);
		KUNIT_EXPECT_EQ_MSG(test, pair.valid,
				    edge[i].want == TS_STEP || edge[i].want == TS_STORE,
				    "edge %u", i);
	}
}

static void v1_range(struct kunit *test)
{
	static const u64 bad[] = { 0, EPOCH - 1, LAST + 1, U64_MAX };
	struct ts_pair pair;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ(test, ts_judge(V(1, 0), v1(test, bad[i], 0, 1), 25, 9, &pair),
				TS_OUT_OF_RANGE);
}

static void defect_8_before_the_first_sample(struct kunit *test)
{
	struct ts_pair pair = { 0 };
	s64 ns = 42;

	KUNIT_EXPECT_EQ(test, ts_host_ns(&pair, 0, &ns), -ESTALE);
	KUNIT_EXPECT_EQ(test, ts_host_ns(&pair, 599 * SECOND, &ns), -ESTALE);
	KUNIT_EXPECT_EQ(test, ns, 42ll);
}

static void age(struct kunit *test)
{
	struct ts_pair pair = { .time = Y2026, .ref = 1000, .valid = true };
	s64 ns;

	KUNIT_EXPECT_EQ(test, ts_host_ns(&pair, 1000, &ns), 0);
	KUNIT_EXPECT_EQ(test, ts_host_ns(&pair, 1000 + 600 * SECOND, &ns), 0);
	KUNIT_EXPECT_EQ(test, ts_host_ns(&pair, 1001 + 600 * SECOND, &ns), -ESTALE);
	/* A counter that started anew. */
	KUNIT_EXPECT_EQ(test, ts_host_ns(&pair, 999, &ns), -ESTALE);
	KUNIT_EXPECT_EQ(test, ts_host_ns(&pair, 0, &ns), -ESTALE);
	KUNIT_EXPECT_EQ(test, ts_host_ns(&pair, U64_MAX, &ns), -ESTALE);
	pair.time = LAST;
	KUNIT_EXPECT_EQ(test, ts_host_ns(&pair, 1000, &ns), 0);
	KUNIT_EXPECT_EQ(test, ns, 9223372036854775800ll);
	KUNIT_EXPECT_EQ(test, ts_host_ns(&pair, 1001, &ns), -ESTALE);
	pair.time = EPOCH;
	KUNIT_EXPECT_EQ(test, ts_host_ns(&pair, 1000, &ns), 0);
	KUNIT_EXPECT_EQ(test, ns, 0ll);
}

static void implicit_step(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, ts_implicit_step(0, 0));
	KUNIT_EXPECT_FALSE(test, ts_implicit_step(4999999999ll, 0));
	KUNIT_EXPECT_TRUE(test, ts_implicit_step(5000000000ll, 0));
	KUNIT_EXPECT_FALSE(test, ts_implicit_step(0, 5000000000ll));
	KUNIT_EXPECT_TRUE(test, ts_implicit_step(S64_MAX, -1));
	KUNIT_EXPECT_FALSE(test, ts_implicit_step(-2, S64_MAX));
}

static void between(struct kunit *test)
{
	u64 ref = 0;

	KUNIT_EXPECT_TRUE(test, ts_between(150, 100, 200, 1000, 1010, &ref));
	KUNIT_EXPECT_EQ(test, ref, 1005ull);
	KUNIT_EXPECT_TRUE(test, ts_between(100, 100, 200, 1000, 1010, &ref));
	KUNIT_EXPECT_EQ(test, ref, 1000ull);
	KUNIT_EXPECT_TRUE(test, ts_between(200, 100, 200, 1000, 1010, &ref));
	KUNIT_EXPECT_EQ(test, ref, 1010ull);
	KUNIT_EXPECT_TRUE(test, ts_between(7, 7, 7, 3, 3, &ref));
	KUNIT_EXPECT_EQ(test, ref, 3ull);
	KUNIT_EXPECT_FALSE(test, ts_between(99, 100, 200, 1000, 1010, &ref));
	KUNIT_EXPECT_FALSE(test, ts_between(201, 100, 200, 1000, 1010, &ref));
	KUNIT_EXPECT_FALSE(test, ts_between(150, 100, 200, 1010, 1000, &ref));
	KUNIT_EXPECT_FALSE(test, ts_between(150, 200, 100, 0, 1, &ref));
	/* The widest: no product wraps. */
	KUNIT_EXPECT_TRUE(test, ts_between(0xffffffff, 0, 0xffffffff, 0, 0x7fffffff, &ref));
	KUNIT_EXPECT_EQ(test, ref, 0x7fffffffull);
	KUNIT_EXPECT_FALSE(test, ts_between(5, 0, 0x100000000, 0, 1, &ref));
	KUNIT_EXPECT_FALSE(test, ts_between(5, 0, 10, 0, 0x80000000, &ref));
}

static void noise(struct kunit *test)
{
	struct mock_noise n = { .state = 99 };
	unsigned int i;

	for (i = 0; i < 100000; i++) {
		u64 time = mock_noise(&n) >> (mock_noise(&n) & 31);
		u64 ref = mock_noise(&n) >> (mock_noise(&n) & 63);
		u64 now = mock_noise(&n) >> (mock_noise(&n) & 63);
		struct ts_pair pair;
		u8 msg[22] = { 0 };
		s64 ns = -1;

		mock_put64(msg, 0, time);
		mock_put64(msg, 8, ref);
		msg[16] = (u8)mock_noise(&n);
		ts_judge(V(4, 0), msg, 22, now, &pair);
		if (!pair.valid)
			continue;
		KUNIT_ASSERT_GE(test, pair.time, time);
		KUNIT_ASSERT_LE(test, pair.time, LAST);
		KUNIT_ASSERT_LE(test, ref, now);
		if (!ts_host_ns(&pair, now, &ns))
			KUNIT_ASSERT_GE(test, ns, 0ll);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(flags),
	KUNIT_CASE(travel_time_is_added),
	KUNIT_CASE(every_length),
	KUNIT_CASE(edges),
	KUNIT_CASE(v1_range),
	KUNIT_CASE(defect_8_before_the_first_sample),
	KUNIT_CASE(age),
	KUNIT_CASE(implicit_step),
	KUNIT_CASE(between),
	KUNIT_CASE(noise),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_utils_ts_calc",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Tests of timesync/ts_calc.c");
