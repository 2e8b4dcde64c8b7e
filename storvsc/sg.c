// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: a command's data, mapped for DMA and written down as the one GPA
 * range that goes with it. Called by io.c from queuecommand (atomic).
 *
 * Transfers of up to 256 KiB use the room in struct stor_req. Longer ones
 * allocate; when memory is short one spare descriptor per controller keeps
 * things moving, because its command's completion restarts the others.
 */
#include <linux/bitops.h>
#include <linux/slab.h>

#include "stor.h"

/* Header of the descriptor up to the frame numbers. */
#define DESC_HEAD	offsetof(struct vmbus_packet_mpb_array, range.pfn_array)

static_assert(DESC_HEAD == 4 * sizeof(u64));

static u32 desc_bytes(u32 frames)
{
	return DESC_HEAD + frames * sizeof(u64);
}

/**
 * sg_desc() - the packet descriptor of a mapped command
 * @req: the command's request data
 *
 * Context: any.
 * Return: the descriptor, @req->desc_bytes long.
 */
struct vmbus_packet_mpb_array *sg_desc(struct stor_req *req)
{
	return req->big ? req->big : (void *)req->desc;
}

static void put_big(struct stor_ctl *ctl, struct stor_req *req)
{
	if (!req->big)
		return;
	if (req->big == ctl->spare)
		clear_bit_unlock(0, &ctl->spare_busy);
	else
		kfree(req->big);
	req->big = NULL;
	atomic64_inc(&stor_leaks.descs_gone);
}

static int get_desc(struct stor_ctl *ctl, struct stor_req *req, u32 frames)
{
	req->desc_bytes = desc_bytes(frames);
	if (likely(frames <= STOR_INLINE_FRAMES))
		return 0;
	if (frames > STOR_MAX_FRAMES)
		return -E2BIG;
	req->big = kmalloc(req->desc_bytes, GFP_ATOMIC | __GFP_NOWARN);
	if (!req->big && !test_and_set_bit_lock(0, &ctl->spare_busy))
		req->big = ctl->spare;
	if (!req->big)
		return -ENOMEM;
	atomic64_inc(&stor_leaks.descs_made);
	return 0;
}

static int fill(struct scsi_cmnd *cmd, struct stor_req *req, u32 frames,
		int nents)
{
	struct vmbus_packet_mpb_array *desc = sg_desc(req);
	struct vstor_range range;
	struct scatterlist *sg;
	int i, ret;

	vstor_range_init(&range, desc->range.pfn_array, frames,
			 scsi_bufflen(cmd));
	scsi_for_each_sg(cmd, sg, nents, i) {
		ret = vstor_range_add(&range, sg_dma_address(sg),
				      sg_dma_len(sg));
		if (ret)
			return ret;
	}
	ret = vstor_range_end(&range);
	if (ret)
		return ret;
	desc->reserved = 0;
	desc->rangecount = 1;
	desc->range.len = scsi_bufflen(cmd);
	desc->range.offset = range.offset;
	return 0;
}

/**
 * sg_map() - map a command's data and describe it
 * @ctl: the controller
 * @cmd: a command
 * @req: its request data
 *
 * Context: atomic.
 * Return: 0; -ENOMEM to try again later; another error when the memory can
 *	   not be described to the host. Nothing is held after an error.
 */
int sg_map(struct stor_ctl *ctl, struct scsi_cmnd *cmd, struct stor_req *req)
{
	u32 frames;
	int nents, ret;

	if (!scsi_bufflen(cmd))
		return 0;
	nents = scsi_dma_map(cmd);
	if (nents <= 0)
		return -ENOMEM;
	frames = vstor_range_frames(sg_dma_address(scsi_sglist(cmd)) &
				    (VSTOR_FRAME_BYTES - 1), scsi_bufflen(cmd));
	ret = get_desc(ctl, req, frames);
	if (ret)
		goto err_unmap;
	ret = fill(cmd, req, frames, nents);
	if (ret)
		goto err_put_desc;
	req->mapped = true;
	return 0;

err_put_desc:
	put_big(ctl, req);
err_unmap:
	scsi_dma_unmap(cmd);
	return ret;
}

/**
 * sg_unmap() - undo sg_map()
 * @ctl: the controller
 * @cmd: a command the host does not own (any more), mapped or not
 * @req: its request data
 *
 * Context: atomic.
 */
void sg_unmap(struct stor_ctl *ctl, struct scsi_cmnd *cmd,
	      struct stor_req *req)
{
	if (!req->mapped)
		return;
	req->mapped = false;
	put_big(ctl, req);
	scsi_dma_unmap(cmd);
}

/**
 * sg_spare_alloc() - the spare descriptor of a controller
 * @ctl: the controller, its longest transfer known
 *
 * Context: process. Freed by stor_free() in main.c.
 * Return: 0 or -ENOMEM.
 */
int sg_spare_alloc(struct stor_ctl *ctl)
{
	u32 frames = vstor_range_frames(VSTOR_FRAME_BYTES - 1,
					ctl->max_transfer);

	if (frames <= STOR_INLINE_FRAMES)
		return 0;
	ctl->spare = kmalloc(desc_bytes(frames), GFP_KERNEL);
	return ctl->spare ? 0 : -ENOMEM;
}
