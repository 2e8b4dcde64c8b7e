// SPDX-License-Identifier: GPL-2.0-only
/* Is it scsi_host_template.shost_groups, else shost_attrs? (5.16) */
#include <scsi/scsi_host.h>

#ifdef PROBE_NEW
struct scsi_host_template probe = { .shost_groups = NULL };
#else
struct scsi_host_template probe = { .shost_attrs = NULL };
#endif
