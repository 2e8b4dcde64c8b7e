// SPDX-License-Identifier: GPL-2.0-only
/*
 * Version negotiation of the integration components: what is chosen, the bytes
 * of the answer, and every count that does not fit its packet.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../vmbus/ic_negotiate.c"
#include "wire_mock.h"

#define V(major, minor) ((major) << 16 | (minor))

static const int fw[] = { V(3, 0), V(1, 0) };
static const int ts[] = { V(4, 0), V(3, 0), V(1, 0) };

/* Time sync as the protocol reference works it through: {1.0, 3.0} and {4.0}. */
static const u8 golden_request[48] = {
	0x01, 0, 0, 0, 0x28, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0x14, 0,
	0, 0, 0, 0, 0, 0x03, 0, 0,
	0x02, 0, 0x01, 0, 0, 0, 0, 0,
	0x01, 0, 0, 0, 0x03, 0, 0, 0, 0x04, 0, 0, 0,
};

static void golden(struct kunit *test)
{
	u8 *p = mock_exact(test, golden_request, 48);
	int got_fw = -1, got_msg = -1;

	KUNIT_ASSERT_TRUE(test, ic_negotiate(p, 48, fw, 2, ts, 3, &got_fw, &got_msg));
	KUNIT_EXPECT_EQ(test, got_fw, V(3, 0));
	KUNIT_EXPECT_EQ(test, got_msg, V(4, 0));
	/* Length of the message body becomes 16; one version of each kind. */
	KUNIT_EXPECT_MEMEQ(test, p, golden_request, 18);
	KUNIT_EXPECT_EQ(test, mock_get16(p, 18), 16);
	KUNIT_EXPECT_MEMEQ(test, p + 20, golden_request + 20, 8);
	KUNIT_EXPECT_EQ(test, mock_get16(p, 28), 1);
	KUNIT_EXPECT_EQ(test, mock_get16(p, 30), 1);
	KUNIT_EXPECT_EQ(test, mock_get16(p, 36), 3);
	KUNIT_EXPECT_EQ(test, mock_get16(p, 38), 0);
	KUNIT_EXPECT_EQ(test, mock_get16(p, 40), 4);
	KUNIT_EXPECT_EQ(test, mock_get16(p, 42), 0);
}

static void truncated_at_every_length(struct kunit *test)
{
	u32 bytes;

	for (bytes = 0; bytes < 48; bytes++) {
		u8 *p = mock_exact(test, golden_request, bytes);
		int got_fw = -1, got_msg = -1;

		KUNIT_EXPECT_FALSE_MSG(test,
				       ic_negotiate(p, bytes, fw, 2, ts, 3, &got_fw, &got_msg),
				       "%u bytes", bytes);
		KUNIT_EXPECT_EQ(test, got_fw, 0);
		KUNIT_EXPECT_EQ(test, got_msg, 0);
		if (bytes >= 36) {
			KUNIT_EXPECT_EQ_MSG(test, mock_get16(p, 28), 0, "refused with 0/0");
			KUNIT_EXPECT_EQ(test, mock_get16(p, 30), 0);
		} else {
			KUNIT_EXPECT_MEMEQ(test, p, golden_request, bytes);
		}
		kunit_kfree(test, p);
	}
}

static bool with_counts(struct kunit *test, u32 frameworks, u32 messages, u32 bytes)
{
	u8 *p = kunit_kzalloc(test, bytes, GFP_KERNEL);
	bool ok;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, p);
	mock_put16(p, 28, frameworks);
	mock_put16(p, 30, messages);
	for (i = 0; 36 + 4 * i + 4 <= bytes; i++)
		mock_put16(p, 36 + 4 * i, i < frameworks ? 3 : 4);
	ok = ic_negotiate(p, bytes, fw, 2, ts, 3, NULL, NULL);
	KUNIT_EXPECT_EQ_MSG(test, mock_get16(p, 28), ok, "%u/%u in %u", frameworks, messages,
			    bytes);
	KUNIT_EXPECT_EQ(test, mock_get16(p, 30), ok);
	kunit_kfree(test, p);
	return ok;
}

static void counts_at_every_edge(struct kunit *test)
{
	static const u32 counts[] = { 0, 1, 2, 99, 100, 101, 0x7fff, 0x8000, 0xffff };
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		for (k = 0; k < ARRAY_SIZE(counts); k++) {
			u32 f = counts[i], m = counts[k], need = 36 + 4 * (f + m);
			bool good = f >= 1 && f <= 100 && m >= 1 && m <= 100;

			KUNIT_EXPECT_EQ_MSG(test, with_counts(test, f, m, need), good,
					    "%u/%u exact", f, m);
			if (need > 44)
				KUNIT_EXPECT_FALSE_MSG(test, with_counts(test, f, m, need - 1),
						       "%u/%u one short", f, m);
			/* Two counts that would wrap 16 bits but not the packet. */
			KUNIT_EXPECT_EQ(test, with_counts(test, f, m, 4096), good);
		}
	}
}

struct offer {
	int frameworks[4];
	int messages[4];
	int want_fw;
	int want_msg;
};

static const struct offer offers[] = {
	/* order of the host's list does not matter */
	{ { V(1, 0), V(3, 0) }, { V(1, 0), V(3, 0), V(4, 0) }, V(3, 0), V(4, 0) },
	{ { V(3, 0), V(1, 0) }, { V(4, 0), V(3, 0), V(1, 0) }, V(3, 0), V(4, 0) },
	/* older host, newer host */
	{ { V(1, 0) }, { V(1, 0) }, V(1, 0), V(1, 0) },
	{ { V(9, 0), V(3, 0) }, { V(9, 9), V(4, 0) }, V(3, 0), V(4, 0) },
	/* exact matches only */
	{ { V(3, 1) }, { V(4, 0) }, 0, 0 },
	{ { V(3, 0) }, { V(4, 1) }, 0, 0 },
	{ { V(2, 0) }, { V(2, 0) }, 0, 0 },
	/* a framework version in the message list, and the other way round */
	{ { V(4, 0) }, { V(3, 0) }, 0, 0 },
	/* numbers with the sign bit set */
	{ { V(0x7fff, 0), V(3, 0) }, { V(4, 0) }, V(3, 0), V(4, 0) },
};

static void choice(struct kunit *test)
{
	unsigned int i, k, f, m;

	for (i = 0; i < ARRAY_SIZE(offers); i++) {
		const struct offer *o = &offers[i];
		int got_fw = -1, got_msg = -1;
		u8 p[36 + 32] = {};
		bool ok;

		for (f = 0; f < 4 && o->frameworks[f]; f++) {
			mock_put16(p, 36 + 4 * f, o->frameworks[f] >> 16);
			mock_put16(p, 38 + 4 * f, o->frameworks[f] & 0xffff);
		}
		for (m = 0; m < 4 && o->messages[m]; m++) {
			k = 36 + 4 * (f + m);
			mock_put16(p, k, o->messages[m] >> 16);
			mock_put16(p, k + 2, o->messages[m] & 0xffff);
		}
		mock_put16(p, 28, f);
		mock_put16(p, 30, m);
		ok = ic_negotiate(p, sizeof(p), fw, 2, ts, 3, &got_fw, &got_msg);
		KUNIT_EXPECT_EQ_MSG(test, ok, o->want_fw != 0, "offer %u", i);
		KUNIT_EXPECT_EQ_MSG(test, got_fw, o->want_fw, "offer %u", i);
		KUNIT_EXPECT_EQ_MSG(test, got_msg, o->want_msg, "offer %u", i);
	}
}

static void versions_with_high_bits(struct kunit *test)
{
	u8 p[44] = {};
	int got_fw = 1, got_msg = 1;

	mock_put16(p, 28, 1);
	mock_put16(p, 30, 1);
	memset(p + 36, 0xff, 8);
	KUNIT_EXPECT_FALSE(test, ic_negotiate(p, 44, fw, 2, ts, 3, &got_fw, &got_msg));
	KUNIT_EXPECT_EQ(test, got_fw, 0);
	KUNIT_EXPECT_EQ(test, got_msg, 0);
}

static void no_versions_of_ours(struct kunit *test)
{
	u8 *p = mock_exact(test, golden_request, 48);

	KUNIT_EXPECT_FALSE(test, ic_negotiate(p, 48, fw, 0, ts, 3, NULL, NULL));
	memcpy(p, golden_request, 48);
	KUNIT_EXPECT_FALSE(test, ic_negotiate(p, 48, fw, 2, ts, 0, NULL, NULL));
}

/* 0.0 is a version like any other, not "none". */
static void version_zero(struct kunit *test)
{
	static const int zero[] = { 0 };
	int got_fw = -1, got_msg = -1;
	u8 p[44] = {};

	mock_put16(p, 28, 1);
	mock_put16(p, 30, 1);
	KUNIT_EXPECT_TRUE(test, ic_negotiate(p, 44, zero, 1, zero, 1, &got_fw, &got_msg));
	KUNIT_EXPECT_EQ(test, got_fw, 0);
	KUNIT_EXPECT_EQ(test, got_msg, 0);
	KUNIT_EXPECT_EQ(test, mock_get16(p, 28), 1);
}

/* Payloads start wherever a driver's buffer does. */
static void unaligned_payload(struct kunit *test)
{
	u8 *p = kunit_kzalloc(test, 48 + 8, GFP_KERNEL);
	unsigned int shift;
	int got_fw, got_msg;

	KUNIT_ASSERT_NOT_NULL(test, p);
	for (shift = 0; shift < 8; shift++) {
		memcpy(p + shift, golden_request, 48);
		KUNIT_EXPECT_TRUE(test, ic_negotiate(p + shift, 48, fw, 2, ts, 3, &got_fw,
						     &got_msg));
		KUNIT_EXPECT_EQ(test, got_msg, V(4, 0));
	}
}

static void noise(struct kunit *test)
{
	struct mock_noise n = { 99 };
	unsigned int i;

	for (i = 0; i < 20000; i++) {
		u32 bytes = mock_noise(&n) % 120;
		u8 *p = kunit_kmalloc(test, bytes ? bytes : 1, GFP_KERNEL);
		int got_fw = -1, got_msg = -1;
		bool ok;

		KUNIT_ASSERT_NOT_NULL(test, p);
		mock_fill(&n, p, bytes);
		if (bytes >= 36 && i % 2) {
			mock_put16(p, 28, mock_noise(&n) % 12);
			mock_put16(p, 30, mock_noise(&n) % 12);
		}
		ok = ic_negotiate(p, bytes, fw, 2, ts, 3, &got_fw, &got_msg);
		KUNIT_EXPECT_EQ(test, ok, got_fw > 0 && got_msg > 0);
		kunit_kfree(test, p);
	}
}

static struct kunit_case ic_cases[] = {
	KUNIT_CASE(golden),
	KUNIT_CASE(truncated_at_every_length),
	KUNIT_CASE(counts_at_every_edge),
	KUNIT_CASE(choice),
	KUNIT_CASE(versions_with_high_bits),
	KUNIT_CASE(no_versions_of_ours),
	KUNIT_CASE(version_zero),
	KUNIT_CASE(unaligned_payload),
	KUNIT_CASE(noise),
	{}
};

static struct kunit_suite ic_suite = {
	.name = "hv_vmbus_ic_negotiate",
	.test_cases = ic_cases,
};

kunit_test_suite(ic_suite);

MODULE_DESCRIPTION("KUnit: version negotiation of integration components");
MODULE_LICENSE("GPL");
