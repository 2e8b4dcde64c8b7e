// SPDX-License-Identifier: GPL-2.0-only
/*
 * SynIC pages: message slots and event flags as a host writes them, including
 * one that lies about type and length or changes them under the reader.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../hypercall/page.c"
#include "wire_mock.h"

static u8 *make_slot(struct kunit *test, u32 type, u8 bytes, u8 flags)
{
	u8 *raw = kunit_kmalloc(test, 256, GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, raw);
	mock_put32(raw, 0, type);
	raw[4] = bytes;
	raw[5] = flags;
	mock_put16(raw, 6, 0xbeef);
	mock_put64(raw, 8, 0xfeedfacecafef00dull);
	for (i = 0; i < 240; i++)
		raw[16 + i] = i ^ 0x5a;
	return raw;
}

static void read_every_length(struct kunit *test)
{
	struct synic_msg msg;
	unsigned int bytes, i;

	for (bytes = 0; bytes < 256; bytes++) {
		u8 *raw = make_slot(test, 1, bytes, 0);
		enum page_verdict v;

		memset(&msg, 0xcc, sizeof(msg));
		v = page_slot_read((void *)raw, &msg);
		if (bytes > 240) {
			KUNIT_EXPECT_EQ_MSG(test, v, PAGE_BAD_BYTES, "%u bytes", bytes);
			KUNIT_EXPECT_NOT_NULL_MSG(test, memchr(&msg, 0xcc, 1), "untouched");
		} else {
			KUNIT_ASSERT_EQ_MSG(test, v, PAGE_VMBUS, "%u bytes", bytes);
			KUNIT_EXPECT_EQ(test, msg.type, 1);
			KUNIT_EXPECT_EQ(test, msg.bytes, bytes);
			for (i = 0; i < 240; i++)
				KUNIT_EXPECT_EQ_MSG(test, msg.payload[i],
						    i < bytes ? (u8)(i ^ 0x5a) : 0,
						    "%u bytes, byte %u", bytes, i);
		}
		KUNIT_EXPECT_EQ_MSG(test, mock_get32(raw, 0), 1, "reading releases nothing");
		kunit_kfree(test, raw);
	}
}

static void read_types(struct kunit *test)
{
	static const struct { u32 type; enum page_verdict want; } t[] = {
		{ 0, PAGE_EMPTY }, { 1, PAGE_VMBUS }, { 2, PAGE_BAD_TYPE },
		{ 0x80000010, PAGE_TIMER }, { 0x80000000, PAGE_BAD_TYPE },
		{ 0x80000001, PAGE_BAD_TYPE }, { 0x80000011, PAGE_BAD_TYPE },
		{ 0x80010005, PAGE_BAD_TYPE }, { 0x80000020, PAGE_BAD_TYPE },
		{ 0x00000100, PAGE_BAD_TYPE }, { 0x01000000, PAGE_BAD_TYPE },
		{ 0x10, PAGE_BAD_TYPE }, { 0x7fffffff, PAGE_BAD_TYPE },
		{ 0xffffffff, PAGE_BAD_TYPE },
	};
	struct synic_msg msg;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		u8 *raw = make_slot(test, t[i].type, 24, 0);

		memset(&msg, 0xcc, sizeof(msg));
		KUNIT_EXPECT_EQ_MSG(test, page_slot_read((void *)raw, &msg), t[i].want,
				    "type %#x", t[i].type);
		if (t[i].want != PAGE_VMBUS)
			KUNIT_EXPECT_EQ_MSG(test, msg.type, 0xcccccccc, "untouched");
		kunit_kfree(test, raw);
	}
}

/* What an interrupt handler may take while a thread uses the rest */
static void slot_is_timer_by_type_alone(struct kunit *test)
{
	u8 *raw = make_slot(test, 0x80000010, 24, 0);

	KUNIT_EXPECT_TRUE(test, page_slot_is_timer((void *)raw));
	mock_put32(raw, 0, 1);
	KUNIT_EXPECT_FALSE(test, page_slot_is_timer((void *)raw));
	mock_put32(raw, 0, 0);
	KUNIT_EXPECT_FALSE_MSG(test, page_slot_is_timer((void *)raw), "empty");
	mock_put32(raw, 0, 0x80000011);
	KUNIT_EXPECT_FALSE(test, page_slot_is_timer((void *)raw));
}

static void release_tells_when_more_waits(struct kunit *test)
{
	unsigned int flags;

	for (flags = 0; flags < 256; flags++) {
		u8 *raw = make_slot(test, 1, 8, flags);
		unsigned int i;

		KUNIT_EXPECT_EQ_MSG(test, page_slot_release((void *)raw), flags & 1,
				    "flags %#x", flags);
		KUNIT_EXPECT_EQ(test, mock_get32(raw, 0), 0);
		/* The guest writes the type and not one other byte of the slot. */
		KUNIT_EXPECT_EQ(test, raw[4], 8);
		KUNIT_EXPECT_EQ(test, raw[5], flags);
		KUNIT_EXPECT_EQ(test, mock_get16(raw, 6), 0xbeef);
		KUNIT_EXPECT_EQ(test, mock_get64(raw, 8), 0xfeedfacecafef00dull);
		for (i = 0; i < 240; i++)
			KUNIT_EXPECT_EQ(test, raw[16 + i], (u8)(i ^ 0x5a));
		kunit_kfree(test, raw);
	}
}

/* In a dying kernel another CPU may have released the slot: hands off. */
static void release_type_compares(struct kunit *test)
{
	u8 *raw = make_slot(test, 1, 8, 1);

	KUNIT_EXPECT_FALSE(test, page_slot_release_type((void *)raw, 2));
	KUNIT_EXPECT_EQ_MSG(test, mock_get32(raw, 0), 1, "someone else's message stays");
	KUNIT_EXPECT_TRUE(test, page_slot_release_type((void *)raw, 1));
	KUNIT_EXPECT_EQ(test, mock_get32(raw, 0), 0);
	KUNIT_EXPECT_FALSE_MSG(test, page_slot_release_type((void *)raw, 1), "released before");
	mock_put32(raw, 0, 0x80000010);
	raw[5] = 0;
	KUNIT_EXPECT_FALSE_MSG(test, page_slot_release_type((void *)raw, 0x80000010),
			       "nothing pending");
	KUNIT_EXPECT_EQ(test, mock_get32(raw, 0), 0);
	KUNIT_EXPECT_EQ(test, raw[4], 8);
}

static void flags_take_each_bit(struct kunit *test)
{
	u64 words[3] = { ~0ull, 0, ~0ull };
	unsigned int bit;

	KUNIT_EXPECT_EQ(test, page_flags_take(&words[1]), 0);
	for (bit = 0; bit < 64; bit++) {
		words[1] = 1ull << bit;
		KUNIT_EXPECT_EQ(test, page_flags_take(&words[1]), 1ull << bit);
		KUNIT_EXPECT_EQ_MSG(test, words[1], 0, "cleared");
		KUNIT_EXPECT_EQ(test, page_flags_take(&words[1]), 0);
	}
	words[1] = 0x8000000180000001ull;
	KUNIT_EXPECT_EQ(test, page_flags_take(&words[1]), 0x8000000180000001ull);
	KUNIT_EXPECT_EQ(test, words[1], 0);
	KUNIT_EXPECT_EQ_MSG(test, words[0], ~0ull, "neighbours stay");
	KUNIT_EXPECT_EQ(test, words[2], ~0ull);
}

static u64 flag_words[HVW_FLAG_WORDS];
static unsigned int flags_seen[8], flags_count;

static void note_flag(unsigned int flag)
{
	/* Cleared before it is handed on: one that comes now is a new one. */
	if (flag_words[flag / 64] & 1ull << flag % 64)
		flag |= 1u << 31;
	if (flags_count < ARRAY_SIZE(flags_seen))
		flags_seen[flags_count] = flag;
	flags_count++;
}

static void flags_serve_each_flag(struct kunit *test)
{
	unsigned int flag;

	memset(flag_words, 0, sizeof(flag_words));
	flags_count = 0;
	KUNIT_EXPECT_FALSE(test, page_flags_serve(flag_words, ~0u, note_flag));
	KUNIT_EXPECT_EQ(test, flags_count, 0);
	for (flag = 0; flag < HVW_FLAGS_PER_SINT; flag++) {
		u32 word = 1u << flag / 64;

		flags_count = 0;
		flag_words[flag / 64] = 1ull << flag % 64;
		KUNIT_EXPECT_FALSE(test, page_flags_serve(flag_words, ~word, note_flag));
		KUNIT_EXPECT_EQ_MSG(test, flags_count, 0, "not looked at");
		KUNIT_EXPECT_EQ(test, flag_words[flag / 64], 1ull << flag % 64);
		KUNIT_EXPECT_TRUE(test, page_flags_serve(flag_words, word, note_flag));
		KUNIT_EXPECT_EQ(test, flags_count, 1);
		KUNIT_EXPECT_EQ(test, flags_seen[0], flag);
		KUNIT_EXPECT_EQ(test, flag_words[flag / 64], 0);
	}
}

static void flags_serve_several_words(struct kunit *test)
{
	static const unsigned int want[] = { 1, 63, 64, 2000, 2047 };
	unsigned int i;

	memset(flag_words, 0, sizeof(flag_words));
	flags_count = 0;
	for (i = 0; i < ARRAY_SIZE(want); i++)
		flag_words[want[i] / 64] |= 1ull << want[i] % 64;
	flag_words[7] = 0x10;
	KUNIT_EXPECT_TRUE(test, page_flags_serve(flag_words, 0x80000003u, note_flag));
	KUNIT_EXPECT_EQ(test, flags_count, ARRAY_SIZE(want));
	for (i = 0; i < ARRAY_SIZE(want); i++)
		KUNIT_EXPECT_EQ(test, flags_seen[i], want[i]);
	KUNIT_EXPECT_FALSE(test, page_flags_serve(flag_words, 0x80000003u, note_flag));
	KUNIT_EXPECT_FALSE(test, page_flags_serve(flag_words, 0, note_flag));
	KUNIT_EXPECT_EQ_MSG(test, flag_words[7], 0x10, "nobody watches it");
}

static void slot_empty_by_type_alone(struct kunit *test)
{
	u8 *raw = kunit_kzalloc(test, 256, GFP_KERNEL);
	struct hvw_slot *slot = (void *)raw;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, raw);
	KUNIT_EXPECT_TRUE(test, page_slot_empty(slot));
	memset(raw + 4, 0xff, 252);
	KUNIT_EXPECT_TRUE(test, page_slot_empty(slot));
	for (i = 0; i < 4; i++) {
		memset(raw, 0, 4);
		raw[i] = 0x80;
		KUNIT_EXPECT_FALSE(test, page_slot_empty(slot));
	}
}

/* Geometry: slot and flag area of each SINT, by the offsets of the reference. */
static void geometry(struct kunit *test)
{
	struct hvw_message_page *mp = kunit_kzalloc(test, 4096, GFP_KERNEL);
	struct hvw_event_page *ep = kunit_kzalloc(test, 4096, GFP_KERNEL);
	unsigned int n;

	KUNIT_ASSERT_NOT_NULL(test, mp);
	KUNIT_ASSERT_NOT_NULL(test, ep);
	for (n = 0; n < 16; n++) {
		KUNIT_EXPECT_PTR_EQ(test, (u8 *)&mp->slot[n], (u8 *)mp + n * 256);
		KUNIT_EXPECT_PTR_EQ(test, (u8 *)ep->flags[n], (u8 *)ep + n * 256);
	}
	/* Flag 2047 of SINT 2 is the last bit of its area. */
	((u8 *)ep)[2 * 256 + 2047 / 8] = 1 << (2047 % 8);
	KUNIT_EXPECT_EQ(test, page_flags_take(&ep->flags[2][2047 / 64]), 1ull << 63);
}

static struct kunit_case page_cases[] = {
	KUNIT_CASE(read_every_length),
	KUNIT_CASE(read_types),
	KUNIT_CASE(slot_is_timer_by_type_alone),
	KUNIT_CASE(release_tells_when_more_waits),
	KUNIT_CASE(release_type_compares),
	KUNIT_CASE(flags_take_each_bit),
	KUNIT_CASE(flags_serve_each_flag),
	KUNIT_CASE(flags_serve_several_words),
	KUNIT_CASE(slot_empty_by_type_alone),
	KUNIT_CASE(geometry),
	{}
};

static struct kunit_suite page_suite = {
	.name = "hv_hypercall_page",
	.test_cases = page_cases,
};

kunit_test_suite(page_suite);

MODULE_DESCRIPTION("KUnit: SynIC message and event pages");
MODULE_LICENSE("GPL");
