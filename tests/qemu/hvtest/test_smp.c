// SPDX-License-Identifier: GPL-2.0-only
/* What belongs to the partition, what to each processor, and what survives INIT. */
#include "hv.h"

#define VECTOR		0x81
#define TIMER_VECTOR	0x82
#define SINT		2

struct report {
	u64 vp, os_id, hypercall, status, sint, scontrol;
};

static void look(void *arg)
{
	struct report *r = arg;

	r->vp = features & F_VP_INDEX ? rdmsr(MSR_VP_INDEX) : this_cpu()->index;
	r->os_id = rdmsr(MSR_GUEST_OS_ID);
	r->hypercall = rdmsr(MSR_HYPERCALL);
	r->status = hypercall(HC_LONG_SPIN_WAIT | HC_FAST, 1);
	if (features & F_SYNIC) {
		r->sint = rdmsr(MSR_SINT0 + SINT);
		r->scontrol = rdmsr(MSR_SCONTROL);
	}
}

static void set_up(void *arg)
{
	synic_enable();
	wrmsr(MSR_SINT0 + SINT, VECTOR);
}

static void tear_down(void *arg)
{
	wrmsr(MSR_SINT0 + SINT, SINT_MASKED);
	synic_disable();
}

static void start_timer(void *arg)
{
	wrmsr(MSR_STIMER_CONFIG(0), STIMER_DIRECT | STIMER_AUTO | STIMER_VECTOR(TIMER_VECTOR));
	wrmsr(MSR_STIMER_COUNT(0), rdmsr(MSR_TIME_REF_COUNT) + 50000);
}

static void read_crash(void *arg)
{
	*(u64 *)arg = rdmsr(MSR_CRASH_P0 + 4);
}

static void test_echo(u32 i)
{
	static struct hv_post post __attribute__((aligned(PAGE_SIZE)));
	struct cpu *cpu = &cpus[i];
	struct hv_message *slot = message_slot(i, SINT);
	u32 *flags = event_flags(i, SINT);
	u32 irqs = cpu->irqs[VECTOR];

	echo(ECHO_MSG_CREATE, i, SINT, 50);
	echo(ECHO_EVT_CREATE, i, SINT, 51);
	post = (struct hv_post){ .connection = 50, .type = 7, .size = 8, .payload = { i } };
	expect(post_message(&post), 0, "processor %u: message accepted", i);
	verdict(wait_nonzero(&slot->type), "processor %u: gets its message", i);
	expect(slot->payload[0], i, "processor %u: payload of its message", i);
	verdict(wait_until(&cpu->irqs[VECTOR], irqs + 1), "processor %u: interrupted by the message", i);
	WRITE_ONCE(slot->type, 0);
	expect(hypercall(HC_SIGNAL_EVENT | HC_FAST, 51), 0, "processor %u: event accepted", i);
	verdict(wait_nonzero(&flags[1]), "processor %u: gets its event", i);
	verdict(wait_until(&cpu->irqs[VECTOR], irqs + 2), "processor %u: interrupted by the event", i);
	WRITE_ONCE(flags[1], 0);
	echo(ECHO_MSG_DESTROY, i, SINT, 50);
	echo(ECHO_EVT_DESTROY, i, SINT, 51);
}

void test_smp(void)
{
	u64 os_id = rdmsr(MSR_GUEST_OS_ID), page = rdmsr(MSR_HYPERCALL), val;

	for (u32 i = 0; i < cpu_count; i++) {
		struct report r = {};

		run_on(i, look, &r);
		expect(r.vp, i, "processor %u: VP index", i);
		expect(r.os_id, os_id, "processor %u: guest OS id is the partition's", i);
		expect(r.hypercall, page, "processor %u: hypercall page is the partition's", i);
		expect(r.status, 0, "processor %u: hypercall", i);
		if (!(features & F_SYNIC))
			continue;
		expect(r.sint, SINT_MASKED, "processor %u: SINT of its own", i);
		expect(r.scontrol, 0, "processor %u: SCONTROL of its own", i);
	}

	if (features & F_CRASH && cpu_count > 1) {
		wrmsr(MSR_CRASH_P0 + 4, 0x1234567890abcdef);
		run_on(cpu_count - 1, read_crash, &val);
		expect(val, 0x1234567890abcdef, "crash parameters are the partition's");
		wrmsr(MSR_CRASH_P0 + 4, 0);
	}
	if (!(features & F_SYNIC))
		return;

	for (u32 i = 0; i < cpu_count; i++) {
		run_on(i, set_up, NULL);
		if (option("echo", 0))
			test_echo(i);
		if (features & F_STIMER_DIRECT) {
			u32 irqs = cpus[i].irqs[TIMER_VECTOR];

			run_on(i, start_timer, NULL);
			verdict(wait_until(&cpus[i].irqs[TIMER_VECTOR], irqs + 1), "processor %u: its timer fires", i);
		}
	}
	if (cpu_count > 1) {
		struct report r = {};

		restart_cpu(1);
		run_on(1, look, &r);
		expect(r.sint, VECTOR, "processor 1: SINT survives INIT");
		expect(r.scontrol, 1, "processor 1: SCONTROL survives INIT");
		if (option("echo", 0))
			test_echo(1);
	}
	for (u32 i = 0; i < cpu_count; i++)
		run_on(i, tear_down, NULL);
}
