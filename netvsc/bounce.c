// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: guests whose memory the host cannot read.
 *
 * In an isolated guest the host sees shared pages only. The rings and both
 * buffers are such pages: the bus shares what it makes a GPADL of. What we give
 * as pages of the guest - frames too long for a send section, their headers,
 * RNDIS requests - goes through the DMA API, which copies it to shared memory.
 * So it does where the kernel bounces all DMA (swiotlb=force), which is how it
 * is tested: tests/steps/52-net bounce.
 */
#include <linux/dma-mapping.h>
#include <linux/slab.h>
#include <linux/swiotlb.h>
#include <asm/mshyperv.h>

#include "net.h"

/* Header, linear part and fragments. */
#define MAX_PIECES	(MAX_SKB_FRAGS + 2)

/* What is mapped for one message. */
struct nv_bounce {
	u32 n;
	struct {
		dma_addr_t at;
		u32 bytes;
	} piece[MAX_PIECES];
};

#ifdef HAVE_SWIOTLB_FORCE_BOUNCE
static bool forced(struct device *dev)
{
	return is_swiotlb_force_bounce(dev);
}

/* A copy begins where the original does in its page. */
static void keep_offsets(struct device *dev)
{
	dma_set_min_align_mask(dev, HV_HYP_PAGE_SIZE - 1);
}

static bool able(void)
{
#ifdef HAVE_SHARED_MEMORY_IN_PLACE
	return true;
#else
	/* What is shared has another address then, which nothing here knows. */
	return !hv_isolation_type_snp();
#endif
}
#else
static bool forced(struct device *dev)
{
	return false;
}

static void keep_offsets(struct device *dev)
{
}

static bool able(void)
{
	return false;
}
#endif

/**
 * bounce_init() - does the host see our memory?
 * @card: the card, before it is attached
 *
 * Context: process.
 * Return: 0 with card->isolated and card->bounce set, or -EOPNOTSUPP.
 */
int bounce_init(struct nv_card *card)
{
	struct device *dev = &card->hdev->device;

	card->isolated = hv_is_isolation_supported();
	if (card->isolated && !able()) {
		dev_err(dev, "isolated guests of this kind are not supported on this kernel\n");
		return -EOPNOTSUPP;
	}
	card->bounce = card->isolated || forced(dev);
	if (card->bounce)
		keep_offsets(dev);
	return 0;
}

/**
 * bounce_alloc() - room to remember what is mapped
 * @q: the queue
 *
 * Context: process.
 * Return: 0 or -ENOMEM, see bounce_free().
 */
int bounce_alloc(struct nv_queue *q)
{
	if (!q->card->bounce)
		return 0;
	q->tx.bounce = kvcalloc(NV_PAGE_SLOTS, sizeof(*q->tx.bounce),
				GFP_KERNEL);
	return q->tx.bounce ? 0 : -ENOMEM;
}

/**
 * bounce_free() - undo bounce_alloc() and what is still mapped
 * @q: the queue, its channel closed
 *
 * Context: process.
 */
void bounce_free(struct nv_queue *q)
{
	u32 slot;

	if (!q->tx.bounce)
		return;
	for (slot = 0; slot < NV_PAGE_SLOTS; slot++)
		bounce_unmap(q, slot);
	kvfree(q->tx.bounce);
	q->tx.bounce = NULL;
}

/**
 * bounce_map() - copy what is described to where the host can read it
 * @q: the queue
 * @slot: page slot of the message
 * @at: the ranges of a packet, each a physically contiguous piece; their frame
 *	numbers are replaced
 * @end: behind them
 *
 * Context: softirq, the queue's tx lock held.
 * Return: 0, or -ENOMEM with nothing mapped: try again later.
 */
int bounce_map(struct nv_queue *q, u32 slot, u64 *at, const u64 *end)
{
	struct device *dev = &q->card->hdev->device;
	struct nv_bounce *b = &q->tx.bounce[slot];
	u32 bytes, offset, frames, i;
	dma_addr_t dma;

	b->n = 0;
	while (at < end) {
		bytes = (u32)*at;
		offset = *at++ >> 32;
		frames = HVPFN_UP(offset + bytes);
		if (b->n == MAX_PIECES)
			goto err_unmap;
		dma = dma_map_page(dev, pfn_to_page(*at), offset, bytes,
				   DMA_TO_DEVICE);
		if (dma_mapping_error(dev, dma))
			goto err_unmap;
		b->piece[b->n].at = dma;
		b->piece[b->n++].bytes = bytes;
		if ((dma & (HV_HYP_PAGE_SIZE - 1)) != offset)
			goto err_unmap;
		for (i = 0; i < frames; i++)
			*at++ = (dma >> HV_HYP_PAGE_SHIFT) + i;
	}
	q->tx.stats.bounced++;
	return 0;

err_unmap:
	bounce_unmap(q, slot);
	return -ENOMEM;
}

/**
 * bounce_unmap() - the host has done with it
 * @q: the queue
 * @slot: page slot of the message
 *
 * Context: the queue's tx lock held, or its channel closed.
 */
void bounce_unmap(struct nv_queue *q, u32 slot)
{
	struct device *dev = &q->card->hdev->device;
	struct nv_bounce *b = &q->tx.bounce[slot];

	while (b->n) {
		b->n--;
		dma_unmap_page(dev, b->piece[b->n].at, b->piece[b->n].bytes,
			       DMA_TO_DEVICE);
	}
}

/**
 * bounce_page() - where the host reads a page of ours
 * @card: the card
 * @p: the page; what is in it now is what the host reads
 *
 * Context: process.
 * Return: 0 and p->frame, or -ENOMEM. See bounce_page_back().
 */
int bounce_page(struct nv_card *card, struct nv_page *p)
{
	struct device *dev = &card->hdev->device;

	p->frame = virt_to_phys(p->mem) >> HV_HYP_PAGE_SHIFT;
	if (!card->bounce)
		return 0;
	bounce_page_back(card, p);
	p->dma = dma_map_single(dev, p->mem, HV_HYP_PAGE_SIZE, DMA_TO_DEVICE);
	if (dma_mapping_error(dev, p->dma))
		return -ENOMEM;
	p->mapped = true;
	p->frame = p->dma >> HV_HYP_PAGE_SHIFT;
	return 0;
}

/**
 * bounce_page_back() - the host has done with a page
 * @card: the card
 * @p: the page; nothing happens if it is not mapped
 *
 * Context: process.
 */
void bounce_page_back(struct nv_card *card, struct nv_page *p)
{
	if (p->mapped)
		dma_unmap_single(&card->hdev->device, p->dma, HV_HYP_PAGE_SIZE,
				 DMA_TO_DEVICE);
	p->mapped = false;
}
