// SPDX-License-Identifier: GPL-2.0-only
/* Is it scsi_host_template.sdev_configure, else device_ or slave_configure? (6.14) */
#include <scsi/scsi_host.h>

#ifdef PROBE_NEW
static int configure(struct scsi_device *sdev, struct queue_limits *lim)
{
	return 0;
}

struct scsi_host_template probe = { .sdev_configure = configure };
#else
static int configure(struct scsi_device *sdev)
{
	return 0;
}

struct scsi_host_template probe = { .slave_configure = configure };
#endif
