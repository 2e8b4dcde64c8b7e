// SPDX-License-Identifier: GPL-2.0-only
/*
 * A daemon and its one request: every event in every state, and what must hold
 * along any path: a message queued is read or withdrawn, a request is answered,
 * failed or given up exactly once.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../ic/daemon_fsm.c"
#include "wire_mock.h"

#define A DAEMON_ABSENT
#define G DAEMON_GREETED
#define R_ DAEMON_READY
#define Q DAEMON_QUEUED
#define K DAEMON_ASKED
#define O DAEMON_OWES
#define P DAEMON_OWES_QUEUED
#define QUEUE DAEMON_DO_QUEUE
#define TAKE DAEMON_DO_WITHDRAW
#define ANSWER DAEMON_DO_ANSWER
#define FAILED DAEMON_DO_FAIL
#define NO DAEMON_DO_REJECT
#define SERVE DAEMON_DO_SERVE

/* Events in the order of the enum, written down again. */
static const struct {
	u8 next[DAEMON_EVENT_NR];
	u8 act[DAEMON_EVENT_NR];
} table[DAEMON_STATE_NR] = {
	/*       REG QUIET WRITE READ REQ GIVE CLOSE */
	[A]  = { { G, R_, A, A, A, A, A }, { QUEUE, SERVE, NO, 0, FAILED, 0, 0 } },
	[G]  = { { G, G, G, R_, G, G, A }, { NO, NO, NO, SERVE, FAILED, 0, TAKE } },
	[R_] = { { R_, R_, R_, R_, Q, R_, A }, { NO, NO, NO, 0, QUEUE, 0, 0 } },
	[Q]  = { { Q, Q, Q, K, Q, R_, A }, { NO, NO, NO, 0, FAILED, TAKE, TAKE | FAILED } },
	[K]  = { { K, K, R_, K, K, O, A }, { NO, NO, ANSWER, 0, FAILED, 0, FAILED } },
	[O]  = { { O, O, R_, O, P, O, A }, { NO, NO, 0, 0, QUEUE, 0, 0 } },
	[P]  = { { P, P, Q, K, P, O, A }, { NO, NO, 0, 0, FAILED, TAKE, TAKE | FAILED } },
};

static void every_event_in_every_state(struct kunit *test)
{
	unsigned int s, e;

	for (s = 0; s < DAEMON_STATE_NR; s++) {
		for (e = 0; e < DAEMON_EVENT_NR; e++) {
			struct daemon_fsm fsm = { .state = s };
			u32 act = daemon_step(&fsm, e);

			KUNIT_EXPECT_EQ_MSG(test, act, table[s].act[e], "state %u, event %u", s, e);
			KUNIT_EXPECT_EQ_MSG(test, fsm.state, table[s].next[e],
					    "state %u, event %u", s, e);
		}
	}
}

static void any_path(struct kunit *test)
{
	struct mock_noise noise = { .state = 20260101 };
	struct daemon_fsm fsm = { 0 };
	bool pending = false, queued = false, registered = false;
	unsigned int i, asked = 0, settled = 0;

	for (i = 0; i < 200000; i++) {
		enum daemon_event e = mock_noise(&noise) % DAEMON_EVENT_NR;
		u32 act;

		/* Nobody reads what is not there; one request at a time. */
		if ((e == DAEMON_EV_READ && !queued) || (e == DAEMON_EV_REQUEST && pending))
			continue;
		act = daemon_step(&fsm, e);
		if (e == DAEMON_EV_READ)
			queued = false;
		if (act & DAEMON_DO_QUEUE) {
			KUNIT_ASSERT_FALSE(test, queued);
			queued = true;
		}
		if (act & DAEMON_DO_WITHDRAW) {
			KUNIT_ASSERT_TRUE(test, queued);
			queued = false;
		}
		if (e == DAEMON_EV_REQUEST && (act & DAEMON_DO_QUEUE)) {
			KUNIT_ASSERT_TRUE(test, registered);
			pending = true;
			asked++;
		} else if (act & (DAEMON_DO_ANSWER | DAEMON_DO_FAIL) &&
			   e != DAEMON_EV_REQUEST) {
			KUNIT_ASSERT_TRUE(test, pending);
			KUNIT_ASSERT_FALSE(test, (act & DAEMON_DO_ANSWER) && queued);
			pending = false;
			settled++;
		} else if (e == DAEMON_EV_GIVE_UP && pending) {
			pending = false;
			settled++;
		}
		if (act & DAEMON_DO_SERVE)
			registered = true;
		if (e == DAEMON_EV_CLOSE)
			registered = false;
		KUNIT_ASSERT_EQ(test, daemon_registered(&fsm), registered);
		KUNIT_ASSERT_EQ(test, asked, settled + pending);
	}
	KUNIT_EXPECT_GT(test, asked, 1000u);
}

static void late_answer_is_not_taken_for_the_next(struct kunit *test)
{
	struct daemon_fsm fsm = { .state = DAEMON_ASKED };

	daemon_step(&fsm, DAEMON_EV_GIVE_UP);
	KUNIT_EXPECT_EQ(test, daemon_step(&fsm, DAEMON_EV_REQUEST), (u32)DAEMON_DO_QUEUE);
	KUNIT_EXPECT_EQ(test, daemon_step(&fsm, DAEMON_EV_WRITE), 0u);
	KUNIT_EXPECT_EQ(test, daemon_step(&fsm, DAEMON_EV_WRITE), (u32)DAEMON_DO_REJECT);
	daemon_step(&fsm, DAEMON_EV_READ);
	KUNIT_EXPECT_EQ(test, daemon_step(&fsm, DAEMON_EV_WRITE), (u32)DAEMON_DO_ANSWER);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(every_event_in_every_state),
	KUNIT_CASE(any_path),
	KUNIT_CASE(late_answer_is_not_taken_for_the_next),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_utils_daemon_fsm",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Tests of ic/daemon_fsm.c");
