// SPDX-License-Identifier: GPL-2.0-only
/* SynIC: registers, pages, messages, events, end of message and of interrupt. */
#include "hv.h"

#define VECTOR		0x51
#define SINT		3
#define SINT_MSR	(MSR_SINT0 + SINT)
#define MSG_CONN	40
#define EVT_CONN	41

/* Part of the image, like the hypercall page */
static struct hv_message message_pages[MAX_CPUS][16] __attribute__((aligned(PAGE_SIZE), section(".data"))) = { { { .type = 0x3d } } };
static u8 event_pages[MAX_CPUS][PAGE_SIZE] __attribute__((aligned(PAGE_SIZE), section(".data"))) = { { 0x3e } };
static struct hv_post post __attribute__((aligned(PAGE_SIZE)));

struct hv_message *message_slot(u32 cpu, u32 sint)
{
	return &message_pages[cpu][sint];
}

u32 *event_flags(u32 cpu, u32 sint)
{
	return (u32 *)&event_pages[cpu][256 * sint];
}

void synic_enable(void)
{
	u32 i = this_cpu()->index;

	wrmsr(MSR_SIMP, (u64)message_pages[i] | 1);
	wrmsr(MSR_SIEFP, (u64)event_pages[i] | 1);
	wrmsr(MSR_SCONTROL, 1);
}

void synic_disable(void)
{
	wrmsr(MSR_SIMP, 0);
	wrmsr(MSR_SIEFP, 0);
	wrmsr(MSR_SCONTROL, 0);
}

void echo(u8 command, u8 vp, u8 sint, u8 connection)
{
	outl(0x3000, sint | vp << 8 | command << 16 | (u32)connection << 24);
}

static u64 send(u8 mark, u32 size)
{
	memset(&post, 0, sizeof(post));
	post.connection = MSG_CONN;
	post.type = 1;
	post.size = size;
	memset(post.payload, mark, size);
	return post_message(&post);
}

static void test_registers(void)
{
	u64 val;

	expect(rdmsr(MSR_SCONTROL), 0, "synic: SCONTROL after start");
	expect(rdmsr(MSR_SVERSION), 1, "synic: version");
	expect(rdmsr(MSR_SIMP), 0, "synic: SIMP after start");
	expect(rdmsr(MSR_SIEFP), 0, "synic: SIEFP after start");
	expect(rdmsr(MSR_EOM), 0, "synic: EOM reads as zero");

	for (int i = 0; i < 16; i++) {
		u32 msr = MSR_SINT0 + i;
		bool good = expect_quiet(rdmsr(msr), SINT_MASKED, "synic: SINT%d after start", i);

		for (int vector = 0; vector < 16; vector++)
			good &= expect_quiet(wrmsr_safe(msr, vector), VEC_GP, "synic: SINT%d refuses vector %d", i, vector);
		good &= expect_quiet(rdmsr(msr), SINT_MASKED, "synic: SINT%d unchanged by what it refuses", i);
		good &= expect_quiet(wrmsr_safe(msr, SINT_MASKED | 5), NO_FAULT, "synic: SINT%d takes any vector if masked", i);
		good &= expect_quiet(wrmsr_safe(msr, 16), NO_FAULT, "synic: SINT%d takes vector 16", i);
		good &= expect_quiet(wrmsr_safe(msr, 255 | SINT_AUTO_EOI), NO_FAULT, "synic: SINT%d takes vector 255", i);
		good &= expect_quiet(rdmsr(msr), 255 | SINT_AUTO_EOI, "synic: SINT%d reads back", i);
		good &= expect_quiet(wrmsr_safe(msr, SINT_MASKED), NO_FAULT, "synic: SINT%d takes its reset value", i);
		verdict(good, "synic: SINT%d: reset value, vectors from 16, reads back", i);
	}

	expect(wrmsr_safe(MSR_SIMP, BIT64(60) | 1), VEC_GP, "synic: SIMP not beyond physical memory");
	expect(wrmsr_safe(MSR_SIEFP, BIT64(60) | 1), VEC_GP, "synic: SIEFP not beyond physical memory");
	wrmsr(MSR_SIMP, 0xabe);
	val = rdmsr(MSR_SIMP);
	expect(val, 0xabe, "synic: reserved bits of SIMP are preserved");
	wrmsr(MSR_SIMP, 0);
}

static void test_pages(void)
{
	u8 *simp = (u8 *)message_pages[0], *siefp = event_pages[0];

	memset(simp, 0x11, PAGE_SIZE);
	memset(siefp, 0x22, PAGE_SIZE);
	synic_enable();
	expect(READ_ONCE(simp[0]), 0, "synic: SIMP hides memory and is zero");
	expect(READ_ONCE(simp[PAGE_SIZE - 1]), 0, "synic: SIMP is zero at its end");
	expect(READ_ONCE(siefp[0]), 0, "synic: SIEFP hides memory and is zero");
	simp[7] = 0x33;
	siefp[7] = 0x44;
	expect(READ_ONCE(simp[7]), 0x33, "synic: SIMP can be written");
	expect(READ_ONCE(siefp[7]), 0x44, "synic: SIEFP is another page");
	simp[7] = siefp[7] = 0;
	synic_disable();
	expect(READ_ONCE(simp[7]), 0x11, "synic: memory reappears when SIMP goes off");
	expect(READ_ONCE(siefp[7]), 0x22, "synic: memory reappears when SIEFP goes off");
	expect(rdmsr(MSR_SCONTROL), 0, "synic: SCONTROL reads back");
	synic_enable();
	expect(rdmsr(MSR_SIMP), (u64)simp | 1, "synic: SIMP reads back");
}

/* A message from the host, with an interrupt of either kind */
static void test_message(bool auto_eoi)
{
	struct cpu *cpu = this_cpu();
	struct hv_message *slot = message_slot(0, SINT);
	const char *kind = auto_eoi ? "auto-EOI" : "EOI";
	u32 irqs, seen;

	wrmsr(SINT_MSR, VECTOR | (auto_eoi ? SINT_AUTO_EOI : 0));
	cpu->no_eoi[VECTOR] = true;	/* auto-EOI does without, the others are done here */
	irqs = cpu->irqs[VECTOR];
	seen = cpu->isr_seen[VECTOR];

	expect(send(0x61, 24), 0, "message (%s): accepted by the host", kind);
	verdict(wait_nonzero(&slot->type), "message (%s): comes back", kind);
	verdict(wait_until(&cpu->irqs[VECTOR], irqs + 1), "message (%s): interrupts", kind);
	expect(slot->type, 1, "message (%s): type", kind);
	expect(slot->size, 24, "message (%s): size", kind);
	expect(slot->flags, 0, "message (%s): nothing pending", kind);
	expect(slot->payload[0] | slot->payload[23] << 8, 0x6161, "message (%s): payload", kind);
	expect(cpu->isr_seen[VECTOR] - seen, !auto_eoi, "message (%s): in service in its handler", kind);
	expect(apic_bit(APIC_ISR, VECTOR), !auto_eoi, "message (%s): in service after it", kind);

	/* the slot is occupied: the next one has to wait */
	expect(send(0x62, 16), 0, "message (%s): second one accepted", kind);
	verdict(wait_mask(MESSAGE_FLAGS(slot), MESSAGE_PENDING), "message (%s): the second one is pending", kind);
	expect(slot->payload[0], 0x61, "message (%s): the first one is still there", kind);
	expect(cpu->irqs[VECTOR], irqs + 1, "message (%s): no interrupt meanwhile", kind);

	if (auto_eoi) {
		WRITE_ONCE(slot->type, 0);
		mb();
		delay_us(20000);
		expect(slot->type, 0, "message (%s): nothing comes without EOM", kind);
		wrmsr(MSR_EOM, 0);
		verdict(wait_nonzero(&slot->type), "message (%s): EOM brings the second one", kind);
	} else {
		WRITE_ONCE(slot->type, 0);
		mb();
		delay_us(20000);
		expect(slot->type, 0, "message (%s): nothing comes without EOI or EOM", kind);
		apic_write(APIC_EOI, 0);
		verdict(wait_nonzero(&slot->type), "message (%s): EOI brings the second one", kind);
	}
	verdict(wait_until(&cpu->irqs[VECTOR], irqs + 2), "message (%s): the second one interrupts", kind);
	expect(slot->size, 16, "message (%s): the second one's size", kind);
	expect(slot->payload[0], 0x62, "message (%s): the second one's payload", kind);
	expect(slot->flags, 0, "message (%s): nothing pending any more", kind);
	if (!auto_eoi)
		apic_write(APIC_EOI, 0);

	/* EOM while the slot is occupied is harmless, and so are many */
	for (int i = 0; i < 10; i++)
		wrmsr(MSR_EOM, 0);
	expect(slot->payload[0], 0x62, "message (%s): EOM does not free the slot", kind);
	WRITE_ONCE(slot->type, 0);
	mb();
	wrmsr(MSR_EOM, 0);
	cpu->no_eoi[VECTOR] = false;
}

static void test_masked(void)
{
	struct cpu *cpu = this_cpu();
	struct hv_message *slot = message_slot(0, SINT);
	u32 irqs = cpu->irqs[VECTOR];

	wrmsr(SINT_MSR, VECTOR | SINT_MASKED);
	expect(send(0x63, 8), 0, "masked: message accepted by the host");
	delay_us(20000);
	expect(slot->type, 0, "masked: not delivered");
	wrmsr(MSR_EOM, 0);
	delay_us(20000);
	expect(slot->type, 0, "masked: not delivered after EOM either");
	wrmsr(SINT_MSR, VECTOR);
	verdict(wait_nonzero(&slot->type), "masked: delivered when the SINT is unmasked");
	verdict(wait_until(&cpu->irqs[VECTOR], irqs + 1), "masked: interrupts when the SINT is unmasked");
	expect(slot->payload[0], 0x63, "masked: payload");
	WRITE_ONCE(slot->type, 0);

	if (features & F_POLLING) {
		wrmsr(SINT_MSR, VECTOR | SINT_POLLING);
		expect(send(0x64, 8), 0, "polling: message accepted by the host");
		verdict(wait_nonzero(&slot->type), "polling: message delivered");
		delay_us(1000);
		expect(cpu->irqs[VECTOR], irqs + 1, "polling: no interrupt");
		WRITE_ONCE(slot->type, 0);
		wrmsr(SINT_MSR, VECTOR);
	}
}

static void test_events(bool fast)
{
	struct cpu *cpu = this_cpu();
	u32 *flags = event_flags(0, SINT);
	u32 irqs = cpu->irqs[VECTOR];
	const char *kind = fast ? "fast" : "memory";
	u64 *input = (u64 *)&post;

	memset(&post, 0, sizeof(post));
	*input = EVT_CONN;
	expect(fast ? hypercall(HC_SIGNAL_EVENT | HC_FAST, EVT_CONN) : hypercall(HC_SIGNAL_EVENT, (u64)input), 0,
	       "event (%s): signalled", kind);
	verdict(wait_until(&cpu->irqs[VECTOR], irqs + 1), "event (%s): interrupts", kind);
	expect(READ_ONCE(flags[EVT_CONN / 32]), BIT64(EVT_CONN % 32), "event (%s): flag is set", kind);

	hypercall(HC_SIGNAL_EVENT | HC_FAST, EVT_CONN);
	delay_us(20000);
	expect(cpu->irqs[VECTOR], irqs + 1, "event (%s): no interrupt while the flag is set", kind);
	WRITE_ONCE(flags[EVT_CONN / 32], 0);
	mb();
	hypercall(HC_SIGNAL_EVENT | HC_FAST, EVT_CONN);
	verdict(wait_until(&cpu->irqs[VECTOR], irqs + 2), "event (%s): interrupts again once it is clear", kind);
	WRITE_ONCE(flags[EVT_CONN / 32], 0);
}

/* Two SINTs with the same vector, a SINT that was reprogrammed */
static void test_vectors(void)
{
	struct cpu *cpu = this_cpu();
	u32 irqs, other;

	echo(ECHO_ROUTE_CREATE, 0, SINT, 0);
	irqs = cpu->irqs[VECTOR];
	echo(ECHO_SET_SINT, 0, SINT, 0);
	verdict(wait_until(&cpu->irqs[VECTOR], irqs + 1), "vector: plain interrupt");

	other = cpu->irqs[VECTOR + 1];
	wrmsr(SINT_MSR, VECTOR + 1);
	echo(ECHO_SET_SINT, 0, SINT, 0);
	verdict(wait_until(&cpu->irqs[VECTOR + 1], other + 1), "vector: changed while enabled");
	expect(cpu->irqs[VECTOR], irqs + 1, "vector: the old one is quiet");

	/* auto-EOI off again: the vector must go in service as usual */
	wrmsr(SINT_MSR, VECTOR | SINT_AUTO_EOI);
	wrmsr(SINT_MSR, VECTOR);
	other = cpu->isr_seen[VECTOR];
	echo(ECHO_SET_SINT, 0, SINT, 0);
	verdict(wait_until(&cpu->irqs[VECTOR], irqs + 2), "vector: after a change of auto-EOI");
	expect(cpu->isr_seen[VECTOR], other + 1, "vector: in service after a change of auto-EOI");

	wrmsr(SINT_MSR, VECTOR | SINT_MASKED);
	echo(ECHO_SET_SINT, 0, SINT, 0);
	delay_us(20000);
	expect(cpu->irqs[VECTOR], irqs + 2, "vector: quiet while masked");
	echo(ECHO_ROUTE_DESTROY, 0, SINT, 0);
}

void test_synic(void)
{
	test_registers();
	test_pages();

	if (option("echo", 0)) {
		echo(ECHO_MSG_CREATE, 0, SINT, MSG_CONN);
		test_message(false);
		test_message(true);
		test_masked();
		echo(ECHO_MSG_DESTROY, 0, SINT, MSG_CONN);
		expect(send(0, 8), 0x12, "message: connection is gone");

		echo(ECHO_EVT_CREATE, 0, SINT, EVT_CONN);
		test_events(true);
		test_events(false);
		echo(ECHO_EVT_DESTROY, 0, SINT, EVT_CONN);
		test_vectors();
	}
	wrmsr(SINT_MSR, SINT_MASKED);
	synic_disable();
}
