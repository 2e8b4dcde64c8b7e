/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compile-time proof of the layout of a structure the host sees.
 *
 * Written right below each wire structure, so that a layout can never drift
 * away from the protocol without breaking the build.
 */
#ifndef HV_WIRE_H
#define HV_WIRE_H

#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/types.h>

/* The structure takes exactly @bytes on the wire. */
#define WIRE_SIZE(type, bytes) \
	static_assert(sizeof(type) == (bytes), "size of " #type)

/* The member starts exactly @off bytes into the structure. */
#define WIRE_AT(type, member, off) \
	static_assert(offsetof(type, member) == (off), #type "." #member)

#endif /* HV_WIRE_H */
