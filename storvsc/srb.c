// SPDX-License-Identifier: GPL-2.0-only
/*
 * Core: the verdict table. One answer of the host in, one struct srb_verdict
 * out. Called by io.c for each completion; no kernel calls, no state.
 *
 * Every byte of the answer is the host's and may have any value.
 */
#include <linux/string.h>
#include <asm/byteorder.h>

#include "srb.h"

#define OP_TEST_UNIT_READY	0x00
#define OP_READ_6		0x08
#define OP_WRITE_6		0x0a
#define OP_INQUIRY		0x12
#define OP_MODE_SENSE_6		0x1a
#define OP_SET_WINDOW		0x24
#define OP_READ_10		0x28
#define OP_WRITE_10		0x2a
#define OP_WRITE_SAME_10	0x41
#define OP_MODE_SENSE_10	0x5a
#define OP_ATA_16		0x85
#define OP_READ_16		0x88
#define OP_WRITE_16		0x8a
#define OP_ATA_12		0xa1
#define OP_MAINTENANCE_IN	0xa3
#define OP_READ_12		0xa8
#define OP_WRITE_12		0xaa

#define ASC_PARAMETERS_CHANGED	0x2a
#define ASCQ_CAPACITY_CHANGED	0x09
#define ASC_TARGET_CHANGED	0x3f
#define ASCQ_INQUIRY_CHANGED	0x03
#define ASCQ_LUNS_CHANGED	0x0e

/*
 * Hosts fail INQUIRY for page 0x80 and MODE SENSE for page 0x1c, and some
 * MAINTENANCE IN on Fibre Channel; taken seriously, that would put a healthy
 * device offline. Such commands always succeed. A plain INQUIRY needs data
 * for that: an empty answer would be taken for a disk.
 */
static bool always_succeeds(const struct srb_asked *asked, u32 done_bytes)
{
	switch (asked->opcode) {
	case OP_INQUIRY:
		return asked->vpd || done_bytes;
	case OP_MODE_SENSE_6:
	case OP_MODE_SENSE_10:
		return true;
	case OP_MAINTENANCE_IN:
		return asked->fibre_channel;
	default:
		return false;
	}
}

/* Additional sense code and qualifier, as asc << 8 | ascq; 0 if there is none. */
static u16 additional_sense(const u8 *sense, u8 bytes)
{
	u8 format;

	if (!bytes)
		return 0;
	format = sense[0] & 0x7f;
	if ((format == 0x70 || format == 0x71) && bytes > 13)
		return sense[12] << 8 | sense[13];
	if ((format == 0x72 || format == 0x73) && bytes > 3)
		return sense[2] << 8 | sense[3];
	return 0;
}

/* Has the device become another one than the mid layer remembers? */
static bool device_changed(u16 additional)
{
	u8 asc = additional >> 8;
	u8 ascq = additional & 0xff;

	switch (asc) {
	case ASC_PARAMETERS_CHANGED:
		return ascq == ASCQ_CAPACITY_CHANGED;
	case ASC_TARGET_CHANGED:
		/* Both concern more than this one device. */
		return ascq != ASCQ_INQUIRY_CHANGED &&
		       ascq != ASCQ_LUNS_CHANGED;
	default:
		return false;
	}
}

/* The device itself answered, with an error. */
static void judge_device_error(const struct srb_asked *asked,
			       const struct vstor_srb *srb, bool autosense,
			       struct srb_verdict *v)
{
	if (autosense) {
		if (device_changed(additional_sense(srb->payload,
						    v->sense_bytes))) {
			v->action = SRB_DO_RESCAN;
			v->host_byte = SRB_HOST_REQUEUE;
		}
		return;
	}
	switch (asked->opcode) {
	case OP_ATA_12:
	case OP_ATA_16:
		v->host_byte = SRB_HOST_PASSTHROUGH;
		return;
	case OP_TEST_UNIT_READY:
		return;
	}
	/* Busy, task set full, reservation conflict speak for themselves. */
	if (v->sam_status == SRB_SAM_GOOD ||
	    v->sam_status == SRB_SAM_CHECK_CONDITION)
		v->host_byte = SRB_HOST_ERROR;
}

/*
 * Any other code. With a SCSI status that says what is wrong, that decides.
 * With GOOD it must not: nothing was transferred, and the mid layer would
 * repeat the command for ever.
 */
static void judge_transport(u8 code, struct srb_verdict *v)
{
	if (v->sam_status != SRB_SAM_GOOD)
		return;
	switch (code) {
	case VSTOR_SRB_BUSY:
		v->sam_status = SRB_SAM_BUSY;
		break;
	case VSTOR_SRB_BUS_RESET:
	case VSTOR_SRB_REQUEST_FLUSHED:
		v->host_byte = SRB_HOST_RESET;
		break;
	case VSTOR_SRB_NO_DEVICE:
	case VSTOR_SRB_NO_HBA:
	case VSTOR_SRB_INVALID_PATH_ID:
	case VSTOR_SRB_INVALID_TARGET_ID:
		v->host_byte = SRB_HOST_NO_CONNECT;
		break;
	case VSTOR_SRB_SELECTION_TIMEOUT:
	case VSTOR_SRB_LINK_DOWN:
	case VSTOR_SRB_UNEXPECTED_BUS_FREE:
		v->host_byte = SRB_HOST_TRANSPORT_DISRUPTED;
		break;
	default:
		v->host_byte = SRB_HOST_ERROR;
		break;
	}
}

/*
 * A read or write that went well and moved nothing would be repeated by the
 * mid layer for ever; as an error it is repeated a few times.
 */
static void judge_progress(const struct srb_asked *asked,
			   struct srb_verdict *v)
{
	if (v->sam_status != SRB_SAM_GOOD || v->done_bytes ||
	    !asked->data_bytes)
		return;
	switch (asked->opcode) {
	case OP_READ_6:
	case OP_WRITE_6:
	case OP_READ_10:
	case OP_WRITE_10:
	case OP_READ_12:
	case OP_WRITE_12:
	case OP_READ_16:
	case OP_WRITE_16:
		v->host_byte = SRB_HOST_ERROR;
		v->failed = true;
		break;
	}
}

static u32 min_u32(u32 a, u32 b)
{
	return a < b ? a : b;
}

/**
 * srb_judge() - what to do with a command the host has answered
 * @asked: the command, from our records
 * @srb: the answer, in memory the host cannot write to
 * @v: the verdict
 *
 * Context: any.
 */
void srb_judge(const struct srb_asked *asked, const struct vstor_srb *srb,
	       struct srb_verdict *v)
{
	bool autosense = srb->srb_status & VSTOR_SRB_AUTOSENSE_VALID;
	u8 code = srb->srb_status & VSTOR_SRB_CODE_MASK;

	memset(v, 0, sizeof(*v));
	v->done_bytes = min_u32(le32_to_cpu(srb->data_bytes),
				asked->data_bytes);
	if (always_succeeds(asked, v->done_bytes))
		return;

	v->sam_status = srb->scsi_status;
	/* Sense data comes with CHECK CONDITION or not at all. */
	if (v->sam_status != SRB_SAM_CHECK_CONDITION)
		autosense = false;
	if (autosense)
		v->sense_bytes = min_u32(srb->sense_bytes, VSTOR_SENSE_BYTES);
	v->failed = v->sam_status != SRB_SAM_GOOD ||
		    (code != VSTOR_SRB_SUCCESS &&
		     code != VSTOR_SRB_DATA_OVERRUN);

	switch (code) {
	case VSTOR_SRB_SUCCESS:
	case VSTOR_SRB_DATA_OVERRUN:
		if (autosense)
			v->done_bytes = 0;
		judge_progress(asked, v);
		return;
	case VSTOR_SRB_ERROR:
	case VSTOR_SRB_ABORTED:
	case VSTOR_SRB_INVALID_REQUEST:
	case VSTOR_SRB_INTERNAL_ERROR:
		judge_device_error(asked, srb, autosense, v);
		break;
	case VSTOR_SRB_INVALID_LUN:
		v->host_byte = SRB_HOST_NO_CONNECT;
		v->action = SRB_DO_REMOVE;
		break;
	default:
		judge_transport(code, v);
		break;
	}
	v->done_bytes = 0;
}

/**
 * srb_opcode_refused() - does it need a host after 5.1?
 * @opcode: first byte of the CDB
 *
 * Context: any.
 * Return: true if so.
 */
bool srb_opcode_refused(u8 opcode)
{
	return opcode == OP_WRITE_SAME_10 || opcode == OP_SET_WINDOW;
}
