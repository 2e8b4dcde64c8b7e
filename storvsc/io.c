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

#include "stor.h"

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
	memset(scsi_cmd_priv(cmd), 0, sizeof(struct stor_req));
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
	ctl->slots = kvcalloc(queues, depth * sizeof(*ctl->slots), GFP_KERNEL);
	if (!ctl->slots)
		return -ENOMEM;
	ctl->depth = depth;
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
}

static struct stor_slot *slot_of(struct stor_ctl *ctl, struct scsi_cmnd *cmd,
				 u32 *index)
{
	u32 tag = blk_mq_unique_tag(scsi_cmd_to_rq(cmd));

	*index = blk_mq_unique_tag_to_hwq(tag) * ctl->depth +
		 blk_mq_unique_tag_to_tag(tag);
	return *index < ctl->nr_slots ? &ctl->slots[*index] : NULL;
}

/* Take the command back from the host: true for exactly one caller. */
static bool claim(struct stor_slot *slot, u64 id)
{
	return atomic64_cmpxchg(&slot->id, id, 0) == id;
}

/* Give a claimed command back to the mid layer. */
static void give_back(struct stor_ctl *ctl, struct scsi_cmnd *cmd, int result)
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

static u8 data_in(const struct scsi_cmnd *cmd)
{
	switch (cmd->sc_data_direction) {
	case DMA_TO_DEVICE:
		return VSTOR_DATA_WRITE;
	case DMA_FROM_DEVICE:
		return VSTOR_DATA_READ;
	default:
		return VSTOR_DATA_NONE;
	}
}

static void build(struct stor_ctl *ctl, struct scsi_cmnd *cmd,
		  struct stor_req *req)
{
	struct scsi_device *sdev = cmd->device;
	struct vstor_cmd io = {
		.cdb = cmd->cmnd,
		.cdb_bytes = cmd->cmd_len,
		.data_bytes = scsi_bufflen(cmd),
		.data_in = data_in(cmd),
		.port = ctl->shost->host_no,
		.path = sdev->channel,
		.target = sdev->id,
		.lun = sdev->lun,
		.tagged = sdev->tagged_supported,
		.queue_action = VSTOR_QUEUE_SIMPLE,
	};

	vstor_build_srb(&req->pkt, ctl->version, &io);
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

static struct stor_chan *pick(struct stor_ctl *ctl)
{
	struct stor_chan *chan = READ_ONCE(ctl->cpu_chan[raw_smp_processor_id()]);

	if (READ_ONCE(ctl->nr_chans) == 1 || has_room(chan))
		return chan;
	return roomier(ctl, chan);
}

static int send(struct stor_ctl *ctl, struct stor_chan *chan,
		struct stor_req *req, u64 id)
{
	if (req->mapped)
		return vmbus_sendpacket_mpb_desc(chan->vmc, sg_desc(req),
						 req->desc_bytes, &req->pkt,
						 ctl->pkt_bytes, id);
	return vmbus_sendpacket(chan->vmc, &req->pkt, ctl->pkt_bytes, id,
				VM_PKT_DATA_INBAND,
				VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED);
}

/*
 * Hand a command to the host. 0: the host or somebody else owns it now, do
 * not touch it; an error: it is still ours.
 */
static int submit(struct stor_ctl *ctl, struct stor_chan *chan,
		  struct scsi_cmnd *cmd, struct stor_req *req)
{
	struct stor_slot *slot;
	u32 index;
	u64 id;
	int ret;

	slot = slot_of(ctl, cmd, &index);
	if (WARN_ON_ONCE(!slot))
		return -EINVAL;
	/* Never reuse an entry the host still owns. */
	if (unlikely(atomic64_read(&slot->id)))
		return -EAGAIN;
	slot->cmd = cmd;
	slot->chan = chan;
	id = vstor_io_id(index, slot->generation++);
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
static int submit_on_some(struct stor_ctl *ctl, struct scsi_cmnd *cmd,
			  struct stor_req *req)
{
	struct stor_chan *chan = pick(ctl);
	int ret;

	ret = submit(ctl, chan, cmd, req);
	if (likely(!ret) || ret == -EAGAIN || !chan->index)
		return ret;
	mod_delayed_work(stor_wq, &ctl->watch, 0);
	return submit(ctl, &ctl->chans[0], cmd, req);
}

static void refuse_here(struct scsi_cmnd *cmd, int host_byte)
{
	cmd->result = host_byte << 16;
	scsi_done(cmd);
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
	struct stor_req *req = scsi_cmd_priv(cmd);
	int ret;

	if (unlikely(!srb_opcode_allowed(ctl->version, cmd->cmnd[0]))) {
		scsi_build_sense(cmd, 0, ILLEGAL_REQUEST, 0x20, 0x00);
		scsi_done(cmd);
		return 0;
	}
	if (unlikely(cmd->cmd_len > VSTOR_CDB_BYTES ||
		     cmd->sc_data_direction == DMA_BIDIRECTIONAL)) {
		refuse_here(cmd, DID_ERROR);
		return 0;
	}
	build(ctl, cmd, req);

	rcu_read_lock();
	switch (READ_ONCE(ctl->gate)) {
	case STOR_GATE_OPEN:
		ret = sg_map(ctl, cmd, req);
		if (likely(!ret)) {
			ret = submit_on_some(ctl, cmd, req);
			if (unlikely(ret))
				sg_unmap(ctl, cmd, req);
		}
		break;
	case STOR_GATE_HOLD:
		ret = -EBUSY;
		break;
	case STOR_GATE_DEAD:
	default:
		ret = -ENODEV;
		break;
	}
	rcu_read_unlock();

	switch (ret) {
	case 0:
		return 0;
	case -EAGAIN:
	case -ENOMEM:
		this_cpu_inc(ctl->counts->busy);
		return SCSI_MLQUEUE_DEVICE_BUSY;
	case -EBUSY:
		return SCSI_MLQUEUE_HOST_BUSY;
	case -EINVAL:
	case -E2BIG:
		refuse_here(cmd, DID_ERROR);
		return 0;
	default:
		refuse_here(cmd, DID_NO_CONNECT);
		return 0;
	}
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

static void finish(struct stor_ctl *ctl, struct scsi_cmnd *cmd,
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
	give_back(ctl, cmd, v.host_byte << 16 | v.sam_status);
}

static void complete_io(struct stor_ctl *ctl, struct stor_chan *chan, u64 id,
			const struct vstor_pkt *pkt)
{
	struct stor_slot *slot;
	struct scsi_cmnd *cmd;
	u32 index;

	/* Pairs with io_table_alloc(). */
	if (!vstor_id_index(id, smp_load_acquire(&ctl->nr_slots), &index)) {
		refuse(ctl, STOR_REFUSED_ID);
		return;
	}
	slot = &ctl->slots[index];
	/* Pairs with the release in submit(). */
	if (atomic64_read_acquire(&slot->id) != id) {
		refuse(ctl, STOR_REFUSED_STALE);
		return;
	}
	if (READ_ONCE(slot->chan) != chan) {
		refuse(ctl, STOR_REFUSED_CHANNEL);
		return;
	}
	cmd = READ_ONCE(slot->cmd);
	if (!claim(slot, id)) {
		refuse(ctl, STOR_REFUSED_STALE);
		return;
	}
	finish(ctl, cmd, pkt);
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

/* @pkt is the bus's private copy: the host cannot change it any more. */
static void receive(struct stor_ctl *ctl, struct stor_chan *chan,
		    const struct vmpacket_descriptor *pkt)
{
	const struct vstor_pkt *vstor;
	u32 bytes = hv_pkt_datalen(pkt);
	u64 id = pkt->trans_id;

	switch (vstor_classify(id, hv_pkt_data(pkt), bytes, ctl->pkt_bytes,
			       &vstor)) {
	case VSTOR_RX_IO:
		complete_io(ctl, chan, id, vstor);
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
	bool idle;

	WRITE_ONCE(ctl->draining, true);
	/* Either we see the claim or give_back() sees @draining. */
	smp_mb();
	idle = wait_event_timeout(ctl->drain_wq,
				  io_idle(ctl) || stor_rescinded(ctl), timeout);
	idle = io_idle(ctl);
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
