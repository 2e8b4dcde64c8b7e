// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs: hv_vmbus/refused (what the host sent and we dropped, by reason),
 * hv_vmbus/vmbus (connection, SynIC counters, objects alive), hv_vmbus/rings
 * (how large the rings of each channel are). Not in hyperv/, where tools take
 * every entry for a device (delay.c).
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include "conn.h"
#include "debug.h"
#include "hypercall/hvc.h"
#include "hypercall/synic.h"
#include "offer.h"
#include "refuse.h"
#include "stats.h"

static struct dentry *dir;

static int refused_show(struct seq_file *m, void *unused)
{
	int i;

	for (i = 0; i < REFUSE_REASONS; i++)
		seq_printf(m, "%s %llu\n", refuse_name(i), refuse_count(i));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(refused);

static int vmbus_show(struct seq_file *m, void *unused)
{
	struct synic_stats s;

	synic_stats(&s);
	seq_printf(m, "platform %s\nversion %u.%u\ncpu %u\n",
		   hvc_platform_name(), conn_version() >> 16,
		   conn_version() & 0xffff, conn_cpu());
	seq_printf(m, "interrupts %llu\nevents %llu\nmessages %llu\neoms %llu\n",
		   s.interrupts, s.events, s.messages, s.eoms);
	seq_printf(m, "synic-bad-type %llu\nsynic-bad-bytes %llu\nstale %llu\n",
		   s.bad_type, s.bad_bytes, s.stale);
	seq_printf(m, "channels %ld\ngpadls %ld\nrings %ld\n",
		   stat_alive(STAT_CHANNELS), stat_alive(STAT_GPADLS),
		   stat_alive(STAT_RINGS));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(vmbus);

static int rings_show(struct seq_file *m, void *unused)
{
	offer_show_rings(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(rings);

/**
 * debug_start() - show the files
 *
 * Context: Module init.
 */
void debug_start(void)
{
	dir = debugfs_create_dir("hv_vmbus", NULL);
	debugfs_create_file("refused", 0400, dir, NULL, &refused_fops);
	debugfs_create_file("vmbus", 0400, dir, NULL, &vmbus_fops);
	debugfs_create_file("rings", 0400, dir, NULL, &rings_fops);
}

/**
 * debug_stop() - remove them
 *
 * Context: Module exit.
 */
void debug_stop(void)
{
	debugfs_remove_recursive(dir);
	dir = NULL;
}
