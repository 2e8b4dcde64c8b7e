// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts on a kernel that reserved no vector for Hyper-V.
 *
 * Glue. Every CPU gets an interrupt of its own straight from the vector
 * domain, bound to it; its vector goes into the SINT. Where a kernel does not
 * hand out vectors, the SINT is set to polling and a timer looks into the
 * pages once per tick of POLL_NS.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/topology.h>
#include <asm/hw_irq.h>
#include <asm/irqdomain.h>
#include "hypercall_wire.h"
#include "own.h"
#include "platform.h"

#define POLL_NS		NSEC_PER_MSEC

/**
 * struct own_irq - interrupt of one CPU
 * @irq:	Linux interrupt number, 0 if there is none
 * @timer:	polls instead
 */
struct own_irq {
	unsigned int irq;
	struct hrtimer timer;
};

static struct own_irq __percpu *irqs;
static void (*synic_isr)(void);
static bool may_poll;

/**
 * own_irq_init() - note what the hypervisor can do
 * @info:	answers of CPUID
 *
 * Context: Module initialisation.
 */
void own_irq_init(const struct hvc_info *info)
{
	may_poll = info->misc & HVW_MISC_SINT_POLLING;
}

#if defined(HAVE_EXPORT_X86_VECTOR_DOMAIN) && \
	defined(HAVE_EXPORT_IRQD_CFG) && \
	defined(HAVE_EXPORT___IRQ_DOMAIN_ALLOC_IRQS)

static irqreturn_t handle_sint(int irq, void *data)
{
	synic_isr();
	return IRQ_HANDLED;
}

/* Returns the vector, or a negative errno. */
static int vector_start(struct own_irq *oi, unsigned int cpu)
{
	struct irq_affinity_desc affinity = { };
	struct irq_alloc_info info = { };
	struct irq_cfg *cfg;
	int irq, ret;

	info.mask = cpumask_of(cpu);
	cpumask_copy(&affinity.mask, cpumask_of(cpu));
	irq = __irq_domain_alloc_irqs(x86_vector_domain, -1, 1,
				      cpu_to_node(cpu), &info, false,
				      &affinity);
	if (irq < 0)
		return irq;
	cfg = irqd_cfg(irq_get_irq_data(irq));
	/* Edge: the flow acknowledges, so the SINT must not end it itself. */
	irq_set_handler(irq, handle_edge_irq);
	irq_set_status_flags(irq, IRQ_NO_BALANCING | IRQ_NOPROBE);
	/* The bus talks to the host while it puts itself to sleep. */
	ret = request_irq(irq, handle_sint, IRQF_NO_THREAD | IRQF_NOBALANCING |
			  IRQF_NO_SUSPEND, "hv_vmbus", oi);
	if (ret)
		goto err_free;
	if (!cfg || cfg->vector < 16 || cfg->vector > 255) {
		ret = -ENOSPC;
		goto err_free_irq;
	}
	oi->irq = irq;
	return cfg->vector;

err_free_irq:
	free_irq(irq, oi);
err_free:
	irq_dispose_mapping(irq);
	return ret;
}

static void vector_stop(struct own_irq *oi)
{
	free_irq(oi->irq, oi);
	irq_dispose_mapping(oi->irq);
	oi->irq = 0;
}

#else /* this kernel does not hand out vectors */

static int vector_start(struct own_irq *oi, unsigned int cpu)
{
	return -EOPNOTSUPP;
}

static void vector_stop(struct own_irq *oi)
{
}

#endif

static enum hrtimer_restart poll(struct hrtimer *timer)
{
	synic_isr();
	hrtimer_forward_now(timer, ns_to_ktime(POLL_NS));
	return HRTIMER_RESTART;
}

static void poll_start(struct own_irq *oi)
{
	hrtimer_setup(&oi->timer, poll, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_HARD);
	hrtimer_start(&oi->timer, ns_to_ktime(POLL_NS),
		      HRTIMER_MODE_REL_PINNED_HARD);
}

/**
 * plat_irq_start() - prepare for interrupts
 * @handler:	called in hard interrupt context
 *
 * Context: Task.
 * Return: 0 or -ENOMEM.
 */
int plat_irq_start(void (*handler)(void))
{
	synic_isr = handler;
	irqs = alloc_percpu(struct own_irq);
	return irqs ? 0 : -ENOMEM;
}

/**
 * plat_irq_stop() - undo plat_irq_start()
 *
 * Context: Task, no CPU has an interrupt any more.
 */
void plat_irq_stop(void)
{
	free_percpu(irqs);
	irqs = NULL;
}

/**
 * plat_irq_cpu_start() - get an interrupt for this CPU
 * @cpu:	this CPU
 * @sint:	filled
 *
 * Context: Hotplug thread of @cpu, may sleep.
 * Return: 0, or a negative errno with a line in the log.
 */
int plat_irq_cpu_start(unsigned int cpu, struct plat_sint *sint)
{
	struct own_irq *oi = per_cpu_ptr(irqs, cpu);
	int vector;

	own_cpu_number(cpu);
	vector = vector_start(oi, cpu);
	sint->auto_eoi = false;
	sint->polling = vector < 0;
	if (vector >= 0) {
		sint->vector = vector;
		return 0;
	}
	if (!may_poll) {
		pr_err("no interrupt vector on CPU %u (%d), and the hypervisor offers no polling\n",
		       cpu, vector);
		return vector;
	}
	pr_info_once("no interrupt vector (%d), polling every %lu us\n",
		     vector, POLL_NS / NSEC_PER_USEC);
	/* Not used, but a vector below 16 is refused. */
	sint->vector = SPURIOUS_APIC_VECTOR;
	poll_start(oi);
	return 0;
}

/**
 * plat_irq_cpu_stop() - give the interrupt of this CPU back
 * @cpu:	this CPU
 *
 * Context: Hotplug thread of @cpu, its SINT masked; may sleep.
 */
void plat_irq_cpu_stop(unsigned int cpu)
{
	struct own_irq *oi = per_cpu_ptr(irqs, cpu);

	if (oi->irq)
		vector_stop(oi);
	else
		hrtimer_cancel(&oi->timer);
}

/**
 * plat_timer_cpu_start() - this kernel has no driver for synthetic timers
 * @cpu:	this CPU
 *
 * Context: Hotplug thread of @cpu.
 */
void plat_timer_cpu_start(unsigned int cpu)
{
}

/**
 * plat_timer_cpu_stop() - undo plat_timer_cpu_start()
 * @cpu:	this CPU
 *
 * Context: Hotplug thread of @cpu.
 */
void plat_timer_cpu_stop(unsigned int cpu)
{
}

/**
 * plat_timer_isr() - a timer message came, although no timer was started
 *
 * Context: Hard interrupt.
 */
void plat_timer_isr(void)
{
}
