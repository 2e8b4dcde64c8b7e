/* SPDX-License-Identifier: GPL-2.0-only */
/* Found only where the kernel has no such header: before 5.14. */
#include <linux/kernel.h>
#include <linux/notifier.h>
