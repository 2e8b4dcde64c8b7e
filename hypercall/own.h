/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HYPERCALL_OWN_H
#define HYPERCALL_OWN_H

#include "detect.h"

/* own_page.S: its first byte is the entry of the hypercall page */
extern char hvc_own_page[];

/* own.c */
void own_cpu_number(unsigned int cpu);

/* own_irq.c */
void own_irq_init(const struct hvc_info *info);

#endif /* HYPERCALL_OWN_H */
