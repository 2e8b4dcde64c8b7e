// SPDX-License-Identifier: GPL-2.0-only
/* Coalesced frames: every order of fragments, and the bounds of a frame. */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../netvsc/rsc.c"
#include "net_mock.h"

#define SUB	0x100
#define FIRST	0x200
#define LAST	0x400

static struct rsc *assembly(struct kunit *test)
{
	struct rsc *rsc = kunit_kzalloc(test, sizeof(*rsc), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rsc);
	memset(rsc, 0xa5, sizeof(*rsc));
	rsc_reset(rsc);
	return rsc;
}

/* A range with @flags, at a place of its own. */
static enum rsc_verdict add(struct rsc *rsc, u32 flags, u32 bytes, u32 at, bool last)
{
	struct frame f = { .at = 256, .bytes = bytes };

	f.ppi.found = 1u << PPI_SLOT_RSC | 1;
	f.ppi.word[PPI_SLOT_RSC] = flags | 0x12340001;
	f.ppi.word[PPI_CHECKSUM] = at;
	return rsc_add(rsc, &f, at, last);
}

static enum rsc_verdict add_plain(struct rsc *rsc, bool last)
{
	struct frame f = { .at = 44, .bytes = 60 };

	return rsc_add(rsc, &f, 0, last);
}

static void single_frames(struct kunit *test)
{
	struct rsc *rsc = assembly(test);

	KUNIT_EXPECT_EQ(test, add_plain(rsc, false), RSC_SINGLE);
	KUNIT_EXPECT_EQ(test, add_plain(rsc, true), RSC_SINGLE);
	/* the element is there, and says nothing */
	KUNIT_EXPECT_EQ(test, add(rsc, 0, 60, 0, false), RSC_SINGLE);
	KUNIT_EXPECT_EQ(test, add(rsc, FIRST | LAST, 60, 0, true), RSC_SINGLE);
	KUNIT_EXPECT_EQ(test, rsc->count, 0u);
}

static void three_fragments(struct kunit *test)
{
	struct rsc *rsc = assembly(test);
	u32 i;

	KUNIT_EXPECT_EQ(test, add(rsc, SUB | FIRST, 1514, 1000, false), RSC_MORE);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB, 1460, 3000, false), RSC_MORE);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB | LAST, 7, 5000, true), RSC_DONE);
	KUNIT_EXPECT_EQ(test, rsc->count, 3u);
	KUNIT_EXPECT_EQ(test, rsc->bytes, 1514u + 1460 + 7);
	/* information of the first one */
	KUNIT_EXPECT_EQ(test, rsc->ppi.found, 0x401u);
	KUNIT_EXPECT_EQ(test, rsc->ppi.word[PPI_CHECKSUM], 1000u);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, rsc->piece[i].at, 1256 + 2000 * i);
		KUNIT_EXPECT_EQ(test, rsc->piece[i].bytes, ((const u32[]){ 1514, 1460, 7 })[i]);
	}
}

static void one_fragment(struct kunit *test)
{
	struct rsc *rsc = assembly(test);

	KUNIT_EXPECT_EQ(test, add(rsc, SUB | FIRST | LAST, 60, 0, false), RSC_DONE);
	KUNIT_EXPECT_EQ(test, rsc->count, 1u);
	KUNIT_EXPECT_EQ(test, rsc->bytes, 60u);
}

static void two_frames_in_a_packet(struct kunit *test)
{
	struct rsc *rsc = assembly(test);

	KUNIT_EXPECT_EQ(test, add(rsc, SUB | FIRST, 100, 0, false), RSC_MORE);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB | LAST, 100, 0, false), RSC_DONE);
	KUNIT_EXPECT_EQ(test, add_plain(rsc, false), RSC_SINGLE);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB | FIRST, 50, 0, false), RSC_MORE);
	KUNIT_EXPECT_EQ(test, rsc->bytes, 50u);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB | LAST, 50, 0, true), RSC_DONE);
	KUNIT_EXPECT_EQ(test, rsc->count, 2u);
	KUNIT_EXPECT_EQ(test, rsc->bytes, 100u);
}

/* What is complete takes nothing more. */
static void fragment_behind_the_last(struct kunit *test)
{
	struct rsc *rsc = assembly(test);

	KUNIT_EXPECT_EQ(test, add(rsc, SUB | FIRST | LAST, 60, 0, false), RSC_DONE);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB, 60, 0, false), RSC_REFUSED);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB | FIRST | LAST, 60, 0, false), RSC_DONE);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB | LAST, 60, 0, true), RSC_REFUSED);
}

static void fragment_without_a_first(struct kunit *test)
{
	struct rsc *rsc = assembly(test);

	KUNIT_EXPECT_EQ(test, add(rsc, SUB, 60, 0, false), RSC_REFUSED);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB | LAST, 60, 0, false), RSC_REFUSED);
	KUNIT_EXPECT_EQ(test, rsc->count, 0u);
}

static void a_new_first_discards(struct kunit *test)
{
	struct rsc *rsc = assembly(test);

	KUNIT_EXPECT_EQ(test, add(rsc, SUB | FIRST, 100, 1, false), RSC_MORE);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB, 100, 2, false), RSC_MORE);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB | FIRST, 70, 3, false), RSC_MORE);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB | LAST, 7, 4, false), RSC_DONE);
	KUNIT_EXPECT_EQ(test, rsc->count, 2u);
	KUNIT_EXPECT_EQ(test, rsc->bytes, 77u);
	KUNIT_EXPECT_EQ(test, rsc->ppi.word[PPI_CHECKSUM], 3u);
}

static void the_packet_ends_too_early(struct kunit *test)
{
	struct rsc *rsc = assembly(test);

	KUNIT_EXPECT_EQ(test, add(rsc, SUB | FIRST, 100, 0, true), RSC_REFUSED);
	KUNIT_EXPECT_EQ(test, rsc->count, 0u);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB | FIRST, 100, 0, false), RSC_MORE);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB, 100, 0, true), RSC_REFUSED);
	KUNIT_EXPECT_EQ(test, rsc->count, 0u);
}

static void a_frame_in_between_discards(struct kunit *test)
{
	struct rsc *rsc = assembly(test);

	KUNIT_EXPECT_EQ(test, add(rsc, SUB | FIRST, 100, 0, false), RSC_MORE);
	KUNIT_EXPECT_EQ(test, add_plain(rsc, false), RSC_SINGLE);
	KUNIT_EXPECT_EQ(test, rsc->count, 0u);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB | LAST, 100, 0, false), RSC_REFUSED);
}

static void first_needs_an_ethernet_header(struct kunit *test)
{
	struct rsc *rsc = assembly(test);

	KUNIT_EXPECT_EQ(test, add(rsc, SUB | FIRST, 13, 0, false), RSC_REFUSED);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB | FIRST, 14, 0, false), RSC_MORE);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB | LAST, 1, 0, false), RSC_DONE);
	KUNIT_EXPECT_EQ(test, rsc->bytes, 15u);
}

static void most_fragments(struct kunit *test)
{
	struct rsc *rsc = assembly(test);
	u32 i;

	KUNIT_EXPECT_EQ(test, add(rsc, SUB | FIRST, 14, 0, false), RSC_MORE);
	for (i = 1; i < 561; i++)
		KUNIT_EXPECT_EQ(test, add(rsc, SUB, 1, i, false), RSC_MORE);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB | LAST, 1, i, false), RSC_DONE);
	KUNIT_EXPECT_EQ(test, rsc->count, 562u);

	KUNIT_EXPECT_EQ(test, add(rsc, SUB | FIRST, 14, 0, false), RSC_MORE);
	for (i = 1; i < 562; i++)
		KUNIT_EXPECT_EQ(test, add(rsc, SUB, 1, i, false), RSC_MORE);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB | LAST, 1, i, false), RSC_REFUSED);
	KUNIT_EXPECT_EQ(test, rsc->count, 0u);
}

static void most_bytes(struct kunit *test)
{
	struct rsc *rsc = assembly(test);

	KUNIT_EXPECT_EQ(test, RSC_MAX_BYTES, 65593u);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB | FIRST, 60000, 0, false), RSC_MORE);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB | LAST, 5593, 0, false), RSC_DONE);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB | FIRST, 60000, 0, false), RSC_MORE);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB | LAST, 5594, 0, false), RSC_REFUSED);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB | FIRST, 65594, 0, false), RSC_REFUSED);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB | FIRST | LAST, 0xffffffff, 0, false), RSC_REFUSED);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB | FIRST, 100, 0, false), RSC_MORE);
	KUNIT_EXPECT_EQ(test, add(rsc, SUB, 0xffffff9c, 0, false), RSC_REFUSED);
}

/* Any order: a complete frame is the sum of its pieces, within bounds. */
static void any_order(struct kunit *test)
{
	struct rsc *rsc = assembly(test);
	struct mock_noise n = { 99 };
	u32 i, j, sum, done = 0;

	for (i = 0; i < 50000; i++) {
		u64 r = mock_noise(&n);

		if (add(rsc, r & 0x700, (r >> 16) % 3000, r >> 32, !(r & 0xf)) != RSC_DONE) {
			if (!(r & 0xff))
				rsc_reset(rsc);
			continue;
		}
		for (j = sum = 0; j < rsc->count; j++)
			sum += rsc->piece[j].bytes;
		KUNIT_EXPECT_EQ(test, sum, rsc->bytes);
		KUNIT_EXPECT_GE(test, sum, 14u);
		KUNIT_EXPECT_LE(test, sum, RSC_MAX_BYTES);
		done++;
	}
	KUNIT_EXPECT_GT(test, done, 100u);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(single_frames),
	KUNIT_CASE(three_fragments),
	KUNIT_CASE(one_fragment),
	KUNIT_CASE(two_frames_in_a_packet),
	KUNIT_CASE(fragment_behind_the_last),
	KUNIT_CASE(fragment_without_a_first),
	KUNIT_CASE(a_new_first_discards),
	KUNIT_CASE(the_packet_ends_too_early),
	KUNIT_CASE(a_frame_in_between_discards),
	KUNIT_CASE(first_needs_an_ethernet_header),
	KUNIT_CASE(most_fragments),
	KUNIT_CASE(most_bytes),
	KUNIT_CASE(any_order),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_netvsc_rsc",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit suite of netvsc/rsc.c");
