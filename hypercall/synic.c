// SPDX-License-Identifier: GPL-2.0-only
/*
 * Synthetic interrupt controller: pages, SINT, interrupts, CPU hotplug.
 *
 * Glue. One client, the VMBus, on SINT 2. Every CPU gets a message page and
 * an event-flags page when it comes online and gives them up when it goes,
 * through one CPU hotplug state. Interrupts are served where they happen; on
 * PREEMPT_RT everything but timer messages is left to a thread of that CPU,
 * because what the client calls takes locks that sleep there.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/smpboot.h>
#include <linux/string.h>
#include <linux/syscore_ops.h>
#include <linux/topology.h>
#include "hypercall_wire.h"
#include "page.h"
#include "platform.h"
#include "regs.h"
#include "synic.h"

/*
 * Messages served per interrupt. The host interrupts again for each one it
 * puts into the slot, so nothing is lost by leaving.
 */
#define MESSAGES_PER_INTERRUPT	4

/**
 * struct synic_cpu - the SynIC of one CPU
 * @messages:	message page, NULL while the CPU is offline
 * @events:	event-flags page, likewise
 * @sint:	how interrupts reach this CPU
 * @msg:	copy of the message being handled; used by the interrupt handler
 *		of this CPU, on PREEMPT_RT by its thread
 * @stats:	counted on this CPU only
 */
struct synic_cpu {
	struct hvw_message_page *messages;
	struct hvw_event_page *events;
	struct plat_sint sint;
	struct synic_msg msg;
	struct synic_stats stats;
};

static struct synic_cpu __percpu *cpus;
static const struct synic_client *client;
static enum cpuhp_state hotplug_state;
static bool stopping;

/*
 * Bit n: word n of the event flags has the flag of a channel. An interrupt
 * looks at these words. Bits are set before the host is told to open the
 * channel, which orders them before its flag; they stay.
 */
static u32 watched;

#define count(member)	this_cpu_inc(cpus->stats.member)

static struct hvw_slot *vmbus_slot(struct synic_cpu *sc)
{
	return &sc->messages->slot[HVW_SINT_VMBUS];
}

static void end_message(bool more)
{
	if (!more)
		return;
	plat_msr_write(HVW_MSR_EOM, 0);
	count(eoms);
}

static void event(unsigned int relid)
{
	/* Flag 0 announced the interrupt page of old hosts. */
	if (unlikely(!relid))
		return;
	count(events);
	client->event(relid);
}

static __always_inline bool serve_events(struct synic_cpu *sc, u32 which)
{
	return page_flags_serve(sc->events->flags[HVW_SINT_VMBUS], which,
				event);
}

static noinline bool serve_any_event(struct synic_cpu *sc)
{
	return serve_events(sc, ~0u);
}

/*
 * Copy what is in the slot and give the slot back. A timer message is left
 * alone in a thread: its interrupt handler takes it.
 */
static enum page_verdict take_message(struct synic_cpu *sc, bool thread)
{
	struct hvw_slot *slot = vmbus_slot(sc);
	enum page_verdict verdict;
	unsigned long flags;

	local_irq_save(flags);
	verdict = page_slot_read(slot, &sc->msg);
	if (verdict != PAGE_EMPTY && !(thread && verdict == PAGE_TIMER))
		end_message(page_slot_release(slot));
	local_irq_restore(flags);
	return verdict;
}

/* Returns whether there was a message that this context may handle. */
static bool serve_message(struct synic_cpu *sc, bool thread)
{
	switch (take_message(sc, thread)) {
	case PAGE_EMPTY:
		return false;
	case PAGE_VMBUS:
		count(messages);
		client->message(&sc->msg);
		break;
	case PAGE_TIMER:
		if (thread)
			return false;
		count(timers);
		plat_timer_isr();
		break;
	case PAGE_BAD_TYPE:
		count(bad_type);
		pr_err_ratelimited("message of unknown type dropped\n");
		break;
	case PAGE_BAD_BYTES:
		count(bad_bytes);
		pr_err_ratelimited("message longer than its slot dropped\n");
		break;
	}
	return true;
}

static noinline bool serve_messages(struct synic_cpu *sc, bool thread)
{
	unsigned int i = 0;

	while (i < MESSAGES_PER_INTERRUPT && serve_message(sc, thread))
		i++;
	return i;
}

static __always_inline bool serve(struct synic_cpu *sc, bool thread)
{
	bool any = serve_events(sc, READ_ONCE(watched));

	if (unlikely(!page_slot_empty(vmbus_slot(sc))))
		any |= serve_messages(sc, thread);
	/* For nothing we know of: then for a flag nobody watches. */
	return likely(any) || serve_any_event(sc);
}

#ifdef CONFIG_PREEMPT_RT

static DEFINE_PER_CPU(struct task_struct *, threads);
static DEFINE_PER_CPU(bool, thread_work);

static int thread_should_run(unsigned int cpu)
{
	return __this_cpu_read(thread_work);
}

static void thread_fn(unsigned int cpu)
{
	__this_cpu_write(thread_work, false);
	while (serve(this_cpu_ptr(cpus), true))
		cond_resched();
}

static void thread_setup(unsigned int cpu)
{
	sched_set_fifo(current);
}

static struct smp_hotplug_thread irq_threads = {
	.store = &threads,
	.thread_should_run = thread_should_run,
	.thread_fn = thread_fn,
	.setup = thread_setup,
	.thread_comm = "hv_vmbus/%u",
};

static int start_threads(void)
{
	return smpboot_register_percpu_thread(&irq_threads);
}

static void stop_threads(void)
{
	smpboot_unregister_percpu_thread(&irq_threads);
}

static void isr(void)
{
	struct synic_cpu *sc = this_cpu_ptr(cpus);

	count(interrupts);
	/* The thread may be using sc->msg: take nothing that is copied. */
	if (page_slot_is_timer(vmbus_slot(sc)))
		serve_message(sc, false);
	__this_cpu_write(thread_work, true);
	wake_up_process(__this_cpu_read(threads));
}

#else /* !CONFIG_PREEMPT_RT */

static int start_threads(void)
{
	return 0;
}

static void stop_threads(void)
{
}

static void isr(void)
{
	count(interrupts);
	serve(this_cpu_ptr(cpus), false);
}

#endif

static void free_pages_of(struct synic_cpu *sc)
{
	struct hvw_message_page *messages = sc->messages;
	struct hvw_event_page *events = sc->events;

	sc->messages = NULL;
	sc->events = NULL;
	free_page((unsigned long)events);
	free_page((unsigned long)messages);
}

static int alloc_pages_of(struct synic_cpu *sc, unsigned int cpu)
{
	struct page *messages, *events;
	int node = cpu_to_node(cpu);

	BUILD_BUG_ON(PAGE_SIZE != HVW_PAGE_BYTES);
	messages = alloc_pages_node(node, GFP_KERNEL | __GFP_ZERO, 0);
	if (!messages)
		return -ENOMEM;
	events = alloc_pages_node(node, GFP_KERNEL | __GFP_ZERO, 0);
	if (!events) {
		__free_page(messages);
		return -ENOMEM;
	}
	sc->messages = page_address(messages);
	sc->events = page_address(events);
	return 0;
}

static void update(u32 msr, u64 (*change)(u64 old, u64 gpa), void *page)
{
	plat_msr_write(msr, change(plat_msr_read(msr), virt_to_phys(page)));
}

static void withdraw(u32 msr)
{
	plat_msr_write(msr, regs_page_off(plat_msr_read(msr)));
}

/*
 * Some hosts lay pages over ours that still hold what a kernel before us left
 * there. A used slot would block for ever: nobody would interrupt for it.
 */
static void sweep(struct synic_cpu *sc)
{
	u64 *words = sc->events->flags[HVW_SINT_VMBUS];
	struct hvw_slot *slot = vmbus_slot(sc);
	unsigned int i;

	for (i = 0; i < HVW_FLAG_WORDS; i++)
		if (page_flags_take(&words[i]))
			count(stale);
	if (page_slot_read(slot, &sc->msg) != PAGE_EMPTY) {
		count(stale);
		page_slot_release(slot);
		plat_msr_write(HVW_MSR_EOM, 0);
	}
}

/* On the CPU itself, its interrupts masked in the SINT or off. */
static void registers_on(struct synic_cpu *sc)
{
	const struct plat_sint *sint = &sc->sint;
	u32 msr = HVW_MSR_SINT(HVW_SINT_VMBUS);
	u64 value;

	update(HVW_MSR_SIMP, regs_page_on, sc->messages);
	update(HVW_MSR_SIEFP, regs_page_on, sc->events);
	sweep(sc);
	value = plat_msr_read(msr);
	plat_msr_write(msr, regs_sint_on(value, sint->vector, sint->auto_eoi,
					 sint->polling));
	value = plat_msr_read(HVW_MSR_SCONTROL);
	plat_msr_write(HVW_MSR_SCONTROL, value | HVW_SCONTROL_ENABLE);
}

/* Everything off; after this the host does not write to the pages any more. */
static void registers_off(void)
{
	u32 msr = HVW_MSR_SINT(HVW_SINT_VMBUS);
	u64 value;

	plat_msr_write(msr, regs_sint_off(plat_msr_read(msr)));
	withdraw(HVW_MSR_SIMP);
	withdraw(HVW_MSR_SIEFP);
	value = plat_msr_read(HVW_MSR_SCONTROL);
	plat_msr_write(HVW_MSR_SCONTROL, value & ~HVW_SCONTROL_ENABLE);
}

static void cpu_down_hw(struct synic_cpu *sc, unsigned int cpu)
{
	unsigned long flags;

	plat_timer_cpu_stop(cpu);
	local_irq_save(flags);
	registers_off();
	local_irq_restore(flags);
	plat_irq_cpu_stop(cpu);
	free_pages_of(sc);
}

static int cpu_up_hw(struct synic_cpu *sc, unsigned int cpu)
{
	unsigned long flags;
	int ret;

	ret = alloc_pages_of(sc, cpu);
	if (ret)
		return ret;
	ret = plat_irq_cpu_start(cpu, &sc->sint);
	if (ret)
		goto err_free_pages;
	local_irq_save(flags);
	registers_on(sc);
	local_irq_restore(flags);
	plat_timer_cpu_start(cpu);
	return 0;

err_free_pages:
	free_pages_of(sc);
	return ret;
}

static int cpu_comes(unsigned int cpu)
{
	struct synic_cpu *sc = per_cpu_ptr(cpus, cpu);
	int ret;

	ret = cpu_up_hw(sc, cpu);
	if (ret)
		return ret;
	if (client->cpu_online) {
		ret = client->cpu_online(cpu);
		if (ret)
			cpu_down_hw(sc, cpu);
	}
	return ret;
}

static int cpu_goes(unsigned int cpu)
{
	int ret;

	/* When the module goes, nobody is asked. */
	if (client->cpu_offline && !stopping) {
		ret = client->cpu_offline(cpu);
		if (ret)
			return ret;
	}
	cpu_down_hw(per_cpu_ptr(cpus, cpu), cpu);
	return 0;
}

/*
 * Suspend and resume of the last CPU, interrupts off; the others went through
 * the hotplug state. The kernel's own hooks for the hypercall page were there
 * first, so they come last on the way down and first on the way up.
 */
static int sleep(SYSCORE_ARG)
{
	registers_off();
	return 0;
}

static void wake(SYSCORE_ARG)
{
	registers_on(this_cpu_ptr(cpus));
}

DEFINE_SYSCORE(sleep_core, sleep, wake);

/**
 * synic_start() - receive messages and events on every CPU
 * @new:	who gets them; called from now on
 *
 * Context: Module initialisation, after hvc_platform_init(); may sleep.
 * Return: 0 or a negative errno, with everything undone.
 */
int synic_start(const struct synic_client *new)
{
	int ret;

	cpus = alloc_percpu(struct synic_cpu);
	if (!cpus)
		return -ENOMEM;
	client = new;
	stopping = false;
	watched = 0;
	ret = start_threads();
	if (ret)
		goto err_free_cpus;
	ret = plat_irq_start(isr);
	if (ret)
		goto err_stop_threads;
	ret = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "hyperv/vmbus:online",
				cpu_comes, cpu_goes);
	if (ret < 0)
		goto err_stop_irq;
	hotplug_state = ret;
	register_syscore(&sleep_core);
	return 0;

err_stop_irq:
	plat_irq_stop();
err_stop_threads:
	stop_threads();
err_free_cpus:
	free_percpu(cpus);
	cpus = NULL;
	return ret;
}

/**
 * synic_stop() - undo synic_start()
 *
 * When it returns, no function of the client runs or will run. CPUs are not
 * asked whether they may go.
 *
 * Context: Module exit or a clean kexec, may sleep.
 */
void synic_stop(void)
{
	unregister_syscore(&sleep_core);
	stopping = true;
	cpuhp_remove_state(hotplug_state);
	plat_irq_stop();
	stop_threads();
	free_percpu(cpus);
	cpus = NULL;
}

/**
 * synic_watch() - there will be events of a channel
 * @relid:	its flag, below SYNIC_EVENTS
 *
 * Context: Task, before the host is asked to open the channel.
 */
void synic_watch(unsigned int relid)
{
	u32 old, word = BIT(relid / 64);

	BUILD_BUG_ON(HVW_FLAG_WORDS != 32);
	do {
		old = READ_ONCE(watched);
		if (old & word)
			return;
	} while (cmpxchg(&watched, old, old | word) != old);
}

/**
 * synic_stats() - what happened since synic_start(), on all CPUs
 * @sum:	filled; not a snapshot of one moment
 *
 * Context: Any, between synic_start() and synic_stop().
 */
void synic_stats(struct synic_stats *sum)
{
	unsigned int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const struct synic_stats *s = &per_cpu_ptr(cpus, cpu)->stats;

		sum->interrupts += READ_ONCE(s->interrupts);
		sum->events += READ_ONCE(s->events);
		sum->messages += READ_ONCE(s->messages);
		sum->timers += READ_ONCE(s->timers);
		sum->eoms += READ_ONCE(s->eoms);
		sum->bad_type += READ_ONCE(s->bad_type);
		sum->bad_bytes += READ_ONCE(s->bad_bytes);
		sum->stale += READ_ONCE(s->stale);
	}
}

/**
 * synic_crash_poll() - fetch a message without interrupts
 * @cpu:	whose page to look into; it may have stopped anywhere
 * @out:	filled when there was a VMBus message
 *
 * Whatever is in the slot is removed. The end-of-message register belongs to
 * the CPU that runs: for another CPU the host looks again by itself.
 *
 * Context: Dying kernel, atomic.
 * Return: true if there was a VMBus message.
 */
bool synic_crash_poll(unsigned int cpu, struct synic_msg *out)
{
	static const u32 types[] = {
		[PAGE_VMBUS] = HVW_MSG_VMBUS,
		[PAGE_TIMER] = HVW_MSG_TIMER_EXPIRED,
		[PAGE_BAD_BYTES] = HVW_MSG_VMBUS,
	};
	struct synic_cpu *sc;
	enum page_verdict verdict;
	struct hvw_slot *slot;
	u32 type;

	if (!cpus)
		return false;
	sc = per_cpu_ptr(cpus, cpu);
	if (!sc->messages)
		return false;
	slot = vmbus_slot(sc);
	verdict = page_slot_read(slot, out);
	if (verdict == PAGE_EMPTY)
		return false;
	type = verdict == PAGE_BAD_TYPE ?
	       le32_to_cpu(READ_ONCE(slot->type)) : types[verdict];
	if (page_slot_release_type(slot, type))
		plat_msr_write(HVW_MSR_EOM, 0);
	return verdict == PAGE_VMBUS;
}

/**
 * synic_crash_stop() - switch off the SynIC of this CPU, keep its memory
 *
 * Context: Dying kernel, atomic.
 */
void synic_crash_stop(void)
{
	if (cpus)
		registers_off();
}
