/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor as the rest of the bus module sees it: is it there, what
 * does it offer, post a message, signal an event, be told about kexec and
 * crash. SynIC (what comes from the host) is in synic.h.
 *
 * Which of the two platforms stands behind these calls is decided when the
 * module is built: adopt.c on a kernel with CONFIG_HYPERV (it owns the
 * hypercall page already), own.c on one without.
 */
#ifndef HYPERCALL_HVC_H
#define HYPERCALL_HVC_H

#include <linux/types.h>

struct pt_regs;

int hvc_platform_detect(void);
int hvc_platform_init(void);
void hvc_platform_exit(void);

const char *hvc_platform_name(void);
u32 hvc_vp_index(unsigned int cpu);
bool hvc_auto_eoi_deprecated(void);

/* flags of hvc_post_message(); none of them = atomic or crash context */
#define HVC_MAY_SLEEP	0x1	/* long waits between tries may sleep */
#define HVC_CONTACT	0x2	/* an invalid connection id is final: -ENXIO */

int hvc_post_message(u32 conn_id, const void *payload, u32 bytes,
		     unsigned int flags);
u64 hvc_signal_event(u32 conn_id);

/*
 * @kexec: in task context, before another kernel is started cleanly.
 * @crash: at most once, in the dying kernel, by whichever comes first of the
 *         kdump hook (@regs given) and the panic notifier (@regs NULL); must
 *         not sleep, lock or allocate.
 * Both NULL takes the hooks out again.
 */
void hvc_set_teardown(void (*kexec)(void), void (*crash)(struct pt_regs *regs));

#endif /* HYPERCALL_HVC_H */
