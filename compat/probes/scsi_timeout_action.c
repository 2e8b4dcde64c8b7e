// SPDX-License-Identifier: GPL-2.0-only
/* Does eh_timed_out return enum scsi_timeout_action? (6.2) */
#include <scsi/scsi_host.h>

#ifdef PROBE_NEW
static enum scsi_timeout_action timed_out(struct scsi_cmnd *cmd)
{
	return SCSI_EH_RESET_TIMER;
}
#else
#include <linux/blkdev.h>

static enum blk_eh_timer_return timed_out(struct scsi_cmnd *cmd)
{
	return BLK_EH_RESET_TIMER;
}
#endif

struct scsi_host_template probe = { .eh_timed_out = timed_out };
