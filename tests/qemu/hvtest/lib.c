// SPDX-License-Identifier: GPL-2.0-only
/* The little that a test needs of an operating system. */
#include "lib.h"

struct cpu cpus[MAX_CPUS] __attribute__((aligned(64)));
u32 cpu_count = 1;
char command_line[256];

extern u8 vectors[], trampoline[], trampoline_end[];
extern u64 gdt[], ap_stack;
extern u8 gdt_pointer[];
void run_in_user(void *code, struct cpu *cpu);
void user_return(void);
void handle_interrupt(struct regs *r);
void ap_main(void);

void *memset(void *s, int c, size_t n)
{
	u8 *p = s;

	while (n--)
		*p++ = c;
	return s;
}

void *memcpy(void *d, const void *s, size_t n)
{
	u8 *p = d;
	const u8 *q = s;

	while (n--)
		*p++ = *q++;
	return d;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *p = a, *q = b;

	for (; n--; p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

/* Output: COM1 */

static void putch(char c)
{
	while (!(inb(0x3fd) & 0x20))
		pause();
	outb(0x3f8, c);
}

static void put_number(u64 v, unsigned int base)
{
	char buf[24];
	int i = 0;

	do {
		buf[i++] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v);
	while (i)
		putch(buf[--i]);
}

/* %s %c %d %u %x, each with an optional l or ll */
static void vprint(const char *fmt, va_list ap)
{
	for (; *fmt; fmt++) {
		bool wide = false;

		if (*fmt != '%') {
			if (*fmt == '\n')
				putch('\r');
			putch(*fmt);
			continue;
		}
		fmt++;
		while (*fmt == 'l') {
			wide = true;
			fmt++;
		}
		switch (*fmt) {
		case 's':
			for (const char *s = va_arg(ap, const char *); *s; s++)
				putch(*s);
			break;
		case 'c':
			putch(va_arg(ap, int));
			break;
		case 'd': {
			s64 v = wide ? va_arg(ap, s64) : va_arg(ap, int);

			if (v < 0) {
				putch('-');
				v = -v;
			}
			put_number(v, 10);
			break;
		}
		case 'u':
			put_number(wide ? va_arg(ap, u64) : va_arg(ap, u32), 10);
			break;
		case 'x':
			put_number(wide ? va_arg(ap, u64) : va_arg(ap, u32), 16);
			break;
		}
	}
}

void print(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprint(fmt, ap);
	va_end(ap);
}

void verdict(bool good, const char *fmt, ...)
{
	va_list ap;

	print("%s: ", good ? "PASS" : "FAIL");
	va_start(ap, fmt);
	vprint(fmt, ap);
	va_end(ap);
	print(good ? "\n" : ": does not hold\n");
}

void expect(u64 got, u64 want, const char *fmt, ...)
{
	va_list ap;

	print("%s: ", got == want ? "PASS" : "FAIL");
	va_start(ap, fmt);
	vprint(fmt, ap);
	va_end(ap);
	if (got == want)
		print("\n");
	else
		print(": is 0x%lx instead of 0x%lx\n", got, want);
}

bool expect_quiet(u64 got, u64 want, const char *fmt, ...)
{
	va_list ap;

	if (got == want)
		return true;
	print("FAIL: ");
	va_start(ap, fmt);
	vprint(fmt, ap);
	va_end(ap);
	print(": is 0x%lx instead of 0x%lx\n", got, want);
	return false;
}

/* The hexadecimal value of name=... on the command line */
u64 option(const char *name, u64 otherwise)
{
	const char *p = command_line;

	while (*p) {
		const char *n = name;
		const char *q = p;
		u64 v = 0;

		while (*n && *n == *q)
			n++, q++;
		if (!*n && *q == '=') {
			for (q++; *q && *q != ' '; q++)
				v = v * 16 + (*q <= '9' ? *q - '0' : (*q | 32) - 'a' + 10);
			return v;
		}
		while (*p && *p != ' ')
			p++;
		while (*p == ' ')
			p++;
	}
	return otherwise;
}

/* Exceptions and interrupts */

void handle_interrupt(struct regs *r)
{
	struct cpu *cpu = this_cpu();
	u8 vector = r->vector;

	if (vector >= 32) {
		if (cpu->assist)
			cpu->assist_seen[vector] = READ_ONCE(*cpu->assist);
		if (apic_bit(APIC_ISR, vector))
			cpu->isr_seen[vector]++;
		if (!cpu->no_eoi[vector] && cpu->assist)
			end_interrupt(cpu);
		else if (!cpu->no_eoi[vector])
			apic_write(APIC_EOI, 0);
		WRITE_ONCE(cpu->irqs[vector], cpu->irqs[vector] + 1);
		return;
	}

	cpu->fault = vector;
	cpu->fault_code = r->code;
	if ((r->cs & 3) == 3) {
		r->rip = (u64)user_return;
		r->cs = SEL_KCODE;
		r->rflags = 0x202;	/* interrupts on, as everywhere */
		r->rsp = cpu->user_rsp;
		r->ss = SEL_KDATA;
	} else if (cpu->resume) {
		r->rip = cpu->resume;
		cpu->resume = 0;
	} else {
		print("FAIL: unexpected exception %u: code 0x%lx at 0x%lx on processor %u\n", vector, r->code, r->rip,
		      cpu->index);
		power_off();
	}
}

int rdmsr_safe(u32 msr, u64 *val)
{
	struct cpu *cpu = this_cpu();
	u32 lo = 0, hi = 0;

	cpu->fault = NO_FAULT;
	asm volatile("leaq 1f(%%rip), %%rax; movq %%rax, %2; rdmsr; 1:"
		     : "=&a" (lo), "=&d" (hi), "=m" (cpu->resume) : "c" (msr) : "memory");
	cpu->resume = 0;
	*val = lo | (u64)hi << 32;
	return cpu->fault;
}

int wrmsr_safe(u32 msr, u64 val)
{
	struct cpu *cpu = this_cpu();
	u64 rax;

	cpu->fault = NO_FAULT;
	asm volatile("leaq 1f(%%rip), %%rax; movq %%rax, %1; mov %k3, %%eax; wrmsr; 1:"
		     : "=&a" (rax), "=m" (cpu->resume)
		     : "c" (msr), "r" ((u32)val), "d" ((u32)(val >> 32)) : "memory");
	cpu->resume = 0;
	return cpu->fault;
}

u64 rdmsr(u32 msr)
{
	u64 val;
	int fault = rdmsr_safe(msr, &val);

	if (fault != NO_FAULT)
		print("FAIL: read of MSR 0x%x: exception %d\n", msr, fault);
	return val;
}

void wrmsr(u32 msr, u64 val)
{
	int fault = wrmsr_safe(msr, val);

	if (fault != NO_FAULT)
		print("FAIL: write of MSR 0x%x: 0x%lx, exception %d\n", msr, val, fault);
}

int fault_in_user(void *code)
{
	struct cpu *cpu = this_cpu();

	cpu->fault = NO_FAULT;
	run_in_user(code, cpu);
	return cpu->fault;
}

/* Local APIC */

bool end_interrupt(struct cpu *cpu)
{
	if (__atomic_exchange_n(cpu->assist, 0, __ATOMIC_SEQ_CST) & 1) {
		cpu->spared++;
		return true;
	}
	cpu->eois++;
	asm volatile("wrmsr" :: "c" (0x40000070), "a" (0), "d" (0) : "memory");
	return false;
}

u32 apic_read(u32 reg)
{
	return *(volatile u32 *)(0xfee00000ul + reg);
}

void apic_write(u32 reg, u32 val)
{
	*(volatile u32 *)(0xfee00000ul + reg) = val;
}

bool apic_bit(u32 reg, u8 vector)
{
	return apic_read(reg + vector / 32 * 16) >> (vector % 32) & 1;
}

/* Time */

u32 pm_timer(void)
{
	return inl(0x608) & 0xffffff;
}

void delay_us(u32 us)
{
	u64 ticks = (u64)us * PM_HZ / 1000000, done = 0;
	u32 last = pm_timer();

	while (done < ticks) {
		u32 now = pm_timer();

		done += (now - last) & 0xffffff;
		last = now;
		pause();
	}
}

bool wait_until(volatile u32 *p, u32 want)
{
	for (int i = 0; i < 20000; i++) {
		if (*p == want)
			return true;
		delay_us(100);
	}
	return *p == want;
}

bool wait_mask(volatile u32 *p, u32 mask)
{
	for (int i = 0; i < 20000; i++) {
		if (*p & mask)
			return true;
		delay_us(100);
	}
	return *p & mask;
}

bool wait_nonzero(volatile u32 *p)
{
	return wait_mask(p, ~0u);
}

/* Processors */

static struct { u16 off0, sel; u8 ist, type; u16 off1; u32 off2, zero; } __attribute__((packed, aligned(16))) idt[256];
static struct { u32 zero0; u64 rsp0; u8 rest[92]; } __attribute__((packed, aligned(16))) tss[MAX_CPUS];
static u8 fault_stack[MAX_CPUS][4096] __attribute__((aligned(16)));

void cpu_init(u32 index)
{
	struct cpu *cpu = &cpus[index];
	u64 base = (u64)&tss[index];
	struct { u16 limit; u64 base; } __attribute__((packed)) ptr = { sizeof(idt) - 1, (u64)idt };

	for (int i = 0; i < 256 && !index; i++) {
		u64 a = (u64)vectors + i * 16;

		idt[i].off0 = a;
		idt[i].off1 = a >> 16;
		idt[i].off2 = a >> 32;
		idt[i].sel = SEL_KCODE;
		idt[i].type = 0x8e;
	}
	asm volatile("lidt %0" :: "m" (ptr));

	memcpy(&ptr, gdt_pointer, sizeof(ptr));
	asm volatile("lgdt %0" :: "m" (ptr));
	tss[index].rsp0 = (u64)fault_stack[index] + sizeof(fault_stack[index]);
	gdt[SEL_TSS / 8 + 2 * index] = (sizeof(tss[0]) - 1) | (base & 0xffffff) << 16 | 0x89ull << 40 | (base >> 24) << 56;
	gdt[SEL_TSS / 8 + 2 * index + 1] = base >> 32;
	asm volatile("ltr %w0" :: "r" (SEL_TSS + 16 * index));

	cpu->self = cpu;
	cpu->index = index;
	asm volatile("wrmsr" :: "c" (0xc0000101), "a" ((u32)(u64)cpu), "d" ((u32)((u64)cpu >> 32)));
	cpu->apic_id = apic_read(APIC_ID) >> 24;
	apic_write(APIC_SVR, 0x1ff);
	apic_write(APIC_TPR, 0);
}

static volatile u32 starting;

void ap_main(void)
{
	struct cpu *cpu = &cpus[starting];

	cpu_init(starting);
	WRITE_ONCE(cpu->alive, cpu->alive + 1);
	for (;;) {
		void (*fn)(void *) = READ_ONCE(cpu->work);

		irq_on();
		if (fn) {
			barrier();
			fn(cpu->work_arg);
			mb();
			WRITE_ONCE(cpu->work, NULL);
		}
		pause();
	}
}

static void send_ipi(u32 apic_id, u32 command)
{
	apic_write(APIC_ICR2, apic_id << 24);
	apic_write(APIC_ICR, command);
	while (apic_read(APIC_ICR) & 0x1000)
		pause();
}

void restart_cpu(u32 index)
{
	struct cpu *cpu = &cpus[index];
	u32 before = cpu->alive;

	starting = index;
	ap_stack = (u64)cpu->stack + sizeof(cpu->stack);
	memcpy((void *)AP_TRAMPOLINE, trampoline, trampoline_end - trampoline);
	mb();
	/* firmware numbers the local APICs in the order of the processors */
	send_ipi(index, 0x4500);
	delay_us(200);
	send_ipi(index, 0x4600 | AP_TRAMPOLINE >> 12);
	if (!wait_until(&cpu->alive, before + 1)) {
		print("FAIL: processor %u: does not start\n", index);
		power_off();
	}
}

void start_cpus(u32 count)
{
	for (cpu_count = 1; cpu_count < count; cpu_count++)
		restart_cpu(cpu_count);
}

void run_on(u32 index, void (*fn)(void *), void *arg)
{
	struct cpu *cpu = &cpus[index];

	if (index == this_cpu()->index) {
		fn(arg);
		return;
	}
	cpu->work_arg = arg;
	mb();
	WRITE_ONCE(cpu->work, fn);
	for (int i = 0; READ_ONCE(cpu->work); i++) {
		if (i == 100000) {
			print("FAIL: processor %u: hangs\n", index);
			power_off();
		}
		delay_us(100);
	}
	mb();
}

void power_off(void)
{
	print("hvtest: off\n");
	outw(0x604, 0x2000);		/* S5; where firmware puts it on q35 */
	for (;;)
		asm volatile("cli; hlt");
}
