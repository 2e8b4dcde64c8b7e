// SPDX-License-Identifier: GPL-2.0-only
/* Does scsi_host_template.map_queues return nothing, else an int? (6.1) */
#include <scsi/scsi_host.h>

#ifdef PROBE_NEW
static void map(struct Scsi_Host *shost)
{
}
#else
static int map(struct Scsi_Host *shost)
{
	return 0;
}
#endif

struct scsi_host_template probe = { .map_queues = map };
