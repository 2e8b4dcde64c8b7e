// SPDX-License-Identifier: GPL-2.0-only
/*
 * Platform of a kernel with CONFIG_HYPERV: everything is there already.
 *
 * Glue. The kernel's early code found the hypervisor, wrote the guest OS id,
 * enabled the hypercall page, numbered the VPs and reserved an interrupt
 * vector. We use all that through its own header, never write those registers
 * and leave everything as it was on unload; clearing up before another kernel
 * starts is the kernel's business too, after our hooks.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/random.h>
#include <linux/smp.h>
#include <asm/irq_vectors.h>
#include <asm/mshyperv.h>
#include <clocksource/hyperv_timer.h>
#include "hypercall_wire.h"
#include "platform.h"

static bool auto_eoi;
static void (*synic_isr)(void);
static const struct plat_hooks *hooks;

/**
 * plat_init() - check that the kernel's half is in place
 * @info:	answers of CPUID
 *
 * Context: Module initialisation.
 * Return: 0, or -ENODEV with a line in the log.
 */
int plat_init(const struct hvc_info *info)
{
	if (!hv_is_hyperv_initialized() || !hyperv_pcpu_input_arg) {
		pr_info("not loaded: this kernel did not enable its hypercall page at boot\n");
		return -ENODEV;
	}
	/* The kernel's handler ends the interrupt by the same rule. */
	auto_eoi = !(info->hints & HVW_HINT_NO_AUTO_EOI);
	return 0;
}

/**
 * plat_exit() - nothing to undo, the interface is the kernel's
 *
 * Context: Module exit.
 */
void plat_exit(void)
{
}

/**
 * plat_name() - whose interface this is
 *
 * Context: Any.
 * Return: Words for the log.
 */
const char *plat_name(void)
{
	return "kernel's hypercall page";
}

/**
 * plat_vp_index() - the hypervisor's number for a CPU
 * @cpu:	possible CPU
 *
 * Context: Any.
 * Return: VP index, or U32_MAX for a CPU that was never online.
 */
u32 plat_vp_index(unsigned int cpu)
{
	return hv_cpu_number_to_vp_number(cpu);
}

/**
 * plat_msr_read() - read a synthetic register of this CPU
 * @msr:	HVW_MSR_*
 *
 * Context: Migration disabled.
 * Return: Its value.
 */
u64 plat_msr_read(u32 msr)
{
	return hv_get_msr(msr);
}

/**
 * plat_msr_write() - write a synthetic register of this CPU
 * @msr:	HVW_MSR_*
 * @value:	new value
 *
 * Context: Migration disabled.
 */
void plat_msr_write(u32 msr, u64 value)
{
	hv_set_msr(msr, value);
}

/**
 * plat_input_page() - this CPU's page for the input of a hypercall
 *
 * Context: Interrupts off, until the call has returned.
 * Return: Its address.
 */
void *plat_input_page(void)
{
	return *this_cpu_ptr(hyperv_pcpu_input_arg);
}

/**
 * plat_call() - hypercall with its input in memory
 * @control:	call code and flags
 * @input:	inside the input page
 *
 * Context: Interrupts off.
 * Return: Result, or all ones without a hypercall page.
 */
u64 plat_call(u64 control, void *input)
{
	return hv_do_hypercall(control, input, NULL);
}

/**
 * plat_call_fast8() - hypercall with 8 bytes of input, in a register
 * @code:	call code
 * @word:	the input
 *
 * Context: Any.
 * Return: Result.
 */
u64 plat_call_fast8(u16 code, u64 word)
{
	return hv_do_fast_hypercall8(code, word);
}

static void isr(void)
{
	synic_isr();
#ifdef HAVE_INTERRUPT_RANDOMNESS_ONE_ARG
	add_interrupt_randomness(HYPERVISOR_CALLBACK_VECTOR);
#else
	add_interrupt_randomness(HYPERVISOR_CALLBACK_VECTOR, 0);
#endif
}

/**
 * plat_irq_start() - take over the kernel's VMBus vector
 * @handler:	called in hard interrupt context
 *
 * Context: Task, all SINTs still masked.
 * Return: 0.
 */
int plat_irq_start(void (*handler)(void))
{
	synic_isr = handler;
	hv_setup_vmbus_handler(isr);
	return 0;
}

/**
 * plat_irq_stop() - leave the vector
 *
 * Context: Task, all SINTs masked again.
 */
void plat_irq_stop(void)
{
	hv_remove_vmbus_handler();
}

/**
 * plat_irq_cpu_start() - how interrupts reach this CPU
 * @cpu:	this CPU
 * @sint:	filled
 *
 * Context: Hotplug thread of @cpu.
 * Return: 0.
 */
int plat_irq_cpu_start(unsigned int cpu, struct plat_sint *sint)
{
	sint->vector = HYPERVISOR_CALLBACK_VECTOR;
	sint->auto_eoi = auto_eoi;
	sint->polling = false;
	return 0;
}

/**
 * plat_irq_cpu_stop() - undo plat_irq_cpu_start()
 * @cpu:	this CPU
 *
 * Context: Hotplug thread of @cpu.
 */
void plat_irq_cpu_stop(unsigned int cpu)
{
}

/**
 * plat_timer_cpu_start() - start a clock event device that needs messages
 * @cpu:	this CPU
 *
 * The kernel starts its synthetic timer by itself where it interrupts
 * directly; this does nothing then.
 *
 * Context: Hotplug thread of @cpu, SynIC enabled.
 */
void plat_timer_cpu_start(unsigned int cpu)
{
	hv_stimer_legacy_init(cpu, HVW_SINT_VMBUS);
}

/**
 * plat_timer_cpu_stop() - undo plat_timer_cpu_start()
 * @cpu:	this CPU
 *
 * Context: Hotplug thread of @cpu, SynIC still enabled.
 */
void plat_timer_cpu_stop(unsigned int cpu)
{
	hv_stimer_legacy_cleanup(cpu);
}

/**
 * plat_timer_isr() - a timer message came
 *
 * Context: Hard interrupt.
 */
void plat_timer_isr(void)
{
	hv_stimer0_isr();
}

static void on_kexec(void)
{
	hv_stimer_global_cleanup();
	hooks->kexec();
}

static void on_crash(struct pt_regs *regs)
{
	hv_stimer_cleanup(smp_processor_id());
	hooks->crash(regs);
}

/**
 * plat_hook() - be told about the end of this kernel
 * @new:	whom to tell
 *
 * Context: Task.
 */
void plat_hook(const struct plat_hooks *new)
{
	hooks = new;
	hv_setup_kexec_handler(on_kexec);
	hv_setup_crash_handler(on_crash);
}

/**
 * plat_unhook() - undo plat_hook()
 *
 * Context: Task.
 */
void plat_unhook(void)
{
	hv_remove_kexec_handler();
	hv_remove_crash_handler();
}
