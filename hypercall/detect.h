/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HYPERCALL_DETECT_H
#define HYPERCALL_DETECT_H

#include <linux/types.h>

struct hvc_leaf {
	u32 eax, ebx, ecx, edx;
};

/* Executes CPUID, or answers from a test's table */
typedef void (*hvc_cpuid_fn)(void *ctx, u32 leaf, struct hvc_leaf *out);

/**
 * enum hvc_detect - is this a hypervisor and a partition we can drive?
 * @HVC_DETECT_OK:		yes
 * @HVC_DETECT_NO_HYPERVISOR:	CPUID.1 ECX bit 31 is clear
 * @HVC_DETECT_LEAF_RANGE:	highest leaf outside 0x40000005..0x4000FFFF
 * @HVC_DETECT_VENDOR:		vendor is not "Microsoft Hv"
 * @HVC_DETECT_INTERFACE:	interface is not "Hv#1"
 * @HVC_DETECT_NO_HYPERCALL_MSRS: no GUEST_OS_ID and HYPERCALL registers
 * @HVC_DETECT_NO_VP_INDEX:	no VP_INDEX register
 * @HVC_DETECT_NO_SYNIC:	no SynIC registers
 * @HVC_DETECT_NO_POST_MESSAGES: privilege missing
 * @HVC_DETECT_NO_SIGNAL_EVENTS: privilege missing
 * @HVC_DETECT_ISOLATED:	isolated; its memory would have to be shared
 * @HVC_DETECT_ROOT:		manages processors: it is the host itself
 *
 * In the order in which the questions are asked; the first that is answered
 * with no is the verdict. hvc_detect_text() says it in words.
 */
enum hvc_detect {
	HVC_DETECT_OK,
	HVC_DETECT_NO_HYPERVISOR,
	HVC_DETECT_LEAF_RANGE,
	HVC_DETECT_VENDOR,
	HVC_DETECT_INTERFACE,
	HVC_DETECT_NO_HYPERCALL_MSRS,
	HVC_DETECT_NO_VP_INDEX,
	HVC_DETECT_NO_SYNIC,
	HVC_DETECT_NO_POST_MESSAGES,
	HVC_DETECT_NO_SIGNAL_EVENTS,
	HVC_DETECT_ISOLATED,
	HVC_DETECT_ROOT,
};

/**
 * struct hvc_info - what the hypervisor says about itself and this partition
 * @vendor:	12 characters and a NUL; anything unprintable became '?'
 * @max_leaf:	highest leaf that may be used
 * @build:	build number; informational, no feature follows from it
 * @major:	major version
 * @minor:	minor version
 * @features:	HVW_FEAT_*, groups of MSRs
 * @privileges:	HVW_PRIV_*, hypercalls
 * @misc:	HVW_MISC_*
 * @hints:	HVW_HINT_*
 */
struct hvc_info {
	char vendor[13];
	u32 max_leaf;
	u32 build;
	u16 major;
	u16 minor;
	u32 features;
	u32 privileges;
	u32 misc;
	u32 hints;
};

enum hvc_detect hvc_detect(hvc_cpuid_fn cpuid, void *ctx,
			   struct hvc_info *info);
const char *hvc_detect_text(enum hvc_detect verdict);

#endif /* HYPERCALL_DETECT_H */
