// SPDX-License-Identifier: GPL-2.0-only
/* Does bin_attribute.read take a const attribute? (6.16) */
#include <linux/sysfs.h>

#ifdef PROBE_NEW
static ssize_t get(struct file *file, struct kobject *kobj,
		   const struct bin_attribute *attr, char *buf, loff_t off,
		   size_t count)
#else
static ssize_t get(struct file *file, struct kobject *kobj,
		   struct bin_attribute *attr, char *buf, loff_t off,
		   size_t count)
#endif
{
	return 0;
}

struct bin_attribute probe = { .read = get };
