// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: the channels of a controller. Opens the primary, runs the handshake
 * (vstor_fsm.c) over it, opens each sub-channel the host then offers, keeps
 * the CPU -> channel map (steer.c), closes everything.
 *
 * Process context. Lock order: setup, then chan_lock. The bus may call
 * sub_offered() and cpu_changed() at any time while the primary is open, so
 * nothing here calls vmbus_close() with a lock held.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/slab.h>
#include <linux/topology.h>

#include "stor.h"

/* Bigger than any packet we know: a longer one is cut, never overruns. */
#define MAX_PKT_BYTES	4096

/* How often a wait looks whether the channel was rescinded. */
#define LOOK_INTERVAL	(HZ / 10)

/* Steering */

/* Recompute who sends where. */
static void resteer(struct stor_ctl *ctl)
{
	struct stor_chan *chan;
	unsigned long flags;
	u32 i;

	spin_lock_irqsave(&ctl->chan_lock, flags);
	for (i = 0; i < ctl->nr_chans; i++) {
		chan = &ctl->chans[i];
		ctl->steer[i].cpu = READ_ONCE(chan->vmc->target_cpu);
		ctl->steer[i].node = cpu_to_node(ctl->steer[i].cpu);
		ctl->steer[i].usable = !chan->dead && !chan->polled;
	}
	steer_build(ctl->steer, ctl->nr_chans, ctl->cpu_node, nr_cpu_ids,
		    ctl->map);
	for (i = 0; i < nr_cpu_ids; i++) {
		chan = &ctl->chans[ctl->map[i] == STEER_NONE ? 0 : ctl->map[i]];
		WRITE_ONCE(ctl->cpu_chan[i], chan);
	}
	spin_unlock_irqrestore(&ctl->chan_lock, flags);
}

/* Somebody moved a channel's interrupt to another CPU. */
static void cpu_changed(struct vmbus_channel *vmc, u32 old, u32 new)
{
	struct stor_ctl *ctl;

	ctl = stor_get(vmc->primary_channel ? vmc->primary_channel : vmc);
	if (!ctl)
		return;
	resteer(ctl);
	stor_put(ctl);
}

/* Opening and closing */

static int open_chan(struct stor_chan *chan)
{
	static const struct vstor_props user_data;
	struct vmbus_channel *vmc = chan->vmc;
	int ret;

	vmc->max_pkt_size = MAX_PKT_BYTES;
	vmc->change_target_cpu_callback = cpu_changed;
	ret = vmbus_open(vmc, stor_ring_bytes, stor_ring_bytes,
			 (void *)&user_data, sizeof(user_data), io_receive,
			 chan);
	if (ret)
		return ret;
	atomic64_inc(&stor_leaks.chans_made);
	if (chan->polled)
		poll_mute(chan);
	return 0;
}

/* Make an open channel one of those commands go out on. */
static void publish(struct stor_ctl *ctl, struct stor_chan *chan)
{
	/* The channel before its number; pairs with chan_bury_dead(). */
	smp_store_release(&ctl->nr_chans, chan->index + 1);
	resteer(ctl);
}

static struct stor_chan *next_chan(struct stor_ctl *ctl,
				   struct vmbus_channel *vmc)
{
	struct stor_chan *chan = &ctl->chans[ctl->nr_chans];

	chan->ctl = ctl;
	chan->vmc = vmc;
	chan->index = ctl->nr_chans;
	chan->dead = false;
	chan->polled = chan->index && chan->index <= ctl->poll_queues;
	return chan;
}

static void open_sub(struct stor_ctl *ctl, struct vmbus_channel *vmc)
{
	struct stor_chan *chan;
	int ret;

	/* Not while closing, and not more than we asked for. */
	if (ctl->fsm.state != VSTOR_READY || ctl->removing)
		return;
	if (ctl->nr_chans > ctl->fsm.subs || ctl->nr_chans >= ctl->max_chans) {
		stor_warn(ctl, "more sub-channels offered than requested\n");
		return;
	}
	chan = next_chan(ctl, vmc);
	ret = open_chan(chan);
	if (ret) {
		stor_err(ctl, "sub-channel not opened (%d), going on without\n",
			 ret);
		return;
	}
	publish(ctl, chan);
}

/* The bus: a sub-channel of ours was offered. */
static void sub_offered(struct vmbus_channel *vmc)
{
	struct stor_ctl *ctl = stor_get(vmc->primary_channel);

	if (!ctl)
		return;
	mutex_lock(&ctl->setup);
	open_sub(ctl, vmc);
	mutex_unlock(&ctl->setup);
	stor_put(ctl);
}

/* Control requests */

/* Put it into the ring; a full one gets time to empty. */
static int send_control(struct stor_ctl *ctl, struct vstor_pkt *pkt, u64 id,
			unsigned long deadline)
{
	struct vmbus_channel *vmc = ctl->chans[0].vmc;
	int ret;

	for (;;) {
		ret = vmbus_sendpacket(vmc, pkt, ctl->pkt_bytes, id,
				       VM_PKT_DATA_INBAND,
				       VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED);
		if (ret != -EAGAIN || READ_ONCE(vmc->rescind) ||
		    time_after(jiffies, deadline))
			return ret;
		msleep(20);
	}
}

/*
 * The bus tells a driver about a rescind by removing the device, and that
 * waits for us: so look from time to time.
 */
static int await(struct stor_ctl *ctl, unsigned long deadline)
{
	struct stor_xact *xact = &ctl->xact;

	for (;;) {
		if (wait_for_completion_timeout(&xact->done, LOOK_INTERVAL))
			return 0;
		if (READ_ONCE(ctl->chans[0].vmc->rescind))
			return -ENODEV;
		if (time_after(jiffies, deadline))
			return -ETIMEDOUT;
	}
}

/* Send a request on the primary and wait for the answer, in xact.reply. */
static int transact(struct stor_ctl *ctl, u32 op, u16 arg,
		    unsigned long timeout)
{
	struct stor_xact *xact = &ctl->xact;
	unsigned long deadline = jiffies + timeout;
	struct vstor_pkt pkt;
	u64 id;
	int ret;

	lockdep_assert_held(&ctl->setup);
	vstor_build_control(&pkt, op, arg);
	/* A number of its own, so that a late answer meets nobody else. */
	id = VSTOR_ID_CONTROL | ++xact->serial;
	reinit_completion(&xact->done);
	/* Pairs with the compare-and-exchange in complete_control(). */
	atomic64_set_release(&xact->id, id);

	ret = send_control(ctl, &pkt, id, deadline);
	if (!ret)
		ret = await(ctl, deadline);
	if (ret && atomic64_cmpxchg(&xact->id, id, 0) != id) {
		/* The answer is being delivered this very moment. */
		wait_for_completion(&xact->done);
		ret = 0;
	}
	return ret;
}

/**
 * chan_request() - one control request of a working controller
 * @ctl: the controller
 * @op: VSTOR_OP_*
 * @arg: see vstor_build_control()
 * @timeout: in jiffies
 *
 * Context: process.
 * Return: 0; -ETIMEDOUT, -ENODEV or another error without an answer; -EIO
 *	   when the host refuses.
 */
int chan_request(struct stor_ctl *ctl, u32 op, u16 arg, unsigned long timeout)
{
	int ret = -ENODEV;

	mutex_lock(&ctl->setup);
	if (ctl->fsm.state == VSTOR_READY)
		ret = transact(ctl, op, arg, timeout);
	if (!ret && ctl->xact.reply.status)
		ret = -EIO;
	mutex_unlock(&ctl->setup);
	return ret;
}

/* Handshake */

static enum vstor_event ask_host(struct stor_ctl *ctl)
{
	int ret;

	ctl->pkt_bytes = vstor_pkt_bytes(ctl->fsm.version);
	ret = transact(ctl, ctl->fsm.op, ctl->fsm.arg, STOR_TIMEOUT_S * HZ);
	switch (ret) {
	case 0:
		return ctl->xact.reply.status ? VSTOR_EV_REFUSED :
						VSTOR_EV_ACCEPTED;
	case -ETIMEDOUT:
		return VSTOR_EV_SILENCE;
	default:
		return VSTOR_EV_GONE;
	}
}

static int explain(struct stor_ctl *ctl)
{
	struct device *dev = &ctl->hdev->device;

	switch (ctl->fsm.why) {
	case VSTOR_WHY_REFUSED:
		dev_err(dev, "host refused request %u (status 0x%x)\n",
			ctl->fsm.op, le32_to_cpu(ctl->xact.reply.status));
		return -EIO;
	case VSTOR_WHY_VERSION:
		dev_err(dev, "no protocol version in common with the host\n");
		return -EPROTONOSUPPORT;
	case VSTOR_WHY_TRANSFER:
		dev_err(dev, "host takes no transfers of a page\n");
		return -EPROTO;
	case VSTOR_WHY_SILENCE:
		dev_err(dev, "no answer to request %u\n", ctl->fsm.op);
		return -ETIMEDOUT;
	case VSTOR_WHY_GONE:
		dev_info(dev, "channel gone during initialisation\n");
		return -ENODEV;
	case VSTOR_WHY_NONE:
	case VSTOR_WHY_MISUSE:
		break;
	}
	return -EPROTO;
}

static int handshake(struct stor_ctl *ctl)
{
	enum vstor_event event = VSTOR_EV_OPEN;
	enum vstor_do todo;

	do {
		todo = vstor_fsm_step(&ctl->fsm, event, &ctl->xact.reply);
		if (todo == VSTOR_DO_SEND)
			event = ask_host(ctl);
	} while (todo == VSTOR_DO_SEND);
	if (todo != VSTOR_DO_START)
		return explain(ctl);
	ctl->version = ctl->fsm.version;
	vstor_forms_init(&ctl->forms, ctl->version, ctl->shost->host_no,
			 VSTOR_QUEUE_SIMPLE);
	return 0;
}

/**
 * chan_connect() - open the primary and get the controller ready
 * @ctl: the controller, without channels
 *
 * Sub-channels follow by themselves when the host offers them.
 *
 * Context: process.
 * Return: 0 or an error, then nothing is open.
 */
int chan_connect(struct stor_ctl *ctl)
{
	struct vmbus_channel *vmc = ctl->hdev->channel;
	struct stor_chan *chan;
	int ret;

	mutex_lock(&ctl->setup);
	vmbus_set_sc_create_callback(vmc, sub_offered);
	chan = next_chan(ctl, vmc);
	ret = open_chan(chan);
	if (ret) {
		mutex_unlock(&ctl->setup);
		dev_err(&ctl->hdev->device, "channel not opened (%d)\n", ret);
		return ret;
	}
	publish(ctl, chan);
	ret = handshake(ctl);
	mutex_unlock(&ctl->setup);
	if (ret)
		chan_disconnect(ctl);
	return ret;
}

/**
 * chan_disconnect() - close all channels
 * @ctl: the controller; its gate is closed
 *
 * On return the host has no access to any memory of ours. Commands it still
 * owned are for io_reap().
 *
 * Context: process.
 */
void chan_disconnect(struct stor_ctl *ctl)
{
	struct vmbus_channel *vmc = ctl->hdev->channel;
	u32 nr;

	mutex_lock(&ctl->setup);
	vstor_fsm_step(&ctl->fsm, VSTOR_EV_CLOSE, NULL);
	nr = ctl->nr_chans;
	mutex_unlock(&ctl->setup);
	if (!nr)
		return;

	/* From here on sub_offered() opens nothing. */
	vmbus_set_sc_create_callback(vmc, NULL);
	vmc->change_target_cpu_callback = NULL;
	vmbus_close(vmc);	/* sub-channels first, then this one */

	mutex_lock(&ctl->setup);
	ctl->nr_chans = 0;
	mutex_unlock(&ctl->setup);
	atomic64_add(nr, &stor_leaks.chans_gone);
}

/* The bus has stopped the callback before it told us of the rescind. */
static void last_look(struct stor_chan *chan)
{
	if (!READ_ONCE(chan->vmc->onchannel_callback))
		io_receive(chan);
}

/**
 * chan_bury_dead() - deal with rescinded channels
 * @ctl: the controller
 *
 * Answers that are still in a dead ring are taken; the other commands sent
 * there end: to be retried on another channel if only a sub-channel is gone,
 * with an error if the controller is.
 *
 * Context: process.
 * Return: true when the controller itself is gone.
 */
bool chan_bury_dead(struct stor_ctl *ctl)
{
	bool gone = stor_rescinded(ctl);
	u32 i, nr;

	/* Pairs with publish(). */
	nr = smp_load_acquire(&ctl->nr_chans);

	if (gone) {
		io_gate(ctl, STOR_GATE_DEAD);
		for (i = 0; i < nr; i++)
			last_look(&ctl->chans[i]);
		io_reap(ctl, NULL, DID_NO_CONNECT);
		wake_up_all(&ctl->drain_wq);
		return true;
	}
	for (i = 1; i < nr; i++) {
		struct stor_chan *chan = &ctl->chans[i];

		if (!READ_ONCE(chan->vmc->rescind))
			continue;
		if (!chan->dead) {
			stor_err(ctl, "sub-channel %u rescinded\n", i);
			chan->dead = true;
			resteer(ctl);
			/* Nobody sends there any more after this. */
			synchronize_rcu();
			last_look(chan);
		}
		io_reap(ctl, chan, DID_RESET);
	}
	return false;
}

/**
 * chans_alloc() - room for the channels of a controller
 * @ctl: the controller
 *
 * Context: process.
 * Return: 0 or -ENOMEM, see chans_free().
 */
int chans_alloc(struct stor_ctl *ctl)
{
	u32 cpus = num_online_cpus();
	u32 cpu;

	ctl->max_chans = ctl->variant->multi_channel ?
			 min_t(u32, cpus + ctl->poll_queues, STEER_MAX_CHANS) :
			 1;
	ctl->chans = kcalloc(ctl->max_chans, sizeof(*ctl->chans), GFP_KERNEL);
	ctl->steer = kcalloc(ctl->max_chans, sizeof(*ctl->steer), GFP_KERNEL);
	ctl->cpu_chan = kcalloc(nr_cpu_ids, sizeof(*ctl->cpu_chan), GFP_KERNEL);
	ctl->cpu_node = kcalloc(nr_cpu_ids, sizeof(*ctl->cpu_node), GFP_KERNEL);
	ctl->map = kcalloc(nr_cpu_ids, sizeof(*ctl->map), GFP_KERNEL);
	if (!ctl->chans || !ctl->steer || !ctl->cpu_chan || !ctl->cpu_node ||
	    !ctl->map)
		return -ENOMEM;
	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		ctl->cpu_node[cpu] = cpu_possible(cpu) ? cpu_to_node(cpu) :
							 NUMA_NO_NODE;
	return 0;
}

/**
 * chans_free() - undo chans_alloc(), also half of it
 * @ctl: the controller
 *
 * Context: process.
 */
void chans_free(struct stor_ctl *ctl)
{
	kfree(ctl->map);
	kfree(ctl->cpu_node);
	kfree(ctl->cpu_chan);
	kfree(ctl->steer);
	kfree(ctl->chans);
}
