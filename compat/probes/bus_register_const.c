// SPDX-License-Identifier: GPL-2.0-only
/* Does bus_register() take a const bus_type? (6.4) */
#include <linux/device.h>

#ifdef PROBE_NEW
int probe(const struct bus_type *bus);
int probe(const struct bus_type *bus)
#else
int probe(struct bus_type *bus);
int probe(struct bus_type *bus)
#endif
{
	return bus_register(bus);
}
