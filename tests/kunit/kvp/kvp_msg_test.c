// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key-value pairs: the bytes a daemon sees and those the host gets back, every
 * length, hostile sizes, pools and indexes, and text with and without an end.
 *
 * Offsets are from behind the message header: operation at 0, pool at 1.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../ic/utf.c"
#include "../../../kvp/kvp_ip.c"
#include "../../../kvp/kvp_msg.c"
#include "ic_mock.h"

#define FAIL 0x80004005u
#define INVALID 0x80070057u
#define NO_MORE 0x80070103u

/* Bodies as long as the host has to make them. */
static const u32 body_bytes[] = { 2576, 2576, 520, 2580, 7428, 7428 };

static u8 *question(struct kunit *test, u8 op, u8 pool)
{
	u8 *p = kunit_kzalloc(test, body_bytes[op], GFP_KERNEL);

	p[0] = op;
	p[1] = pool;
	return p;
}

/* A request with a key and a string value, where the operation has them. */
static u8 *with_text(struct kunit *test, u8 op, u8 pool, const char *key, const char *value)
{
	u8 *p = question(test, op, pool);

	if (op == 2) {
		mock_put32(p, 4, mock_utf16(p + 8, key));
		return p;
	}
	mock_put32(p, 4, 1);
	mock_put32(p, 8, mock_utf16(p + 16, key));
	mock_put32(p, 12, mock_utf16(p + 528, value));
	return p;
}

static struct kvp_daemon_msg *room(struct kunit *test)
{
	struct kvp_daemon_msg *to = kunit_kmalloc(test, 7432, GFP_KERNEL);

	memset(to, 0xee, 7432);
	return to;
}

/* What a daemon should see, all zero but for the operation and the pool. */
static u8 *blank(struct kunit *test, u8 op, u8 pool)
{
	u8 *p = kunit_kzalloc(test, 7432, GFP_KERNEL);

	p[0] = op;
	p[1] = pool;
	return p;
}

static void set_golden(struct kunit *test)
{
	struct kvp_daemon_msg *to = room(test);
	struct kvp_asked asked = {};
	u8 *want = blank(test, 1, 3);

	mock_put32(want, 4, 1);
	mock_put32(want, 8, 4);
	mock_put32(want, 12, 6);
	memcpy(want + 16, "key", 4);
	memcpy(want + 528, "value", 6);
	KUNIT_ASSERT_EQ(test, kvp_question(with_text(test, 1, 3, "key", "value"), 2576, &asked, to),
			0u);
	KUNIT_EXPECT_MEMEQ(test, (u8 *)to, want, 7432);
}

static void get_asks_for_a_whole_value(struct kunit *test)
{
	struct kvp_daemon_msg *to = room(test);
	struct kvp_asked asked = {};
	u8 *want = blank(test, 0, 1);

	mock_put32(want, 8, 4);
	mock_put32(want, 12, 2048);
	memcpy(want + 16, "key", 4);
	KUNIT_ASSERT_EQ(test, kvp_question(with_text(test, 0, 1, "key", "noise"), 2576, &asked, to),
			0u);
	KUNIT_EXPECT_MEMEQ(test, (u8 *)to, want, 7432);
}

static void delete_and_enumerate_golden(struct kunit *test)
{
	struct kvp_daemon_msg *to = room(test);
	u8 *want = blank(test, 2, 0), *p;
	struct kvp_asked asked = {};

	mock_put32(want, 4, 4);
	memcpy(want + 8, "key", 4);
	KUNIT_ASSERT_EQ(test, kvp_question(with_text(test, 2, 0, "key", ""), 520, &asked, to), 0u);
	KUNIT_EXPECT_MEMEQ(test, (u8 *)to, want, 7432);
	memset(want, 0, 7432);
	want[0] = 3;
	want[1] = 2;
	mock_put32(want, 4, 0x7fffffff);
	p = question(test, 3, 2);
	memset(p + 8, 0xaa, 2572);
	mock_put32(p, 4, 0x7fffffff);
	KUNIT_ASSERT_EQ(test, kvp_question(p, 2580, &asked, to), 0u);
	KUNIT_EXPECT_MEMEQ(test, (u8 *)to, want, 7432);
}

static void numbers_become_text(struct kunit *test)
{
	static const struct {
		u32 type, bytes;
		u64 v;
		const char *text;
		u32 status;
	} number[] = {
		{ 4, 4, 0, "0", 0 }, { 4, 4, 0xffffffff, "4294967295", 0 },
		{ 11, 8, ~0ull, "18446744073709551615", 0 }, { 8, 8, 10, "10", 0 },
		{ 11, 8, 1234567890123ull, "1234567890123", 0 },
		{ 4, 3, 0, "", INVALID }, { 4, 8, 0, "", INVALID }, { 11, 4, 0, "", INVALID },
		{ 8, 0xffffffff, 0, "", INVALID }, { 0, 4, 0, "", INVALID },
		{ 3, 4, 0, "", INVALID },
		{ 7, 4, 0, "", INVALID }, { 0xffffffff, 2, 0, "", INVALID },
	};
	struct kvp_daemon_msg *to = room(test);
	struct kvp_asked asked = {};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(number); i++) {
		u8 *p = with_text(test, 1, 0, "n", "");

		mock_put32(p, 4, number[i].type);
		mock_put32(p, 12, number[i].bytes);
		mock_put64(p, 528, number[i].v);
		KUNIT_EXPECT_EQ_MSG(test, kvp_question(p, 2576, &asked, to),
				    number[i].status, "%u", i);
		if (number[i].status)
			continue;
		KUNIT_EXPECT_STREQ(test, (char *)to + 528, number[i].text);
		KUNIT_EXPECT_EQ(test, mock_get32(to, 12), (u32)strlen(number[i].text) + 1);
	}
}

static void expandable_text_is_text(struct kunit *test)
{
	u8 *p = with_text(test, 1, 0, "path", "%root%");
	struct kvp_daemon_msg *to = room(test);
	struct kvp_asked asked = {};

	mock_put32(p, 4, 2);
	KUNIT_EXPECT_EQ(test, kvp_question(p, 2576, &asked, to), 0u);
	KUNIT_EXPECT_STREQ(test, (char *)to + 528, "%root%");
}

static void every_length(struct kunit *test)
{
	struct kvp_daemon_msg *to = room(test);
	struct kvp_asked asked = {};
	u32 bytes;
	u8 op;

	for (op = 0; op <= 5; op++) {
		for (bytes = 0; bytes <= body_bytes[op]; bytes++) {
			u8 *p;
			u32 got;

			if (bytes > 64 && bytes < body_bytes[op] - 64 && bytes % 97)
				continue;
			p = mock_exact(test, op < 4 ? with_text(test, op, 0, "k", "v") :
						      question(test, op, 0), bytes);
			got = kvp_question(p, bytes, &asked, to);
			KUNIT_EXPECT_EQ_MSG(test, got, bytes < body_bytes[op] ? FAIL : 0,
					    "operation %u, %u bytes", op, bytes);
		}
	}
}

static void defect_4_pools_operations_indexes(struct kunit *test)
{
	struct kvp_daemon_msg *to = room(test);
	struct kvp_asked asked = {};
	unsigned int i;
	u8 *p;

	for (i = 0; i < 256; i++) {
		p = with_text(test, 0, i, "k", "");
		KUNIT_EXPECT_EQ(test, kvp_question(p, 2576, &asked, to), i < 4 ? 0 : FAIL);
		p = kunit_kzalloc(test, 7428, GFP_KERNEL);
		p[0] = i;
		mock_put32(p, 8, 2);
		mock_put32(p, 12, 2);
		mock_put32(p, 4, i == 2 ? 2 : 1);
		KUNIT_EXPECT_EQ_MSG(test, kvp_question(p, 7428, &asked, to),
				    i < 6 ? 0 : FAIL, "%u", i);
	}
	p = question(test, 3, 0);
	mock_put32(p, 4, 0x80000000);
	KUNIT_EXPECT_EQ(test, kvp_question(p, 2580, &asked, to), NO_MORE);
	mock_put32(p, 4, 0xffffffff);
	KUNIT_EXPECT_EQ(test, kvp_question(p, 2580, &asked, to), NO_MORE);
}

static void hostile_sizes(struct kunit *test)
{
	static const u32 bad[] = { 0, 1, 3, 511, 513, 514, 2047, 2049, 2050, MOCK_BAD_U32 };
	struct kvp_daemon_msg *to = room(test);
	struct kvp_asked asked = {};
	unsigned int i;
	u8 *p;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		p = with_text(test, 1, 0, "k", "v");
		mock_put32(p, 8, bad[i]);
		KUNIT_EXPECT_EQ_MSG(test, kvp_question(p, 2576, &asked, to),
				    INVALID, "%#x", bad[i]);
		p = with_text(test, 0, 0, "k", "v");
		mock_put32(p, 8, bad[i]);
		KUNIT_EXPECT_EQ(test, kvp_question(p, 2576, &asked, to), INVALID);
		p = with_text(test, 2, 0, "k", "");
		mock_put32(p, 4, bad[i]);
		KUNIT_EXPECT_EQ(test, kvp_question(p, 520, &asked, to), INVALID);
		if (bad[i] == 514)
			continue;
		p = with_text(test, 1, 0, "k", "v");
		mock_put32(p, 12, bad[i]);
		KUNIT_EXPECT_EQ_MSG(test, kvp_question(p, 2576, &asked, to),
				    INVALID, "%#x", bad[i]);
	}
}

static void defect_3_text_without_an_end(struct kunit *test)
{
	struct kvp_daemon_msg *to = room(test);
	u8 *p = question(test, 1, 0);
	struct kvp_asked asked = {};
	u32 i;

	mock_put32(p, 4, 1);
	mock_put32(p, 8, 512);
	mock_put32(p, 12, 2048);
	for (i = 0; i < 256; i++)
		mock_put16(p, 16 + 2 * i, 'k');
	for (i = 0; i < 1024; i++)
		mock_put16(p, 528 + 2 * i, 'v');
	/* Half a pair as the very last unit of the value, the end of the packet. */
	mock_put16(p, 528 + 2046, 0xdbff);
	KUNIT_ASSERT_EQ(test, kvp_question(p, 2576, &asked, to), 0u);
	KUNIT_EXPECT_EQ(test, mock_get32(to, 8), 257u);
	KUNIT_EXPECT_EQ(test, strlen((char *)to + 16), (size_t)256);
	KUNIT_EXPECT_EQ(test, mock_get32(to, 12), 1027u);
	KUNIT_EXPECT_EQ(test, strlen((char *)to + 528), (size_t)1026);
}

static void text_longer_than_a_record(struct kunit *test)
{
	struct kvp_daemon_msg *to = room(test);
	struct kvp_asked asked = {};
	u32 i, units;

	/* Three bytes each in UTF-8: 170 fit into 511, 682 into 2047. */
	for (units = 169; units <= 172; units++) {
		u8 *p = with_text(test, 1, 0, "", "v");

		for (i = 0; i < units; i++)
			mock_put16(p, 16 + 2 * i, 0x20ac);
		mock_put32(p, 8, 2 * units + 2);
		KUNIT_EXPECT_EQ_MSG(test, kvp_question(p, 2576, &asked, to),
				    units <= 170 ? 0 : INVALID, "%u", units);
	}
	for (units = 681; units <= 684; units++) {
		u8 *p = with_text(test, 1, 0, "k", "");

		for (i = 0; i < units; i++)
			mock_put16(p, 528 + 2 * i, 0x20ac);
		mock_put32(p, 12, 2 * units + 2);
		KUNIT_EXPECT_EQ_MSG(test, kvp_question(p, 2576, &asked, to),
				    units <= 682 ? 0 : INVALID, "%u", units);
	}
}

static void defect_1_get_returns_the_value(struct kunit *test)
{
	u8 *body = with_text(test, 0, 1, "key", "left over"), *want;
	struct kvp_daemon_msg *to = room(test), *from = room(test);
	struct kvp_asked asked = {};

	memset(body + 24, 0xaa, 500);
	want = mock_exact(test, body, 2576);
	KUNIT_ASSERT_EQ(test, kvp_question(body, 2576, &asked, to), 0u);
	memset(from, 0, 7432);
	memcpy((u8 *)from + 528, "value", 6);
	/* What the daemon says about lengths and names is not looked at. */
	mock_put32(from, 8, 0xffffffff);
	mock_put32(from, 12, 0xffffffff);
	KUNIT_ASSERT_EQ(test, kvp_answer(&asked, false, from, body), 0u);
	memset(want + 24, 0, 500);
	memset(want + 528, 0, 2048);
	mock_put32(want, 12, mock_utf16(want + 528, "value"));
	KUNIT_EXPECT_MEMEQ(test, body, want, 2576);
}

static void enumerate_answer_golden(struct kunit *test)
{
	struct kvp_daemon_msg *to = room(test), *from = room(test);
	u8 *body = question(test, 3, 0), *want = blank(test, 3, 0);
	struct kvp_asked asked = {};

	memset(body + 8, 0xaa, 2572);
	mock_put32(body, 4, 5);
	KUNIT_ASSERT_EQ(test, kvp_question(body, 2580, &asked, to), 0u);
	memset(from, 0, 7432);
	memcpy((u8 *)from + 20, "key", 4);
	memcpy((u8 *)from + 532, "caf\xc3\xa9", 6);
	KUNIT_ASSERT_EQ(test, kvp_answer(&asked, false, from, body), 0u);
	mock_put32(want, 4, 5);
	mock_put32(want, 8, 1);
	mock_put32(want, 12, mock_utf16(want + 20, "key"));
	mock_put32(want, 16, 10);
	mock_utf16(want + 532, "caf");
	mock_put16(want, 538, 0xe9);
	KUNIT_EXPECT_MEMEQ(test, body, want, 2580);
}

static void daemon_text_without_an_end(struct kunit *test)
{
	struct kvp_daemon_msg *to = room(test), *from = room(test);
	u8 *body = question(test, 3, 0);
	struct kvp_asked asked = {};

	KUNIT_ASSERT_EQ(test, kvp_question(body, 2580, &asked, to), 0u);
	memset(from, 'x', 7432);
	mock_put32(from, 0, 0);
	KUNIT_ASSERT_EQ(test, kvp_answer(&asked, false, from, body), 0u);
	KUNIT_EXPECT_EQ(test, mock_get32(body, 12), 512u);
	KUNIT_EXPECT_EQ(test, mock_get16(body, 20 + 508), 'x');
	KUNIT_EXPECT_EQ(test, mock_get16(body, 20 + 510), 0);
	KUNIT_EXPECT_EQ(test, mock_get32(body, 16), 2048u);
	KUNIT_EXPECT_EQ(test, mock_get16(body, 532 + 2046), 0);
	memset((u8 *)from + 532, 0xff, 10);
	KUNIT_EXPECT_EQ(test, kvp_answer(&asked, false, from, body), FAIL);
}

static void errors_of_the_daemon(struct kunit *test)
{
	static const u32 error[] = { 0x80070103, 0x80041002, 0x80070057, 0x8007048f, 0x80004005,
				     1, 0xffffffff, 0x7fffffff };
	struct kvp_daemon_msg *from = room(test);
	struct kvp_asked asked = { .op = 3 };
	u8 *body = question(test, 3, 0);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(error); i++) {
		mock_put32(from, 0, error[i]);
		KUNIT_EXPECT_EQ(test, kvp_answer(&asked, false, from, body),
				i < 4 ? error[i] : FAIL);
	}
	/* The old kind has no codes; its operation is where they would be. */
	memset(from, 0, 7432);
	mock_put32(from, 0, 3);
	KUNIT_EXPECT_EQ(test, kvp_answer(&asked, true, from, body), NO_MORE);
	memcpy((u8 *)from + 20, "k", 2);
	KUNIT_EXPECT_EQ(test, kvp_answer(&asked, true, from, body), 0u);
}

static void addresses_there_and_back(struct kunit *test)
{
	static const u32 at[] = { 260, 2308, 4356, 5380 };
	static const char * const text[] = {
		"10.0.0.5;fe80::1%eth0", "255.255.255.0;/64", "10.0.0.1", "10.0.0.2;10.0.0.3",
	};
	struct kvp_daemon_msg *to = room(test);
	u8 *body = question(test, 5, 0);
	struct kvp_asked asked = {};
	unsigned int i;

	/* The host's body starts at 2, the daemon's at 4. */
	mock_utf16(body + 2, "{12ab}");
	body[258] = 3;
	body[259] = 1;
	for (i = 0; i < 4; i++)
		mock_utf16(body + at[i], text[i]);
	KUNIT_ASSERT_EQ(test, kvp_question(body, 7428, &asked, to), 0u);
	KUNIT_EXPECT_STREQ(test, (char *)to + 4, "{12ab}");
	KUNIT_EXPECT_EQ(test, ((u8 *)to)[260], 3);
	KUNIT_EXPECT_EQ(test, ((u8 *)to)[261], 1);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_STREQ(test, (char *)to + at[i] + 2, text[i]);

	body = question(test, 4, 0);
	memset(body + 260, 0xaa, 7168);
	KUNIT_ASSERT_EQ(test, kvp_question(body, 7428, &asked, room(test)), 0u);
	to->error = 0;
	KUNIT_ASSERT_EQ(test, kvp_answer(&asked, false, to, body), 0u);
	for (i = 0; i < 4; i++) {
		u8 want[64];
		u32 n = mock_utf16(want, text[i]);

		KUNIT_EXPECT_MEMEQ(test, body + at[i], want, n);
		KUNIT_EXPECT_EQ(test, mock_get16(body, at[i] + n), 0);
	}
	KUNIT_EXPECT_EQ(test, body[258], 3);
	KUNIT_EXPECT_EQ(test, body[259], 1);
}

static void addresses_for_scripts(struct kunit *test)
{
	static const char bad[] = "\n\t\r \"'`$()&|<>\\!*?#=,@[]^~\x7f\x1b";
	static const u32 at[] = { 2, 260, 2308, 4356, 5380 };
	struct kvp_daemon_msg *to = room(test);
	struct kvp_asked asked = {};
	unsigned int i, k;

	for (k = 0; k < ARRAY_SIZE(at); k++) {
		for (i = 0; i < sizeof(bad) - 1; i++) {
			u8 *body = question(test, 5, 0);

			mock_put16(body, at[k], '1');
			mock_put16(body, at[k] + 2, (u8)bad[i]);
			KUNIT_EXPECT_EQ_MSG(test, kvp_question(body, 7428, &asked, to), INVALID,
					    "%#x at %u", (u8)bad[i], at[k]);
			kunit_kfree(test, body);
		}
	}
}

static void registration(struct kunit *test)
{
	struct kvp_daemon_msg *msg = room(test);
	u8 *want = blank(test, 100, 0);
	u32 first;

	for (first = 0; first < 512; first++) {
		mock_put32(msg, 0, first);
		KUNIT_EXPECT_EQ(test, kvp_registers(msg), first == 100 ? KVP_REGISTER :
				first == 4 ? KVP_REGISTER_OLD : KVP_NOT_REGISTERING);
	}
	kvp_greet(msg, 100);
	memcpy(want + 4, "3.1", 4);
	KUNIT_EXPECT_MEMEQ(test, (u8 *)msg, want, 7432);
}

static void noise(struct kunit *test)
{
	struct kvp_daemon_msg *to = room(test), *from = room(test);
	struct mock_noise n = { .state = 4711 };
	struct kvp_asked asked = {};
	u8 *body = kunit_kzalloc(test, 7428, GFP_KERNEL);
	unsigned int i, k, asks = 0;

	for (i = 0; i < 3000; i++) {
		u32 bytes = 512 + mock_noise(&n) % 6917;

		for (k = 0; k < 64; k++)
			body[mock_noise(&n) % bytes] = (u8)mock_noise(&n);
		body[0] = mock_noise(&n) % 7;
		body[1] = mock_noise(&n) % 5;
		mock_put32(body, 8, mock_noise(&n) % 520);
		if (kvp_question(body, bytes, &asked, to))
			continue;
		asks++;
		for (k = 0; k < 7432; k += 8)
			mock_put64(from, k, mock_noise(&n));
		mock_put32(from, 0, 0);
		kvp_answer(&asked, false, from, body);
	}
	KUNIT_EXPECT_GT(test, asks, 100u);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(set_golden),
	KUNIT_CASE(get_asks_for_a_whole_value),
	KUNIT_CASE(delete_and_enumerate_golden),
	KUNIT_CASE(numbers_become_text),
	KUNIT_CASE(expandable_text_is_text),
	KUNIT_CASE(every_length),
	KUNIT_CASE(defect_4_pools_operations_indexes),
	KUNIT_CASE(hostile_sizes),
	KUNIT_CASE(defect_3_text_without_an_end),
	KUNIT_CASE(text_longer_than_a_record),
	KUNIT_CASE(defect_1_get_returns_the_value),
	KUNIT_CASE(enumerate_answer_golden),
	KUNIT_CASE(daemon_text_without_an_end),
	KUNIT_CASE(errors_of_the_daemon),
	KUNIT_CASE(addresses_there_and_back),
	KUNIT_CASE(addresses_for_scripts),
	KUNIT_CASE(registration),
	KUNIT_CASE(noise),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_utils_kvp_msg",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Tests of kvp/kvp_msg.c");
