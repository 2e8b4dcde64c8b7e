// SPDX-License-Identifier: GPL-2.0-only
/* Link changes: what the stack gets to see, and how often. */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../netvsc/link_fsm.c"
#include "wire_mock.h"

#define UP	LINK_EV_CONNECT
#define DOWN	LINK_EV_DISCONNECT
#define MOVED	LINK_EV_CHANGED

static void indications(struct kunit *test)
{
	static const struct {
		bool up;
		enum link_event event[4];	/* LINK_EVENT_NR: no more */
		u32 first, second;
		bool after;
	} rows[] = {
#define NONE LINK_EVENT_NR
		{ true, { NONE }, 0, 0, true },
		{ false, { NONE }, 0, 0, false },
		{ false, { UP, NONE }, LINK_DO_UP, 0, true },
		{ true, { DOWN, NONE }, LINK_DO_DOWN, 0, false },
		/* up twice: peers hear of it */
		{ true, { UP, NONE }, LINK_DO_ANNOUNCE, 0, true },
		{ true, { UP, UP, UP, NONE }, LINK_DO_ANNOUNCE, 0, true },
		{ false, { UP, UP, NONE }, LINK_DO_UP | LINK_DO_ANNOUNCE, 0, true },
		{ false, { DOWN, NONE }, 0, 0, false },
		/* only the outcome counts, but a cable that was out is noticed */
		{ true, { DOWN, UP, NONE }, LINK_DO_DOWN, LINK_DO_UP | LINK_DO_ANNOUNCE, true },
		{ true, { DOWN, UP, DOWN, NONE }, LINK_DO_DOWN, 0, false },
		{ true, { DOWN, UP, UP, NONE }, LINK_DO_DOWN, LINK_DO_UP | LINK_DO_ANNOUNCE, true },
		{ false, { UP, DOWN, NONE }, 0, 0, false },
		{ false, { UP, DOWN, UP, NONE }, LINK_DO_UP, 0, true },
		/* another network */
		{ true, { MOVED, NONE }, LINK_DO_DOWN, LINK_DO_UP | LINK_DO_ANNOUNCE, true },
		{ true, { MOVED, MOVED, NONE }, LINK_DO_DOWN, LINK_DO_UP | LINK_DO_ANNOUNCE, true },
		{ true, { MOVED, DOWN, NONE }, LINK_DO_DOWN, 0, false },
		{ true, { UP, MOVED, NONE }, LINK_DO_DOWN, LINK_DO_UP | LINK_DO_ANNOUNCE, true },
		{ true, { DOWN, MOVED, NONE }, LINK_DO_DOWN, 0, false },
		{ false, { MOVED, NONE }, 0, 0, false },
		{ false, { MOVED, UP, NONE }, LINK_DO_UP, 0, true },
		{ true, { UP, DOWN, NONE }, LINK_DO_DOWN, 0, false },
#undef NONE
	};
	struct link_fsm l;
	bool again;
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		bool wanted = false;

		link_fsm_init(&l, rows[i].up);
		for (j = 0; j < 4 && rows[i].event[j] != LINK_EVENT_NR; j++)
			wanted = link_fsm_event(&l, rows[i].event[j]);
		KUNIT_EXPECT_EQ_MSG(test, wanted, !!rows[i].first, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, link_fsm_run(&l, 0, &again), rows[i].first, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, again, !!rows[i].second, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, link_fsm_run(&l, 2000, &again), rows[i].second,
				    "row %u", i);
		KUNIT_EXPECT_FALSE(test, again);
		KUNIT_EXPECT_EQ_MSG(test, l.up, rows[i].after, "row %u", i);
		KUNIT_EXPECT_EQ(test, link_fsm_run(&l, 4000, &again), 0u);
	}
}

/* Between the down and the up of a move. */
static void indications_while_it_is_down(struct kunit *test)
{
	struct link_fsm l;
	bool again;

	link_fsm_init(&l, true);
	link_fsm_event(&l, MOVED);
	KUNIT_EXPECT_EQ(test, link_fsm_run(&l, 0, &again), (u32)LINK_DO_DOWN);
	KUNIT_EXPECT_TRUE(test, again);
	KUNIT_EXPECT_TRUE(test, link_fsm_event(&l, MOVED));
	KUNIT_EXPECT_TRUE(test, link_fsm_event(&l, UP));
	KUNIT_EXPECT_EQ(test, link_fsm_run(&l, 2000, &again),
			(u32)(LINK_DO_UP | LINK_DO_ANNOUNCE));
	link_fsm_event(&l, MOVED);
	KUNIT_EXPECT_EQ(test, link_fsm_run(&l, 4000, &again), (u32)LINK_DO_DOWN);
	KUNIT_EXPECT_FALSE(test, link_fsm_event(&l, DOWN));
	KUNIT_EXPECT_EQ(test, link_fsm_run(&l, 6000, &again), 0u);
	KUNIT_EXPECT_FALSE(test, again);
	KUNIT_EXPECT_TRUE(test, link_fsm_event(&l, UP));
	KUNIT_EXPECT_EQ(test, link_fsm_run(&l, 8000, &again), (u32)LINK_DO_UP);
}

static void never_faster_than_the_interval(struct kunit *test)
{
	struct link_fsm l;
	bool again;
	u32 ms;

	link_fsm_init(&l, false);
	/* the first one at once, also at the start of the clock */
	KUNIT_EXPECT_EQ(test, link_fsm_delay_ms(&l, 0), 0u);
	KUNIT_EXPECT_EQ(test, link_fsm_delay_ms(&l, 10), 0u);
	link_fsm_event(&l, UP);
	link_fsm_run(&l, 10, &again);
	KUNIT_EXPECT_EQ(test, LINK_INTERVAL_MS, 2000u);
	for (ms = 0; ms <= 4000; ms++)
		KUNIT_EXPECT_EQ(test, link_fsm_delay_ms(&l, 10 + ms), ms < 2000 ? 2000 - ms : 0);
	/* nothing done: nothing to wait for */
	link_fsm_run(&l, 5000, &again);
	KUNIT_EXPECT_EQ(test, link_fsm_delay_ms(&l, 5000), 0u);
}

/* The list of events had no end. */
static void regress_event_flood_keeps_two_actions(struct kunit *test)
{
	struct mock_noise n = { 3 };
	struct link_fsm l;
	bool again, want = true;
	u64 now = 0;
	u32 i, done = 0;

	link_fsm_init(&l, true);
	for (i = 0; i < 100000; i++) {
		enum link_event event = mock_noise(&n) % 3;

		if (event != MOVED)
			want = event == UP;
		link_fsm_event(&l, event);
		now++;
		if (!link_fsm_delay_ms(&l, now) && link_fsm_run(&l, now, &again))
			done++;
	}
	KUNIT_EXPECT_LE(test, done, 51u);
	while (now += 2000, link_fsm_run(&l, now, &again))
		done++;
	KUNIT_EXPECT_LE(test, done, 53u);
	KUNIT_EXPECT_EQ(test, l.up, want);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(indications),
	KUNIT_CASE(indications_while_it_is_down),
	KUNIT_CASE(never_faster_than_the_interval),
	KUNIT_CASE(regress_event_flood_keeps_two_actions),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_netvsc_link_fsm",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit suite of netvsc/link_fsm.c");
