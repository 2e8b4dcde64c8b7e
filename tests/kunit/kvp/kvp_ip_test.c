// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses as numbers and as text: golden bytes both ways, every way to write an
 * address, counts that lie, texts that do not fit, and noise.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../kvp/kvp_ip.c"
#include "ic_mock.h"

#define FAIL 0x80004005u
#define INVALID 0x80070057u

static struct kvp_ip *text_room(struct kunit *test)
{
	return kunit_kzalloc(test, sizeof(struct kvp_ip), GFP_KERNEL);
}

static struct kvp_ip_binary *numbers(struct kunit *test)
{
	return kunit_kzalloc(test, sizeof(struct kvp_ip_binary), GFP_KERNEL);
}

static void put(u8 *to, const char *text)
{
	memcpy(to, text, strlen(text) + 1);
}

/* 10.0.0.5/24 and fe80::1/64, with a gateway and servers of each kind */
static u8 *golden(struct kunit *test)
{
	static const u8 fe80[] = { 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 };
	u8 *p = (u8 *)numbers(test);

	mock_put32(p, 0, 1);
	mock_put32(p, 4, 1);
	mock_put32(p, 8, 1);
	mock_put32(p, 12, 1);
	mock_put32(p, 16, 2);
	p[280] = 3;
	p[281] = 1;
	memcpy(p + 284, "\x0a\x00\x00\x05", 4);
	memcpy(p + 540, fe80, 16);
	memcpy(p + 1564, "\xff\xff\xff\x00", 4);
	mock_put32(p, 1820, 64);
	memcpy(p + 2076, "\x0a\x00\x00\x01", 4);
	memcpy(p + 2096, fe80, 16);
	memcpy(p + 2176, "\x0a\x00\x00\x02\xc0\x00\x02\xff", 8);
	return p;
}

static void numbers_to_text(struct kunit *test)
{
	struct kvp_ip *to = text_room(test);

	KUNIT_ASSERT_EQ(test, kvp_ip_to_text((void *)golden(test), to), 0u);
	KUNIT_EXPECT_EQ(test, to->family, 3);
	KUNIT_EXPECT_EQ(test, to->dhcp, 1);
	KUNIT_EXPECT_STREQ(test, (char *)to->addresses, "10.0.0.5;fe80::1");
	KUNIT_EXPECT_STREQ(test, (char *)to->subnets, "255.255.255.0;64");
	KUNIT_EXPECT_STREQ(test, (char *)to->gateways, "10.0.0.1;fe80::1");
	KUNIT_EXPECT_STREQ(test, (char *)to->dns, "10.0.0.2;192.0.2.255");
}

static void text_to_numbers(struct kunit *test)
{
	struct kvp_ip_binary *to = numbers(test);
	struct kvp_ip *from = text_room(test);
	u8 *want = golden(test);

	put(from->addresses, "10.0.0.5;fe80::1%eth0;");
	put(from->subnets, "255.255.255.0;/64;");
	put(from->gateways, " 10.0.0.1 ;fe80::1");
	put(from->dns, ";;10.0.0.2;192.0.2.255;");
	from->family = 3;
	from->dhcp = 1;
	mock_put16(want, 3456, 1);
	mock_put16(want, 3458, 1);
	/* What was there before is gone, but for the adapter's name. */
	memset(to, 0xaa, sizeof(*to));
	memset(want + 24, 0xaa, 256);
	KUNIT_ASSERT_EQ(test, kvp_ip_from_text(from, to), 0u);
	KUNIT_EXPECT_MEMEQ(test, (u8 *)to, want, sizeof(*to));
	from->dhcp = 0;
	KUNIT_ASSERT_EQ(test, kvp_ip_from_text(from, to), 0u);
	KUNIT_EXPECT_EQ(test, mock_get16((u8 *)to, 3456), 2);
	KUNIT_EXPECT_EQ(test, mock_get16((u8 *)to, 3460), 0);
}

static void v6_written(struct kunit *test)
{
	static const struct {
		u16 group[8];
		const char *text;
	} table[] = {
		{ { }, "::" },
		{ { [7] = 1 }, "::1" },
		{ { 1 }, "1::" },
		{ { 0x2001, 0xdb8, 0, 0, 1, 0, 0, 1 }, "2001:db8::1:0:0:1" },
		{ { 0x2001, 0xdb8, 0, 1, 0, 0, 0, 1 }, "2001:db8:0:1::1" },
		{ { 1, 2, 3, 4, 5, 6, 7, 8 }, "1:2:3:4:5:6:7:8" },
		{ { 1, 0, 3, 0, 5, 0, 7, 0 }, "1:0:3:0:5:0:7:0" },
		{ { 1, 2, 3, 4, 5, 6 }, "1:2:3:4:5:6::" },
		{ { 0, 0, 3, 4, 5, 6, 7, 0xffff }, "::3:4:5:6:7:ffff" },
		{ { 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff },
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	};
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		u8 address[16], back[16], room[64] = {};
		struct text text = { room, sizeof(room) };

		for (k = 0; k < 8; k++) {
			address[2 * k] = table[i].group[k] >> 8;
			address[2 * k + 1] = table[i].group[k] & 0xff;
		}
		add_v6(&text, address);
		KUNIT_EXPECT_STREQ(test, (char *)room, table[i].text);
		KUNIT_EXPECT_TRUE_MSG(test, get_v6((char *)room, back), "%s", room);
		KUNIT_EXPECT_MEMEQ(test, back, address, 16);
	}
}

static void v6_read(struct kunit *test)
{
	static const char * const good[] = {
		"::", "::1", "1::", "1::8", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::",
		"::2:3:4:5:6:7:8", "fe80::1%eth0", "::%1", "ABCD:ef01::",
		"::ffff:192.0.2.1", "64:ff9b::192.0.2.33", "1:2:3:4:5:6:1.2.3.4",
	};
	static const char * const bad[] = {
		"", ":", ":::", "1", "1:", ":1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:",
		"1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "1::2::3", "12345::", "g::",
		"::1 ", "::1.2.3", "::1.2.3.4.5", "::256.1.1.1", "1:2:3:4:5:6:7:1.2.3.4",
		"1::2:", "%eth0", "1:2:3:4::5:6:7:8",
		"::1.2.3.4:5", "::1/64",
	};
	static const u8 mapped[16] = { 0, 0x64, 0xff, 0x9b, [12] = 0xc0, 0, 2, 0x21 };
	u8 address[16];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(good); i++)
		KUNIT_EXPECT_TRUE_MSG(test, get_v6(good[i], address), "%s", good[i]);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_FALSE_MSG(test, get_v6(bad[i], address), "%s", bad[i]);
	KUNIT_ASSERT_TRUE(test, get_v6("64:ff9b::192.0.2.33", address));
	KUNIT_EXPECT_MEMEQ(test, address, mapped, 16);
}

static void v4_read(struct kunit *test)
{
	static const char * const bad[] = {
		"", "1", "1.2.3", "1.2.3.", "1.2.3.4.", "1.2.3.4.5", "256.1.1.1",
		"1.1.1.256", "1..2.3", ".1.2.3", "1.2.3.4 ", "0001.2.3.4", "a.b.c.d",
		"-1.2.3.4", "1.2.3.4/24",
	};
	u8 address[4];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_FALSE_MSG(test, get_v4(bad[i], address), "%s", bad[i]);
	KUNIT_ASSERT_TRUE(test, get_v4("255.0.10.099", address));
	KUNIT_EXPECT_MEMEQ(test, address, (u8 *)"\xff\x00\x0a\x63", 4);
}

static void counts_that_lie(struct kunit *test)
{
	static const u32 most[] = { 64, 64, 5, 5, 64, 64 };
	static const u32 wrong[] = { 0x7fffffff, 0x80000000, 0xffffffff };
	struct kvp_ip *to = text_room(test);
	unsigned int i, k;
	u8 *from;

	for (i = 0; i < ARRAY_SIZE(most); i++) {
		/* Zeros: short text, so that as many fit. */
		from = (u8 *)numbers(test);
		mock_put32(from, 4 * i, most[i]);
		memset(to, 0, sizeof(*to));
		KUNIT_EXPECT_EQ(test, kvp_ip_to_text((void *)from, to), 0u);
		mock_put32(from, 4 * i, most[i] + 1);
		KUNIT_EXPECT_EQ(test, kvp_ip_to_text((void *)from, to), INVALID);
		for (k = 0; k < ARRAY_SIZE(wrong); k++) {
			mock_put32(from, 4 * i, wrong[k]);
			KUNIT_EXPECT_EQ(test, kvp_ip_to_text((void *)from, to), INVALID);
		}
	}
	from = golden(test);
	mock_put32(from, 1820, 129);
	KUNIT_EXPECT_EQ(test, kvp_ip_to_text((void *)from, to), INVALID);
	mock_put32(from, 1820, 128);
	KUNIT_EXPECT_EQ(test, kvp_ip_to_text((void *)from, to), 0u);
}

/* 64 addresses of 39 characters are more than 2048. */
static void text_that_does_not_fit(struct kunit *test)
{
	struct kvp_ip *to = text_room(test);
	u8 *from = (u8 *)numbers(test);
	u32 n;

	memset(from + 540, 0xff, 1024);
	for (n = 0; n <= 64; n++) {
		mock_put32(from, 4, n);
		memset(to, 0, sizeof(*to));
		memset(to->subnets, 0xee, sizeof(to->subnets));
		/* 40 * n with the NUL */
		KUNIT_EXPECT_EQ(test, kvp_ip_to_text((void *)from, to), n <= 51 ? 0u : INVALID);
		KUNIT_EXPECT_LT(test, strnlen((char *)to->addresses, 2048), (size_t)2048);
	}
}

/* More than the host has room for: the first ones. */
static void more_than_numbers_hold(struct kunit *test)
{
	struct kvp_ip_binary *to = numbers(test);
	struct kvp_ip *from = text_room(test);
	unsigned int i;

	for (i = 0; i < 100; i++) {
		put(from->addresses + 9 * i, "1.2.3.00;");
		from->addresses[9 * i + 6] += i / 10;
		from->addresses[9 * i + 7] += i % 10;
	}
	for (i = 0; i < 10; i++) {
		put(from->gateways + 4 * i, "::0;");
		from->gateways[4 * i + 2] += i;
	}
	KUNIT_ASSERT_EQ(test, kvp_ip_from_text(from, to), 0u);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(to->v4_addresses), 64u);
	KUNIT_EXPECT_EQ(test, to->v4_address[63][3], 63);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(to->v6_gateways), 5u);
	KUNIT_EXPECT_EQ(test, to->v6_gateway[4][15], 4);
	KUNIT_EXPECT_EQ(test, to->origin[64], 0);
}

static void daemons_that_talk_nonsense(struct kunit *test)
{
	static const char * const bad[] = {
		"x", "1.2.3.4;nonsense", "1.2.3.4 5.6.7.8", "300.1.1.1", "fe80:::1",
	};
	struct kvp_ip_binary *to = numbers(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct kvp_ip *from = text_room(test);

		put(from->dns, bad[i]);
		KUNIT_EXPECT_EQ_MSG(test, kvp_ip_from_text(from, to), FAIL, "%s", bad[i]);
		from = text_room(test);
		put(from->subnets, bad[i]);
		KUNIT_EXPECT_EQ_MSG(test, kvp_ip_from_text(from, to), FAIL, "%s", bad[i]);
	}
	/* No end anywhere. */
	for (i = 1; i < 256; i++) {
		struct kvp_ip *from = text_room(test);

		memset(from, (int)i, sizeof(*from));
		KUNIT_EXPECT_EQ(test, kvp_ip_from_text(from, to), i == ';' || i == ' ' ? 0u : FAIL);
	}
}

static void every_cut(struct kunit *test)
{
	static const char whole[] = "2001:db8:0:1::c000:201%eth0";
	u8 *address = kunit_kzalloc(test, 16, GFP_KERNEL);
	unsigned int n;

	for (n = 0; n < sizeof(whole); n++) {
		char *cut = kunit_kzalloc(test, n + 1, GFP_KERNEL);

		memcpy(cut, whole, n);
		get_v6(cut, address);
		get_v4(cut, address);
	}
	KUNIT_EXPECT_TRUE(test, get_v6(whole, address));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(numbers_to_text),
	KUNIT_CASE(text_to_numbers),
	KUNIT_CASE(v6_written),
	KUNIT_CASE(v6_read),
	KUNIT_CASE(v4_read),
	KUNIT_CASE(counts_that_lie),
	KUNIT_CASE(text_that_does_not_fit),
	KUNIT_CASE(more_than_numbers_hold),
	KUNIT_CASE(daemons_that_talk_nonsense),
	KUNIT_CASE(every_cut),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_utils_kvp_ip",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Tests of kvp/kvp_ip.c");
