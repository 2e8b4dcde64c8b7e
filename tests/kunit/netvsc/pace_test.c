// SPDX-License-Identifier: GPL-2.0-only
/* When a queue that sends in bulk is polled by the clock, and when no longer. */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../netvsc/pace.h"

#define HERTZ	250u
/* Messages per tick that are enough, exactly. */
#define ENOUGH	(PACE_MESSAGES / HERTZ)

static struct {
	struct pace p;
	unsigned long now;
	u64 messages;
	u64 bytes;
} q;

static void start(unsigned long now)
{
	memset(&q, 0xa5, sizeof(q));
	q.now = now;
	q.messages = 0;
	q.bytes = 0;
	pace_init(&q.p, now);
}

/* A tick goes by in which so much is sent; at its end there is a poll. */
static bool tick(u64 messages, u64 bytes, bool one_way)
{
	q.messages += messages;
	q.bytes += bytes;
	q.now++;
	return pace_stays(&q.p, q.now, HERTZ, q.messages, q.bytes, one_way);
}

static bool bulk_tick(void)
{
	return tick(ENOUGH, ENOUGH * PACE_MESSAGE_BYTES, false);
}

static bool poll(bool idle)
{
	if (q.p.on)
		pace_polled(&q.p, idle, q.now);
	return pace_stays(&q.p, q.now, HERTZ, q.messages, q.bytes, false);
}

static void bulk_enters(struct kunit *test)
{
	start(1000);
	KUNIT_EXPECT_FALSE(test, pace_stays(&q.p, 1000, HERTZ, 0, 0, false));
	KUNIT_EXPECT_TRUE(test, bulk_tick());
	KUNIT_EXPECT_TRUE(test, poll(false));
	KUNIT_EXPECT_TRUE(test, bulk_tick());
	KUNIT_EXPECT_TRUE(test, q.p.on);
}

static void limits_are_exact(struct kunit *test)
{
	start(1000);
	KUNIT_EXPECT_FALSE(test, tick(ENOUGH - 1, ENOUGH * PACE_MESSAGE_BYTES, false));
	KUNIT_EXPECT_FALSE(test, tick(ENOUGH, ENOUGH * PACE_MESSAGE_BYTES - 1, false));
	KUNIT_EXPECT_TRUE(test, tick(ENOUGH, ENOUGH * PACE_MESSAGE_BYTES, false));
	start(1000);
	KUNIT_EXPECT_FALSE(test, tick(ENOUGH - 1, 0, true));
	KUNIT_EXPECT_TRUE(test, tick(ENOUGH, 0, true));
}

/* Thousands of short messages a second, each of which somebody answers. */
static void dialogue_never_enters(struct kunit *test)
{
	unsigned int i;

	start(1000);
	for (i = 0; i < 100; i++)
		KUNIT_EXPECT_FALSE(test, tick(100000, 100000ull * 1500, false));
	KUNIT_EXPECT_FALSE(test, q.p.on);
}

static void end_of_bulk_leaves(struct kunit *test)
{
	unsigned int i;

	start(1000);
	KUNIT_EXPECT_TRUE(test, bulk_tick());
	for (i = 0; i < PACE_POOR_MAX; i++)
		KUNIT_EXPECT_TRUE(test, tick(0, 0, false));
	KUNIT_EXPECT_FALSE(test, tick(0, 0, false));
	KUNIT_EXPECT_FALSE(test, q.p.on);
	/* No punishment for that. */
	KUNIT_EXPECT_TRUE(test, bulk_tick());
}

/* Ticks of little in between are no end, but nothing adds up. */
static void gusts_stay(struct kunit *test)
{
	unsigned int i, n;

	start(1000);
	KUNIT_EXPECT_TRUE(test, bulk_tick());
	for (i = 0; i < 10; i++) {
		for (n = 0; n < PACE_POOR_MAX; n++)
			KUNIT_EXPECT_TRUE(test, tick(1, PACE_MESSAGE_BYTES, false));
		KUNIT_EXPECT_TRUE(test, bulk_tick());
	}
	/* Half of what let it in is enough to stay. */
	for (i = 0; i < 10 * PACE_POOR_MAX; i++)
		KUNIT_EXPECT_TRUE(test, tick(ENOUGH / 2, ENOUGH * PACE_MESSAGE_BYTES, false));
	KUNIT_EXPECT_EQ(test, q.p.poor, 0u);
}

/* A dialogue after bulk ends it at once. */
static void short_messages_leave(struct kunit *test)
{
	start(1000);
	KUNIT_EXPECT_TRUE(test, bulk_tick());
	KUNIT_EXPECT_FALSE(test, tick(ENOUGH, ENOUGH * PACE_MESSAGE_BYTES - 1, false));
	KUNIT_EXPECT_FALSE(test, q.p.on);
}

/* The more is sent the sooner it may be looked at, within limits. */
static void least_follows_rate(struct kunit *test)
{
	start(1000);
	KUNIT_EXPECT_EQ(test, q.p.least, PACE_NS_MIN);
	KUNIT_EXPECT_TRUE(test, bulk_tick());
	KUNIT_EXPECT_EQ(test, q.p.least, PACE_NS_MAX);
	KUNIT_EXPECT_TRUE(test, tick(10000 / HERTZ, 10000 / HERTZ * PACE_MESSAGE_BYTES, false));
	KUNIT_EXPECT_EQ(test, q.p.least, PACE_POLL_MESSAGES * 100000u);
	KUNIT_EXPECT_TRUE(test, tick(100000, 100000ull * PACE_MESSAGE_BYTES, false));
	KUNIT_EXPECT_EQ(test, q.p.least, PACE_NS_MIN);
	KUNIT_EXPECT_TRUE(test, tick(1ull << 32, (1ull << 32) * PACE_MESSAGE_BYTES, false));
	KUNIT_EXPECT_EQ(test, q.p.least, PACE_NS_MIN);
	/* Little is sent for a moment: as before. */
	KUNIT_EXPECT_TRUE(test, tick(0, 0, false));
	KUNIT_EXPECT_EQ(test, q.p.least, PACE_NS_MIN);
}

/* It begins with the least, whatever the interval was when it ended. */
static void begins_with_least(struct kunit *test)
{
	start(1000);
	KUNIT_EXPECT_TRUE(test, bulk_tick());
	KUNIT_EXPECT_EQ(test, q.p.ns, PACE_NS_MAX);
	KUNIT_EXPECT_FALSE(test, tick(ENOUGH, 0, false));
	KUNIT_EXPECT_TRUE(test, tick(100000, 100000ull * PACE_MESSAGE_BYTES, false));
	KUNIT_EXPECT_EQ(test, q.p.ns, PACE_NS_MIN);
	/* And is never shorter than that. */
	KUNIT_EXPECT_TRUE(test, bulk_tick());
	KUNIT_EXPECT_EQ(test, q.p.ns, PACE_NS_MAX);
}

/* So much that the least is the shortest there is. */
static void flood(struct kunit *test)
{
	start(1000);
	KUNIT_ASSERT_TRUE(test, tick(100000, 100000ull * PACE_MESSAGE_BYTES, false));
	KUNIT_ASSERT_EQ(test, q.p.ns, PACE_NS_MIN);
}

static void work_makes_it_longer(struct kunit *test)
{
	u32 want = PACE_NS_MIN;
	unsigned int i;

	flood(test);
	while (want < PACE_NS_MAX) {
		for (i = 1; i < PACE_LONGER_POLLS; i++)
			poll(false);
		KUNIT_EXPECT_EQ(test, q.p.ns, want);
		poll(false);
		want += PACE_NS_STEP;
		KUNIT_EXPECT_EQ(test, q.p.ns, want);
	}
	for (i = 0; i < 10 * PACE_LONGER_POLLS; i++)
		poll(false);
	KUNIT_EXPECT_EQ(test, q.p.ns, PACE_NS_MAX);
}

/* The longest interval of a queue that sends a flood. */
static void lengthen(struct kunit *test)
{
	flood(test);
	while (q.p.ns < PACE_NS_MAX)
		poll(false);
}

static void idle_makes_it_shorter(struct kunit *test)
{
	unsigned int i;

	lengthen(test);
	KUNIT_EXPECT_TRUE(test, poll(true));
	KUNIT_EXPECT_EQ(test, q.p.ns, PACE_NS_MAX - PACE_NS_MAX / 4);
	/* Work has to begin anew to make it longer. */
	for (i = 1; i < PACE_LONGER_POLLS; i++)
		poll(false);
	KUNIT_EXPECT_EQ(test, q.p.ns, PACE_NS_MAX - PACE_NS_MAX / 4);
	for (i = 0; q.p.ns > PACE_NS_MIN; i++)
		KUNIT_ASSERT_TRUE(test, poll(true));
	KUNIT_EXPECT_EQ(test, q.p.ns, PACE_NS_MIN);
	KUNIT_EXPECT_LE(test, i, 3u);
}

/* Now and then is no reason to leave, not even if it cannot come any sooner. */
static void idle_now_and_then_stays(struct kunit *test)
{
	unsigned int i;

	flood(test);
	for (i = 0; i < 100; i++) {
		KUNIT_EXPECT_TRUE(test, poll(true));
		KUNIT_EXPECT_TRUE(test, poll(false));
	}
	KUNIT_EXPECT_EQ(test, q.p.ns, PACE_NS_MIN);
	KUNIT_EXPECT_EQ(test, q.p.rest, (u32)PACE_REST_MIN);
}

/* What the timer saw before is of no account when it is entered again. */
static void idle_before_is_forgotten(struct kunit *test)
{
	flood(test);
	KUNIT_EXPECT_TRUE(test, poll(true));
	KUNIT_EXPECT_FALSE(test, tick(ENOUGH, 0, false));
	KUNIT_EXPECT_TRUE(test, bulk_tick());
	KUNIT_EXPECT_TRUE(test, poll(true));
	KUNIT_EXPECT_FALSE(test, poll(true));
}

/* Nobody polled for a while: what was sent in more than a tick proves nothing. */
static void a_gap_is_no_tick(struct kunit *test)
{
	start(1000);
	q.now++;
	KUNIT_EXPECT_FALSE(test, bulk_tick());
	KUNIT_EXPECT_TRUE(test, bulk_tick());
	/* Enough for the ticks that went by. */
	q.now += PACE_TICKS - 1;
	KUNIT_EXPECT_TRUE(test, tick(PACE_TICKS * ENOUGH,
				     PACE_TICKS * ENOUGH * PACE_MESSAGE_BYTES, false));
	q.now += PACE_TICKS;
	KUNIT_EXPECT_FALSE(test, tick(100000, 100000ull * PACE_MESSAGE_BYTES, false));
	KUNIT_EXPECT_TRUE(test, bulk_tick());
	q.now += 1000;
	KUNIT_EXPECT_FALSE(test, bulk_tick());
	KUNIT_EXPECT_FALSE(test, q.p.on);
}

static void a_quarter_is_at_work(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, pace_stands(0, PACE_NS_MIN));
	KUNIT_EXPECT_FALSE(test, pace_stands(50, 200000));
	KUNIT_EXPECT_TRUE(test, pace_stands(51, 200000));
	KUNIT_EXPECT_FALSE(test, pace_stands(125, 500000));
	KUNIT_EXPECT_TRUE(test, pace_stands(126, 500000));
	/* Idle times are not kept to the nanosecond: less than none. */
	KUNIT_EXPECT_TRUE(test, pace_stands(U64_MAX, PACE_NS_MAX));
}

static void idle_twice_leaves(struct kunit *test)
{
	unsigned int i;

	start(1000);
	KUNIT_EXPECT_TRUE(test, bulk_tick());
	KUNIT_EXPECT_TRUE(test, poll(true));
	KUNIT_EXPECT_FALSE(test, poll(true));
	KUNIT_EXPECT_FALSE(test, q.p.on);
	/* The same tick again, and then the rest. */
	KUNIT_EXPECT_FALSE(test, poll(false));
	for (i = 1; i < PACE_REST_MIN; i++)
		KUNIT_EXPECT_FALSE(test, bulk_tick());
	KUNIT_EXPECT_TRUE(test, bulk_tick());
}

/* Ticks of bulk until it is entered again after having been wrong. */
static unsigned int rest_after_idle(void)
{
	unsigned int n = 1;

	poll(true);
	poll(true);
	while (!bulk_tick())
		n++;
	return n;
}

static void rest_doubles_to_its_limit(struct kunit *test)
{
	unsigned int rest;

	start(1000);
	KUNIT_EXPECT_TRUE(test, bulk_tick());
	for (rest = PACE_REST_MIN; rest <= PACE_REST_MAX; rest *= 2)
		KUNIT_EXPECT_EQ(test, rest_after_idle(), rest);
	KUNIT_EXPECT_EQ(test, rest_after_idle(), (unsigned int)PACE_REST_MAX);
}

static void success_forgives(struct kunit *test)
{
	unsigned int i;

	start(1000);
	KUNIT_EXPECT_TRUE(test, bulk_tick());
	rest_after_idle();
	rest_after_idle();
	for (i = 1; i < PACE_GOOD_POLLS; i++)
		poll(false);
	KUNIT_EXPECT_EQ(test, q.p.rest, 4u * PACE_REST_MIN);
	poll(false);
	KUNIT_EXPECT_EQ(test, q.p.rest, (u32)PACE_REST_MIN);
	KUNIT_EXPECT_EQ(test, rest_after_idle(), (unsigned int)PACE_REST_MIN);
}

/* The tick counter wraps around; on 32 bits minutes after boot. */
static void ticks_wrap(struct kunit *test)
{
	start(ULONG_MAX);
	KUNIT_EXPECT_TRUE(test, bulk_tick());
	KUNIT_EXPECT_EQ(test, q.now, 0ul);
	start(ULONG_MAX - 1);
	KUNIT_EXPECT_TRUE(test, bulk_tick());
	KUNIT_EXPECT_EQ(test, rest_after_idle(), (unsigned int)PACE_REST_MIN);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(bulk_enters),
	KUNIT_CASE(limits_are_exact),
	KUNIT_CASE(dialogue_never_enters),
	KUNIT_CASE(end_of_bulk_leaves),
	KUNIT_CASE(gusts_stay),
	KUNIT_CASE(short_messages_leave),
	KUNIT_CASE(least_follows_rate),
	KUNIT_CASE(begins_with_least),
	KUNIT_CASE(work_makes_it_longer),
	KUNIT_CASE(idle_makes_it_shorter),
	KUNIT_CASE(idle_now_and_then_stays),
	KUNIT_CASE(idle_before_is_forgotten),
	KUNIT_CASE(a_gap_is_no_tick),
	KUNIT_CASE(a_quarter_is_at_work),
	KUNIT_CASE(idle_twice_leaves),
	KUNIT_CASE(rest_doubles_to_its_limit),
	KUNIT_CASE(success_forgives),
	KUNIT_CASE(ticks_wrap),
	{ }
};

static struct kunit_suite suite = {
	.name = "hv_netvsc_pace",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_DESCRIPTION("KUnit suite of netvsc/pace.h");
MODULE_LICENSE("GPL");
