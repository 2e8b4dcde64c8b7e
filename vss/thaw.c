// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: the last resort. A daemon that froze file systems and died cannot thaw
 * them, and a frozen root may keep a new one from starting. So the kernel does
 * what the daemon's ioctl would have done, for the kinds of file systems that
 * can be frozen.
 */
#define pr_fmt(fmt) "hv_utils: " fmt

#include <linux/fs.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "vss.h"

/* More than these at once are found by another round. */
#define BATCH	32

struct found {
	struct super_block *sb[BATCH];
	unsigned int n;
};

/* Called with the superblock locked for reading; thawing wants it for itself. */
static void collect(struct super_block *sb, void *arg)
{
	struct found *found = arg;

	if (found->n == BATCH || !sb->s_bdev || sb_rdonly(sb) ||
	    READ_ONCE(sb->s_writers.frozen) == SB_UNFROZEN)
		return;
	if (!atomic_inc_not_zero(&sb->s_active))
		return;
	found->sb[found->n++] = sb;
}

static int thaw(struct super_block *sb)
{
#if defined(HAVE_THAW_SUPER_OWNER)
	return thaw_super(sb, FREEZE_HOLDER_USERSPACE, NULL);
#elif defined(HAVE_THAW_SUPER_WHO)
	return thaw_super(sb, FREEZE_HOLDER_USERSPACE);
#else
	return thaw_super(sb);
#endif
}

static bool thaw_type(const char *name, struct found *found)
{
	struct file_system_type *type;
	unsigned int i, thawed = 0;

	/* Only if it is there: nothing may be loaded from a frozen disk. */
	type = get_fs_type(name);
	if (!type)
		return false;
	found->n = 0;
	iterate_supers_type(type, collect, found);
	for (i = 0; i < found->n; i++) {
		struct super_block *sb = found->sb[i];

		if (!thaw(sb)) {
			pr_warn("thawed %s, its daemon is gone\n", sb->s_id);
			thawed++;
		}
		deactivate_super(sb);
	}
	module_put(type->owner);
	return found->n == BATCH && thawed;
}

/**
 * thaw_all() - thaw what user space froze
 *
 * Context: process, on memory that was there before.
 */
void thaw_all(void)
{
	static const char * const names[] = {
		"ext4", "xfs", "btrfs", "ext3", "ext2", "f2fs", "jfs",
		"nilfs2", "gfs2", "ocfs2", "bcachefs",
	};
	/* Under the work item that calls this; one runs at a time. */
	static struct found found;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		while (thaw_type(names[i], &found))
			;
	}
}
