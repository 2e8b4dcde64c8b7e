// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hypercall results: every status of the reference, every status there could
 * be, what is worth a retry, and how long a message is retried.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../hypercall/status.c"
#include "wire_mock.h"

static const struct {
	u16 status;
	int err;
} reference[] = {
	{ 0x00, 0 },
	{ 0x02, -EOPNOTSUPP },	/* invalid hypercall code */
	{ 0x03, -EINVAL },	/* invalid hypercall input */
	{ 0x04, -EINVAL },	/* invalid alignment */
	{ 0x05, -EINVAL },	/* invalid parameter */
	{ 0x06, -EACCES },	/* access denied */
	{ 0x08, -EACCES },	/* operation denied */
	{ 0x0a, -ERANGE },	/* property value out of range */
	{ 0x0b, -ENOMEM },	/* insufficient memory */
	{ 0x0d, -EINVAL },	/* invalid partition id */
	{ 0x0e, -EINVAL },	/* invalid VP index */
	{ 0x10, -ENOENT },	/* not found */
	{ 0x11, -ENXIO },	/* invalid port id */
	{ 0x12, -ENXIO },	/* invalid connection id */
	{ 0x13, -EAGAIN },	/* queue full: not to be mixed up with 0x33 */
	{ 0x33, -EMSGSIZE },	/* caller's buffer too small */
	{ 0x78, -ETIMEDOUT },
};

static void errno_reference(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(reference); i++)
		KUNIT_EXPECT_EQ_MSG(test, hvc_status_errno(reference[i].status),
				    reference[i].err, "status %#x", reference[i].status);
}

static void errno_every_status(struct kunit *test)
{
	u32 status;

	KUNIT_EXPECT_EQ(test, hvc_status_errno(0), 0);
	for (status = 1; status <= 0xffff; status++) {
		int err = hvc_status_errno(status);

		KUNIT_EXPECT_LT_MSG(test, err, 0, "status %#x is no success", status);
		KUNIT_EXPECT_GE_MSG(test, err, -4095, "status %#x", status);
		if (status == 0x01 || status == 0x0f || status > 0x90)
			KUNIT_EXPECT_EQ_MSG(test, err, -EIO, "status %#x", status);
	}
}

/* Only 15:0 are the status; repetitions and reserved bits say nothing. */
static void only_low_bits_count(struct kunit *test)
{
	static const u64 above[] = { 0x10000, 0xffff0000, 0x00000fff00000000ull,
				     0xfffff00000000000ull, 0xffffffffffff0000ull };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(above); i++) {
		KUNIT_EXPECT_EQ(test, hvc_status_errno(above[i]), 0);
		KUNIT_EXPECT_EQ(test, hvc_status_errno(above[i] | 0x12), -ENXIO);
		KUNIT_EXPECT_EQ(test, hvc_post_verdict(above[i], false), HVC_DONE);
		KUNIT_EXPECT_EQ(test, hvc_post_verdict(above[i] | 0x13, false), HVC_RETRY);
	}
	/* What comes back from a page that was never enabled. */
	KUNIT_EXPECT_EQ(test, hvc_status_errno(~0ull), -EIO);
	KUNIT_EXPECT_EQ(test, hvc_post_verdict(~0ull, false), HVC_FAIL);
	KUNIT_EXPECT_EQ(test, hvc_post_verdict(~0ull, true), HVC_FAIL);
}

static void verdict_every_status(struct kunit *test)
{
	u32 status;

	for (status = 0; status <= 0xffff; status++) {
		enum hvc_verdict plain = HVC_FAIL, contact;

		if (status == 0)
			plain = HVC_DONE;
		if (status == 0x0b || status == 0x12 || status == 0x13)
			plain = HVC_RETRY;
		contact = status == 0x12 ? HVC_LOWER : plain;
		KUNIT_EXPECT_EQ_MSG(test, hvc_post_verdict(status, false), plain,
				    "status %#x", status);
		KUNIT_EXPECT_EQ_MSG(test, hvc_post_verdict(status, true), contact,
				    "status %#x in a contact", status);
	}
}

static void backoff_schedule(struct kunit *test)
{
	u64 sum = 0;
	unsigned int n;
	u32 last = 0;

	KUNIT_EXPECT_EQ_MSG(test, hvc_backoff_us(0), 0, "nothing failed yet");
	for (n = 1; n < HVC_POST_TRIES; n++) {
		u32 us = hvc_backoff_us(n);

		KUNIT_EXPECT_EQ_MSG(test, us, n <= 19 ? 1u << (n - 1) : 1u << 18, "try %u", n);
		KUNIT_EXPECT_GE_MSG(test, us, last, "never shorter");
		last = us;
		sum += us;
	}
	KUNIT_EXPECT_EQ(test, hvc_backoff_us(HVC_POST_TRIES), 0);
	KUNIT_EXPECT_EQ(test, hvc_backoff_us(HVC_POST_TRIES + 1), 0);
	KUNIT_EXPECT_EQ(test, hvc_backoff_us(~0u), 0);
	/* A serviced host comes back within seconds; a dead one must not hold us. */
	KUNIT_EXPECT_GT(test, sum, 10ull * 1000 * 1000);
	KUNIT_EXPECT_LT(test, sum, 60ull * 1000 * 1000);
}

static struct kunit_case status_cases[] = {
	KUNIT_CASE(errno_reference),
	KUNIT_CASE(errno_every_status),
	KUNIT_CASE(only_low_bits_count),
	KUNIT_CASE(verdict_every_status),
	KUNIT_CASE(backoff_schedule),
	{}
};

static struct kunit_suite status_suite = {
	.name = "hv_hypercall_status",
	.test_cases = status_cases,
};

kunit_test_suite(status_suite);

MODULE_DESCRIPTION("KUnit: hypercall status codes");
MODULE_LICENSE("GPL");
