# SPDX-License-Identifier: GPL-2.0-or-later
# Devices of the test host. Everything that a guest of this project has no use
# for stays out of the build: it takes half the time of the default list.
CONFIG_Q35=y
CONFIG_HYPERV=y
CONFIG_VMBUS=y
CONFIG_HYPERV_TESTDEV=y
CONFIG_VMBUS_TESTDEV=y
CONFIG_HV_BALLOON=y
CONFIG_SCSI=y
CONFIG_HV_SCSI=y
CONFIG_VIRTIO_PCI=y
CONFIG_VIRTIO_BLK=y
CONFIG_VIRTIO_NET=y
CONFIG_VIRTIO_RNG=y
CONFIG_VIRTIO_SERIAL=y
CONFIG_VIRTIO_SCSI=y
CONFIG_ISA_DEBUG=y
CONFIG_PVPANIC_ISA=y
CONFIG_HPET=y
