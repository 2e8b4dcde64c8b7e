// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: what is different for synthetic Fibre Channel. The host names our
 * port in the handshake (vstor_fsm.c); here that name reaches the transport
 * class, so that multipath and by-path names find it, behind one dummy
 * remote port.
 */
#include "stor.h"

#include <scsi/scsi_transport_fc.h>
#include <scsi/scsi_transport.h>

static struct fc_function_template functions = {
	.show_host_node_name = 1,
	.show_host_port_name = 1,
};

static struct scsi_transport_template *transport;

/**
 * fc_start() - once, at module init
 *
 * Context: process.
 * Return: 0 or -ENODEV.
 */
int fc_start(void)
{
	transport = fc_attach_transport(&functions);
	return transport ? 0 : -ENODEV;
}

/**
 * fc_stop() - undo fc_start()
 *
 * Context: process.
 */
void fc_stop(void)
{
	fc_release_transport(transport);
}

/**
 * fc_prepare() - before scsi_add_host()
 * @ctl: a Fibre Channel controller
 *
 * Context: process.
 */
void fc_prepare(struct stor_ctl *ctl)
{
	ctl->shost->transportt = transport;
}

/**
 * fc_add() - after scsi_add_host()
 * @ctl: a Fibre Channel controller
 *
 * Context: process.
 */
void fc_add(struct stor_ctl *ctl)
{
	const struct vstor_wwn *wwn = &ctl->fsm.wwn;
	struct fc_rport_identifiers ids = {
		.roles = FC_PORT_ROLE_FCP_DUMMY_INITIATOR,
	};
	bool primary = wwn->primary_active;

	fc_host_node_name(ctl->shost) =
		wwn_to_u64(primary ? wwn->primary_node : wwn->secondary_node);
	fc_host_port_name(ctl->shost) =
		wwn_to_u64(primary ? wwn->primary_port : wwn->secondary_port);
	ctl->rport = fc_remote_port_add(ctl->shost, 0, &ids);
	if (!ctl->rport)
		dev_warn(&ctl->hdev->device, "no remote port\n");
}

/**
 * fc_remove() - before scsi_remove_host()
 * @ctl: a Fibre Channel controller
 *
 * Context: process.
 */
void fc_remove(struct stor_ctl *ctl)
{
	if (ctl->rport)
		fc_remote_port_delete(ctl->rport);
	ctl->rport = NULL;
	fc_remove_host(ctl->shost);
}
