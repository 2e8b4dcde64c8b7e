// SPDX-License-Identifier: GPL-2.0-only
/*
 * Version negotiation of the integration components: the host lists
 * framework and message versions, we keep the best pair both sides know and
 * turn the request into its own answer.
 *
 * Pure. Called by the service drivers on their private copy of a packet.
 */
#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>
#include "ic_negotiate.h"
#include "ic_wire.h"

static int as_number(const struct ic_ver *v)
{
	return (u32)le16_to_cpu(v->major) << 16 | le16_to_cpu(v->minor);
}

/* The first of @ours, best first, that is among @theirs; -1 if none is. */
static int pick(const int *ours, int our_count, const struct ic_ver *theirs,
		u32 their_count)
{
	int i;
	u32 k;

	for (i = 0; i < our_count; i++) {
		for (k = 0; k < their_count; k++) {
			if (ours[i] == as_number(&theirs[k]))
				return ours[i];
		}
	}
	return -1;
}

static void put_version(struct ic_ver *v, int number)
{
	v->major = cpu_to_le16((u32)number >> 16);
	v->minor = cpu_to_le16(number & 0xffff);
}

static bool refuse(struct ic_nego *n)
{
	n->frameworks = 0;
	n->messages = 0;
	return false;
}

/**
 * ic_negotiate() - choose versions and write the answer over the request
 * @payload:	packet payload from the pipe header on; edited in place
 * @bytes:	its length
 * @frameworks:	framework versions we know, best first, major << 16 | minor
 * @framework_count: their number
 * @messages:	message versions we know, best first
 * @message_count: their number
 * @framework:	chosen framework version, or 0; may be NULL
 * @message:	chosen message version, or 0; may be NULL
 *
 * Counts out of range or beyond the packet, and lists without a common
 * version, are answered with zero counts: the host then gives up.
 *
 * Context: Any.
 * Return: true if a version of both kinds was chosen.
 */
bool ic_negotiate(void *payload, u32 bytes,
		  const int *frameworks, int framework_count,
		  const int *messages, int message_count,
		  int *framework, int *message)
{
	struct ic_hdr *hdr = payload + sizeof(struct ic_pipe_hdr);
	struct ic_nego *nego = payload + IC_HDR_BYTES;
	int fw, msg;
	u32 theirs_fw, theirs_msg;
	u64 need;

	if (framework)
		*framework = 0;
	if (message)
		*message = 0;
	if (bytes < IC_NEGO_MIN_BYTES)
		return false;
	hdr->bytes = cpu_to_le16(IC_NEGO_ANSWER_BYTES);

	theirs_fw = le16_to_cpu(nego->frameworks);
	theirs_msg = le16_to_cpu(nego->messages);
	need = IC_NEGO_MIN_BYTES +
	       ((u64)theirs_fw + theirs_msg) * sizeof(struct ic_ver);
	if (!theirs_fw || !theirs_msg || theirs_fw > IC_VERSIONS_MAX ||
	    theirs_msg > IC_VERSIONS_MAX || need > bytes)
		return refuse(nego);

	fw = pick(frameworks, framework_count, nego->ver, theirs_fw);
	msg = pick(messages, message_count, nego->ver + theirs_fw, theirs_msg);
	if (fw < 0 || msg < 0)
		return refuse(nego);

	nego->frameworks = cpu_to_le16(1);
	nego->messages = cpu_to_le16(1);
	put_version(&nego->ver[0], fw);
	put_version(&nego->ver[1], msg);
	if (framework)
		*framework = fw;
	if (message)
		*message = msg;
	return true;
}
