// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: the last resort. A daemon that froze file systems and died cannot thaw
 * them, and a frozen root may keep a new one from starting. So the kernel does
 * what the daemon's ioctl would have done.
 */
#define pr_fmt(fmt) "hv_utils: " fmt

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/string.h>

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

static void thaw_type(const char *name, struct found *found)
{
	struct file_system_type *type;
	unsigned int i, thawed;

	type = get_fs_type(name);
	if (!type)
		return;
	do {
		found->n = 0;
		thawed = 0;
		iterate_supers_type(type, collect, found);
		for (i = 0; i < found->n; i++) {
			struct super_block *sb = found->sb[i];

			if (!thaw(sb)) {
				pr_warn("thawed %s, its daemon is gone\n",
					sb->s_id);
				thawed++;
			}
			deactivate_super(sb);
		}
	} while (found->n == BATCH && thawed);
	module_put(type->owner);
}

/*
 * Kinds of file systems on block devices that the kernel has, one a line. Asked
 * for by name, a kind it has not would be loaded, from a frozen disk.
 */
static ssize_t read_types(char *text, size_t room)
{
	struct file *file;
	loff_t pos = 0;
	ssize_t n;

	file = filp_open("/proc/filesystems", O_RDONLY, 0);
	if (IS_ERR(file))
		return PTR_ERR(file);
	n = kernel_read(file, text, room - 1, &pos);
	filp_close(file, NULL);
	if (n >= 0)
		text[n] = '\0';
	return n;
}

/**
 * thaw_all() - thaw what user space froze
 *
 * Context: process, one at a time; nothing is written to disk for memory.
 */
void thaw_all(void)
{
	static char text[2048];
	static struct found found;
	char *rest = text, *line;
	unsigned int noio;

	noio = memalloc_noio_save();
	if (read_types(text, sizeof(text)) < 0) {
		pr_warn("the kinds of file systems are not known, ext4 is tried\n");
		strscpy(text, "\text4\n", sizeof(text));
	}
	while ((line = strsep(&rest, "\n"))) {
		/* "nodev<tab>name" are those without a block device. */
		if (line[0] == '\t' && line[1])
			thaw_type(line + 1, &found);
	}
	memalloc_noio_restore(noio);
}
