// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: attributes of the SCSI host, /sys/class/scsi_host/hostN/:
 *
 * vstor_version	protocol version agreed with the host
 * vstor_channels	channels in use, the primary included
 * vstor_requests	commands sent, answered, put off for lack of room
 * vstor_refused	inputs of the host that were refused, by reason
 */
#include <linux/device.h>
#include <linux/sysfs.h>

#include "stor.h"

static struct stor_ctl *to_ctl(struct device *dev)
{
	return shost_priv(class_to_shost(dev));
}

static ssize_t vstor_version_show(struct device *dev,
				  struct device_attribute *attr, char *buf)
{
	u16 version = to_ctl(dev)->version;

	return sysfs_emit(buf, "%u.%u\n", version >> 8, version & 0xff);
}
static DEVICE_ATTR_RO(vstor_version);

static ssize_t vstor_channels_show(struct device *dev,
				   struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(to_ctl(dev)->nr_chans));
}
static DEVICE_ATTR_RO(vstor_channels);

static ssize_t vstor_requests_show(struct device *dev,
				   struct device_attribute *attr, char *buf)
{
	struct stor_counts sum;

	io_count(to_ctl(dev), &sum);
	return sysfs_emit(buf, "sent %llu\nended %llu\nbusy %llu\n",
			  sum.sent, sum.ended, sum.busy);
}
static DEVICE_ATTR_RO(vstor_requests);

static ssize_t vstor_refused_show(struct device *dev,
				  struct device_attribute *attr, char *buf)
{
	static const char * const names[] = {
		[STOR_REFUSED_SHORT] = "short",
		[STOR_REFUSED_UNEXPECTED] = "unexpected",
		[STOR_REFUSED_NOT_COMPLETE] = "not_complete",
		[STOR_REFUSED_ID] = "id",
		[STOR_REFUSED_STALE] = "stale",
		[STOR_REFUSED_CHANNEL] = "channel",
		[STOR_REFUSED_CONTROL] = "control",
	};
	struct stor_ctl *ctl = to_ctl(dev);
	int i, at = 0;

	static_assert(ARRAY_SIZE(names) == STOR_REFUSED_NR);
	for (i = 0; i < STOR_REFUSED_NR; i++)
		at += sysfs_emit_at(buf, at, "%s %lld\n", names[i],
				    (s64)atomic64_read(&ctl->refused[i]));
	return at;
}
static DEVICE_ATTR_RO(vstor_refused);

#ifdef HAVE_SCSI_SHOST_GROUPS
static struct attribute *attrs[] = {
	&dev_attr_vstor_version.attr,
	&dev_attr_vstor_channels.attr,
	&dev_attr_vstor_requests.attr,
	&dev_attr_vstor_refused.attr,
	NULL,
};

static const struct attribute_group group = { .attrs = attrs };

const struct attribute_group *sysfs_shost_groups[] = { &group, NULL };
#else
struct device_attribute *sysfs_shost_attrs[] = {
	&dev_attr_vstor_version,
	&dev_attr_vstor_channels,
	&dev_attr_vstor_requests,
	&dev_attr_vstor_refused,
	NULL,
};
#endif
