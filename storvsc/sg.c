// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: the less usual part of sg.h.
 *
 * Transfers of up to 256 KiB use the room in struct stor_req. Longer ones
 * allocate; when memory is short one spare descriptor per controller keeps
 * things moving, because its command's completion restarts the others.
 */
#include <linux/bitops.h>
#include <linux/slab.h>

#include "sg.h"

/**
 * sg_put_big() - give a large descriptor back
 * @ctl: the controller
 * @req: request data that has one
 *
 * Context: any.
 */
void sg_put_big(struct stor_ctl *ctl, struct stor_req *req)
{
	if (req->desc == ctl->spare)
		clear_bit_unlock(0, &ctl->spare_busy);
	else
		kfree(req->desc);
	req->desc = req->own;
	atomic64_inc(&stor_leaks.descs_gone);
}

/**
 * sg_get_big() - a descriptor for more frames than fit into the request
 * @ctl: the controller
 * @req: request data
 * @frames: how many
 *
 * Context: atomic.
 * Return: 0; -ENOMEM to try again later; -E2BIG.
 */
int sg_get_big(struct stor_ctl *ctl, struct stor_req *req, u32 frames)
{
	void *big;

	if (frames > STOR_MAX_FRAMES)
		return -E2BIG;
	big = kmalloc(sg_desc_bytes(frames), GFP_ATOMIC | __GFP_NOWARN);
	if (!big && ctl->spare && !test_and_set_bit_lock(0, &ctl->spare_busy))
		big = ctl->spare;
	if (!big)
		return -ENOMEM;
	sg_desc_init(big);
	req->desc = big;
	atomic64_inc(&stor_leaks.descs_made);
	return 0;
}

/**
 * sg_describe() - write down the frames of several entries
 * @pfn: where they go
 * @total: length of the request's data
 * @sg: the first entry, shorter than that
 *
 * Context: any.
 * Return: 0, or -EINVAL when the host cannot be told.
 */
int sg_describe(u64 *pfn, u32 total, struct scatterlist *sg)
{
	struct vstor_range range;

	if (vstor_range_first(&range, pfn, total, sg_dma_address(sg),
			      sg_dma_len(sg)) || sg_is_last(sg))
		return -EINVAL;
	do {
		sg = sg_next(sg);
	} while (!sg_is_last(sg) &&
		 vstor_range_middle(&range, sg_dma_address(sg),
				    sg_dma_len(sg)));
	return vstor_range_last(&range, sg_dma_address(sg), sg_dma_len(sg));
}

/**
 * sg_give_up() - undo half of sg_map()
 * @ctl: the controller
 * @cmd: a command, its data mapped
 * @req: its request data
 * @error: what went wrong
 *
 * Context: atomic.
 * Return: @error.
 */
int sg_give_up(struct stor_ctl *ctl, struct scsi_cmnd *cmd,
	       struct stor_req *req, int error)
{
	req->desc_bytes = 0;
	if (req->desc != req->own)
		sg_put_big(ctl, req);
	scsi_dma_unmap(cmd);
	return error;
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
	ctl->spare = kmalloc(sg_desc_bytes(frames), GFP_KERNEL);
	return ctl->spare ? 0 : -ENOMEM;
}
