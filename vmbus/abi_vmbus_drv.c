// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exported symbols of the group "vmbus_drv": driver registration, MMIO windows,
 * ring attributes.
 *
 * The checksums of these symbols are computed over every type that is visible
 * here, so the list of headers is part of the interface: add none, remove
 * none (order does not matter). Code that needs more lives in other files;
 * own headers included here must not include kernel headers. tests/abi
 * compares the checksums with the target kernel's.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/device.h>
#include <linux/platform_device.h>
#include <linux/of_address.h>
#include <asm/mshyperv.h>
#include <linux/interrupt.h>
#include <linux/sysctl.h>
#include <linux/slab.h>
#include <linux/acpi.h>
#include <linux/completion.h>
#include <linux/hyperv.h>
#include <linux/kernel_stat.h>
#include <linux/clockchips.h>
#include <linux/cpu.h>
#include <linux/sched/isolation.h>
#include <linux/dma-map-ops.h>
#include <linux/pci.h>
#include <linux/sched/task_stack.h>
#include <linux/smpboot.h>
#include <linux/delay.h>
#ifdef HAVE_PANIC_NOTIFIER_H
#include <linux/panic_notifier.h>
#else
#include <linux/notifier.h>
#include <linux/kdebug.h>
#endif
#include <linux/ptrace.h>
#ifdef HAVE_SYSFB_PRIMARY_DISPLAY
#include <linux/sysfb.h>
#else
#include <linux/screen_info.h>
#endif
#include <linux/efi.h>
#include <linux/random.h>
#include <linux/kernel.h>
#include <linux/syscore_ops.h>
#include <clocksource/hyperv_timer.h>
/* the headers a driver with tracepoints sees */
#include <linux/list.h>
#include <linux/bitops.h>
#include <asm/sync_bitops.h>
#ifdef HAVE_HYPERV_TLFS_H
#include <asm/hyperv-tlfs.h>
#else
#include <asm/mshyperv.h>
#include <hyperv/hvhdk.h>
#endif
#include <linux/atomic.h>
#include <linux/hyperv.h>
#include <linux/interrupt.h>
#include <linux/tracepoint.h>
