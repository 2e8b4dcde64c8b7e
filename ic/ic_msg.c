// SPDX-License-Identifier: GPL-2.0-only
/*
 * The framing every integration service has: what a packet is, and how it is
 * turned into its own answer.
 *
 * Pure. Called on a private copy of the packet, from the pipe header on.
 */
#include <linux/minmax.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>

#include "ic_msg.h"
#include "../vmbus/ic_negotiate.h"

/**
 * ic_classify() - what has the host sent?
 * @pkt: the packet from the pipe header on
 * @bytes: its length, rounded up to 8 as the ring does
 * @type: message type of the service
 *
 * Context: any.
 * Return: the kind; only for IC_SHORT may the header not be touched.
 */
enum ic_kind ic_classify(const void *pkt, u32 bytes, u16 type)
{
	const struct ic_pipe_hdr *pipe = pkt;
	const struct ic_hdr *hdr;
	u16 got;

	if (bytes < IC_HDR_BYTES)
		return IC_SHORT;
	hdr = (const struct ic_hdr *)(pipe + 1);
	got = le16_to_cpu(hdr->type);
	/* Its lengths do not matter: the counts in it are checked. */
	if (got == IC_TYPE_NEGOTIATE)
		return IC_NEGOTIATION;
	if (le32_to_cpu(pipe->bytes) > bytes - sizeof(*pipe) ||
	    le16_to_cpu(hdr->bytes) > bytes - IC_HDR_BYTES)
		return IC_BAD_LENGTH;
	return got == type ? IC_REQUEST : IC_FOREIGN;
}

/**
 * ic_seal() - make a packet its own answer
 * @pkt: the packet, not IC_SHORT
 * @bytes: its length
 * @status: result
 *
 * Lengths that lied are cut to the packet; no flag of the host comes back.
 *
 * Context: any.
 */
void ic_seal(void *pkt, u32 bytes, u32 status)
{
	struct ic_pipe_hdr *pipe = pkt;
	struct ic_hdr *hdr = (struct ic_hdr *)(pipe + 1);

	pipe->bytes = cpu_to_le32(min_t(u32, le32_to_cpu(pipe->bytes),
					bytes - sizeof(*pipe)));
	hdr->bytes = cpu_to_le16(min_t(u32, le16_to_cpu(hdr->bytes),
				       bytes - IC_HDR_BYTES));
	hdr->status = cpu_to_le32(status);
	hdr->flags = IC_FLAG_TRANSACTION | IC_FLAG_RESPONSE;
	memset(hdr->reserved, 0, sizeof(hdr->reserved));
}

/**
 * ic_agree() - answer a negotiation
 * @pkt: the packet, IC_NEGOTIATION; becomes the answer
 * @bytes: its length
 * @frameworks: versions we know, best first
 * @framework_count: how many
 * @messages: the same for messages
 * @message_count: how many
 * @framework: version chosen, 0 for none
 * @message: version chosen, 0 for none
 *
 * Context: any.
 * Return: true if versions of both kinds were chosen.
 */
bool ic_agree(void *pkt, u32 bytes, const int *frameworks, int framework_count,
	      const int *messages, int message_count,
	      int *framework, int *message)
{
	bool ok;

	ok = ic_negotiate(pkt, bytes, frameworks, framework_count, messages,
			  message_count, framework, message);
	ic_seal(pkt, bytes, IC_OK);
	return ok;
}
