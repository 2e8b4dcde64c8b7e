// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: what is counted, under which name.
 *
 * The first names, those of the queues, CPUs and the VF are the ones scripts
 * know from the kernel's own driver. Behind them come ours; refused_* say what
 * the host sent that was dropped, and why.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>

#include "net.h"

/* A counter summed over all queues. */
struct summed {
	const char *name;
	bool rx;
	u32 at;		/* in nv_rx_stats or nv_tx_stats */
};

#define TX(name_, field)	{ name_, false, offsetof(struct nv_tx_stats, field) }
#define RX(name_, field)	{ name_, true, offsetof(struct nv_rx_stats, field) }

static const struct summed summed[] = {
	TX("tx_scattered", scattered),
	TX("tx_no_memory", no_memory),
	TX("tx_no_space", no_space),
	TX("tx_too_big", too_big),
	TX("tx_busy", busy),
	TX("tx_send_full", send_full),
	RX("rx_comp_busy", comp_busy),
	RX("rx_no_memory", no_memory),
	TX("stop_queue", stop),
	TX("wake_queue", wake),
	TX("vlan_error", vlan_error),
	TX("tx_messages", messages),
	TX("tx_bounced", bounced),
	TX("tx_closed", dropped),
	RX("rx_csum_ok", csum_ok),
	RX("rx_csum_bad", csum_bad),
	RX("rx_rsc_packets", rsc_packets),
	RX("rx_dropped", dropped),
	RX("rx_paced", paced),
};

static const char * const vf_names[] = {
	"vf_rx_packets", "vf_rx_bytes", "vf_tx_packets", "vf_tx_bytes",
	"vf_tx_dropped",
};

static const char * const refusals[] = {
	[NV_REFUSED_PACKET] = "packet",
	[NV_REFUSED_NVSP] = "nvsp",
	[NV_REFUSED_TX_ID] = "tx_id",
	[NV_REFUSED_TX_STATUS] = "tx_status",
	[NV_REFUSED_REPLY] = "reply",
	[NV_REFUSED_RANGE] = "range",
	[NV_REFUSED_RNDIS] = "rndis",
	[NV_REFUSED_PPI] = "ppi",
	[NV_REFUSED_RSC] = "rsc",
	[NV_REFUSED_FRAME] = "frame",
	[NV_REFUSED_CHANNEL] = "channel",
	[NV_REFUSED_TABLE] = "table",
	[NV_REFUSED_OFFER] = "offer",
	[NV_REFUSED_STATUS] = "status",
};

static_assert(ARRAY_SIZE(refusals) == NV_REFUSED_NR);

static const char * const tx_names[] = { "packets", "bytes", "xdp_xmit" };
static const char * const rx_names[] = {
	"packets", "bytes", "xdp_drop", "xdp_redirect", "xdp_tx",
};

static const char * const cpu_names[] = {
	"rx_packets", "rx_bytes", "tx_packets", "tx_bytes",
	"vf_rx_packets", "vf_rx_bytes", "vf_tx_packets", "vf_tx_bytes",
};

/**
 * nv_refuse() - the host sent something that is dropped
 * @card: the card
 * @why: what was wrong
 *
 * Each kind is logged once, and more than that only on request (ethtool -s
 * DEVICE msglvl rx_err on), at a limited rate.
 *
 * Context: any.
 */
void nv_refuse(struct nv_card *card, enum nv_refusal why)
{
	s64 n = atomic64_inc_return(&card->refused[why]);

	if (n == 1)
		netdev_warn(card->ndev, "refused from host: %s\n",
			    refusals[why]);
	else if (netif_msg_rx_err(card) && net_ratelimit())
		netdev_warn(card->ndev, "refused from host: %s, %lld times\n",
			    refusals[why], n);
}

static void read_tx(const struct nv_queue *q, struct nv_tx_stats *to)
{
	const struct nv_tx_stats *from = &q->tx.stats;
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&from->sync);
		*to = *from;
	} while (u64_stats_fetch_retry(&from->sync, start));
}

static void read_rx(const struct nv_queue *q, struct nv_rx_stats *to)
{
	const struct nv_rx_stats *from = &q->rx.stats;
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&from->sync);
		*to = *from;
	} while (u64_stats_fetch_retry(&from->sync, start));
}

static void read_vf(const struct nv_card *card, int cpu, struct nv_vf_stats *to)
{
	const struct nv_vf_stats *from = per_cpu_ptr(card->vf.stats, cpu);
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&from->syncp);
		*to = *from;
	} while (u64_stats_fetch_retry(&from->syncp, start));
}

static void sum_vf(const struct nv_card *card, struct nv_vf_stats *sum)
{
	struct nv_vf_stats one;
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		read_vf(card, cpu, &one);
		sum->rx_packets += one.rx_packets;
		sum->rx_bytes += one.rx_bytes;
		sum->tx_packets += one.tx_packets;
		sum->tx_bytes += one.tx_bytes;
		sum->tx_dropped += one.tx_dropped;
	}
}

/**
 * stats_get64() - ndo_get_stats64
 * @ndev: device
 * @to: its counters, both data paths together
 *
 * Context: any.
 */
void stats_get64(struct net_device *ndev, struct rtnl_link_stats64 *to)
{
	struct nv_card *card = netdev_priv(ndev);
	struct nv_vf_stats vf;
	u32 i;

	for (i = 0; i < card->max_queues; i++) {
		struct nv_tx_stats tx;
		struct nv_rx_stats rx;

		read_tx(&card->queues[i], &tx);
		read_rx(&card->queues[i], &rx);
		to->tx_packets += tx.packets;
		to->tx_bytes += tx.bytes;
		to->tx_dropped += tx.no_memory + tx.no_space + tx.too_big +
				  tx.vlan_error + tx.dropped;
		to->rx_packets += rx.packets;
		to->rx_bytes += rx.bytes;
		to->multicast += rx.multicast;
		to->rx_dropped += rx.dropped + rx.no_memory;
	}
	to->rx_errors = atomic64_read(&card->refused[NV_REFUSED_FRAME]) +
			atomic64_read(&card->refused[NV_REFUSED_RANGE]) +
			atomic64_read(&card->refused[NV_REFUSED_RNDIS]) +
			atomic64_read(&card->refused[NV_REFUSED_RSC]);
	to->tx_errors = atomic64_read(&card->refused[NV_REFUSED_TX_STATUS]);
	sum_vf(card, &vf);
	to->tx_packets += vf.tx_packets;
	to->tx_bytes += vf.tx_bytes;
	to->tx_dropped += vf.tx_dropped;
	to->rx_packets += vf.rx_packets;
	to->rx_bytes += vf.rx_bytes;
}

/**
 * stats_count() - how many counters there are
 * @card: the card
 *
 * Context: RTNL held.
 * Return: their number, the same for stats_names() and stats_values().
 */
int stats_count(const struct nv_card *card)
{
	return ARRAY_SIZE(summed) + 3 + ARRAY_SIZE(vf_names) +
	       ARRAY_SIZE(refusals) +
	       card->nr_queues * (ARRAY_SIZE(tx_names) + ARRAY_SIZE(rx_names)) +
	       num_present_cpus() * ARRAY_SIZE(cpu_names);
}

/**
 * stats_names() - their names
 * @card: the card
 * @to: ETH_GSTRING_LEN for each
 *
 * Context: RTNL held.
 */
void stats_names(const struct nv_card *card, u8 *to)
{
	int i, cpu;
	u32 n;

	for (i = 0; i < ARRAY_SIZE(summed); i++)
		ethtool_puts(&to, summed[i].name);
	ethtool_puts(&to, "tx_timeouts");
	ethtool_puts(&to, "host_silences");
	ethtool_puts(&to, "resets");
	for (i = 0; i < ARRAY_SIZE(vf_names); i++)
		ethtool_puts(&to, vf_names[i]);
	for (i = 0; i < ARRAY_SIZE(refusals); i++)
		ethtool_sprintf(&to, "refused_%s", refusals[i]);
	for (n = 0; n < card->nr_queues; n++) {
		for (i = 0; i < ARRAY_SIZE(tx_names); i++)
			ethtool_sprintf(&to, "tx_queue_%u_%s", n, tx_names[i]);
		for (i = 0; i < ARRAY_SIZE(rx_names); i++)
			ethtool_sprintf(&to, "rx_queue_%u_%s", n, rx_names[i]);
	}
	for_each_present_cpu(cpu)
		for (i = 0; i < ARRAY_SIZE(cpu_names); i++)
			ethtool_sprintf(&to, "cpu%u_%s", cpu, cpu_names[i]);
}

static void sum_queues(const struct nv_card *card, u64 *to)
{
	u32 n;
	int i;

	memset(to, 0, ARRAY_SIZE(summed) * sizeof(*to));
	for (n = 0; n < card->max_queues; n++) {
		struct nv_tx_stats tx;
		struct nv_rx_stats rx;

		read_tx(&card->queues[n], &tx);
		read_rx(&card->queues[n], &rx);
		for (i = 0; i < ARRAY_SIZE(summed); i++)
			to[i] += *(const u64 *)((summed[i].rx ? (void *)&rx :
						 (void *)&tx) + summed[i].at);
	}
}

static u64 *queue_values(const struct nv_card *card, u64 *to)
{
	u32 n;

	for (n = 0; n < card->nr_queues; n++) {
		struct nv_tx_stats tx;
		struct nv_rx_stats rx;

		read_tx(&card->queues[n], &tx);
		read_rx(&card->queues[n], &rx);
		*to++ = tx.packets;
		*to++ = tx.bytes;
		*to++ = tx.xdp_xmit;
		*to++ = rx.packets;
		*to++ = rx.bytes;
		*to++ = rx.xdp_drop;
		*to++ = rx.xdp_redirect;
		*to++ = rx.xdp_tx;
	}
	return to;
}

/* A queue counts for the CPU its channel interrupts. */
static void cpu_values(const struct nv_card *card, int cpu, u64 *to)
{
	struct nv_vf_stats vf;
	u32 n;

	read_vf(card, cpu, &vf);
	memset(to, 0, 4 * sizeof(*to));
	for (n = 0; n < card->nr_queues; n++) {
		const struct nv_queue *q = &card->queues[n];
		struct nv_tx_stats tx;
		struct nv_rx_stats rx;

		if (!q->vmc || q->vmc->target_cpu != cpu)
			continue;
		read_tx(q, &tx);
		read_rx(q, &rx);
		to[0] += rx.packets;
		to[1] += rx.bytes;
		to[2] += tx.packets;
		to[3] += tx.bytes;
	}
	to[4] = vf.rx_packets;
	to[5] = vf.rx_bytes;
	to[6] = vf.tx_packets;
	to[7] = vf.tx_bytes;
	/* Packets of a CPU are those of both paths. */
	for (n = 0; n < 4; n++)
		to[n] += to[n + 4];
}

/**
 * stats_values() - the counters themselves
 * @card: the card
 * @to: stats_count() of them
 *
 * Context: RTNL held.
 */
void stats_values(struct nv_card *card, u64 *to)
{
	struct nv_vf_stats vf;
	int i, cpu;

	sum_queues(card, to);
	to += ARRAY_SIZE(summed);
	*to++ = atomic64_read(&card->tx_timeouts);
	*to++ = atomic64_read(&card->silences);
	*to++ = atomic64_read(&card->resets);
	sum_vf(card, &vf);
	*to++ = vf.rx_packets;
	*to++ = vf.rx_bytes;
	*to++ = vf.tx_packets;
	*to++ = vf.tx_bytes;
	*to++ = vf.tx_dropped;
	for (i = 0; i < NV_REFUSED_NR; i++)
		*to++ = atomic64_read(&card->refused[i]);
	to = queue_values(card, to);
	for_each_present_cpu(cpu) {
		cpu_values(card, cpu, to);
		to += ARRAY_SIZE(cpu_names);
	}
}
