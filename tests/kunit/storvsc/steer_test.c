// SPDX-License-Identifier: GPL-2.0-only
/*
 * The map from CPU to channel: own channel, own node, any; evenly; never one
 * that cannot be used.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../storvsc/steer.c"
#include "wire_mock.h"

static void map_without_channels(struct kunit *test)
{
	static const int node[4];
	struct steer_chan dead[2] = { { 0, 0, false }, { 1, 0, false } };
	u16 map[4];
	int cpu;

	steer_build(NULL, 0, node, 4, map);
	for (cpu = 0; cpu < 4; cpu++)
		KUNIT_EXPECT_EQ(test, map[cpu], STEER_NONE);
	steer_build(dead, 2, node, 4, map);
	for (cpu = 0; cpu < 4; cpu++)
		KUNIT_EXPECT_EQ(test, map[cpu], STEER_NONE);
}

static void map_primary_alone(struct kunit *test)
{
	static const int node[8] = { 0, 0, 0, 0, 1, 1, 1, 1 };
	struct steer_chan chan = { 5, 1, true };
	u16 map[8];
	int cpu;

	steer_build(&chan, 1, node, 8, map);
	for (cpu = 0; cpu < 8; cpu++)
		KUNIT_EXPECT_EQ(test, map[cpu], 0);
}

static void map_own_channel_first(struct kunit *test)
{
	static const int node[4];
	struct steer_chan chans[4] = {
		{ 2, 0, true }, { 0, 0, true }, { 3, 0, true }, { 1, 0, true },
	};
	static const u16 want[4] = { 1, 3, 0, 2 };
	u16 map[4];

	steer_build(chans, 4, node, 4, map);
	KUNIT_EXPECT_EQ(test, memcmp(map, want, sizeof(want)), 0);
}

/* CPUs 0 and 2 have channels; 1 and 3 share them, one each. */
static void map_shares_evenly(struct kunit *test)
{
	static const int node[4];
	struct steer_chan chans[2] = { { 0, 0, true }, { 2, 0, true } };
	static const u16 want[4] = { 0, 0, 1, 1 };
	u16 map[4];

	steer_build(chans, 2, node, 4, map);
	KUNIT_EXPECT_EQ(test, memcmp(map, want, sizeof(want)), 0);
}

static void map_own_node_before_others(struct kunit *test)
{
	static const int node[8] = { 0, 0, 0, 0, 1, 1, 1, 1 };
	struct steer_chan chans[3] = { { 0, 0, true }, { 4, 1, true }, { 6, 1, true } };
	u16 map[8];
	int cpu;

	steer_build(chans, 3, node, 8, map);
	for (cpu = 0; cpu < 4; cpu++)
		KUNIT_EXPECT_EQ(test, map[cpu], 0);
	KUNIT_EXPECT_EQ(test, map[4], 1);
	KUNIT_EXPECT_EQ(test, map[6], 2);
	KUNIT_EXPECT_NE(test, map[5], map[7]);
	KUNIT_EXPECT_NE(test, map[5], 0);

	/* a node without channels uses all of them in turn */
	chans[0].usable = false;
	steer_build(chans, 3, node, 8, map);
	KUNIT_EXPECT_EQ(test, map[0], 1);
	KUNIT_EXPECT_EQ(test, map[1], 2);
	KUNIT_EXPECT_EQ(test, map[2], 1);
	KUNIT_EXPECT_EQ(test, map[3], 2);
}

/* A channel on a CPU beyond the table is for others to use. */
static void map_cpu_out_of_range(struct kunit *test)
{
	static const int node[2];
	struct steer_chan chan = { 0xffffffff, -1, true };
	u16 map[3] = { 0, 0, 0x5a5a };

	steer_build(&chan, 1, node, 2, map);
	KUNIT_EXPECT_EQ(test, map[0], 0);
	KUNIT_EXPECT_EQ(test, map[1], 0);
	KUNIT_EXPECT_EQ(test, map[2], 0x5a5a);
}

/* Whatever the machine looks like: usable, in range, and nobody overloaded. */
static void map_random_machines(struct kunit *test)
{
	struct mock_noise noise = { 42 };
	struct steer_chan chans[16];
	u16 map[32], load[16];
	int node[32], round, i;

	for (round = 0; round < 500; round++) {
		u32 cpus = 1 + mock_noise(&noise) % 32;
		u32 nr = 1 + mock_noise(&noise) % 16;
		u32 usable = 0, most = 0;

		memset(load, 0, sizeof(load));
		for (i = 0; i < cpus; i++)
			node[i] = 0;
		for (i = 0; i < nr; i++) {
			chans[i].cpu = mock_noise(&noise) % cpus;
			chans[i].node = 0;
			chans[i].usable = mock_noise(&noise) & 3;
			usable += chans[i].usable;
		}
		steer_build(chans, nr, node, cpus, map);
		for (i = 0; i < cpus; i++) {
			if (!usable) {
				KUNIT_EXPECT_EQ(test, map[i], STEER_NONE);
				continue;
			}
			KUNIT_ASSERT_LT(test, map[i], nr);
			KUNIT_EXPECT_TRUE(test, chans[map[i]].usable);
			load[map[i]]++;
		}
		for (i = 0; i < nr; i++)
			if (load[i] > most)
				most = load[i];
		if (usable)
			KUNIT_EXPECT_LE(test, most, cpus / usable + 2);
	}
}

static void next_visits_each_other_once(struct kunit *test)
{
	struct steer_chan chans[5] = {
		{ 0, 0, true }, { 1, 1, true }, { 2, 0, false }, { 3, 0, true },
		{ 4, 1, true },
	};

	KUNIT_EXPECT_EQ(test, steer_next(chans, 5, 0, false), 1u);
	KUNIT_EXPECT_EQ(test, steer_next(chans, 5, 1, false), 3u);
	KUNIT_EXPECT_EQ(test, steer_next(chans, 5, 3, false), 4u);
	KUNIT_EXPECT_EQ(test, steer_next(chans, 5, 4, false), 0u);
	/* of the same node only */
	KUNIT_EXPECT_EQ(test, steer_next(chans, 5, 0, true), 3u);
	KUNIT_EXPECT_EQ(test, steer_next(chans, 5, 3, true), 0u);
	KUNIT_EXPECT_EQ(test, steer_next(chans, 5, 1, true), 4u);
	/* from one that cannot be used */
	KUNIT_EXPECT_EQ(test, steer_next(chans, 5, 2, false), 3u);
}

static void next_without_another(struct kunit *test)
{
	struct steer_chan chans[2] = { { 0, 0, true }, { 1, 0, false } };

	KUNIT_EXPECT_EQ(test, steer_next(chans, 1, 0, false), 0u);
	KUNIT_EXPECT_EQ(test, steer_next(chans, 2, 0, false), 0u);
	KUNIT_EXPECT_EQ(test, steer_next(chans, 2, 7, false), 7u);
	KUNIT_EXPECT_EQ(test, steer_next(chans, 0, 0, true), 0u);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(map_without_channels),
	KUNIT_CASE(map_primary_alone),
	KUNIT_CASE(map_own_channel_first),
	KUNIT_CASE(map_shares_evenly),
	KUNIT_CASE(map_own_node_before_others),
	KUNIT_CASE(map_cpu_out_of_range),
	KUNIT_CASE(map_random_machines),
	KUNIT_CASE(next_visits_each_other_once),
	KUNIT_CASE(next_without_another),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_storvsc_steer",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit suite of storvsc/steer.c");
