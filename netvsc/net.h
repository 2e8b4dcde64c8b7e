/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of this driver hold in common: a card, its queues, and what
 * they call of each other. Functions are grouped by the file they live in.
 */
#ifndef NETVSC_NET_H
#define NETVSC_NET_H

#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/bpf.h>
#include <linux/completion.h>
#include <linux/hrtimer.h>
#include <linux/hyperv.h>
#include <linux/if_ether.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>
#include <net/xdp.h>

#include "batch.h"
#include "frame.h"
#include "link_fsm.h"
#include "nvsp.h"
#include "nvsp_fsm.h"
#include "offload.h"
#include "oid.h"
#include "pace.h"
#include "ride.h"
#include "rndis.h"
#include "rsc.h"
#include "rss_params.h"
#include "sections.h"
#include "vf_fsm.h"
#include "xfer.h"

#define NV_MAX_QUEUES		64
#define NV_DEFAULT_QUEUES	8

/* Frames still out after this are given up when a channel closes. */
#define NV_DRAIN_S		2
/* A host that has lost completions may find them again in this time. */
#define NV_RESET_S		2

#define NV_SEND_TABLE		16
#define NV_RSS_KEY_BYTES	40
#define NV_RSS_MAX_ENTRIES	256

/* Messages with data in pages that may be on their way, per queue. */
#define NV_PAGE_SLOTS		256
/* Of each: RNDIS header and all per-packet information, in one page. */
#define NV_HDR_BYTES		128
/* The host takes no more 4 KiB frames than this in one message, header too. */
#define NV_MAX_FRAMES		32
/* Frames in pages that wait for one more, so that one signal tells of all. */
#define NV_HELD_MAX		5
/* Packet header, then a header and the frames of each range. */
#define NV_DESC_WORDS		(3 + 2 * NV_MAX_FRAMES)

/* Of a long received frame this much is in one piece: its whole header. */
#define RX_LONG_HEAD		256

/* After so few frames receive completions go at once, if those before were answered. */
#define NV_RX_FEW		2

/* Refused inputs of the host; each has a name in stats.c. */
enum nv_refusal {
	NV_REFUSED_PACKET,	/* packet type or length that cannot be */
	NV_REFUSED_NVSP,	/* NVSP message of unknown kind, or too short */
	NV_REFUSED_TX_ID,	/* completion of nothing outstanding */
	NV_REFUSED_TX_STATUS,	/* the host refused a frame */
	NV_REFUSED_REPLY,	/* answer to no outstanding request */
	NV_REFUSED_RANGE,	/* data outside the receive buffer */
	NV_REFUSED_RNDIS,	/* RNDIS header or lengths wrong */
	NV_REFUSED_PPI,		/* per-packet information wrong */
	NV_REFUSED_RSC,		/* fragments that make no frame */
	NV_REFUSED_FRAME,	/* frame too short or too long */
	NV_REFUSED_CHANNEL,	/* control traffic on a sub-channel */
	NV_REFUSED_TABLE,	/* send table wrong */
	NV_REFUSED_OFFER,	/* sub-channel we did not ask for */
	NV_REFUSED_STATUS,	/* indication too short */
	NV_REFUSED_NR
};

/* What hosts cut the buffers into at the usual MTU. */
#define NV_RECV_SECTION_BYTES	1728
#define NV_SEND_SECTION_BYTES	6144

/*
 * What a user may change, all that is needed to attach. Kept across detach,
 * suspend and a change that failed. Sections are of the lengths above.
 */
struct nv_config {
	u32 mtu;
	u32 queues;
	u32 recv_sections;
	u32 send_sections;
};

/* Written under the queue's tx lock. */
struct nv_tx_stats {
	struct u64_stats_sync sync;
	u64 packets;
	u64 bytes;
	u64 messages;		/* NVSP messages these went in */
	u64 xdp_xmit;
	u64 scattered;		/* frames made linear: too many pieces */
	u64 no_memory;
	u64 no_space;		/* dropped: ring full, nothing outstanding */
	u64 too_big;
	u64 busy;		/* put off: no slot or no room in the ring */
	u64 send_full;		/* no send section free, sent from pages */
	u64 stop;
	u64 wake;
	u64 vlan_error;
	u64 bounced;		/* copied to where the host can read it */
	u64 dropped;
};

/* Written by the queue's NAPI. */
struct nv_rx_stats {
	struct u64_stats_sync sync;
	u64 packets;
	u64 bytes;
	u64 multicast;
	u64 xdp_drop;
	u64 xdp_redirect;
	u64 xdp_tx;
	u64 comp_busy;		/* receive completions put off: ring full */
	u64 no_memory;
	u64 csum_ok;
	u64 csum_bad;
	u64 rsc_packets;
	u64 dropped;
	u64 paced;		/* polls by the timer, which counts them */
};

/* A message of frames the host has not completed. */
struct nv_tx_msg {
	struct sk_buff *skb;	/* whose pages it points to, or NULL */
	u32 bytes;		/* told to BQL */
	u32 packets;		/* 0: nothing there, or written off */
};

/* A frame in pages that waits, and what to tell the host about it. */
struct nv_tx_held {
	struct sk_buff *skb;
	struct frame_tx as;
};

/*
 * All of it under the netdev tx lock of the queue, completions too.
 * @held: the open batch waits for a completion or the timer, not for the stack
 * @retry: the ring was full; the timer or a completion tries again
 * @cpu: where a task sent since the timer of pace.h looked last, -1 if none did
 */
struct nv_tx {
	struct batch batch;		/* the section being filled */
	int batch_slot;			/* its slot, -1 if none is open */
	u32 batch_bytes;		/* frame bytes in it, for BQL */
	u32 in_flight;			/* messages the host owns */
	u32 written_off;		/* the host owns them for too long */
	u32 first_section;
	u32 tick_frames;		/* added in this tick */
	unsigned long tick;		/* jiffies */
	int cpu;			/* see above */
	bool flood;			/* the tick before was full of frames */
	bool closed;			/* nothing goes out, frames are dropped */
	bool retry;
	bool dead;			/* no message came back for long */
	u64 made, gone;			/* messages, see main.c */
	u64 gone_then;			/* at the last timeout */
	struct sect_pool sections;	/* slot i owns section first_section + i */
	struct sect_pool pages;		/* slot i owns header area i */
	struct nv_tx_msg *msgs;		/* sections.n of them, then pages.n */
	u8 *hdrs;			/* NV_HDR_BYTES for each page slot */
	struct nvsp_msg msg;		/* of frames in a section */
	struct nvsp_msg page_msg;	/* of a frame in pages */
	u32 nr_held;
	struct nv_tx_held held[NV_HELD_MAX];
	u64 desc[NV_DESC_WORDS];	/* struct vmbus_packet_mpb_array */
	void *table;			/* ids and stacks of both pools */
	struct nv_bounce *bounce;	/* of each page slot, or NULL */
	struct nv_tx_stats stats;
};

/* Receive completions not sent yet; a ring, NAPI's. */
struct nv_rx_done {
	u64 *tid;			/* lowest bits of @bad: what was refused */
	unsigned long *bad;
	u32 mask;
	u32 head;
	u32 tail;
	u32 ranges;			/* in about all of them */
};

/* Where the next byte of a long frame goes. */
struct nv_rx_long {
	const struct skb_shared_info *info;
	u8 *to;
	u32 room;		/* there */
	u32 next;		/* piece behind it */
};

/*
 * @buf_bytes: written last when a queue is set up, 0 before: nothing is in
 *	range then
 */
struct nv_rx {
	u8 *buf;			/* receive buffer, shared with the host */
	u32 buf_bytes;
	u32 sub_bytes;
	u32 max_frame;			/* longest frame that is no RSC frame */
	u32 keep;			/* ranges kept back from the host at most */
	bool open;			/* hand frames to the stack */
	bool due;			/* send completions at the next poll */
	struct ride ride;		/* do answers need signals of their own? */
	struct page_pool *pool;		/* for long frames, or NULL */
	struct nv_rx_done done;
	struct nv_rx_stats stats;
	struct rsc rsc;
};

/*
 * A queue: one channel, one NAPI instance, one transmit queue.
 * @card, @index: for good
 * @vmc: its channel, from open to close
 */
struct nv_queue {
	struct nv_card *card;
	struct net_device *ndev;
	struct vmbus_channel *vmc;
	struct netdev_queue *txq;
	u16 index;
	bool napi_on;
	bool opened;

	struct nv_tx tx ____cacheline_aligned_in_smp;

	struct napi_struct napi ____cacheline_aligned_in_smp;
	struct bpf_prog __rcu *xdp_prog;	/* the card holds the reference */
	struct nv_rx rx;
	struct pace pace;
	bool pace_armed;		/* see pace_tick() in rx.c */
	bool pace_idle;			/* it found that the sender waits */
	u8 pace_looks;			/* since a task sent */
	int pace_cpu;			/* where one sent lately, or -1 */
	u64 pace_idle_us;		/* that processor's idle time then */
	struct hrtimer pace_timer;

	struct xdp_rxq_info xdp_rxq;
	struct page *xdp_page;		/* for the next frame, or NULL */
	bool xdp_flush;			/* redirected something in this poll */
	struct timer_list done_timer;	/* see rx_tick() */
	struct timer_list timer;	/* see tx_tick() */
};

/* Does the host have something to read anyway? Then it needs no signal. */
static inline bool nv_host_reads(const struct nv_queue *q)
{
	const struct hv_ring_buffer *ring = q->vmc->outbound.ring_buffer;

	return READ_ONCE(ring->read_index) != READ_ONCE(ring->write_index);
}

/* A buffer the host reads or writes. */
struct nv_buf {
	void *mem;
	u32 bytes;
	struct vmbus_gpadl gpadl;
	bool lent;		/* GPADL established */
};

struct nv_rss {
	u8 key[NV_RSS_KEY_BYTES];
	u16 table[NV_RSS_MAX_ENTRIES];
	u32 entries;		/* 0: the host does not do RSS */
	u32 hash;		/* NDIS hash types and function */
	u32 l4;			/* NV_L4_*: flows that ports tell apart */
	bool key_set;
};

#define NV_L4_TCP4		0x1
#define NV_L4_TCP6		0x2
#define NV_L4_UDP4		0x4
#define NV_L4_UDP6		0x8
#define NV_L4_ALL		0xf

/*
 * Transaction ids. What sections.c makes for frames never has all ones in the
 * upper half; requests have, and tell NVSP from RNDIS by the next bit.
 */
#define NV_ID_REQUEST		0xffffffff00000000ull
#define NV_ID_RNDIS		0xffffffff80000000ull
#define NV_ID_SERIAL		0x7fffffffu

/* The one NVSP request on its way. */
struct nv_xact {
	atomic64_t id;		/* 0: none; claimed with compare-and-exchange */
	u32 serial;
	u32 want;		/* type of the answer, 0 for an empty one */
	u32 bytes;		/* of the answer, 0 for none we can use */
	bool accepted;		/* it is the answer to that request */
	struct nvsp_msg reply;
	struct completion done;
};

/* A page the host is given to read, see bounce.c. */
struct nv_page {
	void *mem;
	u64 frame;		/* number of the 4 KiB frame the host reads */
	dma_addr_t dma;
	bool mapped;
};

/*
 * The one RNDIS control request on its way.
 * @lock: held around it
 * @reply_lock: guards @want, @reply, @owned
 * @owned: id of the message the host may still read @req for, 0 for none
 */
struct nv_ctl {
	struct mutex lock;		/* see above */
	spinlock_t reply_lock;		/* see above */
	bool open;			/* the channel is there */
	bool initialized;		/* INITIALIZE was answered */
	bool keeps;			/* the host keeps what it is sent */
	u64 owned;
	u32 serial;
	u32 req_id;
	u32 want;			/* type of the answer; 0: none */
	struct nv_page req;
	void *rx;			/* one page, NAPI of the primary */
	void *reply;			/* one page */
	u32 reply_bytes;
	u32 status;
	struct nv_page lost[8];		/* that the host has not given back */
	u32 nr_lost;
	struct completion done;
	struct completion sent;
};

/* Frames that went through the VF. */
struct nv_vf_stats {
	struct u64_stats_sync syncp;
	u64 rx_packets;
	u64 rx_bytes;
	u64 tx_packets;
	u64 tx_bytes;
	u64 tx_dropped;
};

/*
 * The virtual function of a card, see vf.c.
 * @lock: guards @offered and @serial; everything else is RTNL's
 * @carries: read by tx.c without a lock, before @ndev
 */
struct nv_vf {
	struct vf_fsm fsm;
	struct net_device __rcu *ndev;	/* lower device */
	bool carries;
	bool settled;		/* set up: others have had time to rename it */
	bool leaving;		/* going down */
	bool promisc;		/* passed on to it */
	bool allmulti;
	bool offered;		/* NVSP 128 */
	u32 serial;
	spinlock_t lock;	/* see above */
	struct list_head entry;
	struct work_struct work;
	struct delayed_work takeover;
	struct nv_vf_stats __percpu *stats;
};

/*
 * A card; netdev_priv().
 *
 * Who may change what: everything that attaches, detaches or reconfigures
 * holds RTNL. Hot paths read @queues without a lock: transmit queues are
 * stopped and NAPI is off before anything under them changes.
 */
struct nv_card {
	struct net_device *ndev;
	struct hv_device *hdev;

	/* hot, read only while attached */
	struct nv_queue *queues;
	u8 *send_buf;
	u32 section_bytes;
	unsigned long heard;		/* jiffies of the last frame received */
	u32 nr_queues;			/* open ones */
	u32 max_queues;			/* allocated */
	u16 tx_table[NVSP_SEND_TABLE_ENTRIES];
	DECLARE_BITMAP(tx_named, NV_MAX_QUEUES);	/* channels in it */

	struct nv_config cfg;
	bool isolated;			/* the host is not trusted */
	bool bounce;			/* ... or does not see our memory */
	bool attached;
	bool up;			/* frames go both ways */
	bool silent;			/* the host: see chan_patience() */
	bool adrift;			/* detached, and not on purpose */
	u32 tries;			/* to attach since then */
	struct work_struct filter_work;
	struct delayed_work reset_work;

	/* what the host said at attach */
	struct nvsp_fsm nvsp;
	struct rss_caps rss_caps;
	struct ndis_caps caps;
	struct rndis_limits limits;

	struct nv_buf recv;
	struct nv_buf send;
	struct nv_xact xact;
	struct nv_ctl ctl;
	struct nv_rss rss;
	struct bpf_prog *xdp_prog;
	struct nv_vf vf;

	/* sub-channels on their way, see chan.c */
	struct mutex subs_lock;		/* guards the next two */
	u32 subs_wanted;
	u32 subs_seen;
	struct completion subs_event;
	bool table_came;		/* since the primary opened */
	u32 channels_hint;		/* bound of numbers in a send table */

	/* link.c */
	struct delayed_work link_work;
	struct delayed_work announce_work;
	u32 announce_tries;		/* left */
	spinlock_t link_lock;		/* guards @link */
	struct link_fsm link;
	u32 link_speed;			/* 100 bit/s */
	u32 user_speed;			/* Mbit/s, 0: what the host says */
	u8 user_duplex;
	u32 msg_enable;

	atomic64_t refused[NV_REFUSED_NR];
	atomic64_t tx_timeouts;
	atomic64_t silences;		/* answers waited for in vain */
	atomic64_t resets;		/* started anew by ourselves */
	struct list_head entry;
};

/* Pairs that must be equal when the module goes, see main.c. */
struct nv_leaks {
	atomic64_t cards_made, cards_gone;
	atomic64_t chans_made, chans_gone;
	atomic64_t gpadls_made, gpadls_gone;
	atomic64_t msgs_made, msgs_gone;
	atomic64_t leaked;		/* buffers left to the host on purpose */
};

extern struct nv_leaks nv_leaks;

/* main.c */
extern unsigned int nv_ring_bytes;
int nv_attach(struct nv_card *card, const struct nv_config *want);
void nv_detach(struct nv_card *card);
int nv_reconfigure(struct nv_card *card, const struct nv_config *want);
void nv_reset_soon(struct nv_card *card);
static inline bool nv_rescinded(const struct nv_card *card)
{
	return READ_ONCE(card->hdev->channel->rescind);
}

/* netdev.c */
extern const struct net_device_ops nv_netdev_ops;
void netdev_filter_work(struct work_struct *w);
void netdev_features_init(struct nv_card *card);
void netdev_drain(struct nv_card *card);
void netdev_quiesce(struct nv_card *card);
int netdev_revive(struct nv_card *card);

/* buf.c */
void buf_defaults(struct nv_config *cfg);
int buf_lend(struct nv_card *card);
int buf_reclaim(struct nv_card *card, struct nv_buf *buf);
void buf_free(struct nv_card *card, struct nv_buf *buf, bool leak);

/* bounce.c */
int bounce_init(struct nv_card *card);
int bounce_alloc(struct nv_queue *q);
void bounce_free(struct nv_queue *q);
int bounce_map(struct nv_queue *q, u32 slot, u64 *at, const u64 *end);
void bounce_unmap(struct nv_queue *q, u32 slot);
int bounce_page(struct nv_card *card, struct nv_page *p);
void bounce_page_back(struct nv_card *card, struct nv_page *p);

/* rndis_ctl.c */
int rc_init(struct nv_card *card);
void rc_exit(struct nv_card *card);
int rc_start(struct nv_card *card);
int rc_halt(struct nv_card *card);
void rc_open(struct nv_card *card, bool open);
void rc_closed(struct nv_card *card);
int rc_query(struct nv_card *card, u32 oid, const void *in, u32 in_bytes,
	     void *out, u32 *out_bytes);
int rc_set(struct nv_card *card, u32 oid, const void *in, u32 in_bytes);
int rc_set_filter(struct nv_card *card, u32 filter);
int rc_set_offload(struct nv_card *card, netdev_features_t features);
int rc_set_rss(struct nv_card *card, bool disable);
int rc_set_mac(struct nv_card *card, const u8 *mac);
void rc_receive(struct nv_card *card, const void *msg, u32 bytes);
void rc_sent(struct nv_card *card, u64 id);

/* chan.c */
unsigned long chan_patience(const struct nv_card *card);
bool chan_wait(struct nv_card *card, struct completion *done, bool *silent);
int chan_tell(struct nv_card *card, const struct nvsp_msg *msg);
void chan_completion(struct nv_card *card, u64 id, const void *data, u32 bytes);
void chan_inband(struct nv_queue *q, const void *data, u32 bytes);
int chans_open(struct nv_card *card, u32 mtu);
int chan_open_subs(struct nv_card *card, u32 subs);
void chans_close(struct nv_card *card);
int nv_switch_path(struct nv_card *card, bool vf);

/* tx.c */
int tx_alloc(struct nv_queue *q);
void tx_free(struct nv_queue *q);
void tx_open(struct nv_card *card);
void tx_close(struct nv_card *card);
bool tx_idle(struct nv_card *card);
void tx_set_table(struct nv_card *card, const u16 *table);
netdev_tx_t tx_start(struct sk_buff *skb, struct net_device *ndev);
u16 tx_select_queue(struct net_device *ndev, struct sk_buff *skb,
		    struct net_device *sb_dev);
void tx_complete(struct nv_queue *q, const u64 *ids, u32 n, int budget);
int tx_copy(struct nv_queue *q, const void *frame, u32 len, bool more);
void tx_flush(struct nv_queue *q);
bool tx_one_way(const struct nv_queue *q);
void tx_tick(struct timer_list *t);
void tx_timeout(struct net_device *ndev, unsigned int index);
void tx_give_up(struct nv_card *card);
bool tx_starved(struct nv_card *card);

/* rx.c */
int rx_alloc(struct nv_queue *q);
void rx_free(struct nv_queue *q);
void rx_event(void *context);
int rx_poll(struct napi_struct *napi, int budget);
void rx_tick(struct timer_list *t);
void rx_pace_init(struct nv_queue *q);
bool rx_idle(const struct nv_queue *q);
void rx_keep(struct nv_card *card);
void rx_hurry(struct nv_queue *q);
void rx_finish_skb(struct nv_queue *q, struct sk_buff *skb,
		   const struct ppi_found *ppi);

/* rx_long.c */
void rx_pool_add(struct nv_queue *q);
void rx_pool_del(struct nv_queue *q);
struct sk_buff *rx_long_begin(struct nv_queue *q, struct nv_rx_long *l,
			      u32 bytes);
void rx_long_add(struct nv_rx_long *l, const u8 *from, u32 bytes);

/* link.c */
void link_init(struct nv_card *card);
void link_reset(struct nv_card *card, bool up);
void link_start(struct nv_card *card);
void link_stop(struct nv_card *card);
void link_event(struct nv_card *card, enum link_event event);

/* rss.c */
void rss_init(struct nv_card *card);
int rss_apply(struct nv_card *card);
u32 rss_tx_hash(const struct nv_card *card, struct sk_buff *skb);

/* stats.c */
void nv_refuse(struct nv_card *card, enum nv_refusal why);
void stats_get64(struct net_device *ndev, struct rtnl_link_stats64 *to);
int stats_count(const struct nv_card *card);
void stats_names(const struct nv_card *card, u8 *to);
void stats_values(struct nv_card *card, u64 *to);

/* ethtool.c */
extern const struct ethtool_ops nv_ethtool_ops;

/*
 * xdp.c. rx.c calls xdp_rx() for a frame when a program is set, on the frame in
 * the receive buffer; it copies it once, runs the program, and returns the skb
 * for the stack, or NULL when the frame went another way.
 */
struct sk_buff *xdp_rx(struct nv_queue *q, const void *frame, u32 len);
void xdp_end_poll(struct nv_queue *q);
int xdp_queue_add(struct nv_queue *q);
void xdp_queue_del(struct nv_queue *q);
void xdp_init(struct nv_card *card);
void xdp_exit(struct nv_card *card);
int xdp_check_mtu(struct nv_card *card, u32 mtu);
int xdp_bpf(struct net_device *ndev, struct netdev_bpf *bpf);
int xdp_xmit(struct net_device *ndev, int n, struct xdp_frame **frames,
	     u32 flags);
int xdp_hand_down(struct net_device *vf, struct bpf_prog *prog);
static inline bool xdp_enabled(const struct nv_card *card)
{
	return READ_ONCE(card->xdp_prog);
}

/*
 * vf.c. Order in a card's life: vf_init(), register_netdev(), vf_watch(),
 * then vf_exit(), unregister_netdev(), vf_free().
 */
int vf_start(void);
void vf_stop(void);
int vf_init(struct nv_card *card);
void vf_watch(struct nv_card *card);
void vf_exit(struct nv_card *card);
void vf_free(struct nv_card *card);
void vf_association(struct nv_card *card, bool allocated, u32 serial);
void vf_open(struct nv_card *card);
void vf_close(struct nv_card *card);
void vf_rejoin(struct nv_card *card);
void vf_reset(struct nv_card *card);
int vf_set_mtu(struct nv_card *card, u32 mtu);
int vf_set_mac(struct nv_card *card, const void *sockaddr);
void vf_restore_mac(struct nv_card *card);
void vf_set_rx_mode(struct nv_card *card);
void vf_change_rx_flags(struct net_device *ndev, int change);
int vf_set_prog(struct nv_card *card, struct bpf_prog *prog);
netdev_tx_t vf_xmit(struct nv_card *card, struct sk_buff *skb);
static inline bool vf_carries(const struct nv_card *card)
{
	return unlikely(READ_ONCE(card->vf.carries));
}

#endif /* NETVSC_NET_H */
