// SPDX-License-Identifier: GPL-2.0-only
/* CPUID: detection, announced features, silence of everything else. */
#include "hv.h"

void test_cpuid(void)
{
	u32 r[4];

	cpuid(1, r);
	verdict(r[2] >> 31, "cpuid: hypervisor present");

	cpuid(0x40000000, r);
	verdict(r[0] >= 0x40000005 && r[0] <= 0x4000ffff, "cpuid: maximum leaf within the range");
	expect(r[1], 0x7263694d, "cpuid: vendor, first word");
	expect(r[2], 0x666f736f, "cpuid: vendor, second word");
	expect(r[3], 0x76482074, "cpuid: vendor, third word");

	cpuid(0x40000001, r);
	expect(r[0], 0x31237648, "cpuid: interface id");

	cpuid(0x40000002, r);
	verdict(r[0] && r[1] >> 16, "cpuid: build and version");

	cpuid(0x40000003, r);
	expect(r[0], option("eax", r[0]), "cpuid: MSR privileges as configured");
	expect(r[1], option("ebx", r[1]), "cpuid: hypercall privileges as configured");
	expect(r[3], option("edx", r[3]), "cpuid: features as configured");

	cpuid(0x40000004, r);
	expect(r[0], option("hints", r[0]), "cpuid: recommendations as configured");

	cpuid(0x40000005, r);
	verdict(r[0] >= cpu_count, "cpuid: limit of virtual processors");

	/* guests probe beyond the maximum: 0x40000082 decides on a confidential VMBus */
	static const u32 nothing[] = {
		0x40000006, 0x40000007, 0x40000008, 0x40000009, 0x4000000a, 0x4000000b, 0x4000000c, 0x4000000d, 0x40000010,
		0x40000080, 0x40000081, 0x40000082, 0x400000ff, 0x40000100, 0x40000101, 0x40001000, 0x4000ffff,
	};

	for (u32 i = 0; i < ARRAY_SIZE(nothing); i++) {
		cpuid(nothing[i], r);
		expect(r[0] | r[1] | r[2] | r[3], 0, "cpuid: leaf 0x%x reads as zero", nothing[i]);
	}
}
