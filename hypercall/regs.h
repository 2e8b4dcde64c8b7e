/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HYPERCALL_REGS_H
#define HYPERCALL_REGS_H

#include "hypercall_wire.h"

u64 regs_page_on(u64 old, u64 gpa);
u64 regs_page_off(u64 old);
u64 regs_sint_on(u64 old, u8 vector, bool auto_eoi, bool polling);
u64 regs_sint_off(u64 old);
u64 regs_os_id(u32 kernel_code);

#endif /* HYPERCALL_REGS_H */
