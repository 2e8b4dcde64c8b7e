// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-packet information: words of what we send, and the walk over what a host
 * sent, which must end on every input.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../netvsc/ppi.h"
#include "net_mock.h"

/* In memory of exactly that size. */
static void walk(struct kunit *test, const u8 *area, u32 bytes, struct ppi_found *f)
{
	u8 *p = mock_exact(test, area, bytes);

	memset(f, 0xa5, sizeof(*f));
	ppi_walk(p, bytes, f);
	kunit_kfree(test, p);
}

static void walk_all_that_we_know(struct kunit *test)
{
	struct ppi_found f;
	u8 area[96];
	u32 at = 0;

	at = mock_ppi(area, at, 0, 0x0000002a);
	at = mock_ppi(area, at, 6, 0x00001235);
	at = mock_ppi(area, at, 8, 0xdeadbeef);
	at = mock_ppi(area, at, 9, 0x00000201);
	at = mock_ppi(area, at, 2, 0x11111111);
	at = mock_ppi(area, at, MOCK_PPI_RSC, 0x12340301);
	walk(test, area, at, &f);
	KUNIT_EXPECT_TRUE(test, ppi_has(&f, PPI_CHECKSUM));
	KUNIT_EXPECT_TRUE(test, ppi_has(&f, PPI_VLAN));
	KUNIT_EXPECT_TRUE(test, ppi_has(&f, PPI_HASH));
	KUNIT_EXPECT_TRUE(test, ppi_has(&f, PPI_HASH_INFO));
	KUNIT_EXPECT_TRUE(test, ppi_has(&f, PPI_LSO));
	KUNIT_EXPECT_TRUE(test, ppi_has(&f, PPI_SLOT_RSC));
	KUNIT_EXPECT_EQ(test, f.found, 0x745u);
	KUNIT_EXPECT_EQ(test, f.word[PPI_CHECKSUM], 0x2au);
	KUNIT_EXPECT_EQ(test, f.word[PPI_VLAN], 0x1235u);
	KUNIT_EXPECT_EQ(test, f.word[PPI_HASH], 0xdeadbeefu);
	KUNIT_EXPECT_EQ(test, f.word[PPI_HASH_INFO], 0x201u);
	KUNIT_EXPECT_EQ(test, f.word[PPI_SLOT_RSC], 0x12340301u);
}

static void walk_nothing(struct kunit *test)
{
	struct ppi_found f;
	u8 area[16] = { 0 };
	u32 n;

	for (n = 0; n < 16; n++) {
		walk(test, area, n, &f);
		KUNIT_EXPECT_EQ(test, f.found, 0u);
	}
}

static void walk_every_truncation(struct kunit *test)
{
	struct ppi_found f;
	u8 area[32];
	u32 n;

	mock_ppi(area, mock_ppi(area, 0, 6, 1), 0, 2);
	for (n = 0; n <= 32; n++) {
		walk(test, area, n, &f);
		KUNIT_EXPECT_EQ_MSG(test, f.found, n < 16 ? 0u : n < 32 ? 0x40u : 0x41u, "%u", n);
	}
}

static void walk_skips_what_it_does_not_know(struct kunit *test)
{
	static const u32 unknown[] = { 10, 11, 12, 0x7fffffff, 0x80000000, 0x80000002, 0xffffffff };
	struct ppi_found f;
	u8 area[128];
	u32 i, size;

	for (i = 0; i < ARRAY_SIZE(unknown); i++)
		for (size = 12; size <= 64; size += 4) {
			memset(area, 0xff, sizeof(area));
			mock_put32(area, 0, size);
			mock_put32(area, 4, unknown[i]);
			walk(test, area, mock_ppi(area, size, 6, 0x77), &f);
			KUNIT_EXPECT_EQ(test, f.found, 0x40u);
			KUNIT_EXPECT_EQ(test, f.word[6], 0x77u);
		}
}

static void walk_data_further_back(struct kunit *test)
{
	struct ppi_found f;
	u8 area[64] = { 0 };
	u32 offset;

	for (offset = 0; offset <= 40; offset++) {
		memset(area, 0, sizeof(area));
		mock_put32(area, 0, 32);
		mock_put32(area, 4, 8);
		mock_put32(area, 8, offset);
		if (offset >= 12)
			mock_put32(area, offset, 0xabcd1234);
		mock_ppi(area, 32, 6, 5);
		walk(test, area, 48, &f);
		if (offset >= 12 && offset <= 28) {
			KUNIT_EXPECT_EQ(test, f.found, 0x140u);
			KUNIT_EXPECT_EQ(test, f.word[8], 0xabcd1234u);
		} else {
			KUNIT_EXPECT_EQ_MSG(test, f.found, 0u, "offset %u", offset);
		}
	}
}

/*
 * An element that failed validation was never advanced over: of size 0, or
 * beyond the end, it kept the walk going for ever.
 */
static void regress_zero_size_ppi_ends_the_walk(struct kunit *test)
{
	struct ppi_found f;
	u8 area[48];

	mock_ppi(area, mock_ppi(area, mock_ppi(area, 0, 8, 7), 0, 1), 6, 2);
	mock_put32(area, 16, 0);
	walk(test, area, 48, &f);
	KUNIT_EXPECT_EQ(test, f.found, 0x100u);
	mock_put32(area, 0, 0);
	walk(test, area, 48, &f);
	KUNIT_EXPECT_EQ(test, f.found, 0u);
}

static void regress_impossible_size_ends_the_walk(struct kunit *test)
{
	static const u32 bad[] = { 2, 11, 33, 0x7ffffff0, MOCK_BAD_U32 };
	struct ppi_found f;
	u8 area[48];
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		mock_ppi(area, mock_ppi(area, mock_ppi(area, 0, 8, 7), 0, 1), 6, 2);
		mock_put32(area, 16, bad[i]);
		walk(test, area, 48, &f);
		KUNIT_EXPECT_EQ(test, f.found, 0x100u);
	}
	/* a known one without room for its word */
	mock_put32(area, 16, 12);
	walk(test, area, 48, &f);
	KUNIT_EXPECT_EQ(test, f.found, 0x100u);
}

static void walk_last_of_two(struct kunit *test)
{
	struct ppi_found f;
	u8 area[32];

	mock_ppi(area, mock_ppi(area, 0, 6, 1), 6, 2);
	walk(test, area, 32, &f);
	KUNIT_EXPECT_EQ(test, f.found, 0x40u);
	KUNIT_EXPECT_EQ(test, f.word[6], 2u);
}

/* Noise, and noise with sizes that are nearly right, in exact memory. */
static void walk_noise(struct kunit *test)
{
	struct mock_noise n = { 0xbadcafe };
	struct ppi_found f;
	u8 area[256];
	u32 round, at;

	for (round = 0; round < 3000; round++) {
		mock_fill(&n, area, sizeof(area));
		if (round & 1)
			for (at = 0; at + 16 <= sizeof(area);) {
				u32 size = 12 + mock_noise(&n) % 20;

				mock_put32(area, at, size);
				mock_put32(area, at + 4, mock_noise(&n) % 12);
				mock_put32(area, at + 8, 10 + mock_noise(&n) % 8);
				at += size;
			}
		walk(test, area, mock_noise(&n) % sizeof(area), &f);
		KUNIT_EXPECT_EQ(test, f.found & ~0x7ffu, 0u);
	}
}

/* The order and the words of the reference. */
static void append_golden(struct kunit *test)
{
	static const u8 want[16] = {
		16, 0, 0, 0, 6, 0, 0, 0, 12, 0, 0, 0, 0x78, 0x56, 0x34, 0x12,
	};
	u8 buf[20];

	memset(buf, 0xff, sizeof(buf));
	KUNIT_EXPECT_PTR_EQ(test, ppi_append(buf, 6, 0x12345678), buf + 16);
	KUNIT_EXPECT_EQ(test, memcmp(buf, want, 16), 0);
	KUNIT_EXPECT_EQ(test, buf[16], 0xff);
	ppi_append(buf, MOCK_PPI_RSC, 1);
	KUNIT_EXPECT_EQ(test, mock_get32(buf, 4), 0x80000001u);
}

static void csum_words(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ppi_csum_word(PPI_TX_IS_IPV4 | PPI_TX_TCP, 34), 0x00220005u);
	KUNIT_EXPECT_EQ(test, ppi_csum_word(PPI_TX_IS_IPV4 | PPI_TX_UDP, 34), 0x00220009u);
	KUNIT_EXPECT_EQ(test, ppi_csum_word(PPI_TX_IS_IPV6 | PPI_TX_TCP, 54), 0x00360006u);
	KUNIT_EXPECT_EQ(test, ppi_csum_word(PPI_TX_IS_IPV6 | PPI_TX_UDP, 1023), 0x03ff000au);
	KUNIT_EXPECT_EQ(test, PPI_TX_OFFSET_MAX, 1023u);
}

static void lso_words(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ppi_lso1_word(1460, 34), 34u << 20 | 1460);
	KUNIT_EXPECT_EQ(test, ppi_lso2_word(1460, 34, false), 34u << 20 | 1460 | 1u << 30);
	KUNIT_EXPECT_EQ(test, ppi_lso2_word(1440, 54, true), 54u << 20 | 1440 | 3u << 30);
	KUNIT_EXPECT_EQ(test, ppi_lso1_word(PPI_LSO_MSS_MAX, PPI_LSO_OFFSET_MAX), 0x3fffffffu);
	KUNIT_EXPECT_EQ(test, PPI_LSO_MSS_MAX, 0xfffffu);
	KUNIT_EXPECT_EQ(test, PPI_LSO_OFFSET_MAX, 1023u);
}

static void vlan_words(struct kunit *test)
{
	u32 tci;

	/* priority 5, CFI, id 0x123 */
	KUNIT_EXPECT_EQ(test, ppi_vlan_word(5u << 13 | 1u << 12 | 0x123), 5u | 8 | 0x123 << 4);
	KUNIT_EXPECT_EQ(test, ppi_vlan_word(0xfff), 0xfff0u);
	KUNIT_EXPECT_EQ(test, ppi_vlan_word(0x1000), 8u);
	KUNIT_EXPECT_EQ(test, ppi_vlan_word(0xe000), 7u);
	for (tci = 0; tci <= 0xffff; tci++)
		if (ppi_vlan_tci(ppi_vlan_word(tci)) != tci)
			KUNIT_FAIL(test, "tci %x", tci);
	/* reserved bits are not looked at */
	KUNIT_EXPECT_EQ(test, ppi_vlan_tci(0xffff0000u | 0x123 << 4), 0x123);
}

static void csum_of_a_frame(struct kunit *test)
{
	struct ppi_found f = { .found = 1 };
	u32 bit;

	for (bit = 0; bit < 9; bit++) {
		f.word[PPI_CHECKSUM] = 1u << bit;
		KUNIT_EXPECT_EQ(test, ppi_csum_good(&f), bit == 3 || bit == 4);
		KUNIT_EXPECT_FALSE(test, ppi_csum_ip_stale(&f));
		f.found = 0x7fe;
		KUNIT_EXPECT_FALSE(test, ppi_csum_good(&f));
		f.found = 1;
	}
	f.word[PPI_CHECKSUM] = 0x20 | 0x100;
	KUNIT_EXPECT_TRUE(test, ppi_csum_ip_stale(&f));
	f.word[PPI_CHECKSUM] = 0xffffffff;
	KUNIT_EXPECT_TRUE(test, ppi_csum_ip_stale(&f));
	f.found = 0;
	KUNIT_EXPECT_FALSE(test, ppi_csum_ip_stale(&f));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(walk_all_that_we_know),
	KUNIT_CASE(walk_nothing),
	KUNIT_CASE(walk_every_truncation),
	KUNIT_CASE(walk_skips_what_it_does_not_know),
	KUNIT_CASE(walk_data_further_back),
	KUNIT_CASE(regress_zero_size_ppi_ends_the_walk),
	KUNIT_CASE(regress_impossible_size_ends_the_walk),
	KUNIT_CASE(walk_last_of_two),
	KUNIT_CASE(walk_noise),
	KUNIT_CASE(append_golden),
	KUNIT_CASE(csum_words),
	KUNIT_CASE(lso_words),
	KUNIT_CASE(vlan_words),
	KUNIT_CASE(csum_of_a_frame),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_netvsc_ppi",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit suite of netvsc/ppi.h");
