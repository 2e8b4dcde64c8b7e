// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/bus/vmbus/devices/<device>/channels/<relid>: one directory per
 * channel. The kobject is also the reference count of the channel.
 */
#include <linux/cpu.h>
#include <linux/hyperv.h>
#include <linux/kobject.h>
#include <linux/mutex.h>
#include <linux/sysfs.h>
#include "abi.h"
#include "chan.h"
#include "conn.h"
#include "msg_wire.h"
#include "offer.h"
#include "sysfs.h"
#include "version.h"

/*
 * Serialises the coming and going of directories. No attribute takes it, so
 * it may be held while a directory waits for its last reader.
 */
static DEFINE_MUTEX(dirs);

struct chan_attr {
	struct attribute attr;
	ssize_t (*show)(struct vmbus_channel *ch, char *buf);
	ssize_t (*store)(struct vmbus_channel *ch, const char *buf, size_t n);
};

#define CHAN_RO(_name, _show) \
	static struct chan_attr attr_##_name = { \
		.attr = { .name = __stringify(_name), .mode = 0444 }, \
		.show = _show, \
	}

/* Run @get on a ring that cannot go away meanwhile. */
static ssize_t show_ring(struct hv_ring_buffer_info *ring, char *buf,
			 u32 (*get)(const struct hv_ring_buffer_info *ring))
{
	ssize_t ret = -EINVAL;

	mutex_lock(&ring->ring_buffer_mutex);
	if (ring->ring_buffer)
		ret = sysfs_emit(buf, "%u\n", get(ring));
	mutex_unlock(&ring->ring_buffer_mutex);
	return ret;
}

static u32 get_mask(const struct hv_ring_buffer_info *ring)
{
	return READ_ONCE(ring->ring_buffer->interrupt_mask);
}

static ssize_t show_out_mask(struct vmbus_channel *ch, char *buf)
{
	return show_ring(&ch->outbound, buf, get_mask);
}

CHAN_RO(out_mask, show_out_mask);

static ssize_t show_in_mask(struct vmbus_channel *ch, char *buf)
{
	return show_ring(&ch->inbound, buf, get_mask);
}

CHAN_RO(in_mask, show_in_mask);

static ssize_t show_read_avail(struct vmbus_channel *ch, char *buf)
{
	return show_ring(&ch->inbound, buf, hv_get_bytes_to_read);
}

CHAN_RO(read_avail, show_read_avail);

static ssize_t show_write_avail(struct vmbus_channel *ch, char *buf)
{
	return show_ring(&ch->outbound, buf, hv_get_bytes_to_write);
}

CHAN_RO(write_avail, show_write_avail);

static ssize_t show_cpu(struct vmbus_channel *ch, char *buf)
{
	return sysfs_emit(buf, "%u\n", ch->target_cpu);
}

static ssize_t store_cpu(struct vmbus_channel *ch, const char *buf, size_t n)
{
	unsigned int cpu;
	int ret;

	if (!version_has_modify(conn_version()))
		return -EIO;
	ret = kstrtouint(buf, 0, &cpu);
	if (ret)
		return ret;
	if (cpu >= nr_cpu_ids)
		return -EINVAL;

	cpus_read_lock();
	if (!cpu_online(cpu))
		ret = -EINVAL;
	else if (cpu != ch->target_cpu)
		ret = chan_modify_cpu(to_chan(ch), cpu);
	cpus_read_unlock();
	return ret ? ret : n;
}

static struct chan_attr attr_cpu = {
	.attr = { .name = "cpu", .mode = 0644 },
	.show = show_cpu,
	.store = store_cpu,
};

static ssize_t show_pending(struct vmbus_channel *ch, char *buf)
{
	const struct vmbus_monitor_page *page = conn_monitor_page(true);

	return sysfs_emit(buf, "%d\n",
			  READ_ONCE(page->group[ch->monitor_grp & 3].pending));
}

CHAN_RO(pending, show_pending);

static ssize_t show_latency(struct vmbus_channel *ch, char *buf)
{
	const struct vmbus_monitor_page *page = conn_monitor_page(true);

	return sysfs_emit(buf, "%d\n",
			  le16_to_cpu(page->latency[ch->monitor_grp & 3]
						   [ch->monitor_bit & 31]));
}

CHAN_RO(latency, show_latency);

#define CHAN_COUNTER(_name, _member) \
	static ssize_t count_##_name(struct vmbus_channel *ch, char *buf) \
	{ \
		return sysfs_emit(buf, "%llu\n", (u64)READ_ONCE(ch->_member)); \
	} \
	\
	CHAN_RO(_name, count_##_name)

CHAN_COUNTER(interrupts, interrupts);
CHAN_COUNTER(events, sig_events);
CHAN_COUNTER(intr_in_full, intr_in_full);
CHAN_COUNTER(intr_out_empty, intr_out_empty);
CHAN_COUNTER(out_full_first, out_full_first);
CHAN_COUNTER(out_full_total, out_full_total);
CHAN_COUNTER(monitor_id, offermsg.monitorid);
CHAN_COUNTER(subchannel_id, offermsg.offer.sub_channel_index);

static struct attribute *attrs[] = {
	&attr_out_mask.attr,
	&attr_in_mask.attr,
	&attr_read_avail.attr,
	&attr_write_avail.attr,
	&attr_cpu.attr,
	&attr_pending.attr,
	&attr_latency.attr,
	&attr_interrupts.attr,
	&attr_events.attr,
	&attr_intr_in_full.attr,
	&attr_intr_out_empty.attr,
	&attr_out_full_first.attr,
	&attr_out_full_total.attr,
	&attr_monitor_id.attr,
	&attr_subchannel_id.attr,
	NULL
};

static struct vmbus_channel *kobj_to_channel(struct kobject *kobj)
{
	return container_of(kobj, struct vmbus_channel, kobj);
}

static umode_t visible(struct kobject *kobj, struct attribute *attr, int i)
{
	struct vmbus_channel *ch = kobj_to_channel(kobj);

	if (!ch->offermsg.monitor_allocated &&
	    (attr == &attr_pending.attr || attr == &attr_latency.attr ||
	     attr == &attr_monitor_id.attr))
		return 0;
	return attr->mode;
}

#ifdef HAVE_CHANNEL_RING_SYSFS
/* The rings themselves, for a driver in user space to map. */
#ifdef HAVE_BIN_ATTR_MMAP_CONST
static int mmap_ring(struct file *file, struct kobject *kobj,
		     const struct bin_attribute *attr,
		     struct vm_area_struct *vma)
#else
static int mmap_ring(struct file *file, struct kobject *kobj,
		     struct bin_attribute *attr, struct vm_area_struct *vma)
#endif
{
	struct vmbus_channel *ch = kobj_to_channel(kobj);
	int (*mmap)(struct vmbus_channel *ch, struct vm_area_struct *vma) =
		READ_ONCE(ch->mmap_ring_buffer);

	return mmap ? mmap(ch, vma) : -ENODEV;
}

static struct bin_attribute attr_ring = {
	.attr = { .name = "ring", .mode = 0600 },
	.mmap = mmap_ring,
};

static struct bin_attribute *bin_attrs[] = { &attr_ring, NULL };

static size_t rings_bytes(const struct vmbus_channel *ch)
{
	return (size_t)ch->ringbuffer_pagecount << PAGE_SHIFT;
}

#ifdef HAVE_BIN_ATTR_CONST
static umode_t bin_visible(struct kobject *kobj,
			   const struct bin_attribute *attr, int i)
{
	struct vmbus_channel *ch = kobj_to_channel(kobj);

	return ch->ring_sysfs_visible ? attr->attr.mode : 0;
}

/* Both directions: programs learn the size of a ring from that of the file. */
static size_t bin_bytes(struct kobject *kobj, const struct bin_attribute *attr,
			int i)
{
	return rings_bytes(kobj_to_channel(kobj));
}
#else
/*
 * Asked right before the file is made, with @dirs held: the one place to tell
 * how large it is.
 */
static umode_t bin_visible(struct kobject *kobj, struct bin_attribute *attr,
			   int i)
{
	struct vmbus_channel *ch = kobj_to_channel(kobj);

	attr->size = rings_bytes(ch);
	return ch->ring_sysfs_visible ? attr->attr.mode : 0;
}
#endif
#endif

static const struct attribute_group group = {
	.attrs = attrs,
	.is_visible = visible,
#ifdef HAVE_CHANNEL_RING_SYSFS
	.bin_attrs = bin_attrs,
	.is_bin_visible = bin_visible,
#ifdef HAVE_BIN_ATTR_CONST
	.bin_size = bin_bytes,
#endif
#endif
};

static ssize_t show_attr(struct kobject *kobj, struct attribute *attr,
			 char *buf)
{
	struct chan_attr *a = container_of(attr, struct chan_attr, attr);

	return a->show ? a->show(kobj_to_channel(kobj), buf) : -EIO;
}

static ssize_t store_attr(struct kobject *kobj, struct attribute *attr,
			  const char *buf, size_t n)
{
	struct chan_attr *a = container_of(attr, struct chan_attr, attr);

	return a->store ? a->store(kobj_to_channel(kobj), buf, n) : -EIO;
}

static const struct sysfs_ops ops = {
	.show = show_attr,
	.store = store_attr,
};

static void release(struct kobject *kobj)
{
	chan_free(to_chan(kobj_to_channel(kobj)));
}

static const struct kobj_type type = {
	.sysfs_ops = &ops,
	.release = release,
};

/**
 * sysfs_chan_init() - the channel is counted from now on
 * @chan:	channel, one reference
 *
 * Context: Any.
 */
void sysfs_chan_init(struct chan *chan)
{
	kobject_init(&chan->abi.kobj, &type);
}

static int add_locked(struct chan *chan, struct kset *kset)
{
	struct kobject *kobj = &chan->abi.kobj;
	int ret;

	if (!kset || chan->in_sysfs)
		return -ENODEV;
	kobj->kset = kset;
	ret = kobject_add(kobj, NULL, "%u", chan->relid);
	if (ret)
		return ret;
	ret = sysfs_create_group(kobj, &group);
	if (ret) {
		kobject_del(kobj);
		return ret;
	}
	chan->in_sysfs = true;
	return 0;
}

static void del_locked(struct chan *chan)
{
	if (!chan->in_sysfs)
		return;
	chan->in_sysfs = false;
	sysfs_remove_group(&chan->abi.kobj, &group);
	kobject_del(&chan->abi.kobj);
}

/**
 * sysfs_chan_add() - show a sub-channel under its primary's device
 * @chan:	sub-channel
 *
 * Context: Task, sleeps.
 */
void sysfs_chan_add(struct chan *chan)
{
	struct hv_device *dev;

	mutex_lock(&dirs);
	dev = chan->abi.primary_channel->device_obj;
	if (dev)
		add_locked(chan, dev->channels_kset);
	mutex_unlock(&dirs);
}

/**
 * sysfs_chan_del() - stop showing a channel
 * @chan:	channel, shown or not
 *
 * Context: Task, sleeps.
 */
void sysfs_chan_del(struct chan *chan)
{
	mutex_lock(&dirs);
	del_locked(chan);
	mutex_unlock(&dirs);
}

/**
 * sysfs_chan_rename() - a channel has another relid, which is its name
 * @chan:	channel, shown or not
 *
 * Context: Task, sleeps.
 */
void sysfs_chan_rename(struct chan *chan)
{
	char name[12];

	snprintf(name, sizeof(name), "%u", chan->relid);
	mutex_lock(&dirs);
	if (chan->in_sysfs && strcmp(name, kobject_name(&chan->abi.kobj)) &&
	    kobject_rename(&chan->abi.kobj, name))
		pr_warn("channel %u: keeps its old name in sysfs\n",
			chan->relid);
	mutex_unlock(&dirs);
}

/**
 * sysfs_chans_add() - channels directory of a new device
 * @dev:	device, already in sysfs
 *
 * Context: Task, sleeps.
 * Return: 0 or errno.
 */
int sysfs_chans_add(struct hv_device *dev)
{
	int ret = -ENOMEM;

	mutex_lock(&dirs);
	dev->channels_kset = kset_create_and_add("channels", NULL,
						 &dev->device.kobj);
	if (dev->channels_kset)
		ret = add_locked(to_chan(dev->channel), dev->channels_kset);
	mutex_unlock(&dirs);
	return ret;
}

/**
 * sysfs_chans_del() - a device leaves: so do the directories of its channels
 * @dev:	device without driver
 *
 * Context: Task, sleeps.
 */
void sysfs_chans_del(struct hv_device *dev)
{
	struct vmbus_channel *primary = dev->channel;
	struct vmbus_channel *sub;
	struct kset *kset;

	mutex_lock(&dirs);
	kset = dev->channels_kset;
	dev->channels_kset = NULL;
	del_locked(to_chan(primary));
	offer_lock();
	list_for_each_entry(sub, &primary->sc_list, sc_list)
		del_locked(to_chan(sub));
	offer_unlock();
	if (kset)
		kset_unregister(kset);
	mutex_unlock(&dirs);
}

#ifdef HAVE_CHANNEL_RING_SYSFS
/**
 * abi_create_ring_sysfs() - see hv_create_ring_sysfs()
 * @channel:	channel; its mmap_ring_buffer is set
 *
 * Context: Task, sleeps.
 * Return: 0 or errno.
 */
int abi_create_ring_sysfs(struct vmbus_channel *channel)
{
	int ret = -ENODEV;

	mutex_lock(&dirs);
	if (to_chan(channel)->in_sysfs)
		ret = sysfs_update_group(&channel->kobj, &group);
	mutex_unlock(&dirs);
	return ret;
}

/**
 * abi_remove_ring_sysfs() - see hv_remove_ring_sysfs()
 * @channel:	channel; its mmap_ring_buffer is unset
 *
 * Context: Task, sleeps.
 * Return: 0 or errno.
 */
int abi_remove_ring_sysfs(struct vmbus_channel *channel)
{
	return abi_create_ring_sysfs(channel);
}
#endif
