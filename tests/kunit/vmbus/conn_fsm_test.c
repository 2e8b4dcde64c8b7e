// SPDX-License-Identifier: GPL-2.0-only
/*
 * The connection: every state meets every event, negotiation goes down the
 * whole list of versions under every ceiling, leaving always ends.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../vmbus/version.c"
#include "../../../vmbus/conn_fsm.c"
#include "wire_mock.h"

#define REFUSE CONN_DO_REFUSE
#define V53 0x50003
#define V24 0x20004

/* With version 5.3 where a version is agreed upon, and no ceiling. */
static const struct {
	enum conn_state to;
	u32 act;
} table[CONN_STATES][CONN_EVENTS] = {
	[CONN_DOWN] = {
		[CONN_EV_START]		= { CONN_CONTACT, CONN_DO_CONTACT },
		[CONN_EV_REFUSED]	= { CONN_DOWN, REFUSE },
		[CONN_EV_ACCEPTED]	= { CONN_DOWN, REFUSE },
		[CONN_EV_REQUEST]	= { CONN_DOWN, REFUSE },
		[CONN_EV_ALL_OFFERS]	= { CONN_DOWN, REFUSE },
		[CONN_EV_UNLOAD]	= { CONN_DOWN, REFUSE },
		[CONN_EV_UNLOADED]	= { CONN_DOWN, REFUSE },
	},
	[CONN_CONTACT] = {
		[CONN_EV_START]		= { CONN_CONTACT, REFUSE },
		[CONN_EV_REFUSED]	= { CONN_CONTACT, CONN_DO_CONTACT },
		[CONN_EV_ACCEPTED]	= { CONN_LINKED, CONN_DO_WAKE },
		[CONN_EV_REQUEST]	= { CONN_CONTACT, REFUSE },
		[CONN_EV_ALL_OFFERS]	= { CONN_CONTACT, REFUSE },
		[CONN_EV_UNLOAD]	= { CONN_CONTACT, REFUSE },
		[CONN_EV_UNLOADED]	= { CONN_CONTACT, REFUSE },
	},
	[CONN_LINKED] = {
		[CONN_EV_START]		= { CONN_LINKED, REFUSE },
		[CONN_EV_REFUSED]	= { CONN_LINKED, REFUSE },
		[CONN_EV_ACCEPTED]	= { CONN_LINKED, REFUSE },
		[CONN_EV_REQUEST]	= { CONN_OFFERING, CONN_DO_REQUEST_OFFERS },
		[CONN_EV_ALL_OFFERS]	= { CONN_LINKED, REFUSE },
		[CONN_EV_UNLOAD]	= { CONN_UNLOADING, CONN_DO_UNLOAD },
		[CONN_EV_UNLOADED]	= { CONN_LINKED, REFUSE },
	},
	[CONN_OFFERING] = {
		[CONN_EV_START]		= { CONN_OFFERING, REFUSE },
		[CONN_EV_REFUSED]	= { CONN_OFFERING, REFUSE },
		[CONN_EV_ACCEPTED]	= { CONN_OFFERING, REFUSE },
		[CONN_EV_REQUEST]	= { CONN_OFFERING, REFUSE },
		[CONN_EV_ALL_OFFERS]	= { CONN_READY, CONN_DO_WAKE },
		[CONN_EV_UNLOAD]	= { CONN_UNLOADING, CONN_DO_UNLOAD },
		[CONN_EV_UNLOADED]	= { CONN_OFFERING, REFUSE },
	},
	[CONN_READY] = {
		[CONN_EV_START]		= { CONN_READY, REFUSE },
		[CONN_EV_REFUSED]	= { CONN_READY, REFUSE },
		[CONN_EV_ACCEPTED]	= { CONN_READY, REFUSE },
		[CONN_EV_REQUEST]	= { CONN_READY, REFUSE },
		[CONN_EV_ALL_OFFERS]	= { CONN_READY, REFUSE },
		[CONN_EV_UNLOAD]	= { CONN_UNLOADING, CONN_DO_UNLOAD },
		[CONN_EV_UNLOADED]	= { CONN_READY, REFUSE },
	},
	[CONN_UNLOADING] = {
		[CONN_EV_START]		= { CONN_UNLOADING, REFUSE },
		[CONN_EV_REFUSED]	= { CONN_UNLOADING, REFUSE },
		[CONN_EV_ACCEPTED]	= { CONN_UNLOADING, REFUSE },
		[CONN_EV_REQUEST]	= { CONN_UNLOADING, REFUSE },
		[CONN_EV_ALL_OFFERS]	= { CONN_UNLOADING, REFUSE },
		[CONN_EV_UNLOAD]	= { CONN_UNLOADING, REFUSE },
		[CONN_EV_UNLOADED]	= { CONN_DOWN, CONN_DO_WAKE | CONN_DO_RESET },
	},
};

static struct conn_fsm in_state(enum conn_state s, u32 version)
{
	struct conn_fsm c = { .state = s };

	if (s != CONN_DOWN) {
		c.version = version;
		c.conn_id = version >= 0x50000 ? 4 : 1;
	}
	return c;
}

static void every_state_and_event(struct kunit *test)
{
	unsigned int s, e;

	for (s = 0; s < CONN_STATES; s++) {
		for (e = 0; e < CONN_EVENTS; e++) {
			struct conn_fsm c = in_state(s, V53), before = c;
			u32 act = conn_step(&c, e);

			KUNIT_EXPECT_EQ_MSG(test, act, table[s][e].act, "state %u event %u", s, e);
			KUNIT_EXPECT_EQ_MSG(test, c.state, table[s][e].to, "state %u event %u",
					    s, e);
			if (act == REFUSE) {
				KUNIT_EXPECT_EQ(test, c.version, before.version);
				KUNIT_EXPECT_EQ(test, c.conn_id, before.conn_id);
			}
			if (c.state == CONN_DOWN) {
				KUNIT_EXPECT_EQ(test, c.version, 0);
				KUNIT_EXPECT_EQ(test, c.conn_id, 0);
			}
		}
	}
}

static void values_out_of_range(struct kunit *test)
{
	unsigned int s, e;

	for (s = 0; s < CONN_STATES; s++) {
		struct conn_fsm c = in_state(s, V53);

		KUNIT_EXPECT_EQ(test, conn_step(&c, CONN_EVENTS), REFUSE);
		KUNIT_EXPECT_EQ(test, conn_step(&c, (enum conn_event)1000), REFUSE);
		KUNIT_EXPECT_EQ(test, c.state, s);
	}
	for (e = 0; e < CONN_EVENTS; e++) {
		struct conn_fsm c = in_state(CONN_STATES, V53);

		KUNIT_EXPECT_EQ(test, conn_step(&c, e), REFUSE);
	}
}

static const u32 spoken[] = {
	0x50003, 0x50002, 0x50001, 0x50000, 0x40001, 0x40000, 0x30000, 0x20004,
};

static void goes_down_every_list(struct kunit *test)
{
	unsigned int ceiling, i;

	for (ceiling = 0; ceiling <= ARRAY_SIZE(spoken); ceiling++) {
		unsigned int first = ceiling < ARRAY_SIZE(spoken) ? ceiling : 0;
		struct conn_fsm c;
		u32 act;

		conn_init(&c, ceiling < ARRAY_SIZE(spoken) ? spoken[ceiling] : 0);
		act = conn_step(&c, CONN_EV_START);
		for (i = first; i < ARRAY_SIZE(spoken); i++) {
			KUNIT_ASSERT_EQ(test, act, CONN_DO_CONTACT);
			KUNIT_EXPECT_EQ(test, c.version, spoken[i]);
			KUNIT_EXPECT_EQ(test, c.conn_id, spoken[i] >= 0x50000 ? 4 : 1);
			KUNIT_EXPECT_EQ_MSG(test, conn_agreed_version(&c), 0,
					    "nothing is agreed upon yet");
			act = conn_step(&c, CONN_EV_REFUSED);
		}
		KUNIT_EXPECT_EQ(test, act, CONN_DO_FAIL);
		KUNIT_EXPECT_EQ(test, c.state, CONN_DOWN);
		KUNIT_EXPECT_EQ(test, c.version, 0);
		/* A failed attempt does not use up the versions. */
		KUNIT_EXPECT_EQ(test, conn_step(&c, CONN_EV_START), CONN_DO_CONTACT);
		KUNIT_EXPECT_EQ(test, c.version, spoken[first]);
	}
}

static void ceiling_below_everything(struct kunit *test)
{
	struct conn_fsm c;

	conn_init(&c, 0x10001);
	KUNIT_EXPECT_EQ(test, conn_step(&c, CONN_EV_START), CONN_DO_FAIL);
	KUNIT_EXPECT_EQ(test, c.state, CONN_DOWN);
}

static void whole_life_at_every_version(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(spoken); i++) {
		struct conn_fsm c;

		conn_init(&c, spoken[i]);
		KUNIT_EXPECT_EQ(test, conn_step(&c, CONN_EV_START), CONN_DO_CONTACT);
		KUNIT_EXPECT_EQ(test, conn_step(&c, CONN_EV_ACCEPTED), CONN_DO_WAKE);
		KUNIT_EXPECT_EQ(test, conn_agreed_version(&c), spoken[i]);
		KUNIT_EXPECT_EQ(test, conn_step(&c, CONN_EV_REQUEST), CONN_DO_REQUEST_OFFERS);
		KUNIT_EXPECT_EQ_MSG(test, conn_step(&c, CONN_EV_REQUEST), REFUSE,
				    "offers are asked for once");
		KUNIT_EXPECT_EQ(test, conn_step(&c, CONN_EV_ALL_OFFERS), CONN_DO_WAKE);
		KUNIT_EXPECT_EQ(test, conn_agreed_version(&c), spoken[i]);
		if (spoken[i] >= 0x30000) {
			KUNIT_EXPECT_EQ(test, conn_step(&c, CONN_EV_UNLOAD), CONN_DO_UNLOAD);
			KUNIT_EXPECT_EQ(test, c.version, spoken[i]);
			KUNIT_EXPECT_EQ(test, conn_step(&c, CONN_EV_UNLOADED),
					CONN_DO_WAKE | CONN_DO_RESET);
		} else {
			KUNIT_EXPECT_EQ_MSG(test, conn_step(&c, CONN_EV_UNLOAD), CONN_DO_RESET,
					    "no UNLOAD before 3.0");
		}
		KUNIT_EXPECT_EQ(test, c.state, CONN_DOWN);
		KUNIT_EXPECT_EQ(test, c.ceiling, spoken[i]);
		KUNIT_EXPECT_EQ(test, conn_agreed_version(&c), 0);
		KUNIT_EXPECT_EQ(test, conn_step(&c, CONN_EV_START), CONN_DO_CONTACT);
	}
}

/* Any order of events: one contact at a time, versions only go down. */
static void random_lives(struct kunit *test)
{
	struct mock_noise noise = { 271828 };
	unsigned int life, step, ready = 0;

	for (life = 0; life < 3000; life++) {
		struct conn_fsm c;
		u32 last = 0xffffffff;

		conn_init(&c, 0);
		for (step = 0; step < 40; step++) {
			enum conn_event ev = mock_noise(&noise) % CONN_EVENTS;
			struct conn_fsm before = c;
			u32 act = conn_step(&c, ev);

			if (act & REFUSE) {
				KUNIT_EXPECT_EQ(test, act, REFUSE);
				KUNIT_EXPECT_EQ(test, c.state, before.state);
				continue;
			}
			if (act & CONN_DO_CONTACT) {
				if (ev == CONN_EV_START)
					last = 0xffffffff;
				KUNIT_EXPECT_LT(test, c.version, last);
				KUNIT_EXPECT_GE(test, c.version, V24);
				last = c.version;
			}
			if (c.state != CONN_DOWN)
				KUNIT_EXPECT_NE(test, c.conn_id, 0);
			ready += c.state == CONN_READY;
		}
	}
	KUNIT_EXPECT_GT(test, ready, 100);
}

static struct kunit_case conn_cases[] = {
	KUNIT_CASE(every_state_and_event),
	KUNIT_CASE(values_out_of_range),
	KUNIT_CASE(goes_down_every_list),
	KUNIT_CASE(ceiling_below_everything),
	KUNIT_CASE(whole_life_at_every_version),
	KUNIT_CASE(random_lives),
	{}
};

static struct kunit_suite conn_suite = {
	.name = "hv_vmbus_conn_fsm",
	.test_cases = conn_cases,
};

kunit_test_suite(conn_suite);

MODULE_DESCRIPTION("KUnit: connection state machine");
MODULE_LICENSE("GPL");
