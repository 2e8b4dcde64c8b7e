// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: the receive and the send buffer, which the host reads and writes.
 *
 * Each is lent as a GPADL, then announced by an NVSP message. It is freed only
 * when the host cannot reach it any more; if taking it back fails it is left
 * to the host for good, and counted.
 */
#include <linux/crash_dump.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "net.h"

static int lend(struct nv_card *card, struct nv_buf *buf, u64 bytes,
		u32 limit, struct nvsp_buffer *said)
{
	int ret;

	bytes = PAGE_ALIGN(min_t(u64, bytes, limit));
	buf->mem = vzalloc(bytes);
	if (!buf->mem)
		return -ENOMEM;
	buf->bytes = bytes;
	ret = vmbus_establish_gpadl(card->hdev->channel, buf->mem, bytes,
				    &buf->gpadl);
	if (ret) {
		dev_err(&card->hdev->device, "buffer not lent (%d)\n", ret);
		/* Part of it may be shared still, and must not be used again. */
		if (card->isolated)
			buf_free(card, buf, true);
		return ret;
	}
	atomic64_inc(&nv_leaks.gpadls_made);
	buf->lent = true;
	said->gpadl = buf->gpadl.gpadl_handle;
	said->bytes = bytes;
	return 0;
}

/**
 * buf_lend() - make both buffers and lend them to the host
 * @card: the card; its version is agreed
 *
 * Context: process.
 * Return: 0 or an error; buf_reclaim() and buf_free() are due in any case.
 */
int buf_lend(struct nv_card *card)
{
	const struct nv_config *want = &card->cfg;
	int ret;

	ret = lend(card, &card->recv, (u64)want->recv_sections *
		   NV_RECV_SECTION_BYTES,
		   nvsp_recv_max_bytes(card->nvsp.version), &card->nvsp.recv);
	if (ret)
		return ret;
	return lend(card, &card->send, (u64)want->send_sections *
		    NV_SEND_SECTION_BYTES, NVSP_SEND_MAX_BYTES, &card->nvsp.send);
}

/**
 * buf_defaults() - buffers for a card nobody configured
 * @cfg: recv_sections and send_sections are set
 *
 * Context: any.
 */
void buf_defaults(struct nv_config *cfg)
{
	/* A crash kernel has little memory, and writes one dump. */
	if (is_kdump_kernel()) {
		cfg->recv_sections = 64;
		cfg->send_sections = 10;
		return;
	}
	cfg->recv_sections = (16u << 20) / NV_RECV_SECTION_BYTES;
	cfg->send_sections = (1u << 20) / NV_SEND_SECTION_BYTES;
}

/**
 * buf_reclaim() - take a buffer back from the host
 * @card: the card
 * @buf: one of its buffers
 *
 * Context: process.
 * Return: 0, or an error if the host may still use it.
 */
int buf_reclaim(struct nv_card *card, struct nv_buf *buf)
{
	int ret;

	if (!buf->lent)
		return 0;
	ret = vmbus_teardown_gpadl(card->hdev->channel, &buf->gpadl);
	if (ret)
		return ret;
	buf->lent = false;
	atomic64_inc(&nv_leaks.gpadls_gone);
	return 0;
}

/**
 * buf_free() - free a buffer the host has lost, or leave it to the host
 * @card: the card
 * @buf: the buffer, lent or not
 * @leak: the host may still use it
 *
 * Context: process.
 */
void buf_free(struct nv_card *card, struct nv_buf *buf, bool leak)
{
	if (buf->lent || leak) {
		if (buf->lent)
			atomic64_inc(&nv_leaks.gpadls_gone);
		/* On purpose: better lost than written by somebody else. */
		if (buf->mem) {
			atomic64_inc(&nv_leaks.leaked);
			dev_err(&card->hdev->device,
				"%u bytes stay with the host, which did not give them back\n",
				buf->bytes);
		}
	} else {
		vfree(buf->mem);
	}
	memset(buf, 0, sizeof(*buf));
}
