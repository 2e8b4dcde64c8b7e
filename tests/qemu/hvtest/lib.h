/* SPDX-License-Identifier: GPL-2.0-only */
/* The little that a test needs of an operating system. */
#ifndef HVTEST_LIB_H
#define HVTEST_LIB_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "segments.h"

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#define PAGE_SIZE	4096
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define READ_ONCE(x)	(*(volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile typeof(x) *)&(x) = (v))
#define barrier()	asm volatile("" ::: "memory")
#define mb()		asm volatile("mfence" ::: "memory")
#define BIT64(n)	(1ull << (n))

/* One processor; start.S knows the first two members. */
struct cpu {
	struct cpu *self;		/* %gs:0 */
	u64 user_rsp;
	u32 index;
	u32 apic_id;
	u64 resume;			/* where a fault continues */
	int fault;			/* its vector, or NO_FAULT */
	u32 fault_code;
	u32 irqs[256];			/* how often each vector came, and was handled */
	u32 isr_seen[256];		/* ... with its bit in the ISR set */
	bool no_eoi[256];		/* the handler leaves it alone */
	u32 *assist;			/* VP assist page: what the handler looks at before an EOI */
	u32 assist_seen[256];		/* ... as it was when each vector came last */
	u32 eois, spared;		/* EOIs by MSR, and those that were not required, with @assist */
	void (*work)(void *);
	void *work_arg;
	u32 alive;
	u8 stack[8192] __attribute__((aligned(16)));
};

struct regs {
	u64 r15, r14, r13, r12, r11, r10, r9, r8;
	u64 rbp, rdi, rsi, rdx, rcx, rbx, rax;
	u64 vector, code;
	u64 rip, cs, rflags, rsp, ss;
};

#define NO_FAULT	(-1)
#define VEC_UD		6
#define VEC_GP		13

extern struct cpu cpus[MAX_CPUS];
extern u32 cpu_count;
extern char command_line[256];

static inline struct cpu *this_cpu(void)
{
	struct cpu *cpu;

	asm volatile("mov %%gs:0, %0" : "=r" (cpu));
	return cpu;
}

/* output; verdicts carry the name of the suite from the command line */
void print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void verdict(bool good, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* got must be want; prints both if it is not */
void expect(u64 got, u64 want, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The same, but says nothing if it holds; returns whether it does. For loops, which end in a verdict. */
bool expect_quiet(u64 got, u64 want, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
u64 option(const char *name, u64 otherwise);

void *memset(void *s, int c, size_t n);
void *memcpy(void *d, const void *s, size_t n);
int memcmp(const void *a, const void *b, size_t n);

static inline void outb(u16 port, u8 v) { asm volatile("outb %0, %1" :: "a" (v), "Nd" (port)); }
static inline void outw(u16 port, u16 v) { asm volatile("outw %0, %1" :: "a" (v), "Nd" (port)); }
static inline void outl(u16 port, u32 v) { asm volatile("outl %0, %1" :: "a" (v), "Nd" (port)); }
static inline u8 inb(u16 port) { u8 v; asm volatile("inb %1, %0" : "=a" (v) : "Nd" (port)); return v; }
static inline u32 inl(u16 port) { u32 v; asm volatile("inl %1, %0" : "=a" (v) : "Nd" (port)); return v; }

static inline void cpuid(u32 leaf, u32 r[4])
{
	asm volatile("cpuid" : "=a" (r[0]), "=b" (r[1]), "=c" (r[2]), "=d" (r[3]) : "a" (leaf), "c" (0));
}

static inline u64 rdtsc(void)
{
	u32 lo, hi;

	asm volatile("lfence; rdtsc" : "=a" (lo), "=d" (hi) :: "memory");
	return lo | (u64)hi << 32;
}

/* Both return the vector of the exception, or NO_FAULT */
int rdmsr_safe(u32 msr, u64 *val);
int wrmsr_safe(u32 msr, u64 val);
u64 rdmsr(u32 msr);
void wrmsr(u32 msr, u64 val);

static inline void irq_on(void) { asm volatile("sti" ::: "memory"); }
static inline void irq_off(void) { asm volatile("cli" ::: "memory"); }
static inline void pause(void) { asm volatile("pause" ::: "memory"); }

#define APIC_ID		0x20
#define APIC_TPR	0x80
#define APIC_EOI	0xb0
#define APIC_SVR	0xf0
#define APIC_ISR	0x100
#define APIC_IRR	0x200
#define APIC_ICR	0x300
#define APIC_ICR2	0x310
#define APIC_LVT_TIMER	0x320
#define APIC_TIMER_INIT	0x380
#define APIC_TIMER_CUR	0x390
#define APIC_TIMER_DIV	0x3e0

/* EOI as a guest does it that knows of the assist page: true if none was required */
bool end_interrupt(struct cpu *cpu);
u32 apic_read(u32 reg);
void apic_write(u32 reg, u32 val);
bool apic_bit(u32 reg, u8 vector);

/* ACPI PM timer, a clock that is none of Hyper-V's: in units of 1/3579545 s */
u32 pm_timer(void);
#define PM_HZ		3579545
void delay_us(u32 us);
/* Wait, with interrupts on, until *p == want; false after a long time */
bool wait_until(volatile u32 *p, u32 want);
/* The same for pages that the hypervisor writes: until *p & mask is not 0 */
bool wait_mask(volatile u32 *p, u32 mask);
bool wait_nonzero(volatile u32 *p);

void cpu_init(u32 index);
void start_cpus(u32 count);
/* INIT and SIPI again for a processor that runs already */
void restart_cpu(u32 index);
/* Run fn there and wait for its end */
void run_on(u32 index, void (*fn)(void *), void *arg);
/* Execute at CPL 3 what is at @code; returns the vector of the fault */
int fault_in_user(void *code);
void __attribute__((noreturn)) power_off(void);

#endif
