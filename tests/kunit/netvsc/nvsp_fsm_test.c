// SPDX-License-Identifier: GPL-2.0-only
/*
 * The handshake: the sequences of the reference, every state met by every
 * event, every number the host may answer; and the order of the undoing.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../netvsc/nvsp.c"
#include "../../../netvsc/nvsp_fsm.c"
#include "wire_mock.h"

#define RECV_BYTES	(16u << 20)
#define SEND_BYTES	0x100000u

static const u32 versions[] = { 0x60001, 0x60000, 0x50000, 0x40000, 0x30002, 0x2 };

static void init_reply(u8 *reply, u32 status)
{
	memset(reply, 0, 40);
	mock_put32(reply, 0, 2);
	mock_put32(reply, 4, 0xffffffff);
	mock_put32(reply, 8, 34);
	mock_put32(reply, 12, status);
}

static void recv_reply(u8 *reply, u32 part, u32 count)
{
	memset(reply, 0, 40);
	mock_put32(reply, 0, 102);
	mock_put32(reply, 4, 1);
	mock_put32(reply, 8, 1);
	mock_put32(reply, 16, part);
	mock_put32(reply, 20, count);
	mock_put32(reply, 24, part * count);
}

static void send_reply(u8 *reply, u32 part)
{
	memset(reply, 0, 40);
	mock_put32(reply, 0, 105);
	mock_put32(reply, 4, 1);
	mock_put32(reply, 8, part);
}

static void subs_reply(u8 *reply, u32 status, u32 count)
{
	memset(reply, 0, 40);
	mock_put32(reply, 0, 133);
	mock_put32(reply, 4, status);
	mock_put32(reply, 8, count);
}

static enum nvsp_do reply(struct nvsp_fsm *fsm, const u8 *data)
{
	return nvsp_fsm_step(fsm, NVSP_EV_REPLY, data, 40);
}

static enum nvsp_do event(struct nvsp_fsm *fsm, enum nvsp_event ev)
{
	return nvsp_fsm_step(fsm, ev, NULL, 0);
}

static u32 sent_type(const struct nvsp_fsm *fsm)
{
	return mock_get32(&fsm->msg, 0);
}

/* Up to @stop, on a host that takes @version. */
static enum nvsp_do walk(struct nvsp_fsm *fsm, u32 version, enum nvsp_state stop)
{
	enum nvsp_do todo = NVSP_DO_NOTHING;
	u8 answer[40];

	nvsp_fsm_init(fsm, 0x60001, 1500, false);
	if (fsm->state == stop)
		return todo;
	todo = event(fsm, NVSP_EV_OPEN);
	while (fsm->state != stop) {
		switch (fsm->state) {
		case NVSP_ASKED_VERSION:
			init_reply(answer, mock_get32(&fsm->msg, 4) == version ? 1 : 0);
			todo = reply(fsm, answer);
			break;
		case NVSP_TOLD_CONFIG:
		case NVSP_TOLD_NDIS:
			todo = event(fsm, NVSP_EV_SENT);
			break;
		case NVSP_WANT_BUFFERS:
			fsm->recv.gpadl = 0xe1e10;
			fsm->recv.bytes = RECV_BYTES;
			fsm->send.gpadl = 0xe1e11;
			fsm->send.bytes = SEND_BYTES;
			todo = event(fsm, NVSP_EV_BUFFERS);
			break;
		case NVSP_ASKED_RECV_BUF:
			recv_reply(answer, 1728, 9709);
			todo = reply(fsm, answer);
			break;
		case NVSP_ASKED_SEND_BUF:
			send_reply(answer, 6144);
			todo = reply(fsm, answer);
			break;
		case NVSP_READY:
			fsm->want_subs = 7;
			todo = event(fsm, NVSP_EV_SUB_CHANNELS);
			if (fsm->state == NVSP_READY)
				return todo;
			break;
		case NVSP_ASKED_SUB_CHANNELS:
			/* only FAILED lies behind it */
			todo = event(fsm, NVSP_EV_GONE);
			break;
		case NVSP_CLOSED:
		case NVSP_FAILED:
		case NVSP_STATE_NR:
			return todo;
		}
	}
	return todo;
}

static void handshake_newest_host(struct kunit *test)
{
	struct nvsp_fsm fsm;
	u8 answer[40];

	nvsp_fsm_init(&fsm, 0x60001, 9000, false);
	KUNIT_EXPECT_EQ(test, event(&fsm, NVSP_EV_OPEN), NVSP_DO_ASK);
	KUNIT_EXPECT_EQ(test, sent_type(&fsm), 1u);
	KUNIT_EXPECT_EQ(test, mock_get32(&fsm.msg, 4), 0x60001u);
	init_reply(answer, 1);
	KUNIT_EXPECT_EQ(test, reply(&fsm, answer), NVSP_DO_TELL);
	KUNIT_EXPECT_EQ(test, sent_type(&fsm), 125u);
	KUNIT_EXPECT_EQ(test, mock_get32(&fsm.msg, 4), 9014u);
	KUNIT_EXPECT_EQ(test, mock_get32(&fsm.msg, 12), 0xacu);
	KUNIT_EXPECT_EQ(test, event(&fsm, NVSP_EV_SENT), NVSP_DO_TELL);
	KUNIT_EXPECT_EQ(test, sent_type(&fsm), 100u);
	KUNIT_EXPECT_EQ(test, mock_get32(&fsm.msg, 8), 30u);
	KUNIT_EXPECT_EQ(test, event(&fsm, NVSP_EV_SENT), NVSP_DO_BUFFERS);
	fsm.recv.gpadl = 0xe1e10;
	fsm.recv.bytes = RECV_BYTES;
	fsm.send.gpadl = 0xe1e11;
	fsm.send.bytes = SEND_BYTES;
	KUNIT_EXPECT_EQ(test, event(&fsm, NVSP_EV_BUFFERS), NVSP_DO_ASK);
	KUNIT_EXPECT_EQ(test, sent_type(&fsm), 101u);
	KUNIT_EXPECT_EQ(test, mock_get32(&fsm.msg, 4), 0xe1e10u);
	recv_reply(answer, 1728, 9709);
	KUNIT_EXPECT_EQ(test, reply(&fsm, answer), NVSP_DO_ASK);
	KUNIT_EXPECT_EQ(test, sent_type(&fsm), 104u);
	KUNIT_EXPECT_EQ(test, mock_get32(&fsm.msg, 4), 0xe1e11u);
	send_reply(answer, 6144);
	KUNIT_EXPECT_EQ(test, reply(&fsm, answer), NVSP_DO_START);
	KUNIT_EXPECT_EQ(test, fsm.state, NVSP_READY);
	KUNIT_EXPECT_EQ(test, fsm.version, 0x60001u);
	KUNIT_EXPECT_EQ(test, fsm.recv.part_bytes, 1728u);
	KUNIT_EXPECT_EQ(test, fsm.recv.parts, 9709u);
	KUNIT_EXPECT_EQ(test, fsm.send.part_bytes, 6144u);
	KUNIT_EXPECT_EQ(test, fsm.send.parts, 170u);
	fsm.want_subs = 3;
	KUNIT_EXPECT_EQ(test, event(&fsm, NVSP_EV_SUB_CHANNELS), NVSP_DO_ASK);
	KUNIT_EXPECT_EQ(test, sent_type(&fsm), 133u);
	KUNIT_EXPECT_EQ(test, mock_get32(&fsm.msg, 8), 3u);
	subs_reply(answer, 1, 2);
	KUNIT_EXPECT_EQ(test, reply(&fsm, answer), NVSP_DO_START);
	KUNIT_EXPECT_EQ(test, fsm.state, NVSP_READY);
	KUNIT_EXPECT_EQ(test, fsm.subs, 2u);
	KUNIT_EXPECT_EQ(test, fsm.why, NVSP_WHY_NONE);
	KUNIT_EXPECT_EQ(test, event(&fsm, NVSP_EV_CLOSE), NVSP_DO_NOTHING);
	KUNIT_EXPECT_EQ(test, fsm.state, NVSP_CLOSED);
	/* and once more */
	KUNIT_EXPECT_EQ(test, event(&fsm, NVSP_EV_OPEN), NVSP_DO_ASK);
	KUNIT_EXPECT_EQ(test, mock_get32(&fsm.msg, 4), 0x60001u);
	KUNIT_EXPECT_EQ(test, fsm.subs, 0u);
}

static void versions_newest_first(struct kunit *test)
{
	/* each way of saying no */
	static const u32 no[] = { 0, 2, 3, 4, 7, 0xffffffff };
	struct nvsp_fsm fsm;
	enum nvsp_do todo;
	u8 answer[40];
	int stop, i;

	for (stop = 0; stop <= ARRAY_SIZE(versions); stop++) {
		nvsp_fsm_init(&fsm, 0x60001, 1500, false);
		todo = event(&fsm, NVSP_EV_OPEN);
		for (i = 0; i < stop; i++) {
			KUNIT_EXPECT_EQ(test, todo, NVSP_DO_ASK);
			KUNIT_EXPECT_EQ(test, mock_get32(&fsm.msg, 4), versions[i]);
			KUNIT_EXPECT_EQ(test, mock_get32(&fsm.msg, 8), versions[i]);
			init_reply(answer, no[i]);
			todo = reply(&fsm, answer);
		}
		if (stop == ARRAY_SIZE(versions)) {
			KUNIT_EXPECT_EQ(test, todo, NVSP_DO_FAIL);
			KUNIT_EXPECT_EQ(test, fsm.why, NVSP_WHY_VERSION);
			break;
		}
		init_reply(answer, 1);
		KUNIT_EXPECT_EQ(test, reply(&fsm, answer), NVSP_DO_TELL);
		KUNIT_EXPECT_EQ(test, fsm.version, versions[stop]);
		/* 1 knows no configuration */
		KUNIT_EXPECT_EQ(test, sent_type(&fsm), versions[stop] == 2 ? 100u : 125u);
	}
}

static void newest_to_begin_with(struct kunit *test)
{
	struct nvsp_fsm fsm;
	int i;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		nvsp_fsm_init(&fsm, versions[i], 1500, false);
		KUNIT_EXPECT_EQ(test, event(&fsm, NVSP_EV_OPEN), NVSP_DO_ASK);
		KUNIT_EXPECT_EQ(test, fsm.version, versions[i]);
	}
	nvsp_fsm_init(&fsm, 0x5ffff, 1500, false);
	event(&fsm, NVSP_EV_OPEN);
	KUNIT_EXPECT_EQ(test, fsm.version, 0x50000u);
	nvsp_fsm_init(&fsm, 1, 1500, false);
	KUNIT_EXPECT_EQ(test, event(&fsm, NVSP_EV_OPEN), NVSP_DO_FAIL);
	KUNIT_EXPECT_EQ(test, fsm.why, NVSP_WHY_VERSION);
}

static void isolated_takes_the_newest_or_nothing(struct kunit *test)
{
	struct nvsp_fsm fsm;
	u8 answer[40];

	nvsp_fsm_init(&fsm, 0x60001, 1500, true);
	KUNIT_EXPECT_EQ(test, event(&fsm, NVSP_EV_OPEN), NVSP_DO_ASK);
	init_reply(answer, 1);
	KUNIT_EXPECT_EQ(test, reply(&fsm, answer), NVSP_DO_TELL);
	/* no VF */
	KUNIT_EXPECT_EQ(test, mock_get32(&fsm.msg, 12), 0xa8u);

	nvsp_fsm_init(&fsm, 0x60001, 1500, true);
	event(&fsm, NVSP_EV_OPEN);
	init_reply(answer, 0);
	KUNIT_EXPECT_EQ(test, reply(&fsm, answer), NVSP_DO_FAIL);
	KUNIT_EXPECT_EQ(test, fsm.why, NVSP_WHY_VERSION);
}

static void sub_channels_by_version(struct kunit *test)
{
	struct nvsp_fsm fsm;
	int i;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		walk(&fsm, versions[i], NVSP_READY);
		KUNIT_EXPECT_EQ(test, fsm.state, NVSP_READY);
		KUNIT_EXPECT_EQ(test, fsm.version, versions[i]);
		fsm.want_subs = 0;
		fsm.subs = 9;
		KUNIT_EXPECT_EQ(test, event(&fsm, NVSP_EV_SUB_CHANNELS), NVSP_DO_START);
		KUNIT_EXPECT_EQ(test, fsm.subs, 0u);
		fsm.want_subs = 1;
		KUNIT_EXPECT_EQ(test, event(&fsm, NVSP_EV_SUB_CHANNELS),
				versions[i] >= 0x50000 ? NVSP_DO_ASK : NVSP_DO_START);
	}
}

/* Whatever goes wrong with sub-channels, the primary is there. */
static void sub_channels_every_answer(struct kunit *test)
{
	static const struct {
		u32 status;
		u32 granted;
		u32 subs;
	} rows[] = {
		{ 1, 7, 7 }, { 1, 1, 1 }, { 1, 0, 0 }, { 1, 8, 0 }, { 1, 0xffffffff, 0 },
		{ 0, 7, 0 }, { 2, 7, 0 }, { 0xffffffff, 7, 0 },
	};
	struct nvsp_fsm fsm;
	u8 answer[40];
	u32 n;
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		walk(&fsm, 0x60001, NVSP_ASKED_SUB_CHANNELS);
		subs_reply(answer, rows[i].status, rows[i].granted);
		KUNIT_EXPECT_EQ(test, reply(&fsm, answer), NVSP_DO_START);
		KUNIT_EXPECT_EQ(test, fsm.state, NVSP_READY);
		KUNIT_EXPECT_EQ_MSG(test, fsm.subs, rows[i].subs, "row %d", i);
	}
	walk(&fsm, 0x60001, NVSP_ASKED_SUB_CHANNELS);
	KUNIT_EXPECT_EQ(test, event(&fsm, NVSP_EV_SILENCE), NVSP_DO_START);
	KUNIT_EXPECT_EQ(test, fsm.state, NVSP_READY);
	KUNIT_EXPECT_EQ(test, fsm.subs, 0u);
	subs_reply(answer, 1, 7);
	for (n = 0; n < 12; n++) {
		walk(&fsm, 0x60001, NVSP_ASKED_SUB_CHANNELS);
		KUNIT_EXPECT_EQ(test, nvsp_fsm_step(&fsm, NVSP_EV_REPLY,
						    mock_exact(test, answer, n), n), NVSP_DO_START);
		KUNIT_EXPECT_EQ(test, fsm.subs, 0u);
	}
	walk(&fsm, 0x60001, NVSP_ASKED_SUB_CHANNELS);
	KUNIT_EXPECT_EQ(test, event(&fsm, NVSP_EV_GONE), NVSP_DO_FAIL);
}

/* The cut of the receive buffer sizes allocations and bounds every frame. */
static void regress_recv_buf_cut_is_bounded(struct kunit *test)
{
	static const struct {
		u32 status, sections, offset, part, count;
		enum nvsp_why why;
	} rows[] = {
		{ 1, 1, 0, 1728, 9709, NVSP_WHY_NONE },
		{ 1, 1, 0, 1728, 1, NVSP_WHY_NONE },
		{ 1, 1, 0, 68, 100, NVSP_WHY_NONE },
		{ 1, 1, 0, RECV_BYTES, 1, NVSP_WHY_NONE },
		{ 0, 1, 0, 1728, 9709, NVSP_WHY_REFUSED },
		{ 2, 1, 0, 1728, 9709, NVSP_WHY_REFUSED },
		{ 1, 0, 0, 1728, 9709, NVSP_WHY_RECV_BUF },
		{ 1, 2, 0, 1728, 9709, NVSP_WHY_RECV_BUF },
		{ 1, 1, 1, 1728, 9709, NVSP_WHY_RECV_BUF },
		{ 1, 1, 0, 0, 9709, NVSP_WHY_RECV_BUF },
		{ 1, 1, 0, 67, 1, NVSP_WHY_RECV_BUF },
		{ 1, 1, 0, 1728, 0, NVSP_WHY_RECV_BUF },
		{ 1, 1, 0, 1728, 9710, NVSP_WHY_RECV_BUF },
		{ 1, 1, 0, RECV_BYTES + 1, 1, NVSP_WHY_RECV_BUF },
		{ 1, 1, 0, RECV_BYTES, 2, NVSP_WHY_RECV_BUF },
		/* the product is small in 32 bits */
		{ 1, 1, 0, 0x10000, 0x10000, NVSP_WHY_RECV_BUF },
		{ 1, 1, 0, 1728, 0xffffffff, NVSP_WHY_RECV_BUF },
		{ 1, 1, 0, 0xffffffff, 1, NVSP_WHY_RECV_BUF },
	};
	struct nvsp_fsm fsm;
	u8 answer[40];
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		walk(&fsm, 0x60001, NVSP_ASKED_RECV_BUF);
		recv_reply(answer, rows[i].part, rows[i].count);
		mock_put32(answer, 4, rows[i].status);
		mock_put32(answer, 8, rows[i].sections);
		mock_put32(answer, 12, rows[i].offset);
		KUNIT_EXPECT_EQ_MSG(test, reply(&fsm, answer),
				    rows[i].why ? NVSP_DO_FAIL : NVSP_DO_ASK, "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, fsm.why, rows[i].why, "row %d", i);
	}
}

static void send_buf_every_answer(struct kunit *test)
{
	static const struct {
		u32 status, part, parts;
		enum nvsp_why why;
	} rows[] = {
		{ 1, 6144, 170, NVSP_WHY_NONE }, { 1, 68, 15420, NVSP_WHY_NONE },
		{ 1, SEND_BYTES, 1, NVSP_WHY_NONE },
		{ 0, 6144, 0, NVSP_WHY_REFUSED }, { 2, 6144, 0, NVSP_WHY_REFUSED },
		{ 1, 0, 0, NVSP_WHY_SEND_BUF }, { 1, 1, 0, NVSP_WHY_SEND_BUF },
		{ 1, 67, 0, NVSP_WHY_SEND_BUF }, { 1, SEND_BYTES + 1, 0, NVSP_WHY_SEND_BUF },
		{ 1, 0xffffffff, 0, NVSP_WHY_SEND_BUF },
	};
	struct nvsp_fsm fsm;
	u8 answer[40];
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		walk(&fsm, 0x60001, NVSP_ASKED_SEND_BUF);
		send_reply(answer, rows[i].part);
		mock_put32(answer, 4, rows[i].status);
		KUNIT_EXPECT_EQ_MSG(test, reply(&fsm, answer),
				    rows[i].why ? NVSP_DO_FAIL : NVSP_DO_START, "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, fsm.why, rows[i].why, "row %d", i);
		if (!rows[i].why)
			KUNIT_EXPECT_EQ(test, fsm.send.parts, rows[i].parts);
	}
}

static void every_answer_truncated(struct kunit *test)
{
	static const struct {
		enum nvsp_state state;
		u32 need;
	} rows[] = {
		{ NVSP_ASKED_VERSION, 16 },
		{ NVSP_ASKED_RECV_BUF, 28 },
		{ NVSP_ASKED_SEND_BUF, 12 },
	};
	struct nvsp_fsm fsm;
	u8 answer[40];
	u32 n, i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		for (n = 0; n <= 40; n++) {
			u8 *p;

			walk(&fsm, 0x60001, rows[i].state);
			if (i == 0)
				init_reply(answer, 1);
			else if (i == 1)
				recv_reply(answer, 1728, 9709);
			else
				send_reply(answer, 6144);
			p = mock_exact(test, answer, n);
			nvsp_fsm_step(&fsm, NVSP_EV_REPLY, p, n);
			KUNIT_EXPECT_EQ(test, fsm.state == NVSP_FAILED, n < rows[i].need);
			KUNIT_EXPECT_EQ(test, fsm.why,
					n < rows[i].need ? NVSP_WHY_ANSWER : NVSP_WHY_NONE);
			kunit_kfree(test, p);
		}
}

static void every_answer_to_something_else(struct kunit *test)
{
	static const enum nvsp_state states[] = {
		NVSP_ASKED_VERSION, NVSP_ASKED_RECV_BUF, NVSP_ASKED_SEND_BUF,
	};
	static const u32 good[] = { 2, 102, 105 };
	struct nvsp_fsm fsm;
	u8 answer[40] = { 0 };
	u32 i, type;

	for (i = 0; i < ARRAY_SIZE(states); i++)
		for (type = 0; type < 150; type++) {
			if (type == good[i])
				continue;
			walk(&fsm, 0x60001, states[i]);
			mock_put32(answer, 0, type);
			mock_put32(answer, 4, 1);
			KUNIT_EXPECT_EQ(test, reply(&fsm, answer), NVSP_DO_FAIL);
			KUNIT_EXPECT_EQ(test, fsm.why, NVSP_WHY_ANSWER);
		}
}

/* Every pair: no event hangs, crashes, or leads anywhere but where it should. */
static void every_state_meets_every_event(struct kunit *test)
{
	struct nvsp_fsm fsm;
	u8 answer[40];
	int state, ev;

	memset(answer, 0, sizeof(answer));
	for (state = 0; state < NVSP_STATE_NR; state++)
		for (ev = 0; ev <= NVSP_EVENT_NR; ev++) {
			bool asked = state == NVSP_ASKED_VERSION || state == NVSP_ASKED_RECV_BUF ||
				     state == NVSP_ASKED_SEND_BUF ||
				     state == NVSP_ASKED_SUB_CHANNELS;
			bool told = state == NVSP_TOLD_CONFIG || state == NVSP_TOLD_NDIS;
			enum nvsp_do todo;

			walk(&fsm, 0x60001, state);
			KUNIT_ASSERT_EQ(test, fsm.state, state);
			fsm.why = NVSP_WHY_NONE;
			fsm.want_subs = 1;
			todo = nvsp_fsm_step(&fsm, ev, answer, 40);
			if (ev == NVSP_EV_CLOSE) {
				KUNIT_EXPECT_EQ(test, fsm.state, NVSP_CLOSED);
				KUNIT_EXPECT_EQ(test, todo, NVSP_DO_NOTHING);
			} else if (ev == NVSP_EV_GONE &&
				   (state == NVSP_CLOSED || state == NVSP_FAILED)) {
				KUNIT_EXPECT_EQ(test, todo, NVSP_DO_NOTHING);
				KUNIT_EXPECT_EQ(test, fsm.state, state);
			} else if (ev == NVSP_EV_GONE) {
				KUNIT_EXPECT_EQ(test, todo, NVSP_DO_FAIL);
				KUNIT_EXPECT_EQ(test, fsm.why, NVSP_WHY_GONE);
			} else if (state == NVSP_ASKED_SUB_CHANNELS &&
				   (ev == NVSP_EV_REPLY || ev == NVSP_EV_SILENCE)) {
				KUNIT_EXPECT_EQ(test, todo, NVSP_DO_START);
			} else if (ev == NVSP_EV_REPLY && asked) {
				KUNIT_EXPECT_EQ(test, fsm.why, NVSP_WHY_ANSWER);
			} else if (ev == NVSP_EV_SILENCE && asked) {
				KUNIT_EXPECT_EQ(test, todo, NVSP_DO_FAIL);
				KUNIT_EXPECT_EQ(test, fsm.why, NVSP_WHY_SILENCE);
			} else if ((ev == NVSP_EV_OPEN && state == NVSP_CLOSED) ||
				   (ev == NVSP_EV_SENT && told) ||
				   (ev == NVSP_EV_BUFFERS && state == NVSP_WANT_BUFFERS) ||
				   (ev == NVSP_EV_SUB_CHANNELS && state == NVSP_READY)) {
				KUNIT_EXPECT_NE(test, todo, NVSP_DO_FAIL);
				KUNIT_EXPECT_NE(test, fsm.state, state);
			} else {
				KUNIT_EXPECT_EQ_MSG(test, todo, NVSP_DO_FAIL, "%d %d", state, ev);
				KUNIT_EXPECT_EQ(test, fsm.state, NVSP_FAILED);
				KUNIT_EXPECT_EQ(test, fsm.why, NVSP_WHY_MISUSE);
			}
		}
}

static void recv_max_by_version(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(versions); i++)
		KUNIT_EXPECT_EQ(test, nvsp_recv_max_bytes(versions[i]),
				versions[i] >= 0x40000 ? 31u * 1048576 : 15u * 1048576);
}

/*
 * All steps from here on: the one before has ended with @error, the one at
 * index @bad fails, -1 for none.
 */
static int undo(struct nvsp_teardown *td, int error, int bad, u8 *steps)
{
	enum nvsp_undo step;
	int n = 0;

	while (n < 32) {
		step = nvsp_teardown_next(td, error);
		steps[n] = step;
		error = n == bad ? -ETIMEDOUT : 0;
		n++;
		if (step == NVSP_UNDO_END)
			break;
	}
	return n;
}

static void expect_rest(struct kunit *test, struct nvsp_teardown *td, int error, int bad,
			const u8 *want, int count)
{
	u8 steps[32];
	int n = undo(td, error, bad, steps);

	KUNIT_EXPECT_EQ(test, n, count);
	KUNIT_EXPECT_EQ_MSG(test, memcmp(steps, want, count), 0, "failing %d", bad);
}

#define EXPECT_REST(test, td, error, ...) do {				\
	const u8 want[] = { __VA_ARGS__, NVSP_UNDO_END };		\
									\
	expect_rest(test, td, error, -1, want, ARRAY_SIZE(want));	\
} while (0)

static void expect_undo(struct kunit *test, const struct nvsp_teardown *all, int bad,
			const u8 *want, int count)
{
	struct nvsp_teardown td = *all;

	expect_rest(test, &td, 0, bad, want, count);
}

#define EXPECT_UNDO(test, td, bad, ...) do {				\
	const u8 want[] = { __VA_ARGS__, NVSP_UNDO_END };		\
									\
	expect_undo(test, td, bad, want, ARRAY_SIZE(want));		\
} while (0)

static void teardown_order(struct kunit *test)
{
	struct nvsp_teardown all = {
		.rndis = true, .recv_gpadl = true, .recv_told = true,
		.send_gpadl = true, .send_told = true,
	};

	EXPECT_UNDO(test, &all, -1, NVSP_UNDO_FILTER, NVSP_UNDO_HALT, NVSP_UNDO_DRAIN,
		    NVSP_UNDO_REVOKE_RECV, NVSP_UNDO_RECV_GPADL, NVSP_UNDO_REVOKE_SEND,
		    NVSP_UNDO_SEND_GPADL, NVSP_UNDO_CLOSE, NVSP_UNDO_FREE_RECV,
		    NVSP_UNDO_FREE_SEND);
	all.bus_4 = true;
	EXPECT_UNDO(test, &all, -1, NVSP_UNDO_FILTER, NVSP_UNDO_HALT, NVSP_UNDO_DRAIN,
		    NVSP_UNDO_REVOKE_RECV, NVSP_UNDO_REVOKE_SEND, NVSP_UNDO_CLOSE,
		    NVSP_UNDO_RECV_GPADL, NVSP_UNDO_SEND_GPADL, NVSP_UNDO_FREE_RECV,
		    NVSP_UNDO_FREE_SEND);
}

/* Nothing is sent to nobody, but memory goes back to us. */
static void teardown_of_what_is_there(struct kunit *test)
{
	struct nvsp_teardown td = { .bus_4 = true };

	EXPECT_UNDO(test, &td, -1, NVSP_UNDO_CLOSE, NVSP_UNDO_FREE_RECV, NVSP_UNDO_FREE_SEND);
	td.recv_gpadl = true;
	EXPECT_UNDO(test, &td, -1, NVSP_UNDO_CLOSE, NVSP_UNDO_RECV_GPADL, NVSP_UNDO_FREE_RECV,
		    NVSP_UNDO_FREE_SEND);
	td.recv_told = true;
	EXPECT_UNDO(test, &td, -1, NVSP_UNDO_REVOKE_RECV, NVSP_UNDO_CLOSE, NVSP_UNDO_RECV_GPADL,
		    NVSP_UNDO_FREE_RECV, NVSP_UNDO_FREE_SEND);
	td.send_gpadl = true;
	td.send_told = true;
	td.rndis = true;
	td.rescinded = true;
	EXPECT_UNDO(test, &td, -1, NVSP_UNDO_CLOSE, NVSP_UNDO_RECV_GPADL, NVSP_UNDO_SEND_GPADL,
		    NVSP_UNDO_FREE_RECV, NVSP_UNDO_FREE_SEND);
}

/* What could not be taken back from the host is never freed. */
static void teardown_leaks_what_the_host_has(struct kunit *test)
{
	struct nvsp_teardown all = {
		.bus_4 = true, .rndis = true, .recv_gpadl = true, .recv_told = true,
		.send_gpadl = true, .send_told = true,
	};

	/* steps before the revokes may fail without harm */
	EXPECT_UNDO(test, &all, 1, NVSP_UNDO_FILTER, NVSP_UNDO_HALT, NVSP_UNDO_DRAIN,
		    NVSP_UNDO_REVOKE_RECV, NVSP_UNDO_REVOKE_SEND, NVSP_UNDO_CLOSE,
		    NVSP_UNDO_RECV_GPADL, NVSP_UNDO_SEND_GPADL, NVSP_UNDO_FREE_RECV,
		    NVSP_UNDO_FREE_SEND);
	EXPECT_UNDO(test, &all, 3, NVSP_UNDO_FILTER, NVSP_UNDO_HALT, NVSP_UNDO_DRAIN,
		    NVSP_UNDO_REVOKE_RECV, NVSP_UNDO_REVOKE_SEND, NVSP_UNDO_CLOSE,
		    NVSP_UNDO_SEND_GPADL, NVSP_UNDO_LEAK_RECV, NVSP_UNDO_FREE_SEND);
	EXPECT_UNDO(test, &all, 4, NVSP_UNDO_FILTER, NVSP_UNDO_HALT, NVSP_UNDO_DRAIN,
		    NVSP_UNDO_REVOKE_RECV, NVSP_UNDO_REVOKE_SEND, NVSP_UNDO_CLOSE,
		    NVSP_UNDO_RECV_GPADL, NVSP_UNDO_FREE_RECV, NVSP_UNDO_LEAK_SEND);
	EXPECT_UNDO(test, &all, 6, NVSP_UNDO_FILTER, NVSP_UNDO_HALT, NVSP_UNDO_DRAIN,
		    NVSP_UNDO_REVOKE_RECV, NVSP_UNDO_REVOKE_SEND, NVSP_UNDO_CLOSE,
		    NVSP_UNDO_RECV_GPADL, NVSP_UNDO_SEND_GPADL, NVSP_UNDO_LEAK_RECV,
		    NVSP_UNDO_FREE_SEND);
	EXPECT_UNDO(test, &all, 7, NVSP_UNDO_FILTER, NVSP_UNDO_HALT, NVSP_UNDO_DRAIN,
		    NVSP_UNDO_REVOKE_RECV, NVSP_UNDO_REVOKE_SEND, NVSP_UNDO_CLOSE,
		    NVSP_UNDO_RECV_GPADL, NVSP_UNDO_SEND_GPADL, NVSP_UNDO_FREE_RECV,
		    NVSP_UNDO_LEAK_SEND);
	all.bus_4 = false;
	EXPECT_UNDO(test, &all, 3, NVSP_UNDO_FILTER, NVSP_UNDO_HALT, NVSP_UNDO_DRAIN,
		    NVSP_UNDO_REVOKE_RECV, NVSP_UNDO_REVOKE_SEND, NVSP_UNDO_SEND_GPADL,
		    NVSP_UNDO_CLOSE, NVSP_UNDO_LEAK_RECV, NVSP_UNDO_FREE_SEND);
}

/* Rescinded in the middle: the rest is not sent, and nothing leaks. */
static void teardown_rescinded_midway(struct kunit *test)
{
	struct nvsp_teardown td = {
		.bus_4 = true, .rndis = true, .recv_gpadl = true, .recv_told = true,
		.send_gpadl = true, .send_told = true,
	};

	KUNIT_EXPECT_EQ(test, nvsp_teardown_next(&td, 0), NVSP_UNDO_FILTER);
	td.rescinded = true;
	EXPECT_REST(test, &td, 0, NVSP_UNDO_CLOSE, NVSP_UNDO_RECV_GPADL,
		    NVSP_UNDO_SEND_GPADL, NVSP_UNDO_FREE_RECV, NVSP_UNDO_FREE_SEND);
	KUNIT_EXPECT_EQ(test, nvsp_teardown_next(&td, 0), NVSP_UNDO_END);
}

/* The rescind is why revoking failed: nothing has to be left to the host. */
static void teardown_rescinded_while_revoking(struct kunit *test)
{
	struct nvsp_teardown td = {
		.bus_4 = true, .recv_gpadl = true, .recv_told = true,
		.send_gpadl = true, .send_told = true,
	};

	KUNIT_EXPECT_EQ(test, nvsp_teardown_next(&td, 0), NVSP_UNDO_REVOKE_RECV);
	td.rescinded = true;
	EXPECT_REST(test, &td, -EAGAIN, NVSP_UNDO_CLOSE, NVSP_UNDO_RECV_GPADL,
		    NVSP_UNDO_SEND_GPADL, NVSP_UNDO_FREE_RECV, NVSP_UNDO_FREE_SEND);
}

/*
 * What the bus says of a channel whose rescind drivers do not see yet; of an
 * older bus, which revokes in another order, between the two.
 */
static void teardown_revoke_finds_channel_gone(struct kunit *test)
{
	struct nvsp_teardown td = {
		.bus_4 = true, .recv_gpadl = true, .recv_told = true,
		.send_gpadl = true, .send_told = true,
	}, older = {
		.recv_gpadl = true, .recv_told = true,
		.send_gpadl = true, .send_told = true,
	};

	KUNIT_EXPECT_EQ(test, nvsp_teardown_next(&td, 0), NVSP_UNDO_REVOKE_RECV);
	EXPECT_REST(test, &td, -ENODEV, NVSP_UNDO_CLOSE, NVSP_UNDO_RECV_GPADL,
		    NVSP_UNDO_SEND_GPADL, NVSP_UNDO_FREE_RECV, NVSP_UNDO_FREE_SEND);

	KUNIT_EXPECT_EQ(test, nvsp_teardown_next(&older, 0), NVSP_UNDO_REVOKE_RECV);
	KUNIT_EXPECT_EQ(test, nvsp_teardown_next(&older, 0), NVSP_UNDO_RECV_GPADL);
	KUNIT_EXPECT_EQ(test, nvsp_teardown_next(&older, 0), NVSP_UNDO_REVOKE_SEND);
	EXPECT_REST(test, &older, -ENODEV, NVSP_UNDO_SEND_GPADL, NVSP_UNDO_CLOSE,
		    NVSP_UNDO_FREE_RECV, NVSP_UNDO_FREE_SEND);
}

/* No other step says that; and a host that has no time for us is still there. */
static void teardown_gone_is_said_by_revoking_only(struct kunit *test)
{
	struct nvsp_teardown td = {
		.bus_4 = true, .rndis = true, .recv_gpadl = true, .recv_told = true,
	};

	KUNIT_EXPECT_EQ(test, nvsp_teardown_next(&td, 0), NVSP_UNDO_FILTER);
	KUNIT_EXPECT_EQ(test, nvsp_teardown_next(&td, -ENODEV), NVSP_UNDO_HALT);
	KUNIT_EXPECT_EQ(test, nvsp_teardown_next(&td, -ENODEV), NVSP_UNDO_DRAIN);
	KUNIT_EXPECT_EQ(test, nvsp_teardown_next(&td, 0), NVSP_UNDO_REVOKE_RECV);
	EXPECT_REST(test, &td, -EAGAIN, NVSP_UNDO_CLOSE, NVSP_UNDO_LEAK_RECV,
		    NVSP_UNDO_FREE_SEND);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(handshake_newest_host),
	KUNIT_CASE(versions_newest_first),
	KUNIT_CASE(newest_to_begin_with),
	KUNIT_CASE(isolated_takes_the_newest_or_nothing),
	KUNIT_CASE(sub_channels_by_version),
	KUNIT_CASE(sub_channels_every_answer),
	KUNIT_CASE(regress_recv_buf_cut_is_bounded),
	KUNIT_CASE(send_buf_every_answer),
	KUNIT_CASE(every_answer_truncated),
	KUNIT_CASE(every_answer_to_something_else),
	KUNIT_CASE(every_state_meets_every_event),
	KUNIT_CASE(recv_max_by_version),
	KUNIT_CASE(teardown_order),
	KUNIT_CASE(teardown_of_what_is_there),
	KUNIT_CASE(teardown_leaks_what_the_host_has),
	KUNIT_CASE(teardown_rescinded_midway),
	KUNIT_CASE(teardown_rescinded_while_revoking),
	KUNIT_CASE(teardown_revoke_finds_channel_gone),
	KUNIT_CASE(teardown_gone_is_said_by_revoking_only),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_netvsc_nvsp_fsm",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit suite of netvsc/nvsp_fsm.c");
