// SPDX-License-Identifier: GPL-2.0-only
/*
 * Platform of a kernel without CONFIG_HYPERV: nothing is there, we do it all.
 *
 * Glue. Guest OS id, hypercall page, input pages, VP numbers, the crash
 * registers, and giving it all back before another kernel starts. Interrupts
 * are in own_irq.c.
 *
 * What such a kernel has no hook for: a crash kernel that starts before the
 * panic notifiers run (crash_kexec_post_notifiers is off). It then finds the
 * connection of the dead kernel still open.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/notifier.h>
#include <linux/panic_notifier.h>
#include <linux/percpu.h>
#include <linux/platform_device.h>
#include <linux/printk.h>
#include <linux/ptrace.h>
#include <linux/reboot.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/syscore_ops.h>
#include <linux/vmalloc.h>
#include <asm/msr.h>
#include "../compat/kernel_code.h"
#include "hypercall_wire.h"
#include "own.h"
#include "platform.h"
#include "regs.h"

/**
 * struct own_cpu - what a CPU needs for hypercalls
 * @input:	page for the input block
 * @vp_index:	the hypervisor's number for it, U32_MAX until it was online
 */
struct own_cpu {
	void *input;
	u32 vp_index;
};

static struct own_cpu __percpu *cpus;
static const struct plat_hooks *hooks;
static bool enabled;
static bool crash_msrs;
static bool kexec_coming;
static u64 os_id;

/**
 * plat_name() - whose interface this is
 *
 * Context: Any.
 * Return: Words for the log.
 */
const char *plat_name(void)
{
	return "own hypercall page";
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
	return per_cpu_ptr(cpus, cpu)->vp_index;
}

/**
 * own_cpu_number() - learn the VP index of this CPU
 * @cpu:	this CPU
 *
 * Context: Hotplug thread of @cpu.
 */
void own_cpu_number(unsigned int cpu)
{
	per_cpu_ptr(cpus, cpu)->vp_index = plat_msr_read(HVW_MSR_VP_INDEX);
}

/**
 * plat_msr_read() - read a synthetic register of this CPU
 * @msr:	HVW_MSR_*
 *
 * Context: Migration disabled.
 * Return: Its value; 0 for a register that faults although it was offered.
 */
u64 plat_msr_read(u32 msr)
{
	u64 value;

	return rdmsrq_safe(msr, &value) ? 0 : value;
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
	wrmsrq_safe(msr, value);
}

/**
 * plat_input_page() - this CPU's page for the input of a hypercall
 *
 * Context: Interrupts off, until the call has returned.
 * Return: Its address.
 */
void *plat_input_page(void)
{
	return this_cpu_read(cpus->input);
}

static u64 enter(u64 control, u64 word0)
{
	register u64 word1 asm("r8") = 0;
	u64 result;

	if (!READ_ONCE(enabled))
		return U64_MAX;
	asm volatile("call hvc_own_page"
		     : "=a" (result), "+c" (control), "+d" (word0),
		       "+r" (word1), ASM_CALL_CONSTRAINT
		     :
		     : "cc", "memory", "r9", "r10", "r11");
	return result;
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
	return enter(control, virt_to_phys(input));
}

/**
 * plat_call_fast8() - hypercall with 8 bytes of input, in a register
 * @code:	call code
 * @word:	the input
 *
 * Context: Any.
 * Return: Result, or all ones without a hypercall page.
 */
u64 plat_call_fast8(u16 code, u64 word)
{
	return enter(code | HVW_CALL_FAST, word);
}

static int page_on(void)
{
	u64 gpa = (u64)vmalloc_to_pfn(hvc_own_page) << PAGE_SHIFT;
	u64 value = plat_msr_read(HVW_MSR_HYPERCALL);

	if (value & HVW_HYPERCALL_LOCKED) {
		pr_info("not loaded: the hypercall page is locked at %#llx until the next reset\n",
			value & HVW_PAGE_MSR_PFN);
		return -EBUSY;
	}
	/* A kernel before us may have died with its page in place. */
	plat_msr_write(HVW_MSR_GUEST_OS_ID, 0);
	plat_msr_write(HVW_MSR_GUEST_OS_ID, os_id);
	plat_msr_write(HVW_MSR_HYPERCALL, regs_page_on(value, gpa));
	value = plat_msr_read(HVW_MSR_HYPERCALL);
	if (!(value & HVW_PAGE_MSR_ENABLE) ||
	    (value & HVW_PAGE_MSR_PFN) != gpa) {
		plat_msr_write(HVW_MSR_GUEST_OS_ID, 0);
		pr_info("not loaded: the hypervisor did not enable our hypercall page (register reads %#llx)\n",
			value);
		return -ENODEV;
	}
	WRITE_ONCE(enabled, true);
	return 0;
}

static void page_off(void)
{
	WRITE_ONCE(enabled, false);
	plat_msr_write(HVW_MSR_HYPERCALL,
		       regs_page_off(plat_msr_read(HVW_MSR_HYPERCALL)));
	plat_msr_write(HVW_MSR_GUEST_OS_ID, 0);
}

static void free_cpus(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		free_page((unsigned long)per_cpu_ptr(cpus, cpu)->input);
	free_percpu(cpus);
	cpus = NULL;
}

static int alloc_cpus(void)
{
	unsigned int cpu;

	cpus = alloc_percpu(struct own_cpu);
	if (!cpus)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct own_cpu *oc = per_cpu_ptr(cpus, cpu);

		oc->vp_index = U32_MAX;
		oc->input = (void *)get_zeroed_page(GFP_KERNEL);
		if (!oc->input) {
			free_cpus();
			return -ENOMEM;
		}
	}
	return 0;
}

/*
 * Suspend of the last CPU: the page must be announced again afterwards.
 * Registered before the SynIC's hooks, so it comes after them on the way down.
 */
static int sleep(SYSCORE_ARG)
{
	page_off();
	return 0;
}

static void wake(SYSCORE_ARG)
{
	if (page_on())
		pr_err("hypercall page lost over suspend\n");
}

DEFINE_SYSCORE(sleep_core, sleep, wake);

/*
 * A clean kexec is a reboot whose notifiers are told so by name. The work is
 * done later, when devices are shut down: this platform device is older than
 * every VMBus device, so its turn comes after theirs.
 */
static int on_reboot(struct notifier_block *nb, unsigned long action, void *cmd)
{
	kexec_coming = action == SYS_RESTART && cmd &&
		       !strcmp(cmd, "kexec reboot");
	return NOTIFY_DONE;
}

static struct notifier_block reboot_block = { .notifier_call = on_reboot };

static void device_shutdown_last(struct platform_device *dev)
{
	if (!kexec_coming)
		return;
	if (hooks)
		hooks->kexec();
	page_off();
}

static struct platform_driver shutdown_driver = {
	.driver = { .name = "hv_vmbus_platform" },
	.shutdown = device_shutdown_last,
};

static struct platform_device *shutdown_device;

static int hook_shutdown(void)
{
	int ret = platform_driver_register(&shutdown_driver);

	if (ret)
		return ret;
	shutdown_device = platform_device_register_simple("hv_vmbus_platform",
							  PLATFORM_DEVID_NONE,
							  NULL, 0);
	if (IS_ERR(shutdown_device)) {
		platform_driver_unregister(&shutdown_driver);
		return PTR_ERR(shutdown_device);
	}
	register_reboot_notifier(&reboot_block);
	return 0;
}

static void unhook_shutdown(void)
{
	unregister_reboot_notifier(&reboot_block);
	platform_device_unregister(shutdown_device);
	platform_driver_unregister(&shutdown_driver);
}

/*
 * Tell the host that this kernel is dead. Last of the panic notifiers, after
 * the bus has disconnected.
 */
static int on_panic(struct notifier_block *nb, unsigned long action, void *msg)
{
	if (crash_msrs) {
		plat_msr_write(HVW_MSR_CRASH_P(0), 0);
		plat_msr_write(HVW_MSR_CRASH_P(1), os_id);
		plat_msr_write(HVW_MSR_CRASH_P(2), _RET_IP_);
		plat_msr_write(HVW_MSR_CRASH_P(3), 0);
		plat_msr_write(HVW_MSR_CRASH_P(4), current_stack_pointer);
		plat_msr_write(HVW_MSR_CRASH_CTL, HVW_CRASH_CTL_NOTIFY);
	}
	return NOTIFY_DONE;
}

static struct notifier_block panic_block = {
	.notifier_call = on_panic,
	.priority = INT_MIN,
};

/**
 * plat_init() - set up the hypercall page
 * @info:	answers of CPUID
 *
 * Context: Module initialisation, may sleep.
 * Return: 0, or a negative errno with a line in the log.
 */
int plat_init(const struct hvc_info *info)
{
	int ret;

	os_id = regs_os_id(COMPAT_KERNEL_CODE);
	crash_msrs = info->misc & HVW_MISC_CRASH_MSRS;
	ret = alloc_cpus();
	if (ret)
		return ret;
	ret = page_on();
	if (ret)
		goto err_free_cpus;
	ret = hook_shutdown();
	if (ret)
		goto err_page_off;
	register_syscore(&sleep_core);
	atomic_notifier_chain_register(&panic_notifier_list, &panic_block);
	own_irq_init(info);
	return 0;

err_page_off:
	page_off();
err_free_cpus:
	free_cpus();
	return ret;
}

/**
 * plat_exit() - give everything back
 *
 * Context: Module exit, may sleep.
 */
void plat_exit(void)
{
	atomic_notifier_chain_unregister(&panic_notifier_list, &panic_block);
	unregister_syscore(&sleep_core);
	unhook_shutdown();
	page_off();
	free_cpus();
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
}

/**
 * plat_unhook() - undo plat_hook()
 *
 * Context: Task.
 */
void plat_unhook(void)
{
	hooks = NULL;
}
