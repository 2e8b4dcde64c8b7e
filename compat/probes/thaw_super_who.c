// SPDX-License-Identifier: GPL-2.0-only
/* Does thaw_super() take who froze, and that alone? (6.6) */
#include <linux/fs.h>

int probe(struct super_block *sb);
int probe(struct super_block *sb)
{
#ifdef PROBE_NEW
	return thaw_super(sb, FREEZE_HOLDER_USERSPACE);
#else
	void *any = (void *)thaw_super;

	return !any;
#endif
}
