// SPDX-License-Identifier: GPL-2.0-only
/* Small objects: filters, numbers, addresses, names. */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../netvsc/oid.c"
#include "wire_mock.h"

static void filter_every_combination(struct kunit *test)
{
	u32 bits;

	for (bits = 0; bits < 16; bits++) {
		bool p = bits & 1, a = bits & 2, m = bits & 4, b = bits & 8;
		u32 want = 0x1;

		KUNIT_EXPECT_EQ(test, oid_filter(false, p, a, m, b), 0u);
		if (bits & 6)
			want |= 0x4;
		if (bits & 8)
			want |= 0x8;
		if (bits & 1)
			want = 0x20;
		KUNIT_EXPECT_EQ(test, oid_filter(true, p, a, m, b), want);
	}
}

static void u32_every_length(struct kunit *test)
{
	static const u8 info[8] = { 0x78, 0x56, 0x34, 0x12, 0xff };
	u32 n, value;

	for (n = 0; n <= 8; n++) {
		u8 *p = mock_exact(test, info, n);

		value = 7;
		KUNIT_EXPECT_EQ(test, oid_u32(p, n, &value), n == 4 ? 0 : -EPROTO);
		KUNIT_EXPECT_EQ(test, value, n == 4 ? 0x12345678u : 7u);
		kunit_kfree(test, p);
	}
}

static void mac_every_length(struct kunit *test)
{
	static const u8 info[8] = { 0x00, 0x15, 0x5d, 0x01, 0x02, 0x03, 0x04 };
	u8 mac[6];
	u32 n;

	for (n = 0; n <= 8; n++) {
		u8 *p = mock_exact(test, info, n);

		memset(mac, 0xee, 6);
		KUNIT_EXPECT_EQ(test, oid_mac(p, n, mac), n == 6 ? 0 : -EPROTO);
		KUNIT_EXPECT_EQ(test, mac[1], n == 6 ? 0x15 : 0xee);
		kunit_kfree(test, p);
	}
}

static void mac_that_no_card_has(struct kunit *test)
{
	static const u8 none[6] = { 0 }, group[6] = { 1, 0, 0x5e, 1, 2, 3 };
	static const u8 all[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	static const u8 local[6] = { 2, 0, 0, 0, 0, 0 }, last[6] = { 0, 0, 0, 0, 0, 1 };
	u8 mac[6];

	KUNIT_EXPECT_EQ(test, oid_mac(none, 6, mac), -EPROTO);
	KUNIT_EXPECT_EQ(test, oid_mac(group, 6, mac), -EPROTO);
	KUNIT_EXPECT_EQ(test, oid_mac(all, 6, mac), -EPROTO);
	KUNIT_EXPECT_EQ(test, oid_mac(local, 6, mac), 0);
	KUNIT_EXPECT_EQ(test, oid_mac(last, 6, mac), 0);
	KUNIT_EXPECT_EQ(test, mac[5], 1);
}

static void mac_param_golden(struct kunit *test)
{
	static const u8 head[20] = { 20, 0, 0, 0, 28, 0, 0, 0, 2, 0, 0, 0, 48, 0, 0, 0, 24 };
	static const char text[] = "NetworkAddress00155dafbecd";
	static const u8 mac[6] = { 0x00, 0x15, 0x5d, 0xaf, 0xbe, 0xcd };
	u8 buf[80];
	u32 i;

	memset(buf, 0xff, sizeof(buf));
	KUNIT_EXPECT_EQ(test, oid_mac_param(buf, 71, mac), 0u);
	KUNIT_EXPECT_EQ(test, buf[0], 0xff);
	KUNIT_EXPECT_EQ(test, oid_mac_param(buf, 72, mac), 72u);
	KUNIT_EXPECT_EQ(test, memcmp(buf, head, 20), 0);
	for (i = 0; i < 26; i++)
		KUNIT_EXPECT_EQ(test, mock_get16(buf, 20 + 2 * i), text[i]);
	KUNIT_EXPECT_EQ(test, buf[72], 0xff);
}

struct name {
	u16 units[8];
	u32 count;
	const char *utf8;
};

static void name_of_every_kind(struct kunit *test)
{
	static const struct name rows[] = {
		{ { 'N', 'e', 't' }, 3, "Net" },
		{ { 'N', 0, 'x' }, 3, "N" },
		{ { 0 }, 0, "" },
		{ { 0xe4, 0x7ff, 0x800, 0x20ac }, 4, "\xc3\xa4\xdf\xbf\xe0\xa0\x80\xe2\x82\xac" },
		{ { 0x7f, 0x80, 0xffff }, 3, "?\xc2\x80\xef\xbf\xbf" },
		{ { 0xd83d, 0xde00, 'x' }, 3, "\xf0\x9f\x98\x80x" },
		{ { 0xd800, 0xdc00, 0xdbff, 0xdfff }, 4, "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf" },
		/* halves of pairs, and what is no text */
		{ { 0xd83d, 'x' }, 2, "?x" },
		{ { 0xde00, 0xd83d }, 2, "??" },
		{ { 0xdbff, 0xe000 }, 2, "?\xee\x80\x80" },
		{ { 0xdc00, 0xdfff, 0xd7ff }, 3, "??\xed\x9f\xbf" },
		{ { 1, 0x1f, ' ', '\n' }, 4, "?? ?" },
	};
	u8 info[16];
	char to[64];
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (j = 0; j < 8; j++)
			mock_put16(info, 2 * j, rows[i].units[j]);
		memset(to, 'z', sizeof(to));
		KUNIT_EXPECT_EQ_MSG(test, oid_name(mock_exact(test, info, 2 * rows[i].count),
						   2 * rows[i].count, to, sizeof(to)),
				    (int)strlen(rows[i].utf8), "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, strcmp(to, rows[i].utf8), 0, "row %u: %s", i, to);
	}
}

static void name_lengths(struct kunit *test)
{
	u8 *info = kunit_kzalloc(test, 520, GFP_KERNEL);
	char *to = kunit_kzalloc(test, 800, GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, info);
	KUNIT_ASSERT_NOT_NULL(test, to);
	for (i = 0; i < 260; i++)
		mock_put16(info, 2 * i, 0x20ac);
	KUNIT_EXPECT_EQ(test, oid_name(info, 512, to, OID_NAME_MAX), 768);
	KUNIT_EXPECT_EQ(test, strlen(to), (size_t)768);
	KUNIT_EXPECT_EQ(test, oid_name(info, 514, to, 800), -EPROTO);
	KUNIT_EXPECT_EQ(test, oid_name(info, 511, to, 800), -EPROTO);
	KUNIT_EXPECT_EQ(test, oid_name(info, 1, to, 800), -EPROTO);
	KUNIT_EXPECT_EQ(test, oid_name(info, 0xffffffff, to, 800), -EPROTO);
	KUNIT_EXPECT_EQ(test, oid_name(info, 4, to, 0), -EPROTO);
}

/* Cut between characters, always terminated, never beyond the room. */
static void name_without_room(struct kunit *test)
{
	u8 info[8];
	u32 cap;

	mock_put16(info, 0, 'a');
	mock_put16(info, 2, 0x20ac);
	mock_put16(info, 4, 0xd83d);
	mock_put16(info, 6, 0xde00);
	for (cap = 1; cap <= 12; cap++) {
		char *to = kunit_kzalloc(test, cap, GFP_KERNEL);
		u32 want = cap >= 9 ? 8 : cap >= 5 ? 4 : cap >= 2 ? 1 : 0;

		KUNIT_ASSERT_NOT_NULL(test, to);
		memset(to, 'z', cap);
		KUNIT_EXPECT_EQ_MSG(test, oid_name(info, 8, to, cap), (int)want, "room %u", cap);
		KUNIT_EXPECT_EQ(test, to[want], 0);
	}
}

static void mtu_of_a_host(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, oid_mtu(1500, 9000), 1500u);
	KUNIT_EXPECT_EQ(test, oid_mtu(9000, 1500), 1500u);
	KUNIT_EXPECT_EQ(test, oid_mtu(1500, 1500), 1500u);
	KUNIT_EXPECT_EQ(test, oid_mtu(68, 1500), 68u);
	KUNIT_EXPECT_EQ(test, oid_mtu(67, 1500), 1500u);
	KUNIT_EXPECT_EQ(test, oid_mtu(0, 1500), 1500u);
	KUNIT_EXPECT_EQ(test, oid_mtu(0xffffffff, 65521), 65521u);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(filter_every_combination),
	KUNIT_CASE(u32_every_length),
	KUNIT_CASE(mac_every_length),
	KUNIT_CASE(mac_that_no_card_has),
	KUNIT_CASE(mac_param_golden),
	KUNIT_CASE(name_of_every_kind),
	KUNIT_CASE(name_lengths),
	KUNIT_CASE(name_without_room),
	KUNIT_CASE(mtu_of_a_host),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_netvsc_oid",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit suite of netvsc/oid.c");
