// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which CPU a channel interrupts.
 *
 * Channels of fast devices (disk, network) are spread: each goes to the CPU
 * with the fewest channels of the same device, then the fewest of all, then
 * the least busy NUMA node. Everything else shares the CPU that gets the
 * messages. Guarded by the offer mutex.
 */
#include <linux/cpumask.h>
#include <linux/hyperv.h>
#include <linux/sched/isolation.h>
#include <linux/topology.h>
#include "abi.h"
#include "chan.h"
#include "conn.h"
#include "place.h"

static unsigned int load[NR_CPUS];

static bool counted(const struct chan *chan)
{
	return vmbus_devs[chan->abi.device_id].perf_device;
}

static unsigned int node_load(unsigned int cpu)
{
	unsigned int sum = 0, other;

	for_each_cpu_and(other, cpumask_of_node(cpu_to_node(cpu)),
			 cpu_online_mask)
		sum += load[other];
	return sum;
}

/* Channels of the same device that already interrupt @cpu. */
static unsigned int siblings_on(const struct chan *chan, unsigned int cpu)
{
	struct vmbus_channel *primary = chan->abi.primary_channel;
	struct vmbus_channel *sub;
	unsigned int n;

	if (!primary)
		return 0;
	n = primary->target_cpu == cpu;
	list_for_each_entry(sub, &primary->sc_list, sc_list)
		n += sub != &chan->abi && sub->target_cpu == cpu;
	return n;
}

static bool better(const unsigned int *a, const unsigned int *b)
{
	int i;

	for (i = 0; i < 3; i++) {
		if (a[i] != b[i])
			return a[i] < b[i];
	}
	return false;
}

static unsigned int spread(const struct chan *chan)
{
	const struct cpumask *allowed =
		housekeeping_cpumask(HK_TYPE_MANAGED_IRQ);
	unsigned int best[3] = { UINT_MAX, UINT_MAX, UINT_MAX };
	unsigned int cpu, chosen = conn_cpu();

	for_each_cpu_and(cpu, cpu_online_mask, allowed) {
		unsigned int score[3] = {
			siblings_on(chan, cpu), load[cpu], node_load(cpu),
		};

		if (better(score, best)) {
			memcpy(best, score, sizeof(best));
			chosen = cpu;
		}
	}
	return chosen;
}

/**
 * place_channel() - choose the CPU of a new channel
 * @chan:	channel
 *
 * Context: Offer mutex and CPU hotplug lock held.
 */
void place_channel(struct chan *chan)
{
	unsigned int cpu = conn_cpu();

	if (counted(chan)) {
		cpu = spread(chan);
		load[cpu]++;
	}
	chan->abi.target_cpu = cpu;
}

/**
 * place_give_back() - a channel is gone
 * @chan:	channel
 *
 * Context: Offer mutex held.
 */
void place_give_back(struct chan *chan)
{
	if (counted(chan) && load[chan->abi.target_cpu])
		load[chan->abi.target_cpu]--;
}

/**
 * place_move() - a channel interrupts another CPU from now on
 * @chan:	channel
 * @cpu:	its new CPU
 *
 * Context: Offer mutex held.
 */
void place_move(struct chan *chan, unsigned int cpu)
{
	place_give_back(chan);
	chan->abi.target_cpu = cpu;
	if (counted(chan))
		load[cpu]++;
}

/**
 * place_other() - a CPU that can take over the channels of another one
 * @cpu:	CPU that goes offline
 *
 * Context: CPU hotplug.
 * Return: an online CPU, of the same node if there is one.
 */
unsigned int place_other(unsigned int cpu)
{
	const struct cpumask *node = cpumask_of_node(cpu_to_node(cpu));
	unsigned int other, best = conn_cpu();

	for_each_online_cpu(other) {
		if (other == cpu)
			continue;
		if (cpumask_test_cpu(other, node) && load[other] < load[best])
			best = other;
	}
	return best;
}
