// SPDX-License-Identifier: GPL-2.0-only
/*
 * Core: vstor packets as bytes. Builds what we send, decides what an arriving
 * packet is before anybody looks into it, gives requests their numbers, and
 * cuts mapped memory into 4 KiB frames.
 *
 * Called by io.c, sg.c and chan.c in any context. No kernel calls, no state:
 * also built in user space for the tests.
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

/**
 * vstor_build_srb() - EXECUTE_SRB for a command
 * @pkt: packet to fill; send vstor_pkt_bytes(@version) of it
 * @version: protocol version agreed
 * @cmd: the command; its CDB has at most VSTOR_CDB_BYTES
 *
 * Context: any.
 */
void vstor_build_srb(struct vstor_pkt *pkt, u16 version,
		     const struct vstor_cmd *cmd)
{
	struct vstor_srb *srb = &pkt->srb;
	u32 flags = VSTOR_SRBF_DISABLE_SYNCH;
	u8 cdb_bytes = cmd->cdb_bytes;

	if (cdb_bytes > VSTOR_CDB_BYTES)
		cdb_bytes = VSTOR_CDB_BYTES;
	memset(pkt, 0, sizeof(*pkt));
	pkt->operation = cpu_to_le32(VSTOR_OP_EXECUTE_SRB);
	pkt->flags = cpu_to_le32(VSTOR_FLAG_WANT_COMPLETION);

	srb->length = cpu_to_le16(vstor_pkt_bytes(version) -
				  VSTOR_PKT_HDR_BYTES);
	srb->port = cmd->port;
	srb->path_id = cmd->path;
	srb->target_id = cmd->target;
	srb->lun = cmd->lun;
	srb->cdb_bytes = cdb_bytes;
	srb->sense_bytes = vstor_sense_cap(version);
	srb->data_in = cmd->data_in;
	srb->data_bytes = cpu_to_le32(cmd->data_bytes);
	memcpy(srb->payload, cmd->cdb, cdb_bytes);

	if (version < VSTOR_VERSION_5_1)
		return;
	if (cmd->tagged) {
		srb->queue_tag = VSTOR_QUEUE_UNTAGGED;
		srb->queue_action = cmd->queue_action;
		flags |= VSTOR_SRBF_QUEUE_ACTION_ENABLE |
			 VSTOR_SRBF_NO_QUEUE_FREEZE;
	}
	if (cmd->data_in == VSTOR_DATA_READ)
		flags |= VSTOR_SRBF_DATA_IN;
	else if (cmd->data_in == VSTOR_DATA_WRITE)
		flags |= VSTOR_SRBF_DATA_OUT;
	srb->srb_flags = cpu_to_le32(flags);
	srb->timeout_s = cpu_to_le32(VSTOR_SRB_TIMEOUT_S);
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
 * vstor_io_id() - transaction id of a SCSI command
 * @index: of the command in the request table, below VSTOR_ID_MAX_INDEX
 * @generation: how often that entry has been used; any value
 *
 * Context: any.
 * Return: an id that is neither 0 nor a control id.
 */
u64 vstor_io_id(u32 index, u32 generation)
{
	if (generation == 0xffffffffu)
		generation = 0;
	return (u64)generation << 32 | (index + 1);
}

/**
 * vstor_id_index() - entry of the request table an id speaks of
 * @id: as the host echoed it, any value
 * @nr: entries in the table
 * @index: set on success
 *
 * Context: any.
 * Return: false when no entry can have had that id.
 */
bool vstor_id_index(u64 id, u32 nr, u32 *index)
{
	u32 low = (u32)id;

	if (vstor_id_is_control(id) || !low || low > nr)
		return false;
	*index = low - 1;
	return true;
}

/**
 * vstor_id_is_control() - is it the id of a control request?
 * @id: any value
 *
 * Context: any.
 * Return: true for a control id.
 */
bool vstor_id_is_control(u64 id)
{
	return (id & VSTOR_ID_CONTROL) == VSTOR_ID_CONTROL;
}

/**
 * vstor_range_frames() - frames touched by some bytes
 * @offset: of the first byte in its frame, below VSTOR_FRAME_BYTES
 * @bytes: any number
 *
 * Context: any.
 * Return: number of 4 KiB frames.
 */
u32 vstor_range_frames(u32 offset, u32 bytes)
{
	return ((u64)offset + bytes + VSTOR_FRAME_BYTES - 1) >>
		VSTOR_FRAME_SHIFT;
}

/**
 * vstor_range_init() - begin a GPA range
 * @range: the range
 * @pfn: where its frame numbers go
 * @cap: how many fit there
 * @bytes: length of the request's data
 *
 * Context: any.
 */
void vstor_range_init(struct vstor_range *range, u64 *pfn, u32 cap, u32 bytes)
{
	range->pfn = pfn;
	range->cap = cap;
	range->nr = 0;
	range->offset = 0;
	range->left = bytes;
	range->closed = false;
}

/**
 * vstor_range_add() - append a piece of mapped memory
 * @range: the range
 * @addr: guest-physical (DMA) address of the piece
 * @bytes: its length
 *
 * The host takes exactly one range: only the first piece may begin inside a
 * frame, and after a piece that ends inside one nothing may follow. Bytes
 * beyond the request's length (padding) are left out.
 *
 * Context: any.
 * Return: 0, -EINVAL for a hole, -E2BIG when the frames do not fit.
 */
int vstor_range_add(struct vstor_range *range, u64 addr, u32 bytes)
{
	u32 offset = (u32)addr & (VSTOR_FRAME_BYTES - 1);
	u64 pfn = addr >> VSTOR_FRAME_SHIFT;
	u32 frames;

	if (bytes > range->left)
		bytes = range->left;
	if (!bytes)
		return 0;
	if (range->closed || (range->nr && offset))
		return -EINVAL;
	frames = vstor_range_frames(offset, bytes);
	if (frames > range->cap - range->nr)
		return -E2BIG;
	if (!range->nr)
		range->offset = offset;
	range->left -= bytes;
	range->closed = (offset + bytes) & (VSTOR_FRAME_BYTES - 1);
	while (frames--)
		range->pfn[range->nr++] = pfn++;
	return 0;
}

/**
 * vstor_range_end() - is the range complete?
 * @range: the range
 *
 * Context: any.
 * Return: 0, or -EINVAL when memory is missing.
 */
int vstor_range_end(const struct vstor_range *range)
{
	return range->left ? -EINVAL : 0;
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
