#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Disks that come, grow and go, and a controller that is taken away under load.
# Disks as for disk-io.sh; the driver is loaded.
# shellcheck source=tests/e2e/disk-lib.sh
. /share/disk-lib.sh
d0=$(hv-disk 0)
host0=$(shost "$d0")
host0=${host0##*/host}

# lun NUMBER: block device at 0:0:NUMBER of controller 0
lun() {
	for lun_block in "/sys/class/scsi_disk/$host0:0:0:$1"/device/block/*; do
		[ -e "$lun_block" ] && echo "${lun_block##*/}"
	done
}

lun_there() {
	[ -b "/dev/$(lun "$1")" ]
}

lun_gone() {
	[ -z "$(lun "$1")" ]
}

# plug LUN MIB [CONTROLLER]
plug() {
	qmp blockdev-add "{\"driver\": \"null-co\", \"node-name\": \"hot$1\", \"size\": $(($2 << 20)), \"read-zeroes\": true}" &&
		qmp device_add "{\"driver\": \"scsi-hd\", \"id\": \"hotdisk$1\", \"bus\": \"${3:-hvscsi0}.0\", \"scsi-id\": 0, \"lun\": $1, \"drive\": \"hot$1\", \"serial\": \"hot$1\"}"
}

unplug() {
	qmp device_del "{\"id\": \"hotdisk$1\"}" && until_ok 60 qmp blockdev-del "{\"node-name\": \"hot$1\"}"
}

lun_appears() {
	plug "$1" 32 && until_ok 60 lun_there "$1" && is sectors 65536 "$(sectors "$(lun "$1")")"
}

lun_appears_while_busy() {
	load &
	busy=$!
	lun_appears "$1"
	status=$?
	wait "$busy" && return "$status"
}

load() {
	fio --name=load --filename="${1:-$d0}" --size=48m --rw=randrw --bsrange=512-256k --direct=1 --ioengine=libaio \
		--iodepth=32 --time_based --runtime="${2:-5}" --output=/tmp/load.out
}

lun_goes_under_load() {
	name=$(lun "$1")
	hammer "/dev/$name" 600 || return 1
	unplug "$1" && until_ok 60 lun_gone "$1" && until_ok 60 gone "/sys/block/$name" || return 1
	ended_badly "$busy" || return 1
	dd if="$d0" of=/dev/null bs=4k count=16 iflag=direct
}

several_come_and_go() {
	for n in 10 11 12 13; do plug "$n" 16 || return 1; done
	for n in 10 11 12 13; do until_ok 60 lun_there "$n" || return 1; done
	for n in 10 11 12 13; do unplug "$n" || return 1; done
	for n in 10 11 12 13; do until_ok 60 lun_gone "$n" || return 1; done
}

resized() {
	dd if="$2" of=/dev/null bs=512 count=1 iflag=direct 2>/dev/null
	[ "$(sectors "$2")" = "$1" ]
}

# The guest learns of it with the next command, by a unit attention.
disk_resized_to() {
	qmp block_resize "{\"device\": \"dhvdisk3\", \"size\": $(($1 << 20))}" || return 1
	until_ok 60 resized $(($1 << 11)) "$(hv-disk 3)" || return 1
	verify "$(hv-disk 3)" $(($1 - 8)) 4 --bs=64k
}

controller_appears() {
	before=$(controllers)
	qmp device_add '{"driver": "hv-scsi", "id": "hotctrl"}' || return 1
	plug 20 32 hotctrl || return 1
	until_ok 60 found_on_other 20 && is controllers $((before + 1)) "$(controllers)"
}

found_on_other() {
	for other in /sys/class/scsi_disk/*:0:0:"$1"/device/block/*; do
		[ -b "/dev/${other##*/}" ] && return 0
	done
	return 1
}

rescanned() {
	for scan in /sys/class/scsi_host/host*/scan; do
		echo "- - -" >"$scan"
	done
	found_on_other "$1"
}

# Rescind: the disk goes with I/O errors, nothing hangs.
controller_goes_under_load() {
	found_on_other 20
	name=${other##*/}
	before=$(controllers)
	hammer "/dev/$name" 600 || return 1
	if [ "$1" = at-once ]; then
		qmp qom-set '{"path": "/machine/peripheral/hotctrl", "property": "offered", "value": false}'
	else
		qmp device_del '{"id": "hotctrl"}'
	fi || return 1
	until_ok 60 gone "/sys/block/$name" || return 1
	ended_badly "$busy" || return 1
	until_ok 60 controllers_are $((before - 1)) || return 1
	[ "$1" = at-once ] && qmp device_del '{"id": "hotctrl"}'
	until_ok 60 qmp blockdev-del '{"node-name": "hot20"}'
}

# An older host: other packet sizes, other commands, no sub-channels before 5.1.
controller_of_version() {
	before=$(controllers)
	qmp device_add "{\"driver\": \"hv-scsi\", \"id\": \"hotctrl\", \"protocol\": \"$1\"}" && plug 21 32 hotctrl || return 1
	# 2.0 knows no message for a change of the bus
	until_ok 60 rescanned 21 || return 1
	name=${other##*/}
	load "/dev/$name" 1 && is version "$1" "$(cat "$(shost "/dev/$name")/vstor_version")" &&
		is refused 0 "$(refused_total "/dev/$name")" || return 1
	qmp device_del '{"id": "hotctrl"}' && until_ok 60 controllers_are "$before" &&
		until_ok 60 qmp blockdev-del '{"node-name": "hot21"}'
}

controller_comes_and_goes_fast() {
	before=$(controllers)
	for n in 1 2 3 4 5; do
		qmp device_add '{"driver": "hv-scsi", "id": "hotctrl"}' || return 1
		[ "$n" = 3 ] && sleep 0.3
		[ "$n" = 5 ] && sleep 1
		qmp device_del '{"id": "hotctrl"}' || return 1
		until_ok 60 no_device hotctrl || return 1
	done
	until_ok 60 controllers_are "$before"
}

no_device() {
	! hv-qmp qom-get "{\"path\": \"/machine/peripheral/$1\", \"property\": \"type\"}"
}

controllers_are() {
	[ "$(controllers)" = "$1" ]
}

others_unharmed() {
	verify "$d0" 0 8 --bs=64k
}

module_unloads_and_loads() {
	unload hv_storvsc && modprobe hv_storvsc && until_ok 60 hv-disk 0 && d0=$(hv-disk 0) && verify "$d0" 0 4 --bs=16k
}

run lun_appears 3
run lun_goes_under_load 3
run lun_appears_while_busy 3
run several_come_and_go
run disk_resized_to 96
run disk_resized_to 48
run controller_appears
run controller_goes_under_load at-once
run controller_appears
run controller_goes_under_load in-order
if ours; then
	for version in 2.0 4.2 5.1 6.0 6.2; do
		run controller_of_version "$version"
	done
fi
run controller_comes_and_goes_fast
run others_unharmed
run no_hung_task
run module_unloads_and_loads
finish
