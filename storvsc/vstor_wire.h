/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the storage host (VSP) and this driver (VSC) say to each other in the
 * rings of a storage channel: vstor packets, and in them SCSI request blocks.
 *
 * SRB		SCSI request block: command, address, lengths; in the answer
 *		the result and the sense data
 * sub-channel	a further channel of the same controller
 *
 * Everything is little endian except SCSI's own bytes (CDB, sense, WWN).
 * Reserved fields are sent as zero and ignored when read.
 */
#ifndef STORVSC_VSTOR_WIRE_H
#define STORVSC_VSTOR_WIRE_H

#include <linux/types.h>

#include "../compat/wire.h"

/* Protocol versions, (major << 8) | minor, from Windows Server 2008 on. */
#define VSTOR_VERSION_2_0		0x0200
#define VSTOR_VERSION_4_2		0x0402
#define VSTOR_VERSION_5_1		0x0501	/* 64-byte packets from here on */
#define VSTOR_VERSION_6_0		0x0600
#define VSTOR_VERSION_6_2		0x0602

/* vstor_pkt.operation */
#define VSTOR_OP_COMPLETE_IO		1	/* host: in every answer */
#define VSTOR_OP_REMOVE_DEVICE		2	/* host, unsolicited */
#define VSTOR_OP_EXECUTE_SRB		3
#define VSTOR_OP_RESET_LUN		4
#define VSTOR_OP_RESET_ADAPTER		5
#define VSTOR_OP_RESET_BUS		6
#define VSTOR_OP_BEGIN_INITIALIZATION	7
#define VSTOR_OP_END_INITIALIZATION	8
#define VSTOR_OP_QUERY_VERSION		9
#define VSTOR_OP_QUERY_PROPERTIES	10
#define VSTOR_OP_ENUMERATE_BUS		11	/* host, unsolicited */
#define VSTOR_OP_FCHBA_DATA		12
#define VSTOR_OP_CREATE_SUB_CHANNELS	13

/* vstor_pkt.flags */
#define VSTOR_FLAG_WANT_COMPLETION	0x00000001

/* vstor_props.flags */
#define VSTOR_PROP_MULTI_CHANNEL	0x00000001

/* vstor_srb.data_in */
#define VSTOR_DATA_WRITE		0	/* to the device */
#define VSTOR_DATA_READ			1	/* from the device */
#define VSTOR_DATA_NONE			2

/* vstor_srb.srb_status */
#define VSTOR_SRB_CODE_MASK		0x3f
#define VSTOR_SRB_QUEUE_FROZEN		0x40
#define VSTOR_SRB_AUTOSENSE_VALID	0x80

#define VSTOR_SRB_PENDING		0x00
#define VSTOR_SRB_SUCCESS		0x01
#define VSTOR_SRB_ABORTED		0x02
#define VSTOR_SRB_ABORT_FAILED		0x03
#define VSTOR_SRB_ERROR			0x04
#define VSTOR_SRB_BUSY			0x05
#define VSTOR_SRB_INVALID_REQUEST	0x06
#define VSTOR_SRB_INVALID_PATH_ID	0x07
#define VSTOR_SRB_NO_DEVICE		0x08
#define VSTOR_SRB_TIMEOUT		0x09
#define VSTOR_SRB_SELECTION_TIMEOUT	0x0a
#define VSTOR_SRB_COMMAND_TIMEOUT	0x0b
#define VSTOR_SRB_MESSAGE_REJECTED	0x0d
#define VSTOR_SRB_BUS_RESET		0x0e
#define VSTOR_SRB_PARITY_ERROR		0x0f
#define VSTOR_SRB_REQUEST_SENSE_FAILED	0x10
#define VSTOR_SRB_NO_HBA		0x11
#define VSTOR_SRB_DATA_OVERRUN		0x12	/* under-run as well */
#define VSTOR_SRB_UNEXPECTED_BUS_FREE	0x13
#define VSTOR_SRB_PHASE_SEQUENCE	0x14
#define VSTOR_SRB_BAD_BLOCK_LENGTH	0x15
#define VSTOR_SRB_REQUEST_FLUSHED	0x16
#define VSTOR_SRB_INVALID_LUN		0x20
#define VSTOR_SRB_INVALID_TARGET_ID	0x21
#define VSTOR_SRB_BAD_FUNCTION		0x22
#define VSTOR_SRB_ERROR_RECOVERY	0x23
#define VSTOR_SRB_NOT_POWERED		0x24
#define VSTOR_SRB_LINK_DOWN		0x25
#define VSTOR_SRB_INTERNAL_ERROR	0x30

/* vstor_srb.queue_tag and queue_action */
#define VSTOR_QUEUE_UNTAGGED		0xff
#define VSTOR_QUEUE_SIMPLE		0x20
#define VSTOR_QUEUE_HEAD		0x21
#define VSTOR_QUEUE_ORDERED		0x22

/* vstor_srb.srb_flags */
#define VSTOR_SRBF_QUEUE_ACTION_ENABLE	0x00000002
#define VSTOR_SRBF_DISABLE_SYNCH	0x00000008
#define VSTOR_SRBF_DATA_IN		0x00000040
#define VSTOR_SRBF_DATA_OUT		0x00000080
#define VSTOR_SRBF_NO_QUEUE_FREEZE	0x00000100

#define VSTOR_CDB_BYTES			16
#define VSTOR_SENSE_BYTES		20
#define VSTOR_SENSE_BYTES_PRE_5_1	18
#define VSTOR_SRB_TIMEOUT_S		60

/* Data is described to the host in frames of 4 KiB, whatever the page size. */
#define VSTOR_FRAME_SHIFT		12
#define VSTOR_FRAME_BYTES		4096u

/* SRB. The last four fields exist from version 5.1 on. */
struct vstor_srb {
	__le16 length;
	__u8 srb_status;
	__u8 scsi_status;
	__u8 port;
	__u8 path_id;
	__u8 target_id;
	__u8 lun;
	__u8 cdb_bytes;
	__u8 sense_bytes;
	__u8 data_in;
	__u8 reserved;
	__le32 data_bytes;
	__u8 payload[20];		/* CDB sent, sense received */
	__le16 ext_reserved;
	__u8 queue_tag;
	__u8 queue_action;
	__le32 srb_flags;
	__le32 timeout_s;
	__le32 sort_key;
};

#define VSTOR_SRB_LEN_PRE_5_1		36
WIRE_SIZE(struct vstor_srb, 52);
WIRE_AT(struct vstor_srb, scsi_status, 3);
WIRE_AT(struct vstor_srb, lun, 7);
WIRE_AT(struct vstor_srb, data_in, 10);
WIRE_AT(struct vstor_srb, data_bytes, 12);
WIRE_AT(struct vstor_srb, payload, 16);
WIRE_AT(struct vstor_srb, ext_reserved, VSTOR_SRB_LEN_PRE_5_1);
WIRE_AT(struct vstor_srb, queue_tag, 38);
WIRE_AT(struct vstor_srb, srb_flags, 40);
WIRE_AT(struct vstor_srb, timeout_s, 44);

/* QUERY_VERSION */
struct vstor_version {
	__le16 major_minor;
	__le16 revision;
};

WIRE_SIZE(struct vstor_version, 4);

/* Answer to QUERY_PROPERTIES; as zeros also the user data of an open. */
struct vstor_props {
	__le32 reserved0;
	__le16 max_sub_channels;	/* the primary not counted */
	__le16 reserved1;
	__le32 flags;
	__le32 max_transfer_bytes;
	__le32 reserved2[2];
};

WIRE_SIZE(struct vstor_props, 24);
WIRE_AT(struct vstor_props, max_sub_channels, 4);
WIRE_AT(struct vstor_props, flags, 8);
WIRE_AT(struct vstor_props, max_transfer_bytes, 12);

/* Answer to FCHBA_DATA; names are big endian. */
struct vstor_wwn {
	__u8 primary_active;
	__u8 reserved[3];
	__u8 primary_port[8];
	__u8 primary_node[8];
	__u8 secondary_port[8];
	__u8 secondary_node[8];
};

WIRE_SIZE(struct vstor_wwn, 36);
WIRE_AT(struct vstor_wwn, primary_port, 4);
WIRE_AT(struct vstor_wwn, secondary_node, 28);

struct vstor_pkt {
	__le32 operation;
	__le32 flags;
	__le32 status;			/* NTSTATUS, host to guest */
	union {
		struct vstor_srb srb;
		struct vstor_version version;
		struct vstor_props props;
		struct vstor_wwn wwn;
		__le16 sub_channels;	/* CREATE_SUB_CHANNELS */
		__u8 raw[52];
	};
};

#define VSTOR_PKT_HDR_BYTES		12
#define VSTOR_PKT_BYTES_PRE_5_1		48
WIRE_SIZE(struct vstor_pkt, 64);
WIRE_AT(struct vstor_pkt, srb, VSTOR_PKT_HDR_BYTES);
WIRE_AT(struct vstor_pkt, srb.payload, 28);
WIRE_AT(struct vstor_pkt, srb.ext_reserved, VSTOR_PKT_BYTES_PRE_5_1);
WIRE_AT(struct vstor_pkt, version, 12);
WIRE_AT(struct vstor_pkt, props.max_transfer_bytes, 24);
WIRE_AT(struct vstor_pkt, wwn.primary_port, 16);
WIRE_AT(struct vstor_pkt, sub_channels, 12);

#endif /* STORVSC_VSTOR_WIRE_H */
