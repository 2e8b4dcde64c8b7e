#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The driver comes and goes: N times (argument 3), idle and in the middle of
# things. Disks as for disk-io.sh.
# shellcheck source=tests/e2e/disk-lib.sh
. /share/disk-lib.sh
cycles=${3:-100}

unreclaimable() {
	awk '/^SUnreclaim/ { print $2 }' /proc/meminfo
}

not_grown() {
	grown=$(($(unreclaimable) - $1))
	[ "$grown" -lt 4096 ]
}

cycle() {
	modprobe hv_storvsc && until_ok 60 hv-disk 0 || return 1
	if [ $(($1 % 10)) = 0 ]; then
		verify "$(hv-disk 0)" 0 1 --bs=32k || return 1
	fi
	unload hv_storvsc
}

loads_and_unloads() {
	unload hv_storvsc || return 1
	n=0
	while [ "$n" -lt "$1" ]; do
		n=$((n + 1))
		cycle "$n" || {
			why="cycle $n: ${why:-status $?}"
			return 1
		}
		# the first ones fill caches
		[ "$n" = $((($1 + 3) / 4)) ] && first=$(unreclaimable)
	done
	# what is freed after a grace period, or by a worker, is not lost
	until_ok 60 not_grown "$first" || why="slab grew by $grown KiB"
	echo "slab grew by $grown KiB from cycle $((($1 + 3) / 4)) to $1"
	[ -z "$why" ] || return 1
	is "uneven leak lines" "" "$(dmesg | grep 'hv_storvsc: leak check' | grep -v 'leaked 0$')"
}

# Loaded and at once unloaded, with the scan under way.
unloads_while_scanning() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		modprobe hv_storvsc && unload hv_storvsc || return 1
	done
}

unbinds_and_binds() {
	modprobe hv_storvsc && until_ok 60 hv-disk 0 || return 1
	device=$(basename "$(vmbus_device "$(hv-disk 0)")")
	echo "$device" >/sys/bus/vmbus/drivers/hv_storvsc/unbind || return 1
	sleep 0.2
	echo "$device" >/sys/bus/vmbus/drivers/hv_storvsc/bind && until_ok 60 hv-disk 0 &&
		verify "$(hv-disk 0)" 0 2 --bs=64k
}

unbinds_under_load() {
	disk=$(hv-disk 1)
	hammer "$disk" 600 || return 1
	device=$(basename "$(vmbus_device "$disk")")
	echo "$device" >/sys/bus/vmbus/drivers/hv_storvsc/unbind || return 1
	ended_badly "$busy" || return 1
	echo "$device" >/sys/bus/vmbus/drivers/hv_storvsc/bind && until_ok 60 hv-disk 1 &&
		verify "$(hv-disk 1)" 0 2 --bs=64k
}

run loads_and_unloads "$cycles"
run unloads_while_scanning
run unbinds_and_binds
run unbinds_under_load
run no_hung_task
finish
