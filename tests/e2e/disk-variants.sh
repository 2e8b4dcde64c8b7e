#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The IDE and the Fibre Channel variant of the storage controller, for our driver and for the distribution's.
# Two hv-ide with Hyper-V's own instances, disks of serial ide0 and ide1, 32 MiB; an hv-fc with the names below, disks
# fc0 (id 0, LUN 0), fc5 (id 0, LUN 5), fc9 (id 1, LUN 9), 32 MiB, and the images of a fourth, the block device "later".
# shellcheck source=tests/e2e/disk-lib.sh
. /share/disk-lib.sh
node=0xc003ff0000abcdef
port=0xc003ff0000123456
modprobe sd_mod

# disk SERIAL: the device of that unit serial number
disk() {
	for disk_at in /sys/block/sd*; do
		if tail -c +5 "$disk_at/device/vpd_pg80" 2>/dev/null | grep -qx "$1"; then
			echo "/dev/${disk_at##*/}"
			return 0
		fi
	done
	return 1
}

# address SERIAL: channel:id:lun
address() {
	address_of=$(disk "$1") && address_of=$(readlink -f "/sys/block/${address_of#/dev/}/device") && address_of=${address_of##*/} &&
		echo "${address_of#*:}"
}

# class SERIAL: of the VMBus device it hangs on
class() {
	class_of=$(disk "$1") && cat "$(vmbus_device "$class_of")/class_id"
}

all_disks() {
	for serial in ide0 ide1 fc0 fc5 fc9; do
		until_ok 60 disk $serial || return 1
	done
}

# The second half of the instance says which of a controller's two disks it is.
ide_addresses() {
	is "first disk" 0:0:0 "$(address ide0)" && is "second disk" 0:1:0 "$(address ide1)" &&
		is class "{32412632-86cb-44a2-9b5c-50d1417354f5}" "$(class ide0)"
}

fibre_channel_addresses() {
	is "LUN 0" 0:0:0 "$(address fc0)" && is "LUN 5" 0:0:5 "$(address fc5)" && is "id 1, LUN 9" 0:1:9 "$(address fc9)" &&
		is class "{2f9bcc4a-0069-4af3-b76b-6fd0be528cda}" "$(class fc0)"
}

# Multipath tools and administrators look here.
fibre_channel_names() {
	names_at=$(shost "$(disk fc0)") && names_at=/sys/class/fc_host/${names_at##*/} &&
		is "node name" $node "$(cat "$names_at/node_name")" && is "port name" $port "$(cat "$names_at/port_name")" &&
		is "other hosts with a port" 1 "$(count /sys/class/fc_host/*)"
}

# written SERIAL: all of it, and nothing of the others
written() {
	verify "$(disk "$1")" 0 32 --bsrange=4k-1m --bs_unaligned=0 --blockalign=4k
}

each_has_its_own_bytes() {
	for serial in ide0 ide1 fc0 fc5 fc9; do
		echo "this is $serial" | dd of="$(disk $serial)" bs=512 count=1 conv=sync oflag=direct || return 1
	done
	for serial in ide0 ide1 fc0 fc5 fc9; do
		is "disk $serial" "this is $serial" \
			"$(dd if="$(disk $serial)" bs=512 count=1 iflag=direct 2>/dev/null | tr -d '\0')" || return 1
	done
}

# An IDE channel is one disk, whatever one asks.
nothing_else_on_ide() {
	nothing_at=$(shost "$(disk ide0)")
	echo - - - >"$nothing_at/scan"
	is disks 1 "$(count /sys/bus/scsi/devices/"${nothing_at##*/host}":*)"
}

fibre_channel_hot_plug() {
	qmp device_add '{"driver": "scsi-hd", "id": "late", "bus": "fc.0", "scsi-id": 1, "lun": 3, "drive": "later", "serial": "fc3"}' &&
		until_ok 60 disk fc3 && is address 0:1:3 "$(address fc3)" && written fc3 &&
		qmp device_del '{"id": "late"}' && until_ok 60 no_disk fc3 && written fc0
}

no_disk() {
	! disk "$1"
}

# The host forgets a command: time runs out, the controller recovers. (The distribution's driver waits for ever.)
fibre_channel_timeout() {
	at=$(disk fc5)
	echo 3 >"/sys/block/${at#/dev/}/device/timeout"
	echo 2 >/sys/module/hv_storvsc/parameters/storvsc_lost_after
	fault "drop-completion@0x2a:1+3" fc && verify "$at" 0 4 --bs=64k --blockalign=4k
	status=$?
	echo 30 >"/sys/block/${at#/dev/}/device/timeout"
	[ "$status" = 0 ] && dmesg | grep -q reconnecting && fault "" fc && written fc0 && written fc5
}

driver_again() {
	unload hv_storvsc && is "hosts with a port" 0 "$(count /sys/class/fc_host/*)" && modprobe hv_storvsc && all_disks &&
		fibre_channel_names && ide_addresses && written ide1 && written fc9
}

run all_disks
run ide_addresses
run fibre_channel_addresses
run fibre_channel_names
for serial in ide0 ide1 fc0 fc5 fc9; do
	run written $serial
done
run each_has_its_own_bytes
run nothing_else_on_ide
! ours || run fibre_channel_timeout
run fibre_channel_hot_plug
run driver_again
run no_hung_task
finish
