// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: commands out, answers in.
 *
 * io_queue() runs in queuecommand, in parallel on all CPUs; io_receive() is
 * the channel callback (tasklet), one instance per channel. What joins them is
 * the request table: a command is the host's from the moment its slot has an
 * id until somebody takes the id out again with a compare-and-exchange, and
 * exactly that somebody completes it. So an answer that comes twice, late,
 * with a made-up id or on the wrong channel finds nothing to complete.
 */
#include <linux/blk-mq.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <scsi/scsi_tcq.h>

#include "sg.h"

static_assert(SRB_HOST_OK == DID_OK);
static_assert(SRB_HOST_NO_CONNECT == DID_NO_CONNECT);
static_assert(SRB_HOST_ERROR == DID_ERROR);
static_assert(SRB_HOST_RESET == DID_RESET);
static_assert(SRB_HOST_PASSTHROUGH == DID_PASSTHROUGH);
static_assert(SRB_HOST_REQUEUE == DID_REQUEUE);
static_assert(SRB_HOST_TRANSPORT_DISRUPTED == DID_TRANSPORT_DISRUPTED);
static_assert(VSTOR_SENSE_BYTES <= SCSI_SENSE_BUFFERSIZE);

/* Packets one call of the channel callback handles; the bus calls again. */
#define RECEIVE_BUDGET	256

/* Commands held for the last one of their batch, about. */
#define STOR_BATCH	31

static const char *const refusal_text[] = {
	[STOR_REFUSED_SHORT] = "packet too short",
	[STOR_REFUSED_UNEXPECTED] = "unsolicited packet of unknown kind",
	[STOR_REFUSED_NOT_COMPLETE] = "answer that is no completion",
	[STOR_REFUSED_ID] = "transaction id out of range",
	[STOR_REFUSED_STALE] = "answer to no outstanding command",
	[STOR_REFUSED_CHANNEL] = "answer on another channel",
	[STOR_REFUSED_CONTROL] = "answer to no outstanding control request",
};

static_assert(ARRAY_SIZE(refusal_text) == STOR_REFUSED_NR);

static void refuse(struct stor_ctl *ctl, enum stor_refusal why)
{
	atomic64_inc(&ctl->refused[why]);
	stor_warn(ctl, "refused from host: %s\n", refusal_text[why]);
}

/* Request table */

static __always_inline void init_req(struct stor_req *req)
{
	req->desc = req->own;
	sg_desc_init(req->desc);
}

/* Without init_cmd_priv the mid layer clears struct stor_req each time. */
static __always_inline void init_cleared_req(struct stor_req *req)
{
#ifndef HAVE_SCSI_INIT_CMD_PRIV
	init_req(req);
#endif
}

/**
 * io_init_cmd() - first use of the memory of a command
 * @shost: the SCSI host
 * @cmd: the command
 *
 * That this exists keeps the mid layer from clearing struct stor_req for
 * each command.
 *
 * Context: process.
 * Return: 0.
 */
int io_init_cmd(struct Scsi_Host *shost, struct scsi_cmnd *cmd)
{
	struct stor_req *req = scsi_cmd_priv(cmd);

	memset(req, 0, sizeof(*req));
	init_req(req);
	return 0;
}

/**
 * io_table_alloc() - the request table
 * @ctl: the controller
 * @depth: tags per hardware queue
 * @queues: hardware queues
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int io_table_alloc(struct stor_ctl *ctl, u32 depth, u32 queues)
{
	u32 i;

	ctl->slots = kvcalloc(queues, depth * sizeof(*ctl->slots), GFP_KERNEL);
	ctl->queues = kcalloc(queues, sizeof(*ctl->queues), GFP_KERNEL);
	if (!ctl->slots || !ctl->queues)
		return -ENOMEM;
	ctl->depth = depth;
	for (i = 0; i < queues; i++)
		ctl->queues[i].slots = &ctl->slots[i * depth];
	for (i = 1; i <= ctl->poll_queues; i++)
		ctl->queues[queues - ctl->poll_queues + i - 1].poll = i;
	for (i = 0; i < queues * depth; i++)
		ctl->slots[i].next_id = vstor_io_id(i);
	/* Pairs with smp_load_acquire() in complete_io(). */
	smp_store_release(&ctl->nr_slots, depth * queues);
	return 0;
}

/**
 * io_table_free() - undo io_table_alloc()
 * @ctl: the controller, its channels closed
 *
 * Context: process.
 */
void io_table_free(struct stor_ctl *ctl)
{
	ctl->nr_slots = 0;
	kvfree(ctl->slots);
	ctl->slots = NULL;
	kfree(ctl->queues);
	ctl->queues = NULL;
}

/* Take the command back from the host: true for exactly one caller. */
static bool claim(struct stor_slot *slot, u64 id)
{
	return atomic64_cmpxchg(&slot->id, id, 0) == id;
}

/* Give a claimed command back to the mid layer. */
static __always_inline void
give_back(struct stor_ctl *ctl, struct scsi_cmnd *cmd, int result)
{
	sg_unmap(ctl, cmd, scsi_cmd_priv(cmd));
	cmd->result = result;
	this_cpu_inc(ctl->counts->ended);
	scsi_done(cmd);
	/* The claim before was a full barrier; pairs with io_drain(). */
	if (unlikely(READ_ONCE(ctl->draining)))
		wake_up_all(&ctl->drain_wq);
}

/* Commands out */

static_assert(DMA_TO_DEVICE - 1 == VSTOR_DATA_WRITE);
static_assert(DMA_FROM_DEVICE - 1 == VSTOR_DATA_READ);
static_assert(DMA_NONE - 1 == VSTOR_DATA_NONE);

/* What the host cannot be told. */
static __always_inline int admit(const struct stor_ctl *ctl,
				 const struct scsi_cmnd *cmd)
{
	if (unlikely(!srb_opcode_allowed(ctl->version, cmd->cmnd[0])))
		return -EOPNOTSUPP;
	if (unlikely(cmd->cmd_len > VSTOR_CDB_BYTES ||
		     cmd->sc_data_direction == DMA_BIDIRECTIONAL))
		return -EINVAL;
	return 0;
}

static __always_inline void build(const struct stor_ctl *ctl,
				  struct scsi_cmnd *cmd, struct stor_req *req)
{
	const struct scsi_device *sdev = cmd->device;
	const struct vstor_pkt *forms = ctl->forms.form[sdev->tagged_supported];
	struct vstor_cmd io = {
		.cdb = cmd->cmnd,
		.cdb_bytes = cmd->cmd_len,
		.data_bytes = scsi_bufflen(cmd),
		.path = sdev->channel,
		.target = sdev->id,
		.lun = sdev->lun,
	};

	vstor_build_srb(&req->pkt, &forms[cmd->sc_data_direction - 1], &io);
	req->silences = 0;
}

static bool has_room(const struct stor_chan *chan)
{
	return hv_get_avail_to_write_percent(&chan->vmc->outbound) >
	       stor_low_water;
}

/* Another channel with more room in its ring, the first one's node first. */
static struct stor_chan *roomier(struct stor_ctl *ctl, struct stor_chan *own)
{
	u32 nr = READ_ONCE(ctl->nr_chans);
	u32 i, at, pass;

	for (pass = 0; pass < 2; pass++) {
		at = own->index;
		for (i = 1; i < nr; i++) {
			at = steer_next(ctl->steer, nr, at, !pass);
			if (at == own->index)
				break;
			if (has_room(&ctl->chans[at]))
				return &ctl->chans[at];
		}
	}
	return own;
}

static __always_inline struct stor_chan *pick(struct stor_ctl *ctl,
					      const struct stor_queue *queue)
{
	struct stor_chan *chan;

	if (READ_ONCE(ctl->nr_chans) == 1)
		return ctl->chans;
	if (unlikely(queue->poll))
		return poll_chan(ctl, queue);
	chan = READ_ONCE(ctl->cpu_chan[raw_smp_processor_id()]);
	return has_room(chan) ? chan : roomier(ctl, chan);
}

static __always_inline int send(struct stor_ctl *ctl, struct stor_chan *chan,
				struct stor_req *req, u64 id)
{
	if (likely(req->desc_bytes))
		return vmbus_sendpacket_mpb_desc(chan->vmc, req->desc,
						 req->desc_bytes, &req->pkt,
						 ctl->pkt_bytes, id);
	return vmbus_sendpacket(chan->vmc, &req->pkt, ctl->pkt_bytes, id,
				VM_PKT_DATA_INBAND,
				VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED);
}

static __always_inline struct stor_queue *queue_of(struct stor_ctl *ctl,
						   struct scsi_cmnd *cmd)
{
	return &ctl->queues[scsi_cmd_to_rq(cmd)->mq_hctx->queue_num];
}

/*
 * Hand a command to the host. 0: the host or somebody else owns it now, do
 * not touch it; an error: it is still ours.
 */
static __always_inline int submit(struct stor_ctl *ctl,
				  struct stor_queue *queue,
				  struct stor_chan *chan,
				  struct scsi_cmnd *cmd, struct stor_req *req)
{
	u32 tag = scsi_cmd_to_rq(cmd)->tag;
	struct stor_slot *slot = &queue->slots[tag];
	u64 id;
	int ret;

	if (WARN_ON_ONCE(tag >= ctl->depth))
		return -EINVAL;
	/* Never reuse an entry the host still owns. */
	if (unlikely(atomic64_read(&slot->id)))
		return -EAGAIN;
	slot->cmd = cmd;
	slot->chan = chan;
	id = slot->next_id;
	slot->next_id = vstor_next_id(id);
	this_cpu_inc(ctl->counts->sent);
	/* Publishes cmd and chan; pairs with the acquire in complete_io(). */
	atomic64_set_release(&slot->id, id);

	ret = send(ctl, chan, req, id);
	if (likely(!ret))
		return 0;
	if (!claim(slot, id))
		return 0;	/* reaped, and given back, in the meantime */
	this_cpu_inc(ctl->counts->ended);
	return ret;
}

/* A sub-channel that cannot send is left for good; the primary remains. */
static noinline int submit_on_primary(struct stor_ctl *ctl,
				      struct stor_queue *queue,
				      struct stor_chan *chan,
				      struct scsi_cmnd *cmd, int error)
{
	if (error == -EAGAIN || !chan->index)
		return error;
	mod_delayed_work(stor_wq, &ctl->watch, 0);
	return submit(ctl, queue, &ctl->chans[0], cmd, scsi_cmd_priv(cmd));
}

static __always_inline int submit_on_some(struct stor_ctl *ctl,
					  struct stor_queue *queue,
					  struct scsi_cmnd *cmd,
					  struct stor_req *req)
{
	struct stor_chan *chan = pick(ctl, queue);
	int ret = submit(ctl, queue, chan, cmd, req);

	if (likely(!ret))
		return 0;
	return submit_on_primary(ctl, queue, chan, cmd, ret);
}

static int gate_error(const struct stor_ctl *ctl)
{
	switch (READ_ONCE(ctl->gate)) {
	case STOR_GATE_OPEN:
		return 0;
	case STOR_GATE_HOLD:
		return -EBUSY;
	case STOR_GATE_DEAD:
		break;
	}
	return -ENODEV;
}

/*
 * Commands in batches: what comes with more behind it is held until the last
 * one, and they go into the ring one right after the other. So the host finds
 * all of them, and one signal tells of them.
 *
 * The block layer promises a last one, or a call of io_commit(); should it
 * break that, the watch looks once a second (scan.c).
 */

static struct scsi_cmnd *cmd_of(struct stor_req *req)
{
	return (struct scsi_cmnd *)req - 1;
}

/* It was accepted and cannot be sent. */
static void take_back(struct stor_ctl *ctl, struct stor_req *req, int error)
{
	struct scsi_cmnd *cmd = cmd_of(req);

	sg_unmap(ctl, cmd, req);
	switch (error) {
	case -EAGAIN:
		this_cpu_inc(ctl->counts->busy);
		fallthrough;
	case -EBUSY:
		cmd->result = DID_REQUEUE << 16;
		break;
	case -EINVAL:
		cmd->result = DID_ERROR << 16;
		break;
	default:
		cmd->result = DID_NO_CONNECT << 16;
		break;
	}
	scsi_done(cmd);
}

/* Under rcu_read_lock(), as all that sends. */
static noinline void send_held(struct stor_ctl *ctl, struct stor_queue *queue)
{
	struct llist_node *list = llist_del_all(&queue->held);
	struct stor_req *req, *next;
	int gate = gate_error(ctl);
	int ret;

	WRITE_ONCE(queue->nr_held, 0);
	list = llist_reverse_order(list);
	llist_for_each_entry_safe(req, next, list, held) {
		ret = gate;
		if (likely(!ret))
			ret = submit_on_some(ctl, queue, cmd_of(req), req);
		if (unlikely(ret))
			take_back(ctl, req, ret);
	}
}

static void commit(struct stor_ctl *ctl, struct stor_queue *queue)
{
	if (llist_empty(&queue->held))
		return;
	rcu_read_lock();
	send_held(ctl, queue);
	rcu_read_unlock();
}

/**
 * io_commit() - commit_rqs: no last command will come
 * @shost: the SCSI host
 * @queue: number of the hardware queue
 *
 * Context: atomic.
 */
void io_commit(struct Scsi_Host *shost, u16 queue)
{
	struct stor_ctl *ctl = shost_priv(shost);

	commit(ctl, &ctl->queues[queue]);
}

/**
 * io_commit_all() - send what is held in any queue
 * @ctl: the controller, with its request table
 *
 * Context: any but interrupts.
 */
void io_commit_all(struct stor_ctl *ctl)
{
	u32 i;

	for (i = 0; i < ctl->shost->nr_hw_queues; i++)
		commit(ctl, &ctl->queues[i]);
}

/* Is this not the last of its batch? */
static __always_inline bool may_wait(const struct scsi_cmnd *cmd,
				     struct stor_queue *queue)
{
#ifdef SCMD_LAST
	if (!(cmd->flags & SCMD_LAST) && queue->nr_held < STOR_BATCH) {
		WRITE_ONCE(queue->nr_held, queue->nr_held + 1);
		return true;
	}
#endif
	return false;
}

static void refuse_here(struct scsi_cmnd *cmd, int host_byte)
{
	cmd->result = host_byte << 16;
	scsi_done(cmd);
}

/* Not sent: give it back, or have the mid layer try again. */
static noinline QC_STATUS turn_down(struct stor_ctl *ctl,
				    struct scsi_cmnd *cmd, int error)
{
	/* It might have been the last one. */
	commit(ctl, queue_of(ctl, cmd));
	switch (error) {
	case -EAGAIN:
	case -ENOMEM:
		this_cpu_inc(ctl->counts->busy);
		return SCSI_MLQUEUE_DEVICE_BUSY;
	case -EBUSY:
		return SCSI_MLQUEUE_HOST_BUSY;
	case -EOPNOTSUPP:
		scsi_build_sense(cmd, 0, ILLEGAL_REQUEST, 0x20, 0x00);
		scsi_done(cmd);
		return 0;
	case -EINVAL:
	case -E2BIG:
		refuse_here(cmd, DID_ERROR);
		return 0;
	default:
		refuse_here(cmd, DID_NO_CONNECT);
		return 0;
	}
}

/* Under rcu_read_lock(). */
static __always_inline int start(struct stor_ctl *ctl, struct scsi_cmnd *cmd)
{
	struct stor_req *req = scsi_cmd_priv(cmd);
	struct stor_queue *queue;
	int ret;

	if (unlikely(READ_ONCE(ctl->gate) != STOR_GATE_OPEN))
		return gate_error(ctl);
	ret = admit(ctl, cmd);
	if (unlikely(ret))
		return ret;
	init_cleared_req(req);
	build(ctl, cmd, req);
	ret = sg_map(ctl, cmd, req);
	if (unlikely(ret))
		return ret;
	queue = queue_of(ctl, cmd);
	if (may_wait(cmd, queue)) {
		llist_add(&req->held, &queue->held);
		return 0;
	}
	if (!llist_empty(&queue->held))
		send_held(ctl, queue);
	ret = submit_on_some(ctl, queue, cmd, req);
	if (unlikely(ret))
		sg_unmap(ctl, cmd, req);
	return ret;
}

/**
 * io_queue() - queuecommand
 * @shost: the SCSI host
 * @cmd: the command
 *
 * Context: atomic; any CPU, may migrate.
 * Return: 0 when the command is, or will be, given back; else a reason to
 *	   try again.
 */
QC_STATUS io_queue(struct Scsi_Host *shost, struct scsi_cmnd *cmd)
{
	struct stor_ctl *ctl = shost_priv(shost);
	int ret;

	rcu_read_lock();
	ret = start(ctl, cmd);
	rcu_read_unlock();
	return likely(!ret) ? 0 : turn_down(ctl, cmd, ret);
}

/* Answers in */

static void log_failure(struct stor_ctl *ctl, struct scsi_cmnd *cmd,
			const struct vstor_pkt *pkt)
{
	stor_warn(ctl, "%u:%u:%llu cmd 0x%02x: srb status 0x%02x scsi status 0x%02x host status 0x%x\n",
		  cmd->device->channel, cmd->device->id, cmd->device->lun,
		  cmd->cmnd[0], pkt->srb.srb_status, pkt->srb.scsi_status,
		  le32_to_cpu(pkt->status));
}

/* Something is to be said about how it went. */
static noinline int judge(struct stor_ctl *ctl, struct scsi_cmnd *cmd,
			  const struct vstor_pkt *pkt)
{
	struct srb_asked asked = {
		.opcode = cmd->cmnd[0],
		.vpd = cmd->cmnd[1] & 1,
		.fibre_channel = ctl->variant->id == STOR_FC,
		.data_bytes = scsi_bufflen(cmd),
	};
	struct srb_verdict v;

	srb_judge(&asked, &pkt->srb, &v);
	if (unlikely(v.failed)) {
		log_failure(ctl, cmd, pkt);
		if (v.sense_bytes)
			memcpy(cmd->sense_buffer, pkt->srb.payload,
			       v.sense_bytes);
		if (v.action == SRB_DO_RESCAN)
			scan_lun(ctl, cmd->device, STOR_LUN_CHANGED);
		else if (v.action == SRB_DO_REMOVE)
			scan_lun(ctl, cmd->device, STOR_LUN_GONE);
	}
	scsi_set_resid(cmd, asked.data_bytes - v.done_bytes);
	return v.host_byte << 16 | v.sam_status;
}

static __always_inline void finish(struct stor_ctl *ctl, struct scsi_cmnd *cmd,
				   const struct vstor_pkt *pkt)
{
	int result = 0;

	if (likely(srb_went_well(&pkt->srb, scsi_bufflen(cmd))))
		scsi_set_resid(cmd, 0);
	else
		result = judge(ctl, cmd, pkt);
	give_back(ctl, cmd, result);
}

/* What is wrong with an answer to a command? */
static enum stor_refusal why_refused(struct stor_ctl *ctl, u64 id)
{
	u32 index;

	/* Pairs with io_table_alloc(). */
	if (!vstor_id_index(id, smp_load_acquire(&ctl->nr_slots), &index))
		return STOR_REFUSED_ID;
	if (atomic64_read(&ctl->slots[index].id) != id)
		return STOR_REFUSED_STALE;
	return STOR_REFUSED_CHANNEL;
}

static void complete_control(struct stor_ctl *ctl, struct stor_chan *chan,
			     u64 id, const struct vstor_pkt *pkt, u32 bytes)
{
	struct stor_xact *xact = &ctl->xact;

	if (chan->index ||
	    atomic64_cmpxchg(&xact->id, id, 0) != id) {
		refuse(ctl, STOR_REFUSED_CONTROL);
		return;
	}
	memset(&xact->reply, 0, sizeof(xact->reply));
	memcpy(&xact->reply, pkt, min_t(u32, bytes, sizeof(xact->reply)));
	complete(&xact->done);
}

/*
 * An answer we cannot use. To a control request it is a refusal: nobody waits
 * for another one.
 */
static void unusable(struct stor_ctl *ctl, struct stor_chan *chan, u64 id,
		     enum stor_refusal why)
{
	struct stor_xact *xact = &ctl->xact;

	refuse(ctl, why);
	if (chan->index || !vstor_id_is_control(id) ||
	    atomic64_cmpxchg(&xact->id, id, 0) != id)
		return;
	memset(&xact->reply, 0, sizeof(xact->reply));
	xact->reply.status = cpu_to_le32(~0);
	complete(&xact->done);
}

/* Anything but the whole answer to a command. */
static noinline void receive_other(struct stor_ctl *ctl, struct stor_chan *chan,
				   u64 id, const void *data, u32 bytes)
{
	const struct vstor_pkt *vstor;

	switch (vstor_classify(id, data, bytes, ctl->pkt_bytes,
			       &vstor)) {
	case VSTOR_RX_IO:
		refuse(ctl, why_refused(ctl, id));
		break;
	case VSTOR_RX_CONTROL:
		complete_control(ctl, chan, id, vstor, bytes);
		break;
	case VSTOR_RX_BUS_CHANGED:
		if (chan->index)
			refuse(ctl, STOR_REFUSED_UNEXPECTED);
		else
			scan_bus_changed(ctl);
		break;
	case VSTOR_RX_SHORT:
		unusable(ctl, chan, id, STOR_REFUSED_SHORT);
		break;
	case VSTOR_RX_UNEXPECTED:
		refuse(ctl, STOR_REFUSED_UNEXPECTED);
		break;
	case VSTOR_RX_NOT_COMPLETE:
		unusable(ctl, chan, id, STOR_REFUSED_NOT_COMPLETE);
		break;
	case VSTOR_RX_NR:
		break;
	}
}

/*
 * The answer to a command, taken if it is one. Neither what comes unasked nor
 * a control request has an id that an entry can have.
 */
static __always_inline bool complete_io(struct stor_ctl *ctl,
					struct stor_chan *chan, u64 id,
					const struct vstor_pkt *pkt)
{
	struct stor_slot *slot;
	struct scsi_cmnd *cmd;
	u32 index = (u32)id - 1;

	/* Pairs with io_table_alloc(). */
	if (unlikely(index >= smp_load_acquire(&ctl->nr_slots)))
		return false;
	slot = &ctl->slots[index];
	/* Pairs with the release in submit(). */
	if (unlikely(atomic64_read_acquire(&slot->id) != id ||
		     READ_ONCE(slot->chan) != chan))
		return false;
	cmd = READ_ONCE(slot->cmd);
	if (unlikely(!claim(slot, id)))
		return false;
	finish(ctl, cmd, pkt);
	return true;
}

/* @pkt is the bus's private copy: the host cannot change it any more. */
static __always_inline void receive(struct stor_ctl *ctl,
				    struct stor_chan *chan,
				    const struct vmpacket_descriptor *pkt)
{
	const void *data = hv_pkt_data(pkt);
	u32 bytes = hv_pkt_datalen(pkt);
	u64 id = pkt->trans_id;

	if (unlikely(!vstor_is_answer(data, bytes, ctl->pkt_bytes) ||
		     !complete_io(ctl, chan, id, data)))
		receive_other(ctl, chan, id, data, bytes);
}

/**
 * io_receive() - channel callback: take packets out of the ring
 * @context: the struct stor_chan
 *
 * Bounded: with packets left, the bus finds the ring not empty and calls
 * again, after letting others run.
 *
 * Context: tasklet of the channel; or a reaper, with the callback stopped.
 */
void io_receive(void *context)
{
	struct stor_chan *chan = context;
	struct vmpacket_descriptor *pkt;
	u32 budget = RECEIVE_BUDGET;

	foreach_vmbus_pkt(pkt, chan->vmc) {
		if (!budget--) {
			hv_pkt_iter_close(chan->vmc);
			return;
		}
		receive(chan->ctl, chan, pkt);
	}
}

/* Taking commands back */

/**
 * io_reap() - give back commands the host will not answer any more
 * @ctl: the controller
 * @chan: only those sent on this channel, or NULL for all
 * @host_byte: DID_* they end with
 *
 * Context: process. The host must have lost access to their memory: the
 *	    channel is closed or rescinded.
 */
void io_reap(struct stor_ctl *ctl, struct stor_chan *chan, int host_byte)
{
	struct scsi_cmnd *cmd;
	u32 i;

	for (i = 0; i < ctl->nr_slots; i++) {
		struct stor_slot *slot = &ctl->slots[i];
		u64 id = atomic64_read_acquire(&slot->id);

		if (!id || (chan && READ_ONCE(slot->chan) != chan))
			continue;
		cmd = READ_ONCE(slot->cmd);
		if (!claim(slot, id))
			continue;
		scsi_set_resid(cmd, scsi_bufflen(cmd));
		give_back(ctl, cmd, host_byte << 16);
	}
}

/**
 * io_idle() - does the host own no command?
 * @ctl: the controller
 *
 * Context: any.
 * Return: true if so.
 */
bool io_idle(struct stor_ctl *ctl)
{
	u32 i;

	for (i = 0; i < ctl->nr_slots; i++)
		if (atomic64_read(&ctl->slots[i].id))
			return false;
	return true;
}

/**
 * io_drain() - wait until the host owns no command
 * @ctl: the controller; no new commands are being sent
 * @timeout: in jiffies
 *
 * Context: process.
 * Return: true when it came so far.
 */
bool io_drain(struct stor_ctl *ctl, unsigned long timeout)
{
	unsigned long end;
	bool idle;

	WRITE_ONCE(ctl->draining, true);
	/* Either we see the claim or give_back() sees @draining. */
	smp_mb();
	end = jiffies + timeout;
	do {
		/* The watch may have been stopped. */
		poll_all(ctl, true);
		wait_event_timeout(ctl->drain_wq,
				   io_idle(ctl) || stor_rescinded(ctl),
				   ctl->poll_queues ? HZ / 10 : timeout);
		idle = io_idle(ctl);
	} while (!idle && !stor_rescinded(ctl) && time_before(jiffies, end));
	WRITE_ONCE(ctl->draining, false);
	return idle;
}

/**
 * io_gate() - may commands go out?
 * @ctl: the controller
 * @gate: the answer from now on; STOR_GATE_DEAD is final
 *
 * Context: process. On return from closing, no CPU is still sending.
 */
void io_gate(struct stor_ctl *ctl, enum stor_gate gate)
{
	enum stor_gate old = READ_ONCE(ctl->gate);
	enum stor_gate seen;

	while (old != STOR_GATE_DEAD) {
		seen = cmpxchg(&ctl->gate, old, gate);
		if (seen == old)
			break;
		old = seen;
	}
	/* Pairs with rcu_read_lock() in io_queue(). */
	if (gate != STOR_GATE_OPEN)
		synchronize_rcu();
}

/**
 * io_count() - add up the per-CPU counters
 * @ctl: the controller
 * @sum: result
 *
 * Context: any.
 */
void io_count(struct stor_ctl *ctl, struct stor_counts *sum)
{
	const struct stor_counts *counts;
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		counts = per_cpu_ptr(ctl->counts, cpu);
		sum->sent += counts->sent;
		sum->ended += counts->ended;
		sum->busy += counts->busy;
	}
}
