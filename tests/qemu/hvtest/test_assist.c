// SPDX-License-Identifier: GPL-2.0-only
/*
 * "No EOI required" in the VP assist page: when it is set, when it is taken back,
 * and that the interrupt is over, for whoever asks, as soon as the guest clears it.
 */
#include "hv.h"

/* Classes decide who waits for whom: LOW for VECTOR and SAME, these for HIGH */
#define LOW		0x51
#define VECTOR		0x61
#define SAME		0x62
#define HIGH		0x71
#define SINT		3
#define TIMES		200

#define ICR_LEVEL	(BIT64(14) | BIT64(15))

static u32 pages[2][PAGE_SIZE / 4] __attribute__((aligned(PAGE_SIZE)));
static u32 other_page[PAGE_SIZE / 4] __attribute__((aligned(PAGE_SIZE)));
static u32 want;		/* 1, or 0 if this host never sets the bit */

static void by_hand(bool yes)
{
	static const u8 all[] = { LOW, VECTOR, SAME, HIGH };
	struct cpu *cpu = this_cpu();

	for (u32 i = 0; i < sizeof(all); i++)
		cpu->no_eoi[all[i]] = yes;
}

static void send(struct cpu *to, u8 vector)
{
	wrmsr(MSR_ICR, (u64)to->apic_id << 56 | vector);
}

/* Send it to this processor; it must come */
static void get(u8 vector, const char *what)
{
	struct cpu *cpu = this_cpu();
	u32 irqs = cpu->irqs[vector];

	send(cpu, vector);
	verdict(wait_until(&cpu->irqs[vector], irqs + 1), "EOI assist: %s: interrupt comes", what);
	expect(cpu->assist_seen[vector], want, "EOI assist: %s: bit", what);
}

static void one_at_a_time(struct cpu *cpu)
{
	u32 irqs = cpu->irqs[SAME];

	get(VECTOR, "nothing else pending");
	verdict(apic_bit(APIC_ISR, VECTOR), "EOI assist: in service while the bit is set");
	expect(end_interrupt(cpu), want, "EOI assist: end of it");
	verdict(!apic_bit(APIC_ISR, VECTOR), "EOI assist: not in service when the bit is cleared");

	/* the APIC is not asked in between */
	get(VECTOR, "the same again");
	end_interrupt(cpu);
	send(cpu, SAME);
	verdict(wait_until(&cpu->irqs[SAME], irqs + 1), "EOI assist: next one of the same class comes");
	end_interrupt(cpu);
	get(LOW, "next one of a lower class");
	end_interrupt(cpu);

	get(VECTOR, "plain EOI");
	wrmsr(MSR_EOI, 0);
	expect(READ_ONCE(*cpu->assist), 0, "EOI assist: a plain EOI takes the bit back");
	verdict(!apic_bit(APIC_ISR, VECTOR), "EOI assist: a plain EOI ends the interrupt");
	get(VECTOR, "EOI of the APIC");
	apic_write(APIC_EOI, 0);
	expect(READ_ONCE(*cpu->assist), 0, "EOI assist: an EOI of the APIC takes the bit back");
	get(SAME, "after these");
	end_interrupt(cpu);
}

static void several(struct cpu *cpu)
{
	u32 low = cpu->irqs[LOW], vector = cpu->irqs[VECTOR];

	get(VECTOR, "before another one");
	send(cpu, LOW);
	delay_us(2000);
	expect(cpu->irqs[LOW], low, "EOI assist: a lower one has to wait");
	expect(READ_ONCE(*cpu->assist), 0, "EOI assist: taken back for a lower one");
	expect(end_interrupt(cpu), 0, "EOI assist: EOI required since another one waits");
	verdict(wait_until(&cpu->irqs[LOW], low + 1), "EOI assist: the lower one comes at once");
	expect(cpu->assist_seen[LOW], want, "EOI assist: the lower one is the last");
	end_interrupt(cpu);

	irq_off();
	send(cpu, LOW);
	send(cpu, VECTOR);
	irq_on();
	verdict(wait_until(&cpu->irqs[VECTOR], vector + 2), "EOI assist: the higher one of two comes first");
	expect(cpu->irqs[LOW], low + 1, "EOI assist: the lower one of two waits");
	expect(cpu->assist_seen[VECTOR], 0, "EOI assist: not set while another one waits");
	expect(end_interrupt(cpu), 0, "EOI assist: EOI of the higher one of two");
	verdict(wait_until(&cpu->irqs[LOW], low + 2), "EOI assist: the lower one of two comes");
	end_interrupt(cpu);

	get(VECTOR, "one to be interrupted");
	get(HIGH, "one in the other");
	expect(end_interrupt(cpu), want, "EOI assist: end of the inner one");
	verdict(!apic_bit(APIC_ISR, HIGH) && apic_bit(APIC_ISR, VECTOR), "EOI assist: the outer one is still in service");
	expect(end_interrupt(cpu), 0, "EOI assist: EOI of the outer one");
	verdict(!apic_bit(APIC_ISR, VECTOR), "EOI assist: no one in service");

	/* a level is nothing that a bit can end */
	wrmsr(MSR_ICR, (u64)cpu->apic_id << 56 | ICR_LEVEL | VECTOR);
	verdict(wait_until(&cpu->irqs[VECTOR], vector + 4), "EOI assist: level-triggered one comes");
	expect(cpu->assist_seen[VECTOR], 0, "EOI assist: not for a level-triggered one");
	end_interrupt(cpu);
	get(VECTOR, "by an edge again");
	end_interrupt(cpu);
}

/* The host wants to know when interrupts of a SINT end */
static void of_a_sint(struct cpu *cpu)
{
	u32 irqs = cpu->irqs[VECTOR];

	wrmsr(MSR_SINT0 + SINT, VECTOR);
	send(cpu, VECTOR);
	verdict(wait_until(&cpu->irqs[VECTOR], irqs + 1), "EOI assist: interrupt of a SINT comes");
	expect(cpu->assist_seen[VECTOR], 0, "EOI assist: not for a SINT");
	end_interrupt(cpu);

	wrmsr(MSR_SINT0 + SINT, SINT_AUTO_EOI | VECTOR);
	send(cpu, VECTOR);
	verdict(wait_until(&cpu->irqs[VECTOR], irqs + 2), "EOI assist: auto-EOI interrupt comes");
	expect(cpu->assist_seen[VECTOR], 0, "EOI assist: not for an auto-EOI one");
	send(cpu, VECTOR);
	verdict(wait_until(&cpu->irqs[VECTOR], irqs + 3), "EOI assist: next auto-EOI one comes");

	wrmsr(MSR_SINT0 + SINT, SINT_MASKED);
	get(VECTOR, "no SINT any more");
	/* it becomes a SINT's while in service */
	wrmsr(MSR_SINT0 + SINT, VECTOR);
	expect(end_interrupt(cpu), 0, "EOI assist: taken back when it becomes a SINT's");
	verdict(!apic_bit(APIC_ISR, VECTOR), "EOI assist: which then ends by an EOI");
	wrmsr(MSR_SINT0 + SINT, SINT_MASKED);
}

static void page_changes(struct cpu *cpu)
{
	u32 irqs;

	get(VECTOR, "page moves");
	pages[1][0] = ~0u;
	wrmsr(MSR_ASSIST_PAGE, (u64)pages[1] | 1);
	expect(READ_ONCE(pages[0][0]), 0, "EOI assist: taken back in the old page");
	expect(READ_ONCE(pages[1][0]), 0, "EOI assist: new page begins empty");
	cpu->assist = pages[1];
	verdict(apic_bit(APIC_ISR, VECTOR), "EOI assist: in service after the move");
	expect(end_interrupt(cpu), 0, "EOI assist: EOI required after the move");
	get(SAME, "in the new page");
	/* the same page again is a new one */
	wrmsr(MSR_ASSIST_PAGE, (u64)pages[1] | 1);
	verdict(apic_bit(APIC_ISR, SAME), "EOI assist: in service when the page is set again");
	expect(end_interrupt(cpu), 0, "EOI assist: EOI required when the page is set again");

	get(VECTOR, "page goes");
	end_interrupt(cpu);
	wrmsr(MSR_ASSIST_PAGE, 0);
	verdict(!apic_bit(APIC_ISR, VECTOR), "EOI assist: what was ended before the page went is over");
	irqs = cpu->irqs[VECTOR];
	send(cpu, VECTOR);
	verdict(wait_until(&cpu->irqs[VECTOR], irqs + 1), "EOI assist: interrupt without a page comes");
	expect(cpu->assist_seen[VECTOR], 0, "EOI assist: nothing without a page");
	expect(end_interrupt(cpu), 0, "EOI assist: EOI without a page");

	/* where no memory is, the bit is never set */
	wrmsr(MSR_ASSIST_PAGE, 0xfee00000 | 1);
	send(cpu, VECTOR);
	verdict(wait_until(&cpu->irqs[VECTOR], irqs + 2), "EOI assist: interrupt with a page that is no memory comes");
	wrmsr(MSR_EOI, 0);
	verdict(!apic_bit(APIC_ISR, VECTOR), "EOI assist: EOI with a page that is no memory");
	wrmsr(MSR_ASSIST_PAGE, (u64)pages[0] | 1);
	cpu->assist = pages[0];
}

static void send_low(void *arg)
{
	send(arg, LOW);
}

static void other_starts(void *arg)
{
	this_cpu()->assist = other_page;
	wrmsr(MSR_ASSIST_PAGE, (u64)other_page | 1);
	wrmsr(MSR_SINT0 + SINT, SINT_AUTO_EOI | SAME);
}

static void other_ends(void *arg)
{
	wrmsr(MSR_SINT0 + SINT, SINT_MASKED);
	wrmsr(MSR_ASSIST_PAGE, 0);
	this_cpu()->assist = NULL;
}

static void another_processor(struct cpu *cpu)
{
	struct cpu *other = &cpus[1];
	u32 low = cpu->irqs[LOW], irqs, spared;
	bool came = true;

	get(VECTOR, "before another processor's");
	run_on(1, send_low, cpu);
	for (int i = 0; i < 1000 && READ_ONCE(*cpu->assist); i++)
		delay_us(100);
	expect(end_interrupt(cpu), 0, "EOI assist: taken back for another processor's");
	verdict(wait_until(&cpu->irqs[LOW], low + 1), "EOI assist: another processor's comes");
	end_interrupt(cpu);

	run_on(1, other_starts, NULL);
	irqs = other->irqs[VECTOR];
	spared = other->spared;
	for (u32 i = 1; i <= TIMES && came; i++) {
		send(other, VECTOR);
		came = wait_until(&other->irqs[VECTOR], irqs + i);
	}
	verdict(came, "EOI assist: all IPIs to another processor come");
	expect(other->spared - spared, want ? TIMES : 0, "EOI assist: EOIs spared on another processor");

	/* it lives through INIT, as all of Hyper-V's registers; so does auto-EOI */
	restart_cpu(1);
	irqs = other->irqs[VECTOR];
	spared = other->spared;
	send(other, VECTOR);
	verdict(wait_until(&other->irqs[VECTOR], irqs + 1), "EOI assist: IPI after INIT comes");
	expect(other->spared - spared, want, "EOI assist: spared after INIT");
	if (features & F_SYNIC) {
		u32 seen = other->isr_seen[SAME];

		irqs = other->irqs[SAME];
		other->no_eoi[SAME] = true;
		send(other, SAME);
		verdict(wait_until(&other->irqs[SAME], irqs + 1), "EOI assist: auto-EOI vector after INIT comes");
		expect(other->isr_seen[SAME], seen, "EOI assist: auto-EOI vector after INIT is not in service");
		other->no_eoi[SAME] = false;
	}
	run_on(1, other_ends, NULL);
}

/* What it is for; the host's counters are compared with what is printed */
static void many(struct cpu *cpu)
{
	u32 irqs = cpu->irqs[VECTOR];
	bool came = true;

	cpu->eois = 0;
	cpu->spared = 0;
	for (u32 i = 1; i <= TIMES && came; i++) {
		send(cpu, VECTOR);
		came = wait_until(&cpu->irqs[VECTOR], irqs + i);
	}
	verdict(came, "EOI assist: all of many interrupts come");
	expect(cpu->spared, want ? TIMES : 0, "EOI assist: EOIs spared");
	expect(cpu->eois, want ? 0 : TIMES, "EOI assist: EOIs written");
}

void test_assist(void)
{
	struct cpu *cpu = this_cpu();

	want = option("assist", 1);
	pages[0][0] = ~0u;
	wrmsr(MSR_ASSIST_PAGE, (u64)pages[0] | 1);
	cpu->assist = pages[0];
	by_hand(true);
	one_at_a_time(cpu);
	several(cpu);
	if (features & F_SYNIC)
		of_a_sint(cpu);
	page_changes(cpu);
	if (cpu_count > 1)
		another_processor(cpu);
	by_hand(false);
	many(cpu);
	wrmsr(MSR_ASSIST_PAGE, 0);
	cpu->assist = NULL;
}

/* Whoever runs this moves the machine when it has read the line, and writes to COM1 afterwards */
static void moved(struct cpu *cpu, bool ended)
{
	u32 irqs;

	get(VECTOR, ended ? "ended before the move" : "in service during the move");
	if (ended)
		end_interrupt(cpu);
	print("hvtest: move\n");
	while (!(inb(0x3fd) & 1))
		pause();
	inb(0x3f8);
	expect(READ_ONCE(*cpu->assist), 0, "EOI assist: bit after the move");
	if (!ended) {
		verdict(apic_bit(APIC_ISR, VECTOR), "EOI assist: in service after the move");
		send(cpu, LOW);
		irqs = cpu->irqs[LOW];
		expect(end_interrupt(cpu), 0, "EOI assist: EOI required after the move");
		verdict(wait_until(&cpu->irqs[LOW], irqs + 1), "EOI assist: what waited comes after the move");
		end_interrupt(cpu);
	}
	get(SAME, "after the move");
	end_interrupt(cpu);
	verdict(!apic_bit(APIC_ISR, VECTOR) && !apic_bit(APIC_ISR, SAME), "EOI assist: no one in service after the move");
}

void test_assist_moved(void)
{
	struct cpu *cpu = this_cpu();

	want = option("assist", 1);
	wrmsr(MSR_ASSIST_PAGE, (u64)pages[0] | 1);
	cpu->assist = pages[0];
	by_hand(true);
	moved(cpu, false);
	moved(cpu, true);
	by_hand(false);
	many(cpu);
}
