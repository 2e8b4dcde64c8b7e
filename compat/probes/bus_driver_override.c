// SPDX-License-Identifier: GPL-2.0-only
/* Does the driver core own driver_override? (6.12.107 of Debian; 7.0) */
#include <linux/device.h>

#ifdef PROBE_NEW
struct bus_type probe = { .driver_override = true };
#else
struct bus_type probe;
#endif
