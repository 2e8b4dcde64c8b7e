// SPDX-License-Identifier: GPL-2.0-only
/* Is there scsi_host_template.device_configure with queue limits? (6.10 to 6.13) */
#include <scsi/scsi_host.h>

#ifdef PROBE_NEW
static int configure(struct scsi_device *sdev, struct queue_limits *lim)
{
	return 0;
}

struct scsi_host_template probe = { .device_configure = configure };
#else
struct scsi_host_template probe;
#endif
