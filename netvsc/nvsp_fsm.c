// SPDX-License-Identifier: GPL-2.0-only
/*
 * Core: the handshake as a machine, and the order of its undoing. chan.c and
 * buf.c feed events in and do what comes out; one request is outstanding at a
 * time.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include <asm/byteorder.h>

#include "nvsp.h"
#include "nvsp_fsm.h"

/* Newest first; the host takes one exactly or refuses it. */
static const u32 proposals[] = {
	NVSP_VERSION_6_1,
	NVSP_VERSION_6,
	NVSP_VERSION_5,
	NVSP_VERSION_4,
	NVSP_VERSION_2,
	NVSP_VERSION_1,
};

#define NR_PROPOSALS	6

static_assert(sizeof(proposals) == NR_PROPOSALS * sizeof(proposals[0]));

/**
 * nvsp_fsm_init() - a machine in the state NVSP_CLOSED
 * @fsm: the machine
 * @newest: NVSP_VERSION_* to begin with
 * @mtu: without Ethernet header
 * @isolated: the host is not trusted: 6.1 or nothing, and no VF
 *
 * Context: any.
 */
void nvsp_fsm_init(struct nvsp_fsm *fsm, u32 newest, u32 mtu, bool isolated)
{
	memset(fsm, 0, sizeof(*fsm));
	fsm->newest = newest;
	fsm->mtu = mtu;
	fsm->isolated = isolated;
}

/**
 * nvsp_recv_max_bytes() - longest receive buffer a host takes
 * @version: agreed
 *
 * Context: any.
 * Return: bytes.
 */
u32 nvsp_recv_max_bytes(u32 version)
{
	return nvsp_version_at_least(version, NVSP_VERSION_4) ?
		NVSP_RECV_MAX_BYTES : NVSP_RECV_MAX_BYTES_OLD;
}

static enum nvsp_do fail(struct nvsp_fsm *fsm, enum nvsp_why why)
{
	fsm->state = NVSP_FAILED;
	fsm->why = why;
	return NVSP_DO_FAIL;
}

static enum nvsp_do ready(struct nvsp_fsm *fsm)
{
	fsm->state = NVSP_READY;
	return NVSP_DO_START;
}

static enum nvsp_do propose(struct nvsp_fsm *fsm)
{
	while (fsm->proposal < NR_PROPOSALS &&
	       proposals[fsm->proposal] > fsm->newest)
		fsm->proposal++;
	if (fsm->proposal >= NR_PROPOSALS ||
	    (fsm->isolated && proposals[fsm->proposal] < NVSP_VERSION_6_1))
		return fail(fsm, NVSP_WHY_VERSION);
	fsm->version = proposals[fsm->proposal];
	fsm->state = NVSP_ASKED_VERSION;
	nvsp_build_init(&fsm->msg, fsm->version);
	return NVSP_DO_ASK;
}

static enum nvsp_do tell_ndis(struct nvsp_fsm *fsm)
{
	fsm->state = NVSP_TOLD_NDIS;
	nvsp_build_ndis_version(&fsm->msg, fsm->version);
	return NVSP_DO_TELL;
}

static enum nvsp_do take_version(struct nvsp_fsm *fsm, u32 status)
{
	if (status != NVSP_STATUS_SUCCESS) {
		fsm->proposal++;
		return propose(fsm);
	}
	if (fsm->version == NVSP_VERSION_1)
		return tell_ndis(fsm);
	fsm->state = NVSP_TOLD_CONFIG;
	nvsp_build_ndis_config(&fsm->msg, fsm->version, fsm->mtu,
			       !fsm->isolated);
	return NVSP_DO_TELL;
}

/* Parts of @part bytes that fit in a buffer; 0 if that is no use. */
static u32 parts(const struct nvsp_buffer *buf, u32 part)
{
	if (part < NVSP_MIN_PART_BYTES || part > buf->bytes)
		return 0;
	return buf->bytes / part;
}

static enum nvsp_do
take_recv_buf(struct nvsp_fsm *fsm,
	      const struct nvsp_recv_buf_complete *answer)
{
	u32 part = le32_to_cpu(answer->sub_bytes);
	u32 count = le32_to_cpu(answer->sub_count);

	if (le32_to_cpu(answer->status) != NVSP_STATUS_SUCCESS)
		return fail(fsm, NVSP_WHY_REFUSED);
	if (le32_to_cpu(answer->sections) != 1 || answer->offset ||
	    !count || count > parts(&fsm->recv, part))
		return fail(fsm, NVSP_WHY_RECV_BUF);
	fsm->recv.part_bytes = part;
	fsm->recv.parts = count;
	fsm->state = NVSP_ASKED_SEND_BUF;
	nvsp_build_send_buf(&fsm->msg, fsm->send.gpadl);
	return NVSP_DO_ASK;
}

static enum nvsp_do
take_send_buf(struct nvsp_fsm *fsm,
	      const struct nvsp_send_buf_complete *answer)
{
	u32 part = le32_to_cpu(answer->section_bytes);

	if (le32_to_cpu(answer->status) != NVSP_STATUS_SUCCESS)
		return fail(fsm, NVSP_WHY_REFUSED);
	if (!parts(&fsm->send, part))
		return fail(fsm, NVSP_WHY_SEND_BUF);
	fsm->send.part_bytes = part;
	fsm->send.parts = parts(&fsm->send, part);
	return ready(fsm);
}

/* A refusal is no failure, nor is silence: the primary alone will do. */
static enum nvsp_do
take_sub_channels(struct nvsp_fsm *fsm,
		  const struct nvsp_sub_channels *answer)
{
	u32 granted = le32_to_cpu(answer->count);

	if (le32_to_cpu(answer->op_or_status) == NVSP_STATUS_SUCCESS &&
	    granted <= fsm->want_subs)
		fsm->subs = granted;
	return ready(fsm);
}

static enum nvsp_do replied(struct nvsp_fsm *fsm, const void *data, u32 bytes)
{
	u32 want = nvsp_answer_to(le32_to_cpu(fsm->msg.type));
	struct nvsp_msg reply;

	switch (fsm->state) {
	case NVSP_ASKED_VERSION:
	case NVSP_ASKED_RECV_BUF:
	case NVSP_ASKED_SEND_BUF:
	case NVSP_ASKED_SUB_CHANNELS:
		break;
	case NVSP_CLOSED:
	case NVSP_TOLD_CONFIG:
	case NVSP_TOLD_NDIS:
	case NVSP_WANT_BUFFERS:
	case NVSP_READY:
	case NVSP_FAILED:
	case NVSP_STATE_NR:
		return fail(fsm, NVSP_WHY_MISUSE);
	}
	if (nvsp_answer(want, data, bytes, &reply) != NVSP_ANSWER_GOOD) {
		if (fsm->state == NVSP_ASKED_SUB_CHANNELS)
			return ready(fsm);
		return fail(fsm, NVSP_WHY_ANSWER);
	}
	if (fsm->state == NVSP_ASKED_VERSION)
		return take_version(fsm,
				    le32_to_cpu(reply.init_complete.status));
	if (fsm->state == NVSP_ASKED_RECV_BUF)
		return take_recv_buf(fsm, &reply.recv_buf_complete);
	if (fsm->state == NVSP_ASKED_SEND_BUF)
		return take_send_buf(fsm, &reply.send_buf_complete);
	return take_sub_channels(fsm, &reply.sub_channels);
}

static enum nvsp_do sent(struct nvsp_fsm *fsm)
{
	if (fsm->state == NVSP_TOLD_CONFIG)
		return tell_ndis(fsm);
	if (fsm->state != NVSP_TOLD_NDIS)
		return fail(fsm, NVSP_WHY_MISUSE);
	fsm->state = NVSP_WANT_BUFFERS;
	return NVSP_DO_BUFFERS;
}

static enum nvsp_do buffers(struct nvsp_fsm *fsm)
{
	if (fsm->state != NVSP_WANT_BUFFERS)
		return fail(fsm, NVSP_WHY_MISUSE);
	fsm->state = NVSP_ASKED_RECV_BUF;
	nvsp_build_recv_buf(&fsm->msg, fsm->recv.gpadl);
	return NVSP_DO_ASK;
}

static enum nvsp_do sub_channels(struct nvsp_fsm *fsm)
{
	if (fsm->state != NVSP_READY)
		return fail(fsm, NVSP_WHY_MISUSE);
	fsm->subs = 0;
	if (!fsm->want_subs ||
	    !nvsp_version_at_least(fsm->version, NVSP_VERSION_5))
		return NVSP_DO_START;
	fsm->state = NVSP_ASKED_SUB_CHANNELS;
	nvsp_build_sub_channels(&fsm->msg, fsm->want_subs);
	return NVSP_DO_ASK;
}

static bool waiting(const struct nvsp_fsm *fsm)
{
	return fsm->state == NVSP_ASKED_VERSION ||
	       fsm->state == NVSP_ASKED_RECV_BUF ||
	       fsm->state == NVSP_ASKED_SEND_BUF;
}

/**
 * nvsp_fsm_step() - one event in, one thing to do out
 * @fsm: the machine
 * @event: what happened
 * @reply: payload of the completion, with NVSP_EV_REPLY only, in memory the
 *	   host cannot write to
 * @reply_bytes: its length
 *
 * Context: any; the caller serialises.
 * Return: what to do next.
 */
enum nvsp_do nvsp_fsm_step(struct nvsp_fsm *fsm, enum nvsp_event event,
			   const void *reply, u32 reply_bytes)
{
	switch (event) {
	case NVSP_EV_OPEN:
		if (fsm->state != NVSP_CLOSED)
			return fail(fsm, NVSP_WHY_MISUSE);
		fsm->why = NVSP_WHY_NONE;
		fsm->proposal = 0;
		fsm->subs = 0;
		return propose(fsm);
	case NVSP_EV_SENT:
		return sent(fsm);
	case NVSP_EV_REPLY:
		return replied(fsm, reply, reply_bytes);
	case NVSP_EV_BUFFERS:
		return buffers(fsm);
	case NVSP_EV_SUB_CHANNELS:
		return sub_channels(fsm);
	case NVSP_EV_SILENCE:
		if (fsm->state == NVSP_ASKED_SUB_CHANNELS)
			return ready(fsm);
		return fail(fsm, waiting(fsm) ? NVSP_WHY_SILENCE :
						NVSP_WHY_MISUSE);
	case NVSP_EV_GONE:
		if (fsm->state == NVSP_CLOSED || fsm->state == NVSP_FAILED)
			return NVSP_DO_NOTHING;
		return fail(fsm, NVSP_WHY_GONE);
	case NVSP_EV_CLOSE:
		fsm->state = NVSP_CLOSED;
		return NVSP_DO_NOTHING;
	case NVSP_EVENT_NR:
		break;
	}
	return fail(fsm, NVSP_WHY_MISUSE);
}

/* Both orders; what does not apply is passed over. */
static const u8 undo_before_4[] = {
	NVSP_UNDO_FILTER, NVSP_UNDO_HALT, NVSP_UNDO_DRAIN,
	NVSP_UNDO_REVOKE_RECV, NVSP_UNDO_RECV_GPADL,
	NVSP_UNDO_REVOKE_SEND, NVSP_UNDO_SEND_GPADL,
	NVSP_UNDO_CLOSE,
	NVSP_UNDO_FREE_RECV, NVSP_UNDO_FREE_SEND, NVSP_UNDO_END,
};

static const u8 undo_from_4[] = {
	NVSP_UNDO_FILTER, NVSP_UNDO_HALT, NVSP_UNDO_DRAIN,
	NVSP_UNDO_REVOKE_RECV, NVSP_UNDO_REVOKE_SEND,
	NVSP_UNDO_CLOSE,
	NVSP_UNDO_RECV_GPADL, NVSP_UNDO_SEND_GPADL,
	NVSP_UNDO_FREE_RECV, NVSP_UNDO_FREE_SEND, NVSP_UNDO_END,
};

static_assert(sizeof(undo_before_4) == sizeof(undo_from_4));

static bool applies(const struct nvsp_teardown *td, enum nvsp_undo step)
{
	switch (step) {
	case NVSP_UNDO_FILTER:
	case NVSP_UNDO_HALT:
	case NVSP_UNDO_DRAIN:
		return td->rndis && !td->rescinded;
	case NVSP_UNDO_REVOKE_RECV:
		return td->recv_told && !td->rescinded;
	case NVSP_UNDO_REVOKE_SEND:
		return td->send_told && !td->rescinded;
	case NVSP_UNDO_RECV_GPADL:
		return td->recv_gpadl && !td->leak_recv;
	case NVSP_UNDO_SEND_GPADL:
		return td->send_gpadl && !td->leak_send;
	case NVSP_UNDO_CLOSE:
	case NVSP_UNDO_FREE_RECV:
	case NVSP_UNDO_LEAK_RECV:
	case NVSP_UNDO_FREE_SEND:
	case NVSP_UNDO_LEAK_SEND:
	case NVSP_UNDO_END:
		break;
	}
	return true;
}

/*
 * What it means that a step did not work. Nobody revokes on a channel that was
 * rescinded: tearing down the GPADL is all that counts then. The bus refuses
 * to send from the rescind on, but shows its mark only after a while.
 */
static void failed(struct nvsp_teardown *td, enum nvsp_undo step, int error)
{
	if (step == NVSP_UNDO_REVOKE_RECV || step == NVSP_UNDO_REVOKE_SEND) {
		td->rescinded |= error == -ENODEV;
		if (td->rescinded)
			return;
	}
	if (step == NVSP_UNDO_REVOKE_RECV || step == NVSP_UNDO_RECV_GPADL)
		td->leak_recv = true;
	if (step == NVSP_UNDO_REVOKE_SEND || step == NVSP_UNDO_SEND_GPADL)
		td->leak_send = true;
}

/**
 * nvsp_teardown_next() - next step of the undoing
 * @td: what there is to undo; zeros in the private part at the beginning
 * @error: 0 if the step returned last has succeeded, and for the first call;
 *	   -ENODEV if the channel takes nothing any more
 *
 * A buffer that could not be revoked, or whose GPADL could not be torn down,
 * still belongs to the host, too: its memory is never freed.
 *
 * Context: any; the caller serialises.
 * Return: what to do next, NVSP_UNDO_END when all is done.
 */
enum nvsp_undo nvsp_teardown_next(struct nvsp_teardown *td, int error)
{
	const u8 *order = td->bus_4 ? undo_from_4 : undo_before_4;
	enum nvsp_undo step;

	if (error && td->at)
		failed(td, order[td->at - 1], error);
	for (;;) {
		step = order[td->at];
		if (step == NVSP_UNDO_END)
			return step;
		td->at++;
		if (applies(td, step))
			break;
	}
	if (step == NVSP_UNDO_FREE_RECV && td->leak_recv)
		return NVSP_UNDO_LEAK_RECV;
	if (step == NVSP_UNDO_FREE_SEND && td->leak_send)
		return NVSP_UNDO_LEAK_SEND;
	return step;
}
