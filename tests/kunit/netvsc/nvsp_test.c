// SPDX-License-Identifier: GPL-2.0-only
/*
 * NVSP messages: the bytes we send, what we take an arriving message for, and
 * the send table.
 *
 * Offsets and bytes are those of the protocol reference, written down again.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../netvsc/nvsp.c"
#include "wire_mock.h"

static const u32 versions[] = { 0x2, 0x30002, 0x40000, 0x50000, 0x60000, 0x60001 };

/* All of the message is as wanted, and was written, not left over. */
static void expect_msg(struct kunit *test, const struct nvsp_msg *msg, const u8 want[40])
{
	KUNIT_EXPECT_EQ(test, sizeof(*msg), (size_t)40);
	KUNIT_EXPECT_EQ_MSG(test, memcmp(msg, want, 40), 0, "type %u", want[0]);
}

static void build_init_every_version(struct kunit *test)
{
	struct nvsp_msg msg;
	u8 want[40];
	int i;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		memset(&msg, 0xff, sizeof(msg));
		memset(want, 0, sizeof(want));
		mock_put32(want, 0, 1);
		mock_put32(want, 4, versions[i]);
		mock_put32(want, 8, versions[i]);
		nvsp_build_init(&msg, versions[i]);
		expect_msg(test, &msg, want);
	}
}

static void build_ndis_config_every_version(struct kunit *test)
{
	/* 802.1Q always; SR-IOV and teaming from 5 on; RSC from 6.1 on */
	static const u32 caps[] = { 0x08, 0x08, 0x08, 0x2c, 0x2c, 0xac };
	struct nvsp_msg msg;
	u8 want[40];
	int i;

	for (i = 1; i < ARRAY_SIZE(versions); i++) {
		memset(&msg, 0xff, sizeof(msg));
		memset(want, 0, sizeof(want));
		mock_put32(want, 0, 125);
		mock_put32(want, 4, 1514);
		mock_put64(want, 12, caps[i]);
		nvsp_build_ndis_config(&msg, versions[i], 1500, true);
		expect_msg(test, &msg, want);
		/* the host is not trusted */
		mock_put64(want, 12, caps[i] & ~4u);
		nvsp_build_ndis_config(&msg, versions[i], 1500, false);
		expect_msg(test, &msg, want);
	}
}

static void build_ndis_version_every_version(struct kunit *test)
{
	static const u32 minor[] = { 1, 1, 1, 30, 30, 30 };
	struct nvsp_msg msg;
	u8 want[40];
	int i;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		memset(&msg, 0xff, sizeof(msg));
		memset(want, 0, sizeof(want));
		mock_put32(want, 0, 100);
		mock_put32(want, 4, 6);
		mock_put32(want, 8, minor[i]);
		nvsp_build_ndis_version(&msg, versions[i]);
		expect_msg(test, &msg, want);
	}
}

static void build_buffers_golden(struct kunit *test)
{
	static const u8 recv_buf[40] = { 101, 0, 0, 0, 0x78, 0x56, 0x34, 0x12, 0xfe, 0xca };
	static const u8 send_buf[40] = { 104, 0, 0, 0, 0x78, 0x56, 0x34, 0x12, 0, 0 };
	static const u8 revoke_recv[40] = { 103, 0, 0, 0, 0xfe, 0xca };
	static const u8 revoke_send[40] = { 106, 0, 0, 0, 0, 0 };
	struct nvsp_msg msg;

	memset(&msg, 0xff, sizeof(msg));
	nvsp_build_recv_buf(&msg, 0x12345678);
	expect_msg(test, &msg, recv_buf);
	memset(&msg, 0xff, sizeof(msg));
	nvsp_build_send_buf(&msg, 0x12345678);
	expect_msg(test, &msg, send_buf);
	memset(&msg, 0xff, sizeof(msg));
	nvsp_build_revoke(&msg, 103);
	expect_msg(test, &msg, revoke_recv);
	memset(&msg, 0xff, sizeof(msg));
	nvsp_build_revoke(&msg, 106);
	expect_msg(test, &msg, revoke_send);
}

static void build_sub_channels_and_path_golden(struct kunit *test)
{
	static const u8 subs[40] = { 133, 0, 0, 0, 1, 0, 0, 0, 0x3f, 0, 0, 0 };
	static const u8 vf[40] = { 129, 0, 0, 0, 1 };
	static const u8 synthetic[40] = { 129, 0, 0, 0, 0 };
	struct nvsp_msg msg;

	memset(&msg, 0xff, sizeof(msg));
	nvsp_build_sub_channels(&msg, 63);
	expect_msg(test, &msg, subs);
	memset(&msg, 0xff, sizeof(msg));
	nvsp_build_data_path(&msg, true);
	expect_msg(test, &msg, vf);
	nvsp_build_data_path(&msg, false);
	expect_msg(test, &msg, synthetic);
}

/* The worked examples of the reference, 1.1. */
static void build_rndis_golden(struct kunit *test)
{
	static const u8 section_3[40] = { 0x6b, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0x68 };
	static const u8 control[40] = { 0x6b, 0, 0, 0, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff };
	struct nvsp_msg msg;

	memset(&msg, 0xff, sizeof(msg));
	nvsp_build_rndis(&msg, 0, 3, 104);
	expect_msg(test, &msg, section_3);
	memset(&msg, 0xff, sizeof(msg));
	nvsp_build_rndis(&msg, 1, 0xffffffff, 0);
	expect_msg(test, &msg, control);
}

static void build_done_golden(struct kunit *test)
{
	static const u8 good[8] = { 0x6c, 0, 0, 0, 1, 0, 0, 0 };
	static const u8 bad[8] = { 0x6c, 0, 0, 0, 2, 0, 0, 0 };
	struct nvsp_done done;

	memset(&done, 0xff, sizeof(done));
	nvsp_build_done(&done, true);
	KUNIT_EXPECT_EQ(test, memcmp(&done, good, 8), 0);
	nvsp_build_done(&done, false);
	KUNIT_EXPECT_EQ(test, memcmp(&done, bad, 8), 0);
}

static void tx_done_every_truncation(struct kunit *test)
{
	static const u8 good[40] = { 0x6c, 0, 0, 0, 1 };
	bool ok;
	u32 n;

	for (n = 0; n <= 40; n++) {
		u8 *p = mock_exact(test, good, n);

		ok = false;
		KUNIT_EXPECT_EQ(test, nvsp_tx_done(p, n, &ok), n >= 8);
		KUNIT_EXPECT_EQ(test, ok, n >= 8);
		kunit_kfree(test, p);
	}
}

static void tx_done_status_and_type(struct kunit *test)
{
	u8 msg[8] = { 0x6c };
	bool ok;
	u32 i;

	for (i = 0; i < 9; i++) {
		mock_put32(msg, 4, i);
		ok = i != 1;
		KUNIT_EXPECT_TRUE(test, nvsp_tx_done(msg, 8, &ok));
		KUNIT_EXPECT_EQ(test, ok, i == 1);
	}
	for (i = 0; i < 256; i++) {
		mock_put32(msg, 0, i);
		KUNIT_EXPECT_EQ(test, nvsp_tx_done(msg, 8, &ok), i == 108);
	}
	mock_put32(msg, 0, 108 | 0x100);
	KUNIT_EXPECT_FALSE(test, nvsp_tx_done(msg, 8, &ok));
}

static void note_every_type(struct kunit *test)
{
	u8 msg[40] = { 0 };
	u32 type;

	for (type = 0; type < 300; type++) {
		enum nvsp_note want = type == 128 ? NVSP_NOTE_VF :
			type == 129 ? NVSP_NOTE_DATA_PATH :
			type == 134 ? NVSP_NOTE_SEND_TABLE : NVSP_NOTE_UNKNOWN;

		mock_put32(msg, 0, type);
		KUNIT_EXPECT_EQ_MSG(test, nvsp_note(msg, 40), want, "type %u", type);
	}
	mock_put32(msg, 0, 0x01000080);
	KUNIT_EXPECT_EQ(test, nvsp_note(msg, 40), NVSP_NOTE_UNKNOWN);
}

static void note_every_truncation(struct kunit *test)
{
	static const struct {
		u32 type;
		u32 need;
		enum nvsp_note note;
	} rows[] = {
		{ 128, 12, NVSP_NOTE_VF }, { 134, 12, NVSP_NOTE_SEND_TABLE },
		{ 129, 4, NVSP_NOTE_DATA_PATH }, { 7, 4, NVSP_NOTE_UNKNOWN },
	};
	u8 msg[40] = { 0 };
	u32 i, n;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		mock_put32(msg, 0, rows[i].type);
		for (n = 0; n <= 40; n++) {
			u8 *p = mock_exact(test, msg, n);

			KUNIT_EXPECT_EQ(test, nvsp_note(p, n),
					n < rows[i].need ? NVSP_NOTE_SHORT : rows[i].note);
			kunit_kfree(test, p);
		}
	}
}

static const struct {
	u32 ask;
	u32 answer;
	u32 need;
} pairs[] = {
	{ 1, 2, 16 }, { 101, 102, 28 }, { 104, 105, 12 }, { 107, 108, 8 }, { 133, 133, 12 },
};

static void answer_to_every_request(struct kunit *test)
{
	u32 type, i, want;

	for (type = 0; type < 200; type++) {
		want = 0;
		for (i = 0; i < ARRAY_SIZE(pairs); i++)
			if (pairs[i].ask == type)
				want = pairs[i].answer;
		KUNIT_EXPECT_EQ_MSG(test, nvsp_answer_to(type), want, "type %u", type);
	}
}

static void answer_every_truncation(struct kunit *test)
{
	u8 msg[64];
	u32 i, n;

	memset(msg, 0xa5, sizeof(msg));
	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		mock_put32(msg, 0, pairs[i].answer);
		for (n = 0; n <= 64; n++) {
			u8 *p = mock_exact(test, msg, n);
			struct nvsp_msg to;

			memset(&to, 0xee, sizeof(to));
			KUNIT_EXPECT_EQ(test, nvsp_answer(pairs[i].answer, p, n, &to),
					n < pairs[i].need ? NVSP_ANSWER_SHORT : NVSP_ANSWER_GOOD);
			if (n < pairs[i].need)
				KUNIT_EXPECT_EQ(test, ((u8 *)&to)[0], 0xee);
			else
				KUNIT_EXPECT_EQ(test, memcmp(&to, msg, min(n, 40u)), 0);
			kunit_kfree(test, p);
		}
	}
}

static void answer_of_another_type(struct kunit *test)
{
	u8 msg[40] = { 0 };
	struct nvsp_msg to;
	u32 i, type;

	for (i = 0; i < ARRAY_SIZE(pairs); i++)
		for (type = 0; type < 200; type++) {
			mock_put32(msg, 0, type);
			KUNIT_EXPECT_EQ(test, nvsp_answer(pairs[i].answer, msg, 40, &to),
					type == pairs[i].answer ? NVSP_ANSWER_GOOD :
								  NVSP_ANSWER_WRONG);
		}
}

/* The copy used to be of fixed length, with whatever was behind a short answer. */
static void regress_short_answer_has_no_stale_tail(struct kunit *test)
{
	u8 msg[12] = { 105, 0, 0, 0, 1, 0, 0, 0, 0, 0x18 };
	struct nvsp_msg to;
	int i;

	memset(&to, 0xee, sizeof(to));
	KUNIT_EXPECT_EQ(test, nvsp_answer(105, mock_exact(test, msg, 12), 12, &to),
			NVSP_ANSWER_GOOD);
	KUNIT_EXPECT_EQ(test, mock_get32(&to, 8), 6144u);
	for (i = 12; i < 40; i++)
		KUNIT_EXPECT_EQ(test, ((u8 *)&to)[i], 0);
}

/* Only a switch of the data path is answered by nothing; nothing is not read. */
static void regress_empty_completion_is_not_read(struct kunit *test)
{
	struct nvsp_msg to;
	u8 any[8] = { 108 };
	int i;

	KUNIT_EXPECT_EQ(test, nvsp_answer(0, NULL, 0, &to), NVSP_ANSWER_EMPTY);
	KUNIT_EXPECT_EQ(test, nvsp_answer(0, any, 8, &to), NVSP_ANSWER_WRONG);
	for (i = 0; i < ARRAY_SIZE(pairs); i++)
		KUNIT_EXPECT_EQ(test, nvsp_answer(pairs[i].answer, NULL, 0, &to),
				NVSP_ANSWER_SHORT);
}

/* Waits for the host used to have no end. */
static void regress_wait_always_ends(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, nvsp_wait(true, false), NVSP_WAIT_REPLIED);
	KUNIT_EXPECT_EQ(test, nvsp_wait(true, true), NVSP_WAIT_REPLIED);
	KUNIT_EXPECT_EQ(test, nvsp_wait(false, true), NVSP_WAIT_GONE);
	KUNIT_EXPECT_EQ(test, nvsp_wait(false, false), NVSP_WAIT_SILENCE);
	KUNIT_EXPECT_GT(test, NVSP_REPLY_MS, 0u);
	KUNIT_EXPECT_LE(test, NVSP_REPLY_MS, 30000u);
}

/* The message with the table at @at; returns its length. */
static u32 table_msg(u8 *msg, u32 at, u32 offset)
{
	u32 i;

	memset(msg, 0, at + 64);
	mock_put32(msg, 0, 134);
	mock_put32(msg, 4, 16);
	mock_put32(msg, 8, offset);
	for (i = 0; i < 16; i++)
		mock_put32(msg, at + 4 * i, 15 - i);
	return at + 64;
}

static void expect_table(struct kunit *test, const u16 *table)
{
	int i;

	for (i = 0; i < 16; i++)
		KUNIT_EXPECT_EQ(test, table[i], 15 - i);
}

static void send_table_every_form(struct kunit *test)
{
	u8 msg[128];
	u16 table[16];
	u32 bytes;
	int i;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		/* compact, right behind the header */
		bytes = table_msg(msg, 12, 12);
		memset(table, 0xff, sizeof(table));
		KUNIT_EXPECT_EQ(test, nvsp_send_table(mock_exact(test, msg, bytes), bytes,
						      versions[i], 16, table), 0);
		expect_table(test, table);
		/* padded, with the right offset */
		bytes = table_msg(msg, 40, 40);
		memset(table, 0xff, sizeof(table));
		KUNIT_EXPECT_EQ(test, nvsp_send_table(mock_exact(test, msg, bytes), bytes,
						      versions[i], 16, table), 0);
		expect_table(test, table);
		/* padded, with the wrong offset of hosts before 6.1 */
		table_msg(msg, 40, 12);
		memset(table, 0xff, sizeof(table));
		KUNIT_EXPECT_EQ(test, nvsp_send_table(msg, bytes, versions[i], 16, table), 0);
		if (versions[i] < 0x60001)
			expect_table(test, table);
		else
			KUNIT_EXPECT_EQ(test, table[0], 0);
	}
}

static void send_table_every_truncation(struct kunit *test)
{
	u8 msg[128];
	u16 table[16];
	u32 n;

	table_msg(msg, 40, 40);
	for (n = 0; n <= 104; n++) {
		u8 *p = mock_exact(test, msg, n);

		memset(table, 0xee, sizeof(table));
		KUNIT_EXPECT_EQ(test, nvsp_send_table(p, n, 0x60001, 16, table),
				n < 104 ? -EPROTO : 0);
		KUNIT_EXPECT_EQ(test, table[0], n < 104 ? 0xeeee : 15);
		kunit_kfree(test, p);
	}
	table_msg(msg, 12, 12);
	for (n = 0; n <= 76; n++) {
		u8 *p = mock_exact(test, msg, n);

		KUNIT_EXPECT_EQ(test, nvsp_send_table(p, n, 0x50000, 16, table),
				n < 76 ? -EPROTO : 0);
		kunit_kfree(test, p);
	}
}

static void send_table_garbage(struct kunit *test)
{
	static const u32 bad[] = { 0, 15, 17, MOCK_BAD_U32 };
	static const u32 bad_offset[] = { 0, 11, 41, 104, 0xffffffc0, MOCK_BAD_U32 };
	u8 msg[128], *p;
	u16 table[16];
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		table_msg(msg, 40, 40);
		mock_put32(msg, 4, bad[i]);
		KUNIT_EXPECT_EQ(test, nvsp_send_table(msg, 104, 0x60001, 16, table), -EPROTO);
		KUNIT_EXPECT_EQ(test, nvsp_send_table(msg, 104, 0x50000, 16, table), -EPROTO);
	}
	table_msg(msg, 40, 40);
	p = mock_exact(test, msg, 104);
	for (i = 0; i < ARRAY_SIZE(bad_offset); i++) {
		mock_put32(p, 8, bad_offset[i]);
		KUNIT_EXPECT_EQ(test, nvsp_send_table(p, 104, 0x60001, 16, table), -EPROTO);
		/* not looked at before 6.1 if the table is where it always was */
		KUNIT_EXPECT_EQ(test, nvsp_send_table(p, 104, 0x60000, 16, table), 0);
	}
}

/* Entries went into an index unchecked. */
static void regress_send_table_entries_are_bounded(struct kunit *test)
{
	static const u32 bad[] = { 4, 0x10000, 0x10001, MOCK_BAD_U32 };
	u8 msg[128];
	u16 table[16];
	int i, j;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		table_msg(msg, 12, 12);
		for (j = 0; j < 16; j++)
			mock_put32(msg, 12 + 4 * j, j & 3);
		mock_put32(msg, 12 + 4 * 7, bad[i]);
		KUNIT_EXPECT_EQ(test, nvsp_send_table(msg, 76, 0x60001, 4, table), bad[i] >= 4);
		for (j = 0; j < 16; j++)
			KUNIT_EXPECT_EQ(test, table[j],
					j != 7 ? j & 3 : bad[i] < 4 ? bad[i] : 0);
	}
}

static void vf_every_truncation(struct kunit *test)
{
	static const u8 msg[40] = { 128, 0, 0, 0, 1, 0, 0, 0, 0x78, 0x56, 0x34, 0x12 };
	bool allocated;
	u32 n, serial;

	for (n = 0; n <= 40; n++) {
		u8 *p = mock_exact(test, msg, n);

		allocated = false;
		serial = 7;
		KUNIT_EXPECT_EQ(test, nvsp_vf(p, n, &allocated, &serial), n < 12 ? -EPROTO : 0);
		KUNIT_EXPECT_EQ(test, allocated, n >= 12);
		KUNIT_EXPECT_EQ(test, serial, n < 12 ? 7u : 0x12345678u);
		kunit_kfree(test, p);
	}
}

static void vf_removed(struct kunit *test)
{
	u8 msg[12] = { 128, 0, 0, 0, 0, 0, 0, 0, 2 };
	bool allocated = true;
	u32 serial;

	KUNIT_EXPECT_EQ(test, nvsp_vf(msg, 12, &allocated, &serial), 0);
	KUNIT_EXPECT_FALSE(test, allocated);
	KUNIT_EXPECT_EQ(test, serial, 2u);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(build_init_every_version),
	KUNIT_CASE(build_ndis_config_every_version),
	KUNIT_CASE(build_ndis_version_every_version),
	KUNIT_CASE(build_buffers_golden),
	KUNIT_CASE(build_sub_channels_and_path_golden),
	KUNIT_CASE(build_rndis_golden),
	KUNIT_CASE(build_done_golden),
	KUNIT_CASE(tx_done_every_truncation),
	KUNIT_CASE(tx_done_status_and_type),
	KUNIT_CASE(note_every_type),
	KUNIT_CASE(note_every_truncation),
	KUNIT_CASE(answer_to_every_request),
	KUNIT_CASE(answer_every_truncation),
	KUNIT_CASE(answer_of_another_type),
	KUNIT_CASE(regress_short_answer_has_no_stale_tail),
	KUNIT_CASE(regress_empty_completion_is_not_read),
	KUNIT_CASE(regress_wait_always_ends),
	KUNIT_CASE(send_table_every_form),
	KUNIT_CASE(send_table_every_truncation),
	KUNIT_CASE(send_table_garbage),
	KUNIT_CASE(regress_send_table_entries_are_bounded),
	KUNIT_CASE(vf_every_truncation),
	KUNIT_CASE(vf_removed),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_netvsc_nvsp",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit suite of netvsc/nvsp.c");
