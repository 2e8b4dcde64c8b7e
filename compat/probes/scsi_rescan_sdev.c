// SPDX-License-Identifier: GPL-2.0-only
/* Does scsi_rescan_device() take a SCSI device? (6.6) */
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

void probe(struct scsi_device *sdev);
void probe(struct scsi_device *sdev)
{
#ifdef PROBE_NEW
	scsi_rescan_device(sdev);
#else
	scsi_rescan_device(&sdev->sdev_gendev);
#endif
}
