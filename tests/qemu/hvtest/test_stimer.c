// SPDX-License-Identifier: GPL-2.0-only
/* Synthetic timers: direct and message mode, one-shot and periodic. */
#include "hv.h"

#define VECTOR		0x71
#define SINT_VECTOR	0x72
#define SINT		5
#define MS		10000ull		/* in units of 100 ns */

static u64 now(void)
{
	return rdmsr(MSR_TIME_REF_COUNT);
}

static void stop(int n)
{
	wrmsr(MSR_STIMER_COUNT(n), 0);
	wrmsr(MSR_STIMER_CONFIG(n), 0);
}

static void test_registers(int n)
{
	u64 config = STIMER_SINT(SINT) | STIMER_LAZY;

	expect(rdmsr(MSR_STIMER_CONFIG(n)), 0, "stimer%d: CONFIG after start", n);
	expect(rdmsr(MSR_STIMER_COUNT(n)), 0, "stimer%d: COUNT after start", n);
	wrmsr(MSR_STIMER_CONFIG(n), config);
	expect(rdmsr(MSR_STIMER_CONFIG(n)), config, "stimer%d: CONFIG reads back", n);
	wrmsr(MSR_STIMER_COUNT(n), ~0ull - 5);
	expect(rdmsr(MSR_STIMER_COUNT(n)), ~0ull - 5, "stimer%d: COUNT reads back", n);
	expect(rdmsr(MSR_STIMER_CONFIG(n)), config, "stimer%d: COUNT enables nothing by itself", n);
	wrmsr(MSR_STIMER_CONFIG(n), config | STIMER_AUTO);
	wrmsr(MSR_STIMER_COUNT(n), ~0ull - 5);
	expect(rdmsr(MSR_STIMER_CONFIG(n)), config | STIMER_AUTO | STIMER_ENABLE, "stimer%d: auto-enable", n);
	wrmsr(MSR_STIMER_COUNT(n), 0);
	expect(rdmsr(MSR_STIMER_CONFIG(n)), config | STIMER_AUTO, "stimer%d: COUNT 0 stops it", n);
	wrmsr(MSR_STIMER_CONFIG(n), STIMER_ENABLE);
	expect(rdmsr(MSR_STIMER_CONFIG(n)), 0, "stimer%d: SINT0 disables it", n);
	for (int bit = 13; bit < 64; bit++)
		if (bit < 16 || bit > 19)
			if (wrmsr_safe(MSR_STIMER_CONFIG(n), BIT64(bit) | config) != VEC_GP)
				verdict(false, "stimer%d: reserved bit %d", n, bit);
	expect(rdmsr(MSR_STIMER_CONFIG(n)), 0, "stimer%d: reserved bits are refused", n);
	if (!(features & F_STIMER_DIRECT))
		expect(wrmsr_safe(MSR_STIMER_CONFIG(n), STIMER_DIRECT | STIMER_VECTOR(VECTOR)), VEC_GP,
		       "stimer%d: direct mode needs the feature", n);
	stop(n);
}

static void test_direct(int n)
{
	struct cpu *cpu = this_cpu();
	u64 config = STIMER_DIRECT | STIMER_VECTOR(VECTOR) | STIMER_ENABLE, start, end;
	u32 irqs = cpu->irqs[VECTOR];

	wrmsr(MSR_STIMER_CONFIG(n), config);
	end = now() + 20 * MS;
	wrmsr(MSR_STIMER_COUNT(n), end);
	verdict(wait_until(&cpu->irqs[VECTOR], irqs + 1), "stimer%d: direct, fires", n);
	verdict(now() >= end, "stimer%d: direct, not too early", n);
	expect(rdmsr(MSR_STIMER_CONFIG(n)), config & ~STIMER_ENABLE, "stimer%d: direct, one-shot disables itself", n);
	delay_us(30000);
	expect(cpu->irqs[VECTOR], irqs + 1, "stimer%d: direct, fires once", n);

	wrmsr(MSR_STIMER_COUNT(n), now() - 1);
	wrmsr(MSR_STIMER_CONFIG(n), config);
	verdict(wait_until(&cpu->irqs[VECTOR], irqs + 2), "stimer%d: direct, fires at once if the time is past", n);

	do {
		/* again if the machine is so busy that the time was up before */
		irqs = cpu->irqs[VECTOR];
		end = now() + 20 * MS;
		wrmsr(MSR_STIMER_COUNT(n), end);
		wrmsr(MSR_STIMER_CONFIG(n), config);
		wrmsr(MSR_STIMER_COUNT(n), 0);
	} while (now() >= end);
	delay_us(40000);
	expect(cpu->irqs[VECTOR], irqs, "stimer%d: direct, stopped in time", n);

	wrmsr(MSR_STIMER_CONFIG(n), config | STIMER_PERIODIC);
	irqs = cpu->irqs[VECTOR];
	start = now();
	wrmsr(MSR_STIMER_COUNT(n), 5 * MS);
	while (cpu->irqs[VECTOR] - irqs < 8 && now() - start < 20000 * MS)
		pause();
	end = now() - start;
	verdict(cpu->irqs[VECTOR] - irqs >= 8 && end >= 40 * MS, "stimer%d: direct, periodic: not faster than it should", n);
	verdict(end < 2000 * MS, "stimer%d: direct, periodic: 8 periods of 5 ms in %lu us", n, end / 10);
	expect(rdmsr(MSR_STIMER_CONFIG(n)), config | STIMER_PERIODIC, "stimer%d: direct, periodic stays enabled", n);
	stop(n);
	irqs = cpu->irqs[VECTOR];
	delay_us(30000);
	expect(cpu->irqs[VECTOR], irqs, "stimer%d: direct, periodic stops", n);
}

static void test_message(int n)
{
	struct cpu *cpu = this_cpu();
	volatile struct hv_message *slot = message_slot(cpu->index, SINT);
	u64 config = STIMER_SINT(SINT) | STIMER_AUTO, end;
	u64 expiration, delivery;
	u32 irqs = cpu->irqs[SINT_VECTOR];

	wrmsr(MSR_STIMER_CONFIG(n), config);
	end = now() + 20 * MS;
	wrmsr(MSR_STIMER_COUNT(n), end);
	verdict(wait_nonzero((u32 *)&slot->type), "stimer%d: message, fires", n);
	verdict(wait_until(&cpu->irqs[SINT_VECTOR], irqs + 1), "stimer%d: message, interrupts", n);
	memcpy(&expiration, (void *)&slot->payload[8], 8);
	memcpy(&delivery, (void *)&slot->payload[16], 8);
	expect(slot->type, MSG_TIMER, "stimer%d: message, type", n);
	expect(slot->size, 24, "stimer%d: message, size", n);
	expect(slot->sender, 0, "stimer%d: message, sender", n);
	expect(slot->payload[0], n, "stimer%d: message, index", n);
	expect(expiration, end, "stimer%d: message, expiration time", n);
	verdict(delivery >= end && delivery <= now(), "stimer%d: message, delivery time", n);
	expect(rdmsr(MSR_STIMER_CONFIG(n)), config, "stimer%d: message, one-shot disables itself", n);

	/* the slot is still occupied */
	wrmsr(MSR_STIMER_COUNT(n), now() + 1 * MS);
	verdict(wait_mask(MESSAGE_FLAGS(slot), MESSAGE_PENDING), "stimer%d: message, marked pending in an occupied slot", n);
	expect(rdmsr(MSR_STIMER_CONFIG(n)), config | STIMER_ENABLE, "stimer%d: message, enabled until delivered", n);
	slot->type = 0;
	mb();
	wrmsr(MSR_EOM, 0);
	verdict(wait_nonzero((u32 *)&slot->type), "stimer%d: message, EOM brings it", n);
	verdict(wait_until(&cpu->irqs[SINT_VECTOR], irqs + 2), "stimer%d: message, interrupts after EOM", n);
	expect(slot->flags & 1, 0, "stimer%d: message, nothing pending after EOM", n);
	slot->type = 0;

	/* past, masked, unmasked */
	wrmsr(MSR_SINT0 + SINT, SINT_MASKED | SINT_VECTOR);
	wrmsr(MSR_STIMER_COUNT(n), 1);
	delay_us(5000);
	expect(slot->type, 0, "stimer%d: message, waits for a masked SINT", n);
	wrmsr(MSR_SINT0 + SINT, SINT_VECTOR);
	verdict(wait_nonzero((u32 *)&slot->type), "stimer%d: message, delivered when unmasked", n);
	slot->type = 0;

	/* a pending message of a stopped timer must not come */
	wrmsr(MSR_SINT0 + SINT, SINT_MASKED | SINT_VECTOR);
	wrmsr(MSR_STIMER_COUNT(n), 1);
	delay_us(5000);
	stop(n);
	wrmsr(MSR_SINT0 + SINT, SINT_VECTOR);
	delay_us(5000);
	expect(slot->type, 0, "stimer%d: message, not delivered once stopped", n);

	/* periodic: one message per emptied slot */
	wrmsr(MSR_STIMER_CONFIG(n), STIMER_SINT(SINT) | STIMER_PERIODIC | STIMER_ENABLE);
	end = now() + 8 * MS;
	wrmsr(MSR_STIMER_COUNT(n), 2 * MS);
	for (int i = 0; i < 4; i++) {
		if (!wait_nonzero((u32 *)&slot->type))
			verdict(false, "stimer%d: message, periodic, number %d", n, i);
		slot->type = 0;
		mb();
		wrmsr(MSR_EOM, 0);
	}
	verdict(now() >= end, "stimer%d: message, periodic: not faster than it should", n);
	stop(n);
	delay_us(5000);
	slot->type = 0;
	mb();
	wrmsr(MSR_EOM, 0);
	delay_us(5000);
	expect(slot->type, 0, "stimer%d: message, periodic stops", n);
}

/* Four timers at a time, to different vectors */
static void test_together(void)
{
	struct cpu *cpu = this_cpu();
	u32 irqs[4];
	u64 t = now() + 10 * MS;

	for (int n = 0; n < 4; n++) {
		irqs[n] = cpu->irqs[VECTOR + 16 + n];
		wrmsr(MSR_STIMER_CONFIG(n), STIMER_DIRECT | STIMER_AUTO | STIMER_VECTOR(VECTOR + 16 + n));
		wrmsr(MSR_STIMER_COUNT(n), t + n * MS);
	}
	for (int n = 0; n < 4; n++) {
		verdict(wait_until(&cpu->irqs[VECTOR + 16 + n], irqs[n] + 1), "stimer%d: fires among others", n);
		stop(n);
	}
}

void test_stimer(void)
{
	synic_enable();
	wrmsr(MSR_SINT0 + SINT, SINT_VECTOR);
	for (int n = 0; n < 4; n++) {
		test_registers(n);
		test_message(n);
		if (features & F_STIMER_DIRECT)
			test_direct(n);
	}
	if (features & F_STIMER_DIRECT)
		test_together();
	wrmsr(MSR_SINT0 + SINT, SINT_MASKED);
	synic_disable();
}
