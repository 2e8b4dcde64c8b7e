/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between a kernel that already set up the hypervisor interface
 * (adopt.c) and one that knows nothing of it (own*.c). Exactly one of the two
 * is linked; nothing outside this folder calls these.
 */
#ifndef HYPERCALL_PLATFORM_H
#define HYPERCALL_PLATFORM_H

#include "detect.h"

struct pt_regs;

/**
 * struct plat_sint - how the VMBus SINT of one CPU reaches us
 * @vector:	interrupt vector
 * @auto_eoi:	the hypervisor ends the interrupt
 * @polling:	no interrupt; the platform calls the handler from a timer
 */
struct plat_sint {
	u8 vector;
	bool auto_eoi;
	bool polling;
};

/**
 * struct plat_hooks - what a platform calls in the end
 * @kexec:	before another kernel is started cleanly, task context
 * @crash:	in a dying kernel that is about to start a crash kernel
 */
struct plat_hooks {
	void (*kexec)(void);
	void (*crash)(struct pt_regs *regs);
};

int plat_init(const struct hvc_info *info);
void plat_exit(void);
const char *plat_name(void);
u32 plat_vp_index(unsigned int cpu);

u64 plat_msr_read(u32 msr);
void plat_msr_write(u32 msr, u64 value);

/* Interrupts off from filling the page to the return of the call */
void *plat_input_page(void);
u64 plat_call(u64 control, void *input);
u64 plat_call_fast8(u16 code, u64 word);

/*
 * Interrupts of the SINT. plat_irq_cpu_start() and _stop() run in the hotplug
 * thread of the CPU; @isr runs in hard interrupt context.
 */
int plat_irq_start(void (*isr)(void));
void plat_irq_stop(void);
int plat_irq_cpu_start(unsigned int cpu, struct plat_sint *sint);
void plat_irq_cpu_stop(unsigned int cpu);

/* Timers that expire as messages */
void plat_timer_cpu_start(unsigned int cpu);
void plat_timer_cpu_stop(unsigned int cpu);
void plat_timer_isr(void);

void plat_hook(const struct plat_hooks *hooks);
void plat_unhook(void);

#endif /* HYPERCALL_PLATFORM_H */
