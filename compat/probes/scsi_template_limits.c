// SPDX-License-Identifier: GPL-2.0-only
/* Has scsi_host_template virt_boundary_mask and max_segment_size? (5.2) */
#include <scsi/scsi_host.h>

#ifdef PROBE_NEW
struct scsi_host_template probe = {
	.virt_boundary_mask = 4095, .max_segment_size = 65536,
};
#else
struct scsi_host_template probe;
#endif
