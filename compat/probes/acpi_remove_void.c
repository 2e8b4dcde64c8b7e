// SPDX-License-Identifier: GPL-2.0-only
/* Does acpi_driver.ops.remove return nothing? (6.2) */
#include <linux/acpi.h>

#ifdef PROBE_NEW
static void gone(struct acpi_device *dev)
{
}
#else
static int gone(struct acpi_device *dev)
{
	return 0;
}
#endif

struct acpi_driver probe = { .ops.remove = gone };
