// SPDX-License-Identifier: GPL-2.0-only
/* The hypercall page, the calling conventions, and what calls return. */
#include "hv.h"

#define OS_ID		0x8100000600010000ull
#define SUCCESS		0
#define INVALID_CODE	2
#define INVALID_INPUT	3
#define ALIGNMENT	4
#define PARAMETER	5
#define DENIED		6
#define PORT_ID		0x11
#define CONNECTION_ID	0x12
#define NO_BUFFERS	0x13

/* Part of the image: the loader has to restore it below the overlay, see test_reset.c */
u8 hypercall_page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE), section(".data"))) = { 0x3c };
static u8 other_page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static u8 input_pages[2 * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

u64 hypercall(u64 control, u64 input)
{
	register u64 r8 asm("r8") = 0;
	u64 result;

	asm volatile("call *%4" : "=a" (result), "+c" (control), "+d" (input), "+r" (r8)
		     : "r" (hypercall_page) : "r9", "r10", "r11", "memory", "cc");
	return result;
}

void hypercall_setup(void)
{
	wrmsr(MSR_GUEST_OS_ID, OS_ID);
	wrmsr(MSR_HYPERCALL, (u64)hypercall_page | 1);
}

u64 post_message(struct hv_post *post)
{
	u64 status = NO_BUFFERS;

	for (int i = 0; i < 1000 && status == NO_BUFFERS; i++) {
		if (i)
			delay_us(1000);
		status = hypercall(HC_POST_MESSAGE, (u64)post);
	}
	return status;
}

/* The vector that a call of the first byte of @page raises */
static int call_fault(void *page)
{
	struct cpu *cpu = this_cpu();
	u64 rsp, rax = HC_LONG_SPIN_WAIT;

	cpu->fault = NO_FAULT;
	asm volatile("mov %%rsp, %1; leaq 1f(%%rip), %%r9; movq %%r9, %2; mov %0, %%rcx; call *%3; 1: mov %1, %%rsp"
		     : "+a" (rax), "=&r" (rsp), "=m" (cpu->resume) : "r" (page)
		     : "rcx", "rdx", "r8", "r9", "r10", "r11", "memory", "cc");
	cpu->resume = 0;
	return cpu->fault;
}

static int store_fault(volatile void *p, u64 val, int size)
{
	struct cpu *cpu = this_cpu();

	cpu->fault = NO_FAULT;
	if (size == 1)
		asm volatile("leaq 1f(%%rip), %%r9; movq %%r9, %0; movb %b2, (%1); 1:"
			     : "=m" (cpu->resume) : "r" (p), "q" (val) : "r9", "memory");
	else
		asm volatile("leaq 1f(%%rip), %%r9; movq %%r9, %0; movq %2, (%1); 1:"
			     : "=m" (cpu->resume) : "r" (p), "r" (val) : "r9", "memory");
	cpu->resume = 0;
	return cpu->fault;
}

static bool all_are(const u8 *page, u8 val)
{
	for (int i = 0; i < PAGE_SIZE; i++)
		if (READ_ONCE(page[i]) != val)
			return false;
	return true;
}

static void test_page(void)
{
	static const u8 vmmcall_ret[] = { 0x0f, 0x01, 0xd9, 0xc3 };
	u64 val;

	memset(hypercall_page, 0x5a, PAGE_SIZE);
	memset(other_page, 0xa5, PAGE_SIZE);
	memcpy(input_pages, vmmcall_ret, sizeof(vmmcall_ret));

	wrmsr(MSR_GUEST_OS_ID, 0);
	wrmsr(MSR_HYPERCALL, (u64)hypercall_page | 1);
	expect(rdmsr(MSR_HYPERCALL) & 1, 0, "hypercall page: stays off without a guest OS id");
	expect(call_fault(input_pages), VEC_UD, "hypercall page: a call is undefined while it is off");

	wrmsr(MSR_GUEST_OS_ID, OS_ID);
	expect(rdmsr(MSR_GUEST_OS_ID), OS_ID, "hypercall page: guest OS id reads back");
	expect(rdmsr(MSR_HYPERCALL) & 1, 0, "hypercall page: the id alone does not turn it on");
	wrmsr(MSR_HYPERCALL, (u64)hypercall_page | 1);
	expect(rdmsr(MSR_HYPERCALL), (u64)hypercall_page | 1, "hypercall page: MSR reads back");
	verdict(hypercall_page[0] == 0x0f && hypercall_page[1] == 0x01, "hypercall page: code is there");
	verdict(hypercall_page[PAGE_SIZE - 1] != 0x5a, "hypercall page: hides the whole page");
	expect(call_fault(hypercall_page), NO_FAULT, "hypercall page: can be called");

	expect(store_fault(&hypercall_page[0], 0x90, 1), VEC_GP, "hypercall page: store of a byte");
	expect(store_fault(&hypercall_page[8], 0, 8), VEC_GP, "hypercall page: store of 8 bytes");
	expect(store_fault(&hypercall_page[PAGE_SIZE - 1], 0, 1), VEC_GP, "hypercall page: store at its end");
	expect(hypercall_page[0], 0x0f, "hypercall page: stores change nothing");

	wrmsr(MSR_HYPERCALL, (u64)other_page | 1);
	verdict(all_are(hypercall_page, 0x5a), "hypercall page: moved away, memory is as before");
	expect(other_page[0], 0x0f, "hypercall page: moved, code is there");
	expect(call_fault(other_page), NO_FAULT, "hypercall page: moved, can be called");
	wrmsr(MSR_HYPERCALL, (u64)other_page);
	verdict(all_are(other_page, 0xa5), "hypercall page: off, memory is as before");
	expect(call_fault(input_pages), VEC_UD, "hypercall page: off, a call is undefined");
	other_page[0] = 0x77;
	expect(READ_ONCE(other_page[0]), 0x77, "hypercall page: off, memory can be written");

	wrmsr(MSR_HYPERCALL, (u64)hypercall_page | 1);
	wrmsr(MSR_GUEST_OS_ID, 0);
	expect(rdmsr(MSR_HYPERCALL) & 1, 0, "hypercall page: goes off with the guest OS id");
	verdict(all_are(hypercall_page, 0x5a), "hypercall page: gone with the id, memory is as before");

	wrmsr(MSR_GUEST_OS_ID, OS_ID);
	val = rdmsr(MSR_HYPERCALL);
	expect(wrmsr_safe(MSR_HYPERCALL, BIT64(60) | 1), VEC_GP, "hypercall page: not beyond physical memory");
	expect(rdmsr(MSR_HYPERCALL), val, "hypercall page: a refused write changes nothing");
	wrmsr(MSR_HYPERCALL, (u64)hypercall_page | 1);
	expect(fault_in_user(hypercall_page), VEC_UD, "hypercall: undefined at CPL 3");
}

static struct hv_post *message(u32 connection, u32 type, u32 size)
{
	struct hv_post *post = (struct hv_post *)input_pages;

	memset(post, 0, sizeof(*post));
	post->connection = connection;
	post->type = type;
	post->size = size;
	return post;
}

static void test_status(void)
{
	u64 connection = CONNECTION_ID;
	u64 *input = (u64 *)input_pages;

	expect(hypercall(HC_LONG_SPIN_WAIT | HC_FAST, 1), SUCCESS, "hypercall: long spin wait");
	expect(hypercall(0x7fff, 0), INVALID_CODE, "hypercall: unknown code");
	expect(hypercall(0x7fff | HC_FAST, 0), INVALID_CODE, "hypercall: unknown code, fast");
	expect(hypercall(0, 0), INVALID_CODE, "hypercall: code 0");
	for (int bit = 27; bit < 64; bit++) {
		static const u64 reserved = 0xfull << 27 | BIT64(31) | 0xfull << 44 | 0xfull << 60;

		if (reserved >> bit & 1)
			expect(hypercall(HC_SIGNAL_EVENT | HC_FAST | BIT64(bit), 99), INVALID_INPUT,
			       "hypercall: bit %d of the input value is reserved", bit);
	}
	expect(hypercall(HC_SIGNAL_EVENT | HC_FAST | BIT64(32), 99), INVALID_INPUT, "hypercall: rep count of a simple call");
	expect(hypercall(HC_SIGNAL_EVENT | HC_FAST | BIT64(48), 99), INVALID_INPUT, "hypercall: rep start of a simple call");
	expect(hypercall(HC_SIGNAL_EVENT | HC_FAST | BIT64(17), 99), INVALID_INPUT, "hypercall: variable header of a simple call");

	if (!(features & F_SYNIC)) {
		message(99, 1, 8);
		expect(hypercall(HC_POST_MESSAGE, (u64)input_pages), DENIED, "post message: needs the privilege");
		expect(hypercall(HC_SIGNAL_EVENT | HC_FAST, 99), DENIED, "signal event: needs the privilege");
		return;
	}

	expect(hypercall(HC_POST_MESSAGE, (u64)message(99, 1, 8)), connection, "post message: unknown connection");
	expect(hypercall(HC_POST_MESSAGE | HC_FAST, (u64)message(99, 1, 8)), INVALID_CODE, "post message: no fast form");
	for (int i = 1; i < 8; i++)
		expect(hypercall(HC_POST_MESSAGE, (u64)input_pages + i), ALIGNMENT, "post message: input at offset %d", i);
	expect(hypercall(HC_POST_MESSAGE, (u64)input_pages + PAGE_SIZE - 256), PARAMETER,
	       "post message: input at the end of a page is fine (type 0 is not)");
	expect(hypercall(HC_POST_MESSAGE, (u64)input_pages + PAGE_SIZE - 248), ALIGNMENT, "post message: input crosses a page");
	expect(hypercall(HC_POST_MESSAGE, (u64)message(99, 1, 240)), connection, "post message: largest payload");
	expect(hypercall(HC_POST_MESSAGE, (u64)message(99, 1, 241)), INVALID_INPUT, "post message: payload too large");
	expect(hypercall(HC_POST_MESSAGE, (u64)message(99, 1, ~0u)), INVALID_INPUT, "post message: payload far too large");
	expect(hypercall(HC_POST_MESSAGE, (u64)message(99, 0, 8)), PARAMETER, "post message: type 0");
	expect(hypercall(HC_POST_MESSAGE, (u64)message(99, BIT64(31), 8)), PARAMETER, "post message: type of the hypervisor");
	expect(hypercall(HC_POST_MESSAGE, 0xfd000000), INVALID_INPUT, "post message: input is not memory");

	expect(hypercall(HC_SIGNAL_EVENT | HC_FAST, 99), connection, "signal event: unknown connection");
	expect(hypercall(HC_SIGNAL_EVENT | HC_FAST, 99 | 1ull << 32), PORT_ID, "signal event: flag number");
	expect(hypercall(HC_SIGNAL_EVENT | HC_FAST, 99 | 1ull << 24), INVALID_INPUT, "signal event: reserved bits of the id");
	expect(hypercall(HC_SIGNAL_EVENT | HC_FAST, 99 | 1ull << 48), INVALID_INPUT, "signal event: reserved bits above");
	*input = 99;
	expect(hypercall(HC_SIGNAL_EVENT, (u64)input), connection, "signal event: memory form, unknown connection");
	expect(hypercall(HC_SIGNAL_EVENT, (u64)input + 4), ALIGNMENT, "signal event: memory form, misaligned");
	*input = 99 | 1ull << 32;
	expect(hypercall(HC_SIGNAL_EVENT, (u64)input), PORT_ID, "signal event: memory form, flag number");

	expect(hypercall32(HC_LONG_SPIN_WAIT | HC_FAST, 1, (u32)(u64)hypercall_page), SUCCESS,
	       "hypercall: 32-bit convention");
	expect(hypercall32(HC_SIGNAL_EVENT | HC_FAST, 99 | 1ull << 32, (u32)(u64)hypercall_page), PORT_ID,
	       "hypercall: 32-bit convention, upper half of the input");
	expect(hypercall32(HC_SIGNAL_EVENT | HC_FAST | BIT64(60), 99, (u32)(u64)hypercall_page), INVALID_INPUT,
	       "hypercall: 32-bit convention, upper half of the control");
}

void test_hypercall(void)
{
	test_page();
	test_status();
}
