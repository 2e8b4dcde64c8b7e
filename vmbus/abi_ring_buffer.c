// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exported symbols of the group "ring_buffer": packet iterators and ring information.
 *
 * The checksums of these symbols are computed over every type that is visible
 * here, so the list of headers is part of the interface: add none, remove
 * none (order does not matter). Code that needs more lives in other files;
 * own headers included here must not include kernel headers. tests/abi
 * compares the checksums with the target kernel's.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/hyperv.h>
#include <linux/uio.h>
#include <linux/vmalloc.h>
#include <linux/slab.h>
#include <linux/prefetch.h>
#include <linux/io.h>
#include <asm/mshyperv.h>
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
