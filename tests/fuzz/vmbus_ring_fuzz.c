// SPDX-License-Identifier: GPL-2.0-only
/*
 * A host that writes whatever it likes into both rings: header, indices, and
 * packets. The reader is the loop of the bus; it must end, stay inside the
 * ring and never hand on a packet that does not fit.
 *
 * Input: 5 words (our read position / 8, write index, read index, pending send
 * size, features and mask), then bytes of the inbound ring from the read
 * position on.
 */
#include "fuzz.h"
#include "../../vmbus/pkt.c"
#include "../../vmbus/ring.c"
#include "../../vmbus/ic_negotiate.c"
#include "ring_mock.h"

#define DATA 4096
#define ROOM 512

static unsigned long packets, skipped, broken, ranges, negotiated, signals;

static u32 word(const u8 *p)
{
	return get_unaligned_le32(p);
}

static void packet(const u8 *pkt, const struct pkt_info *info)
{
	u32 count, i, off, len;

	packets++;
	FUZZ_CHECK(info->bytes <= ROOM && info->offset >= 16 && info->offset <= info->bytes);
	if (info->type == PKT_XFER_PAGES && !pkt_xfer_count(pkt, info, &count)) {
		FUZZ_CHECK(24 + 8 * (u64)count <= info->offset);
		for (i = 0; i < count; i++) {
			if (!pkt_xfer_range(pkt, i, 0x10000, &off, &len)) {
				ranges++;
				FUZZ_CHECK((u64)off + len <= 0x10000);
			}
		}
	}
	if (info->type == PKT_INBAND) {
		static const int fw[] = { 0x30000, 0x10000 }, msg[] = { 0x40000, 0x30000 };
		u32 payload = info->bytes - info->offset;
		u8 *copy = malloc(payload ? payload : 1);
		int f, m;

		memcpy(copy, pkt + info->offset, payload);
		if (ic_negotiate(copy, payload, fw, 2, msg, 2, &f, &m)) {
			negotiated++;
			FUZZ_CHECK(f > 0 && m > 0);
		}
		free(copy);
	}
}

static void read_all(struct ring *r)
{
	u32 avail, rounds = 0;

	while (ring_avail(r, &avail) == RING_OK && avail) {
		struct pkt_info info;
		struct pkt_desc desc;
		enum pkt_verdict v;
		u8 *copy;

		FUZZ_CHECK(avail < DATA && rounds++ <= DATA / 24);
		if (avail < sizeof(desc))
			break;
		ring_peek(r, 0, &desc, sizeof(desc));
		v = pkt_check(&desc, avail, ROOM, &info);
		if (v == PKT_BROKEN || v == PKT_NONE) {
			broken++;
			break;
		}
		FUZZ_CHECK(info.step >= 24 && info.step <= avail);
		if (v == PKT_OK) {
			copy = malloc(info.bytes);
			memcpy(copy, &desc, sizeof(desc));
			ring_peek(r, sizeof(desc), copy + sizeof(desc), info.bytes - sizeof(desc));
			packet(copy, &info);
			free(copy);
		} else {
			skipped++;
		}
		ring_skip(r, info.step);
		signals += ring_release(r);
		FUZZ_CHECK(r->pos < DATA && !(r->pos & 7));
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t bytes)
{
	static u8 out_bytes[700];
	struct ring_vec vec = { out_bytes, 0 };
	u8 *mem;
	struct ring r;
	u32 room, i;

	if (bytes < 20)
		return 0;
	mem = malloc(4096 + DATA);
	FUZZ_CHECK(mem && !ring_init(&r, mem, 4096 + DATA));
	memset(mem + 4096, 0, DATA);
	r.pos = word(data) * 8 % DATA;
	r.told = r.pos;
	memcpy(mem, data + 4, 12);		/* write, read, mask */
	memcpy(mem + 12, data + 16, 4);		/* pending */
	mem[64] = data[3];
	for (i = 20; i < bytes && i < 20 + DATA; i++)
		mem[4096 + (r.pos + i - 20) % DATA] = data[i];
	read_all(&r);

	/* And the outbound side, under the same indices. */
	r.pos = word(data + 4) & (DATA - 8);
	r.told = r.pos;
	for (i = 0; i < 4; i++) {
		u32 before = r.pos;

		vec.bytes = (word(data + 16) >> i * 4) % sizeof(out_bytes);
		if (ring_put(&r, &vec, 1) == RING_OK) {
			FUZZ_CHECK(r.pos != before && r.pos < DATA && !(r.pos & 7));
			signals += ring_publish(&r);
		}
		if (ring_room(&r, &room) == RING_OK)
			FUZZ_CHECK(room && room <= DATA);
	}
	free(mem);
	return 0;
}

size_t fuzz_seed(size_t n, u8 *buf)
{
	static const u8 types[] = { 6, 7, 11, 6 };
	size_t at = 20;
	u32 total = 0, i;

	if (n >= 8)
		return 0;
	memset(buf, 0, 2048);
	buf[0] = n & 1 ? 0xf0 : 0;
	buf[1] = n & 1 ? 1 : 0;
	for (i = 0; i < 6; i++) {
		u32 len8 = 8 + 2 * i + n;

		buf[at] = types[(n + i) % 4];
		buf[at + 2] = 5;
		buf[at + 4] = len8;
		buf[at + 8] = i + 1;
		buf[at + 16] = 1;
		buf[at + 20] = 2;
		buf[at + 24] = 16;
		if (types[(n + i) % 4] == 6) {
			/* a negotiation at payload 40 */
			buf[at + 2] = 2;
			memcpy(buf + at + 16 + 28, "\1\0\1\0\0\0\0\0\3\0\0\0\4\0\0\0", 16);
		}
		at += len8 * 8 + 8;
		total += len8 * 8 + 8;
	}
	total += (buf[0] | buf[1] << 8) * 8;
	buf[4] = (total % DATA) & 0xff;
	buf[5] = (total % DATA) >> 8;
	buf[3] = 1;
	buf[16] = 0x40;
	return at;
}

const char *fuzz_summary(void)
{
	static char text[240];

	FUZZ_CHECK(packets > 100 && skipped > 100 && broken > 100 && ranges > 100 &&
		   negotiated > 10 && signals > 100);
	snprintf(text, sizeof(text),
		 "%lu packets taken, %lu skipped, %lu rings broken, %lu ranges, %lu negotiated, %lu signals",
		 packets, skipped, broken, ranges, negotiated, signals);
	return text;
}
