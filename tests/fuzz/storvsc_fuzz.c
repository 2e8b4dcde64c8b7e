// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a storage host answers: classification, transaction ids, SRB verdicts,
 * and the whole handshake fed with arbitrary packets.
 *
 * Input: 8 bytes of transaction id, then packets of 64 bytes.
 */
#include "fuzz.h"
#include "../../storvsc/vstor.c"
#include "../../storvsc/srb.c"
#include "../../storvsc/vstor_fsm.c"

static unsigned long n_io, n_control, n_bus, n_refused, n_ready, n_failed;

static void answer(u64 id, const u8 *data, size_t bytes)
{
	static const u32 needs[] = { 48, 64 };
	const struct vstor_pkt *pkt = NULL;
	struct srb_asked asked = { .opcode = 0x2a, .data_bytes = 4096 };
	struct srb_verdict v;
	u32 need = needs[id & 1], index;
	enum vstor_rx rx;

	rx = vstor_classify(id, data, bytes, need, &pkt);
	FUZZ_CHECK(rx < VSTOR_RX_NR);
	FUZZ_CHECK(!pkt == (rx > VSTOR_RX_BUS_CHANGED));
	switch (rx) {
	case VSTOR_RX_IO:
		n_io++;
		if (vstor_id_index(id, 64, &index))
			FUZZ_CHECK(index < 64);
		asked.opcode = data[0];
		srb_judge(&asked, &pkt->srb, &v);
		FUZZ_CHECK(v.done_bytes <= asked.data_bytes);
		FUZZ_CHECK(v.sense_bytes <= sizeof(pkt->srb.payload));
		break;
	case VSTOR_RX_CONTROL:
		n_control++;
		break;
	case VSTOR_RX_BUS_CHANGED:
		n_bus++;
		break;
	default:
		n_refused++;
		break;
	}
}

static void handshake(const u8 *data, size_t bytes, bool fc)
{
	struct vstor_fsm fsm;
	struct vstor_pkt pkt;
	enum vstor_do act;
	unsigned int n = 0;

	vstor_fsm_init(&fsm, fc, 16, 1 << 20);
	act = vstor_fsm_step(&fsm, VSTOR_EV_OPEN, NULL);
	while (act == VSTOR_DO_SEND && bytes >= sizeof(pkt)) {
		FUZZ_CHECK(n++ < 16);
		memcpy(&pkt, data, sizeof(pkt));
		data += sizeof(pkt);
		bytes -= sizeof(pkt);
		act = vstor_fsm_step(&fsm, pkt.status ? VSTOR_EV_REFUSED : VSTOR_EV_ACCEPTED, &pkt);
	}
	if (act == VSTOR_DO_START) {
		n_ready++;
		FUZZ_CHECK(fsm.max_transfer >= 4096 && fsm.max_transfer <= 1 << 20);
		FUZZ_CHECK(!(fsm.max_transfer & 4095) && fsm.subs <= 16);
	}
	n_failed += act == VSTOR_DO_FAIL;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t bytes)
{
	u64 id;

	if (bytes < 8)
		return 0;
	id = get_unaligned_le64(data);
	answer(id, data + 8, bytes - 8);
	handshake(data + 8, bytes - 8, id & 2);
	return 0;
}

size_t fuzz_seed(size_t n, u8 *buf)
{
	static const u64 ids[] = { 1, 0, VSTOR_ID_CONTROL | 1, 2, 0x500000003ull, 64 };
	unsigned int i;

	if (n >= ARRAY_SIZE(ids))
		return 0;
	memset(buf, 0, 1024);
	put_unaligned_le64(ids[n], buf);
	for (i = 0; i < 8; i++) {
		u8 *p = buf + 8 + i * 64;

		p[0] = n == 1 ? 11 : 1;
		/* A channel with room for 64 KiB transfers and sub-channels. */
		put_unaligned_le16(4, p + 20);
		put_unaligned_le32(n & 1 ? 1 : 0, p + 24);
		put_unaligned_le32(0x10000, p + 28);
		p[14] = n;
		p[15] = i;
	}
	return 8 + 8 * 64;
}

const char *fuzz_summary(void)
{
	static char text[240];

	FUZZ_CHECK(n_io > 100 && n_control > 100 && n_bus > 100 && n_refused > 100);
	FUZZ_CHECK(n_ready > 10 && n_failed > 100);
	snprintf(text, sizeof(text),
		 "%lu answers, %lu control, %lu bus, %lu refused, %lu ready, %lu failed",
		 n_io, n_control, n_bus, n_refused, n_ready, n_failed);
	return text;
}
