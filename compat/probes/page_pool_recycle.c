// SPDX-License-Identifier: GPL-2.0-only
/* Do pages of a pool come back to it from frames the stack is done with? (5.16) */
#include <linux/skbuff.h>

#ifdef PROBE_NEW
#ifndef CONFIG_PAGE_POOL
#error "the kernel is configured without page pools"
#endif
#if __has_include(<net/page_pool/helpers.h>)
#include <net/page_pool/helpers.h>
#else
#include <net/page_pool.h>
#endif

struct page *probe(struct page_pool *pool, struct sk_buff *skb,
		   unsigned int *offset);
struct page *probe(struct page_pool *pool, struct sk_buff *skb,
		   unsigned int *offset)
{
	skb_mark_for_recycle(skb);
	return page_pool_dev_alloc_frag(pool, offset, 64);
}
#endif
