// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slots and their ids: every slot is given out once, comes back once, and an
 * id the host made up comes to nothing.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../netvsc/sections.c"
#include "wire_mock.h"

#define SLOTS 170

struct fixture {
	struct sect_pool pool;
	u64 id[SLOTS];
	u16 free[SLOTS];
};

static struct fixture *fixture(struct kunit *test, u32 n, u32 base)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	memset(f, 0xa5, sizeof(*f));
	sect_init(&f->pool, f->id, f->free, n, base);
	return f;
}

static void every_slot_once(struct kunit *test)
{
	struct fixture *f = fixture(test, SLOTS, 0);
	bool seen[SLOTS] = { false };
	int i, slot;

	for (i = 0; i < SLOTS; i++) {
		KUNIT_EXPECT_EQ(test, sect_idle(&f->pool), i == 0);
		slot = sect_take(&f->pool);
		/* the first one first */
		KUNIT_EXPECT_EQ(test, slot, i);
		KUNIT_EXPECT_FALSE(test, seen[slot]);
		KUNIT_EXPECT_NE(test, f->id[slot], 0ull);
		seen[slot] = true;
	}
	KUNIT_EXPECT_EQ(test, sect_take(&f->pool), -1);
	KUNIT_EXPECT_EQ(test, sect_take(&f->pool), -1);
	for (i = 0; i < SLOTS; i++) {
		KUNIT_EXPECT_EQ(test, sect_put(&f->pool, f->id[i]), i);
		KUNIT_EXPECT_EQ(test, f->id[i], 0ull);
	}
	KUNIT_EXPECT_TRUE(test, sect_idle(&f->pool));
}

static void last_used_is_next_used(struct kunit *test)
{
	struct fixture *f = fixture(test, 8, 0);
	int a = sect_take(&f->pool), b = sect_take(&f->pool);

	KUNIT_EXPECT_NE(test, a, b);
	sect_put(&f->pool, f->id[a]);
	KUNIT_EXPECT_EQ(test, sect_take(&f->pool), a);
	sect_put(&f->pool, f->id[b]);
	KUNIT_EXPECT_EQ(test, sect_take(&f->pool), b);
}

/* Completions came for whatever id the host chose. */
static void regress_id_is_taken_once(struct kunit *test)
{
	struct fixture *f = fixture(test, 8, 0);
	int slot = sect_take(&f->pool);
	u64 id = f->id[slot], again;

	KUNIT_EXPECT_EQ(test, sect_put(&f->pool, id), slot);
	KUNIT_EXPECT_EQ(test, sect_put(&f->pool, id), -1);
	KUNIT_EXPECT_TRUE(test, sect_idle(&f->pool));
	/* the slot is in use again: the old id is still no good */
	KUNIT_EXPECT_EQ(test, sect_take(&f->pool), slot);
	again = f->id[slot];
	KUNIT_EXPECT_NE(test, again, id);
	KUNIT_EXPECT_EQ(test, sect_put(&f->pool, id), -1);
	KUNIT_EXPECT_EQ(test, sect_put(&f->pool, again), slot);
}

static void ids_nobody_gave_out(struct kunit *test)
{
	static const u64 bad[] = {
		0, 1, 2, 8, 9, 0x100000000ull, 0x100000002ull, 0x100000009ull, 0x200000001ull,
		0xffffffffull, 0x1ffffffffull, 0x7fffffff00000001ull, 0x8000000100000001ull,
		0xffffffff00000001ull, 0xffffffffffffffffull,
	};
	struct fixture *f = fixture(test, 8, 0);
	struct mock_noise n = { 0x5eed };
	u64 *exact = kunit_kzalloc(test, 8 * sizeof(*exact), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, exact);
	sect_init(&f->pool, exact, f->free, 8, 0);
	for (i = 0; i < 20; i++)
		KUNIT_EXPECT_EQ(test, sect_put(&f->pool, i), -1);
	sect_init(&f->pool, f->id, f->free, 8, 0);
	for (i = 0; i < 20; i++)
		KUNIT_EXPECT_EQ(test, sect_put(&f->pool, i), -1);
	KUNIT_EXPECT_EQ(test, sect_take(&f->pool), 0);
	KUNIT_EXPECT_EQ(test, f->id[0], 0x100000001ull);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, sect_put(&f->pool, bad[i]), -1, "id %d", i);
	for (i = 0; i < 10000; i++)
		KUNIT_EXPECT_EQ(test, sect_put(&f->pool, mock_noise(&n) | 1ull << 40), -1);
	KUNIT_EXPECT_EQ(test, f->pool.left, 7u);
	KUNIT_EXPECT_EQ(test, sect_put(&f->pool, 0x100000001ull), 0);
}

/* Two pools of one channel never have an id in common. */
static void pools_with_a_base(struct kunit *test)
{
	struct fixture *a = fixture(test, 5, 0), *b = fixture(test, 7, 5);
	int i;

	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, (u32)a->id[sect_take(&a->pool)], i + 1u);
	for (i = 0; i < 7; i++)
		KUNIT_EXPECT_EQ(test, (u32)b->id[sect_take(&b->pool)], i + 6u);
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, sect_put(&b->pool, a->id[i]), -1);
	for (i = 0; i < 7; i++)
		KUNIT_EXPECT_EQ(test, sect_put(&a->pool, b->id[i]), -1);
	for (i = 0; i < 7; i++)
		KUNIT_EXPECT_EQ(test, sect_put(&b->pool, b->id[i]), i);
}

/* Ids never reach those of control requests, nor 0. */
static void use_count_wraps(struct kunit *test)
{
	struct fixture *f = fixture(test, 1, 0);
	int i;

	f->pool.use = 0x7ffffffdull << 32;
	for (i = 0; i < 5; i++) {
		KUNIT_ASSERT_EQ(test, sect_take(&f->pool), 0);
		KUNIT_EXPECT_EQ(test, f->id[0] >> 32,
				((const u64[]){ 0x7ffffffe, 0x7fffffff, 0, 1, 2 })[i]);
		KUNIT_EXPECT_EQ(test, (u32)f->id[0], 1u);
		KUNIT_EXPECT_EQ(test, sect_put(&f->pool, f->id[0]), 0);
	}
}

static void no_slots_at_all(struct kunit *test)
{
	struct fixture *f = fixture(test, 0, 3);

	KUNIT_EXPECT_EQ(test, sect_take(&f->pool), -1);
	KUNIT_EXPECT_EQ(test, sect_put(&f->pool, 0x100000004ull), -1);
	KUNIT_EXPECT_TRUE(test, sect_idle(&f->pool));
}

static void init_bounds_the_pool(struct kunit *test)
{
	struct sect_pool pool;
	u64 *id = kunit_kzalloc(test, 0x4000 * sizeof(*id), GFP_KERNEL);
	u16 *free = kunit_kzalloc(test, 0x4000 * sizeof(*free), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, id);
	KUNIT_ASSERT_NOT_NULL(test, free);
	sect_init(&pool, id, free, 0x4001, 0);
	KUNIT_EXPECT_EQ(test, pool.n, 0x4000u);
	KUNIT_EXPECT_EQ(test, sect_take(&pool), 0);
	KUNIT_EXPECT_EQ(test, free[0], 0x3fff);
	sect_init(&pool, id, free, 0x4000, 0);
	KUNIT_EXPECT_EQ(test, pool.n, 0x4000u);
}

static void shares_are_the_whole(struct kunit *test)
{
	static const u32 totals[] = { 1, 7, 10, 63, 64, 65, 170, 2560, 15420 };
	static const u32 queues[] = { 1, 2, 3, 8, 13, 64 };
	u32 t, q, i, first, count, next;

	for (t = 0; t < ARRAY_SIZE(totals); t++)
		for (q = 0; q < ARRAY_SIZE(queues); q++) {
			u32 most = 0, least = ~0u;

			next = 0;
			for (i = 0; i < queues[q]; i++) {
				sect_share(totals[t], queues[q], i, &first, &count);
				KUNIT_EXPECT_EQ(test, first, next);
				next = first + count;
				most = max(most, count);
				least = min(least, count);
			}
			KUNIT_EXPECT_EQ(test, next, totals[t]);
			KUNIT_EXPECT_LE(test, most - least, 1u);
		}
	sect_share(230000, 1, 0, &first, &count);
	KUNIT_EXPECT_EQ(test, count, 0x4000u);
	sect_share(0x4000, 1, 0, &first, &count);
	KUNIT_EXPECT_EQ(test, count, 0x4000u);
}

/* Any order of taking, putting and nonsense: nothing is lost or doubled. */
static void anything_in_any_order(struct kunit *test)
{
	struct fixture *f = fixture(test, 16, 2);
	struct mock_noise n = { 1 };
	u64 held[16];
	u32 count = 0, i;

	for (i = 0; i < 20000; i++) {
		u64 r = mock_noise(&n);

		if (r % 3 && count < 16) {
			int slot = sect_take(&f->pool);

			KUNIT_ASSERT_GE(test, slot, 0);
			held[count++] = f->id[slot];
		} else if (count) {
			u32 which = (r >> 8) % count;

			KUNIT_ASSERT_GE(test, sect_put(&f->pool, held[which]), 0);
			KUNIT_ASSERT_EQ(test, sect_put(&f->pool, held[which]), -1);
			held[which] = held[--count];
		}
		KUNIT_ASSERT_EQ(test, f->pool.left, 16 - count);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(every_slot_once),
	KUNIT_CASE(last_used_is_next_used),
	KUNIT_CASE(regress_id_is_taken_once),
	KUNIT_CASE(ids_nobody_gave_out),
	KUNIT_CASE(pools_with_a_base),
	KUNIT_CASE(use_count_wraps),
	KUNIT_CASE(no_slots_at_all),
	KUNIT_CASE(init_bounds_the_pool),
	KUNIT_CASE(shares_are_the_whole),
	KUNIT_CASE(anything_in_any_order),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_netvsc_sections",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit suite of netvsc/sections.c");
