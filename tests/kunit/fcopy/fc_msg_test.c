// SPDX-License-Identifier: GPL-2.0-only
/*
 * File copy: what the daemon is shown of each message, every length, names that
 * lead elsewhere, and pieces outside the file.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../ic/utf.c"
#include "../../../fcopy/fc_msg.c"
#include "ic_mock.h"

#define FAIL 0x80004005u
#define INVALID 0x80070057u

static u8 *message(struct kunit *test, u32 op, u32 bytes)
{
	u8 *p = kunit_kzalloc(test, bytes, GFP_KERNEL);

	mock_put32(p, 0, op);
	memset(p + 4, 0x11, 16);
	memset(p + 20, 0x22, 16);
	return p;
}

static u8 *start_of(struct kunit *test, const char *name, const char *path, u64 size)
{
	u8 *p = message(test, 0, 1088);

	mock_utf16(p + 36, name);
	mock_utf16(p + 556, path);
	mock_put32(p, 1076, 3);
	mock_put64(p, 1080, size);
	return p;
}

static u8 *piece_of(struct kunit *test, u64 offset, u32 bytes)
{
	u8 *p = message(test, 1, 6196);

	mock_put64(p, 40, offset);
	mock_put32(p, 48, bytes);
	memset(p + 52, 0xab, 6144);
	return p;
}

static union fc_msg *room(struct kunit *test)
{
	union fc_msg *to = kunit_kmalloc(test, 6196, GFP_KERNEL);

	memset(to, 0xee, 6196);
	return to;
}

static void begin(struct kunit *test, struct fc_session *session, u64 size)
{
	u32 n;

	memset(session, 0, sizeof(*session));
	KUNIT_ASSERT_EQ(test, fc_question(session, start_of(test, "f", "/tmp", size), 1088,
					  room(test), &n), 0u);
	KUNIT_ASSERT_EQ(test, fc_answer(session, 0, 0), 0u);
}

static void whole_copy_golden(struct kunit *test)
{
	struct fc_session session = { 0 };
	union fc_msg *to = room(test);
	u8 *want = kunit_kzalloc(test, 6196, GFP_KERNEL), *p;
	u32 n = 0;

	p = start_of(test, "file", "/var/tmp", 6150);
	memcpy(want, p, 36);
	memcpy(want + 36, "file", 4);
	memcpy(want + 556, "/var/tmp", 8);
	mock_put32(want, 1076, 3);
	mock_put64(want, 1080, 6150);
	KUNIT_ASSERT_EQ(test, fc_question(&session, p, 1088, to, &n), 0u);
	KUNIT_EXPECT_EQ(test, n, 1088u);
	KUNIT_EXPECT_MEMEQ(test, (u8 *)to, want, 6196);
	KUNIT_EXPECT_EQ(test, fc_answer(&session, 0, 0), 0u);

	p = piece_of(test, 6144, 6);
	memset(want, 0, 6196);
	memcpy(want, p, 58);
	KUNIT_ASSERT_EQ(test, fc_question(&session, p, 6196, to, &n), 0u);
	KUNIT_EXPECT_EQ(test, n, 6196u);
	KUNIT_EXPECT_MEMEQ(test, (u8 *)to, want, 6196);
	KUNIT_EXPECT_EQ(test, fc_answer(&session, 1, 0), 0u);

	p = message(test, 2, 36);
	KUNIT_ASSERT_EQ(test, fc_question(&session, p, 36, to, &n), 0u);
	KUNIT_EXPECT_EQ(test, n, 36u);
	KUNIT_EXPECT_EQ(test, fc_answer(&session, 2, 0), 0u);
	KUNIT_EXPECT_EQ(test, fc_question(&session, p, 36, to, &n), FAIL);
}

static void defect_6_every_length(struct kunit *test)
{
	union fc_msg *to = room(test);
	u32 op, bytes, n;

	for (op = 0; op <= 3; op++) {
		u32 least = op == 0 ? 1088 : op == 1 ? 52 + 100 : 36;
		u8 *full = op == 0 ? start_of(test, "f", "/tmp", 9999) :
			   op == 1 ? piece_of(test, 0, 100) : message(test, op, 36);

		for (bytes = 0; bytes <= least; bytes++) {
			struct fc_session session;
			u8 *p = mock_exact(test, full, bytes);
			u32 got;

			begin(test, &session, 9999);
			got = fc_question(&session, p, bytes, to, &n);
			KUNIT_EXPECT_EQ_MSG(test, got == 0, bytes == least,
					    "operation %u, %u bytes", op, bytes);
			if (!got && op >= 2)
				KUNIT_EXPECT_EQ_MSG(test, n, 36u, "not a byte more");
			kunit_kfree(test, p);
		}
	}
}

static void unknown_operations(struct kunit *test)
{
	static const u32 ops[] = { 4, 5, MOCK_BAD_U32 };
	struct fc_session session;
	unsigned int i;
	u32 n;

	begin(test, &session, 1);
	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		if (ops[i] == 1)
			continue;
		KUNIT_EXPECT_EQ(test, fc_question(&session, message(test, ops[i], 6196), 6196,
						  room(test), &n), FAIL);
	}
}

static void names(struct kunit *test)
{
	static const struct {
		const char *name, *path;
		bool ok;
	} names[] = {
		{ "f", "/tmp", true }, { "..f", "/tmp/..x/x..", true }, { ".f", "/a.b/", true },
		{ "...", "/tmp/...", true },
		{ "", "/tmp", false }, { "f", "", false }, { "a/b", "/tmp", false },
		{ "/f", "/tmp", false }, { "..", "/tmp", false }, { ".", "/tmp", false },
		{ "f", "../../etc", false }, { "f", "/tmp/..", false },
		{ "f", "/tmp/../etc", false },
		{ "f", "..", false }, { "f", "/tmp//../etc", false }, { "f", "/../", false },
	};
	unsigned int i;
	u32 n;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		struct fc_session session = { 0 };

		KUNIT_EXPECT_EQ_MSG(test, fc_question(&session, start_of(test, names[i].name,
									 names[i].path, 1),
						      1088, room(test), &n),
				    names[i].ok ? 0 : INVALID, "%u", i);
	}
}

static void name_without_an_end(struct kunit *test)
{
	struct fc_session session = { 0 };
	u8 *p = start_of(test, "", "/tmp", 1);
	union fc_msg *to = room(test);
	u32 i, n;

	for (i = 0; i < 260; i++)
		mock_put16(p, 36 + 2 * i, 'n');
	KUNIT_ASSERT_EQ(test, fc_question(&session, p, 1088, to, &n), 0u);
	KUNIT_EXPECT_EQ(test, strlen((char *)to + 36), (size_t)260);
	/* Characters that need more bytes than the daemon has for them. */
	for (i = 0; i < 260; i++)
		mock_put16(p, 36 + 2 * i, 0x20ac);
	KUNIT_EXPECT_EQ(test, fc_question(&session, p, 1088, to, &n), INVALID);
}

static void pieces(struct kunit *test)
{
	static const struct {
		u64 size, offset;
		u32 bytes;
		bool ok;
	} pieces[] = {
		{ 6144, 0, 6144, true }, { 6145, 1, 6144, true }, { 10, 10, 0, true },
		{ 1ull << 62, (1ull << 62) - 6144, 6144, true },
		{ 6145, 0, 6145, false }, { 6143, 0, 6144, false }, { 10, 11, 0, false },
		{ 10, ~0ull, 1, false }, { ~0ull, ~0ull, 0, false },
		{ ~0ull, 1ull << 63, 1, false },
		{ ~0ull, (1ull << 63) - 1, 1, false }, { ~0ull, 0, 0x80000000, false },
		{ ~0ull, 0, 0xffffffff, false },
	};
	struct fc_session session;
	unsigned int i;
	u32 n;

	for (i = 0; i < ARRAY_SIZE(pieces); i++) {
		u8 *p = piece_of(test, pieces[i].offset, pieces[i].bytes);

		begin(test, &session, pieces[i].size);
		KUNIT_EXPECT_EQ_MSG(test, fc_question(&session, p, 6196, room(test), &n),
				    pieces[i].ok ? 0 : INVALID, "%u", i);
		/* The copy is over then. */
		KUNIT_EXPECT_EQ(test, session.open, pieces[i].ok);
	}
}

static void only_of_this_session(struct kunit *test)
{
	struct fc_session session = { 0 };
	u8 *p = piece_of(test, 0, 1);
	u32 op, n;

	KUNIT_EXPECT_EQ(test, fc_question(&session, p, 6196, room(test), &n), FAIL);
	begin(test, &session, 10);
	for (op = 1; op <= 3; op++) {
		p = op == 1 ? piece_of(test, 0, 1) : message(test, op, 36);
		p[35] ^= 1;
		KUNIT_EXPECT_EQ(test, fc_question(&session, p, op == 1 ? 6196 : 36, room(test), &n),
				FAIL);
	}
	KUNIT_EXPECT_TRUE(test, session.open);
	/* A failed start opens nothing, an error ends what is open. */
	KUNIT_EXPECT_EQ(test, fc_answer(&session, 1, 0x80070070), 0x80070070u);
	KUNIT_EXPECT_FALSE(test, session.open);
	fc_question(&session, start_of(test, "f", "/tmp", 1), 1088, room(test), &n);
	KUNIT_EXPECT_EQ(test, fc_answer(&session, 0, 0x80070050), 0x80070050u);
	KUNIT_EXPECT_FALSE(test, session.open);
	KUNIT_EXPECT_EQ(test, fc_answer(&session, 0, 0), 0u);
	KUNIT_EXPECT_FALSE(test, session.open);
	KUNIT_EXPECT_EQ(test, fc_answer(&session, 0, 1234), FAIL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(whole_copy_golden),
	KUNIT_CASE(defect_6_every_length),
	KUNIT_CASE(unknown_operations),
	KUNIT_CASE(names),
	KUNIT_CASE(name_without_an_end),
	KUNIT_CASE(pieces),
	KUNIT_CASE(only_of_this_session),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_utils_fc_msg",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Tests of fcopy/fc_msg.c");
