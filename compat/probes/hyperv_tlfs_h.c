// SPDX-License-Identifier: GPL-2.0-only
/* Does <asm/hyperv-tlfs.h> exist, else <hyperv/hvhdk.h>? (gone in 6.14) */
#ifdef PROBE_NEW
#include <asm/hyperv-tlfs.h>
#else
#include <linux/types.h>
#include <hyperv/hvhdk.h>
#endif
int probe;
