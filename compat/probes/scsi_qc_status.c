// SPDX-License-Identifier: GPL-2.0-only
/* Does queuecommand return enum scsi_qc_status? (6.19) */
#include <scsi/scsi_host.h>

#ifdef PROBE_NEW
static enum scsi_qc_status queue(struct Scsi_Host *host, struct scsi_cmnd *cmd)
{
	return 0;
}
#else
static int queue(struct Scsi_Host *host, struct scsi_cmnd *cmd)
{
	return 0;
}
#endif

struct scsi_host_template probe = { .queuecommand = queue };
