// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: received frames that are too long for one piece of memory.
 *
 * Their headers go to the linear part, the rest to pieces of large pages that
 * belong to the queue: when the stack is done with a frame its pages come back
 * to the queue's pool, so that a stream of frames neither allocates nor frees
 * pages. A pool lives as long as the card. Where the kernel has no such pools,
 * or no large page is left, each frame gets pages of its own.
 */
#include <linux/mm.h>
#include <linux/skbuff.h>

#include "net.h"

#ifdef HAVE_PAGE_POOL_RECYCLE
#include <net/page_pool/helpers.h>

/* 32 KiB, of which a queue keeps 2 MiB while they are not in use. */
#define PAGE_ORDER	3
#define PAGE_BYTES	((u32)PAGE_SIZE << PAGE_ORDER)
#define POOL_PAGES	(SZ_2M / PAGE_BYTES)
/* Pieces begin at multiples of this, so that none is made of scraps. */
#define PIECE_ALIGN	1024

/* Before 6.7 the owner of a pool had to say that it asks for pieces. */
#ifndef PP_FLAG_PAGE_FRAG
#define PP_FLAG_PAGE_FRAG	0
#endif

static struct page_pool *make_pool(void)
{
	const struct page_pool_params params = {
		.flags = PP_FLAG_PAGE_FRAG,
		.order = PAGE_ORDER,
		.pool_size = POOL_PAGES,
		.nid = NUMA_NO_NODE,
	};
	struct page_pool *pool = page_pool_create(&params);

	return IS_ERR(pool) ? NULL : pool;
}

static void free_pool(struct page_pool *pool)
{
	page_pool_destroy(pool);
}

/* Add @bytes of pool pages behind the linear part; false if there are none. */
static bool add_pieces(struct nv_queue *q, struct sk_buff *skb, u32 bytes)
{
	u32 piece, room;
	unsigned int at;
	struct page *page;

	if (unlikely(!q->rx.pool))
		return false;
	skb_mark_for_recycle(skb);
	for (; bytes; bytes -= piece) {
		piece = min(bytes, PAGE_BYTES);
		room = ALIGN(piece, PIECE_ALIGN);
		page = page_pool_dev_alloc_frag(q->rx.pool, &at, room);
		if (unlikely(!page))
			return false;
		skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, at, piece,
				room);
	}
	return true;
}
#else
static struct page_pool *make_pool(void)
{
	return NULL;
}

static void free_pool(struct page_pool *pool)
{
}

static bool add_pieces(struct nv_queue *q, struct sk_buff *skb, u32 bytes)
{
	return false;
}
#endif

/**
 * rx_pool_add() - make the pool of a queue
 * @q: the queue
 *
 * Without it frames are received all the same.
 *
 * Context: process.
 */
void rx_pool_add(struct nv_queue *q)
{
	q->rx.pool = make_pool();
}

/**
 * rx_pool_del() - undo rx_pool_add()
 * @q: the queue, its NAPI off for good
 *
 * Pages the stack still has are freed when it is done with them.
 *
 * Context: process.
 */
void rx_pool_del(struct nv_queue *q)
{
	if (q->rx.pool)
		free_pool(q->rx.pool);
	q->rx.pool = NULL;
}

static struct sk_buff *alloc_from_pool(struct nv_queue *q, u32 behind)
{
	struct sk_buff *skb = napi_alloc_skb(&q->napi, RX_LONG_HEAD);

	if (unlikely(!skb))
		return NULL;
	skb_put(skb, RX_LONG_HEAD);
	if (likely(add_pieces(q, skb, behind)))
		return skb;
	kfree_skb(skb);
	return NULL;
}

static struct sk_buff *alloc_own(u32 behind)
{
	struct sk_buff *skb;
	int err;

	skb = alloc_skb_with_frags(NET_SKB_PAD + RX_LONG_HEAD, behind,
				   PAGE_ALLOC_COSTLY_ORDER, &err,
				   GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	skb_reserve(skb, NET_SKB_PAD);
	skb_put(skb, RX_LONG_HEAD);
	skb->data_len = behind;
	skb->len += behind;
	return skb;
}

/**
 * rx_long_begin() - room for a frame that is too long for one piece of memory
 * @q: the queue
 * @l: set up for rx_long_add()
 * @bytes: length of the frame, more than RX_LONG_HEAD
 *
 * Context: NAPI of the queue.
 * Return: the frame, as long as it will be, or NULL.
 */
struct sk_buff *rx_long_begin(struct nv_queue *q, struct nv_rx_long *l,
			      u32 bytes)
{
	struct sk_buff *skb = alloc_from_pool(q, bytes - RX_LONG_HEAD);

	if (unlikely(!skb)) {
		skb = alloc_own(bytes - RX_LONG_HEAD);
		if (!skb)
			return NULL;
	}
	l->info = skb_shinfo(skb);
	l->next = 0;
	l->to = skb->data;
	l->room = RX_LONG_HEAD;
	return skb;
}

/**
 * rx_long_add() - the next bytes of the frame
 * @l: as rx_long_begin() left it
 * @from: in the receive buffer
 * @bytes: how many; in all, no more than the frame is long
 *
 * Context: NAPI of the queue.
 */
void rx_long_add(struct nv_rx_long *l, const u8 *from, u32 bytes)
{
	const skb_frag_t *frag;
	u32 part;

	for (; bytes; bytes -= part, from += part) {
		if (!l->room) {
			frag = &l->info->frags[l->next++];
			l->to = skb_frag_address(frag);
			l->room = skb_frag_size(frag);
		}
		part = min(bytes, l->room);
		memcpy(l->to, from, part);
		l->to += part;
		l->room -= part;
	}
}
