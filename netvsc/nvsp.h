/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Build NVSP messages, tell apart what arrives.
 * Pure: see nvsp.c. What runs for every packet is inline.
 */
#ifndef NETVSC_NVSP_H
#define NETVSC_NVSP_H

#include <asm/byteorder.h>

#include "nvsp_wire.h"

/* What an in-band packet of the host is. */
enum nvsp_note {
	NVSP_NOTE_VF,		/* VF_ASSOCIATION */
	NVSP_NOTE_SEND_TABLE,
	NVSP_NOTE_DATA_PATH,	/* seen, without meaning for a guest */
	NVSP_NOTE_SHORT,	/* too short for what it claims to be */
	NVSP_NOTE_UNKNOWN,
	NVSP_NOTE_NR
};

/* What an answer of the host is; the last two are refused. */
enum nvsp_answer {
	NVSP_ANSWER_GOOD,	/* of the wanted kind, long enough to read */
	NVSP_ANSWER_EMPTY,	/* nothing in it, and nothing was wanted */
	NVSP_ANSWER_SHORT,	/* empty or too short: not to be read */
	NVSP_ANSWER_WRONG,	/* of another kind */
	NVSP_ANSWER_NR
};

/* Result of a wait, and so the event for nvsp_fsm_step(). */
enum nvsp_wait {
	NVSP_WAIT_REPLIED,
	NVSP_WAIT_GONE,
	NVSP_WAIT_SILENCE,
};

/* No wait for a host is longer. */
#define NVSP_REPLY_MS		10000u
/* ... and when it has failed to answer before: one silence is paid once. */
#define NVSP_SILENT_MS		200u

void nvsp_build_init(struct nvsp_msg *msg, u32 version);
void nvsp_build_ndis_config(struct nvsp_msg *msg, u32 version, u32 mtu,
			    bool sriov);
void nvsp_build_ndis_version(struct nvsp_msg *msg, u32 version);
void nvsp_build_recv_buf(struct nvsp_msg *msg, u32 gpadl);
void nvsp_build_send_buf(struct nvsp_msg *msg, u32 gpadl);
void nvsp_build_revoke(struct nvsp_msg *msg, u32 type);
void nvsp_build_sub_channels(struct nvsp_msg *msg, u32 count);
void nvsp_build_data_path(struct nvsp_msg *msg, bool vf);

enum nvsp_note nvsp_note(const void *data, u32 bytes);
u32 nvsp_answer_to(u32 type);
enum nvsp_answer nvsp_answer(u32 want, const void *data, u32 bytes,
			     struct nvsp_msg *to);
int nvsp_send_table(const void *data, u32 bytes, u32 version, u32 channels,
		    u16 table[NVSP_SEND_TABLE_ENTRIES]);
int nvsp_vf(const void *data, u32 bytes, bool *allocated, u32 *serial);
enum nvsp_wait nvsp_wait(bool replied, bool rescinded);

/**
 * nvsp_version_at_least() - compare protocol versions
 * @version: agreed
 * @want: the first one that has the feature
 *
 * NVSP_VERSION_2 and later are in numerical order, and 1 is below all.
 *
 * Context: any.
 * Return: true if @version is @want or newer.
 */
static inline bool nvsp_version_at_least(u32 version, u32 want)
{
	return version >= want;
}

/**
 * nvsp_build_rndis() - RNDIS message on its way
 * @msg: to fill
 * @channel: NVSP_CHANNEL_*
 * @section: index of the send section, or NVSP_NO_SECTION
 * @section_bytes: used in the section, 0 without
 *
 * Context: any; once per transmit.
 */
static inline void nvsp_build_rndis(struct nvsp_msg *msg, u32 channel,
				    u32 section, u32 section_bytes)
{
	msg->type = cpu_to_le32(NVSP_MSG_RNDIS);
	msg->rndis.channel = cpu_to_le32(channel);
	msg->rndis.section = cpu_to_le32(section);
	msg->rndis.section_bytes = cpu_to_le32(section_bytes);
	__builtin_memset(msg->raw + sizeof(msg->rndis), 0,
			 sizeof(msg->raw) - sizeof(msg->rndis));
}

/**
 * nvsp_build_done() - give the frames of a packet back to the host
 * @done: to fill
 * @good: false if anything of the packet was refused
 *
 * Context: any; once per packet received.
 */
static inline void nvsp_build_done(struct nvsp_done *done, bool good)
{
	done->type = cpu_to_le32(NVSP_MSG_RNDIS_COMPLETE);
	done->status = cpu_to_le32(good ? NVSP_STATUS_SUCCESS :
					  NVSP_STATUS_FAIL);
}

/**
 * nvsp_tx_done() - is it the completion of an RNDIS message?
 * @data: payload of the completion, private copy
 * @bytes: its length
 * @good: the host's opinion, set on true
 *
 * Context: any; once per transmit.
 * Return: true if so.
 */
static inline bool nvsp_tx_done(const void *data, u32 bytes, bool *good)
{
	const struct nvsp_done *done = data;

	if (bytes < sizeof(*done) ||
	    done->type != cpu_to_le32(NVSP_MSG_RNDIS_COMPLETE))
		return false;
	*good = done->status == cpu_to_le32(NVSP_STATUS_SUCCESS);
	return true;
}

#endif /* NETVSC_NVSP_H */
