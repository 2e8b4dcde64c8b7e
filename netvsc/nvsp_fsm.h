/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The handshake of a network channel, from the open channel to the buffers
 * both sides agree on, and the way back. Pure: see nvsp_fsm.c.
 */
#ifndef NETVSC_NVSP_FSM_H
#define NETVSC_NVSP_FSM_H

#include "nvsp_wire.h"

/*
 *  CLOSED -> ASKED_VERSION -> [TOLD_CONFIG] -> TOLD_NDIS -> WANT_BUFFERS ->
 *  refused: next  \_/             not for 1                      |
 *  older version                                                 v
 *                 READY <- ASKED_SEND_BUF <- ASKED_RECV_BUF <----'
 *                   |  ^
 *                   v  | granted; refused, nonsense or silence: none
 *             ASKED_SUB_CHANNELS
 *
 *  any other state but READY: wrong answer, no answer, rescind -> FAILED
 *  any state: close -> CLOSED
 *
 * Each ASKED state means: that request is on its way and nothing else is; a
 * TOLD message has no answer.
 */
enum nvsp_state {
	NVSP_CLOSED,
	NVSP_ASKED_VERSION,
	NVSP_TOLD_CONFIG,
	NVSP_TOLD_NDIS,
	NVSP_WANT_BUFFERS,
	NVSP_ASKED_RECV_BUF,
	NVSP_ASKED_SEND_BUF,
	NVSP_READY,
	NVSP_ASKED_SUB_CHANNELS,
	NVSP_FAILED,
	NVSP_STATE_NR
};

enum nvsp_event {
	NVSP_EV_OPEN,		/* the primary channel is open */
	NVSP_EV_SENT,		/* fsm.msg, which has no answer, is sent */
	NVSP_EV_REPLY,		/* an answer came */
	NVSP_EV_BUFFERS,	/* fsm.recv and fsm.send are set */
	NVSP_EV_SUB_CHANNELS,	/* READY, and fsm.want_subs is set */
	NVSP_EV_SILENCE,	/* no answer in time */
	NVSP_EV_GONE,		/* the channel is rescinded or cannot send */
	NVSP_EV_CLOSE,		/* we close the channel */
	NVSP_EVENT_NR
};

enum nvsp_do {
	NVSP_DO_NOTHING,
	NVSP_DO_ASK,		/* send fsm.msg, completion requested; wait */
	NVSP_DO_TELL,		/* send fsm.msg without; then NVSP_EV_SENT */
	NVSP_DO_BUFFERS,	/* make buffers for fsm.version: then EV_BUFFERS */
	NVSP_DO_START,		/* READY: RNDIS may begin, or subs are granted */
	NVSP_DO_FAIL,		/* give the device up; fsm.why says why */
};

enum nvsp_why {
	NVSP_WHY_NONE,
	NVSP_WHY_VERSION,	/* no version in common */
	NVSP_WHY_REFUSED,	/* the host refused a request */
	NVSP_WHY_ANSWER,	/* an answer too short or of another kind */
	NVSP_WHY_RECV_BUF,	/* a cut of the receive buffer we cannot use */
	NVSP_WHY_SEND_BUF,
	NVSP_WHY_SILENCE,
	NVSP_WHY_GONE,
	NVSP_WHY_MISUSE,	/* an event that makes no sense here */
};

/* One shared buffer: ours, then as the host cuts it. */
struct nvsp_buffer {
	u32 gpadl;
	u32 bytes;
	u32 part_bytes;		/* sub-allocation, section */
	u32 parts;
};

/*
 * @isolated, @newest, @mtu: set by nvsp_fsm_init()
 * @version: proposed, from TOLD_CONFIG on agreed
 * @recv, @send: gpadl and bytes set by the caller before NVSP_EV_BUFFERS, the
 *	rest here
 * @want_subs: set by the caller before NVSP_EV_SUB_CHANNELS
 * @subs: sub-channels granted, at most @want_subs
 * @msg: to send after NVSP_DO_ASK and NVSP_DO_TELL, NVSP_MSG_BYTES of it
 */
struct nvsp_fsm {
	enum nvsp_state state;
	enum nvsp_why why;
	bool isolated;
	u8 proposal;
	u32 newest;
	u32 version;
	u32 mtu;
	struct nvsp_buffer recv;
	struct nvsp_buffer send;
	u32 want_subs;
	u32 subs;
	struct nvsp_msg msg;
};

/* A receive buffer before NVSP_VERSION_4, and the smallest parts we take. */
#define NVSP_RECV_MAX_BYTES_OLD	(15u << 20)
#define NVSP_RECV_MAX_BYTES	(31u << 20)
#define NVSP_SEND_MAX_BYTES	(15u << 20)
#define NVSP_MIN_PART_BYTES	68u

void nvsp_fsm_init(struct nvsp_fsm *fsm, u32 newest, u32 mtu, bool isolated);
enum nvsp_do nvsp_fsm_step(struct nvsp_fsm *fsm, enum nvsp_event event,
			   const void *reply, u32 reply_bytes);
u32 nvsp_recv_max_bytes(u32 version);

/*
 * The way back. What is done in which order depends on the bus version: hosts
 * before 4.0 want a GPADL gone before its buffer's next message, later ones
 * want the channels closed first.
 */
enum nvsp_undo {
	NVSP_UNDO_FILTER,	/* SET packet filter 0 */
	NVSP_UNDO_HALT,		/* RNDIS HALT */
	NVSP_UNDO_DRAIN,	/* wait (bounded) for all completions */
	NVSP_UNDO_REVOKE_RECV,
	NVSP_UNDO_RECV_GPADL,
	NVSP_UNDO_REVOKE_SEND,
	NVSP_UNDO_SEND_GPADL,
	NVSP_UNDO_CLOSE,	/* sub-channels, then the primary */
	NVSP_UNDO_FREE_RECV,
	NVSP_UNDO_LEAK_RECV,	/* the host may still write there */
	NVSP_UNDO_FREE_SEND,
	NVSP_UNDO_LEAK_SEND,	/* the host may still read there */
	NVSP_UNDO_END
};

/*
 * @bus_4: VMBus 4.0 or later
 * @rndis: RNDIS was initialised
 * @rescinded: nobody listens any more: nothing is sent
 * @recv_gpadl, @send_gpadl: established
 * @recv_told, @send_told: the host has been sent the buffer
 */
struct nvsp_teardown {
	bool bus_4;
	bool rndis;
	bool rescinded;
	bool recv_gpadl, recv_told;
	bool send_gpadl, send_told;
	/* private */
	bool leak_recv, leak_send;
	u8 at;
};

enum nvsp_undo nvsp_teardown_next(struct nvsp_teardown *td, int error);

#endif /* NETVSC_NVSP_FSM_H */
