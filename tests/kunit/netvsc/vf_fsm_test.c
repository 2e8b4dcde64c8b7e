// SPDX-License-Identifier: GPL-2.0-only
/*
 * The data path: every state met by every event, a host that is played along
 * and one that does not, and which device belongs to which card.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../netvsc/vf_fsm.c"

#define SYN	VF_SYNTHETIC
#define TAK	VF_TAKING
#define ABO	VF_ABORTING
#define CAR	VF_CARRYING
#define RET	VF_RETURNING
#define REV	VF_REVOKING
#define BAR	VF_BARRED

/* state after, and what is to be done, for [state][event] */
static const struct {
	enum vf_state state;
	u32 todo;
} want[VF_STATE_NR][VF_EVENT_NR] = {
	/*	   ABLE		 UNABLE	   SWITCHED   FAILED	RESET */
	[SYN] = { { TAK, 8 }, { SYN, 0 }, { SYN, 0 }, { SYN, 0 }, { SYN, 0 } },
	[TAK] = { { TAK, 0 }, { ABO, 0 }, { CAR, 2 }, { REV, 4 }, { SYN, 0 } },
	[ABO] = { { TAK, 0 }, { ABO, 0 }, { RET, 4 }, { RET, 4 }, { SYN, 0 } },
	[CAR] = { { CAR, 0 }, { RET, 5 }, { CAR, 0 }, { CAR, 0 }, { SYN, 1 } },
	[RET] = { { RET, 0 }, { RET, 0 }, { SYN, 0 }, { BAR, 0 }, { SYN, 0 } },
	[REV] = { { REV, 0 }, { RET, 0 }, { BAR, 0 }, { BAR, 0 }, { SYN, 0 } },
	[BAR] = { { BAR, 0 }, { SYN, 0 }, { BAR, 0 }, { BAR, 0 }, { SYN, 0 } },
};

static void every_state_meets_every_event(struct kunit *test)
{
	struct vf_fsm f;
	int s, e;
	u32 todo;

	for (s = 0; s < VF_STATE_NR; s++) {
		for (e = 0; e < VF_EVENT_NR; e++) {
			f.state = s;
			todo = vf_fsm_step(&f, e);
			KUNIT_EXPECT_EQ_MSG(test, (int)f.state, (int)want[s][e].state,
					    "state %d, event %d", s, e);
			KUNIT_EXPECT_EQ_MSG(test, todo, want[s][e].todo,
					    "state %d, event %d", s, e);
		}
	}
}

static void outside_the_enums(struct kunit *test)
{
	struct vf_fsm f;
	int s;

	for (s = 0; s <= VF_STATE_NR; s++) {
		f.state = s;
		KUNIT_EXPECT_EQ(test, vf_fsm_step(&f, VF_EVENT_NR), 0u);
		KUNIT_EXPECT_EQ(test, (int)f.state, s);
	}
	f.state = VF_STATE_NR;
	KUNIT_EXPECT_EQ(test, vf_fsm_step(&f, VF_EV_ABLE), 0u);
}

static void there_and_back(struct kunit *test)
{
	struct vf_fsm f = { .state = VF_BARRED };

	vf_fsm_init(&f);
	KUNIT_EXPECT_EQ(test, vf_fsm_step(&f, VF_EV_UNABLE), 0u);
	KUNIT_EXPECT_EQ(test, vf_fsm_step(&f, VF_EV_ABLE), (u32)VF_DO_ASK_VF);
	KUNIT_EXPECT_EQ(test, vf_fsm_step(&f, VF_EV_SWITCHED), (u32)VF_DO_SEND_VF);
	KUNIT_EXPECT_EQ(test, vf_fsm_step(&f, VF_EV_ABLE), 0u);
	KUNIT_EXPECT_EQ(test, vf_fsm_step(&f, VF_EV_UNABLE),
			(u32)(VF_DO_SEND_SYNTHETIC | VF_DO_ASK_SYNTHETIC));
	KUNIT_EXPECT_EQ(test, vf_fsm_step(&f, VF_EV_SWITCHED), 0u);
	KUNIT_EXPECT_EQ(test, f.state, VF_SYNTHETIC);
}

/*
 * A host and a guest that acts as vf.c does. The host may do what it was asked
 * to, or do it without an answer, or lose the request.
 */
struct world {
	struct vf_fsm f;
	bool host_vf;		/* where the host listens */
	bool sends_vf;		/* where the guest transmits */
	bool able;
	bool lossless;		/* so far the host did as asked, with an answer */
	u32 dice;
};

static u32 roll(struct world *w, u32 sides)
{
	w->dice = w->dice * 1664525 + 1013904223;
	return (w->dice >> 16) % sides;
}

static void act(struct kunit *test, struct world *w, enum vf_event ev, bool honest)
{
	int asked = 0;
	u32 todo = vf_fsm_step(&w->f, ev);

	for (;;) {
		if (todo & VF_DO_SEND_SYNTHETIC)
			w->sends_vf = false;
		if (todo & VF_DO_SEND_VF)
			w->sends_vf = true;
		/* Never sent where the host was not told to listen. */
		if (w->lossless && w->sends_vf)
			KUNIT_EXPECT_TRUE(test, w->host_vf);
		if (!(todo & (VF_DO_ASK_VF | VF_DO_ASK_SYNTHETIC)))
			break;
		KUNIT_EXPECT_LT(test, ++asked, 4);
		if (asked >= 4)
			break;
		/* While the host thinks, the VF may go. */
		if (roll(w, 4) == 0) {
			w->able = !w->able;
			KUNIT_EXPECT_EQ(test, 0u,
					vf_fsm_step(&w->f, w->able ? VF_EV_ABLE : VF_EV_UNABLE));
		}
		if (honest || roll(w, 2)) {
			w->host_vf = todo & VF_DO_ASK_VF;
			todo = vf_fsm_step(&w->f, VF_EV_SWITCHED);
			continue;
		}
		w->lossless = false;
		if (roll(w, 2))
			w->host_vf = todo & VF_DO_ASK_VF;
		todo = vf_fsm_step(&w->f, VF_EV_FAILED);
	}
}

static bool at_rest(enum vf_state s)
{
	return s == VF_SYNTHETIC || s == VF_CARRYING || s == VF_BARRED;
}

static void walk(struct kunit *test, u32 seed, bool honest)
{
	struct world w = { .dice = seed, .lossless = true };
	int n;

	vf_fsm_init(&w.f);
	for (n = 0; n < 400; n++) {
		if (roll(&w, 12) == 0) {
			w.host_vf = false;
			w.lossless = true;
			act(test, &w, VF_EV_RESET, honest);
			KUNIT_EXPECT_EQ(test, w.f.state, VF_SYNTHETIC);
			KUNIT_EXPECT_FALSE(test, w.sends_vf);
			continue;
		}
		w.able = roll(&w, 2);
		act(test, &w, w.able ? VF_EV_ABLE : VF_EV_UNABLE, honest);
		KUNIT_EXPECT_TRUE(test, at_rest(w.f.state));
		KUNIT_EXPECT_EQ(test, w.sends_vf, w.f.state == VF_CARRYING);
		/* With an honest host both end where they should be. */
		if (honest) {
			act(test, &w, w.able ? VF_EV_ABLE : VF_EV_UNABLE, true);
			KUNIT_EXPECT_EQ(test, w.host_vf, w.sends_vf);
			KUNIT_EXPECT_NE(test, w.f.state, VF_BARRED);
		}
	}
}

static void walks_with_an_honest_host(struct kunit *test)
{
	u32 seed;

	for (seed = 1; seed <= 50; seed++)
		walk(test, seed, true);
}

static void walks_with_a_host_that_fails(struct kunit *test)
{
	u32 seed;

	for (seed = 1; seed <= 50; seed++)
		walk(test, seed, false);
}

/* A refusal is not answered by asking again and again. */
static void asks_twice_at_most(struct kunit *test)
{
	struct vf_fsm f;
	int n;

	vf_fsm_init(&f);
	KUNIT_EXPECT_EQ(test, vf_fsm_step(&f, VF_EV_ABLE), (u32)VF_DO_ASK_VF);
	KUNIT_EXPECT_EQ(test, vf_fsm_step(&f, VF_EV_FAILED), (u32)VF_DO_ASK_SYNTHETIC);
	KUNIT_EXPECT_EQ(test, vf_fsm_step(&f, VF_EV_FAILED), 0u);
	for (n = 0; n < 10; n++)
		KUNIT_EXPECT_EQ(test, vf_fsm_step(&f, VF_EV_ABLE), 0u);
	KUNIT_EXPECT_EQ(test, vf_fsm_step(&f, VF_EV_UNABLE), 0u);
	KUNIT_EXPECT_EQ(test, vf_fsm_step(&f, VF_EV_ABLE), (u32)VF_DO_ASK_VF);
}

static void slot_names(struct kunit *test)
{
	static const char * const bad[] = {
		"", " 7", "7 ", "-7", "+7", "0x7", "7a", "a", "7-1", "4294967296",
		"18446744073709551617", "99999999999999999999999", "7\n",
	};
	static const struct {
		const char *name;
		u32 serial;
	} good[] = {
		{ "0", 0 }, { "7", 7 }, { "007", 7 }, { "1234567890", 1234567890 },
		{ "4294967295", U32_MAX },
	};
	u32 serial;
	int i;

	KUNIT_EXPECT_FALSE(test, vf_fsm_slot_serial(NULL, &serial));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_FALSE_MSG(test, vf_fsm_slot_serial(bad[i], &serial), "%s", bad[i]);
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		serial = 1;
		KUNIT_EXPECT_TRUE(test, vf_fsm_slot_serial(good[i].name, &serial));
		KUNIT_EXPECT_EQ(test, serial, good[i].serial);
	}
}

static void who_fits(struct kunit *test)
{
	static const u8 mac[] = { 0, 0x15, 0x5d, 1, 2, 3 };
	u8 other[6];
	int i;

	KUNIT_EXPECT_EQ(test, vf_fsm_fit(mac, mac, true, 7, "7"), VF_FIT_SERIAL);
	KUNIT_EXPECT_EQ(test, vf_fsm_fit(mac, mac, true, 7, "8"), VF_FIT_MAC);
	KUNIT_EXPECT_EQ(test, vf_fsm_fit(mac, mac, true, 7, "pci7"), VF_FIT_MAC);
	KUNIT_EXPECT_EQ(test, vf_fsm_fit(mac, mac, true, 7, NULL), VF_FIT_MAC);
	KUNIT_EXPECT_EQ(test, vf_fsm_fit(mac, mac, false, 7, "7"), VF_FIT_MAC);
	for (i = 0; i < 6; i++) {
		memcpy(other, mac, 6);
		other[i] ^= 1;
		KUNIT_EXPECT_EQ(test, vf_fsm_fit(mac, other, true, 7, "7"), VF_FIT_NONE);
		KUNIT_EXPECT_EQ(test, vf_fsm_fit(mac, other, false, 0, NULL), VF_FIT_NONE);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(every_state_meets_every_event),
	KUNIT_CASE(outside_the_enums),
	KUNIT_CASE(there_and_back),
	KUNIT_CASE(walks_with_an_honest_host),
	KUNIT_CASE(walks_with_a_host_that_fails),
	KUNIT_CASE(asks_twice_at_most),
	KUNIT_CASE(slot_names),
	KUNIT_CASE(who_fits),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_netvsc_vf_fsm",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit suite of netvsc/vf_fsm.c");
