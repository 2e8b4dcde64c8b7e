// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bring the hypervisor interface up, post messages, signal events.
 *
 * Glue between the decisions (cpuid.c, status.c) and the platform (adopt.c or
 * own.c). Called by the bus: init and exit from module init and exit, posting
 * from any context as its flags say, signalling from any context.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <asm/byteorder.h>
#include <asm/processor.h>
#include "hvc.h"
#include "hypercall_wire.h"
#include "platform.h"
#include "status.h"

static struct hvc_info info;

static void read_cpuid(void *ctx, u32 leaf, struct hvc_leaf *out)
{
	cpuid_count(leaf, 0, &out->eax, &out->ebx, &out->ecx, &out->edx);
}

/**
 * hvc_platform_detect() - is this a place for VMBus, as far as CPUID knows?
 *
 * Touches nothing. Says in one line of the log why not.
 *
 * Context: Module initialisation, before every other function of this file.
 * Return: 0 or -ENODEV.
 */
int hvc_platform_detect(void)
{
	enum hvc_detect verdict = hvc_detect(read_cpuid, NULL, &info);

	switch (verdict) {
	case HVC_DETECT_OK:
		return 0;
	case HVC_DETECT_NO_HYPERVISOR:
		pr_info("not loaded: %s\n", hvc_detect_text(verdict));
		return -ENODEV;
	default:
		pr_info("not loaded: %s (\"%s\", features %#x privileges %#x)\n",
			hvc_detect_text(verdict), info.vendor, info.features,
			info.privileges);
		return -ENODEV;
	}
}

/**
 * hvc_platform_init() - get hold of the hypercall page
 *
 * Says in one line of the log what is used, or why that cannot be done.
 *
 * Context: Module initialisation, after hvc_platform_detect(); may sleep.
 * Return: 0 or a negative errno, with everything undone.
 */
int hvc_platform_init(void)
{
	int ret = plat_init(&info);

	if (ret)
		return ret;
	pr_info("Hyper-V %u.%u build %u, %s; features %#x privileges %#x misc %#x hints %#x\n",
		info.major, info.minor, info.build, plat_name(), info.features,
		info.privileges, info.misc, info.hints);
	return 0;
}

/**
 * hvc_platform_exit() - undo hvc_platform_init()
 *
 * Context: Module exit, after synic_stop(); may sleep.
 */
void hvc_platform_exit(void)
{
	plat_exit();
}

/**
 * hvc_platform_name() - whose hypercall page is in use
 *
 * Context: Any, after hvc_platform_init().
 * Return: A few words for the log.
 */
const char *hvc_platform_name(void)
{
	return plat_name();
}

/**
 * hvc_vp_index() - the hypervisor's number for a CPU
 * @cpu:	possible CPU
 *
 * Context: Any, after synic_start().
 * Return: VP index, or U32_MAX for a CPU that was never online.
 */
u32 hvc_vp_index(unsigned int cpu)
{
	return plat_vp_index(cpu);
}

/**
 * hvc_auto_eoi_deprecated() - must interrupt handlers end SINTs themselves?
 *
 * Context: Any, after hvc_platform_init().
 * Return: true if no SINT may be set to automatic end of interrupt.
 */
bool hvc_auto_eoi_deprecated(void)
{
	return info.hints & HVW_HINT_NO_AUTO_EOI;
}

static u64 post_once(u32 conn_id, const void *payload, u32 bytes)
{
	struct hvw_post_message *in;
	unsigned long flags;
	u64 result;

	/* The page is shared with every other user of this CPU. */
	local_irq_save(flags);
	in = plat_input_page();
	in->connection_id = cpu_to_le32(conn_id & HVW_CONNECTION_ID);
	in->reserved = 0;
	in->type = cpu_to_le32(HVW_MSG_VMBUS);
	in->bytes = cpu_to_le32(bytes);
	memcpy(in->payload, payload, bytes);
	memset(in->payload + bytes, 0, HVW_PAYLOAD_BYTES - bytes);
	result = plat_call(HVW_CALL_POST_MESSAGE, in);
	local_irq_restore(flags);
	return result;
}

static void wait_us(u32 us, bool may_sleep)
{
	/* Below this going to sleep costs more than it gives back. */
	if (may_sleep && us >= 32)
		usleep_range(us, us * 2);
	else if (us >= 1000)
		mdelay(us / 1000);
	else
		udelay(us);
}

/**
 * hvc_post_message() - send a message to a port of the host
 * @conn_id:	connection id, 24 bits
 * @payload:	the message
 * @bytes:	its length, at most 240
 * @flags:	HVC_MAY_SLEEP, HVC_CONTACT
 *
 * A host that is short of buffers is tried again for up to 21 s, with growing
 * pauses that sleep only if allowed.
 *
 * Context: Task context with HVC_MAY_SLEEP, else any but NMI.
 * Return: 0; -ENXIO for an invalid connection id (with HVC_CONTACT at once);
 * -EAGAIN or -ENOMEM if the host never had room; another errno for a refusal.
 */
int hvc_post_message(u32 conn_id, const void *payload, u32 bytes,
		     unsigned int flags)
{
	unsigned int tries;
	u64 result;
	u32 us;

	if (bytes > HVW_PAYLOAD_BYTES)
		return -EMSGSIZE;

	for (tries = 1; ; tries++) {
		result = post_once(conn_id, payload, bytes);
		switch (hvc_post_verdict(result, flags & HVC_CONTACT)) {
		case HVC_DONE:
			return 0;
		case HVC_LOWER:
			return -ENXIO;
		case HVC_FAIL:
			pr_err_ratelimited("host refused a message: status %#llx\n",
					   result & HVW_RESULT_STATUS);
			return hvc_status_errno(result);
		case HVC_RETRY:
			break;
		}
		us = hvc_backoff_us(tries);
		if (!us) {
			pr_err_ratelimited("host did not take a message in %u tries: status %#llx\n",
					   tries, result & HVW_RESULT_STATUS);
			return hvc_status_errno(result);
		}
		wait_us(us, flags & HVC_MAY_SLEEP);
	}
}

/**
 * hvc_signal_event() - set the event flag of a channel on the host's side
 * @conn_id:	connection id from the channel's offer
 *
 * Context: Any.
 * Return: Result of the hypercall; there is nothing to retry.
 */
u64 hvc_signal_event(u32 conn_id)
{
	return plat_call_fast8(HVW_CALL_SIGNAL_EVENT,
			       conn_id & HVW_CONNECTION_ID);
}
