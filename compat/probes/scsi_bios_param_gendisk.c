// SPDX-License-Identifier: GPL-2.0-only
/* Does bios_param take a gendisk? (6.18) */
#include <scsi/scsi_host.h>

#ifdef PROBE_NEW
static int geometry(struct scsi_device *sdev, struct gendisk *disk,
		    sector_t capacity, int *info)
#else
static int geometry(struct scsi_device *sdev, struct block_device *bdev,
		    sector_t capacity, int *info)
#endif
{
	return 0;
}

struct scsi_host_template probe = { .bios_param = geometry };
