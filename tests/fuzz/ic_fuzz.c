// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host of an integration service sends, and what its daemon writes:
 * framing, negotiation, and each service's reading of the body.
 *
 * Input: 1 byte that picks the service, 7 of state, then the packet; what lies
 * behind 4 KiB (or half the input) is the daemon's answer.
 */
#include "fuzz.h"
#include "../../ic/ic_msg.c"
#include "../../ic/nego.c"
#include "../../ic/utf.c"
#include "../../heartbeat/hb.c"
#include "../../shutdown/sd.c"
#include "../../timesync/ts_calc.c"
#include "../../kvp/kvp_ip.c"
#include "../../kvp/kvp_msg.c"

/* Names both files have. */
#define start fc_start_msg
#define known_status fc_known_status
#include "../../fcopy/fc_msg.c"
#undef known_status
#undef start
#include "../../vss/vss_fsm.c"

static unsigned long n_short, n_bad, n_foreign, n_agreed, n_refused, n_request;
static unsigned long n_asked, n_denied, n_numbers;

static const u16 types[] = { 1, 2, 3, 4, 5, 7 };

static void negotiate(u8 *pkt, u32 bytes)
{
	static const int fw[] = { 3 << 16, 1 << 16 };
	static const int msg[] = { 5 << 16, 4 << 16, 3 << 16 | 2, 3 << 16, 1 << 16 };
	int got_fw, got_msg;

	if (ic_agree(pkt, bytes, fw, 2, msg, 5, &got_fw, &got_msg)) {
		n_agreed++;
		FUZZ_CHECK(bytes >= 44 && got_fw && got_msg);
		FUZZ_CHECK(get_unaligned_le32(pkt + 28) == 0x10001);
	} else {
		n_refused++;
		FUZZ_CHECK(!got_fw && !got_msg);
	}
	FUZZ_CHECK(pkt[25] == 5);
	FUZZ_CHECK(get_unaligned_le16(pkt + 18) <= bytes - 28);
}

static void count(u32 status)
{
	if (status)
		n_denied++;
	else
		n_asked++;
}

/* Addresses as numbers: whatever comes out is text with an end, and comes back. */
static void kvp_numbers(const u8 *body, u32 bytes, const struct kvp_daemon_msg *from, u8 likely)
{
	static struct kvp_ip_binary in, out;
	static struct kvp_ip text, none;
	u8 *at = (u8 *)&in;
	u32 i;

	memset(&in, 0, sizeof(in));
	memcpy(&in, body, min_t(u32, bytes, sizeof(in)));
	/* Counts and lengths that could be. */
	for (i = 0; likely && i < 6; i++)
		put_unaligned_le32(at[4 * i] % (i == 2 || i == 3 ? 6 : 50), at + 4 * i);
	for (i = 0; likely && i < KVP_IP_MANY; i++)
		in.v6_prefix[i] = cpu_to_le32(le32_to_cpu(in.v6_prefix[i]) % 129);
	text = none;
	if (!kvp_ip_to_text(&in, &text)) {
		n_numbers++;
		FUZZ_CHECK(memchr(text.addresses, 0, sizeof(text.addresses)));
		FUZZ_CHECK(memchr(text.gateways, 0, sizeof(text.gateways)));
		FUZZ_CHECK(!kvp_ip_from_text(&text, &out));
		FUZZ_CHECK(out.v4_addresses == in.v4_addresses);
		FUZZ_CHECK(out.v6_servers == in.v6_servers);
		FUZZ_CHECK(!memcmp(out.v6_address, in.v6_address,
				   16 * le32_to_cpu(in.v6_addresses)));
	}
	if (!kvp_ip_from_text(&from->ip, &out)) {
		FUZZ_CHECK(le32_to_cpu(out.v4_addresses) <= 64);
		FUZZ_CHECK(le32_to_cpu(out.v6_addresses) <= 64);
		FUZZ_CHECK(le32_to_cpu(out.v4_gateways) <= 5);
		FUZZ_CHECK(le32_to_cpu(out.v6_gateways) <= 5);
	}
}

static void kvp(u8 *body, u32 bytes, const u8 *answer, u32 answer_bytes, const u8 *state)
{
	static struct kvp_daemon_msg to, from;
	struct kvp_asked asked = { .binary = state[6] & 1 };
	u32 status;

	memset(&from, 0, sizeof(from));
	memcpy(&from, answer, min_t(u32, answer_bytes, sizeof(from)));
	kvp_numbers(body, bytes, &from, !(state[5] & 3));
	status = kvp_question(body, bytes, &asked, &to);

	count(status);
	if (status)
		return;
	FUZZ_CHECK(asked.op <= 5 && asked.pool < 4);
	if (asked.op == 0 || asked.op == 1) {
		FUZZ_CHECK(memchr(to.value.key, 0, sizeof(to.value.key)));
		FUZZ_CHECK(memchr(to.value.value, 0, sizeof(to.value.value)));
		FUZZ_CHECK(le32_to_cpu(to.value.key_bytes) <= 512);
		FUZZ_CHECK(le32_to_cpu(to.value.value_bytes) <= 2048);
	}
	if (!kvp_answer(&asked, answer_bytes & 1, &from, body) && asked.op == 3) {
		FUZZ_CHECK(get_unaligned_le32(body + 12) <= 512);
		FUZZ_CHECK(get_unaligned_le32(body + 16) <= 2048);
		FUZZ_CHECK(!get_unaligned_le16(body + 20 + get_unaligned_le32(body + 12) - 2));
	}
}

static void fcopy(u8 *body, u32 bytes, const u8 *state)
{
	struct fc_session session = { .open = state[0] & 1, .size = 1 << 20 };
	static union fc_msg to;
	u32 n = 0, status;

	if (bytes >= 36)
		memcpy(session.id, body + 20, 16);
	status = fc_question(&session, body, bytes, &to, &n);
	count(status);
	if (!status) {
		FUZZ_CHECK(n == 36 || n == 1088 || n == 6196);
		FUZZ_CHECK(n != 6196 || le32_to_cpu(to.write.bytes) <= 6144);
		fc_answer(&session, le32_to_cpu(to.hdr.op), state[1]);
	}
}

static void timesync(const u8 *body, u32 bytes, const u8 *state)
{
	u64 now = get_unaligned_le32(state) * 1000ull;
	struct ts_pair pair;
	s64 ns = -1;

	ts_judge(state[4] & 1 ? 4 << 16 : 3 << 16, body, bytes, now, &pair);
	count(!pair.valid);
	if (pair.valid && !ts_host_ns(&pair, now + state[5], &ns))
		FUZZ_CHECK(ns >= 0);
}

static void request(u32 service, u8 *body, u32 bytes, const u8 *state,
		    const u8 *answer, u32 answer_bytes)
{
	struct vss_fsm fsm = { .state = state[0] % VSS_STATE_NR };
	u8 op = 0;
	u32 status;

	n_request++;
	switch (service) {
	case 0:
		count(hb_answer(body, bytes));
		break;
	case 1:
		kvp(body, bytes, answer, answer_bytes, state);
		break;
	case 2:
		sd_decide(body, bytes, state[0] << 16 | state[1], state[2] & 1, &status);
		count(status);
		break;
	case 3:
		timesync(body, bytes, state);
		break;
	case 4:
		if (vss_request(&fsm, body, bytes, &op, &status) == VSS_ASK)
			status = vss_answer(op, state[1], body);
		count(status);
		break;
	case 5:
		fcopy(body, bytes, state);
		break;
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t bytes)
{
	u32 service, n, left;
	u8 state[7], *pkt;

	if (bytes < 8)
		return 0;
	service = data[0] % ARRAY_SIZE(types);
	memcpy(state, data + 1, 7);
	data += 8;
	bytes -= 8;
	/* KVP needs room for what a daemon says. */
	n = service == 1 ? (u32)min_t(size_t, bytes, 2608) : (u32)bytes;
	left = (u32)bytes - n;
	/* Exactly as large: the sanitizer sees one byte too many. */
	pkt = malloc(n ? n : 1);
	memcpy(pkt, data, n);
	switch (ic_classify(pkt, n, types[service])) {
	case IC_SHORT:
		n_short++;
		break;
	case IC_NEGOTIATION:
		negotiate(pkt, n);
		break;
	case IC_FOREIGN:
		n_foreign++;
		ic_seal(pkt, n, IC_E_FAIL);
		break;
	case IC_BAD_LENGTH:
		n_bad++;
		ic_seal(pkt, n, IC_E_FAIL);
		FUZZ_CHECK(get_unaligned_le32(pkt + 4) <= n - 8);
		break;
	case IC_REQUEST:
		request(service, pkt + 28, n - 28, state, data + n, left);
		ic_seal(pkt, n, IC_OK);
		break;
	case IC_KIND_NR:
		FUZZ_CHECK(false);
	}
	free(pkt);
	return 0;
}

size_t fuzz_seed(size_t n, u8 *buf)
{
	static const u32 sizes[] = { 40, 2608, 2088, 56, 40, 6224 };
	u32 service = n % 6, bytes = sizes[service];
	u8 *p = buf + 8;

	if (n >= 24)
		return 0;
	memset(buf, 0, 8 * 1024);
	buf[0] = service;
	buf[1] = 3;
	put_unaligned_le32(0x10000000, buf + 2);
	put_unaligned_le32(1, p);
	put_unaligned_le32(bytes - 8, p + 4);
	put_unaligned_le16(types[service], p + 12);
	put_unaligned_le16(bytes - 28, p + 18);
	p[25] = 3;
	p[28] = n / 6;
	if (n < 6) {
		/* Versions: two frameworks, three messages. */
		static const u16 v[] = { 1, 0, 3, 0, 1, 0, 4, 0, 3, 2 };
		u32 i;

		put_unaligned_le16(0, p + 12);
		put_unaligned_le32(2 | 3 << 16, p + 28);
		for (i = 0; i < ARRAY_SIZE(v); i++)
			put_unaligned_le16(v[i], p + 36 + 2 * i);
	} else if (service == 1) {
		put_unaligned_le32(1, p + 32);
		put_unaligned_le32(n < 12 ? 4 : 2, p + 36);
		put_unaligned_le32(4, p + 40);
		put_unaligned_le16('k', p + 44);
		put_unaligned_le16('v', p + 556);
		memcpy(p + 2608 + 4, "answer", 7);
		memcpy(p + 2608 + 20, "key", 4);
		bytes += 4096;
	} else if (service == 3) {
		put_unaligned_le64(134116992000000000ull, p + 28);
		put_unaligned_le64(1000, p + 36);
		p[44] = 1;
	} else if (service == 5) {
		put_unaligned_le32(6144, p + 76);
		put_unaligned_le16('f', p + 64);
		put_unaligned_le16('/', p + 584);
	}
	return min_t(size_t, 8 + bytes, 8 * 1024);
}

const char *fuzz_summary(void)
{
	static char text[240];

	FUZZ_CHECK(n_short && n_bad > 100 && n_foreign > 100 && n_refused > 100);
	FUZZ_CHECK(n_numbers > 100);
	FUZZ_CHECK(n_agreed > 10 && n_request > 1000 && n_asked > 500 && n_denied > 500);
	snprintf(text, sizeof(text),
		 "%lu agreed, %lu refused, %lu bad, %lu foreign, %lu requests: %lu asked, %lu denied, %lu as numbers",
		 n_agreed, n_refused, n_bad, n_foreign, n_request, n_asked, n_denied, n_numbers);
	return text;
}
