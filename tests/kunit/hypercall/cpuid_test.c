// SPDX-License-Identifier: GPL-2.0-only
/*
 * Detection: the order of the questions, each single no, and that no leaf is
 * read before the questions in front of it are answered.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../hypercall/cpuid.c"
#include "wire_mock.h"

#define VENDOR 0x40000000u
#define LAST_VERDICT HVC_DETECT_ROOT

/* A machine: leaf 1 and leaves 0x40000000 to 0x40000006, and what was read. */
struct machine {
	struct hvc_leaf one;
	struct hvc_leaf hv[7];
	bool read[7];
	bool read_one;
	bool read_other;
	unsigned int reads;
};

static void answer(void *ctx, u32 leaf, struct hvc_leaf *out)
{
	struct machine *m = ctx;

	m->reads++;
	if (leaf == 1) {
		m->read_one = true;
		*out = m->one;
	} else if (leaf >= VENDOR && leaf < VENDOR + 7) {
		m->read[leaf - VENDOR] = true;
		*out = m->hv[leaf - VENDOR];
	} else {
		m->read_other = true;
		memset(out, 0xff, sizeof(*out));
	}
}

/* A 2022 host, as a guest partition sees it. */
static const struct machine good = {
	.one = { .eax = 0x000a0671, .ecx = 0xfffa3203 | 1u << 31 },
	.hv = {
		{ 0x4000000b, 0x7263694d, 0x666f736f, 0x76482074 },
		{ 0x31237648, 0, 0, 0 },
		{ 0x00004f7c, 0x000a0000, 0, 0x00000a5c },
		{ 0x00002e7f, 0x003b8030, 0x00000002, 0x000ed7b2 },
		{ 0x00060e2c, 0x00000fff, 0x0000002e, 0 },
		{ 240, 2048, 0, 0 },
		{ 0x000000af, 0, 0, 0 },
	},
};

static enum hvc_detect ask(struct machine *m, struct hvc_info *info)
{
	memset(info, 0xa5, sizeof(*info));
	return hvc_detect(answer, m, info);
}

static void good_machine(struct kunit *test)
{
	struct machine m = good;
	struct hvc_info info;

	KUNIT_ASSERT_EQ(test, ask(&m, &info), HVC_DETECT_OK);
	KUNIT_EXPECT_STREQ(test, info.vendor, "Microsoft Hv");
	KUNIT_EXPECT_EQ(test, info.max_leaf, 0x4000000b);
	KUNIT_EXPECT_EQ(test, info.build, 20348);
	KUNIT_EXPECT_EQ(test, info.major, 10);
	KUNIT_EXPECT_EQ(test, info.minor, 0);
	KUNIT_EXPECT_EQ(test, info.features, 0x2e7f);
	KUNIT_EXPECT_EQ(test, info.privileges, 0x3b8030);
	KUNIT_EXPECT_EQ(test, info.misc, 0xed7b2);
	KUNIT_EXPECT_EQ(test, info.hints, 0x60e2c);
	KUNIT_EXPECT_FALSE(test, m.read_other);
}

static void no_hypervisor_reads_nothing_else(struct kunit *test)
{
	struct machine m = good;
	struct hvc_info info;

	m.one.ecx &= ~(1u << 31);
	KUNIT_EXPECT_EQ(test, ask(&m, &info), HVC_DETECT_NO_HYPERVISOR);
	KUNIT_EXPECT_EQ_MSG(test, m.reads, 1, "leaf 1 and no other");
	KUNIT_EXPECT_TRUE(test, m.read_one);
	KUNIT_EXPECT_EQ(test, info.vendor[0], 0);
}

static void range_of_leaves(struct kunit *test)
{
	static const struct { u32 max; enum hvc_detect want; } t[] = {
		{ 0, HVC_DETECT_LEAF_RANGE },
		{ 0x16, HVC_DETECT_LEAF_RANGE },
		{ 0x40000000, HVC_DETECT_LEAF_RANGE },
		{ 0x40000004, HVC_DETECT_LEAF_RANGE },
		{ 0x40000005, HVC_DETECT_OK },
		{ 0x4000ffff, HVC_DETECT_OK },
		{ 0x40010000, HVC_DETECT_LEAF_RANGE },
		{ 0x80000008, HVC_DETECT_LEAF_RANGE },
		{ 0xffffffff, HVC_DETECT_LEAF_RANGE },
	};
	struct hvc_info info;
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		struct machine m = good;

		m.hv[0].eax = t[i].max;
		KUNIT_EXPECT_EQ_MSG(test, ask(&m, &info), t[i].want, "max leaf %#x", t[i].max);
		if (t[i].want == HVC_DETECT_OK) {
			KUNIT_EXPECT_EQ(test, info.max_leaf, t[i].max);
			continue;
		}
		for (k = 1; k < 7; k++)
			KUNIT_EXPECT_FALSE_MSG(test, m.read[k], "leaf %u read too early", k);
	}
}

/* No leaf above the maximum may be used. */
static void nothing_above_the_maximum(struct kunit *test)
{
	struct machine m = good;
	struct hvc_info info;

	m.hv[0].eax = 0x40000005;
	m.hv[6].eax = 0xffffffff;
	KUNIT_EXPECT_EQ(test, ask(&m, &info), HVC_DETECT_OK);
	KUNIT_EXPECT_FALSE(test, m.read[6]);
	KUNIT_EXPECT_FALSE(test, m.read_other);
}

static void vendor_of_others(struct kunit *test)
{
	/* KVM, VMware, Xen, and one bit off in each register. */
	static const u32 v[][3] = {
		{ 0x4b4d564b, 0x564b4d56, 0x0000004d },
		{ 0x61774d56, 0x4d566572, 0x65726177 },
		{ 0x566e6558, 0x65584d4d, 0x4d4d566e },
		{ 0x7263694c, 0x666f736f, 0x76482074 },
		{ 0x7263694d, 0x666f736e, 0x76482074 },
		{ 0x7263694d, 0x666f736f, 0x76482075 },
		{ 0, 0, 0 },
	};
	struct hvc_info info;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(v); i++) {
		struct machine m = good;

		m.hv[0].ebx = v[i][0];
		m.hv[0].ecx = v[i][1];
		m.hv[0].edx = v[i][2];
		KUNIT_EXPECT_EQ_MSG(test, ask(&m, &info), HVC_DETECT_VENDOR, "vendor %u", i);
		KUNIT_EXPECT_FALSE_MSG(test, m.read[3], "features of a stranger");
	}
}

static void vendor_is_printable(struct kunit *test)
{
	struct machine m = good;
	struct hvc_info info;
	unsigned int i;

	m.hv[0].ebx = 0x0a1b7f00;
	m.hv[0].ecx = 0xffffffff;
	KUNIT_EXPECT_EQ(test, ask(&m, &info), HVC_DETECT_VENDOR);
	KUNIT_EXPECT_EQ(test, strlen(info.vendor), 12);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, info.vendor[i], '?');
	KUNIT_EXPECT_EQ(test, info.vendor[8], 't');
}

static void interface_must_be_hv1(struct kunit *test)
{
	static const u32 bad[] = { 0, 0x31237649, 0x48762331, 0x31235356, 0xffffffff };
	struct hvc_info info;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct machine m = good;

		m.hv[1].eax = bad[i];
		KUNIT_EXPECT_EQ(test, ask(&m, &info), HVC_DETECT_INTERFACE);
		KUNIT_EXPECT_FALSE(test, m.read[3]);
	}
}

/* Version leaf reads zero on some hosts: informational, decides nothing. */
static void version_decides_nothing(struct kunit *test)
{
	struct machine m = good;
	struct hvc_info info;

	memset(&m.hv[2], 0, sizeof(m.hv[2]));
	KUNIT_EXPECT_EQ(test, ask(&m, &info), HVC_DETECT_OK);
	memset(&m.hv[2], 0xff, sizeof(m.hv[2]));
	KUNIT_EXPECT_EQ(test, ask(&m, &info), HVC_DETECT_OK);
	KUNIT_EXPECT_EQ(test, info.major, 0xffff);
	KUNIT_EXPECT_EQ(test, info.minor, 0xffff);
}

static const struct {
	bool ebx;
	unsigned int bit;
	enum hvc_detect want;
} needed[] = {
	{ false, 5, HVC_DETECT_NO_HYPERCALL_MSRS },
	{ false, 6, HVC_DETECT_NO_VP_INDEX },
	{ false, 2, HVC_DETECT_NO_SYNIC },
	{ true, 4, HVC_DETECT_NO_POST_MESSAGES },
	{ true, 5, HVC_DETECT_NO_SIGNAL_EVENTS },
};

static void each_privilege_is_needed(struct kunit *test)
{
	struct hvc_info info;
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(needed); i++) {
		struct machine m = good;

		if (needed[i].ebx)
			m.hv[3].ebx &= ~(1u << needed[i].bit);
		else
			m.hv[3].eax &= ~(1u << needed[i].bit);
		KUNIT_EXPECT_EQ_MSG(test, ask(&m, &info), needed[i].want, "question %u", i);
		/* The first no is the answer, whatever else is missing. */
		for (k = i; k < ARRAY_SIZE(needed); k++) {
			if (needed[k].ebx)
				m.hv[3].ebx &= ~(1u << needed[k].bit);
			else
				m.hv[3].eax &= ~(1u << needed[k].bit);
		}
		KUNIT_EXPECT_EQ_MSG(test, ask(&m, &info), needed[i].want, "from question %u", i);
	}
}

static void exactly_these_bits_decide(struct kunit *test)
{
	struct machine m = good;
	struct hvc_info info;

	m.hv[3].eax = 1u << 5 | 1u << 6 | 1u << 2;
	m.hv[3].ebx = 1u << 4 | 1u << 5;
	m.hv[3].edx = 0;
	m.hv[4].eax = 0;
	KUNIT_EXPECT_EQ(test, ask(&m, &info), HVC_DETECT_OK);
	m.hv[3].eax = ~0u;
	m.hv[3].ebx = ~(1u << 12 | 1u << 22);
	m.hv[3].ecx = ~0u;
	m.hv[3].edx = ~0u;
	m.hv[4].eax = ~0u;
	KUNIT_EXPECT_EQ(test, ask(&m, &info), HVC_DETECT_OK);
}

static void root_and_isolated(struct kunit *test)
{
	struct machine m = good;
	struct hvc_info info;

	m.hv[3].ebx |= 1u << 12;
	KUNIT_EXPECT_EQ(test, ask(&m, &info), HVC_DETECT_ROOT);
	/* A hostile host sets the root bit for an isolated guest: not believed. */
	m.hv[3].ebx |= 1u << 22;
	KUNIT_EXPECT_EQ(test, ask(&m, &info), HVC_DETECT_ISOLATED);
	m.hv[3].ebx &= ~(1u << 12);
	KUNIT_EXPECT_EQ(test, ask(&m, &info), HVC_DETECT_ISOLATED);
}

static void every_verdict_has_words(struct kunit *test)
{
	enum hvc_detect v, w;

	for (v = HVC_DETECT_OK; v <= LAST_VERDICT; v++) {
		const char *text = hvc_detect_text(v);

		KUNIT_ASSERT_NOT_NULL(test, text);
		KUNIT_EXPECT_GT(test, strlen(text), 0);
		KUNIT_EXPECT_NE_MSG(test, text[strlen(text) - 1], '.', "%s", text);
		for (w = HVC_DETECT_OK; w < v; w++)
			KUNIT_EXPECT_STRNEQ(test, text, hvc_detect_text(w));
	}
}

static void noise(struct kunit *test)
{
	struct mock_noise n = { 8086 };
	struct hvc_info info;
	unsigned int i;

	for (i = 0; i < 20000; i++) {
		struct machine m = good;
		struct machine junk;

		mock_fill(&n, &junk, sizeof(junk));
		if (i & 1)
			m.hv[3] = junk.hv[3];
		if (i & 2)
			m.hv[0] = junk.hv[0];
		if (i & 4)
			m.one = junk.one;
		if (i & 8)
			m.hv[1] = junk.hv[1];
		KUNIT_EXPECT_LE(test, ask(&m, &info), LAST_VERDICT);
		KUNIT_EXPECT_FALSE(test, m.read_other);
		KUNIT_EXPECT_EQ(test, info.vendor[12], 0);
	}
}

static struct kunit_case cpuid_cases[] = {
	KUNIT_CASE(good_machine),
	KUNIT_CASE(no_hypervisor_reads_nothing_else),
	KUNIT_CASE(range_of_leaves),
	KUNIT_CASE(nothing_above_the_maximum),
	KUNIT_CASE(vendor_of_others),
	KUNIT_CASE(vendor_is_printable),
	KUNIT_CASE(interface_must_be_hv1),
	KUNIT_CASE(version_decides_nothing),
	KUNIT_CASE(each_privilege_is_needed),
	KUNIT_CASE(exactly_these_bits_decide),
	KUNIT_CASE(root_and_isolated),
	KUNIT_CASE(every_verdict_has_words),
	KUNIT_CASE(noise),
	{}
};

static struct kunit_suite cpuid_suite = {
	.name = "hv_hypercall_cpuid",
	.test_cases = cpuid_cases,
};

kunit_test_suite(cpuid_suite);

MODULE_DESCRIPTION("KUnit: detection of the hypervisor");
MODULE_LICENSE("GPL");
