// SPDX-License-Identifier: GPL-2.0-only
/*
 * UTF-16 and UTF-8: every character there and back, halves of pairs, text
 * without an end, room that runs out at every byte, and bytes that are not
 * UTF-8.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../ic/utf.c"
#include "ic_mock.h"

/* U+0041, U+00E9, U+20AC, U+1F600 */
static const u8 host_text[] = { 0x41, 0, 0xe9, 0, 0xac, 0x20, 0x3d, 0xd8, 0x00, 0xde, 0, 0 };
static const char daemon_text[] = "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";

static void golden(struct kunit *test)
{
	u8 *in = mock_exact(test, host_text, sizeof(host_text));
	char *out = kunit_kmalloc(test, 11, GFP_KERNEL);
	u8 *back = kunit_kmalloc(test, 12, GFP_KERNEL);

	KUNIT_EXPECT_EQ(test, utf_from_host(in, 6, out, 11), 10);
	KUNIT_EXPECT_STREQ(test, out, daemon_text);
	KUNIT_EXPECT_EQ(test, utf_to_host(out, 11, back, 6), 5);
	KUNIT_EXPECT_MEMEQ(test, back, host_text, 12);
}

static void every_character(struct kunit *test)
{
	u32 c;

	for (c = 1; c < 0x110000; c += c < 0x3000 || (c > 0xd700 && c < 0x10100) ? 1 : 61) {
		u8 in[4], back[6];
		u32 units = 1, got = 0;
		char out[5];
		int n;

		if (c >= 0xd800 && c < 0xe000)
			continue;
		if (c < 0x10000) {
			mock_put16(in, 0, c);
		} else {
			mock_put16(in, 0, 0xd800 + ((c - 0x10000) >> 10));
			mock_put16(in, 2, 0xdc00 + ((c - 0x10000) & 0x3ff));
			units = 2;
		}
		n = utf_from_host(in, units, out, 5);
		KUNIT_ASSERT_EQ(test, n, c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4);
		KUNIT_ASSERT_EQ(test, get_utf8((u8 *)out, n, &got), n);
		KUNIT_ASSERT_EQ(test, got, c);
		KUNIT_ASSERT_EQ(test, utf_to_host(out, n, back, 3), (int)units);
		KUNIT_ASSERT_MEMEQ(test, back, in, 2 * units);
	}
}

static void halves(struct kunit *test)
{
	static const u8 text[][6] = {
		{ 0x00, 0xd8, 0x41, 0 }, { 0x00, 0xdc, 0x41, 0 }, { 0x00, 0xdc, 0x00, 0xd8 },
		{ 0xff, 0xdb, 0xff, 0xdb, 0xff, 0xdf }, { 0x41, 0, 0x00, 0xd8 },
	};
	static const char * const want[] = {
		"\xef\xbf\xbd\x41", "\xef\xbf\xbd\x41", "\xef\xbf\xbd\xef\xbf\xbd",
		"\xef\xbf\xbd\xf4\x8f\xbf\xbf", "A\xef\xbf\xbd",
	};
	unsigned int i;
	char out[16];

	for (i = 0; i < ARRAY_SIZE(text); i++) {
		u32 units = i == 3 ? 3 : 2;
		u8 *in = mock_exact(test, text[i], 2 * units);

		utf_from_host(in, units, out, sizeof(out));
		KUNIT_EXPECT_STREQ(test, out, want[i]);
	}
}

static void defect_3_units_not_bytes(struct kunit *test)
{
	u8 *in = kunit_kmalloc(test, 512, GFP_KERNEL);
	char *out = kunit_kmalloc(test, 512, GFP_KERNEL);
	u32 i;

	/* 256 units, no NUL, half a pair at the end: not a byte beyond is read. */
	for (i = 0; i < 255; i++)
		mock_put16(in, 2 * i, 'a' + i % 26);
	mock_put16(in, 510, 0xd800);
	KUNIT_EXPECT_EQ(test, utf_from_host(in, 256, out, 512), 258);
	KUNIT_EXPECT_MEMEQ(test, out + 255, "\xef\xbf\xbd", 4);
}

static void room_runs_out(struct kunit *test)
{
	u32 room;

	for (room = 1; room <= 11; room++) {
		char *out = kunit_kmalloc(test, room, GFP_KERNEL);
		int n = utf_from_host(host_text, 6, out, room);

		KUNIT_EXPECT_EQ_MSG(test, n, room == 11 ? 10 : -E2BIG, "room for %u", room);
		KUNIT_EXPECT_LT(test, (u32)strnlen(out, room), room);
		KUNIT_EXPECT_MEMEQ(test, out, daemon_text, strlen(out));
	}
	for (room = 1; room <= 6; room++) {
		static const int fits[] = { 0, 0, 1, 2, 3, 3, 5 };
		u8 *out = kunit_kmalloc(test, 2 * room, GFP_KERNEL);

		KUNIT_EXPECT_EQ(test, utf_to_host(daemon_text, 11, out, room), fits[room]);
		KUNIT_EXPECT_MEMEQ(test, out, host_text, 2 * fits[room]);
		KUNIT_EXPECT_EQ(test, mock_get16(out, 2 * fits[room]), 0);
	}
}

static void cut_at_every_byte(struct kunit *test)
{
	static const int units[] = { 0, 1, -EILSEQ, 2, -EILSEQ, -EILSEQ, 3, -EILSEQ, -EILSEQ,
				     -EILSEQ, 5 };
	u32 bytes;

	for (bytes = 0; bytes <= 10; bytes++) {
		char *in = mock_exact(test, daemon_text, bytes);
		u8 out[12];

		KUNIT_EXPECT_EQ_MSG(test, utf_to_host(in, bytes, out, 6), units[bytes],
				    "%u bytes", bytes);
	}
}

static void not_utf8(struct kunit *test)
{
	static const char * const bad[] = {
		"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3\x28", "\xe0\x80\xaf",
		"\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80", "\xfe", "\xff",
		"ok\xe2\x82",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		char *in = mock_exact(test, bad[i], strlen(bad[i]));
		u8 out[16];

		KUNIT_EXPECT_EQ_MSG(test, utf_to_host(in, strlen(bad[i]), out, 8), -EILSEQ,
				    "text %u", i);
		KUNIT_EXPECT_EQ(test, mock_get16(out, 0), 0);
	}
}

static void stops_at_nul(struct kunit *test)
{
	static const u8 in[] = { 'a', 0, 0, 0, 'b', 0 };
	char out[8];
	u8 back[8];

	KUNIT_EXPECT_EQ(test, utf_from_host(in, 3, out, 8), 1);
	KUNIT_EXPECT_EQ(test, utf_from_host(in, 0, out, 8), 0);
	KUNIT_EXPECT_EQ(test, out[0], 0);
	KUNIT_EXPECT_EQ(test, utf_to_host("a\0\xff", 3, back, 4), 1);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(golden),
	KUNIT_CASE(every_character),
	KUNIT_CASE(halves),
	KUNIT_CASE(defect_3_units_not_bytes),
	KUNIT_CASE(room_runs_out),
	KUNIT_CASE(cut_at_every_byte),
	KUNIT_CASE(not_utf8),
	KUNIT_CASE(stops_at_nul),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_utils_utf",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Tests of ic/utf.c");
