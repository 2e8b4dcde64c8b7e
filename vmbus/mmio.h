/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMBUS_MMIO_H
#define HV_VMBUS_MMIO_H

struct acpi_device;

void mmio_collect(struct acpi_device *device);
void mmio_release(void);

#endif /* HV_VMBUS_MMIO_H */
