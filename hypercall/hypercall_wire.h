/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the hypervisor sees: CPUID leaves, synthetic MSRs, hypercall inputs,
 * SynIC pages, status codes.
 *
 * Terminology: VP = virtual processor, numbered by the hypervisor (never
 * "CPU"); SynIC = synthetic interrupt controller, one per VP; SINT = one of
 * its 16 sources; SIMP and SIEFP = its message and event-flag pages; EOM =
 * end of message; overlay = a page the hypervisor lays over guest memory.
 *
 * Everything is little-endian; a page is 4096 bytes on every kernel.
 */
#ifndef HYPERCALL_WIRE_H
#define HYPERCALL_WIRE_H

#include <linux/bits.h>
#include "../compat/wire.h"

#define HVW_PAGE_BYTES			4096
#define HVW_PAGE_SHIFT			12

/* CPUID */
#define HVW_CPUID_VENDOR		0x40000000
#define HVW_CPUID_INTERFACE		0x40000001
#define HVW_CPUID_VERSION		0x40000002
#define HVW_CPUID_FEATURES		0x40000003
#define HVW_CPUID_HINTS			0x40000004
#define HVW_CPUID_LIMITS		0x40000005
#define HVW_CPUID_ISOLATION		0x4000000C

#define HVW_CPUID_1_ECX_HYPERVISOR	BIT(31)
#define HVW_CPUID_MAX_LEAF_MIN		0x40000005
#define HVW_CPUID_MAX_LEAF_MAX		0x4000FFFF
#define HVW_VENDOR_EBX			0x7263694D	/* "Micr" */
#define HVW_VENDOR_ECX			0x666F736F	/* "osof" */
#define HVW_VENDOR_EDX			0x76482074	/* "t Hv" */
#define HVW_INTERFACE_EAX		0x31237648	/* "Hv#1" */

/* leaf 0x40000003 EAX: groups of MSRs this partition may use */
#define HVW_FEAT_TIME_REF_COUNT		BIT(1)
#define HVW_FEAT_SYNIC			BIT(2)
#define HVW_FEAT_SYNTIMER		BIT(3)
#define HVW_FEAT_HYPERCALL_MSRS		BIT(5)
#define HVW_FEAT_VP_INDEX		BIT(6)
#define HVW_FEAT_REFERENCE_TSC		BIT(9)
/* leaf 0x40000003 EBX: hypercalls this partition may make */
#define HVW_PRIV_POST_MESSAGES		BIT(4)
#define HVW_PRIV_SIGNAL_EVENTS		BIT(5)
#define HVW_PRIV_CPU_MANAGEMENT		BIT(12)
#define HVW_PRIV_ISOLATION		BIT(22)
/* leaf 0x40000003 EDX: other features */
#define HVW_MISC_CRASH_MSRS		BIT(10)
#define HVW_MISC_SINT_POLLING		BIT(17)
#define HVW_MISC_STIMER_DIRECT		BIT(19)
/* leaf 0x40000004 EAX: recommendations */
#define HVW_HINT_NO_AUTO_EOI		BIT(9)
#define HVW_HINT_NESTED			BIT(12)

/* Synthetic MSRs */
#define HVW_MSR_GUEST_OS_ID		0x40000000
#define HVW_MSR_HYPERCALL		0x40000001
#define HVW_MSR_VP_INDEX		0x40000002
#define HVW_MSR_TIME_REF_COUNT		0x40000020
#define HVW_MSR_SCONTROL		0x40000080
#define HVW_MSR_SIEFP			0x40000082
#define HVW_MSR_SIMP			0x40000083
#define HVW_MSR_EOM			0x40000084
#define HVW_MSR_SINT(n)			(0x40000090 + (n))
#define HVW_MSR_CRASH_P(n)		(0x40000100 + (n))
#define HVW_MSR_CRASH_CTL		0x40000105

/* GUEST_OS_ID, open-source form: bit 63, then OS type 1 = Linux */
#define HVW_OS_ID_LINUX			((u64)0x8100 << 48)
#define HVW_OS_ID_VERSION_SHIFT		16

/* HYPERCALL, SIMP and SIEFP: a page frame number and an enable bit */
#define HVW_PAGE_MSR_ENABLE		BIT_ULL(0)
#define HVW_PAGE_MSR_PFN		GENMASK_ULL(63, 12)
#define HVW_HYPERCALL_LOCKED		BIT_ULL(1)

#define HVW_SCONTROL_ENABLE		BIT_ULL(0)

#define HVW_SINT_VECTOR			GENMASK_ULL(7, 0)
#define HVW_SINT_MASKED			BIT_ULL(16)
#define HVW_SINT_AUTO_EOI		BIT_ULL(17)
#define HVW_SINT_POLLING		BIT_ULL(18)

#define HVW_CRASH_CTL_MESSAGE		BIT_ULL(62)
#define HVW_CRASH_CTL_NOTIFY		BIT_ULL(63)

/* Hypercalls: control word and result word */
#define HVW_CALL_POST_MESSAGE		0x005C
#define HVW_CALL_SIGNAL_EVENT		0x005D
#define HVW_CALL_FAST			BIT_ULL(16)
#define HVW_RESULT_STATUS		GENMASK_ULL(15, 0)

/* Status codes, bits 15:0 of the result */
#define HVW_STATUS_SUCCESS			0x00
#define HVW_STATUS_INVALID_HYPERCALL_CODE	0x02
#define HVW_STATUS_INVALID_HYPERCALL_INPUT	0x03
#define HVW_STATUS_INVALID_ALIGNMENT		0x04
#define HVW_STATUS_INVALID_PARAMETER		0x05
#define HVW_STATUS_ACCESS_DENIED		0x06
#define HVW_STATUS_INVALID_PARTITION_STATE	0x07
#define HVW_STATUS_OPERATION_DENIED		0x08
#define HVW_STATUS_UNKNOWN_PROPERTY		0x09
#define HVW_STATUS_VALUE_OUT_OF_RANGE		0x0A
#define HVW_STATUS_INSUFFICIENT_MEMORY		0x0B
#define HVW_STATUS_INVALID_PARTITION_ID		0x0D
#define HVW_STATUS_INVALID_VP_INDEX		0x0E
#define HVW_STATUS_NOT_FOUND			0x10
#define HVW_STATUS_INVALID_PORT_ID		0x11
#define HVW_STATUS_INVALID_CONNECTION_ID	0x12
#define HVW_STATUS_INSUFFICIENT_BUFFERS		0x13
#define HVW_STATUS_NOT_ACKNOWLEDGED		0x14
#define HVW_STATUS_INVALID_VP_STATE		0x15
#define HVW_STATUS_INVALID_SYNIC_STATE		0x18
#define HVW_STATUS_OBJECT_IN_USE		0x19
#define HVW_STATUS_NO_DATA			0x1B
#define HVW_STATUS_INACTIVE			0x1C
#define HVW_STATUS_NO_RESOURCES			0x1D
#define HVW_STATUS_FEATURE_UNAVAILABLE		0x1E
#define HVW_STATUS_INSUFFICIENT_BUFFER		0x33
#define HVW_STATUS_OPERATION_FAILED		0x71
#define HVW_STATUS_TIME_OUT			0x78
#define HVW_STATUS_CALL_PENDING			0x79

/* A connection id has 24 bits; the upper 8 are zero */
#define HVW_CONNECTION_ID		GENMASK(23, 0)

#define HVW_PAYLOAD_BYTES		240

/* Input of HVW_CALL_POST_MESSAGE, memory form only */
struct hvw_post_message {
	__le32 connection_id;
	__le32 reserved;
	__le32 type;		/* non-zero, bit 31 clear; VMBus uses 1 */
	__le32 bytes;		/* at most HVW_PAYLOAD_BYTES */
	u8 payload[HVW_PAYLOAD_BYTES];
};

WIRE_SIZE(struct hvw_post_message, 256);
WIRE_AT(struct hvw_post_message, type, 8);
WIRE_AT(struct hvw_post_message, bytes, 12);
WIRE_AT(struct hvw_post_message, payload, 16);

/* Input of HVW_CALL_SIGNAL_EVENT; its 8 bytes are word 0 of the fast form */
struct hvw_signal_event {
	__le32 connection_id;
	__le16 flag;		/* VMBus always signals flag 0 */
	__le16 reserved;
};

WIRE_SIZE(struct hvw_signal_event, 8);
WIRE_AT(struct hvw_signal_event, flag, 4);

/* SynIC message page: one slot per SINT */
#define HVW_SINTS			16
#define HVW_SINT_VMBUS			2

#define HVW_MSG_NONE			0x00000000
#define HVW_MSG_VMBUS			0x00000001
#define HVW_MSG_TIMER_EXPIRED		0x80000010
#define HVW_MSG_FROM_HYPERVISOR		BIT(31)

#define HVW_MSG_FLAG_PENDING		BIT(0)

struct hvw_slot {
	__le32 type;		/* 0 = empty */
	u8 bytes;
	u8 flags;
	__le16 reserved;
	__le64 sender;		/* not to be trusted */
	u8 payload[HVW_PAYLOAD_BYTES];
};

WIRE_SIZE(struct hvw_slot, 256);
WIRE_AT(struct hvw_slot, bytes, 4);
WIRE_AT(struct hvw_slot, flags, 5);
WIRE_AT(struct hvw_slot, sender, 8);
WIRE_AT(struct hvw_slot, payload, 16);

struct hvw_message_page {
	struct hvw_slot slot[HVW_SINTS];
};

WIRE_SIZE(struct hvw_message_page, HVW_PAGE_BYTES);

/* Payload of HVW_MSG_TIMER_EXPIRED */
struct hvw_timer_expired {
	__le32 timer;
	__le32 reserved;
	__le64 expiration;	/* 100 ns units of reference time */
	__le64 delivery;
};

WIRE_SIZE(struct hvw_timer_expired, 24);
WIRE_AT(struct hvw_timer_expired, expiration, 8);

/* SynIC event-flags page: 2048 flags per SINT */
#define HVW_FLAGS_PER_SINT		2048
#define HVW_FLAG_WORDS			(HVW_FLAGS_PER_SINT / 64)

struct hvw_event_page {
	u64 flags[HVW_SINTS][HVW_FLAG_WORDS];
};

WIRE_SIZE(struct hvw_event_page, HVW_PAGE_BYTES);

#endif /* HYPERCALL_WIRE_H */
