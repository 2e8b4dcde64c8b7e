// SPDX-License-Identifier: GPL-2.0-only
/*
 * vstor packets: the bytes we send, what we take an arriving packet for, the
 * numbers of requests, and memory cut into frames.
 *
 * Offsets and bytes are those of the protocol reference, written down again.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../storvsc/vstor.c"
#include "wire_mock.h"

/*
 * INQUIRY, 36 bytes, LUN 0: the worked example of the reference. The mid layer
 * has 16 bytes of CDB at least, and what follows the command in them is no part of it.
 */
static const u8 inquiry_cdb[16] = {
	0x12, 0, 0, 0, 0x24, 0, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee,
};

static const u8 inquiry_pkt[64] = {
	0x03, 0, 0, 0, 0x01, 0, 0, 0, 0, 0, 0, 0,
	0x34, 0x00, 0, 0, 0, 0, 0, 0,
	0x06, 0x14, 0x01, 0x00, 0x24, 0, 0, 0,
	0x12, 0, 0, 0, 0x24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0x00, 0x00, 0x48, 0, 0, 0, 0x3c, 0, 0, 0, 0, 0, 0, 0,
};

static struct vstor_cmd inquiry(void)
{
	struct vstor_cmd cmd = {
		.cdb = inquiry_cdb,
		.cdb_bytes = 6,
		.data_bytes = 36,
	};

	return cmd;
}

static void build(struct vstor_pkt *pkt, u16 version, bool tagged, u8 data_in,
		  const struct vstor_cmd *cmd)
{
	struct vstor_forms forms;

	memset(&forms, 0xa5, sizeof(forms));
	memset(pkt, 0xff, sizeof(*pkt));
	vstor_forms_init(&forms, version, 0x21, 0x22);
	vstor_build_srb(pkt, &forms.form[tagged][data_in], cmd);
}

static void build_srb_golden(struct kunit *test)
{
	struct vstor_cmd cmd = inquiry();
	struct vstor_forms forms;
	struct vstor_pkt pkt;

	memset(&pkt, 0xff, sizeof(pkt));
	vstor_forms_init(&forms, 0x0602, 0, 0x20);
	vstor_build_srb(&pkt, &forms.form[0][VSTOR_DATA_READ], &cmd);
	KUNIT_EXPECT_EQ(test, sizeof(pkt), (size_t)64);
	KUNIT_EXPECT_EQ(test, memcmp(&pkt, inquiry_pkt, 64), 0);
}

static void build_srb_every_field(struct kunit *test)
{
	static const u8 cdb[16] = { 0x8a, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
	struct vstor_cmd cmd = {
		.cdb = cdb, .cdb_bytes = 16, .data_bytes = 0x12345678,
		.path = 7, .target = 1, .lun = 63,
	};
	struct vstor_pkt pkt;
	u8 *raw = (u8 *)&pkt;

	build(&pkt, 0x0501, true, VSTOR_DATA_WRITE, &cmd);
	KUNIT_EXPECT_EQ(test, mock_get16(raw, 12), 52);
	KUNIT_EXPECT_EQ(test, raw[16], 0x21);
	KUNIT_EXPECT_EQ(test, raw[17], 7);
	KUNIT_EXPECT_EQ(test, raw[18], 1);
	KUNIT_EXPECT_EQ(test, raw[19], 63);
	KUNIT_EXPECT_EQ(test, raw[20], 16);
	KUNIT_EXPECT_EQ(test, raw[21], 20);
	KUNIT_EXPECT_EQ(test, raw[22], 0);
	KUNIT_EXPECT_EQ(test, raw[23], 0);
	KUNIT_EXPECT_EQ(test, mock_get32(raw, 24), 0x12345678u);
	KUNIT_EXPECT_EQ(test, memcmp(raw + 28, cdb, 16), 0);
	KUNIT_EXPECT_EQ(test, mock_get32(raw, 44), 0u);
	KUNIT_EXPECT_EQ(test, mock_get16(raw, 48), 0);
	KUNIT_EXPECT_EQ(test, raw[50], 0xff);
	KUNIT_EXPECT_EQ(test, raw[51], 0x22);
	KUNIT_EXPECT_EQ(test, mock_get32(raw, 52), 0x18au);
	KUNIT_EXPECT_EQ(test, mock_get32(raw, 56), 60u);
	KUNIT_EXPECT_EQ(test, mock_get32(raw, 60), 0u);

	build(&pkt, 0x0600, false, VSTOR_DATA_NONE, &cmd);
	KUNIT_EXPECT_EQ(test, raw[22], 2);
	KUNIT_EXPECT_EQ(test, raw[50], 0);
	KUNIT_EXPECT_EQ(test, raw[51], 0);
	KUNIT_EXPECT_EQ(test, mock_get32(raw, 52), 8u);

	build(&pkt, 0x0602, true, VSTOR_DATA_READ, &cmd);
	KUNIT_EXPECT_EQ(test, raw[22], 1);
	KUNIT_EXPECT_EQ(test, mock_get32(raw, 52), 0x14au);
}

/* 48 bytes, 18 of sense, and the extension stays zero. */
static void build_srb_before_5_1(struct kunit *test)
{
	static const u16 old[] = { 0x0200, 0x0402 };
	struct vstor_cmd cmd = inquiry();
	struct vstor_pkt pkt;
	u8 *raw = (u8 *)&pkt;
	int i;

	for (i = 0; i < 2; i++) {
		build(&pkt, old[i], true, VSTOR_DATA_READ, &cmd);
		KUNIT_EXPECT_EQ(test, mock_get16(raw, 12), 36);
		KUNIT_EXPECT_EQ(test, raw[21], 18);
		KUNIT_EXPECT_EQ(test, mock_get64(raw, 48), 0ull);
		KUNIT_EXPECT_EQ(test, mock_get64(raw, 56), 0ull);
		KUNIT_EXPECT_EQ(test, vstor_pkt_bytes(old[i]), 48u);
		KUNIT_EXPECT_EQ(test, vstor_sense_cap(old[i]), 18);
	}
	KUNIT_EXPECT_EQ(test, vstor_pkt_bytes(0x0501), 64u);
	KUNIT_EXPECT_EQ(test, vstor_pkt_bytes(0x0602), 64u);
	KUNIT_EXPECT_EQ(test, vstor_sense_cap(0x0501), 20);
}

/* What follows a short command in the mid layer's memory stays there. */
static void build_srb_every_cdb_length(struct kunit *test)
{
	struct vstor_pkt pkt;
	u8 cdb[32];
	int bytes, i;

	memset(cdb, 0xa5, sizeof(cdb));
	for (bytes = 0; bytes <= 32; bytes++) {
		struct vstor_cmd cmd = { .cdb = cdb, .cdb_bytes = bytes };
		int sent = bytes < 16 ? bytes : 16;

		build(&pkt, 0x0602, false, VSTOR_DATA_NONE, &cmd);
		KUNIT_EXPECT_EQ(test, ((u8 *)&pkt)[20], sent);
		for (i = 0; i < 20; i++)
			KUNIT_EXPECT_EQ(test, ((u8 *)&pkt)[28 + i], i < sent ? 0xa5 : 0);
	}
}

static void build_control_every_op(struct kunit *test)
{
	static const struct {
		u32 op;
		u16 arg;
		unsigned int at;	/* where the argument goes, 0 for nowhere */
		unsigned int bytes;
	} ops[] = {
		{ 7, 0 }, { 8, 0 }, { 9, 0x0602, 12, 2 }, { 10, 0 }, { 12, 0 },
		{ 13, 0x1234, 12, 2 }, { 6, 5, 17, 1 }, { 5, 0 },
	};
	struct vstor_pkt pkt;
	u8 want[64];
	int i;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		memset(&pkt, 0xff, sizeof(pkt));
		memset(want, 0, sizeof(want));
		mock_put32(want, 0, ops[i].op);
		mock_put32(want, 4, 1);
		if (ops[i].bytes == 2)
			mock_put16(want, ops[i].at, ops[i].arg);
		else if (ops[i].bytes == 1)
			mock_put8(want, ops[i].at, ops[i].arg);
		vstor_build_control(&pkt, ops[i].op, ops[i].arg);
		KUNIT_EXPECT_EQ_MSG(test, memcmp(&pkt, want, 64), 0, "op %u", ops[i].op);
	}
}

/* Every length up to one more than needed, in memory of exactly that size. */
static void classify_every_truncation(struct kunit *test)
{
	static const struct {
		u64 id;
		u32 op;
		enum vstor_rx kind;
	} good[] = {
		{ 0x5, 1, VSTOR_RX_IO },
		{ 0x0000000700000005ull, 1, VSTOR_RX_IO },
		{ 0xffffffff00000001ull, 1, VSTOR_RX_CONTROL },
		{ 0, 11, VSTOR_RX_BUS_CHANGED },
		{ 0, 2, VSTOR_RX_BUS_CHANGED },
	};
	static const u32 needs[] = { 48, 64 };
	const struct vstor_pkt *pkt;
	u8 raw[72] = {};
	u32 bytes, i, n;

	for (n = 0; n < 2; n++) {
		for (i = 0; i < ARRAY_SIZE(good); i++) {
			u32 least = good[i].id ? needs[n] : 4;

			mock_put32(raw, 0, good[i].op);
			for (bytes = 0; bytes <= sizeof(raw); bytes++) {
				void *copy = mock_exact(test, raw, bytes);
				enum vstor_rx kind;

				pkt = NULL;
				kind = vstor_classify(good[i].id, copy, bytes, needs[n], &pkt);
				if (bytes < least) {
					KUNIT_EXPECT_EQ(test, kind, VSTOR_RX_SHORT);
					KUNIT_EXPECT_NULL(test, pkt);
				} else {
					KUNIT_EXPECT_EQ(test, kind, good[i].kind);
					KUNIT_EXPECT_PTR_EQ(test, (const void *)pkt, copy);
				}
				kunit_kfree(test, copy);
			}
		}
	}
}

static void classify_every_operation(struct kunit *test)
{
	static const u32 wild[] = { MOCK_BAD_U32 };
	const struct vstor_pkt *pkt;
	u8 raw[64] = {};
	u32 op, i;

	for (op = 0; op < 256 + ARRAY_SIZE(wild); op++) {
		u32 value = op < 256 ? op : wild[op - 256];
		enum vstor_rx unsolicited, io, control;

		mock_put32(raw, 0, value);
		pkt = NULL;
		unsolicited = vstor_classify(0, raw, 64, 64, &pkt);
		KUNIT_EXPECT_EQ(test, !!pkt, value == 2 || value == 11);
		KUNIT_EXPECT_EQ(test, unsolicited == VSTOR_RX_BUS_CHANGED,
				value == 2 || value == 11);
		KUNIT_EXPECT_EQ(test, unsolicited == VSTOR_RX_UNEXPECTED,
				value != 2 && value != 11);
		for (i = 0; i < 2; i++) {
			pkt = NULL;
			io = vstor_classify(1, raw, 64, 64, &pkt);
			control = vstor_classify(VSTOR_ID_CONTROL | 9, raw, 64, 64, &pkt);
			KUNIT_EXPECT_EQ(test, !!pkt, value == 1);
			KUNIT_EXPECT_EQ(test, io, value == 1 ? VSTOR_RX_IO : VSTOR_RX_NOT_COMPLETE);
			KUNIT_EXPECT_EQ(test, control, value == 1 ? VSTOR_RX_CONTROL :
					VSTOR_RX_NOT_COMPLETE);
		}
	}
}

static void id_round_trip(struct kunit *test)
{
	static const u32 generations[] = { 0, 1, 2, 0x7ffffffd, 0x7ffffffe, 0x7fffffff };
	u32 g, index, got;

	for (g = 0; g < ARRAY_SIZE(generations); g++) {
		for (index = 0; index < 1000; index++) {
			u64 id = vstor_io_id(index) + ((u64)generations[g] << 32);
			u64 next = vstor_next_id(id);

			KUNIT_EXPECT_NE(test, id, 0ull);
			KUNIT_EXPECT_FALSE(test, vstor_id_is_control(id));
			KUNIT_EXPECT_TRUE(test, vstor_id_index(id, 1000, &got));
			KUNIT_EXPECT_EQ(test, got, index);
			KUNIT_EXPECT_FALSE(test, vstor_id_index(id, index, &got));
			KUNIT_EXPECT_NE(test, next, id);
			KUNIT_EXPECT_FALSE(test, vstor_id_is_control(next));
			KUNIT_EXPECT_TRUE(test, vstor_id_index(next, 1000, &got));
			KUNIT_EXPECT_EQ(test, got, index);
		}
	}
	KUNIT_EXPECT_EQ(test, vstor_next_id(0x7fffffff00000005ull), 5ull);
}

static void id_of_the_host_out_of_range(struct kunit *test)
{
	static const u64 wild[] = {
		0, 0x100000000ull, 1001, 0xffffffffull, 0x7fffffffull, 0x80000000ull,
		~0ull, 0xfffffffffffffffdull, 0xfffffffffffffffcull,
		0xffffffff00000000ull, 0xffffffff00000001ull, 0x7fff000100000000ull,
		0xffff888012345678ull,
	};
	struct mock_noise noise = { 0x1234567 };
	u32 i, index = 0xdead;

	for (i = 0; i < ARRAY_SIZE(wild); i++) {
		KUNIT_EXPECT_FALSE(test, vstor_id_index(wild[i], 1000, &index));
		KUNIT_EXPECT_EQ(test, index, 0xdeadu);
	}
	for (i = 0; i < 10000; i++) {
		u64 id = mock_noise(&noise);

		index = 0;
		if (vstor_id_index(id, 1000, &index))
			KUNIT_EXPECT_LT(test, index, 1000u);
	}
	KUNIT_EXPECT_FALSE(test, vstor_id_index(1, 0, &index));
}

static void range_frames(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, vstor_range_frames(0, 0), 0u);
	KUNIT_EXPECT_EQ(test, vstor_range_frames(0, 1), 1u);
	KUNIT_EXPECT_EQ(test, vstor_range_frames(4095, 1), 1u);
	KUNIT_EXPECT_EQ(test, vstor_range_frames(4095, 2), 2u);
	KUNIT_EXPECT_EQ(test, vstor_range_frames(0, 4096), 1u);
	KUNIT_EXPECT_EQ(test, vstor_range_frames(1, 4096), 2u);
	KUNIT_EXPECT_EQ(test, vstor_range_frames(4095, 256 * 1024), 65u);
	KUNIT_EXPECT_EQ(test, vstor_range_frames(4095, 0xffffffff), 0x100001u);
}

struct piece {
	u64 addr;
	u32 bytes;
};

/* As sg.c goes through a list. */
static int range_of(u64 *pfn, u32 total, const struct piece *p, u32 n)
{
	struct vstor_range range;
	u32 i;

	if (p[0].bytes >= total) {
		vstor_put_frames(pfn, p[0].addr >> 12,
				 vstor_range_frames(p[0].addr & 4095, total));
		return 0;
	}
	if (vstor_range_first(&range, pfn, total, p[0].addr, p[0].bytes) || n == 1)
		return -EINVAL;
	for (i = 1; i < n - 1; i++)
		if (!vstor_range_middle(&range, p[i].addr, p[i].bytes))
			break;
	return vstor_range_last(&range, p[i].addr, p[i].bytes);
}

/* 0x12345200, 36 bytes: the reference's example. */
static void range_golden(struct kunit *test)
{
	static const struct piece one[] = { { 0x12345200, 36 } };
	u64 pfn[2] = { 0, 0x5a5a };

	KUNIT_EXPECT_EQ(test, range_of(pfn, 36, one, 1), 0);
	KUNIT_EXPECT_EQ(test, pfn[0], 0x12345ull);
	KUNIT_EXPECT_EQ(test, pfn[1], 0x5a5aull);
}

static void range_several_pieces(struct kunit *test)
{
	/* middle of a frame to its end, two frames, the beginning of one; padding */
	static const struct piece list[] = {
		{ 0x5a00, 0x600 }, { 0x1000000000000ull, 0x2000 }, { 0x9000, 0x200 }, { 0x7003, 8 },
	};
	static const u64 wanted[] = { 5, 0x1000000000ull, 0x1000000001ull, 9, 0x5a5a };
	u64 pfn[8];
	u32 i, k;

	pfn[4] = 0x5a5a;
	KUNIT_EXPECT_EQ(test, range_of(pfn, 0x600 + 0x2000 + 0x10, list, 4), 0);
	KUNIT_EXPECT_EQ(test, memcmp(pfn, wanted, sizeof(wanted)), 0);
	/* one byte more than there is, up to the piece and with it */
	KUNIT_EXPECT_EQ(test, range_of(pfn, 0x600 + 0x2000 + 1, list, 2), -EINVAL);
	KUNIT_EXPECT_EQ(test, range_of(pfn, 0x600 + 0x2000 + 0x201, list, 3), -EINVAL);
	KUNIT_EXPECT_EQ(test, range_of(pfn, 0x601, list, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, range_of(pfn, 0x600 + 0x2000, list, 2), 0);

	/* every length from every offset */
	for (i = 1; i <= 8192; i += 7) {
		u32 offset = i * 13 % 4096, frames = vstor_range_frames(offset, i);
		struct piece piece = { 0x40000 + offset, i };

		pfn[frames] = 0x5a5a;
		KUNIT_EXPECT_EQ(test, range_of(pfn, i, &piece, 1), 0);
		for (k = 0; k < frames; k++)
			KUNIT_EXPECT_EQ(test, pfn[k], 0x40ull + k);
		KUNIT_EXPECT_EQ(test, pfn[frames], 0x5a5aull);
	}
}

static void range_refuses_holes(struct kunit *test)
{
	static const struct piece lists[][3] = {
		/* a piece begins inside a frame */
		{ { 0x1000, 0x1000 }, { 0x5200, 0x1000 }, { 0x8000, 0x1000 } },
		{ { 0x1000, 0x1000 }, { 0x5200, 0xe00 }, { 0x8000, 0x1200 } },
		{ { 0x1000, 0x1000 }, { 0x5000, 0x1000 }, { 0x8001, 0x1000 } },
		/* one ends inside */
		{ { 0x1000, 0x200 }, { 0x5000, 0x1e00 }, { 0x8000, 0x1000 } },
		{ { 0x1000, 0x1000 }, { 0x5000, 0x200 }, { 0x8000, 0x1e00 } },
		/* both, and together they are whole frames */
		{ { 0x1e00, 0x100 }, { 0x5000, 0x1f00 }, { 0x8000, 0x1000 } },
		{ { 0x1000, 0x1000 }, { 0x5200, 0x200 }, { 0x8400, 0x1e00 } },
	};
	u64 pfn[8];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(lists); i++)
		KUNIT_EXPECT_EQ_MSG(test, range_of(pfn, 0x3000, lists[i], 3),
				    -EINVAL, "list %u", i);
}

/* Whatever the pieces are: never more frames than were asked for. */
static void range_writes_no_more(struct kunit *test)
{
	struct mock_noise noise = { 0xfeed };
	static const u32 unit[] = { 1, 0x200, 0x1000 };
	u32 i, k, n, total, frames, good = 0;
	struct piece list[6];
	u64 pfn[64];

	for (i = 0; i < 20000; i++) {
		n = 1 + mock_noise(&noise) % 6;
		total = 1 + mock_noise(&noise) % 0x8000;
		for (k = 0; k < n; k++) {
			u32 u = unit[mock_noise(&noise) % 3];

			list[k].addr = mock_noise(&noise) % 0x100000 / u * u;
			list[k].bytes = mock_noise(&noise) % 0x4000 / u * u;
		}
		frames = vstor_range_frames(list[0].addr & 4095, total);
		memset(pfn, 0x5a, sizeof(pfn));
		good += !range_of(pfn, total, list, n);
		for (k = frames; k < ARRAY_SIZE(pfn); k++)
			KUNIT_ASSERT_EQ(test, pfn[k], 0x5a5a5a5a5a5a5a5aull);
	}
	KUNIT_EXPECT_GT(test, good, 100u);
}

static void max_transfer_of_the_host(struct kunit *test)
{
	static const struct {
		u32 reported, use;
	} rows[] = {
		{ 0, 0 }, { 1, 0 }, { 4095, 0 }, { 4096, 4096 }, { 4097, 4096 },
		{ 8191, 4096 }, { 0x40000, 0x40000 }, { 0x40fff, 0x40000 },
		{ 0x200000, 0x200000 }, { 0x400000, 0x200000 },
		{ 0x7fffffff, 0x200000 }, { 0xffffffff, 0x200000 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ(test, vstor_max_transfer(rows[i].reported, 0x200000),
				rows[i].use);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(build_srb_golden),
	KUNIT_CASE(build_srb_every_field),
	KUNIT_CASE(build_srb_before_5_1),
	KUNIT_CASE(build_srb_every_cdb_length),
	KUNIT_CASE(build_control_every_op),
	KUNIT_CASE(classify_every_truncation),
	KUNIT_CASE(classify_every_operation),
	KUNIT_CASE(id_round_trip),
	KUNIT_CASE(id_of_the_host_out_of_range),
	KUNIT_CASE(range_frames),
	KUNIT_CASE(range_golden),
	KUNIT_CASE(range_several_pieces),
	KUNIT_CASE(range_refuses_holes),
	KUNIT_CASE(range_writes_no_more),
	KUNIT_CASE(max_transfer_of_the_host),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_storvsc_vstor",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit suite of storvsc/vstor.c");
