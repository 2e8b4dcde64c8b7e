// SPDX-License-Identifier: GPL-2.0-only
/* Does bin_attribute.mmap take a const attribute? (6.12) */
#include <linux/mm.h>
#include <linux/sysfs.h>

#ifdef PROBE_NEW
static int map(struct file *file, struct kobject *kobj,
	       const struct bin_attribute *attr, struct vm_area_struct *vma)
#else
static int map(struct file *file, struct kobject *kobj,
	       struct bin_attribute *attr, struct vm_area_struct *vma)
#endif
{
	return 0;
}

struct bin_attribute probe = { .mmap = map };
