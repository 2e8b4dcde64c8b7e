// SPDX-License-Identifier: GPL-2.0-only
/*
 * Values of synthetic registers.
 *
 * Core. Reserved bits of these registers are preserved: each function takes
 * what the register holds now and returns what to write.
 */
#include "regs.h"

/**
 * regs_page_on() - HYPERCALL, SIMP or SIEFP with an overlay page enabled
 * @old:	present value
 * @gpa:	guest physical address of the page, aligned
 *
 * Context: Any.
 * Return: Value to write.
 */
u64 regs_page_on(u64 old, u64 gpa)
{
	return (old & ~HVW_PAGE_MSR_PFN) | (gpa & HVW_PAGE_MSR_PFN) |
	       HVW_PAGE_MSR_ENABLE;
}

/**
 * regs_page_off() - the same with the page withdrawn
 * @old:	present value
 *
 * Context: Any.
 * Return: Value to write.
 */
u64 regs_page_off(u64 old)
{
	return old & ~(HVW_PAGE_MSR_PFN | HVW_PAGE_MSR_ENABLE);
}

/**
 * regs_sint_on() - a SINT that delivers
 * @old:	present value
 * @vector:	interrupt vector, 16 or above
 * @auto_eoi:	the hypervisor ends the interrupt; the handler must not
 * @polling:	deliver into the pages without an interrupt
 *
 * Context: Any.
 * Return: Value to write.
 */
u64 regs_sint_on(u64 old, u8 vector, bool auto_eoi, bool polling)
{
	u64 value = old & ~(HVW_SINT_VECTOR | HVW_SINT_MASKED |
			    HVW_SINT_AUTO_EOI | HVW_SINT_POLLING);

	value |= vector;
	if (auto_eoi)
		value |= HVW_SINT_AUTO_EOI;
	if (polling)
		value |= HVW_SINT_POLLING;
	return value;
}

/**
 * regs_sint_off() - a SINT that is masked
 * @old:	present value
 *
 * Context: Any.
 * Return: Value to write.
 */
u64 regs_sint_off(u64 old)
{
	return old | HVW_SINT_MASKED;
}

/**
 * regs_os_id() - value of GUEST_OS_ID for a Linux guest
 * @kernel_code: major << 16 | minor << 8 | patch level
 *
 * Context: Any.
 * Return: Value to write; never 0, which would withdraw the hypercall page.
 */
u64 regs_os_id(u32 kernel_code)
{
	return HVW_OS_ID_LINUX | (u64)kernel_code << HVW_OS_ID_VERSION_SHIFT;
}
