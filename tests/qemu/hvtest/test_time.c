// SPDX-License-Identifier: GPL-2.0-only
/* Reference time: the MSR, the page, the frequencies; all against the ACPI timer. */
#include "hv.h"

static volatile struct {
	u32 sequence;
	u32 reserved;
	u64 scale;
	s64 offset;
	u8 rest[PAGE_SIZE - 24];
} tsc_page __attribute__((aligned(PAGE_SIZE)));

static u64 page_time(void)
{
	for (;;) {
		u32 sequence = tsc_page.sequence;
		u64 scale, tsc;
		s64 offset;

		if (!sequence)
			return rdmsr(MSR_TIME_REF_COUNT);
		barrier();
		scale = tsc_page.scale;
		offset = tsc_page.offset;
		tsc = rdtsc();
		barrier();
		if (tsc_page.sequence == sequence)
			return (u64)((unsigned __int128)tsc * scale >> 64) + offset;
	}
}

/* Both must lie within one part in @part of each other */
static bool close(u64 a, u64 b, u64 part)
{
	u64 d = a > b ? a - b : b - a;

	return d <= (a > b ? a : b) / part;
}

static void agree(void *result)
{
	u64 worst = 0;

	for (int i = 0; i < 2000; i++) {
		u64 before = rdmsr(MSR_TIME_REF_COUNT);
		u64 page = page_time();
		u64 after = rdmsr(MSR_TIME_REF_COUNT);

		if (page + 1 < before && before - page > worst)
			worst = before - page;
		if (page > after + 1 && page - after > worst)
			worst = page - after;
	}
	*(u64 *)result = worst;
}

/*
 * Both clocks at one moment: of many tries the one in which the least time
 * passed, since a busy machine may stop this processor between two reads.
 */
static void sample(u64 (*read)(void), u64 *time, u32 *pm)
{
	u64 least = ~0UL;

	for (int i = 0; i < 200; i++) {
		u64 before = read();
		u32 now = pm_timer();
		u64 after = read();

		if (after - before < least) {
			least = after - before;
			*time = before;
			*pm = now;
		}
	}
}

/* Reference time over 100 ms of the ACPI timer */
static u64 rate(u64 (*read)(void))
{
	u32 pm0 = 0, pm1 = 0;
	u64 t0 = 0, t1 = 0;

	sample(read, &t0, &pm0);
	delay_us(100000);
	sample(read, &t1, &pm1);
	return (t1 - t0) * PM_HZ / ((pm1 - pm0) & 0xffffff);
}

static u64 msr_time(void)
{
	return rdmsr(MSR_TIME_REF_COUNT);
}

static u64 tsc_time(void)
{
	return rdtsc();
}

static u64 apic_time(void)
{
	return -(u64)apic_read(APIC_TIMER_CUR);
}

static void test_reference(void)
{
	u64 last = rdmsr(MSR_TIME_REF_COUNT), now, before;
	bool monotonic = true;

	for (int i = 0; i < 10000; i++) {
		now = rdmsr(MSR_TIME_REF_COUNT);
		monotonic &= now >= last;
		last = now;
	}
	verdict(monotonic, "time: reference count never goes back");
	now = rate(msr_time);
	verdict(close(now, 10000000, 50), "time: reference count runs at 10 MHz (%lu Hz)", now);

	if (!(features & F_REFERENCE_TSC))
		return;

	memset((void *)&tsc_page, 0x99, PAGE_SIZE);
	before = rdmsr(MSR_TIME_REF_COUNT);
	wrmsr(MSR_REFERENCE_TSC, (u64)&tsc_page | 1);
	now = rdmsr(MSR_TIME_REF_COUNT);
	verdict(now >= before && now - before < 50000000, "time: the page does not make the count jump");
	expect(rdmsr(MSR_REFERENCE_TSC), (u64)&tsc_page | 1, "time: REFERENCE_TSC reads back");
	verdict(tsc_page.sequence && tsc_page.sequence != ~0u, "time: the page is valid");
	expect(tsc_page.rest[100], 0, "time: the page hides memory");
	tsc_page.sequence = 12345;
	verdict(tsc_page.sequence != 12345, "time: the guest cannot change the page");

	for (u32 i = 0; i < cpu_count; i++) {
		u64 worst = ~0ull;

		run_on(i, agree, &worst);
		expect(worst, 0, "time: page and count agree on processor %u, 2000 times", i);
	}
	now = rate(page_time);
	verdict(close(now, 10000000, 50), "time: page runs at 10 MHz (%lu Hz)", now);

	/* longer than the period of the first correction of the page */
	last = page_time();
	monotonic = true;
	before = last;
	while (last - before < 15000000) {
		now = page_time();
		monotonic &= now + 1 >= last;
		last = now;
	}
	verdict(monotonic, "time: page never goes back, for 1.5 s");
	agree(&now);
	expect(now, 0, "time: page and count agree after 1.5 s");

	wrmsr(MSR_REFERENCE_TSC, (u64)&tsc_page);
	expect(tsc_page.sequence, 0x99999999, "time: memory reappears when the page goes off");
	before = rdmsr(MSR_TIME_REF_COUNT);
	verdict(before >= last && before - last < 50000000, "time: count goes on without the page");
	expect(wrmsr_safe(MSR_REFERENCE_TSC, BIT64(60) | 1), VEC_GP, "time: page not beyond physical memory");
	wrmsr(MSR_REFERENCE_TSC, 0);
}

static void test_frequencies(void)
{
	u64 tsc = rdmsr(MSR_TSC_FREQUENCY), apic = rdmsr(MSR_APIC_FREQUENCY), got;

	expect(rdmsr(MSR_TSC_FREQUENCY), tsc, "frequency: of the TSC is constant");
	got = rate(tsc_time);
	verdict(close(got, tsc, 50), "frequency: of the TSC (%lu Hz, measured %lu)", tsc, got);

	apic_write(APIC_TIMER_DIV, 0xb);
	apic_write(APIC_LVT_TIMER, 0x10000 | 0x40);
	apic_write(APIC_TIMER_INIT, ~0u);
	got = rate(apic_time);
	verdict(close(got, apic, 50), "frequency: of the APIC (%lu Hz, measured %lu)", apic, got);
	apic_write(APIC_TIMER_INIT, 0);
}

/* Time in which a processor is halted is not its run time */
static void test_runtime(void)
{
	u64 t0 = rdmsr(MSR_VP_RUNTIME), t1, halted;
	u32 irqs, start = pm_timer();

	while (((pm_timer() - start) & 0xffffff) < PM_HZ / 20)
		;
	t1 = rdmsr(MSR_VP_RUNTIME);
	verdict(t1 - t0 > 250000 && t1 - t0 < 100000000, "run time: goes on while busy (%lu units in 50 ms)", t1 - t0);

	irqs = this_cpu()->irqs[0x41];
	apic_write(APIC_TIMER_DIV, 0xb);
	apic_write(APIC_LVT_TIMER, 0x41);
	t0 = rdmsr(MSR_VP_RUNTIME);
	irq_off();
	apic_write(APIC_TIMER_INIT, 200000000);		/* 200 ms */
	while (this_cpu()->irqs[0x41] == irqs)
		asm volatile("sti; hlt; cli" ::: "memory");
	irq_on();
	halted = rdmsr(MSR_VP_RUNTIME) - t0;
	verdict(halted < 1000000, "run time: stands while halted (%lu units in 200 ms)", halted);
}

void test_time(void)
{
	if (features & F_TIME_REF_COUNT)
		test_reference();
	if (features & F_FREQUENCY)
		test_frequencies();
	if (features & F_VP_RUNTIME)
		test_runtime();
}
