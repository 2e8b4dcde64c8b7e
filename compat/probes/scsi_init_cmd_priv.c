// SPDX-License-Identifier: GPL-2.0-only
/* Is there scsi_host_template.init_cmd_priv, else that part is cleared each time? (5.7) */
#include <scsi/scsi_host.h>

#ifdef PROBE_NEW
static int first(struct Scsi_Host *shost, struct scsi_cmnd *cmd)
{
	return 0;
}

struct scsi_host_template probe = { .init_cmd_priv = first };
#else
struct scsi_host_template probe;
#endif
