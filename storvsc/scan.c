// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: what happens to the set of devices after the probe. The host says
 * that its bus changed, or a command finds out that its LUN is gone or has
 * become another one; both only set a bit and start the one work item here,
 * so a flood of either costs nothing but that item.
 *
 * A second item looks once a second for channels rescinded behind our back:
 * it is what ends commands nobody will answer any more. It also sends what may
 * have been held back in vain (io.c).
 */
#include <linux/bitops.h>
#include <linux/jiffies.h>

#include "stor.h"

#define WATCH_INTERVAL	HZ

static unsigned long *lun_bits(struct scsi_device *sdev)
{
	return (unsigned long *)&sdev->hostdata;
}

/* A command to a LUN that is gone comes back so, and sets STOR_LUN_GONE. */
static void ask_devices(struct stor_ctl *ctl)
{
	struct scsi_sense_hdr sense;
	struct scsi_device *sdev;

	shost_for_each_device(sdev, ctl->shost)
		scsi_test_unit_ready(sdev, 30 * HZ, 3, &sense);
}

static void update_devices(struct stor_ctl *ctl)
{
	struct scsi_device *sdev;

	shost_for_each_device(sdev, ctl->shost) {
		if (test_and_clear_bit(STOR_LUN_GONE, lun_bits(sdev))) {
			scsi_remove_device(sdev);
		} else if (test_and_clear_bit(STOR_LUN_CHANGED,
					      lun_bits(sdev))) {
			scsi_rescan_device(SCSI_RESCAN_ARG(sdev));
		}
	}
}

static void scan_work(struct work_struct *work)
{
	struct stor_ctl *ctl = container_of(work, struct stor_ctl, scan_work);
	bool bus_changed;

	bus_changed = test_and_clear_bit(STOR_EV_BUS_CHANGED, &ctl->events);
	clear_bit(STOR_EV_LUN, &ctl->events);
	/* Bits set from here on queue the work again. */
	smp_mb__after_atomic();
	if (READ_ONCE(ctl->removing) || !ctl->hosted)
		return;
	if (bus_changed)
		ask_devices(ctl);
	update_devices(ctl);
	if (bus_changed && ctl->variant->id != STOR_IDE)
		scsi_scan_host(ctl->shost);
}

static void watch(struct work_struct *work)
{
	struct stor_ctl *ctl = container_of(to_delayed_work(work),
					    struct stor_ctl, watch);

	io_commit_all(ctl);
	poll_all(ctl, false);
	if (chan_bury_dead(ctl))
		return;
	queue_delayed_work(stor_wq, &ctl->watch,
			   round_jiffies_relative(WATCH_INTERVAL));
}

static void kick(struct stor_ctl *ctl, int event)
{
	set_bit(event, &ctl->events);
	if (!READ_ONCE(ctl->removing))
		queue_work(ctl->wq, &ctl->scan_work);
}

/**
 * scan_bus_changed() - the host says that devices came or went
 * @ctl: the controller
 *
 * Context: any.
 */
void scan_bus_changed(struct stor_ctl *ctl)
{
	kick(ctl, STOR_EV_BUS_CHANGED);
}

/**
 * scan_lun() - a command found its device gone or changed
 * @ctl: the controller
 * @sdev: the device
 * @bit: STOR_LUN_GONE or STOR_LUN_CHANGED
 *
 * Context: any.
 */
void scan_lun(struct stor_ctl *ctl, struct scsi_device *sdev, int bit)
{
	set_bit(bit, lun_bits(sdev));
	kick(ctl, STOR_EV_LUN);
}

/**
 * scan_init() - before anything can be reported
 * @ctl: the controller
 *
 * Context: process.
 */
void scan_init(struct stor_ctl *ctl)
{
	INIT_WORK(&ctl->scan_work, scan_work);
	INIT_DELAYED_WORK(&ctl->watch, watch);
}

/**
 * scan_start() - begin to watch the channels
 * @ctl: the controller, connected
 *
 * Context: process.
 */
void scan_start(struct stor_ctl *ctl)
{
	queue_delayed_work(stor_wq, &ctl->watch, WATCH_INTERVAL);
}

/**
 * scan_stop() - nothing of this file runs any more
 * @ctl: the controller; no device is left that could start it again
 *
 * Context: process.
 */
void scan_stop(struct stor_ctl *ctl)
{
	cancel_delayed_work_sync(&ctl->watch);
	cancel_work_sync(&ctl->scan_work);
}
