// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is there a Hyper-V, and may this partition use VMBus?
 *
 * Core: pure decision over CPUID leaves, asked once when the module loads.
 * No leaf is read before the questions in front of it are answered: without
 * the hypervisor bit nothing at 0x4000xxxx means anything, and no leaf above
 * the maximum is ever used.
 */
#include <linux/string.h>
#include "hypercall_wire.h"
#include "detect.h"

static const char * const texts[] = {
	[HVC_DETECT_OK] = "usable",
	[HVC_DETECT_NO_HYPERVISOR] =
		"this machine runs under no hypervisor",
	[HVC_DETECT_LEAF_RANGE] =
		"the hypervisor has no usable range of CPUID leaves",
	[HVC_DETECT_VENDOR] = "the hypervisor is not Hyper-V",
	[HVC_DETECT_INTERFACE] =
		"the hypervisor does not conform to the Hv#1 interface",
	[HVC_DETECT_NO_HYPERCALL_MSRS] =
		"the hypervisor gives this partition no hypercalls",
	[HVC_DETECT_NO_VP_INDEX] =
		"the hypervisor gives this partition no VP index",
	[HVC_DETECT_NO_SYNIC] =
		"the hypervisor gives this partition no SynIC",
	[HVC_DETECT_NO_POST_MESSAGES] =
		"this partition may not post messages",
	[HVC_DETECT_NO_SIGNAL_EVENTS] =
		"this partition may not signal events",
	[HVC_DETECT_ROOT] =
		"this is a root partition, it has no VMBus host",
	[HVC_DETECT_ISOLATED] =
		"this is an isolated partition, which is not supported",
};

/**
 * hvc_detect_text() - a verdict in words, for the log
 * @verdict:	answer of hvc_detect()
 *
 * Context: Any.
 * Return: A clause without a full stop.
 */
const char *hvc_detect_text(enum hvc_detect verdict)
{
	return texts[verdict];
}

static void store_vendor(char *vendor, const struct hvc_leaf *leaf)
{
	const u32 regs[3] = { leaf->ebx, leaf->ecx, leaf->edx };
	unsigned int i;

	for (i = 0; i < 12; i++) {
		u8 c = regs[i / 4] >> (i % 4 * 8);

		vendor[i] = c >= 0x20 && c < 0x7f ? c : '?';
	}
	vendor[12] = '\0';
}

/**
 * hvc_detect() - ask CPUID whether VMBus can be driven here
 * @cpuid:	how to read a leaf
 * @ctx:	passed to @cpuid
 * @info:	filled as far as the questions went, the rest is zero
 *
 * A partition that manages processors is the root partition - unless it is
 * isolated: then a hostile host may have set the bit to make the guest do a
 * root's work, and the bit is not believed.
 *
 * Context: Any.
 * Return: HVC_DETECT_OK, or the first question that was answered with no.
 */
enum hvc_detect hvc_detect(hvc_cpuid_fn cpuid, void *ctx,
			   struct hvc_info *info)
{
	struct hvc_leaf leaf;

	memset(info, 0, sizeof(*info));

	cpuid(ctx, 1, &leaf);
	if (!(leaf.ecx & HVW_CPUID_1_ECX_HYPERVISOR))
		return HVC_DETECT_NO_HYPERVISOR;

	cpuid(ctx, HVW_CPUID_VENDOR, &leaf);
	store_vendor(info->vendor, &leaf);
	if (leaf.eax < HVW_CPUID_MAX_LEAF_MIN ||
	    leaf.eax > HVW_CPUID_MAX_LEAF_MAX)
		return HVC_DETECT_LEAF_RANGE;
	info->max_leaf = leaf.eax;
	if (leaf.ebx != HVW_VENDOR_EBX || leaf.ecx != HVW_VENDOR_ECX ||
	    leaf.edx != HVW_VENDOR_EDX)
		return HVC_DETECT_VENDOR;

	cpuid(ctx, HVW_CPUID_INTERFACE, &leaf);
	if (leaf.eax != HVW_INTERFACE_EAX)
		return HVC_DETECT_INTERFACE;

	/* Reads as zero on some hosts until GUEST_OS_ID is written. */
	cpuid(ctx, HVW_CPUID_VERSION, &leaf);
	info->build = leaf.eax;
	info->major = leaf.ebx >> 16;
	info->minor = leaf.ebx & 0xffff;

	cpuid(ctx, HVW_CPUID_FEATURES, &leaf);
	info->features = leaf.eax;
	info->privileges = leaf.ebx;
	info->misc = leaf.edx;
	cpuid(ctx, HVW_CPUID_HINTS, &leaf);
	info->hints = leaf.eax;

	if (!(info->features & HVW_FEAT_HYPERCALL_MSRS))
		return HVC_DETECT_NO_HYPERCALL_MSRS;
	if (!(info->features & HVW_FEAT_VP_INDEX))
		return HVC_DETECT_NO_VP_INDEX;
	if (!(info->features & HVW_FEAT_SYNIC))
		return HVC_DETECT_NO_SYNIC;
	if (!(info->privileges & HVW_PRIV_POST_MESSAGES))
		return HVC_DETECT_NO_POST_MESSAGES;
	if (!(info->privileges & HVW_PRIV_SIGNAL_EVENTS))
		return HVC_DETECT_NO_SIGNAL_EVENTS;

	if (info->privileges & HVW_PRIV_ISOLATION)
		return HVC_DETECT_ISOLATED;
	if (info->privileges & HVW_PRIV_CPU_MANAGEMENT)
		return HVC_DETECT_ROOT;
	return HVC_DETECT_OK;
}
