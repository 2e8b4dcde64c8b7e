// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: commands that take long, and the way back when the host has lost one.
 *
 * The host promises to answer every command and cannot abort any, so a late
 * answer is normal: storage behind it may stall for minutes. Only a command
 * that stayed unanswered for several timeouts counts as lost. Then, for the
 * whole controller: ask the host to reset, wait for what is outstanding, and
 * if that does not help close the channels (after that the host has no access
 * to our memory), open them again and let the commands be retried. Nothing
 * is ever completed while the host may still write its data.
 */
#include <linux/jiffies.h>

#include "stor.h"

#ifdef HAVE_SCSI_TIMEOUT_ACTION
#define EH_AGAIN	SCSI_EH_RESET_TIMER
#define EH_ESCALATE	SCSI_EH_NOT_HANDLED
#else
#include <linux/blkdev.h>
#define EH_AGAIN	BLK_EH_RESET_TIMER
#define EH_ESCALATE	BLK_EH_DONE
#endif

/**
 * eh_timed_out() - a command's timer ran out
 * @cmd: the command
 *
 * Context: process (block layer's timeout work).
 * Return: wait once more, or begin error handling.
 */
TIMEOUT_ACTION eh_timed_out(struct scsi_cmnd *cmd)
{
	struct stor_ctl *ctl = shost_priv(cmd->device->host);
	struct stor_req *req = scsi_cmd_priv(cmd);

	/* If a channel is gone, the watch ends what was sent there. */
	mod_delayed_work(stor_wq, &ctl->watch, 0);
	if (READ_ONCE(ctl->gate) == STOR_GATE_DEAD)
		return EH_AGAIN;
	if (!stor_lost_after)
		return EH_AGAIN;
	/* While others wait for recovery there is no use in waiting longer. */
	if (scsi_host_in_recovery(ctl->shost) ||
	    ++req->silences >= stor_lost_after)
		return EH_ESCALATE;
	stor_warn(ctl, "%u:%u:%llu cmd 0x%02x: no answer yet\n",
		  cmd->device->channel, cmd->device->id, cmd->device->lun,
		  cmd->cmnd[0]);
	return EH_AGAIN;
}

/* New channels, a new handshake; every outstanding command is taken back. */
static int restart(struct stor_ctl *ctl)
{
	int ret;

	dev_warn(&ctl->hdev->device, "host lost commands: reconnecting\n");
	io_gate(ctl, STOR_GATE_HOLD);
	chan_disconnect(ctl);
	io_reap(ctl, NULL, DID_RESET);
	ret = chan_connect(ctl);
	if (ret) {
		io_gate(ctl, STOR_GATE_DEAD);
		return ret;
	}
	io_gate(ctl, STOR_GATE_OPEN);
	return 0;
}

/**
 * eh_host_reset() - get every outstanding command back
 * @cmd: one of them; from user space (sg_reset) a made-up one
 *
 * Context: process: the error handler's thread, no new commands go out.
 * Return: SUCCESS or FAILED. After SUCCESS the host owns no command.
 */
int eh_host_reset(struct scsi_cmnd *cmd)
{
	struct stor_ctl *ctl = shost_priv(cmd->device->host);
	int ret;

	if (stor_rescinded(ctl)) {
		chan_bury_dead(ctl);
		return SUCCESS;
	}
	ret = chan_request(ctl, VSTOR_OP_RESET_BUS, cmd->device->channel,
			   STOR_DRAIN_S * HZ);
	if (!ret && io_drain(ctl, STOR_DRAIN_S * HZ))
		return SUCCESS;
	if (stor_rescinded(ctl)) {
		chan_bury_dead(ctl);
		return SUCCESS;
	}
	/* A reset asked for from user space does not justify more. */
	if (ctl->shost->shost_state != SHOST_RECOVERY)
		return FAILED;
	return restart(ctl) ? FAILED : SUCCESS;
}
