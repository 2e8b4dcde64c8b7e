// SPDX-License-Identifier: GPL-2.0-only
/* Is there scsi_build_sense(), else scsi_build_sense_buffer() alone? (5.14) */
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_common.h>

void probe(struct scsi_cmnd *cmd);
void probe(struct scsi_cmnd *cmd)
{
#ifdef PROBE_NEW
	scsi_build_sense(cmd, 0, 5, 0x20, 0);
#else
	scsi_build_sense_buffer(0, cmd->sense_buffer, 5, 0x20, 0);
#endif
}
