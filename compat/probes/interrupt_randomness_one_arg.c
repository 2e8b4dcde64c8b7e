// SPDX-License-Identifier: GPL-2.0-only
/* Does add_interrupt_randomness() take the interrupt number alone? (5.18) */
#include <linux/random.h>

void probe(void);
void probe(void)
{
#ifdef PROBE_NEW
	add_interrupt_randomness(1);
#else
	add_interrupt_randomness(1, 0);
#endif
}
