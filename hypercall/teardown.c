// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of this kernel: kexec, crash kernel, panic.
 *
 * Glue. The bus gives two functions; whoever notices the end first calls one.
 * The host may only reconnect the next kernel after it was told that this one
 * is gone, and it may write into our pages until then.
 */
#include <linux/atomic.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/notifier.h>
#include <linux/panic_notifier.h>
#include "hvc.h"
#include "platform.h"

static void (*client_kexec)(void);
static void (*client_crash)(struct pt_regs *regs);
static atomic_t crashed;

static void on_kexec(void)
{
	client_kexec();
}

/* The panic notifier and the crash-kernel hook may both come; one is enough. */
static void on_crash(struct pt_regs *regs)
{
	if (!atomic_xchg(&crashed, 1))
		client_crash(regs);
}

static int on_panic(struct notifier_block *nb, unsigned long action, void *msg)
{
	on_crash(NULL);
	return NOTIFY_DONE;
}

/* Late: everybody who still wants to tell the host something comes before. */
static struct notifier_block panic_block = {
	.notifier_call = on_panic,
	.priority = INT_MIN + 1,
};

static const struct plat_hooks hooks = {
	.kexec = on_kexec,
	.crash = on_crash,
};

/**
 * hvc_set_teardown() - who disconnects from the host when this kernel ends
 * @kexec:	called in task context before a clean start of another kernel
 * @crash:	called once in a dying kernel, atomic
 *
 * Both NULL takes the hooks out; afterwards neither function is called.
 *
 * Context: Module initialisation and exit, may sleep.
 */
void hvc_set_teardown(void (*kexec)(void), void (*crash)(struct pt_regs *regs))
{
	if (kexec && crash) {
		client_kexec = kexec;
		client_crash = crash;
		atomic_set(&crashed, 0);
		plat_hook(&hooks);
		atomic_notifier_chain_register(&panic_notifier_list,
					       &panic_block);
	} else {
		atomic_notifier_chain_unregister(&panic_notifier_list,
						 &panic_block);
		plat_unhook();
	}
}
