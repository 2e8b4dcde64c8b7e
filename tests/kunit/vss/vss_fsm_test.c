// SPDX-License-Identifier: GPL-2.0-only
/*
 * Live backup: every event in every state, the answer to every operation, and
 * the rule: whatever happens, frozen does not stay.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../vss/vss_fsm.c"
#include "ic_mock.h"

#define T VSS_THAWED
#define G VSS_FREEZING
#define F VSS_FROZEN
#define O VSS_OWED
#define TH VSS_DO_THAW
#define RE VSS_DO_RESCUE
#define WA VSS_DO_WATCH
#define UN VSS_DO_UNWATCH

/* Events in the order of the enum, written down again. */
static const struct {
	u8 next[VSS_EVENT_NR];
	u8 act[VSS_EVENT_NR];
} table[VSS_STATE_NR] = {
	/*      ASK  OK  BAD  TOK TBAD TIME HOST DGONE DCAME */
	[T] = { { G, T, T, T, T, T, T, T, T }, { 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
	[G] = { { G, F, T, G, G, O, O, T, G }, { 0, WA, 0, 0, 0, TH, TH, RE, 0 } },
	[F] = { { F, F, F, T, F, O, O, T, F },
		{ 0, 0, 0, UN, 0, TH | UN, TH | UN, RE | UN, 0 } },
	[O] = { { O, O, O, T, T, T, O, T, O }, { 0, 0, 0, 0, RE, RE, 0, RE, TH } },
};

static void every_event_in_every_state(struct kunit *test)
{
	unsigned int s, e;

	for (s = 0; s < VSS_STATE_NR; s++) {
		for (e = 0; e < VSS_EVENT_NR; e++) {
			struct vss_fsm fsm = { .state = s };

			KUNIT_EXPECT_EQ_MSG(test, vss_step(&fsm, e), (u32)table[s].act[e],
					    "state %u, event %u", s, e);
			KUNIT_EXPECT_EQ_MSG(test, fsm.state, table[s].next[e],
					    "state %u, event %u", s, e);
		}
	}
}

/* Noise, with a model of the file systems beside it. */
static void thaw_follows_freeze(struct kunit *test)
{
	struct mock_noise n = { .state = 815 };
	bool maybe_frozen = false, thaw_asked = false, watched = false;
	struct vss_fsm fsm = { 0 };
	unsigned int i, frozen = 0;

	for (i = 0; i < 200000; i++) {
		enum vss_event e = mock_noise(&n) % VSS_EVENT_NR;
		enum vss_state was = fsm.state;
		u32 act = vss_step(&fsm, e);

		if (was == VSS_THAWED && e == VSS_EV_FREEZE_ASKED)
			maybe_frozen = true;
		if (was == VSS_FREEZING && e == VSS_EV_FREEZE_FAILED)
			maybe_frozen = false;
		if (e == VSS_EV_THAW_OK && (was == VSS_FROZEN || was == VSS_OWED))
			maybe_frozen = false;
		if (act & VSS_DO_RESCUE)
			maybe_frozen = false;
		if (act & VSS_DO_THAW)
			thaw_asked = true;
		if (act & VSS_DO_WATCH)
			watched = true;
		if (act & VSS_DO_UNWATCH)
			watched = false;
		if (fsm.state == VSS_THAWED) {
			KUNIT_ASSERT_FALSE(test, maybe_frozen);
			thaw_asked = false;
		}
		KUNIT_ASSERT_EQ(test, watched, fsm.state == VSS_FROZEN);
		if (fsm.state == VSS_OWED)
			KUNIT_ASSERT_TRUE(test, thaw_asked);
		frozen += fsm.state == VSS_FROZEN;
	}
	KUNIT_EXPECT_GT(test, frozen, 1000u);
}

static void every_operation(struct kunit *test)
{
	unsigned int s, op;

	for (s = 0; s < VSS_STATE_NR; s++) {
		for (op = 0; op < 256; op++) {
			struct vss_fsm fsm = { .state = s };
			u8 *p = mock_ic(test, 40, 5), got = 0xff;
			enum vss_verdict verdict;
			u32 status = 7;

			p[28] = op;
			verdict = vss_request(&fsm, p + 28, 12, &got, &status);
			KUNIT_EXPECT_EQ(test, got, op);
			if (op == 2 || op == 6 || (op == 5 && s == VSS_THAWED)) {
				KUNIT_EXPECT_EQ(test, verdict, VSS_ASK);
				continue;
			}
			KUNIT_EXPECT_EQ(test, verdict, VSS_ANSWER);
			KUNIT_EXPECT_EQ_MSG(test, status, op == 5 ? 0x80004005 :
					    op > 8 ? 0x80070032 : 0, "operation %u", op);
			if (op == 3)
				KUNIT_EXPECT_EQ(test, mock_get32(p, 36), 0u);
			kunit_kfree(test, p);
		}
	}
}

static void too_short(struct kunit *test)
{
	struct vss_fsm fsm = { 0 };
	u32 bytes, status;

	for (bytes = 0; bytes < 12; bytes++) {
		u8 body[12] = { 5 }, op = 0, *p = mock_exact(test, body, bytes);

		KUNIT_EXPECT_EQ(test, vss_request(&fsm, p, bytes, &op, &status), VSS_ANSWER);
		KUNIT_EXPECT_EQ(test, status, 0x80004005u);
	}
}

static void defect_5_hot_backup_flags(struct kunit *test)
{
	unsigned int op;

	for (op = 0; op <= 8; op++) {
		u8 body[12] = { op };

		mock_put32(body, 8, 0xeeeeeeee);
		KUNIT_EXPECT_EQ(test, vss_answer(op, 0, body), 0u);
		KUNIT_EXPECT_EQ(test, mock_get32(body, 8), op == 2 ? 5 : 0xeeeeeeee);
		KUNIT_EXPECT_EQ(test, vss_answer(op, 0x80004005, body), 0x80004005u);
		KUNIT_EXPECT_EQ(test, vss_answer(op, 1, body), 0x80004005u);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(every_event_in_every_state),
	KUNIT_CASE(thaw_follows_freeze),
	KUNIT_CASE(every_operation),
	KUNIT_CASE(too_short),
	KUNIT_CASE(defect_5_hot_backup_flags),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_utils_vss_fsm",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Tests of vss/vss_fsm.c");
