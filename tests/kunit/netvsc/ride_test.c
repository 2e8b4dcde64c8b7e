// SPDX-License-Identifier: GPL-2.0-only
/* When the host is woken for receive completions before there is an answer. */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../netvsc/ride.h"

static struct {
	struct ride r;
	u64 sent;
	u64 signals;
} q;

static void start(void)
{
	memset(&q, 0xa5, sizeof(q));
	q.sent = 1000;
	q.signals = 500;
	ride_init(&q.r);
}

/* Frames come, the host is woken if that pays, and they are answered. */
static bool turn(bool few, bool rides)
{
	bool early = ride_expected(&q.r, q.sent, q.signals, few);

	if (early)
		ride_begin(&q.r, ++q.signals);
	q.sent++;
	if (!early || !rides)
		q.signals++;
	return early;
}

static void a_dialogue_rides(struct kunit *test)
{
	unsigned int i;

	start();
	for (i = 0; i < 1000; i++)
		KUNIT_EXPECT_TRUE(test, turn(true, true));
	/* One that does not is nothing. */
	turn(true, false);
	for (i = 0; i < 100; i++)
		KUNIT_EXPECT_TRUE(test, turn(true, true));
}

static void who_does_not_answer_has_none(struct kunit *test)
{
	start();
	KUNIT_EXPECT_TRUE(test, ride_expected(&q.r, 1, 1, true));
	ride_begin(&q.r, 2);
	KUNIT_EXPECT_FALSE(test, ride_expected(&q.r, 1, 2, true));
	KUNIT_EXPECT_FALSE(test, ride_expected(&q.r, 1, 2, true));
}

static void many_frames_are_no_dialogue(struct kunit *test)
{
	unsigned int i;

	start();
	for (i = 0; i < 100; i++)
		KUNIT_EXPECT_FALSE(test, turn(false, true));
	KUNIT_EXPECT_TRUE(test, turn(true, true));
}

/* Turns with early signals among @n, none of which gets an answer to ride. */
static unsigned int lost_of(unsigned int n)
{
	unsigned int lost = 0;

	while (n--)
		lost += turn(true, false);
	return lost;
}

static void losses_end_it(struct kunit *test)
{
	start();
	KUNIT_EXPECT_EQ(test, lost_of(100), RIDE_CREDIT / RIDE_LOSS + 1u);
	/* Now and then, two of them: the first proves nothing. */
	KUNIT_EXPECT_LE(test, lost_of(100 * RIDE_TRY_EVERY), 2u * 101);
	KUNIT_EXPECT_GE(test, lost_of(100 * RIDE_TRY_EVERY), 2u * 99);
}

static void tries_that_win_begin_it(struct kunit *test)
{
	unsigned int n = 0, early = 0;

	start();
	lost_of(100);
	KUNIT_EXPECT_FALSE(test, q.r.pays);
	while (!q.r.pays && n < 10 * RIDE_TRY_EVERY) {
		early += turn(true, true);
		n++;
	}
	KUNIT_EXPECT_LE(test, n, RIDE_TRY_EVERY + RIDE_TRIES + 1u);
	KUNIT_EXPECT_EQ(test, early, RIDE_TRIES + 1u);
	KUNIT_EXPECT_TRUE(test, turn(true, true));
}

/* Nearly always lost, now and then won by chance. */
static void chance_is_not_enough(struct kunit *test)
{
	unsigned int i, early = 0;

	start();
	lost_of(100);
	for (i = 0; i < 100 * RIDE_TRY_EVERY; i++)
		early += turn(true, i & 1);
	KUNIT_EXPECT_LE(test, early, 100u * RIDE_TRIES);
}

/* The completions went along with something else: nothing to judge. */
static void no_signal_no_verdict(struct kunit *test)
{
	unsigned int i;

	start();
	for (i = 0; i < 100; i++) {
		KUNIT_EXPECT_TRUE(test, ride_expected(&q.r, ++q.sent, ++q.signals, true));
		KUNIT_EXPECT_EQ(test, q.r.credit, (u8)RIDE_CREDIT);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_dialogue_rides),
	KUNIT_CASE(who_does_not_answer_has_none),
	KUNIT_CASE(many_frames_are_no_dialogue),
	KUNIT_CASE(losses_end_it),
	KUNIT_CASE(tries_that_win_begin_it),
	KUNIT_CASE(chance_is_not_enough),
	KUNIT_CASE(no_signal_no_verdict),
	{ }
};

static struct kunit_suite suite = {
	.name = "hv_netvsc_ride",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_DESCRIPTION("KUnit suite of netvsc/ride.h");
MODULE_LICENSE("GPL");
