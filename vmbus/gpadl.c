// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lend guest pages to the host and get them back.
 *
 * Pages are private again only after the host said so (TORNDOWN), or never
 * accepted them. In every other case the caller must not free them: it gets
 * an error and leaks, on purpose and counted.
 */
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <asm/byteorder.h>
#include "chan.h"
#include "conn.h"
#include "gpadl.h"
#include "gpadl_msgs.h"
#include "msg.h"
#include "stats.h"
#include "trace.h"
#include "xact.h"

#define CREATE_MS	30000
#define TEARDOWN_MS	10000
/*
 * The host answers for a rescinded channel, too. On a busy machine that takes
 * a while, and who does not wait gives the pages up for ever.
 */
#define TEARDOWN_RESCINDED_MS	10000

static atomic_t next_id = ATOMIC_INIT(0xe1e10);

static u32 new_id(void)
{
	u32 id;

	do {
		id = atomic_inc_return(&next_id);
	} while (!id);
	return id;
}

static u64 buffer_pfn(void *ctx, u32 hvpage)
{
	return virt_to_hvpfn(ctx + (size_t)hvpage * HV_HYP_PAGE_SIZE);
}

static int post_all(struct chan *chan, struct gpadl_split *split, void *buffer,
		    bool *posted)
{
	u8 msg[VMBUS_MSG_MAX_BYTES] __aligned(8);
	size_t bytes;
	int ret;

	while ((bytes = gpadl_split_next(split, msg, buffer_pfn, buffer))) {
		ret = chan_post(chan, msg, bytes);
		if (!split->bodies)
			trace_vmbus_establish_gpadl_header((void *)msg, ret);
		else
			trace_vmbus_establish_gpadl_body((void *)msg, ret);
		if (ret)
			return ret;
		*posted = true;
	}
	return 0;
}

static int send_teardown(struct chan *chan, u32 id)
{
	struct vmbus_msg_gpadl_teardown msg;
	size_t bytes = msg_build_gpadl_teardown(&msg, chan->relid, id);
	int ret = chan_post(chan, &msg, bytes);

	trace_vmbus_teardown_gpadl(&msg, ret);
	return ret;
}

/* Wait for TORNDOWN; 0 means that the pages are ours again. */
static int take_back(struct chan *chan, u32 id)
{
	struct xact x;
	int ret;

	xact_begin(&x, chan, VMBUS_MSG_GPADL_TORNDOWN, 0, id);
	ret = send_teardown(chan, id);
	if (!ret) {
		ret = xact_wait(&x, TEARDOWN_MS);
		if (ret == -ENODEV)
			ret = xact_wait(&x, TEARDOWN_RESCINDED_MS);
	}
	xact_end(&x);
	return ret;
}

/**
 * gpadl_establish() - lend a buffer to the host
 * @chan:	channel the list belongs to
 * @buffer:	page-aligned kernel memory, physically scattered or not
 * @bytes:	its length
 * @gpadl:	filled in on success; on failure @gpadl->gpadl_handle is not 0
 *		if the host may nevertheless hold the pages
 *
 * Context: Task, sleeps.
 * Return: 0, -ENODEV if the channel was rescinded, or another errno.
 */
int gpadl_establish(struct chan *chan, void *buffer, u32 bytes,
		    struct vmbus_gpadl *gpadl)
{
	struct vmbus_msg_gpadl_created created;
	struct gpadl_split split;
	struct xact x;
	u32 id = new_id();
	bool posted = false;
	bool rescinded;
	int ret;

	memset(gpadl, 0, sizeof(*gpadl));
	ret = gpadl_split_begin(&split, chan->relid, id,
				offset_in_hvpage(buffer), bytes);
	if (ret)
		return ret;

	xact_begin(&x, chan, VMBUS_MSG_GPADL_CREATED, chan->relid, id);
	ret = chan_dead(chan) ? -ENODEV :
	      post_all(chan, &split, buffer, &posted);
	if (ret && !posted) {
		xact_end(&x);
		return ret;
	}
	if (!ret)
		ret = xact_wait(&x, CREATE_MS);
	/* Rescinded: an answer may be on its way, and tells most. */
	rescinded = ret == -ENODEV;
	if (rescinded)
		ret = xact_wait(&x, TEARDOWN_RESCINDED_MS);
	xact_end(&x);

	if (!ret) {
		memcpy(&created, x.reply, sizeof(created));
		if (le32_to_cpu(created.status))
			/* Refused: the pages never left us. */
			return rescinded ? -ENODEV : -EDQUOT;
		gpadl->gpadl_handle = id;
		gpadl->size = bytes;
		gpadl->buffer = buffer;
		stat_made(STAT_GPADLS);
		return 0;
	}

	/* The host may hold a part of the list, or all of it. */
	stat_made(STAT_GPADLS);
	if (take_back(chan, id)) {
		gpadl->gpadl_handle = id;
		gpadl->size = bytes;
		gpadl->buffer = buffer;
		return ret;
	}
	stat_gone(STAT_GPADLS);
	return ret;
}

/**
 * gpadl_teardown() - take a buffer back
 * @chan:	channel the list belongs to
 * @gpadl:	what gpadl_establish() filled in
 *
 * Context: Task, sleeps.
 * Return: 0 if the pages are ours again; otherwise they must never be freed.
 */
int gpadl_teardown(struct chan *chan, struct vmbus_gpadl *gpadl)
{
	int ret;

	if (!gpadl->gpadl_handle)
		return 0;
	ret = take_back(chan, gpadl->gpadl_handle);
	if (ret)
		return ret;
	gpadl->gpadl_handle = 0;
	stat_gone(STAT_GPADLS);
	return 0;
}

/**
 * gpadl_forget() - give a list up for lost: its pages are leaked
 * @gpadl:	list that could not be torn down
 *
 * Context: Any.
 */
void gpadl_forget(struct vmbus_gpadl *gpadl)
{
	if (!gpadl->gpadl_handle)
		return;
	gpadl->gpadl_handle = 0;
	stat_leaked(PFN_UP(gpadl->size));
	stat_gone(STAT_GPADLS);
}
