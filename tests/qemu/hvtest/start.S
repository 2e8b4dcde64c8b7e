/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry of the boot processor (PVH: 32-bit, paging off, ebx = start info) and
 * of the others (real mode, from the SIPI trampoline), interrupt entry, and the
 * few things that C cannot say.
 */
#include "segments.h"

	.section .note.pvh, "a", @note
	.align 4
	.long	4, 4, 18		/* name size, size, XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz	"Xen"
	.long	start32

	.text
	.code32
	.globl start32
start32:
	cld
	mov	%ebx, start_info
	lgdt	gdt_pointer
	mov	$boot_stack_end, %esp
	call	enter_long_mode
	ljmp	$SEL_KCODE, $start64

/* Turn on long mode with the identity map; leaves the caller in compat mode. */
enter_long_mode:
	mov	%cr4, %eax
	or	$0x620, %eax		/* PAE, OSFXSR, OSXMMEXCPT */
	mov	%eax, %cr4
	mov	$pml4, %eax
	mov	%eax, %cr3
	mov	$0xc0000080, %ecx
	rdmsr
	or	$0x100, %eax		/* LME */
	wrmsr
	mov	%cr0, %eax
	and	$~0x60000004, %eax	/* caches on, no FPU emulation */
	or	$0x80010003, %eax	/* PG, WP, MP, PE */
	mov	%eax, %cr0
	ret

	.code64
start64:
	mov	$SEL_KDATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	$boot_stack_end, %rsp
	xor	%ebp, %ebp
	call	main
1:	hlt
	jmp	1b

/* Copied to AP_TRAMPOLINE; runs in real mode with cs:ip = TRAMPOLINE >> 4 : 0 */
	.code16
	.globl trampoline, trampoline_end
trampoline:
	cli
	cld
	mov	%cs, %ax
	mov	%ax, %ds
	lgdtl	trampoline_gdt - trampoline
	mov	%cr0, %eax
	or	$1, %eax
	mov	%eax, %cr0
	ljmpl	$SEL_CODE32, $ap32
trampoline_gdt:
	.word	gdt_end - gdt - 1
	.long	gdt
trampoline_end:

	.code32
ap32:
	mov	$SEL_KDATA, %eax
	mov	%eax, %ds
	mov	%eax, %ss
	mov	ap_stack, %esp		/* one processor starts at a time */
	call	enter_long_mode
	ljmp	$SEL_KCODE, $ap64
	.code64
ap64:
	mov	$SEL_KDATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	ap_stack(%rip), %rsp
	xor	%ebp, %ebp
	call	ap_main
	ud2

/* Interrupt entry: 256 stubs of 16 bytes each */
	.globl vectors
	.align 16
vectors:
	.set	v, 0
	.rept	256
	.align	16
	.if	(v == 8) || (v >= 10 && v <= 14) || (v == 17)
	.else
	push	$0
	.endif
	push	$v
	jmp	interrupt
	.set	v, v + 1
	.endr

interrupt:
	push	%rax
	push	%rbx
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	push	%rbp
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rsp, %rdi
	mov	%rsp, %rbp
	and	$~15, %rsp
	cld
	call	handle_interrupt
	mov	%rbp, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rbp
	pop	%rdi
	pop	%rsi
	pop	%rdx
	pop	%rcx
	pop	%rbx
	pop	%rax
	add	$16, %rsp
	iretq

/*
 * void run_in_user(void *code, struct cpu *cpu): jump there at CPL 3.  The only
 * way back is a fault, which handle_interrupt() directs to user_return.
 */
	.globl run_in_user, user_return
run_in_user:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rsp, 8(%rsi)		/* cpu->user_rsp */
	push	$SEL_UDATA
	lea	user_stack_end(%rip), %rax
	push	%rax
	push	$0x2			/* rflags */
	push	$SEL_UCODE
	push	%rdi
	iretq
user_return:
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret

/*
 * u64 hypercall32(u64 control, u64 input, u32 page): the 32-bit convention, from
 * a 32-bit code segment.
 */
	.globl hypercall32
hypercall32:
	push	%rbx
	push	%rbp
	push	%rsi
	mov	%edx, %ebp		/* page */
	mov	%rdi, %rax
	mov	%rdi, %rdx
	shr	$32, %rdx
	mov	%rsi, %rbx
	mov	%rsi, %rcx
	shr	$32, %rbx
	xor	%edi, %edi
	xor	%esi, %esi
	mov	%rsp, saved_rsp(%rip)
	lea	stack32_end(%rip), %rsp
	lcall	*far32(%rip)
	mov	saved_rsp(%rip), %rsp
	mov	%eax, %eax
	shl	$32, %rdx
	or	%rdx, %rax
	pop	%rsi
	pop	%rbp
	pop	%rbx
	ret
	.code32
code32:
	call	*%ebp
	lret
	.code64

	.data
	.align 8
far32:	.long	code32
	.word	SEL_CODE32
	.align 8
saved_rsp: .quad 0
	.globl start_info
start_info: .quad 0
	.globl ap_stack
ap_stack: .quad 0
	.globl gdt
	.align 16
gdt:
	.quad	0
	.quad	0x00cf9b000000ffff	/* SEL_CODE32 */
	.quad	0x00af9b000000ffff	/* SEL_KCODE */
	.quad	0x00cf93000000ffff	/* SEL_KDATA */
	.quad	0x00affb000000ffff	/* SEL_UCODE */
	.quad	0x00cff3000000ffff	/* SEL_UDATA */
	.fill	2 * MAX_CPUS, 8, 0	/* a TSS each */
gdt_end:
	.globl gdt_pointer
gdt_pointer:
	.word	gdt_end - gdt - 1
	.quad	gdt

/* Identity map of the low 4 GiB, accessible to all, in pages of 2 MiB */
	.align 4096
pml4:	.quad	pdpt + 7
	.fill	511, 8, 0
pdpt:	.quad	pd + 0x0007, pd + 0x1007, pd + 0x2007, pd + 0x3007
	.fill	508, 8, 0
pd:
	.set	p, 0
	.rept	2048
	.quad	p + 0x87
	.set	p, p + 0x200000
	.endr

	.bss
	.align 16
	.skip	16384
boot_stack_end:
	.skip	4096
user_stack_end:
	.skip	4096
stack32_end:
