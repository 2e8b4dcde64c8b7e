/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypervisor's interface, as far as it is tested here. */
#ifndef HVTEST_HV_H
#define HVTEST_HV_H

#include "lib.h"

#define MSR_GUEST_OS_ID		0x40000000
#define MSR_HYPERCALL		0x40000001
#define MSR_VP_INDEX		0x40000002
#define MSR_RESET		0x40000003
#define MSR_VP_RUNTIME		0x40000010
#define MSR_TIME_REF_COUNT	0x40000020
#define MSR_REFERENCE_TSC	0x40000021
#define MSR_TSC_FREQUENCY	0x40000022
#define MSR_APIC_FREQUENCY	0x40000023
#define MSR_EOI			0x40000070
#define MSR_ICR			0x40000071
#define MSR_TPR			0x40000072
#define MSR_ASSIST_PAGE		0x40000073
#define MSR_SCONTROL		0x40000080
#define MSR_SVERSION		0x40000081
#define MSR_SIEFP		0x40000082
#define MSR_SIMP		0x40000083
#define MSR_EOM			0x40000084
#define MSR_SINT0		0x40000090
#define MSR_STIMER_CONFIG(n)	(0x400000b0 + 2 * (n))
#define MSR_STIMER_COUNT(n)	(0x400000b1 + 2 * (n))
#define MSR_CRASH_P0		0x40000100
#define MSR_CRASH_CTL		0x40000105

/* CPUID 0x40000003 EAX */
#define F_VP_RUNTIME		BIT64(0)
#define F_TIME_REF_COUNT	BIT64(1)
#define F_SYNIC			BIT64(2)
#define F_STIMER		BIT64(3)
#define F_APIC			BIT64(4)
#define F_HYPERCALL		BIT64(5)
#define F_VP_INDEX		BIT64(6)
#define F_RESET			BIT64(7)
#define F_REFERENCE_TSC		BIT64(9)
#define F_FREQUENCY		BIT64(11)
/* ... EDX, shifted by 32 */
#define F_CRASH			BIT64(32 + 10)
#define F_POLLING		BIT64(32 + 17)
#define F_STIMER_DIRECT		BIT64(32 + 19)

#define SINT_MASKED		BIT64(16)
#define SINT_AUTO_EOI		BIT64(17)
#define SINT_POLLING		BIT64(18)

#define STIMER_ENABLE		BIT64(0)
#define STIMER_PERIODIC		BIT64(1)
#define STIMER_LAZY		BIT64(2)
#define STIMER_AUTO		BIT64(3)
#define STIMER_VECTOR(v)	((u64)(v) << 4)
#define STIMER_DIRECT		BIT64(12)
#define STIMER_SINT(n)		((u64)(n) << 16)

#define HC_FAST			BIT64(16)
#define HC_LONG_SPIN_WAIT	0x08
#define HC_POST_MESSAGE		0x5c
#define HC_SIGNAL_EVENT		0x5d

#define MSG_TIMER		0x80000010

struct hv_message {
	u32 type;
	u8 size;
	u8 flags;
	u16 reserved;
	u64 sender;
	u8 payload[240];
};

struct hv_post {
	u32 connection;
	u32 reserved;
	u32 type;
	u32 size;
	u8 payload[240];
};

/* The word of a message that holds its flags; bit 0 of them: more messages wait */
#define MESSAGE_FLAGS(slot)	((volatile u32 *)(slot) + 1)
#define MESSAGE_PENDING		BIT64(8)

extern u64 features;			/* EAX and EDX of leaf 0x40000003 */
extern u32 hints;			/* EAX of leaf 0x40000004 */
extern u8 hypercall_page[PAGE_SIZE];

/* u64 result of the call, through the page */
u64 hypercall(u64 control, u64 input);
u64 hypercall32(u64 control, u64 input, u32 page);
void hypercall_setup(void);
/* Post a message, as often as the host has no buffer for it */
u64 post_message(struct hv_post *post);

/* SynIC of the calling processor, with pages of its own */
void synic_enable(void);
void synic_disable(void);
struct hv_message *message_slot(u32 cpu, u32 sint);
u32 *event_flags(u32 cpu, u32 sint);

/* The host's echo device: what is posted to (or signalled on) a connection comes back at a SINT */
enum { ECHO_ROUTE_CREATE = 1, ECHO_ROUTE_DESTROY, ECHO_SET_SINT, ECHO_MSG_CREATE, ECHO_MSG_DESTROY, ECHO_EVT_CREATE,
       ECHO_EVT_DESTROY };
void echo(u8 command, u8 vp, u8 sint, u8 connection);

void test_cpuid(void);
void test_msr(void);
void test_hypercall(void);
void test_synic(void);
void test_apic(void);
/* The VP assist page's "no EOI required"; the second part while the machine is moved twice */
void test_assist(void);
void test_assist_moved(void);
void test_stimer(void);
void test_time(void);
void test_smp(void);
void test_vmbus(void);
void test_crash(void);
/* Does not return until the last boot */
void test_reset(u32 boot);

#endif
