/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A command's data, mapped for DMA and written down as the one GPA range that
 * goes with it. Runs for every command, so it is here; called by io.c.
 */
#ifndef STORVSC_SG_H
#define STORVSC_SG_H

#include <linux/scatterlist.h>

#include "stor.h"

/* Header of the descriptor up to the frame numbers. */
#define SG_DESC_HEAD	offsetof(struct vmbus_packet_mpb_array, range.pfn_array)

static_assert(SG_DESC_HEAD == 4 * sizeof(u64));

/* sg.c */
int sg_get_big(struct stor_ctl *ctl, struct stor_req *req, u32 frames);
void sg_put_big(struct stor_ctl *ctl, struct stor_req *req);
int sg_describe(u64 *pfn, u32 total, struct scatterlist *sg);
int sg_give_up(struct stor_ctl *ctl, struct scsi_cmnd *cmd,
	       struct stor_req *req, int error);

static __always_inline u32 sg_desc_bytes(u32 frames)
{
	return SG_DESC_HEAD + frames * sizeof(u64);
}

/* What is the same in each descriptor; the bus fills in the rest of its head. */
static __always_inline void sg_desc_init(struct vmbus_packet_mpb_array *desc)
{
	desc->reserved = 0;
	desc->rangecount = 1;
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
static __always_inline int sg_map(struct stor_ctl *ctl, struct scsi_cmnd *cmd,
				  struct stor_req *req)
{
	struct vmbus_packet_mpb_array *desc;
	u32 bytes = scsi_bufflen(cmd);
	struct scatterlist *sg;
	u32 offset, frames;
	u64 addr;
	int ret;

	if (!bytes)
		return 0;
	if (unlikely(scsi_dma_map(cmd) <= 0))
		return -ENOMEM;
	sg = scsi_sglist(cmd);
	addr = sg_dma_address(sg);
	offset = addr & (VSTOR_FRAME_BYTES - 1);
	frames = vstor_range_frames(offset, bytes);
	if (unlikely(frames > STOR_INLINE_FRAMES)) {
		ret = sg_get_big(ctl, req, frames);
		if (ret)
			return sg_give_up(ctl, cmd, req, ret);
	}
	desc = req->desc;
	desc->range.len = bytes;
	desc->range.offset = offset;
	req->desc_bytes = sg_desc_bytes(frames);
	if (sg_dma_len(sg) >= bytes) {
		vstor_put_frames(desc->range.pfn_array,
				 addr >> VSTOR_FRAME_SHIFT, frames);
		return 0;
	}
	ret = sg_describe(desc->range.pfn_array, bytes, sg);
	if (unlikely(ret))
		return sg_give_up(ctl, cmd, req, ret);
	return 0;
}

/**
 * sg_unmap() - undo sg_map()
 * @ctl: the controller
 * @cmd: a command the host does not own (any more), mapped or not
 * @req: its request data
 *
 * Context: atomic.
 */
static __always_inline void sg_unmap(struct stor_ctl *ctl,
				     struct scsi_cmnd *cmd,
				     struct stor_req *req)
{
	if (!req->desc_bytes)
		return;
	req->desc_bytes = 0;
	if (unlikely(req->desc != req->own))
		sg_put_big(ctl, req);
	scsi_dma_unmap(cmd);
}

#endif /* STORVSC_SG_H */
