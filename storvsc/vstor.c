// SPDX-License-Identifier: GPL-2.0-only
/*
 * Core: vstor packets as bytes. Builds what we send, and decides what an
 * arriving packet is before anybody looks into it. What runs for each command
 * is in vstor.h.
 *
 * Called by io.c and chan.c in any context. No kernel calls, no state: also
 * built in user space for the tests.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include <asm/byteorder.h>

#include "vstor.h"

/**
 * vstor_pkt_bytes() - size of a packet on the wire
 * @version: protocol version proposed or agreed
 *
 * Context: any.
 * Return: bytes.
 */
u32 vstor_pkt_bytes(u16 version)
{
	return version >= VSTOR_VERSION_5_1 ? sizeof(struct vstor_pkt) :
					      VSTOR_PKT_BYTES_PRE_5_1;
}

/**
 * vstor_sense_cap() - sense bytes the peers agree to use
 * @version: protocol version agreed
 *
 * Context: any.
 * Return: bytes.
 */
u8 vstor_sense_cap(u16 version)
{
	return version >= VSTOR_VERSION_5_1 ? VSTOR_SENSE_BYTES :
					      VSTOR_SENSE_BYTES_PRE_5_1;
}

const u8 vstor_cdb_mask[2 * VSTOR_CDB_BYTES] = {
	[0 ... VSTOR_CDB_BYTES - 1] = 0xff,
};

/* The part of an SRB that older versions do not have. */
static void fill_extension(struct vstor_srb *srb, bool tagged, u8 queue_action)
{
	u32 flags = VSTOR_SRBF_DISABLE_SYNCH;

	if (tagged) {
		srb->queue_tag = VSTOR_QUEUE_UNTAGGED;
		srb->queue_action = queue_action;
		flags |= VSTOR_SRBF_QUEUE_ACTION_ENABLE |
			 VSTOR_SRBF_NO_QUEUE_FREEZE;
	}
	if (srb->data_in == VSTOR_DATA_READ)
		flags |= VSTOR_SRBF_DATA_IN;
	else if (srb->data_in == VSTOR_DATA_WRITE)
		flags |= VSTOR_SRBF_DATA_OUT;
	srb->srb_flags = cpu_to_le32(flags);
	srb->timeout_s = cpu_to_le32(VSTOR_SRB_TIMEOUT_S);
}

/**
 * vstor_forms_init() - what all commands have in common
 * @forms: filled in, for vstor_build_srb()
 * @version: protocol version agreed
 * @port: number of the controller
 * @queue_action: VSTOR_QUEUE_* of commands to tagged devices
 *
 * Context: any.
 */
void vstor_forms_init(struct vstor_forms *forms, u16 version, u8 port,
		      u8 queue_action)
{
	u8 tagged, data_in;

	memset(forms, 0, sizeof(*forms));
	for (tagged = 0; tagged < 2; tagged++) {
		for (data_in = 0; data_in < 3; data_in++) {
			struct vstor_pkt *pkt = &forms->form[tagged][data_in];
			struct vstor_srb *srb = &pkt->srb;

			pkt->operation = cpu_to_le32(VSTOR_OP_EXECUTE_SRB);
			pkt->flags = cpu_to_le32(VSTOR_FLAG_WANT_COMPLETION);
			srb->length = cpu_to_le16(vstor_pkt_bytes(version) -
						  VSTOR_PKT_HDR_BYTES);
			srb->port = port;
			srb->sense_bytes = vstor_sense_cap(version);
			srb->data_in = data_in;
			if (version >= VSTOR_VERSION_5_1)
				fill_extension(srb, tagged, queue_action);
		}
	}
}

/**
 * vstor_build_control() - any request but EXECUTE_SRB
 * @pkt: packet to fill
 * @op: VSTOR_OP_*
 * @arg: version to propose, number of sub-channels, or path id to reset;
 *	 0 for the others
 *
 * Context: any.
 */
void vstor_build_control(struct vstor_pkt *pkt, u32 op, u16 arg)
{
	memset(pkt, 0, sizeof(*pkt));
	pkt->operation = cpu_to_le32(op);
	pkt->flags = cpu_to_le32(VSTOR_FLAG_WANT_COMPLETION);
	switch (op) {
	case VSTOR_OP_QUERY_VERSION:
		pkt->version.major_minor = cpu_to_le16(arg);
		break;
	case VSTOR_OP_CREATE_SUB_CHANNELS:
		pkt->sub_channels = cpu_to_le16(arg);
		break;
	case VSTOR_OP_RESET_BUS:
		pkt->srb.path_id = (u8)arg;
		break;
	}
}

/**
 * vstor_classify() - what did the host send?
 * @id: transaction id of the packet
 * @data: its payload, in memory the host cannot write to
 * @bytes: length of the payload
 * @need: length of an answer in the version agreed
 * @pkt: set to @data if and only if the packet is not refused
 *
 * The type of the ring packet is not looked at on purpose: what counts is the
 * id, and hosts have differed here.
 *
 * Context: any.
 * Return: the kind of packet; a refused one must not be read.
 */
enum vstor_rx vstor_classify(u64 id, const void *data, u32 bytes, u32 need,
			     const struct vstor_pkt **pkt)
{
	const struct vstor_pkt *p = data;
	u32 op;

	if (bytes < (id == VSTOR_ID_UNSOLICITED ? sizeof(p->operation) : need))
		return VSTOR_RX_SHORT;
	op = le32_to_cpu(p->operation);
	if (id == VSTOR_ID_UNSOLICITED) {
		if (op != VSTOR_OP_ENUMERATE_BUS && op != VSTOR_OP_REMOVE_DEVICE)
			return VSTOR_RX_UNEXPECTED;
		*pkt = p;
		return VSTOR_RX_BUS_CHANGED;
	}
	if (op != VSTOR_OP_COMPLETE_IO)
		return VSTOR_RX_NOT_COMPLETE;
	*pkt = p;
	return vstor_id_is_control(id) ? VSTOR_RX_CONTROL : VSTOR_RX_IO;
}

/**
 * vstor_max_transfer() - longest transfer to use
 * @reported: what the host says it takes
 * @limit: our own bound, a multiple of VSTOR_FRAME_BYTES
 *
 * Context: any.
 * Return: bytes, a multiple of VSTOR_FRAME_BYTES; 0 when the host's number is
 *	   too small to work with.
 */
u32 vstor_max_transfer(u32 reported, u32 limit)
{
	u32 bytes = reported & ~(VSTOR_FRAME_BYTES - 1);

	return bytes < limit ? bytes : limit;
}
