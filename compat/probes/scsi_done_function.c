// SPDX-License-Identifier: GPL-2.0-only
/* Is there a function scsi_done()? (5.16) */
#include <scsi/scsi_cmnd.h>

void probe(struct scsi_cmnd *cmd);
void probe(struct scsi_cmnd *cmd)
{
#ifdef PROBE_NEW
	scsi_done(cmd);
#else
	cmd->scsi_done(cmd);
#endif
}
