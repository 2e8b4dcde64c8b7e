// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: the module, its table of services, and a device from probe to remove.
 *
 * Stands in for the kernel's hv_utils under the same name, on any bus that
 * offers <linux/hyperv.h>.
 */
#define pr_fmt(fmt) "hv_utils: " fmt

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "ic.h"

/* A service that comes back may have to wait for its predecessor to be gone. */
#define COMES_BACK_S	10

struct ic_leaks ic_leaks;

/* Timers and what was put off; nothing here waits for memory. */
struct workqueue_struct *ic_wq;

static const struct ic_service * const services[] = {
	&shutdown_service,
	&timesync_service,
	&heartbeat_service,
	&kvp_service,
	&vss_service,
#ifndef HAVE_FCOPY_BY_UIO
	&fcopy_service,
#endif
};

static unsigned long services_in_use;
static DECLARE_WAIT_QUEUE_HEAD(service_free_wq);

/* One device per service: names in /dev and clocks are not made twice. */
static bool claim(unsigned int index)
{
	return wait_event_timeout(service_free_wq,
				  !test_and_set_bit(index, &services_in_use),
				  COMES_BACK_S * HZ);
}

static void unclaim(const struct ic_service *svc)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(services); i++) {
		if (services[i] == svc)
			clear_bit(i, &services_in_use);
	}
	wake_up_all(&service_free_wq);
}

static void ic_free(struct kref *ref)
{
	struct ic_dev *ic = container_of(ref, struct ic_dev, ref);

	ic_node_free(ic);
	kvfree(ic->pkt);
	kvfree(ic->next);
	kfree(ic->priv);
	kfree(ic);
	atomic64_inc(&ic_leaks.devs_gone);
}

/**
 * ic_put() - let go of a device
 * @ic: the device; may be freed
 *
 * Context: process.
 */
void ic_put(struct ic_dev *ic)
{
	kref_put(&ic->ref, ic_free);
}

static struct ic_dev *ic_alloc(struct hv_device *hdev,
			       const struct ic_service *svc)
{
	struct ic_dev *ic = kzalloc(sizeof(*ic), GFP_KERNEL);

	if (!ic)
		return NULL;
	atomic64_inc(&ic_leaks.devs_made);
	kref_init(&ic->ref);
	spin_lock_init(&ic->lock);
	INIT_DELAYED_WORK(&ic->again, ic_again);
	INIT_DELAYED_WORK(&ic->timer, ic_user_timer);
	ic->hdev = hdev;
	ic->svc = svc;
	ic->pkt = kvzalloc(IC_RING_BYTES, GFP_KERNEL);
	ic->next = kvzalloc(IC_RING_BYTES, GFP_KERNEL);
	ic->priv = kzalloc(max_t(size_t, svc->priv_bytes, 1), GFP_KERNEL);
	if (!ic->pkt || !ic->next || !ic->priv) {
		ic_put(ic);
		return NULL;
	}
	return ic;
}

/* Channel */

/* Nothing goes out any more, and what was put off is dropped. */
static void shut(struct ic_dev *ic)
{
	spin_lock_bh(&ic->lock);
	ic->open = false;
	ic_drop_pending(ic);
	ic->next_bytes = 0;
	ic->framework = 0;
	ic->message = 0;
	spin_unlock_bh(&ic->lock);
}

static int ic_open(struct ic_dev *ic)
{
	struct vmbus_channel *channel = ic->hdev->channel;
	int ret;

	/* Nothing longer fits into the ring, so nothing gets stuck in it. */
	channel->max_pkt_size = IC_RING_BYTES;
	set_channel_read_mode(channel, HV_CALL_DIRECT);
	spin_lock_bh(&ic->lock);
	ic->open = true;
	ic->waited = false;
	spin_unlock_bh(&ic->lock);
	ret = vmbus_open(channel, IC_RING_BYTES, IC_RING_BYTES, NULL, 0,
			 ic_receive, ic);
	if (ret) {
		/* It may have been open for a moment, and something received. */
		shut(ic);
		cancel_delayed_work_sync(&ic->again);
		return ret;
	}
	atomic64_inc(&ic_leaks.opens);
	return 0;
}

/* Reverse of ic_open(). The host gets no answer from here on. */
static void ic_close(struct ic_dev *ic)
{
	shut(ic);
	vmbus_close(ic->hdev->channel);
	atomic64_inc(&ic_leaks.closes);
	cancel_delayed_work_sync(&ic->again);
}

/* sysfs */

static ssize_t ic_stats_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	static const char * const refusal[IC_REFUSED_NR] = {
		[IC_REFUSED_SHORT] = "short",
		[IC_REFUSED_LENGTH] = "length",
		[IC_REFUSED_FOREIGN] = "foreign",
		[IC_REFUSED_EARLY] = "early",
		[IC_REFUSED_VERSIONS] = "versions",
		[IC_REFUSED_REQUEST] = "request",
		[IC_REFUSED_READ] = "read",
		[IC_REFUSED_UNSENT] = "unsent",
	};
	struct ic_dev *ic = dev_get_drvdata(dev);
	unsigned int i;
	int at = 0;

	if (!ic)
		return 0;
	spin_lock_bh(&ic->lock);
	at += sysfs_emit_at(buf, at, "service %s\nframework %u.%u\nmessage %u.%u\n",
			    ic->svc->name, ic->framework >> 16,
			    ic->framework & 0xffff, ic->message >> 16,
			    ic->message & 0xffff);
	at += sysfs_emit_at(buf, at,
			    "negotiations %llu\nrequests %llu\nanswers %llu\n",
			    ic->negotiations, ic->requests, ic->answers);
	for (i = 0; i < IC_REFUSED_NR; i++)
		at += sysfs_emit_at(buf, at, "refused_%s %llu\n", refusal[i],
				    ic->refused[i]);
	spin_unlock_bh(&ic->lock);
	return at;
}
static DEVICE_ATTR_RO(ic_stats);

static struct attribute *ic_attrs[] = {
	&dev_attr_ic_stats.attr,
	NULL
};
ATTRIBUTE_GROUPS(ic);

/* Driver */

/* Nobody is asked any more; the channel is closed, or never was open. */
static void dismiss(struct ic_dev *ic)
{
	ic_node_remove(ic);
	if (ic->svc->quiesce)
		ic->svc->quiesce(ic);
	/* Until here it may have watched over a daemon. */
	cancel_delayed_work_sync(&ic->timer);
}

static int ic_probe(struct hv_device *hdev, const struct hv_vmbus_device_id *id)
{
	const struct ic_service *svc = services[id->driver_data];
	struct ic_dev *ic;
	int ret;

	if (!claim(id->driver_data)) {
		dev_err(&hdev->device, "%s: offered a second time\n",
			svc->name);
		return -EBUSY;
	}
	ic = ic_alloc(hdev, svc);
	if (!ic) {
		ret = -ENOMEM;
		goto err_unclaim;
	}
	hv_set_drvdata(hdev, ic);
	if (svc->start) {
		ret = svc->start(ic);
		if (ret)
			goto err_put;
	}
	if (svc->user) {
		ret = ic_node_create(ic);
		if (ret)
			goto err_stop;
	}
	ret = ic_open(ic);
	if (ret)
		goto err_node;
	return 0;

err_node:
	dismiss(ic);
err_stop:
	if (svc->stop)
		svc->stop(ic);
err_put:
	hv_set_drvdata(hdev, NULL);
	ic_put(ic);
err_unclaim:
	unclaim(svc);
	return ret;
}

/* Asked to leave, or the host switched the service off. */
static void remove(struct hv_device *hdev)
{
	struct ic_dev *ic = hv_get_drvdata(hdev);
	const struct ic_service *svc = ic->svc;

	ic_close(ic);
	dismiss(ic);
	if (svc->stop)
		svc->stop(ic);
	hv_set_drvdata(hdev, NULL);
	ic->hdev = NULL;
	ic_put(ic);
	unclaim(svc);
}

#ifdef HAVE_HV_DRIVER_REMOVE_VOID
static void ic_remove(struct hv_device *hdev)
{
	remove(hdev);
}
#else
static int ic_remove(struct hv_device *hdev)
{
	remove(hdev);
	return 0;
}
#endif

static int ic_suspend(struct hv_device *hdev)
{
	struct ic_dev *ic = hv_get_drvdata(hdev);

	ic_close(ic);
	if (ic->svc->quiesce)
		ic->svc->quiesce(ic);
	if (ic->svc->suspending)
		ic->svc->suspending(ic);
	return 0;
}

static int ic_resume(struct hv_device *hdev)
{
	struct ic_dev *ic = hv_get_drvdata(hdev);

	if (ic->svc->resumed)
		ic->svc->resumed(ic);
	return ic_open(ic);
}

/* driver_data is the index into services[]. */
static const struct hv_vmbus_device_id id_table[] = {
	{ HV_SHUTDOWN_GUID, .driver_data = 0 },
	{ HV_TS_GUID, .driver_data = 1 },
	{ HV_HEART_BEAT_GUID, .driver_data = 2 },
	{ HV_KVP_GUID, .driver_data = 3 },
	{ HV_VSS_GUID, .driver_data = 4 },
#ifndef HAVE_FCOPY_BY_UIO
	{ HV_FCOPY_GUID, .driver_data = 5 },
#endif
	{ },
};
MODULE_DEVICE_TABLE(vmbus, id_table);

static struct hv_driver driver = {
	.name = "hv_utils",
	.id_table = id_table,
	.probe = ic_probe,
	.remove = ic_remove,
	.suspend = ic_suspend,
	.resume = ic_resume,
	.driver = {
		.probe_type = PROBE_PREFER_ASYNCHRONOUS,
		.dev_groups = ic_groups,
	},
};

static void report_leaks(void)
{
	struct ic_leaks *l = &ic_leaks;
	s64 pair[][2] = {
		{ atomic64_read(&l->devs_made), atomic64_read(&l->devs_gone) },
		{ atomic64_read(&l->opens), atomic64_read(&l->closes) },
		{ atomic64_read(&l->nodes_made),
		  atomic64_read(&l->nodes_gone) },
		{ atomic64_read(&l->files_opened),
		  atomic64_read(&l->files_closed) },
		{ atomic64_read(&l->asked), atomic64_read(&l->settled) },
	};
	bool equal = true;
	int i;

	for (i = 0; i < ARRAY_SIZE(pair); i++)
		equal &= pair[i][0] == pair[i][1];
	pr_info("leak check: services %lld/%lld channels %lld/%lld nodes %lld/%lld files %lld/%lld requests %lld/%lld leaked 0%s\n",
		pair[0][1], pair[0][0], pair[1][1], pair[1][0], pair[2][1],
		pair[2][0], pair[3][1], pair[3][0], pair[4][1], pair[4][0],
		equal ? "" : " LEAK");
}

static int __init ic_init(void)
{
	int ret;

	ic_wq = alloc_workqueue("hv_utils", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!ic_wq)
		return -ENOMEM;
	ret = vmbus_driver_register(&driver);
	if (ret)
		destroy_workqueue(ic_wq);
	return ret;
}
module_init(ic_init);

static void __exit ic_exit(void)
{
	vmbus_driver_unregister(&driver);
	destroy_workqueue(ic_wq);
	report_leaks();
}
module_exit(ic_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Hyper-V integration services");
MODULE_VERSION("0.1.0");
