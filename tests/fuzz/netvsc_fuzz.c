// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a network host sends: packets of frames with ranges anywhere in a small
 * receive buffer, control messages, answers, indications, objects, the whole
 * handshake.
 *
 * Input: a byte that chooses the path, then its bytes.
 */
#include "fuzz.h"
#include "../../netvsc/nvsp.c"
#include "../../netvsc/xfer.h"
#include "../../netvsc/rsc.c"
#define begin begin_rndis
#include "../../netvsc/rndis.c"
#undef begin
#include "../../netvsc/offload.c"
#include "../../netvsc/rss_params.c"
#include "../../netvsc/oid.c"
#include "../../netvsc/sections.c"
#include "../../netvsc/nvsp_fsm.c"
#include "net_mock.h"

#define BUF_BYTES	4096u
#define PART_BYTES	1024u
#define MAX_FRAME	700u

static unsigned long n_packets, n_refused, n_frames, n_ppi, n_control, n_coalesced, n_reply,
	n_indicate, n_info, n_caps, n_rss, n_names, n_table, n_ready, n_failed;

/* As rx.c does it: packet, ranges, frames, assembly. */
static void packet(const u8 *pkt, u32 bytes, const u8 *buf)
{
	static struct rsc rsc;
	u32 i, j, at, range_bytes, ranges = 0, sum;
	struct frame f;

	if (bytes < 16 || xfer_check(pkt, get_unaligned_le16(pkt + 2) * 8u, bytes, &ranges) !=
	    XFER_OK) {
		n_refused++;
		return;
	}
	n_packets++;
	rsc_reset(&rsc);
	for (i = 0; i < ranges; i++) {
		enum frame_verdict v;

		if (!xfer_range(pkt, i, BUF_BYTES, PART_BYTES, &at, &range_bytes)) {
			rsc_reset(&rsc);
			continue;
		}
		FUZZ_CHECK(at <= BUF_BYTES && range_bytes <= BUF_BYTES - at);
		v = frame_parse(buf + at, range_bytes, MAX_FRAME, &f);
		FUZZ_CHECK(v < FRAME_NR);
		n_control += v == FRAME_CONTROL;
		if (v != FRAME_OK) {
			FUZZ_CHECK(v != FRAME_CONTROL || range_bytes >= 8);
			rsc_reset(&rsc);
			continue;
		}
		FUZZ_CHECK(f.at <= range_bytes && f.bytes <= range_bytes - f.at && f.bytes);
		n_ppi += f.ppi.found != 0;
		switch (rsc_add(&rsc, &f, at, i + 1 == ranges)) {
		case RSC_SINGLE:
			FUZZ_CHECK(f.bytes >= FRAME_MIN_BYTES && f.bytes <= MAX_FRAME);
			n_frames++;
			break;
		case RSC_DONE:
			for (j = sum = 0; j < rsc.count; j++) {
				FUZZ_CHECK(rsc.piece[j].at <= BUF_BYTES);
				FUZZ_CHECK(rsc.piece[j].bytes <= BUF_BYTES - rsc.piece[j].at);
				sum += rsc.piece[j].bytes;
			}
			FUZZ_CHECK(sum == rsc.bytes && sum >= 14 && sum <= RSC_MAX_BYTES);
			n_coalesced++;
			break;
		case RSC_MORE:
			FUZZ_CHECK(i + 1 < ranges && rsc.count && rsc.count <= NVSP_MAX_RANGES);
			break;
		case RSC_REFUSED:
			FUZZ_CHECK(!rsc.count);
			break;
		case RSC_VERDICT_NR:
			FUZZ_CHECK(false);
		}
	}
}

static void object(const u8 *info, u32 bytes)
{
	struct ndis_caps caps;
	struct rss_caps rss;
	char name[64];
	u8 mac[6];
	u32 word;
	int n;

	if (!offload_parse(info, bytes, 0x60001, &caps)) {
		n_caps++;
		FUZZ_CHECK(!caps.tso_max_bytes == !(caps.tso4 || caps.tso6));
		FUZZ_CHECK(!caps.tso4 || caps.tcp4);
	}
	if (!rss_parse(info, bytes, &rss)) {
		n_rss++;
		FUZZ_CHECK(rss.entries && rss.entries <= 256 && rss.queues);
	}
	n = oid_name(info, bytes, name, sizeof(name));
	FUZZ_CHECK(n < (int)sizeof(name) && (n < 0 || strnlen(name, sizeof(name)) == (size_t)n));
	n_names += n > 0;
	if (!oid_mac(info, bytes, mac))
		FUZZ_CHECK(!(mac[0] & 1));
	FUZZ_CHECK(!oid_u32(info, bytes, &word) == (bytes == 4));
}

static void control(const u8 *msg, u32 bytes)
{
	struct rndis_limits limits;
	struct rndis_control c;
	const void *info;
	u32 length;

	switch (rndis_check(msg, bytes, &c)) {
	case RNDIS_KIND_REPLY:
		n_reply++;
		FUZZ_CHECK(c.bytes <= bytes);
		if (!rndis_limits(msg, c.bytes, &limits)) {
			FUZZ_CHECK(limits.align && limits.align <= 128);
			FUZZ_CHECK(limits.max_packets && limits.max_packets <= 64);
		}
		if (!rndis_info(msg, c.bytes, 512, &info, &length)) {
			FUZZ_CHECK((const u8 *)info >= msg + 24 && length <= 512);
			FUZZ_CHECK((const u8 *)info + length <= msg + c.bytes);
			n_info++;
			object(info, length);
		}
		break;
	case RNDIS_KIND_INDICATE:
		n_indicate++;
		if (!rndis_indicated(msg, bytes, &info, &length)) {
			FUZZ_CHECK((const u8 *)info >= msg + 20);
			FUZZ_CHECK((const u8 *)info + length <= msg + bytes);
		}
		break;
	case RNDIS_KIND_SHORT:
	case RNDIS_KIND_UNKNOWN:
	case RNDIS_KIND_NR:
		break;
	}
}

static void message(const u8 *msg, u32 bytes)
{
	u16 table[NVSP_SEND_TABLE_ENTRIES];
	struct nvsp_msg to;
	u32 want, i;
	bool good;

	FUZZ_CHECK(nvsp_note(msg, bytes) < NVSP_NOTE_NR);
	for (want = 0; want < 140; want++)
		FUZZ_CHECK(nvsp_answer(want, msg, bytes, &to) < NVSP_ANSWER_NR);
	nvsp_tx_done(msg, bytes, &good);
	for (want = 0; want < 2; want++)
		if (nvsp_send_table(msg, bytes, want ? 0x60001 : 0x60000, 4, table) >= 0) {
			n_table++;
			for (i = 0; i < NVSP_SEND_TABLE_ENTRIES; i++)
				FUZZ_CHECK(table[i] < 4);
		}
}

static void handshake(const u8 *data, u32 bytes)
{
	struct nvsp_fsm fsm;
	enum nvsp_do todo;
	u32 n = 0, take;

	nvsp_fsm_init(&fsm, 0x60001, 1500, false);
	todo = nvsp_fsm_step(&fsm, NVSP_EV_OPEN, NULL, 0);
	while (todo != NVSP_DO_FAIL && todo != NVSP_DO_START) {
		FUZZ_CHECK(n++ < 32);
		switch (todo) {
		case NVSP_DO_ASK:
			take = bytes > 40 ? 40 : bytes;
			todo = nvsp_fsm_step(&fsm, NVSP_EV_REPLY, data, take);
			data += take;
			bytes -= take;
			break;
		case NVSP_DO_TELL:
			todo = nvsp_fsm_step(&fsm, NVSP_EV_SENT, NULL, 0);
			break;
		case NVSP_DO_BUFFERS:
			fsm.recv.bytes = 1 << 20;
			fsm.send.bytes = 1 << 18;
			todo = nvsp_fsm_step(&fsm, NVSP_EV_BUFFERS, NULL, 0);
			break;
		default:
			FUZZ_CHECK(false);
		}
	}
	n_failed += todo == NVSP_DO_FAIL;
	if (todo == NVSP_DO_START) {
		n_ready++;
		FUZZ_CHECK((u64)fsm.recv.part_bytes * fsm.recv.parts <= fsm.recv.bytes);
		FUZZ_CHECK((u64)fsm.send.part_bytes * fsm.send.parts <= fsm.send.bytes);
		FUZZ_CHECK(fsm.recv.parts && fsm.send.parts && fsm.recv.part_bytes >= 68);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t bytes)
{
	u8 *exact, *buf;
	u32 pkt;

	if (bytes < 2 || bytes > 8192)
		return 0;
	bytes--;
	/* Copies of the exact length, for the sanitizer. */
	exact = malloc(bytes);
	memcpy(exact, data + 1, bytes);
	switch (data[0] & 3) {
	case 0:
		/* A packet of at most 256 bytes, then the start of the buffer. */
		buf = calloc(1, BUF_BYTES);
		pkt = bytes > 256 ? 256 : bytes;
		memcpy(buf, exact + pkt, min(bytes - pkt, (size_t)BUF_BYTES));
		free(exact);
		exact = malloc(pkt);
		memcpy(exact, data + 1, pkt);
		packet(exact, pkt, buf);
		free(buf);
		break;
	case 1:
		control(exact, bytes);
		break;
	case 2:
		message(exact, bytes);
		handshake(exact, bytes);
		break;
	case 3:
		object(exact, bytes);
		break;
	}
	free(exact);
	return 0;
}

static size_t seed_packet(u8 *buf)
{
	static const u32 range[4][2] = { { 0, 200 }, { 256, 300 }, { 600, 200 }, { 900, 200 } };
	u8 *mem = buf + 257;

	mock_xfer(buf + 1, 1, range, 4);
	mock_packet(mem, mock_ppi(mem, mock_ppi(mem, 44, 0, 0x28), 6, 0x123), 100, 60);
	mock_packet(mem + 256, 44, 44, 200);
	mock_packet(mem + 600, mock_ppi(mem + 600, 44, MOCK_PPI_RSC, 0x301), 60, 60);
	mock_packet(mem + 900, mock_ppi(mem + 900, 44, MOCK_PPI_RSC, 0x501), 60, 60);
	return 257 + 1200;
}

static size_t seed_control(u8 *buf, u32 type, u32 bytes)
{
	u8 *msg = buf + 1;

	buf[0] = 1;
	mock_put32(msg, 0, type);
	mock_put32(msg, 4, bytes);
	mock_put32(msg, 8, 1);
	mock_put32(msg, 16, bytes - 24);
	mock_put32(msg, 20, 16);
	if (type == 7) {
		mock_put32(msg, 12, 4);
		mock_put32(msg, 16, 12);
	}
	return 1 + bytes;
}

static size_t seed_offload(u8 *buf)
{
	static const u8 at[] = { 8, 16, 24, 32 };
	u32 i;

	buf[0] = 3;
	buf[1] = 0xa7;
	buf[2] = 3;
	mock_put16(buf, 3, 156);
	for (i = 0; i < sizeof(at); i++)
		mock_put32(buf + 1, at[i], 0x155);
	mock_put32(buf + 1, 80, 2);
	mock_put32(buf + 1, 84, 0xf000);
	return 157;
}

static size_t seed_handshake(u8 *buf)
{
	u8 *msg = buf + 1;

	buf[0] = 2;
	mock_put32(msg, 0, 2);
	mock_put32(msg, 12, 1);
	mock_put32(msg, 40, 102);
	mock_put32(msg, 44, 1);
	mock_put32(msg, 48, 1);
	mock_put32(msg, 56, 1728);
	mock_put32(msg, 60, 500);
	mock_put32(msg, 80, 105);
	mock_put32(msg, 84, 1);
	mock_put32(msg, 88, 6144);
	return 121;
}

size_t fuzz_seed(size_t n, u8 *buf)
{
	memset(buf, 0, 2048);
	switch (n) {
	case 0:
	case 1:
		return seed_packet(buf);
	case 2:
		return seed_control(buf, 0x80000004, 180);
	case 3:
		return seed_control(buf, 0x80000002, 52);
	case 4:
		return seed_control(buf, 7, 24);
	case 5:
		return seed_handshake(buf);
	case 6:
		buf[0] = 2;
		mock_put32(buf, 1, 134);
		mock_put32(buf, 5, 16);
		mock_put32(buf, 9, 12);
		return 105;
	case 7:
		return seed_offload(buf);
	case 8:
		buf[0] = 3;
		buf[1] = 0x88;
		buf[2] = 2;
		mock_put16(buf, 3, 18);
		mock_put32(buf, 5, 0x301);
		return 19;
	}
	return 0;
}

const char *fuzz_summary(void)
{
	static char text[400];

	FUZZ_CHECK(n_packets > 100 && n_refused > 100 && n_frames > 100 && n_ppi > 100);
	FUZZ_CHECK(n_control > 100 && n_coalesced > 100 && n_reply > 100 && n_indicate > 100);
	FUZZ_CHECK(n_info > 100 && n_caps > 100 && n_rss > 100 && n_names > 100);
	FUZZ_CHECK(n_table > 100 && n_ready > 100 && n_failed > 100);
	snprintf(text, sizeof(text),
		 "%lu packets, %lu refused, %lu frames, %lu coalesced, %lu replies, %lu objects, %lu ready, %lu failed",
		 n_packets, n_refused, n_frames, n_coalesced, n_reply,
		 n_info + n_caps + n_rss + n_names, n_ready, n_failed);
	return text;
}
