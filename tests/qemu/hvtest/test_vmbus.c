// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bus, in every version of its protocol, asked for through both contact
 * ports: negotiate, take the offers, open the channel of an hv-test device, have
 * one packet echoed, close, leave. No driver that can be had speaks 0.13 and 1.1.
 */
#include "hv.h"

#define SINT		2
#define VECTOR		0x73
#define RELIDS		2048
#define TIMEOUT		0

enum {
	OFFER = 1, REQUEST_OFFERS = 3, ALL_OFFERS, OPEN, OPEN_RESULT, CLOSE, GPADL_HEADER, GPADL_CREATED = 10, GPADL_TEARDOWN,
	GPADL_TORNDOWN, CONTACT = 14, VERSION, UNLOAD, UNLOADED,
};

static const u32 versions[] = { 0x0000000d, 0x00010001, 0x00020004, 0x00030000, 0x00040000, 0x00040001,
				0x00050000, 0x00050001, 0x00050002, 0x00050003 };
static const u8 test_class[16] = { 0x3c, 0xa6, 0xd2, 0x7e, 0x53, 0x7b, 0x6b, 0x4d, 0xa4, 0xd1, 0x3e, 0x2d, 0x6f, 0x9c, 0x0a, 0x51 };

/* 2 pages to the host, 2 from it: header and data each */
static u8 rings[4 * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static u8 monitors[2 * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static u8 interrupt_page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static struct hv_post post __attribute__((aligned(PAGE_SIZE)));
static u8 msg[240];
static u32 port;			/* messages go to it */

static u32 get32(const void *p) { u32 v; memcpy(&v, p, 4); return v; }
static void put32(u32 at, u32 v) { memcpy(post.payload + at, &v, 4); }
static void put64(u32 at, u64 v) { memcpy(post.payload + at, &v, 8); }

static void begin(u32 type)
{
	memset(&post, 0, sizeof(post));
	put32(0, type);
}

static u64 send(u32 size)
{
	post.connection = port;
	post.type = 1;
	post.size = size;
	return post_message(&post);
}

/* The next message of the host, to @msg; its type, or TIMEOUT */
static u32 receive(void)
{
	volatile struct hv_message *slot = message_slot(0, SINT);

	if (!wait_nonzero((u32 *)&slot->type))
		return TIMEOUT;
	memcpy(msg, (void *)slot->payload, sizeof(msg));
	slot->type = 0;
	mb();
	wrmsr(MSR_EOM, 0);
	return get32(msg);
}

static u64 contact(u32 version)
{
	begin(CONTACT);
	put32(8, version);
	if (version >= 0x00050000)
		post.payload[16] = SINT;
	else
		put64(16, (u64)interrupt_page);
	put64(24, (u64)monitors);
	put64(32, (u64)monitors + PAGE_SIZE);
	return send(40);
}

/* All offers: relid and port of the test device, and whether the list ends in order */
static bool offers(u32 *relid, u32 *signal)
{
	u32 type, n = 0;

	*relid = 0;
	begin(REQUEST_OFFERS);
	if (send(8))
		return false;
	while ((type = receive()) == OFFER && n++ < 100) {
		if (memcmp(msg + 8, test_class, 16))
			continue;
		*relid = get32(msg + 184);
		*signal = get32(msg + 192);
	}
	return type == ALL_OFFERS && *relid && *relid < RELIDS;
}

static bool open_channel(u32 relid)
{
	memset(rings, 0, sizeof(rings));
	begin(GPADL_HEADER);
	put32(8, relid);
	put32(12, 0x1234);
	put32(16, 1 << 16 | (8 + 4 * 8));
	put32(20, sizeof(rings));
	for (u32 i = 0; i < 4; i++)
		put64(28 + 8 * i, (u64)rings / PAGE_SIZE + i);
	if (send(28 + 4 * 8) || receive() != GPADL_CREATED || get32(msg + 8) != relid || get32(msg + 12) != 0x1234 ||
	    get32(msg + 16))
		return false;
	begin(OPEN);
	put32(8, relid);
	put32(12, 0x77);
	put32(16, 0x1234);
	put32(24, 2);
	return !send(148) && receive() == OPEN_RESULT && get32(msg + 8) == relid && get32(msg + 12) == 0x77 && !get32(msg + 16);
}

static bool close_channel(u32 relid)
{
	begin(CLOSE);
	put32(8, relid);
	if (send(12))
		return false;
	begin(GPADL_TEARDOWN);
	put32(8, relid);
	put32(12, 0x1234);
	return !send(16) && receive() == GPADL_TORNDOWN && get32(msg + 8) == 0x1234;
}

/* One in-band packet that wants a completion, and gets its own payload back */
static bool packet_is_echoed(u32 version, u32 relid, u32 signal)
{
	volatile u32 *out = (u32 *)rings, *in = (u32 *)(rings + 2 * PAGE_SIZE);
	u32 *data = (u32 *)(rings + PAGE_SIZE), *answer = (u32 *)(rings + 3 * PAGE_SIZE);
	u64 status;

	data[0] = 2 << 16 | 6;			/* data in band, payload after 16 bytes */
	data[1] = 1 << 16 | 3;			/* 24 bytes; completion wanted */
	data[2] = 0xabcd;
	data[3] = 0;
	data[4] = 0x01234567;
	data[5] = 0x89abcdef;
	mb();
	out[0] = 32;
	mb();
	if (version < 0x00020004) {
		/* the bit for the host is in the second half, and one port serves all */
		interrupt_page[PAGE_SIZE / 2 + relid / 8] |= 1 << relid % 8;
		mb();
		signal = 2;
	}
	status = hypercall(HC_SIGNAL_EVENT | HC_FAST, signal);
	if (status || !wait_nonzero(&in[0]))
		return false;
	return (answer[0] & 0xffff) == 11 && answer[2] == 0xabcd && answer[4] == 0x01234567 && answer[5] == 0x89abcdef;
}

static bool event_arrived(u32 version, u32 relid)
{
	if (version < 0x00020004)
		return wait_mask(event_flags(0, SINT), 1) && interrupt_page[relid / 8] & 1 << relid % 8;
	return wait_mask(event_flags(0, SINT) + relid / 32, 1u << relid % 32);
}

static void one_version(u32 version, u32 contact_port)
{
	u32 major = version >> 16, minor = version & 0xffff, relid, signal = 0;
	u64 status;

	memset(interrupt_page, 0, sizeof(interrupt_page));
	memset(event_flags(0, SINT), 0, RELIDS / 8);
	port = contact_port;
	status = contact(version);
	expect(status, 0, "vmbus %u.%u at port %u: contact", major, minor, contact_port);
	if (status || receive() != VERSION) {
		verdict(false, "vmbus %u.%u at port %u: version response", major, minor, contact_port);
		return;
	}
	expect(msg[8], 1, "vmbus %u.%u at port %u: supported", major, minor, contact_port);
	expect(msg[9], 0, "vmbus %u.%u at port %u: state", major, minor, contact_port);
	if (version >= 0x00050000)
		port = get32(msg + 12);
	verdict(offers(&relid, &signal), "vmbus %u.%u at port %u: offers", major, minor, contact_port);
	verdict(open_channel(relid), "vmbus %u.%u at port %u: channel opens", major, minor, contact_port);
	verdict(packet_is_echoed(version, relid, signal), "vmbus %u.%u at port %u: packet is echoed", major, minor, contact_port);
	verdict(event_arrived(version, relid), "vmbus %u.%u at port %u: event flag", major, minor, contact_port);
	verdict(close_channel(relid), "vmbus %u.%u at port %u: channel closes", major, minor, contact_port);
	begin(UNLOAD);
	verdict(!send(8) && receive() == UNLOADED, "vmbus %u.%u at port %u: unloaded", major, minor, contact_port);
}

static void unknown_version(u32 version)
{
	port = 4;
	verdict(!contact(version) && receive() == VERSION && !msg[8], "vmbus %x: not supported", version);
}

void test_vmbus(void)
{
	synic_enable();
	wrmsr(MSR_SINT0 + SINT, VECTOR);
	for (u32 i = 0; i < ARRAY_SIZE(versions); i++) {
		one_version(versions[i], 1);
		one_version(versions[i], 4);
	}
	unknown_version(0);
	unknown_version(0x00020005);
	unknown_version(0x7fffffff);
	one_version(0x00050003, 4);
	wrmsr(MSR_SINT0 + SINT, SINT_MASKED);
	synic_disable();
}
