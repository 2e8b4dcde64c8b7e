// SPDX-License-Identifier: GPL-2.0-only
/*
 * Version negotiation as hv_utils does it, with the versions of each service:
 * what each host gets, and the counts that once made a driver read and write
 * beyond the packet.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../ic/nego.c"
#include "ic_mock.h"

#define V(major, minor) ((major) << 16 | (minor))

static u8 *offer(struct kunit *test, u32 bytes, u16 frameworks, u16 messages,
		 const int *versions)
{
	u8 *p = mock_ic(test, bytes, 0);
	u32 i, at;

	mock_put16(p, 28, frameworks);
	mock_put16(p, 30, messages);
	for (i = 0; versions && i < (u32)frameworks + messages; i++) {
		at = 36 + 4 * i;
		if (at + 4 > bytes)
			break;
		mock_put16(p, at, (u32)versions[i] >> 16);
		mock_put16(p, at + 2, versions[i] & 0xffff);
	}
	return p;
}

struct host {
	const char *name;
	int ours[4];
	int n;
	int theirs[8];		/* frameworks, then messages */
	u16 frameworks, messages;
	int framework, message;
};

static const struct host hosts[] = {
	{ "shutdown, all", { V(3, 2), V(3, 1), V(3, 0), V(1, 0) }, 4,
	  { V(1, 0), V(3, 0), V(1, 0), V(3, 0), V(3, 1), V(3, 2) }, 2, 4, V(3, 0), V(3, 2) },
	{ "shutdown, 2012", { V(3, 2), V(3, 1), V(3, 0), V(1, 0) }, 4,
	  { V(1, 0), V(3, 0), V(1, 0), V(3, 0) }, 2, 2, V(3, 0), V(3, 0) },
	{ "timesync, 2008", { V(4, 0), V(3, 0), V(1, 0) }, 3, { V(1, 0), V(1, 0) }, 1, 1,
	  V(1, 0), V(1, 0) },
	{ "kvp, 4 and 5", { V(4, 0), V(3, 0), V(1, 0) }, 3,
	  { V(1, 0), V(3, 0), V(5, 0), V(4, 0) }, 2, 2, V(3, 0), V(4, 0) },
	{ "kvp, only 5", { V(4, 0), V(3, 0), V(1, 0) }, 3, { V(3, 0), V(5, 0) }, 1, 1, 0, 0 },
	{ "unknown framework", { V(4, 0) }, 1, { V(2, 0), V(4, 0) }, 1, 1, 0, 0 },
	{ "near misses", { V(4, 0) }, 1, { V(3, 0), V(4, 1), V(3, 0), V(0, 4) }, 1, 3, 0, 0 },
};

static void what_each_host_gets(struct kunit *test)
{
	static const int fw[] = { V(3, 0), V(1, 0) };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hosts); i++) {
		const struct host *h = &hosts[i];
		u32 bytes = 36 + 4 * (h->frameworks + h->messages);
		u8 *p = offer(test, bytes, h->frameworks, h->messages, h->theirs);
		int got_fw, got_msg;
		bool ok;

		ok = ic_negotiate(p, bytes, fw, 2, h->ours, h->n, &got_fw, &got_msg);
		KUNIT_EXPECT_EQ_MSG(test, ok, h->message != 0, "%s", h->name);
		KUNIT_EXPECT_EQ_MSG(test, got_fw, h->framework, "%s", h->name);
		KUNIT_EXPECT_EQ_MSG(test, got_msg, h->message, "%s", h->name);
		KUNIT_EXPECT_EQ_MSG(test, mock_get32(p, 28), ok ? 0x10001u : 0, "%s", h->name);
	}
}

static void defect_7_counts(struct kunit *test)
{
	static const u16 counts[] = { 0, 1, 2, 99, 100, 101, 0x8000, 0xfffe, 0xffff };
	static const int fw[] = { V(3, 0) };
	unsigned int f, m, cut;

	for (f = 0; f < ARRAY_SIZE(counts); f++) {
		for (m = 0; m < ARRAY_SIZE(counts); m++) {
			u32 need = 36 + 4 * ((u32)counts[f] + counts[m]);
			u32 full = need > 12288 ? 12288 : need;

			for (cut = 0; cut <= 4 && full - cut >= 36; cut++) {
				u8 *p = offer(test, full - cut, counts[f], counts[m], NULL);
				int got_fw = 7, got_msg = 7;

				/* Versions in the packet are noise: never a match. */
				KUNIT_EXPECT_FALSE(test, ic_negotiate(p, full - cut, fw, 1, fw, 1,
								      &got_fw, &got_msg));
				KUNIT_EXPECT_EQ(test, got_fw, 0);
				KUNIT_EXPECT_EQ(test, got_msg, 0);
				KUNIT_EXPECT_EQ(test, mock_get32(p, 28), 0u);
				kunit_kfree(test, p);
			}
		}
	}
}

static void defect_7_one_framework_in_40_bytes(struct kunit *test)
{
	static const int v[] = { V(3, 0), V(4, 0) };
	int got_fw = 7, got_msg = 7;
	u8 *p = offer(test, 40, 1, 0, v);

	KUNIT_EXPECT_FALSE(test, ic_negotiate(p, 40, v, 1, v + 1, 1, &got_fw, &got_msg));
	p = offer(test, 40, 1, 1, v);
	KUNIT_EXPECT_FALSE(test, ic_negotiate(p, 40, v, 1, v + 1, 1, &got_fw, &got_msg));
	KUNIT_EXPECT_EQ(test, got_msg, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(what_each_host_gets),
	KUNIT_CASE(defect_7_counts),
	KUNIT_CASE(defect_7_one_framework_in_40_bytes),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_utils_nego",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Tests of ic/nego.c");
