// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that does nothing but to try the hypervisor's interface, and to say
 * what holds, one line each. It boots by PVH. Command line: cpus=N, and what
 * CPUID has to offer: eax=, ebx=, edx= of leaf 0x40000003, hints= of the next
 * one; echo=1 if there is a hyperv-testdev; resets=1 to try them, too;
 * vmbus=1 if there is a bus with an hv-test device; assist=0 if an EOI is
 * always required; moves=1 to do nothing but to be moved. All numbers are
 * hexadecimal.
 */
#include "hv.h"

extern u64 start_info;
int main(void);

u64 features;
u32 hints;

/* In memory that neither firmware nor the loader touches, so it survives a reset */
static struct {
	u64 magic;
	u32 boot;
} *const memo = (void *)0x5000000;

#define MEMO_MAGIC	0x68767465737421ull

int main(void)
{
	const char *line = *(const char **)(start_info + 24);
	u32 r[4];

	for (u32 i = 0; i < sizeof(command_line) - 1 && line && line[i]; i++)
		command_line[i] = line[i];

	/* no stray interrupts from the PIC */
	outb(0x21, 0xff);
	outb(0xa1, 0xff);
	cpu_init(0);

	if (memo->magic != MEMO_MAGIC) {
		memo->magic = MEMO_MAGIC;
		memo->boot = 0;
	}
	memo->boot++;
	print("hvtest: boot %u: %s\n", memo->boot, command_line);

	cpuid(0x40000003, r);
	features = r[0] | (u64)r[3] << 32;
	cpuid(0x40000004, r);
	hints = r[0];
	start_cpus(option("cpus", 1));
	irq_on();

	if (option("moves", 0)) {
		test_assist_moved();
	} else if (memo->boot == 1) {
		test_cpuid();
		test_msr();
		test_hypercall();
		if (features & F_SYNIC)
			test_synic();
		if (features & F_APIC) {
			test_apic();
			test_assist();
		}
		if (features & (F_TIME_REF_COUNT | F_FREQUENCY | F_VP_RUNTIME))
			test_time();
		if (features & F_STIMER)
			test_stimer();
		test_smp();
		if (option("vmbus", 0))
			test_vmbus();
		if (features & F_CRASH)
			test_crash();
	}
	if (option("resets", 0))
		test_reset(memo->boot);
	memo->magic = 0;
	print("hvtest: complete\n");
	power_off();
}
