// SPDX-License-Identifier: GPL-2.0-only
/*
 * Life of a channel: every state meets every event, and no order of events
 * breaks what the host is owed.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../vmbus/chan_fsm.c"
#include "wire_mock.h"

#define REFUSE CHAN_DO_REFUSE

/* (state, event) -> (state, actions); REFUSE leaves the state alone. */
static const struct {
	enum chan_state to;
	u32 act;
} table[CHAN_STATES][CHAN_EVENTS] = {
	[CHAN_OFFERED] = {
		[CHAN_EV_OPEN]		= { CHAN_OPENING, CHAN_DO_SEND_OPEN },
		[CHAN_EV_OPEN_OK]	= { CHAN_OFFERED, REFUSE },
		[CHAN_EV_OPEN_FAIL]	= { CHAN_OFFERED, REFUSE },
		[CHAN_EV_CLOSE]		= { CHAN_OFFERED, REFUSE },
		[CHAN_EV_RESCIND]	= { CHAN_RESCINDED, CHAN_DO_WAKE | CHAN_DO_REMOVE },
		[CHAN_EV_RELEASE]	= { CHAN_RELEASED, 0 },
	},
	[CHAN_OPENING] = {
		[CHAN_EV_OPEN]		= { CHAN_OPENING, REFUSE },
		[CHAN_EV_OPEN_OK]	= { CHAN_OPEN, 0 },
		[CHAN_EV_OPEN_FAIL]	= { CHAN_OFFERED, 0 },
		[CHAN_EV_CLOSE]		= { CHAN_OPENING, REFUSE },
		[CHAN_EV_RESCIND]	= { CHAN_DYING, CHAN_DO_WAKE | CHAN_DO_REMOVE },
		[CHAN_EV_RELEASE]	= { CHAN_OPENING, REFUSE },
	},
	[CHAN_OPEN] = {
		[CHAN_EV_OPEN]		= { CHAN_OPEN, REFUSE },
		[CHAN_EV_OPEN_OK]	= { CHAN_OPEN, REFUSE },
		[CHAN_EV_OPEN_FAIL]	= { CHAN_OPEN, REFUSE },
		[CHAN_EV_CLOSE]		= { CHAN_OFFERED, CHAN_DO_SEND_CLOSE },
		[CHAN_EV_RESCIND]	= { CHAN_DYING, CHAN_DO_WAKE | CHAN_DO_REMOVE },
		[CHAN_EV_RELEASE]	= { CHAN_OPEN, REFUSE },
	},
	[CHAN_DYING] = {
		[CHAN_EV_OPEN]		= { CHAN_DYING, REFUSE },
		[CHAN_EV_OPEN_OK]	= { CHAN_DYING, 0 },
		[CHAN_EV_OPEN_FAIL]	= { CHAN_RESCINDED, CHAN_DO_SEND_CLOSE },
		[CHAN_EV_CLOSE]		= { CHAN_RESCINDED, CHAN_DO_SEND_CLOSE },
		[CHAN_EV_RESCIND]	= { CHAN_DYING, REFUSE },
		[CHAN_EV_RELEASE]	= { CHAN_DYING, REFUSE },
	},
	[CHAN_RESCINDED] = {
		[CHAN_EV_OPEN]		= { CHAN_RESCINDED, REFUSE },
		[CHAN_EV_OPEN_OK]	= { CHAN_RESCINDED, REFUSE },
		[CHAN_EV_OPEN_FAIL]	= { CHAN_RESCINDED, REFUSE },
		[CHAN_EV_CLOSE]		= { CHAN_RESCINDED, REFUSE },
		[CHAN_EV_RESCIND]	= { CHAN_RESCINDED, REFUSE },
		[CHAN_EV_RELEASE]	= { CHAN_RELEASED, CHAN_DO_SEND_RELEASED },
	},
	[CHAN_RELEASED] = {
		[CHAN_EV_OPEN]		= { CHAN_RELEASED, REFUSE },
		[CHAN_EV_OPEN_OK]	= { CHAN_RELEASED, REFUSE },
		[CHAN_EV_OPEN_FAIL]	= { CHAN_RELEASED, REFUSE },
		[CHAN_EV_CLOSE]		= { CHAN_RELEASED, REFUSE },
		[CHAN_EV_RESCIND]	= { CHAN_RELEASED, REFUSE },
		[CHAN_EV_RELEASE]	= { CHAN_RELEASED, REFUSE },
	},
};

static void starts_offered(struct kunit *test)
{
	struct chan_fsm c = { .state = CHAN_RELEASED };

	chan_init(&c);
	KUNIT_EXPECT_EQ(test, c.state, CHAN_OFFERED);
	KUNIT_EXPECT_FALSE(test, chan_is_rescinded(&c));
}

static void every_state_and_event(struct kunit *test)
{
	unsigned int s, e;

	for (s = 0; s < CHAN_STATES; s++) {
		for (e = 0; e < CHAN_EVENTS; e++) {
			struct chan_fsm c = { .state = s };
			u32 act = chan_step(&c, e);

			KUNIT_EXPECT_EQ_MSG(test, act, table[s][e].act, "state %u event %u", s, e);
			KUNIT_EXPECT_EQ_MSG(test, c.state, table[s][e].to, "state %u event %u",
					    s, e);
			KUNIT_EXPECT_EQ_MSG(test, chan_is_rescinded(&c), c.state >= CHAN_DYING,
					    "state %u", c.state);
		}
	}
}

static void values_out_of_range(struct kunit *test)
{
	static const unsigned int odd[] = { CHAN_EVENTS, CHAN_EVENTS + 1, 77, 0x7fffffff };
	unsigned int s, i;

	for (s = 0; s < CHAN_STATES; s++) {
		for (i = 0; i < ARRAY_SIZE(odd); i++) {
			struct chan_fsm c = { .state = s };

			KUNIT_EXPECT_EQ(test, chan_step(&c, (enum chan_event)odd[i]), REFUSE);
			KUNIT_EXPECT_EQ(test, c.state, s);
		}
	}
	for (i = 0; i < CHAN_EVENTS; i++) {
		struct chan_fsm c = { .state = CHAN_STATES };

		KUNIT_EXPECT_EQ(test, chan_step(&c, i), REFUSE);
		KUNIT_EXPECT_EQ(test, c.state, CHAN_STATES);
	}
}

/*
 * What the host must see in any order of events: CLOSE for each OPEN at most
 * once and never without one, RELEASED once and last, device removal once.
 */
static void random_lives(struct kunit *test)
{
	struct mock_noise noise = { 31337 };
	unsigned int life, step, released_lives = 0, refused = 0;

	for (life = 0; life < 5000; life++) {
		unsigned int opens = 0, closes = 0, removes = 0, released = 0, fails = 0;
		struct chan_fsm c;

		chan_init(&c);
		for (step = 0; step < 30; step++) {
			enum chan_event ev = mock_noise(&noise) % CHAN_EVENTS;
			enum chan_state before = c.state;
			u32 act = chan_step(&c, ev);

			if (act & REFUSE) {
				KUNIT_EXPECT_EQ_MSG(test, act, REFUSE, "refusal comes alone");
				KUNIT_EXPECT_EQ(test, c.state, before);
				refused++;
				continue;
			}
			if (before == CHAN_OPENING && ev == CHAN_EV_OPEN_FAIL)
				fails++;
			opens += !!(act & CHAN_DO_SEND_OPEN);
			closes += !!(act & CHAN_DO_SEND_CLOSE);
			removes += !!(act & CHAN_DO_REMOVE);
			KUNIT_EXPECT_EQ_MSG(test, released, 0, "nothing after RELEASED");
			released += !!(act & CHAN_DO_SEND_RELEASED);
			KUNIT_EXPECT_LE(test, closes + fails, opens);
			KUNIT_EXPECT_LE(test, removes, 1);
			KUNIT_EXPECT_GE_MSG(test, c.state == CHAN_OFFERED ? CHAN_OFFERED : c.state,
					    before >= CHAN_DYING ? before : 0,
					    "a rescinded channel never comes back");
			if (act & CHAN_DO_SEND_RELEASED) {
				KUNIT_EXPECT_EQ_MSG(test, closes + fails, opens,
						    "CLOSE is owed before RELEASED");
				KUNIT_EXPECT_EQ(test, removes, 1);
				released_lives++;
			}
		}
	}
	KUNIT_EXPECT_GT(test, released_lives, 100);
	KUNIT_EXPECT_GT(test, refused, 1000);
}

static struct kunit_case chan_cases[] = {
	KUNIT_CASE(starts_offered),
	KUNIT_CASE(every_state_and_event),
	KUNIT_CASE(values_out_of_range),
	KUNIT_CASE(random_lives),
	{}
};

static struct kunit_suite chan_suite = {
	.name = "hv_vmbus_chan_fsm",
	.test_cases = chan_cases,
};

kunit_test_suite(chan_suite);

MODULE_DESCRIPTION("KUnit: channel state machine");
MODULE_LICENSE("GPL");
