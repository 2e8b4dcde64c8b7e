// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: polled I/O. Who waits for a command takes the answer out of the ring
 * himself, and no interrupt is made.
 *
 * Polled queues come behind the others. Each has a sub-channel to itself,
 * whose host we ask for no signals; there are no more of them than the host
 * grants sub-channels. The reader's side of a channel is one at a time: the bus
 * reads in its tasklet, so whoever polls takes that tasklet's place, or leaves.
 * Bottom halves stay on: up to 6.1 the block layer wants polled I/O to end
 * in a task. Answers nobody polls for are taken by the watch (scan.c), once a
 * second.
 */
#include <linux/blk-mq.h>
#include <linux/interrupt.h>
#include <linux/rcupdate.h>

#include "stor.h"

/**
 * poll_mute() - the host signals no answers on this channel any more
 * @chan: open sub-channel of a polled queue
 *
 * Context: any, reader's side of the channel or nobody on it.
 */
void poll_mute(struct stor_chan *chan)
{
	struct hv_ring_buffer_info *in = &chan->vmc->inbound;

	/* The bus takes the mask away after a signal that came all the same. */
	if (!READ_ONCE(in->ring_buffer->interrupt_mask))
		hv_begin_read(in);
}

/* Answers are there; the bus is kept out. Returns whether it was not in. */
static bool read_alone(struct stor_chan *chan)
{
	struct tasklet_struct *tasklet = &chan->vmc->callback_event;
	bool alone = false;

	if (tasklet_trylock(tasklet)) {
		/* As for a tasklet: not while somebody has it disabled. */
		alone = !atomic_read(&tasklet->count);
		if (alone) {
			poll_mute(chan);
			io_receive(chan);
		}
		tasklet_unlock(tasklet);
	}
	return alone;
}

static bool answers_wait(const struct stor_chan *chan)
{
	const struct hv_ring_buffer *ring = chan->vmc->inbound.ring_buffer;

	return READ_ONCE(ring->write_index) != READ_ONCE(ring->read_index);
}

/**
 * io_poll() - mq_poll: take answers
 * @shost: the SCSI host
 * @number: of the hardware queue
 *
 * Context: task.
 * Return: how many commands ended, about: not 0 if any did.
 */
int io_poll(struct Scsi_Host *shost, unsigned int number)
{
	struct stor_ctl *ctl = shost_priv(shost);
	struct stor_chan *chan;
	int found = 0;

	rcu_read_lock();
	if (READ_ONCE(ctl->gate) == STOR_GATE_OPEN) {
		chan = poll_chan(ctl, &ctl->queues[number]);
		if (chan->polled && answers_wait(chan))
			found = read_alone(chan);
	}
	rcu_read_unlock();
	return found;
}

/**
 * poll_all() - take what nobody polled for
 * @ctl: the controller
 * @draining: the caller keeps the channels open, else the gate does
 *
 * Context: task.
 */
void poll_all(struct stor_ctl *ctl, bool draining)
{
	u32 i, nr = 0;

	rcu_read_lock();
	if (draining || READ_ONCE(ctl->gate) == STOR_GATE_OPEN) {
		/* Pairs with publish(). */
		nr = smp_load_acquire(&ctl->nr_chans);
	}
	for (i = 1; i < nr && i <= ctl->poll_queues; i++)
		if (!READ_ONCE(ctl->chans[i].dead) &&
		    answers_wait(&ctl->chans[i]))
			read_alone(&ctl->chans[i]);
	rcu_read_unlock();
}

/**
 * poll_map_queues() - map_queues: which CPU uses which hardware queue
 * @shost: the SCSI host
 *
 * Context: task.
 */
void poll_map_queues(struct Scsi_Host *shost)
{
	struct stor_ctl *ctl = shost_priv(shost);
	struct blk_mq_queue_map *map = shost->tag_set.map;
	u32 plain = shost->nr_hw_queues - ctl->poll_queues;

	/* Also what a crash kernel makes of us, whatever we asked for. */
	if (shost->tag_set.nr_maps == 1) {
		blk_mq_map_queues(&map[HCTX_TYPE_DEFAULT]);
		return;
	}
	map[HCTX_TYPE_DEFAULT].nr_queues = plain;
	map[HCTX_TYPE_DEFAULT].queue_offset = 0;
	blk_mq_map_queues(&map[HCTX_TYPE_DEFAULT]);
	map[HCTX_TYPE_READ].nr_queues = 0;
	map[HCTX_TYPE_POLL].nr_queues = ctl->poll_queues;
	map[HCTX_TYPE_POLL].queue_offset = plain;
	blk_mq_map_queues(&map[HCTX_TYPE_POLL]);
}
