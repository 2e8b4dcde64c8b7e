// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes of devices, drivers and the bus, as documented in the kernel's
 * Documentation/ABI/stable/sysfs-bus-vmbus. Names and formats are an
 * interface: lsvmbus, udev rules and monitoring read them.
 */
#include <linux/device.h>
#include <linux/hyperv.h>
#include <linux/sysfs.h>
#include <linux/topology.h>
#include <linux/uuid.h>
#include <asm/mshyperv.h>
#include "abi.h"
#include "chan.h"
#include "conn.h"
#include "dynid.h"
#include "msg_wire.h"
#include "offer.h"
#include "sysfs.h"

#define DEV_SHOW(_name, fmt, ...) \
	static ssize_t _name##_show(struct device *device, \
				    struct device_attribute *attr, char *buf) \
	{ \
		struct hv_device *dev = device_to_hv_device(device); \
		struct vmbus_channel *ch = dev->channel; \
		\
		if (!ch) \
			return -ENODEV; \
		return sysfs_emit(buf, fmt "\n", __VA_ARGS__); \
	} \
	static DEVICE_ATTR_RO(_name)

DEV_SHOW(id, "%d", ch->offermsg.child_relid);
DEV_SHOW(state, "%d", READ_ONCE(ch->state));
DEV_SHOW(monitor_id, "%d", ch->offermsg.monitorid);
DEV_SHOW(class_id, "{%pUl}", &ch->offermsg.offer.if_type);
DEV_SHOW(device_id, "{%pUl}", &ch->offermsg.offer.if_instance);
DEV_SHOW(modalias, "vmbus:%*phN", (int)sizeof(dev->dev_type), &dev->dev_type);
DEV_SHOW(vendor, "0x%x", dev->vendor_id);
DEV_SHOW(device, "0x%x", dev->device_id);
#ifdef CONFIG_NUMA
DEV_SHOW(numa_node, "%d", cpu_to_node(ch->target_cpu));
#endif

static u32 pending(const struct vmbus_channel *ch, bool to_host)
{
	return READ_ONCE(conn_monitor_page(to_host)->group[ch->monitor_grp & 3]
			 .pending);
}

static u32 latency(const struct vmbus_channel *ch, bool to_host)
{
	return le16_to_cpu(conn_monitor_page(to_host)
			   ->latency[ch->monitor_grp & 3]
				    [ch->monitor_bit & 31]);
}

static u32 conn_id(const struct vmbus_channel *ch, bool to_host)
{
	return le32_to_cpu(conn_monitor_page(to_host)
			   ->param[ch->monitor_grp & 3]
				  [ch->monitor_bit & 31].conn_id) &
	       VMBUS_CONN_ID_MASK;
}

DEV_SHOW(server_monitor_pending, "%d", pending(ch, false));
DEV_SHOW(client_monitor_pending, "%d", pending(ch, true));
DEV_SHOW(server_monitor_latency, "%d", latency(ch, false));
DEV_SHOW(client_monitor_latency, "%d", latency(ch, true));
DEV_SHOW(server_monitor_conn_id, "%d", conn_id(ch, false));
DEV_SHOW(client_monitor_conn_id, "%d", conn_id(ch, true));

#define RING_SHOW(_name, _ring, _member) \
	static ssize_t _name##_show(struct device *device, \
				    struct device_attribute *attr, char *buf) \
	{ \
		struct hv_device *dev = device_to_hv_device(device); \
		struct hv_ring_buffer_debug_info info; \
		int ret; \
		\
		if (!dev->channel || \
		    READ_ONCE(dev->channel->state) != CHANNEL_OPENED_STATE) \
			return -EINVAL; \
		ret = hv_ringbuffer_get_debuginfo(&dev->channel->_ring, &info); \
		if (ret) \
			return ret; \
		return sysfs_emit(buf, "%d\n", info._member); \
	} \
	static DEVICE_ATTR_RO(_name)

RING_SHOW(out_intr_mask, outbound, current_interrupt_mask);
RING_SHOW(out_read_index, outbound, current_read_index);
RING_SHOW(out_write_index, outbound, current_write_index);
RING_SHOW(out_read_bytes_avail, outbound, bytes_avail_toread);
RING_SHOW(out_write_bytes_avail, outbound, bytes_avail_towrite);
RING_SHOW(in_intr_mask, inbound, current_interrupt_mask);
RING_SHOW(in_read_index, inbound, current_read_index);
RING_SHOW(in_write_index, inbound, current_write_index);
RING_SHOW(in_read_bytes_avail, inbound, bytes_avail_toread);
RING_SHOW(in_write_bytes_avail, inbound, bytes_avail_towrite);

static ssize_t channel_vp_mapping_show(struct device *device,
				       struct device_attribute *attr, char *buf)
{
	struct hv_device *dev = device_to_hv_device(device);
	struct vmbus_channel *ch = dev->channel;
	struct vmbus_channel *sub;
	int n;

	if (!ch)
		return -ENODEV;
	offer_lock();
	n = sysfs_emit(buf, "%u:%u\n", ch->offermsg.child_relid,
		       ch->target_cpu);
	list_for_each_entry(sub, &ch->sc_list, sc_list)
		n += sysfs_emit_at(buf, n, "%u:%u\n",
				   sub->offermsg.child_relid, sub->target_cpu);
	offer_unlock();
	return n;
}
static DEVICE_ATTR_RO(channel_vp_mapping);

#ifdef HAVE_HV_DEVICE_DRIVER_OVERRIDE
static ssize_t driver_override_show(struct device *device,
				    struct device_attribute *attr, char *buf)
{
	struct hv_device *dev = device_to_hv_device(device);
	ssize_t n;

	device_lock(device);
	n = sysfs_emit(buf, "%s\n", dev->driver_override);
	device_unlock(device);
	return n;
}

static ssize_t driver_override_store(struct device *device,
				     struct device_attribute *attr,
				     const char *buf, size_t count)
{
	struct hv_device *dev = device_to_hv_device(device);
	int ret;

	/* older kernels declare the field without const */
	ret = driver_set_override(device, (const char **)&dev->driver_override,
				  buf, count);
	return ret ? ret : count;
}
static DEVICE_ATTR_RW(driver_override);
#endif

static struct attribute *dev_attrs[] = {
	&dev_attr_id.attr,
	&dev_attr_state.attr,
	&dev_attr_monitor_id.attr,
	&dev_attr_class_id.attr,
	&dev_attr_device_id.attr,
	&dev_attr_modalias.attr,
#ifdef CONFIG_NUMA
	&dev_attr_numa_node.attr,
#endif
	&dev_attr_server_monitor_pending.attr,
	&dev_attr_client_monitor_pending.attr,
	&dev_attr_server_monitor_latency.attr,
	&dev_attr_client_monitor_latency.attr,
	&dev_attr_server_monitor_conn_id.attr,
	&dev_attr_client_monitor_conn_id.attr,
	&dev_attr_out_intr_mask.attr,
	&dev_attr_out_read_index.attr,
	&dev_attr_out_write_index.attr,
	&dev_attr_out_read_bytes_avail.attr,
	&dev_attr_out_write_bytes_avail.attr,
	&dev_attr_in_intr_mask.attr,
	&dev_attr_in_read_index.attr,
	&dev_attr_in_write_index.attr,
	&dev_attr_in_read_bytes_avail.attr,
	&dev_attr_in_write_bytes_avail.attr,
	&dev_attr_channel_vp_mapping.attr,
	&dev_attr_vendor.attr,
	&dev_attr_device.attr,
#ifdef HAVE_HV_DEVICE_DRIVER_OVERRIDE
	&dev_attr_driver_override.attr,
#endif
	NULL
};

static umode_t dev_visible(struct kobject *kobj, struct attribute *attr, int i)
{
	struct device *device = container_of(kobj, struct device, kobj);
	struct hv_device *dev = device_to_hv_device(device);

	if (!dev->channel->offermsg.monitor_allocated &&
	    (attr == &dev_attr_monitor_id.attr ||
	     attr == &dev_attr_server_monitor_pending.attr ||
	     attr == &dev_attr_client_monitor_pending.attr ||
	     attr == &dev_attr_server_monitor_latency.attr ||
	     attr == &dev_attr_client_monitor_latency.attr ||
	     attr == &dev_attr_server_monitor_conn_id.attr ||
	     attr == &dev_attr_client_monitor_conn_id.attr))
		return 0;
	return attr->mode;
}

static const struct attribute_group dev_group = {
	.attrs = dev_attrs,
	.is_visible = dev_visible,
};

const struct attribute_group *sysfs_dev_groups[] = { &dev_group, NULL };

static ssize_t new_id_store(struct device_driver *driver, const char *buf,
			    size_t count)
{
	struct hv_driver *drv = (struct hv_driver *)drv_to_hv_drv(driver);
	guid_t guid;
	int ret;

	ret = guid_parse(buf, &guid);
	if (ret)
		return ret;
	/* A class of the driver's own may be named once more: scripts do. */
	if (dynid_find(drv, &guid))
		return -EEXIST;
	ret = dynid_add(drv, &guid);
	return ret ? ret : count;
}
static DRIVER_ATTR_WO(new_id);

static ssize_t remove_id_store(struct device_driver *driver, const char *buf,
			       size_t count)
{
	struct hv_driver *drv = (struct hv_driver *)drv_to_hv_drv(driver);
	guid_t guid;
	int ret;

	ret = guid_parse(buf, &guid);
	if (!ret)
		ret = dynid_remove(drv, &guid);
	return ret ? ret : count;
}
static DRIVER_ATTR_WO(remove_id);

static struct attribute *drv_attrs[] = {
	&driver_attr_new_id.attr,
	&driver_attr_remove_id.attr,
	NULL
};

static const struct attribute_group drv_group = { .attrs = drv_attrs };

const struct attribute_group *sysfs_drv_groups[] = { &drv_group, NULL };

#ifdef HAVE_BUS_UEVENT_CONST
static ssize_t hibernation_show(const struct bus_type *bus, char *buf)
#else
static ssize_t hibernation_show(struct bus_type *bus, char *buf)
#endif
{
	return sysfs_emit(buf, "%d\n", hv_is_hibernation_supported() ||
			  (!IS_ENABLED(CONFIG_HYPERV) &&
			   IS_ENABLED(CONFIG_HIBERNATION)));
}
static BUS_ATTR_RO(hibernation);

static struct attribute *bus_attrs[] = {
	&bus_attr_hibernation.attr,
	NULL
};

static const struct attribute_group bus_group = { .attrs = bus_attrs };

const struct attribute_group *sysfs_bus_groups[] = { &bus_group, NULL };
