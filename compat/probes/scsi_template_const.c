// SPDX-License-Identifier: GPL-2.0-only
/* Does scsi_host_alloc() take a const template? (6.4) */
#include <scsi/scsi_host.h>

#ifdef PROBE_NEW
struct Scsi_Host *probe(const struct scsi_host_template *template);
struct Scsi_Host *probe(const struct scsi_host_template *template)
#else
struct Scsi_Host *probe(struct scsi_host_template *template);
struct Scsi_Host *probe(struct scsi_host_template *template)
#endif
{
	return scsi_host_alloc(template, 0);
}
