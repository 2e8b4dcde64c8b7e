// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verdict table: every row of the reference, every status byte the host
 * can send, sense data of every length.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../storvsc/srb.c"
#include "wire_mock.h"

#define READ_10		0x28
#define WRITE_10	0x2a
#define TUR		0x00
#define INQUIRY		0x12

#define OK		SRB_HOST_OK
#define GONE		SRB_HOST_NO_CONNECT
#define FAIL		SRB_HOST_ERROR
#define AGAIN		SRB_HOST_REQUEUE
#define RESCAN		SRB_DO_RESCAN
#define REMOVE		SRB_DO_REMOVE

/* An answer in memory of exactly an SRB's size. */
static u8 *answer(struct kunit *test, u8 srb_status, u8 scsi_status, u32 bytes)
{
	u8 raw[52];
	u8 *srb;

	memset(raw, 0, sizeof(raw));
	mock_put16(raw, 0, 52);
	raw[2] = srb_status;
	raw[3] = scsi_status;
	mock_put32(raw, 12, bytes);
	srb = mock_exact(test, raw, sizeof(raw));
	return srb;
}

static void put_sense(u8 *srb, u8 key, u8 asc, u8 ascq)
{
	srb[9] = 18;
	srb[16] = 0x70;
	srb[18] = key;
	srb[23] = 10;
	srb[28] = asc;
	srb[29] = ascq;
}

static struct srb_verdict judge(const u8 *srb, u8 opcode, u32 asked_bytes)
{
	struct srb_asked asked = { .opcode = opcode, .data_bytes = asked_bytes };
	struct srb_verdict v;

	memset(&v, 0xa5, sizeof(v));
	srb_judge(&asked, (const struct vstor_srb *)srb, &v);
	return v;
}

static void table_of_the_reference(struct kunit *test)
{
	static const struct {
		u8 srb_status, scsi_status, opcode;
		u8 key, asc, ascq;		/* with autosense */
		u8 host_byte, sam;
		enum srb_action action;
	} rows[] = {
		/* ERROR, ABORTED, INVALID_REQUEST, INTERNAL_ERROR with sense */
		{ 0x84, 2, WRITE_10, 6, 0x2a, 0x09, AGAIN, 2, RESCAN },
		{ 0x82, 2, WRITE_10, 6, 0x2a, 0x09, AGAIN, 2, RESCAN },
		{ 0x86, 2, READ_10, 6, 0x2a, 0x09, AGAIN, 2, RESCAN },
		{ 0xb0, 2, READ_10, 6, 0x2a, 0x09, AGAIN, 2, RESCAN },
		{ 0xc4, 2, READ_10, 6, 0x2a, 0x09, AGAIN, 2, RESCAN },
		{ 0x84, 2, READ_10, 6, 0x3f, 0x00, AGAIN, 2, RESCAN },
		{ 0x84, 2, READ_10, 6, 0x3f, 0x02, AGAIN, 2, RESCAN },
		{ 0x84, 2, READ_10, 6, 0x3f, 0x0d, AGAIN, 2, RESCAN },
		{ 0x84, 2, READ_10, 6, 0x3f, 0x03, OK, 2, 0 },
		{ 0x84, 2, READ_10, 6, 0x3f, 0x0e, OK, 2, 0 },
		{ 0x84, 2, READ_10, 6, 0x2a, 0x01, OK, 2, 0 },
		{ 0x84, 2, READ_10, 3, 0x11, 0x00, OK, 2, 0 },
		{ 0x86, 2, READ_10, 5, 0x21, 0x00, OK, 2, 0 },
		{ 0x86, 2, 0xa1, 5, 0x20, 0x00, OK, 2, 0 },
		/* the same without */
		{ 0x04, 0, 0xa1, 0, 0, 0, SRB_HOST_PASSTHROUGH, 0, 0 },
		{ 0x06, 2, 0x85, 0, 0, 0, SRB_HOST_PASSTHROUGH, 2, 0 },
		{ 0x04, 2, TUR, 0, 0, 0, OK, 2, 0 },
		{ 0x02, 0, TUR, 0, 0, 0, OK, 0, 0 },
		{ 0x04, 0, READ_10, 0, 0, 0, FAIL, 0, 0 },
		{ 0x02, 0, WRITE_10, 0, 0, 0, FAIL, 0, 0 },
		{ 0x06, 2, READ_10, 0, 0, 0, FAIL, 2, 0 },
		{ 0x30, 0, READ_10, 0, 0, 0, FAIL, 0, 0 },
		/* a SCSI status that says what is wrong is not overruled */
		{ 0x04, 0x18, WRITE_10, 0, 0, 0, OK, 0x18, 0 },
		{ 0x04, 0x08, WRITE_10, 0, 0, 0, OK, 0x08, 0 },
		{ 0x04, 0x28, WRITE_10, 0, 0, 0, OK, 0x28, 0 },
		/* INVALID_LUN, with and without flags, sense, status */
		{ 0x20, 2, READ_10, 0, 0, 0, GONE, 2, REMOVE },
		{ 0x20, 0, TUR, 0, 0, 0, GONE, 0, REMOVE },
		{ 0xa0, 2, READ_10, 5, 0x25, 0, GONE, 2, REMOVE },
		{ 0xe0, 2, READ_10, 5, 0x25, 0, GONE, 2, REMOVE },
		/* any other code: the SCSI status decides */
		{ 0x05, 8, READ_10, 0, 0, 0, OK, 8, 0 },
		{ 0x09, 2, READ_10, 0, 0, 0, OK, 2, 0 },
		{ 0x8b, 2, READ_10, 2, 0x04, 0x01, OK, 2, 0 },
		{ 0x92, 2, 0x25, 5, 0x24, 0x00, OK, 2, 0 },
		/* if it says GOOD, nothing was moved and it cannot */
		{ 0x05, 0, READ_10, 0, 0, 0, OK, 8, 0 },
		{ 0x0e, 0, READ_10, 0, 0, 0, SRB_HOST_RESET, 0, 0 },
		{ 0x16, 0, READ_10, 0, 0, 0, SRB_HOST_RESET, 0, 0 },
		{ 0x08, 0, READ_10, 0, 0, 0, GONE, 0, 0 },
		{ 0x11, 0, READ_10, 0, 0, 0, GONE, 0, 0 },
		{ 0x07, 0, READ_10, 0, 0, 0, GONE, 0, 0 },
		{ 0x21, 0, READ_10, 0, 0, 0, GONE, 0, 0 },
		{ 0x0a, 0, READ_10, 0, 0, 0, SRB_HOST_TRANSPORT_DISRUPTED, 0, 0 },
		{ 0x25, 0, READ_10, 0, 0, 0, SRB_HOST_TRANSPORT_DISRUPTED, 0, 0 },
		{ 0x00, 0, READ_10, 0, 0, 0, FAIL, 0, 0 },
		{ 0x09, 0, READ_10, 0, 0, 0, FAIL, 0, 0 },
		{ 0x3f, 0, READ_10, 0, 0, 0, FAIL, 0, 0 },
	};
	struct srb_verdict v;
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u8 *srb = answer(test, rows[i].srb_status, rows[i].scsi_status, 0);

		if (rows[i].key)
			put_sense(srb, rows[i].key, rows[i].asc, rows[i].ascq);
		v = judge(srb, rows[i].opcode, 4096);
		KUNIT_EXPECT_EQ_MSG(test, v.host_byte, rows[i].host_byte, "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, v.sam_status, rows[i].sam, "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, v.action, rows[i].action, "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, v.done_bytes, 0u, "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, v.sense_bytes, rows[i].key ? 18 : 0, "row %d", i);
		KUNIT_EXPECT_TRUE_MSG(test, v.failed, "row %d", i);
		kunit_kfree(test, srb);
	}
}

static void success_and_short_transfers(struct kunit *test)
{
	static const struct {
		u8 srb_status;
		u32 reported, asked, done;
	} rows[] = {
		{ 0x01, 4096, 4096, 4096 }, { 0x01, 512, 4096, 512 },
		{ 0x01, 0, 0, 0 }, { 0x12, 512, 4096, 512 }, { 0x41, 4096, 4096, 4096 },
		{ 0x52, 512, 4096, 512 }, { 0x92, 512, 4096, 512 },
		/* more than was asked for */
		{ 0x01, 4097, 4096, 4096 }, { 0x01, 0x80000000, 4096, 4096 },
		{ 0x12, 0xffffffff, 4096, 4096 }, { 0x01, 0xffffffff, 0, 0 },
	};
	struct srb_verdict v;
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		v = judge(answer(test, rows[i].srb_status, 0, rows[i].reported), READ_10,
			  rows[i].asked);
		KUNIT_EXPECT_EQ(test, v.host_byte, OK);
		KUNIT_EXPECT_EQ(test, v.sam_status, 0);
		KUNIT_EXPECT_EQ(test, v.done_bytes, rows[i].done);
		KUNIT_EXPECT_FALSE(test, v.failed);
	}
}

/* A read or write that moved nothing is an error, or it would never end. */
static void no_progress_is_an_error(struct kunit *test)
{
	static const u8 opcodes[] = { 0x08, 0x0a, 0x28, 0x2a, 0xa8, 0xaa, 0x88, 0x8a };
	static const u8 codes[] = { 0x01, 0x12, 0x41, 0x52, 0x81, 0x92 };
	struct srb_verdict v;
	int i, c;

	for (i = 0; i < ARRAY_SIZE(opcodes); i++) {
		for (c = 0; c < ARRAY_SIZE(codes); c++) {
			v = judge(answer(test, codes[c], 0, 0), opcodes[i], 4096);
			KUNIT_EXPECT_EQ(test, v.host_byte, FAIL);
			KUNIT_EXPECT_TRUE(test, v.failed);
		}
		/* other commands may well have nothing to say */
		v = judge(answer(test, 0x12, 0, 0), 0x4d, 4096);
		KUNIT_EXPECT_EQ(test, v.host_byte, OK);
		v = judge(answer(test, 0x01, 0, 0), opcodes[i], 0);
		KUNIT_EXPECT_EQ(test, v.host_byte, OK);
	}
}

/* An error moves nothing, whatever the host claims. */
static void error_transfers_nothing(struct kunit *test)
{
	static const u8 codes[] = { 0x02, 0x04, 0x05, 0x06, 0x20, 0x30, 0x44, 0x81, 0x84, 0x92 };
	struct srb_verdict v;
	int i;

	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		v = judge(answer(test, codes[i], 2, 4096), READ_10, 4096);
		KUNIT_EXPECT_EQ_MSG(test, v.done_bytes, 0u, "srb status %#x", codes[i]);
	}
}

static void sense_only_when_valid(struct kunit *test)
{
	struct srb_verdict v;
	u8 *srb = answer(test, 0x84, 2, 0);
	int bytes;

	put_sense(srb, 3, 0x11, 0);
	for (bytes = 0; bytes < 256; bytes++) {
		srb[9] = bytes;
		v = judge(srb, READ_10, 512);
		KUNIT_EXPECT_EQ(test, v.sense_bytes, bytes > 20 ? 20 : bytes);
	}
	/* without the bit, or without CHECK CONDITION, there is none */
	srb[9] = 18;
	srb[2] = 0x04;
	KUNIT_EXPECT_EQ(test, judge(srb, READ_10, 512).sense_bytes, 0);
	srb[2] = 0x84;
	srb[3] = 0;
	KUNIT_EXPECT_EQ(test, judge(srb, READ_10, 512).sense_bytes, 0);
}

/* Autosense announced, no CHECK CONDITION: nobody reads sense that is not there. */
static void rescan_needs_real_sense(struct kunit *test)
{
	u8 *srb = answer(test, 0x84, 0, 0);
	struct srb_verdict v;
	int bytes;

	put_sense(srb, 6, 0x2a, 0x09);
	v = judge(srb, READ_10, 512);
	KUNIT_EXPECT_EQ(test, v.action, SRB_DO_NOTHING);

	srb[3] = 2;
	for (bytes = 0; bytes <= 20; bytes++) {
		srb[9] = bytes;
		v = judge(srb, READ_10, 512);
		KUNIT_EXPECT_EQ(test, v.action, bytes > 13 ? SRB_DO_RESCAN : SRB_DO_NOTHING);
	}
}

static void sense_in_descriptor_format(struct kunit *test)
{
	u8 *srb = answer(test, 0x84, 2, 0);
	int bytes, format;

	srb[17] = 6;
	srb[18] = 0x2a;
	srb[19] = 0x09;
	for (format = 0; format < 256; format++) {
		srb[16] = format;
		for (bytes = 0; bytes <= 20; bytes++) {
			bool known = (format & 0x7f) == 0x72 || (format & 0x7f) == 0x73;

			srb[9] = bytes;
			KUNIT_EXPECT_EQ(test, judge(srb, READ_10, 512).action,
					known && bytes > 3 ? SRB_DO_RESCAN : SRB_DO_NOTHING);
		}
	}
}

static void commands_that_always_succeed(struct kunit *test)
{
	static const u8 opcodes[] = { INQUIRY, 0x1a, 0x5a };
	struct srb_asked asked = { .data_bytes = 255, .vpd = true };
	struct srb_verdict v;
	u8 *srb = answer(test, 0x86, 2, 0);
	int i;

	put_sense(srb, 5, 0x24, 0);
	for (i = 0; i < ARRAY_SIZE(opcodes); i++) {
		asked.opcode = opcodes[i];
		srb_judge(&asked, (const struct vstor_srb *)srb, &v);
		KUNIT_EXPECT_EQ(test, v.host_byte, OK);
		KUNIT_EXPECT_EQ(test, v.sam_status, 0);
		KUNIT_EXPECT_EQ(test, v.sense_bytes, 0);
		KUNIT_EXPECT_EQ(test, v.done_bytes, 0u);
	}
	/* MAINTENANCE IN only on Fibre Channel */
	asked.opcode = 0xa3;
	srb_judge(&asked, (const struct vstor_srb *)srb, &v);
	KUNIT_EXPECT_EQ(test, v.sam_status, 2);
	asked.fibre_channel = true;
	srb_judge(&asked, (const struct vstor_srb *)srb, &v);
	KUNIT_EXPECT_EQ(test, v.sam_status, 0);
}

/* A plain INQUIRY that failed without data is no disk full of zeros. */
static void inquiry_without_data_fails(struct kunit *test)
{
	struct srb_verdict v;

	v = judge(answer(test, 0x06, 0, 0), INQUIRY, 36);
	KUNIT_EXPECT_EQ(test, v.host_byte, FAIL);
	v = judge(answer(test, 0x20, 2, 0), INQUIRY, 36);
	KUNIT_EXPECT_EQ(test, v.host_byte, GONE);
	/* some hosts answer for an absent LUN with data and an error */
	v = judge(answer(test, 0xa0, 2, 36), INQUIRY, 36);
	KUNIT_EXPECT_EQ(test, v.host_byte, OK);
	KUNIT_EXPECT_EQ(test, v.sam_status, 0);
	KUNIT_EXPECT_EQ(test, v.done_bytes, 36u);
}

/*
 * Every pair of status bytes, for some commands and lengths: bounds hold, and
 * a failed command never looks like one that went well and moved nothing, for
 * that is repeated for ever.
 */
static void every_status_byte(struct kunit *test)
{
	static const u8 opcodes[] = { TUR, INQUIRY, READ_10, WRITE_10, 0x85, 0xa0 };
	static const u32 lengths[] = { 0, 512, MOCK_BAD_U32 };
	u8 *srb = answer(test, 0, 0, 0);
	struct srb_verdict v;
	int s, c, o, l;
	bool bad;

	for (s = 0; s < 256; s++) {
		for (c = 0; c < 256; c++) {
			o = (s + c) % ARRAY_SIZE(opcodes);
			l = (s * 3 + c) % ARRAY_SIZE(lengths);
			mock_fill(&(struct mock_noise){ s * 256 + c + 1 }, srb, 52);
			srb[2] = s;
			srb[3] = c;
			mock_put32(srb, 12, lengths[l]);
			v = judge(srb, opcodes[o], 4096);
			KUNIT_ASSERT_LE(test, v.done_bytes, 4096u);
			KUNIT_ASSERT_LE(test, v.sense_bytes, 20);
			v = judge(srb, READ_10, 4096);
			bad = v.host_byte || v.sam_status || v.done_bytes;
			KUNIT_ASSERT_TRUE_MSG(test, bad, "srb %#x scsi %#x", s, c);
		}
	}
}

/* The short way says yes only where the long one finds nothing either. */
static void went_well_as_judged(struct kunit *test)
{
	static const u32 lengths[] = { 0, 1, 512, 4095, 4096, 4097, MOCK_BAD_U32 };
	static const u8 opcodes[] = { TUR, INQUIRY, READ_10, WRITE_10, 0x1a, 0x85, 0xa3 };
	u8 *srb = answer(test, 0, 0, 0);
	struct srb_verdict v;
	int s, c, l, a, o, well = 0;

	for (s = 0; s < 256; s++) {
		for (c = 0; c < 256; c++) {
			l = (s * 5 + c) % ARRAY_SIZE(lengths);
			a = s == 1 && !c ? l : (s + c) % ARRAY_SIZE(lengths);
			mock_fill(&(struct mock_noise){ s * 256 + c + 1 }, srb, 52);
			srb[2] = s;
			srb[3] = c;
			mock_put32(srb, 12, lengths[l]);
			if (!srb_went_well((const struct vstor_srb *)srb, lengths[a]))
				continue;
			well++;
			for (o = 0; o < ARRAY_SIZE(opcodes); o++) {
				v = judge(srb, opcodes[o], lengths[a]);
				KUNIT_EXPECT_EQ(test, v.host_byte | v.sam_status, 0);
				KUNIT_EXPECT_EQ(test, v.sense_bytes, 0);
				KUNIT_EXPECT_EQ(test, v.done_bytes, lengths[a]);
				KUNIT_EXPECT_EQ(test, v.action, SRB_DO_NOTHING);
				KUNIT_EXPECT_FALSE(test, v.failed);
			}
		}
	}
	KUNIT_EXPECT_GT(test, well, 0);
	/* an SRB status with any further bit, or less data, is for srb_judge() */
	srb = answer(test, 0x81, 0, 4096);
	KUNIT_EXPECT_FALSE(test, srb_went_well((const struct vstor_srb *)srb, 4096));
	srb = answer(test, 0x01, 2, 4096);
	KUNIT_EXPECT_FALSE(test, srb_went_well((const struct vstor_srb *)srb, 4096));
	srb = answer(test, 0x01, 0, 4095);
	KUNIT_EXPECT_FALSE(test, srb_went_well((const struct vstor_srb *)srb, 4096));
	srb = answer(test, 0x01, 0, 4096);
	KUNIT_EXPECT_TRUE(test, srb_went_well((const struct vstor_srb *)srb, 4096));
}

static void opcodes_by_version(struct kunit *test)
{
	static const u16 versions[] = { 0x0200, 0x0402, 0x0501, 0x0600, 0x0602 };
	int i, opcode;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		for (opcode = 0; opcode < 256; opcode++) {
			bool refused = versions[i] <= 0x0501 && (opcode == 0x41 || opcode == 0x24);

			KUNIT_EXPECT_EQ(test, srb_opcode_allowed(versions[i], opcode), !refused);
		}
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(table_of_the_reference),
	KUNIT_CASE(success_and_short_transfers),
	KUNIT_CASE(no_progress_is_an_error),
	KUNIT_CASE(error_transfers_nothing),
	KUNIT_CASE(sense_only_when_valid),
	KUNIT_CASE(rescan_needs_real_sense),
	KUNIT_CASE(sense_in_descriptor_format),
	KUNIT_CASE(commands_that_always_succeed),
	KUNIT_CASE(inquiry_without_data_fails),
	KUNIT_CASE(every_status_byte),
	KUNIT_CASE(went_well_as_judged),
	KUNIT_CASE(opcodes_by_version),
	{}
};

static struct kunit_suite suite = {
	.name = "hv_storvsc_srb",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit suite of storvsc/srb.c");
