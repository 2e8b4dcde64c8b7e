// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: the module, its parameters, and a controller from probe to remove.
 *
 * Stands in for the kernel's hv_storvsc under the same name, with the same
 * parameters, on any bus that offers <linux/hyperv.h>.
 */
#define pr_fmt(fmt) "hv_storvsc: " fmt

#include <linux/blk-mq.h>
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <scsi/scsi_devinfo.h>

#include "stor.h"

#define MIN_RING_BYTES		(16 * 1024)
#define MAX_RING_BYTES		(8 * 1024 * 1024)

/* Ring room of a transfer of 128 KiB: descriptor, frames, packet, trailer. */
#define TYPICAL_RING_BYTES	(32 + 33 * 8 + 64 + 8)

/* Commands a device is given at once; users change it in sysfs. */
#define LUN_DEPTH		256
#define MIN_QUEUE_DEPTH		128

#define MAX_POLL_QUEUES		64u

static int storvsc_ringbuffer_size = 128 * 1024;
module_param(storvsc_ringbuffer_size, int, 0444);
MODULE_PARM_DESC(storvsc_ringbuffer_size, "Ring buffer size (bytes)");

static unsigned int storvsc_max_hw_queues;
module_param(storvsc_max_hw_queues, uint, 0644);
MODULE_PARM_DESC(storvsc_max_hw_queues,
		 "Maximum number of hardware queues, 0 for one per CPU");

static unsigned int storvsc_poll_queues;
module_param(storvsc_poll_queues, uint, 0444);
MODULE_PARM_DESC(storvsc_poll_queues,
		 "Hardware queues for polled I/O, each with a sub-channel if the host grants it; 0 (default) to 64");

static int storvsc_vcpus_per_sub_channel = 4;
module_param(storvsc_vcpus_per_sub_channel, int, 0444);
MODULE_PARM_DESC(storvsc_vcpus_per_sub_channel,
		 "CPUs one sub-channel is counted for in the queue depth");

unsigned int stor_low_water = 10;
module_param_named(ring_avail_percent_lowater, stor_low_water, uint, 0444);
MODULE_PARM_DESC(ring_avail_percent_lowater,
		 "Use another channel when this one's ring has less room (percent)");

unsigned int stor_log_level = STOR_LOG_ERROR;
module_param_named(logging_level, stor_log_level, uint, 0644);
MODULE_PARM_DESC(logging_level,
		 "Logging level, 0 - none, 1 - errors (default), 2 - warnings");

unsigned int stor_lost_after = STOR_LOST_AFTER;
module_param_named(storvsc_lost_after, stor_lost_after, uint, 0644);
MODULE_PARM_DESC(storvsc_lost_after,
		 "Timeouts after which a command counts as lost, 0 for never");

unsigned int stor_ring_bytes;
struct stor_leaks stor_leaks;

/* What must go on while memory is short: ends commands, so makes memory. */
struct workqueue_struct *stor_wq;

static LIST_HEAD(controllers);
static DEFINE_MUTEX(controllers_lock);

static const struct stor_variant variants[] = {
	[STOR_SCSI] = {
		.id = STOR_SCSI,
		.max_channel = 8 - 1,
		.max_id = 2,
		.max_lun = 255,
		.transfer_limit = STOR_MAX_TRANSFER,
		.multi_channel = true,
	},
	[STOR_IDE] = {
		.id = STOR_IDE,
		.max_channel = 0,
		.max_id = 1,
		.max_lun = 64,
		.transfer_limit = STOR_MAX_TRANSFER,
	},
	[STOR_FC] = {
		.id = STOR_FC,
		.max_channel = 8 - 1,
		.max_id = 128,
		.max_lun = 255,
		.transfer_limit = 512 * 1024,
		.multi_channel = true,
	},
};

/* Controllers */

/**
 * stor_get() - the controller a primary channel belongs to
 * @primary: the channel
 *
 * For callbacks that the bus may call while a controller goes.
 *
 * Context: process.
 * Return: the controller, to be released with stor_put(), or NULL.
 */
struct stor_ctl *stor_get(struct vmbus_channel *primary)
{
	struct stor_ctl *ctl, *found = NULL;

	mutex_lock(&controllers_lock);
	list_for_each_entry(ctl, &controllers, entry) {
		if (ctl->hdev->channel == primary &&
		    scsi_host_get(ctl->shost)) {
			found = ctl;
			break;
		}
	}
	mutex_unlock(&controllers_lock);
	return found;
}

/**
 * stor_put() - undo stor_get()
 * @ctl: the controller
 *
 * Context: process.
 */
void stor_put(struct stor_ctl *ctl)
{
	scsi_host_put(ctl->shost);
}

/**
 * stor_rescinded() - has the host taken the controller away?
 * @ctl: the controller
 *
 * Context: any.
 * Return: true if so.
 */
bool stor_rescinded(const struct stor_ctl *ctl)
{
	return READ_ONCE(ctl->hdev->channel->rescind);
}

/* Devices */

static int init_device(struct scsi_device *sdev)
{
	/* REPORT LUNS below SPC-3 and VPD pages whatever INQUIRY claims. */
	sdev->sdev_bflags |= BLIST_REPORTLUN2 | BLIST_TRY_VPD_PAGES;
	sdev->no_report_opcodes = 1;
	sdev->no_write_same = 1;
	/* Used as a bitmap, see scan.c. */
	sdev->hostdata = NULL;
	return 0;
}

static int configure(struct scsi_device *sdev)
{
	struct stor_ctl *ctl = shost_priv(sdev->host);

	blk_queue_rq_timeout(sdev->request_queue, STOR_TIMEOUT_S * HZ);
	scsi_change_queue_depth(sdev, LUN_DEPTH);
	if (strncmp(sdev->vendor, "Msft", 4))
		return 0;
	/*
	 * These hosts' disks say SPC-2 and do what SPC-3 asks for; without it
	 * nobody looks for UNMAP.
	 */
	if (ctl->version == VSTOR_VERSION_5_1 ||
	    ctl->version == VSTOR_VERSION_6_0)
		sdev->scsi_level = SCSI_SPC_3;
	if (ctl->version >= VSTOR_VERSION_6_2)
		sdev->no_write_same = 0;
	return 0;
}

#if defined(HAVE_SCSI_SDEV_CONFIGURE) || defined(HAVE_SCSI_DEVICE_CONFIGURE)
static int configure_device(struct scsi_device *sdev, struct queue_limits *lim)
{
	return configure(sdev);
}
#else
static int configure_device(struct scsi_device *sdev)
{
#ifndef HAVE_SCSI_TEMPLATE_LIMITS
	blk_queue_virt_boundary(sdev->request_queue, VSTOR_FRAME_BYTES - 1);
#endif
	return configure(sdev);
}
#endif

/* Geometry for those who still ask. */
#ifdef HAVE_SCSI_BIOS_PARAM_GENDISK
static int geometry(struct scsi_device *sdev, struct gendisk *disk,
		    sector_t capacity, int *chs)
#else
static int geometry(struct scsi_device *sdev, struct block_device *bdev,
		    sector_t capacity, int *chs)
#endif
{
	sector_t cylinders = capacity;

	chs[0] = 255;
	chs[1] = 63;
	sector_div(cylinders, 255 * 63);
	chs[2] = min_t(sector_t, cylinders, INT_MAX);
	return 0;
}

#ifdef HAVE_SCSI_MAP_QUEUES_VOID
#define MAP_QUEUES	poll_map_queues
#else
#define MAP_QUEUES	map_queues
static int map_queues(struct Scsi_Host *shost)
{
	poll_map_queues(shost);
	return 0;
}
#endif

static struct scsi_host_template template = {
	.module = THIS_MODULE,
	.name = "storvsc_host_t",
	.proc_name = "storvsc_host",
	.cmd_size = sizeof(struct stor_req),
#ifdef HAVE_SCSI_INIT_CMD_PRIV
	.init_cmd_priv = io_init_cmd,
#endif
	.queuecommand = io_queue,
#ifdef SCMD_LAST
	.commit_rqs = io_commit,
#endif
	.map_queues = MAP_QUEUES,
	.mq_poll = io_poll,
	.eh_timed_out = eh_timed_out,
	.eh_host_reset_handler = eh_host_reset,
#ifdef HAVE_SCSI_SDEV_CONFIGURE
	.sdev_init = init_device,
	.sdev_configure = configure_device,
#else
	.slave_alloc = init_device,
#ifdef HAVE_SCSI_DEVICE_CONFIGURE
	.device_configure = configure_device,
#else
	.slave_configure = configure_device,
#endif
#endif
	.change_queue_depth = scsi_change_queue_depth,
	.bios_param = geometry,
	.this_id = -1,
#ifdef HAVE_SCSI_TEMPLATE_LIMITS
	/* No gaps: the host takes one range of frames. */
	.virt_boundary_mask = VSTOR_FRAME_BYTES - 1,
#endif
#ifdef HAVE_SCSI_SHOST_GROUPS
	.shost_groups = sysfs_shost_groups,
#else
	.shost_attrs = sysfs_shost_attrs,
#endif
	.track_queue_depth = 1,
	.no_write_same = 1,
};

/*
 * Commands that fit into all rings together. Half of them is what a controller
 * takes at a time, whatever the number of queues: with as many for each queue
 * a slow or throttled disk keeps what a file system waits for (its journal)
 * behind everything else for seconds.
 */
static void size_queues(struct stor_ctl *ctl)
{
	struct Scsi_Host *shost = ctl->shost;
	u32 queues = 1, counted = 1, total;

	/* Each has a sub-channel; one more would have to be interrupted for. */
	ctl->poll_queues = min_t(u32, ctl->poll_queues, ctl->fsm.subs);
	if (ctl->variant->multi_channel) {
		queues = num_present_cpus();
		if (storvsc_max_hw_queues)
			queues = min(queues, storvsc_max_hw_queues);
		if (storvsc_vcpus_per_sub_channel > 0)
			counted += (num_online_cpus() - 1) /
				   storvsc_vcpus_per_sub_channel;
	}
	total = (stor_ring_bytes - PAGE_SIZE) / TYPICAL_RING_BYTES * counted;
	total = total / 100 * (100 - min(stor_low_water, 90u));
	shost->nr_hw_queues = queues + ctl->poll_queues;
	shost->nr_maps = ctl->poll_queues ? HCTX_MAX_TYPES : 1;
	shost->host_tagset = 1;
	shost->can_queue = min(total, max_t(u32, total / 2, MIN_QUEUE_DEPTH));
	shost->cmd_per_lun = min(shost->can_queue, LUN_DEPTH);
}

static void size_host(struct stor_ctl *ctl)
{
	struct Scsi_Host *shost = ctl->shost;

	ctl->max_transfer = ctl->fsm.max_transfer;
	shost->max_channel = ctl->variant->max_channel;
	shost->max_id = ctl->variant->max_id;
	shost->max_lun = ctl->variant->max_lun;
	shost->max_cmd_len = VSTOR_CDB_BYTES;
	shost->max_sectors = ctl->max_transfer >> 9;
	shost->sg_tablesize = (ctl->max_transfer >> VSTOR_FRAME_SHIFT) + 1;
	size_queues(ctl);
}

static void stor_free(struct stor_ctl *ctl)
{
	struct Scsi_Host *shost = ctl->shost;
	struct stor_counts sum;

	if (ctl->counts) {
		io_count(ctl, &sum);
		atomic64_add(sum.sent, &stor_leaks.reqs_made);
		atomic64_add(sum.ended, &stor_leaks.reqs_gone);
	}
	if (ctl->wq)
		destroy_workqueue(ctl->wq);
	io_table_free(ctl);
	kfree(ctl->spare);
	chans_free(ctl);
	free_percpu(ctl->counts);
	ctl->counts = NULL;
	atomic64_inc(&stor_leaks.ctls_gone);
	scsi_host_put(shost);
}

static struct stor_ctl *stor_alloc(struct hv_device *hdev,
				   const struct stor_variant *variant)
{
	struct Scsi_Host *shost;
	struct stor_ctl *ctl;

	shost = scsi_host_alloc(&template, sizeof(*ctl));
	if (!shost)
		return NULL;
	ctl = shost_priv(shost);
	ctl->hdev = hdev;
	ctl->shost = shost;
	ctl->variant = variant;
	ctl->gate = STOR_GATE_HOLD;
	INIT_LIST_HEAD(&ctl->entry);
	mutex_init(&ctl->setup);
	spin_lock_init(&ctl->chan_lock);
	init_waitqueue_head(&ctl->drain_wq);
	init_completion(&ctl->xact.done);
	if (variant->multi_channel)
		ctl->poll_queues = min(storvsc_poll_queues, MAX_POLL_QUEUES);
	scan_init(ctl);
	atomic64_inc(&stor_leaks.ctls_made);

	ctl->counts = alloc_percpu(struct stor_counts);
	/* Adds and removes disks, which waits for work of any kind. */
	ctl->wq = alloc_ordered_workqueue("storvsc_%u", 0, shost->host_no);
	if (!ctl->counts || !ctl->wq || chans_alloc(ctl)) {
		stor_free(ctl);
		return NULL;
	}
	vstor_fsm_init(&ctl->fsm, variant->id == STOR_FC, ctl->max_chans - 1,
		       variant->transfer_limit);
	return ctl;
}

/* One disk, at an address its instance GUID gives away. */
static int add_ide_disk(struct stor_ctl *ctl)
{
	const guid_t *guid = &ctl->hdev->dev_instance;

	return scsi_add_device(ctl->shost, 0, guid->b[5] << 8 | guid->b[4], 0);
}

static int add_host(struct stor_ctl *ctl)
{
	int ret;

	if (ctl->variant->id == STOR_FC)
		fc_prepare(ctl);
	ret = scsi_add_host(ctl->shost, &ctl->hdev->device);
	if (ret)
		return ret;
	if (ctl->variant->id == STOR_FC)
		fc_add(ctl);
#ifdef HAVE_BLK_NO_SCHED_BY_DEFAULT
	/* As for any disk with several queues: shared tags do not change that. */
	if (ctl->shost->nr_hw_queues > 1)
		ctl->shost->tag_set.flags |= BLK_MQ_F_NO_SCHED_BY_DEFAULT;
#endif
	ctl->hosted = true;
	return 0;
}

static void announce(struct stor_ctl *ctl)
{
	dev_info(&ctl->hdev->device,
		 "vstor %u.%u, %u sub-channels requested, %u queues of %d, transfers up to %u KiB\n",
		 ctl->version >> 8, ctl->version & 0xff, ctl->fsm.subs,
		 ctl->shost->nr_hw_queues, ctl->shost->can_queue,
		 ctl->max_transfer >> 10);
}

/* Reverse of what stor_probe() does after chan_connect(). */
static void disconnect(struct stor_ctl *ctl)
{
	scan_stop(ctl);
	io_gate(ctl, STOR_GATE_DEAD);
	chan_disconnect(ctl);
	io_reap(ctl, NULL, DID_NO_CONNECT);
}

static void unlist(struct stor_ctl *ctl)
{
	mutex_lock(&controllers_lock);
	list_del_init(&ctl->entry);
	mutex_unlock(&controllers_lock);
}

static int stor_probe(struct hv_device *hdev,
		      const struct hv_vmbus_device_id *id)
{
	struct stor_ctl *ctl;
	int ret;

	ctl = stor_alloc(hdev, &variants[id->driver_data]);
	if (!ctl)
		return -ENOMEM;
	/* A bounce buffer must keep the offset in the frame. */
	dma_set_min_align_mask(&hdev->device, VSTOR_FRAME_BYTES - 1);
	hv_set_drvdata(hdev, ctl);
	mutex_lock(&controllers_lock);
	list_add(&ctl->entry, &controllers);
	mutex_unlock(&controllers_lock);

	ret = chan_connect(ctl);
	if (ret)
		goto err_unlist;
	size_host(ctl);
	ret = sg_spare_alloc(ctl);
	if (ret)
		goto err_disconnect;
	ret = io_table_alloc(ctl, ctl->shost->can_queue,
			     ctl->shost->nr_hw_queues);
	if (ret)
		goto err_disconnect;
	io_gate(ctl, STOR_GATE_OPEN);
	scan_start(ctl);
	ret = add_host(ctl);
	if (ret)
		goto err_disconnect;
	announce(ctl);
	if (ctl->variant->id == STOR_IDE)
		add_ide_disk(ctl);
	else
		scsi_scan_host(ctl->shost);
	return 0;

err_disconnect:
	WRITE_ONCE(ctl->removing, true);
	disconnect(ctl);
err_unlist:
	unlist(ctl);
	hv_set_drvdata(hdev, NULL);
	stor_free(ctl);
	return ret;
}

/*
 * Rescinded or asked to leave. In the first case nobody answers any more, so
 * commands are ended first, or removing the disks would wait for them.
 */
static void remove(struct hv_device *hdev)
{
	struct stor_ctl *ctl = hv_get_drvdata(hdev);

	WRITE_ONCE(ctl->removing, true);
	unlist(ctl);
	if (stor_rescinded(ctl))
		chan_bury_dead(ctl);
	if (ctl->variant->id == STOR_FC)
		fc_remove(ctl);
	/* The watch still runs: a rescind from here on ends commands too. */
	scsi_remove_host(ctl->shost);
	disconnect(ctl);
	hv_set_drvdata(hdev, NULL);
	stor_free(ctl);
}

#ifdef HAVE_HV_DRIVER_REMOVE_VOID
static void stor_remove(struct hv_device *hdev)
{
	remove(hdev);
}
#else
static int stor_remove(struct hv_device *hdev)
{
	remove(hdev);
	return 0;
}
#endif

static int stor_suspend(struct hv_device *hdev)
{
	struct stor_ctl *ctl = hv_get_drvdata(hdev);

	scan_stop(ctl);
	io_gate(ctl, STOR_GATE_HOLD);
	if (!io_drain(ctl, STOR_TIMEOUT_S * HZ)) {
		dev_err(&hdev->device, "host still busy, not suspending\n");
		io_gate(ctl, STOR_GATE_OPEN);
		scan_start(ctl);
		return -EBUSY;
	}
	chan_disconnect(ctl);
	return 0;
}

static int stor_resume(struct hv_device *hdev)
{
	struct stor_ctl *ctl = hv_get_drvdata(hdev);
	int ret;

	ret = chan_connect(ctl);
	if (ret) {
		io_gate(ctl, STOR_GATE_DEAD);
		return ret;
	}
	io_gate(ctl, STOR_GATE_OPEN);
	scan_start(ctl);
	/* Devices may have come and gone while we were away. */
	scan_bus_changed(ctl);
	return 0;
}

static const struct hv_vmbus_device_id id_table[] = {
	{ HV_SCSI_GUID, .driver_data = STOR_SCSI },
	{ HV_IDE_GUID, .driver_data = STOR_IDE },
	{ HV_SYNTHFC_GUID, .driver_data = STOR_FC },
	{ },
};
MODULE_DEVICE_TABLE(vmbus, id_table);

static struct hv_driver driver = {
	.name = KBUILD_MODNAME,
	.id_table = id_table,
	.probe = stor_probe,
	.remove = stor_remove,
	.suspend = stor_suspend,
	.resume = stor_resume,
	.driver = {
		.probe_type = PROBE_PREFER_ASYNCHRONOUS,
	},
};

static void report_leaks(void)
{
	struct stor_leaks *l = &stor_leaks;
	s64 pair[][2] = {
		{ atomic64_read(&l->ctls_made), atomic64_read(&l->ctls_gone) },
		{ atomic64_read(&l->chans_made), atomic64_read(&l->chans_gone) },
		{ atomic64_read(&l->reqs_made), atomic64_read(&l->reqs_gone) },
		{ atomic64_read(&l->descs_made), atomic64_read(&l->descs_gone) },
	};
	bool equal = true;
	int i;

	for (i = 0; i < ARRAY_SIZE(pair); i++)
		equal &= pair[i][0] == pair[i][1];
	pr_info("leak check: controllers %lld/%lld channels %lld/%lld requests %lld/%lld descriptors %lld/%lld leaked 0%s\n",
		pair[0][1], pair[0][0], pair[1][1], pair[1][0], pair[2][1],
		pair[2][0], pair[3][1], pair[3][0], equal ? "" : " LEAK");
}

static int __init stor_init(void)
{
	int ret;

	stor_ring_bytes = VMBUS_RING_SIZE(clamp(storvsc_ringbuffer_size,
						MIN_RING_BYTES,
						MAX_RING_BYTES));
	stor_wq = alloc_workqueue("storvsc", WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	if (!stor_wq)
		return -ENOMEM;
	ret = fc_start();
	if (ret)
		goto err_destroy_wq;
	ret = vmbus_driver_register(&driver);
	if (ret)
		goto err_stop_fc;
	return 0;

err_stop_fc:
	fc_stop();
err_destroy_wq:
	destroy_workqueue(stor_wq);
	return ret;
}
module_init(stor_init);

static void __exit stor_exit(void)
{
	vmbus_driver_unregister(&driver);
	fc_stop();
	destroy_workqueue(stor_wq);
	report_leaks();
}
module_exit(stor_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Hyper-V synthetic SCSI, IDE and Fibre Channel storage");
MODULE_VERSION("0.1.0");
