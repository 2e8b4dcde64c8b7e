// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings: bytes on the wire, wrap at every offset, full and empty, indices of a
 * lying host, and when the other side must be signalled.
 *
 * The host is played on the raw memory, by the offsets of the protocol
 * reference: 0 write index, 4 read index, 8 interrupt mask, 12 pending send
 * size, 64 features, 4096 data.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../../vmbus/ring.c"
#include "ring_mock.h"
#include "wire_mock.h"

#define H_WRITE 0
#define H_READ 4
#define H_MASK 8
#define H_PENDING 12
#define H_FEATURES 64
#define H_DATA 4096

struct fixture {
	struct ring r;
	u8 *mem;
	u32 size;	/* of the data */
};

static struct fixture *make_ring(struct kunit *test, u32 data_bytes)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->mem = kunit_kmalloc(test, H_DATA + data_bytes, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f->mem);
	memset(f->mem, 0xee, H_DATA + data_bytes);
	f->size = data_bytes;
	memset(&f->r, 0xee, sizeof(f->r));
	KUNIT_ASSERT_EQ(test, ring_init(&f->r, f->mem, H_DATA + data_bytes), 0);
	return f;
}

static u32 at(const struct fixture *f, unsigned int off)
{
	return mock_get32(f->mem, off);
}

static void set(struct fixture *f, unsigned int off, u32 v)
{
	mock_put32(f->mem, off, v);
}

/* Puts an empty outbound ring at @pos, as if packets had passed before. */
static void start_at(struct fixture *f, u32 pos)
{
	f->r.pos = pos;
	f->r.told = pos;
	set(f, H_WRITE, pos);
	set(f, H_READ, pos);
}

/* Byte @i of what the host would read from @pos on. */
static u8 host_byte(const struct fixture *f, u32 pos, u32 i)
{
	return f->mem[H_DATA + (pos + i) % f->size];
}

static u32 host_le32(const struct fixture *f, u32 pos, u32 i)
{
	return host_byte(f, pos, i) | host_byte(f, pos, i + 1) << 8 |
	       host_byte(f, pos, i + 2) << 16 | (u32)host_byte(f, pos, i + 3) << 24;
}

static enum ring_verdict put(struct fixture *f, const void *data, u32 bytes)
{
	struct ring_vec vec = { data, bytes };

	return ring_put(&f->r, &vec, 1);
}

static u32 bad_index_near(u32 size, unsigned int i)
{
	const u32 bad[] = { 1, 4, 7, 12, size - 1, size - 4, size, size + 8, 2 * size,
			    MOCK_BAD_U32 };

	return i < ARRAY_SIZE(bad) ? bad[i] : 0;
}

static void init_header(struct kunit *test)
{
	struct fixture *f = make_ring(test, 8192);
	u32 i;

	for (i = 0; i < H_DATA; i++)
		KUNIT_EXPECT_EQ_MSG(test, f->mem[i], i == H_FEATURES ? 1 : 0, "byte %u", i);
	for (i = 0; i < 8192; i++)
		KUNIT_EXPECT_EQ(test, f->mem[H_DATA + i], 0xee);
	KUNIT_EXPECT_EQ(test, f->r.size, 8192);
	KUNIT_EXPECT_EQ(test, f->r.pos, 0);
	KUNIT_EXPECT_EQ(test, f->r.told, 0);
	KUNIT_EXPECT_PTR_EQ(test, f->r.data, f->mem + H_DATA);
}

static void init_bad_sizes(struct kunit *test)
{
	static const u32 bad[] = { 0, 1, 8, 4095, 4096, 4097, 8191, 8193, 12287, 0x7fffffff,
				   0xffffffff };
	u8 canary = 0x33;
	struct ring r;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		KUNIT_EXPECT_EQ_MSG(test, ring_init(&r, &canary, bad[i]), -EINVAL, "%u", bad[i]);
		KUNIT_EXPECT_EQ(test, canary, 0x33);
	}
}

static void put_golden(struct kunit *test)
{
	/* 19 bytes, padded with zeros to 24, then start offset in the high half. */
	static const u8 want[32] = {
		1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
		0, 0, 0, 0, 0,
		0, 0, 0, 0, 0x40, 0, 0, 0,
	};
	struct fixture *f = make_ring(test, 4096);
	u8 data[19];
	u32 i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = i + 1;
	start_at(f, 0x40);
	KUNIT_ASSERT_EQ(test, put(f, data, sizeof(data)), RING_OK);
	for (i = 0; i < 32; i++)
		KUNIT_EXPECT_EQ_MSG(test, host_byte(f, 0x40, i), want[i], "byte %u", i);
	KUNIT_EXPECT_EQ(test, host_byte(f, 0x40, 32), 0xee);
	KUNIT_EXPECT_EQ(test, f->mem[H_DATA + 0x3f], 0xee);
	KUNIT_EXPECT_EQ_MSG(test, at(f, H_WRITE), 0x40, "not shown before publish");
	ring_publish(&f->r);
	KUNIT_EXPECT_EQ(test, at(f, H_WRITE), 0x60);
}

/* Three pieces of odd lengths, from every offset, into data and past its end. */
static void put_wraps_at_every_offset(struct kunit *test)
{
	struct fixture *f = make_ring(test, 4096);
	u8 a[16], b[13], c[70];
	struct ring_vec vec[3] = { { a, 16 }, { b, 13 }, { c, 70 } };
	u32 total = 16 + 13 + 70, pos, i;

	for (i = 0; i < 16; i++)
		a[i] = 0x10 + i;
	for (i = 0; i < 13; i++)
		b[i] = 0x40 + i;
	for (i = 0; i < 70; i++)
		c[i] = 0x80 + i;
	for (pos = 0; pos < 4096; pos += 8) {
		memset(f->mem + H_DATA, 0xee, 4096);
		start_at(f, pos);
		KUNIT_ASSERT_EQ(test, ring_put(&f->r, vec, 3), RING_OK);
		for (i = 0; i < total; i++) {
			u8 want = i < 16 ? a[i] : i < 29 ? b[i - 16] : c[i - 29];

			KUNIT_EXPECT_EQ_MSG(test, host_byte(f, pos, i), want, "pos %u byte %u",
					    pos, i);
		}
		for (; i < 104; i++)
			KUNIT_EXPECT_EQ_MSG(test, host_byte(f, pos, i), 0, "padding at %u", pos);
		KUNIT_EXPECT_EQ(test, host_le32(f, pos, 104), 0);
		KUNIT_EXPECT_EQ(test, host_le32(f, pos, 108), pos);
		KUNIT_EXPECT_EQ(test, host_byte(f, pos, 112), 0xee);
		KUNIT_EXPECT_EQ(test, f->r.pos, (pos + 112) % 4096);
		KUNIT_EXPECT_TRUE(test, ring_publish(&f->r));
		KUNIT_EXPECT_EQ(test, at(f, H_WRITE), (pos + 112) % 4096);
	}
}

/* The longest packet that fits, one step more, and the index that results. */
static void put_exact_fill(struct kunit *test)
{
	struct fixture *f = make_ring(test, 4096);
	u8 *data = kunit_kzalloc(test, 4096, GFP_KERNEL);
	u32 pos;

	KUNIT_ASSERT_NOT_NULL(test, data);
	for (pos = 0; pos < 4096; pos += 8) {
		start_at(f, pos);
		/* 4096 free: 4088 + trailer would make the ring look empty. */
		KUNIT_EXPECT_EQ(test, put(f, data, 4088), RING_FULL);
		KUNIT_EXPECT_EQ(test, put(f, data, 4081), RING_FULL);
		KUNIT_EXPECT_EQ_MSG(test, f->r.pos, pos, "nothing written when full");
		KUNIT_EXPECT_EQ(test, put(f, data, 4080), RING_OK);
		KUNIT_EXPECT_EQ(test, f->r.pos, (pos + 4088) % 4096);
		KUNIT_EXPECT_NE_MSG(test, f->r.pos, pos, "full must not read as empty");
		KUNIT_EXPECT_EQ(test, put(f, data, 0), RING_FULL);
	}
}

static void put_every_fill_level(struct kunit *test)
{
	struct fixture *f = make_ring(test, 4096);
	u8 *data = kunit_kzalloc(test, 4096, GFP_KERNEL);
	u32 used, bytes, room;

	KUNIT_ASSERT_NOT_NULL(test, data);
	for (used = 0; used < 4096; used += 8) {
		for (bytes = 16; bytes <= 4096 - 8; bytes += 248) {
			u32 need = ALIGN(bytes, 8) + 8;
			enum ring_verdict want = 4096 - used > need ? RING_OK : RING_FULL;

			start_at(f, 1024);
			set(f, H_READ, (1024 + 4096 - used) % 4096);
			KUNIT_EXPECT_EQ(test, ring_room(&f->r, &room), RING_OK);
			KUNIT_EXPECT_EQ(test, room, 4096 - used);
			KUNIT_EXPECT_EQ_MSG(test, put(f, data, bytes), want, "used %u bytes %u",
					    used, bytes);
		}
	}
}

static void put_impossible_lengths(struct kunit *test)
{
	struct fixture *f = make_ring(test, 4096);
	u8 byte = 0;
	struct ring_vec vec[3] = { { &byte, 0xffffffff }, { &byte, 0xffffffff },
				   { &byte, 0xffffffff } };

	KUNIT_EXPECT_EQ(test, ring_put(&f->r, vec, 1), RING_FULL);
	KUNIT_EXPECT_EQ(test, ring_put(&f->r, vec, 2), RING_FULL);
	KUNIT_EXPECT_EQ(test, ring_put(&f->r, vec, 3), RING_FULL);
	/* Sums that come out small in 32 bits. */
	vec[0].bytes = 0xfffffff8;
	vec[1].bytes = 24;
	KUNIT_EXPECT_EQ(test, ring_put(&f->r, vec, 2), RING_FULL);
	vec[0].bytes = 0x80000000;
	vec[1].bytes = 0x80000000;
	KUNIT_EXPECT_EQ(test, ring_put(&f->r, vec, 2), RING_FULL);
	KUNIT_EXPECT_EQ(test, f->r.pos, 0);
}

static void put_bad_read_index(struct kunit *test)
{
	struct fixture *f = make_ring(test, 4096);
	u8 data[16] = {};
	unsigned int i;
	u32 room, bad;

	for (i = 0; (bad = bad_index_near(4096, i)); i++) {
		start_at(f, 64);
		memset(f->mem + H_DATA, 0xee, 4096);
		set(f, H_READ, bad);
		room = 77;
		KUNIT_EXPECT_EQ_MSG(test, ring_room(&f->r, &room), RING_BROKEN, "%#x", bad);
		KUNIT_EXPECT_EQ(test, room, 0);
		KUNIT_EXPECT_EQ_MSG(test, put(f, data, 16), RING_BROKEN, "%#x", bad);
		KUNIT_EXPECT_EQ(test, f->r.pos, 64);
		KUNIT_EXPECT_EQ(test, host_byte(f, 64, 0), 0xee);
	}
}

/* Our own index in shared memory is never read back. */
static void put_ignores_shared_write_index(struct kunit *test)
{
	struct fixture *f = make_ring(test, 4096);
	u8 data[16] = { 0xab };

	start_at(f, 512);
	set(f, H_WRITE, 0xfffffff0);
	KUNIT_EXPECT_EQ(test, put(f, data, 16), RING_OK);
	KUNIT_EXPECT_EQ(test, host_byte(f, 512, 0), 0xab);
	ring_publish(&f->r);
	KUNIT_EXPECT_EQ(test, at(f, H_WRITE), 512 + 24);
}

static void publish_signals_on_empty_only(struct kunit *test)
{
	struct fixture *f = make_ring(test, 4096);
	u8 data[16] = {};

	KUNIT_EXPECT_FALSE_MSG(test, ring_publish(&f->r), "nothing to show");
	KUNIT_ASSERT_EQ(test, put(f, data, 16), RING_OK);
	KUNIT_EXPECT_TRUE_MSG(test, ring_publish(&f->r), "empty to non-empty");
	KUNIT_EXPECT_FALSE_MSG(test, ring_publish(&f->r), "shown already");
	KUNIT_ASSERT_EQ(test, put(f, data, 16), RING_OK);
	KUNIT_EXPECT_FALSE_MSG(test, ring_publish(&f->r), "host has not read the first");
	set(f, H_READ, 24);
	KUNIT_ASSERT_EQ(test, put(f, data, 16), RING_OK);
	KUNIT_EXPECT_FALSE_MSG(test, ring_publish(&f->r), "host is one behind");
	set(f, H_READ, 72);
	KUNIT_ASSERT_EQ(test, put(f, data, 16), RING_OK);
	KUNIT_EXPECT_TRUE_MSG(test, ring_publish(&f->r), "host had read everything");
}

static void publish_batch(struct kunit *test)
{
	struct fixture *f = make_ring(test, 4096);
	u8 data[16] = {};
	u32 i;

	start_at(f, 4096 - 48);
	for (i = 0; i < 5; i++)
		KUNIT_ASSERT_EQ(test, put(f, data, 16), RING_OK);
	KUNIT_EXPECT_EQ(test, at(f, H_WRITE), 4096 - 48);
	KUNIT_EXPECT_TRUE_MSG(test, ring_publish(&f->r), "one signal for the batch");
	KUNIT_EXPECT_EQ(test, at(f, H_WRITE), 5 * 24 - 48);
	/* Host consumed part of the batch: it is not asleep. */
	set(f, H_READ, 0);
	for (i = 0; i < 2; i++)
		KUNIT_ASSERT_EQ(test, put(f, data, 16), RING_OK);
	KUNIT_EXPECT_FALSE(test, ring_publish(&f->r));
}

static void publish_mask(struct kunit *test)
{
	static const u32 masks[] = { 1, 2, 0x80000000, 0xffffffff };
	struct fixture *f = make_ring(test, 4096);
	u8 data[16] = {};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(masks); i++) {
		start_at(f, 0);
		set(f, H_MASK, masks[i]);
		KUNIT_ASSERT_EQ(test, put(f, data, 16), RING_OK);
		KUNIT_EXPECT_FALSE_MSG(test, ring_publish(&f->r), "mask %#x", masks[i]);
		KUNIT_EXPECT_EQ_MSG(test, at(f, H_WRITE), 24, "shown all the same");
		start_at(f, 0);
		set(f, H_MASK, 0);
		KUNIT_ASSERT_EQ(test, put(f, data, 16), RING_OK);
		KUNIT_EXPECT_TRUE(test, ring_publish(&f->r));
	}
}

static void want_room_is_shown(struct kunit *test)
{
	struct fixture *f = make_ring(test, 4096);

	ring_want_room(&f->r, 0x1238);
	KUNIT_EXPECT_EQ(test, at(f, H_PENDING), 0x1238);
	ring_want_room(&f->r, 0);
	KUNIT_EXPECT_EQ(test, at(f, H_PENDING), 0);
}

static void avail_every_distance(struct kunit *test)
{
	struct fixture *f = make_ring(test, 4096);
	u32 pos, write, avail;

	for (pos = 0; pos < 4096; pos += 120) {
		f->r.pos = pos;
		for (write = 0; write < 4096; write += 8) {
			set(f, H_WRITE, write);
			KUNIT_EXPECT_EQ(test, ring_avail(&f->r, &avail), RING_OK);
			KUNIT_EXPECT_EQ(test, avail, (write + 4096 - pos) % 4096);
		}
	}
}

/* Descriptor and payload, as the bus sends them. */
static void put_two_pieces_at_every_offset(struct kunit *test)
{
	static const u8 head[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
	struct fixture *f = make_ring(test, 4096);
	u32 pos, body, padded, i;
	u8 payload[41];

	for (i = 0; i < sizeof(payload); i++)
		payload[i] = 0x40 + i;
	for (pos = 0; pos < 4096; pos += 8) {
		for (body = 0; body <= sizeof(payload); body++) {
			struct ring_vec vec[2] = { { head, 16 }, { payload, body } };
			u8 want;

			start_at(f, pos);
			memset(f->mem + H_DATA, 0xee, 4096);
			padded = (16 + body + 7) / 8 * 8;
			KUNIT_ASSERT_EQ(test, ring_put(&f->r, vec, 2), RING_OK);
			KUNIT_EXPECT_EQ(test, f->r.pos, (pos + padded + 8) % 4096);
			for (i = 0; i < padded; i++) {
				want = i < 16 ? head[i] : i < 16 + body ? payload[i - 16] : 0;
				KUNIT_EXPECT_EQ_MSG(test, host_byte(f, pos, i), want,
						    "pos %u body %u byte %u", pos, body, i);
			}
			KUNIT_EXPECT_EQ(test, host_le32(f, pos, padded), 0);
			KUNIT_EXPECT_EQ(test, host_le32(f, pos, padded + 4), pos);
			/* No more than that, and nothing in front. */
			KUNIT_EXPECT_EQ(test, host_byte(f, pos, padded + 8), 0xee);
			KUNIT_EXPECT_EQ(test, host_byte(f, pos, 4095), 0xee);
		}
	}
}

/* The shared index is read again when less than a descriptor is left. */
static void avail_some_reads_seldom(struct kunit *test)
{
	struct fixture *f = make_ring(test, 4096);
	u32 avail;

	f->r.pos = 4080;
	f->r.seen = 4080;
	set(f, H_WRITE, 24);
	KUNIT_EXPECT_EQ(test, ring_avail_some(&f->r, &avail), RING_OK);
	KUNIT_EXPECT_EQ(test, avail, 40);
	set(f, H_WRITE, 48);
	KUNIT_EXPECT_EQ(test, ring_avail_some(&f->r, &avail), RING_OK);
	KUNIT_EXPECT_EQ_MSG(test, avail, 40, "not looked at");
	set(f, H_WRITE, 7);
	ring_skip(&f->r, 24);
	KUNIT_EXPECT_EQ(test, ring_avail_some(&f->r, &avail), RING_OK);
	KUNIT_EXPECT_EQ_MSG(test, avail, 16, "a descriptor is enough");
	ring_skip(&f->r, 8);
	avail = 5;
	/* 8 bytes are not. */
	KUNIT_EXPECT_EQ(test, ring_avail_some(&f->r, &avail), RING_BROKEN);
	KUNIT_EXPECT_EQ(test, avail, 0);
	set(f, H_WRITE, 56);
	KUNIT_EXPECT_EQ(test, ring_avail_some(&f->r, &avail), RING_OK);
	KUNIT_EXPECT_EQ(test, avail, 40);
	ring_skip(&f->r, 40);
	KUNIT_EXPECT_EQ(test, ring_avail_some(&f->r, &avail), RING_OK);
	KUNIT_EXPECT_EQ_MSG(test, avail, 0, "empty");
	set(f, H_WRITE, 80);
	KUNIT_EXPECT_EQ(test, ring_unmask(&f->r, &avail), RING_OK);
	set(f, H_WRITE, 1);
	KUNIT_EXPECT_EQ(test, ring_avail_some(&f->r, &avail), RING_OK);
	KUNIT_EXPECT_EQ_MSG(test, avail, 24, "what unmasking saw is known");
}

/* Quiet: all that is known is consumed, and the host has put nothing more. */
static void quiet_is_all_consumed(struct kunit *test)
{
	struct fixture *f = make_ring(test, 4096);
	u32 pos, avail;

	for (pos = 0; pos < 4096; pos += 8) {
		start_at(f, pos);
		f->r.seen = pos;
		set(f, H_WRITE, pos);
		KUNIT_EXPECT_TRUE_MSG(test, ring_quiet(&f->r), "at %u", pos);
		set(f, H_WRITE, (pos + 32) % 4096);
		KUNIT_EXPECT_FALSE_MSG(test, ring_quiet(&f->r), "a packet at %u", pos);
		KUNIT_ASSERT_EQ(test, ring_avail_some(&f->r, &avail), RING_OK);
		KUNIT_EXPECT_EQ(test, avail, 32);
		/* What was seen is there, even if the host says it no longer is. */
		set(f, H_WRITE, pos);
		KUNIT_EXPECT_FALSE_MSG(test, ring_quiet(&f->r), "known at %u", pos);
		ring_skip(&f->r, 32);
		KUNIT_EXPECT_FALSE_MSG(test, ring_quiet(&f->r), "index went back to %u", pos);
		set(f, H_WRITE, (pos + 32) % 4096);
		KUNIT_EXPECT_TRUE(test, ring_quiet(&f->r));
	}
	set(f, H_WRITE, 0xffffffff);
	KUNIT_EXPECT_FALSE_MSG(test, ring_quiet(&f->r), "impossible: somebody has to look");
}

/* Each half of a descriptor, wherever it begins. */
static void peek_desc_everywhere(struct kunit *test)
{
	struct fixture *f = make_ring(test, 4096);
	u8 want[16], got[32];
	u32 pos, i;

	for (pos = 0; pos < 4096; pos += 8) {
		start_at(f, pos);
		memset(f->mem + H_DATA, 0xee, 4096);
		for (i = 0; i < 16; i++) {
			want[i] = pos / 8 + 3 * i;
			f->mem[H_DATA + (pos + i) % 4096] = want[i];
		}
		memset(got, 0x55, sizeof(got));
		KUNIT_EXPECT_EQ(test, ring_left(&f->r), 4096 - pos);
		ring_peek_desc(&f->r, (struct pkt_desc *)got);
		KUNIT_EXPECT_MEMEQ(test, got, want, 16);
		KUNIT_EXPECT_EQ(test, got[16], 0x55);
	}
}

static void avail_bad_write_index(struct kunit *test)
{
	struct fixture *f = make_ring(test, 8192);
	unsigned int i;
	u32 avail, bad;

	for (i = 0; (bad = bad_index_near(8192, i)); i++) {
		set(f, H_WRITE, bad);
		avail = 5;
		KUNIT_EXPECT_EQ_MSG(test, ring_avail(&f->r, &avail), RING_BROKEN, "%#x", bad);
		KUNIT_EXPECT_EQ(test, avail, 0);
		KUNIT_EXPECT_EQ(test, ring_unmask(&f->r, &avail), RING_BROKEN);
	}
}

static void peek_wraps_at_every_offset(struct kunit *test)
{
	struct fixture *f = make_ring(test, 4096);
	u32 pos, off, i;

	for (i = 0; i < 4096; i++)
		f->mem[H_DATA + i] = i * 7 + (i >> 8);
	for (pos = 0; pos < 4096; pos += 8) {
		f->r.pos = pos;
		for (off = 0; off < 96; off += 16) {
			u8 *to = kunit_kmalloc(test, 40, GFP_KERNEL);

			KUNIT_ASSERT_NOT_NULL(test, to);
			ring_peek(&f->r, off, to, 40);
			for (i = 0; i < 40; i++)
				KUNIT_EXPECT_EQ_MSG(test, to[i], host_byte(f, pos, off + i),
						    "pos %u off %u byte %u", pos, off, i);
			kunit_kfree(test, to);
		}
		KUNIT_EXPECT_EQ_MSG(test, f->r.pos, pos, "peeking consumes nothing");
	}
}

static void peek_whole_ring(struct kunit *test)
{
	struct fixture *f = make_ring(test, 4096);
	u8 *to = kunit_kmalloc(test, 4088, GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, to);
	for (i = 0; i < 4096; i++)
		f->mem[H_DATA + i] = i ^ (i >> 4);
	f->r.pos = 2048;
	ring_peek(&f->r, 0, to, 4088);
	for (i = 0; i < 4088; i++)
		KUNIT_EXPECT_EQ(test, to[i], host_byte(f, 2048, i));
}

static void skip_wraps(struct kunit *test)
{
	struct fixture *f = make_ring(test, 4096);
	u32 pos, step;

	for (pos = 0; pos < 4096; pos += 8) {
		for (step = 0; step < 4096; step += 504) {
			f->r.pos = pos;
			ring_skip(&f->r, step);
			KUNIT_EXPECT_EQ(test, f->r.pos, (pos + step) % 4096);
		}
	}
	KUNIT_EXPECT_EQ_MSG(test, at(f, H_READ), 0, "the host does not know yet");
}

static void release_nothing(struct kunit *test)
{
	struct fixture *f = make_ring(test, 4096);

	start_at(f, 256);
	set(f, H_READ, 0x5555);
	set(f, H_PENDING, 8);
	KUNIT_EXPECT_FALSE(test, ring_release(&f->r));
	KUNIT_EXPECT_EQ_MSG(test, at(f, H_READ), 0x5555, "no store without progress");
}

/* Every old and new room against every wish: signal on the crossing only. */
static void release_room_signal(struct kunit *test)
{
	static const u32 wishes[] = { 0, 1, 7, 8, 15, 16, 504, 512, 520, 2048, 4080, 4087, 4088,
				      4089, 4095, 4096, 4097, 0x80000000, 0xffffffff };
	struct fixture *f = make_ring(test, 4096);
	u32 used, eaten, i;

	for (used = 8; used < 4096; used += 56) {
		for (eaten = 8; eaten <= used; eaten += 40) {
			for (i = 0; i < ARRAY_SIZE(wishes); i++) {
				u32 old_room = 4096 - used, new_room = old_room + eaten;
				u32 wish = min_t(u32, wishes[i], 4088);
				bool want = wish && old_room <= wish && new_room > wish;
				u32 read = 3000;

				f->r.pos = read;
				f->r.told = read;
				set(f, H_WRITE, (read + used) % 4096);
				set(f, H_PENDING, wishes[i]);
				ring_skip(&f->r, eaten);
				KUNIT_EXPECT_EQ_MSG(test, ring_release(&f->r), want,
						    "used %u eaten %u wish %u", used, eaten,
						    wishes[i]);
				KUNIT_EXPECT_EQ(test, at(f, H_READ), (read + eaten) % 4096);
				KUNIT_EXPECT_FALSE_MSG(test, ring_release(&f->r),
						       "told already");
			}
		}
	}
}

/* A writer that waits for more than can ever be free is woken when it is empty. */
static void release_absurd_wish(struct kunit *test)
{
	static const u32 wishes[] = { 4088, 4095, 4096, 0xffffffff };
	struct fixture *f = make_ring(test, 4096);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wishes); i++) {
		f->r.pos = 0;
		f->r.told = 0;
		set(f, H_WRITE, 800);
		set(f, H_PENDING, wishes[i]);
		ring_skip(&f->r, 792);
		KUNIT_EXPECT_FALSE(test, ring_release(&f->r));
		ring_skip(&f->r, 8);
		KUNIT_EXPECT_TRUE_MSG(test, ring_release(&f->r), "wish %u", wishes[i]);
	}
}

/* Signals in batches: the room before is that of the last release. */
static void release_batch(struct kunit *test)
{
	struct fixture *f = make_ring(test, 4096);

	set(f, H_WRITE, 4000);
	set(f, H_PENDING, 1000);
	ring_skip(&f->r, 400);
	ring_skip(&f->r, 400);
	ring_skip(&f->r, 400);
	KUNIT_EXPECT_TRUE(test, ring_release(&f->r));
	ring_skip(&f->r, 400);
	KUNIT_EXPECT_FALSE_MSG(test, ring_release(&f->r), "woken before");
}

static void release_without_feature(struct kunit *test)
{
	static const u32 features[] = { 0, 2, 0xfffffffe };
	struct fixture *f = make_ring(test, 4096);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(features); i++) {
		f->r.pos = 0;
		f->r.told = 0;
		set(f, H_FEATURES, features[i]);
		set(f, H_WRITE, 4000);
		set(f, H_PENDING, 1000);
		ring_skip(&f->r, 2000);
		KUNIT_EXPECT_FALSE(test, ring_release(&f->r));
		KUNIT_EXPECT_EQ(test, at(f, H_READ), 2000);
	}
}

static void release_bad_write_index(struct kunit *test)
{
	struct fixture *f = make_ring(test, 4096);
	unsigned int i;
	u32 bad;

	for (i = 0; (bad = bad_index_near(4096, i)); i++) {
		f->r.pos = 0;
		f->r.told = 0;
		set(f, H_WRITE, bad);
		set(f, H_PENDING, 8);
		ring_skip(&f->r, 2000);
		KUNIT_EXPECT_FALSE_MSG(test, ring_release(&f->r), "%#x", bad);
	}
}

/* The reader's room signal does not ask for the mask; only the writer's does. */
static void release_ignores_mask(struct kunit *test)
{
	struct fixture *f = make_ring(test, 4096);

	set(f, H_MASK, 1);
	set(f, H_WRITE, 4000);
	set(f, H_PENDING, 1000);
	ring_skip(&f->r, 4000);
	KUNIT_EXPECT_TRUE(test, ring_release(&f->r));
}

static void mask_and_unmask(struct kunit *test)
{
	struct fixture *f = make_ring(test, 4096);
	u32 avail = 9;

	ring_mask(&f->r);
	KUNIT_EXPECT_EQ(test, at(f, H_MASK), 1);
	KUNIT_EXPECT_EQ(test, ring_unmask(&f->r, &avail), RING_OK);
	KUNIT_EXPECT_EQ(test, at(f, H_MASK), 0);
	KUNIT_EXPECT_EQ(test, avail, 0);
	ring_mask(&f->r);
	set(f, H_WRITE, 640);
	KUNIT_EXPECT_EQ(test, ring_unmask(&f->r, &avail), RING_OK);
	KUNIT_EXPECT_EQ_MSG(test, avail, 640, "what came while masked is told");
}

/* Two rings over the same memory, both ends ours: what goes in comes out. */
static void round_trip(struct kunit *test)
{
	struct fixture *f = make_ring(test, 4096);
	struct mock_noise noise = { 4711 };
	struct ring reader = f->r;
	u8 *out = kunit_kmalloc(test, 1024, GFP_KERNEL);
	u8 *in = kunit_kmalloc(test, 1024, GFP_KERNEL);
	u32 lengths[64], head = 0, tail = 0, i, avail;
	u64 seed_out = 1, seed_in = 1;

	KUNIT_ASSERT_NOT_NULL(test, out);
	KUNIT_ASSERT_NOT_NULL(test, in);
	for (i = 0; i < 20000; i++) {
		if (mock_noise(&noise) % 2 && head - tail < ARRAY_SIZE(lengths)) {
			u32 bytes = 1 + mock_noise(&noise) % 700, k;
			u64 seed = seed_out;

			for (k = 0; k < bytes; k++)
				out[k] = (seed = seed * 6364136223846793005ull + 1) >> 56;
			if (put(f, out, bytes) != RING_OK)
				continue;
			ring_publish(&f->r);
			seed_out = seed;
			lengths[head++ % ARRAY_SIZE(lengths)] = bytes;
		} else {
			u32 bytes, k;

			KUNIT_ASSERT_EQ(test, ring_avail(&reader, &avail), RING_OK);
			if (head == tail) {
				KUNIT_ASSERT_EQ(test, avail, 0);
				continue;
			}
			bytes = lengths[tail++ % ARRAY_SIZE(lengths)];
			KUNIT_ASSERT_GE(test, avail, ALIGN(bytes, 8) + 8);
			ring_peek(&reader, 0, in, bytes);
			for (k = 0; k < bytes; k++) {
				u8 want = (seed_in = seed_in * 6364136223846793005ull + 1) >> 56;

				KUNIT_ASSERT_EQ_MSG(test, in[k], want, "packet %u byte %u",
						    tail, k);
			}
			ring_skip(&reader, ALIGN(bytes, 8) + 8);
			ring_release(&reader);
		}
	}
	KUNIT_EXPECT_GT_MSG(test, head, 1000, "the test did something");
}

static struct kunit_case ring_cases[] = {
	KUNIT_CASE(init_header),
	KUNIT_CASE(init_bad_sizes),
	KUNIT_CASE(put_golden),
	KUNIT_CASE(put_wraps_at_every_offset),
	KUNIT_CASE(put_two_pieces_at_every_offset),
	KUNIT_CASE(put_exact_fill),
	KUNIT_CASE(put_every_fill_level),
	KUNIT_CASE(put_impossible_lengths),
	KUNIT_CASE(put_bad_read_index),
	KUNIT_CASE(put_ignores_shared_write_index),
	KUNIT_CASE(publish_signals_on_empty_only),
	KUNIT_CASE(publish_batch),
	KUNIT_CASE(publish_mask),
	KUNIT_CASE(want_room_is_shown),
	KUNIT_CASE(avail_every_distance),
	KUNIT_CASE(avail_some_reads_seldom),
	KUNIT_CASE(quiet_is_all_consumed),
	KUNIT_CASE(peek_desc_everywhere),
	KUNIT_CASE(avail_bad_write_index),
	KUNIT_CASE(peek_wraps_at_every_offset),
	KUNIT_CASE(peek_whole_ring),
	KUNIT_CASE(skip_wraps),
	KUNIT_CASE(release_nothing),
	KUNIT_CASE(release_room_signal),
	KUNIT_CASE(release_absurd_wish),
	KUNIT_CASE(release_batch),
	KUNIT_CASE(release_without_feature),
	KUNIT_CASE(release_bad_write_index),
	KUNIT_CASE(release_ignores_mask),
	KUNIT_CASE(mask_and_unmask),
	KUNIT_CASE(round_trip),
	{}
};

static struct kunit_suite ring_suite = {
	.name = "hv_vmbus_ring",
	.test_cases = ring_cases,
};

kunit_test_suite(ring_suite);

MODULE_DESCRIPTION("KUnit: VMBus rings");
MODULE_LICENSE("GPL");
