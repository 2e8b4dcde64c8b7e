/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the host's answer to a command to what the SCSI layer is told and what
 * else there is to do. Pure: see srb.c.
 */
#ifndef STORVSC_SRB_H
#define STORVSC_SRB_H

#include <linux/compiler.h>
#include <asm/byteorder.h>

#include "vstor_wire.h"

/* The SCSI layer's host bytes we use; io.c asserts they are the kernel's. */
#define SRB_HOST_OK			0x00
#define SRB_HOST_NO_CONNECT		0x01
#define SRB_HOST_ERROR			0x07
#define SRB_HOST_RESET			0x08
#define SRB_HOST_PASSTHROUGH		0x0a
#define SRB_HOST_REQUEUE		0x0d
#define SRB_HOST_TRANSPORT_DISRUPTED	0x0e

/* SAM status codes this file looks at */
#define SRB_SAM_GOOD			0x00
#define SRB_SAM_CHECK_CONDITION		0x02
#define SRB_SAM_BUSY			0x08

enum srb_action {
	SRB_DO_NOTHING,
	SRB_DO_RESCAN,		/* read the device's capacity and pages again */
	SRB_DO_REMOVE,		/* the LUN is gone */
};

/* What was asked, from our own records: nothing the host can change. */
struct srb_asked {
	u8 opcode;
	bool vpd;		/* INQUIRY for a VPD page */
	bool fibre_channel;
	u32 data_bytes;
};

/*
 * The verdict.
 * @host_byte: SRB_HOST_*
 * @sam_status: SCSI status for the mid layer
 * @sense_bytes: valid bytes in the answer's payload, 0 for no sense data
 * @done_bytes: bytes transferred, never more than were asked for
 * @failed: worth a line in the log when the user wants one
 */
struct srb_verdict {
	u8 host_byte;
	u8 sam_status;
	u8 sense_bytes;
	u32 done_bytes;
	enum srb_action action;
	bool failed;
};

void srb_judge(const struct srb_asked *asked, const struct vstor_srb *srb,
	       struct srb_verdict *v);
bool srb_opcode_refused(u8 opcode);

/**
 * srb_went_well() - is there nothing to judge?
 * @srb: the answer, in memory the host cannot write to
 * @data_bytes: asked for
 *
 * Context: any.
 * Return: true if srb_judge() would find that all went well and all data was
 *	   transferred: a verdict of zeros, but for the bytes done.
 */
static __always_inline bool srb_went_well(const struct vstor_srb *srb,
					  u32 data_bytes)
{
	/* One comparison: the two are neighbours. */
	return (srb->srb_status | srb->scsi_status << 8) ==
	       (VSTOR_SRB_SUCCESS | SRB_SAM_GOOD << 8) &&
	       le32_to_cpu(srb->data_bytes) == data_bytes;
}

/**
 * srb_opcode_allowed() - may the command go to the host at all?
 * @version: protocol version agreed
 * @opcode: first byte of the CDB
 *
 * Hosts up to 5.1 do not answer some commands properly.
 *
 * Context: any.
 * Return: false to fail it here.
 */
static __always_inline bool srb_opcode_allowed(u16 version, u8 opcode)
{
	return version > VSTOR_VERSION_5_1 || !srb_opcode_refused(opcode);
}

#endif /* STORVSC_SRB_H */
