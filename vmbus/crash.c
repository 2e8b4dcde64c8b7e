// SPDX-License-Identifier: GPL-2.0-only
/*
 * Leave the host able to take the next connection when this kernel ends
 * without unloading us: another kernel is started (kexec), or it crashes.
 */
#include <linux/ptrace.h>
#include "conn.h"
#include "crash.h"
#include "hypercall/hvc.h"
#include "hypercall/synic.h"

static void on_kexec(void)
{
	conn_unload();
	synic_stop();
}

/* No lock, no sleep, no allocation from here on. */
static void on_crash(struct pt_regs *regs)
{
	conn_crash_unload();
	synic_crash_stop();
}

/**
 * crash_arm() - be told about the end of this kernel
 *
 * Context: Module init, connected.
 */
void crash_arm(void)
{
	hvc_set_teardown(on_kexec, on_crash);
}

/**
 * crash_disarm() - no longer
 *
 * Context: Module exit.
 */
void crash_disarm(void)
{
	hvc_set_teardown(NULL, NULL);
}
