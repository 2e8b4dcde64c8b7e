// SPDX-License-Identifier: GPL-2.0-only
/*
 * Protocol versions: the order we try them in, what each one can do, and how
 * the answer of a host is read.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../vmbus/version.c"
#include "wire_mock.h"

static const u32 spoken[] = {
	0x50003, 0x50002, 0x50001, 0x50000, 0x40001, 0x40000, 0x30000, 0x20004,
};

static void next_walks_down_the_list(struct kunit *test)
{
	u32 v = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(spoken); i++) {
		v = version_next(v, 0);
		KUNIT_EXPECT_EQ_MSG(test, v, spoken[i], "step %u", i);
	}
	KUNIT_EXPECT_EQ(test, version_next(v, 0), 0);
}

static void next_honours_every_ceiling(struct kunit *test)
{
	unsigned int c, i;

	for (c = 0; c < ARRAY_SIZE(spoken); c++) {
		u32 v = 0;

		for (i = c; i < ARRAY_SIZE(spoken); i++) {
			v = version_next(v, spoken[c]);
			KUNIT_EXPECT_EQ_MSG(test, v, spoken[i], "ceiling %#x", spoken[c]);
		}
		KUNIT_EXPECT_EQ(test, version_next(v, spoken[c]), 0);
	}
	/* Ceilings that are no version of ours. */
	KUNIT_EXPECT_EQ(test, version_next(0, 0x60000), 0x50003);
	KUNIT_EXPECT_EQ(test, version_next(0, 0xffffffff), 0x50003);
	KUNIT_EXPECT_EQ(test, version_next(0, 0x4ffff), 0x40001);
	KUNIT_EXPECT_EQ(test, version_next(0, 0x20003), 0);
	KUNIT_EXPECT_EQ(test, version_next(0, 1), 0);
}

/* Whatever was tried, the next one is lower: a negotiation always ends. */
static void next_always_goes_down(struct kunit *test)
{
	struct mock_noise noise = { 77 };
	unsigned int i;

	for (i = 0; i < 10000; i++) {
		u32 tried = mock_noise(&noise);
		u32 ceiling = mock_noise(&noise) % 3 ? mock_noise(&noise) % 0x60000 : 0;
		u32 v;

		tried %= 0x60000;
		v = version_next(tried, ceiling);
		if (tried)
			KUNIT_EXPECT_LT(test, v, tried);
		if (ceiling)
			KUNIT_EXPECT_LE(test, v, ceiling);
	}
	KUNIT_EXPECT_EQ(test, version_next(1, 0), 0);
	KUNIT_EXPECT_EQ(test, version_next(0xffffffff, 0), 0x50003);
}

static void abilities_by_version(struct kunit *test)
{
	static const struct {
		u32 version;
		u32 port;
		bool modify;
		bool acked;
		bool unload;
	} t[] = {
		{ 0x0000d, 1, false, false, false },
		{ 0x10001, 1, false, false, false },
		{ 0x20004, 1, false, false, false },
		{ 0x30000, 1, false, false, true },
		{ 0x40000, 1, false, false, true },
		{ 0x40001, 1, true, false, true },
		{ 0x50000, 4, true, false, true },
		{ 0x50001, 4, true, false, true },
		{ 0x50002, 4, true, false, true },
		{ 0x50003, 4, true, true, true },
		{ 0x60000, 4, true, true, true },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		u32 v = t[i].version;

		KUNIT_EXPECT_EQ_MSG(test, version_contact_conn_id(v), t[i].port, "%#x", v);
		KUNIT_EXPECT_EQ_MSG(test, version_has_modify(v), t[i].modify, "%#x", v);
		KUNIT_EXPECT_EQ_MSG(test, version_acks_modify(v), t[i].acked, "%#x", v);
		KUNIT_EXPECT_EQ_MSG(test, version_has_unload(v), t[i].unload, "%#x", v);
	}
}

static void judge_refusal_reads_nothing_else(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(spoken); i++) {
		u32 port = 0x1234;

		KUNIT_EXPECT_EQ(test, version_judge(spoken[i], 0, 0, 4, &port), VERSION_LOWER);
		KUNIT_EXPECT_EQ(test, version_judge(spoken[i], 0, 0xff, ~0u, &port),
				VERSION_LOWER);
		KUNIT_EXPECT_EQ_MSG(test, port, 0x1234, "port is stored on acceptance only");
	}
}

static void judge_connection_state(struct kunit *test)
{
	unsigned int i, state;

	for (i = 0; i < ARRAY_SIZE(spoken); i++) {
		for (state = 0; state < 256; state++) {
			u32 port = 0;

			KUNIT_EXPECT_EQ_MSG(test,
					    version_judge(spoken[i], 1, state, 4, &port),
					    state ? VERSION_LOWER : VERSION_ACCEPTED,
					    "version %#x state %u", spoken[i], state);
		}
	}
	/* Before 2.4 the byte may hold anything. */
	for (state = 0; state < 256; state++) {
		u32 port = 0;

		KUNIT_EXPECT_EQ(test, version_judge(0x10001, 1, state, 0, &port),
				VERSION_ACCEPTED);
		KUNIT_EXPECT_EQ(test, port, 1);
	}
}

static void judge_supported_is_any_nonzero(struct kunit *test)
{
	unsigned int s;

	for (s = 1; s < 256; s++) {
		u32 port = 0;

		KUNIT_EXPECT_EQ(test, version_judge(0x50003, s, 0, 0x2001, &port),
				VERSION_ACCEPTED);
		KUNIT_EXPECT_EQ(test, port, 0x2001);
	}
}

static void judge_returned_port(struct kunit *test)
{
	static const struct { u32 id; bool good; } t[] = {
		{ 0, false }, { 1, true }, { 4, true }, { 0x800074, true }, { 0xffffff, true },
		{ 0x1000000, false }, { 0x80000004, false }, { 0xffffffff, false },
	};
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(spoken); i++) {
		for (k = 0; k < ARRAY_SIZE(t); k++) {
			u32 port = 0;
			enum version_verdict v = version_judge(spoken[i], 1, 0, t[k].id, &port);

			if (spoken[i] < 0x50000) {
				KUNIT_EXPECT_EQ_MSG(test, v, VERSION_ACCEPTED,
						    "field undefined below 5.0");
				KUNIT_EXPECT_EQ(test, port, 1);
			} else if (t[k].good) {
				KUNIT_EXPECT_EQ(test, v, VERSION_ACCEPTED);
				KUNIT_EXPECT_EQ(test, port, t[k].id);
			} else {
				KUNIT_EXPECT_EQ_MSG(test, v, VERSION_INVALID, "id %#x", t[k].id);
				KUNIT_EXPECT_EQ(test, port, 0);
			}
		}
	}
}

static struct kunit_case version_cases[] = {
	KUNIT_CASE(next_walks_down_the_list),
	KUNIT_CASE(next_honours_every_ceiling),
	KUNIT_CASE(next_always_goes_down),
	KUNIT_CASE(abilities_by_version),
	KUNIT_CASE(judge_refusal_reads_nothing_else),
	KUNIT_CASE(judge_connection_state),
	KUNIT_CASE(judge_supported_is_any_nonzero),
	KUNIT_CASE(judge_returned_port),
	{}
};

static struct kunit_suite version_suite = {
	.name = "hv_vmbus_version",
	.test_cases = version_cases,
};

kunit_test_suite(version_suite);

MODULE_DESCRIPTION("KUnit: VMBus protocol versions");
MODULE_LICENSE("GPL");
