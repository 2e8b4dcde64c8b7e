// SPDX-License-Identifier: GPL-2.0-only
/* Is there register_syscore(struct syscore *)? (6.12.117 of Debian; 6.19) */
#include <linux/syscore_ops.h>

void probe(void *p);
void probe(void *p)
{
#ifdef PROBE_NEW
	struct syscore *core = p;

	register_syscore(core);
#else
	struct syscore_ops *ops = p;

	register_syscore_ops(ops);
#endif
}
