// SPDX-License-Identifier: GPL-2.0-only
/*
 * Protocol versions: their order, what each one brought, and how the answer
 * of the host is to be read. Pure; used by the connection machine and by
 * whoever must know if a message exists in the version agreed upon.
 */
#include <linux/errno.h>
#include <linux/types.h>
#include "msg_wire.h"
#include "version.h"

#define VERSIONS	8

/* Highest first. 0.13 and 1.1 need the shared interrupt page: not spoken. */
static const u32 order[VERSIONS] = {
	VMBUS_V5_3, VMBUS_V5_2, VMBUS_V5_1, VMBUS_V5_0,
	VMBUS_V4_1, VMBUS_V4_0, VMBUS_V3_0, VMBUS_V2_4,
};

/**
 * version_next() - the version to ask for next
 * @tried:	version the host refused last, 0 at the start
 * @ceiling:	highest version allowed, 0 for no limit
 *
 * Context: Any.
 * Return: a version below @tried and not above @ceiling, 0 if none is left.
 */
u32 version_next(u32 tried, u32 ceiling)
{
	unsigned int i;

	for (i = 0; i < VERSIONS; i++) {
		if (tried && order[i] >= tried)
			continue;
		if (ceiling && order[i] > ceiling)
			continue;
		return order[i];
	}
	return 0;
}

/**
 * version_contact_conn_id() - port the first message of a version goes to
 * @version:	version asked for
 *
 * Context: Any.
 * Return: connection id for INITIATE_CONTACT.
 */
u32 version_contact_conn_id(u32 version)
{
	return version >= VMBUS_V5_0 ? VMBUS_CONN_ID_MULTICLIENT :
				       VMBUS_CONN_ID_LEGACY;
}

/**
 * version_has_modify() - can the target of channel interrupts be changed
 * @version:	version agreed upon
 *
 * Context: Any.
 * Return: true if the host knows MODIFYCHANNEL.
 */
bool version_has_modify(u32 version)
{
	return version >= VMBUS_V4_1;
}

/**
 * version_acks_modify() - does the host answer MODIFYCHANNEL
 * @version:	version agreed upon
 *
 * Context: Any.
 * Return: true if each MODIFYCHANNEL gets a response.
 */
bool version_acks_modify(u32 version)
{
	return version >= VMBUS_V5_3;
}

/**
 * version_has_unload() - can the connection be ended cleanly
 * @version:	version agreed upon
 *
 * Context: Any.
 * Return: true if UNLOAD may be sent and will be answered.
 */
bool version_has_unload(u32 version)
{
	return version >= VMBUS_V3_0;
}

/**
 * version_judge() - read the answer to INITIATE_CONTACT
 * @version:	version asked for
 * @supported:	response byte; all others are undefined when it is 0
 * @state:	connection state, defined from 2.4 on
 * @conn_id:	port for all further messages, defined from 5.0 on
 * @use_conn_id: where the port to use is stored, on VERSION_ACCEPTED only
 *
 * A host may know the version and still fail to connect (@state not 0): a
 * lower version may work. A port number is believed only if it can be one.
 *
 * Context: Any.
 * Return: what to do next.
 */
enum version_verdict version_judge(u32 version, u8 supported, u8 state,
				   u32 conn_id, u32 *use_conn_id)
{
	if (!supported)
		return VERSION_LOWER;
	if (version >= VMBUS_V2_4 && state)
		return VERSION_LOWER;
	if (version < VMBUS_V5_0) {
		*use_conn_id = VMBUS_CONN_ID_LEGACY;
		return VERSION_ACCEPTED;
	}
	if (!conn_id || conn_id & ~VMBUS_CONN_ID_MASK)
		return VERSION_INVALID;
	*use_conn_id = conn_id;
	return VERSION_ACCEPTED;
}
