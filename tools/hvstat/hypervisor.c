// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypervisor as the processor's CPUID leaves describe it (Hypervisor Top
 * Level Functional Specification, 2.4). Programs may ask like the kernel.
 */
#include <cpuid.h>
#include <string.h>

#include "hvstat.h"

#define LEAF_FEATURES	1
#define HYPERVISOR	(1u << 31)	/* ecx of LEAF_FEATURES */
#define LEAF_VENDOR	0x40000000
#define LEAF_INTERFACE	0x40000001
#define LEAF_VERSION	0x40000002

void hypervisor_read(struct bus *bus)
{
	unsigned int a, b, c, d, most;

	if (!__get_cpuid(LEAF_FEATURES, &a, &b, &c, &d) || !(c & HYPERVISOR))
		return;
	__cpuid(LEAF_VENDOR, most, b, c, d);
	memcpy(bus->vendor, &b, 4);
	memcpy(bus->vendor + 4, &c, 4);
	memcpy(bus->vendor + 8, &d, 4);
	bus->hypervisor = true;
	if (most < LEAF_VERSION || strcmp(bus->vendor, "Microsoft Hv"))
		return;
	__cpuid(LEAF_INTERFACE, a, b, c, d);
	memcpy(bus->interface, &a, 4);
	__cpuid(LEAF_VERSION, a, b, c, d);
	bus->version[0] = b >> 16;
	bus->version[1] = b & 0xffff;
	bus->version[2] = a;
	bus->version[3] = c;
}
