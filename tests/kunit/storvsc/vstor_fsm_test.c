// SPDX-License-Identifier: GPL-2.0-only
/*
 * The handshake: the sequences of the reference, every state met by every
 * event, every number the host may put into its properties.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../storvsc/vstor.c"
#include "../../../storvsc/vstor_fsm.c"
#include "wire_mock.h"

#define LIMIT	0x200000

/* A host's answer to QUERY_PROPERTIES. */
static void properties(struct vstor_pkt *pkt, u16 subs, u32 flags, u32 transfer)
{
	memset(pkt, 0, sizeof(*pkt));
	mock_put32(pkt, 0, 1);
	mock_put16(pkt, 16, subs);
	mock_put32(pkt, 20, flags);
	mock_put32(pkt, 24, transfer);
}

static void expect_send(struct kunit *test, enum vstor_do todo,
			const struct vstor_fsm *fsm, u32 op, u16 arg)
{
	KUNIT_EXPECT_EQ(test, todo, VSTOR_DO_SEND);
	KUNIT_EXPECT_EQ(test, fsm->op, op);
	KUNIT_EXPECT_EQ(test, fsm->arg, arg);
}

static void handshake_newest_host(struct kunit *test)
{
	struct vstor_fsm fsm;
	struct vstor_pkt pkt;

	vstor_fsm_init(&fsm, false, 3, LIMIT);
	properties(&pkt, 8, 1, 0x40000);
	expect_send(test, vstor_fsm_step(&fsm, VSTOR_EV_OPEN, &pkt), &fsm, 7, 0);
	expect_send(test, vstor_fsm_step(&fsm, VSTOR_EV_ACCEPTED, &pkt), &fsm, 9, 0x0602);
	expect_send(test, vstor_fsm_step(&fsm, VSTOR_EV_ACCEPTED, &pkt), &fsm, 10, 0);
	expect_send(test, vstor_fsm_step(&fsm, VSTOR_EV_ACCEPTED, &pkt), &fsm, 8, 0);
	expect_send(test, vstor_fsm_step(&fsm, VSTOR_EV_ACCEPTED, &pkt), &fsm, 13, 3);
	KUNIT_EXPECT_EQ(test, vstor_fsm_step(&fsm, VSTOR_EV_ACCEPTED, &pkt), VSTOR_DO_START);
	KUNIT_EXPECT_EQ(test, fsm.state, VSTOR_READY);
	KUNIT_EXPECT_EQ(test, fsm.version, 0x0602);
	KUNIT_EXPECT_EQ(test, fsm.max_transfer, 0x40000u);
	KUNIT_EXPECT_EQ(test, fsm.subs, 3);
}

static void versions_newest_first(struct kunit *test)
{
	static const u16 order[] = { 0x0602, 0x0600, 0x0501, 0x0402, 0x0200 };
	struct vstor_fsm fsm;
	struct vstor_pkt pkt;
	enum vstor_do todo;
	int stop, i;

	properties(&pkt, 8, 1, 0x40000);
	for (stop = 0; stop <= ARRAY_SIZE(order); stop++) {
		vstor_fsm_init(&fsm, false, 3, LIMIT);
		vstor_fsm_step(&fsm, VSTOR_EV_OPEN, NULL);
		todo = vstor_fsm_step(&fsm, VSTOR_EV_ACCEPTED, &pkt);
		for (i = 0; i < stop; i++) {
			expect_send(test, todo, &fsm, 9, order[i]);
			todo = vstor_fsm_step(&fsm, VSTOR_EV_REFUSED, NULL);
		}
		if (stop == ARRAY_SIZE(order)) {
			KUNIT_EXPECT_EQ(test, todo, VSTOR_DO_FAIL);
			KUNIT_EXPECT_EQ(test, fsm.why, VSTOR_WHY_VERSION);
			break;
		}
		expect_send(test, todo, &fsm, 9, order[stop]);
		vstor_fsm_step(&fsm, VSTOR_EV_ACCEPTED, &pkt);
		vstor_fsm_step(&fsm, VSTOR_EV_ACCEPTED, &pkt);
		KUNIT_EXPECT_EQ(test, fsm.version, order[stop]);
		/* sub-channels came with 5.1 */
		KUNIT_EXPECT_EQ(test, fsm.subs, order[stop] >= 0x0501 ? 3 : 0);
	}
}

static void fibre_channel_asks_for_names(struct kunit *test)
{
	struct vstor_fsm fsm;
	struct vstor_pkt pkt;

	vstor_fsm_init(&fsm, true, 0, 512 * 1024);
	properties(&pkt, 0, 0, 0x400000);
	vstor_fsm_step(&fsm, VSTOR_EV_OPEN, NULL);
	vstor_fsm_step(&fsm, VSTOR_EV_ACCEPTED, &pkt);
	vstor_fsm_step(&fsm, VSTOR_EV_ACCEPTED, &pkt);
	expect_send(test, vstor_fsm_step(&fsm, VSTOR_EV_ACCEPTED, &pkt), &fsm, 12, 0);
	KUNIT_EXPECT_EQ(test, fsm.max_transfer, 512u * 1024);
	memset(&pkt, 0, sizeof(pkt));
	mock_put8(&pkt, 12, 1);
	mock_put64(&pkt, 16, 0x1122334455667788ull);
	expect_send(test, vstor_fsm_step(&fsm, VSTOR_EV_ACCEPTED, &pkt), &fsm, 8, 0);
	KUNIT_EXPECT_EQ(test, fsm.wwn.primary_active, 1);
	KUNIT_EXPECT_EQ(test, fsm.wwn.primary_port[0], 0x88);
	KUNIT_EXPECT_EQ(test, vstor_fsm_step(&fsm, VSTOR_EV_ACCEPTED, &pkt), VSTOR_DO_START);
}

static void properties_of_the_host(struct kunit *test)
{
	static const struct {
		u16 offered;
		u32 flags;
		u32 transfer;
		u16 wanted;
		u16 subs;
		u32 use;		/* 0: refused */
	} rows[] = {
		{ 0, 0, 0x40000, 3, 0, 0x40000 },
		{ 0, 1, 0x40000, 3, 0, 0x40000 },
		{ 8, 0, 0x40000, 3, 0, 0x40000 },
		{ 2, 1, 0x40000, 3, 2, 0x40000 },
		{ 0xffff, 0xffffffff, 0x40000, 3, 3, 0x40000 },
		{ 0xffff, 1, 0x40000, 0, 0, 0x40000 },
		{ 0, 0, 0, 3, 0, 0 },
		{ 0, 0, 4095, 3, 0, 0 },
		{ 0, 0, 4096, 3, 0, 4096 },
		{ 0, 0, 0x41fff, 3, 0, 0x41000 },
		{ 0, 0, 0xffffffff, 3, 0, LIMIT },
	};
	struct vstor_fsm fsm;
	struct vstor_pkt pkt;
	enum vstor_do todo;
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		vstor_fsm_init(&fsm, false, rows[i].wanted, LIMIT);
		properties(&pkt, rows[i].offered, rows[i].flags, rows[i].transfer);
		vstor_fsm_step(&fsm, VSTOR_EV_OPEN, NULL);
		vstor_fsm_step(&fsm, VSTOR_EV_ACCEPTED, &pkt);
		vstor_fsm_step(&fsm, VSTOR_EV_ACCEPTED, &pkt);
		todo = vstor_fsm_step(&fsm, VSTOR_EV_ACCEPTED, &pkt);
		if (!rows[i].use) {
			KUNIT_EXPECT_EQ_MSG(test, todo, VSTOR_DO_FAIL, "row %d", i);
			KUNIT_EXPECT_EQ_MSG(test, fsm.why, VSTOR_WHY_TRANSFER, "row %d", i);
			continue;
		}
		expect_send(test, todo, &fsm, 8, 0);
		KUNIT_EXPECT_EQ_MSG(test, fsm.max_transfer, rows[i].use, "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, fsm.subs, rows[i].subs, "row %d", i);
	}
}

/* No sub-channels is no reason to have no disk. */
static void sub_channels_refused_or_unanswered(struct kunit *test)
{
	static const enum vstor_event events[] = { VSTOR_EV_REFUSED, VSTOR_EV_SILENCE };
	struct vstor_fsm fsm;
	int i;

	for (i = 0; i < 2; i++) {
		vstor_fsm_init(&fsm, false, 3, LIMIT);
		fsm.state = VSTOR_ASKED_SUBS;
		fsm.subs = 3;
		KUNIT_EXPECT_EQ(test, vstor_fsm_step(&fsm, events[i], NULL), VSTOR_DO_START);
		KUNIT_EXPECT_EQ(test, fsm.state, VSTOR_READY);
		KUNIT_EXPECT_EQ(test, fsm.subs, 0);
	}
}

/* Every state meets every event; the expected result, written as a table. */
#define S(next)		{ VSTOR_DO_SEND, VSTOR_##next, VSTOR_WHY_NONE }
#define F(reason)	{ VSTOR_DO_FAIL, VSTOR_FAILED, VSTOR_WHY_##reason }
#define R		{ VSTOR_DO_START, VSTOR_READY, VSTOR_WHY_NONE }
#define N(next)		{ VSTOR_DO_NOTHING, VSTOR_##next, VSTOR_WHY_NONE }

static const struct {
	enum vstor_do todo;
	enum vstor_state next;
	enum vstor_why why;
} expected[VSTOR_STATE_NR][VSTOR_EVENT_NR] = {
	/* OPEN, ACCEPTED, REFUSED, SILENCE, GONE, CLOSE */
	[VSTOR_CLOSED] = {
		S(BEGUN), F(MISUSE), F(MISUSE), F(MISUSE), N(CLOSED), N(CLOSED) },
	[VSTOR_BEGUN] = {
		F(MISUSE), S(ASKED_VERSION), F(REFUSED), F(SILENCE), F(GONE), N(CLOSED) },
	[VSTOR_ASKED_VERSION] = {
		F(MISUSE), S(ASKED_PROPERTIES), S(ASKED_VERSION), F(SILENCE), F(GONE), N(CLOSED) },
	[VSTOR_ASKED_PROPERTIES] = {
		F(MISUSE), S(ENDED), F(REFUSED), F(SILENCE), F(GONE), N(CLOSED) },
	[VSTOR_ASKED_WWN] = {
		F(MISUSE), S(ENDED), F(REFUSED), F(SILENCE), F(GONE), N(CLOSED) },
	[VSTOR_ENDED] = {
		F(MISUSE), S(ASKED_SUBS), F(REFUSED), F(SILENCE), F(GONE), N(CLOSED) },
	[VSTOR_ASKED_SUBS] = { F(MISUSE), R, R, R, F(GONE), N(CLOSED) },
	[VSTOR_READY] = {
		F(MISUSE), F(MISUSE), F(MISUSE), F(MISUSE), F(GONE), N(CLOSED) },
	[VSTOR_FAILED] = {
		F(MISUSE), F(MISUSE), F(MISUSE), F(MISUSE), N(FAILED), N(CLOSED) },
};

static void every_state_and_event(struct kunit *test)
{
	struct vstor_fsm fsm;
	struct vstor_pkt pkt;
	enum vstor_do todo;
	int s, e;

	properties(&pkt, 8, 1, 0x40000);
	for (s = 0; s < VSTOR_STATE_NR; s++) {
		for (e = 0; e < VSTOR_EVENT_NR; e++) {
			vstor_fsm_init(&fsm, false, 3, LIMIT);
			fsm.state = s;
			fsm.version = 0x0602;
			fsm.subs = 3;
			todo = vstor_fsm_step(&fsm, e, &pkt);
			KUNIT_EXPECT_EQ_MSG(test, todo, expected[s][e].todo, "%d %d", s, e);
			KUNIT_EXPECT_EQ_MSG(test, fsm.state, expected[s][e].next, "%d %d", s, e);
			KUNIT_EXPECT_EQ_MSG(test, fsm.why, expected[s][e].why, "%d %d", s, e);
		}
		/* an event and a state that do not exist */
		fsm.state = s;
		KUNIT_EXPECT_EQ(test, vstor_fsm_step(&fsm, VSTOR_EVENT_NR, &pkt), VSTOR_DO_FAIL);
	}
}

/* Whatever happened before, closing makes it possible to begin again. */
static void close_and_begin_again(struct kunit *test)
{
	struct mock_noise noise = { 7 };
	struct vstor_fsm fsm;
	struct vstor_pkt pkt;
	int round, i;

	for (round = 0; round < 200; round++) {
		vstor_fsm_init(&fsm, round & 1, 3, LIMIT);
		for (i = 0; i < 20; i++) {
			properties(&pkt, mock_noise(&noise), mock_noise(&noise),
				   mock_noise(&noise));
			vstor_fsm_step(&fsm, mock_noise(&noise) % VSTOR_EVENT_NR, &pkt);
			KUNIT_ASSERT_LT(test, fsm.state, VSTOR_STATE_NR);
			KUNIT_ASSERT_LE(test, fsm.max_transfer, (u32)LIMIT);
			KUNIT_ASSERT_LE(test, fsm.subs, 3);
		}
		vstor_fsm_step(&fsm, VSTOR_EV_CLOSE, NULL);
		expect_send(test, vstor_fsm_step(&fsm, VSTOR_EV_OPEN, NULL), &fsm, 7, 0);
		KUNIT_EXPECT_EQ(test, fsm.why, VSTOR_WHY_NONE);
		expect_send(test, vstor_fsm_step(&fsm, VSTOR_EV_ACCEPTED, &pkt), &fsm, 9, 0x0602);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(handshake_newest_host),
	KUNIT_CASE(versions_newest_first),
	KUNIT_CASE(fibre_channel_asks_for_names),
	KUNIT_CASE(properties_of_the_host),
	KUNIT_CASE(sub_channels_refused_or_unanswered),
	KUNIT_CASE(every_state_and_event),
	KUNIT_CASE(close_and_begin_again),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_storvsc_vstor_fsm",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit suite of storvsc/vstor_fsm.c");
