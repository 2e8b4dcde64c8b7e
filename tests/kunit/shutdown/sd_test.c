// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shutdown: every combination of flags at every version, with and without
 * hibernation, and requests that are too short or have no text.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../shutdown/sd.c"
#include "ic_mock.h"

#define V(major, minor) ((major) << 16 | (minor))

static const int versions[] = { V(1, 0), V(3, 0), V(3, 1), V(3, 2) };

static u8 *order(struct kunit *test, u32 bytes, u32 flags)
{
	u8 body[12];

	mock_put32(body, 0, 0x80000000);
	mock_put32(body, 4, 0xffffffff);
	mock_put32(body, 8, flags);
	if (bytes <= 12)
		return mock_exact(test, body, bytes);
	return memcpy(kunit_kzalloc(test, bytes, GFP_KERNEL), body, 12);
}

static enum sd_action wanted(u32 flags, int version, bool s4)
{
	if (flags > 5)
		return SD_NOTHING;
	if (flags >= 4)
		return version >= V(3, 2) && s4 ? SD_HIBERNATE : SD_NOTHING;
	if (flags >= 2)
		return version >= V(3, 1) ? SD_RESTART : SD_NOTHING;
	return SD_POWER_OFF;
}

static void flags_and_versions(struct kunit *test)
{
	unsigned int v, s4;
	u32 flags;

	for (v = 0; v < ARRAY_SIZE(versions); v++) {
		for (s4 = 0; s4 < 2; s4++) {
			for (flags = 0; flags <= 64; flags++) {
				enum sd_action want = wanted(flags, versions[v], s4);
				u8 *p = order(test, 12, flags);
				enum sd_action got;
				u32 status = 7;

				got = sd_decide(p, 12, versions[v], s4, &status);
				KUNIT_EXPECT_EQ_MSG(test, got, want, "flags %u", flags);
				KUNIT_EXPECT_EQ(test, status, want ? 0 : 0x80004005u);
				kunit_kfree(test, p);
			}
		}
	}
}

static void unknown_flags(struct kunit *test)
{
	unsigned int bit;
	u32 status;

	for (bit = 3; bit < 32; bit++) {
		KUNIT_EXPECT_EQ(test, sd_decide(order(test, 12, 1u << bit), 12, V(3, 2), true,
						&status), SD_NOTHING);
		KUNIT_EXPECT_EQ(test, status, 0x80004005u);
		KUNIT_EXPECT_EQ(test, sd_decide(order(test, 12, 1u << bit | 1), 12, V(3, 2), true,
						&status), SD_NOTHING);
	}
}

static void every_length(struct kunit *test)
{
	u32 bytes, status;

	for (bytes = 0; bytes < 12; bytes++) {
		KUNIT_EXPECT_EQ(test, sd_decide(order(test, bytes, 0), bytes, V(3, 2), true,
						&status), SD_NOTHING);
		KUNIT_EXPECT_EQ(test, status, 0x80004005u);
	}
	/* The text may be missing, cut, or all there. */
	for (bytes = 12; bytes <= 2060; bytes += 128) {
		KUNIT_EXPECT_EQ(test, sd_decide(order(test, bytes, 1), bytes, V(1, 0), false,
						&status), SD_POWER_OFF);
		KUNIT_EXPECT_EQ(test, status, 0u);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(flags_and_versions),
	KUNIT_CASE(unknown_flags),
	KUNIT_CASE(every_length),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_utils_sd",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Tests of shutdown/sd.c");
