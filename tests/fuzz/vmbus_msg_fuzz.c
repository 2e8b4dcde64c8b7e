// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host puts into a message slot: slot, message gate, offer gate,
 * version answer. The first byte of an input picks the protocol version.
 */
#include "fuzz.h"
#include "../../hypercall/page.c"
#include "../../vmbus/msg.c"
#include "../../vmbus/version.c"

static const u32 versions[] = { 0, 0x0d, 0x10001, 0x20004, 0x30000, 0x40001, 0x50003, 0x60000 };
static unsigned long messages, accepted, offers, answers;

static void message(const u8 *buf, size_t bytes, u32 version)
{
	enum msg_verdict v;
	u32 type;

	v = msg_check(buf, bytes, version, &type);
	FUZZ_CHECK(v < MSG_VERDICTS);
	FUZZ_CHECK(msg_name(type));
	if (v != MSG_OK)
		return;
	accepted++;
	FUZZ_CHECK(bytes >= msg_min_bytes(type) && bytes <= 240);
	if (type == VMBUS_MSG_OFFER) {
		struct vmbus_msg_offer offer;
		struct offer_info info;

		memcpy(&offer, buf, sizeof(offer));
		if (msg_parse_offer(&offer, version, &info) == OFFER_OK) {
			offers++;
			FUZZ_CHECK(info.relid >= 1 && info.relid <= 2047);
			FUZZ_CHECK(info.conn_id && info.conn_id <= 0xffffff);
			FUZZ_CHECK(!info.monitored || info.monitor_id < 128);
		}
	} else if (type == VMBUS_MSG_VERSION) {
		struct vmbus_msg_version m;
		u32 port = 0;

		memcpy(&m, buf, sizeof(m));
		if (version_judge(version, m.supported, m.state, le32_to_cpu(m.conn_id), &port) ==
		    VERSION_ACCEPTED) {
			answers++;
			FUZZ_CHECK(port && port <= 0xffffff);
		}
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t bytes)
{
	struct hvw_slot slot = {};
	struct synic_msg msg;
	u32 version;

	if (!bytes)
		return 0;
	version = versions[*data % ARRAY_SIZE(versions)];
	message(data + 1, bytes - 1, version);

	/* The same bytes as a whole slot. */
	memcpy(&slot, data + 1, min(bytes - 1, sizeof(slot)));
	memset(&msg, 0xcc, sizeof(msg));
	if (page_slot_read(&slot, &msg) == PAGE_VMBUS) {
		messages++;
		FUZZ_CHECK(msg.bytes <= 240);
		FUZZ_CHECK(!memchr_inv(msg.payload + msg.bytes, 0, 240 - msg.bytes));
		message(msg.payload, msg.bytes, version);
	}
	page_slot_release(&slot);
	FUZZ_CHECK(!slot.type);
	return 0;
}

size_t fuzz_seed(size_t n, u8 *buf)
{
	static const u8 types[] = { 1, 2, 4, 6, 10, 12, 15, 17, 23, 24, 26 };
	size_t k = n / 2, head = n % 2 ? 17 : 1;

	if (k >= sizeof(types))
		return 0;
	memset(buf, 0, 300);
	buf[0] = 6;
	if (n % 2) {
		buf[1] = 1;
		buf[5] = 240;
	}
	buf[head] = types[k];
	if (types[k] == 1) {
		memset(buf + head + 8, 0x11, 32);
		buf[head + 184] = 5;
		buf[head + 192] = 0x11;
	} else if (types[k] == 15) {
		buf[head + 8] = 1;
		buf[head + 12] = 4;
	}
	return head + 240;
}

const char *fuzz_summary(void)
{
	static char text[240];

	FUZZ_CHECK(messages > 100 && accepted > 100 && offers > 100 && answers > 100);
	snprintf(text, sizeof(text), "%lu slots, %lu messages, %lu offers, %lu answers accepted",
		 messages, accepted, offers, answers);
	return text;
}
