// SPDX-License-Identifier: GPL-2.0-only
/* Local APIC through MSRs, and the VP assist page. */
#include "hv.h"

#define VECTOR		0x61

static u32 assist_page[PAGE_SIZE / 4] __attribute__((aligned(PAGE_SIZE)));

void test_apic(void)
{
	struct cpu *cpu = this_cpu();
	u32 irqs = cpu->irqs[VECTOR];

	wrmsr(MSR_TPR, 0x30);
	expect(apic_read(APIC_TPR), 0x30, "apic: TPR goes to the APIC");
	apic_write(APIC_TPR, 0x50);
	expect(rdmsr(MSR_TPR), 0x50, "apic: TPR comes from the APIC");
	apic_write(APIC_TPR, 0);

	cpu->no_eoi[VECTOR] = true;
	wrmsr(MSR_ICR, (u64)cpu->apic_id << 56 | VECTOR);
	verdict(wait_until(&cpu->irqs[VECTOR], irqs + 1), "apic: ICR interrupts this processor");
	expect(rdmsr(MSR_ICR) & ~0x1000ull, (u64)cpu->apic_id << 56 | VECTOR, "apic: ICR reads back");
	verdict(apic_bit(APIC_ISR, VECTOR), "apic: in service until EOI");
	wrmsr(MSR_ICR, (u64)cpu->apic_id << 56 | VECTOR);
	delay_us(10000);
	expect(cpu->irqs[VECTOR], irqs + 1, "apic: no second interrupt before EOI");
	wrmsr(MSR_EOI, 0);
	verdict(wait_until(&cpu->irqs[VECTOR], irqs + 2), "apic: second interrupt after EOI");
	wrmsr(MSR_EOI, 0);
	verdict(!apic_bit(APIC_ISR, VECTOR), "apic: not in service after EOI");
	cpu->no_eoi[VECTOR] = false;

	if (cpu_count > 1) {
		struct cpu *other = &cpus[1];

		irqs = other->irqs[VECTOR];
		wrmsr(MSR_ICR, (u64)other->apic_id << 56 | VECTOR);
		verdict(wait_until(&other->irqs[VECTOR], irqs + 1), "apic: ICR interrupts another processor");
	}

	assist_page[0] = ~0u;
	wrmsr(MSR_ASSIST_PAGE, (u64)assist_page | 1);
	expect(rdmsr(MSR_ASSIST_PAGE), (u64)assist_page | 1, "assist page: reads back");
	expect(READ_ONCE(assist_page[0]), 0, "assist page: begins empty");
	expect(wrmsr_safe(MSR_ASSIST_PAGE, (u64)assist_page | 3), VEC_GP, "assist page: reserved bits");
	expect(wrmsr_safe(MSR_ASSIST_PAGE, BIT64(60) | 1), VEC_GP, "assist page: not beyond physical memory");
	wrmsr(MSR_ASSIST_PAGE, 0);
}
