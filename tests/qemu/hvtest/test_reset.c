// SPDX-License-Identifier: GPL-2.0-only
/* A crash report, resets of every kind, and the state that they leave. */
#include "hv.h"

static u8 page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

/* The program on the host looks for these in its GUEST_PANICKED event. */
void test_crash(void)
{
	expect(rdmsr(MSR_CRASH_CTL), BIT64(63), "crash: capabilities");
	for (u32 i = 0; i < 5; i++)
		wrmsr(MSR_CRASH_P0 + i, 0xc0ffee00 + i);
	for (u32 i = 0; i < 5; i++)
		expect(rdmsr(MSR_CRASH_P0 + i), 0xc0ffee00 + i, "crash: parameter %u reads back", i);
	wrmsr(MSR_CRASH_CTL, 0);
	delay_us(20000);
	wrmsr(MSR_CRASH_CTL, BIT64(63));
	print("hvtest: crash reported\n");
}

static void check_cpu(void *arg)
{
	u32 i = this_cpu()->index;
	bool good = true;

	good &= expect_quiet(rdmsr(MSR_SCONTROL), 0, "reset: SCONTROL of processor %u", i);
	good &= expect_quiet(rdmsr(MSR_SIMP), 0, "reset: SIMP of processor %u", i);
	good &= expect_quiet(rdmsr(MSR_SIEFP), 0, "reset: SIEFP of processor %u", i);
	for (u32 n = 0; n < 16; n++)
		good &= expect_quiet(rdmsr(MSR_SINT0 + n), SINT_MASKED, "reset: SINT%u of processor %u", n, i);
	verdict(good, "reset: SynIC of processor %u", i);
	if (!(features & F_STIMER))
		return;
	good = true;
	for (u32 n = 0; n < 4; n++) {
		good &= expect_quiet(rdmsr(MSR_STIMER_CONFIG(n)), 0, "reset: timer %u of processor %u", n, i);
		good &= expect_quiet(rdmsr(MSR_STIMER_COUNT(n)), 0, "reset: count of timer %u of processor %u", n, i);
	}
	verdict(good, "reset: timers of processor %u", i);
}

static void check_state(void)
{
	/* the loader wrote to memory, not to pages of the hypervisor that were still in the way */
	expect(READ_ONCE(hypercall_page[0]), 0x3c, "reset: image is complete where the hypercall page was");
	expect(READ_ONCE(hypercall_page[PAGE_SIZE - 1]), 0, "reset: image is complete at the end of that page");
	expect(READ_ONCE(message_slot(0, 0)->type), 0x3d, "reset: image is complete where the message page was");
	expect(READ_ONCE(*event_flags(0, 0)), 0x3e, "reset: image is complete where the event page was");
	expect(rdmsr(MSR_GUEST_OS_ID), 0, "reset: guest OS id");
	expect(rdmsr(MSR_HYPERCALL), 0, "reset: hypercall page");
	if (features & F_REFERENCE_TSC)
		expect(rdmsr(MSR_REFERENCE_TSC), 0, "reset: reference TSC page");
	if (features & F_CRASH)
		expect(rdmsr(MSR_CRASH_P0), 0, "reset: crash parameter");
	if (features & F_SYNIC)
		for (u32 i = 0; i < cpu_count; i++)
			run_on(i, check_cpu, NULL);
	page[0] = 1;
	hypercall_page[0] = 1;
	expect(READ_ONCE(page[0]) + READ_ONCE(hypercall_page[0]), 2, "reset: no overlay is left");
}

/* Leave everything on, to see that a reset turns it off. */
static void leave_mess(void *arg)
{
	synic_enable();
	for (u32 n = 0; n < 16; n++)
		wrmsr(MSR_SINT0 + n, 0x91 | (n & 1 ? SINT_AUTO_EOI : 0));
	if (features & F_STIMER)
		for (u32 n = 0; n < 4; n++) {
			wrmsr(MSR_STIMER_CONFIG(n), STIMER_SINT(1) | STIMER_PERIODIC | STIMER_ENABLE);
			wrmsr(MSR_STIMER_COUNT(n), 1000);
		}
}

void test_reset(u32 boot)
{
	if (boot > 1)
		check_state();

	hypercall_setup();
	if (features & F_REFERENCE_TSC)
		wrmsr(MSR_REFERENCE_TSC, (u64)page | 1);
	if (features & F_CRASH)
		wrmsr(MSR_CRASH_P0, 77);
	if (features & F_SYNIC) {
		for (u32 i = 0; i < cpu_count; i++)
			run_on(i, leave_mess, NULL);
		/* messages pile up in occupied slots, also while the reset happens */
		delay_us(5000);
	}

	print("hvtest: reset after boot %u\n", boot);
	switch (boot) {
	case 1:
		if (features & F_RESET) {
			wrmsr(MSR_RESET, 1);
			delay_us(2000000);
			verdict(false, "reset: by its MSR");
		}
		/* fall through */
	case 2:
		outb(0xcf9, 6);
		break;
	case 3:
		outb(0x64, 0xfe);
		break;
	default:
		verdict(true, "reset: three times in a row");
		return;
	}
	delay_us(2000000);
	verdict(false, "reset: number %u", boot);
	power_off();
}
