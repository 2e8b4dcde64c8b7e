#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs in a guest with our hv_vmbus and hv_storvsc: a host that lies about rings
# and packets, and whose messages are lost, repeated, cut, overtaken or wrong.
# Asked each time: is it counted, does nothing hang, does the next one work.
# Usage: bus-fault.sh SUITE
suite=$1
# shellcheck source=tests/e2e/disk-lib.sh
. /share/disk-lib.sh "$suite"
test_guid=7ed2a63c-7b53-4d6b-a4d1-3e2d6f9c0a51
vmbus=/sys/bus/vmbus/devices
counts=/sys/kernel/debug/hv_vmbus/refused

set_fault() { qmp qom-set "{\"path\": \"$1\", \"property\": \"$2\", \"value\": \"$3\"}"; }
bus() { set_fault /machine/vmbus fault "$1"; }
offered() { qmp qom-set "{\"path\": \"/machine/peripheral/$1\", \"property\": \"offered\", \"value\": $2}"; }
count_of() { awk -v n="$1" '$1 == n { print $2 }' $counts; }
counted_more() { [ "$(count_of "$1")" -gt "$2" ]; }
hot_disk() { hv-disk 1; }
no_hot_disk() { ! hv-disk 1; }

# The controller of disk 1 is taken away, which ends all I/O, and offered again; its disk works.
recovers() {
	offered hvscsi1 false && until_ok 90 no_hot_disk || return 1
	wait "$1"
	offered hvscsi1 true && until_ok 90 hot_disk && verify "$(hot_disk)" 0 2 --bs=16k
}

# tell FAULT REASON BEFORE: say it until it is noticed. A true index that the host writes right behind a false one
# hides it from a guest that is not looking at that moment.
tell() {
	local said

	for said in {1..60}; do
		set_fault /machine/peripheral/hvscsi1 bus-fault clear
		set_fault /machine/peripheral/hvscsi1 bus-fault "$1" || return 1
		until_ok 1 counted_more "$2" "$3" && return 0
	done
	why="not counted as $2, told $said times"
	return 1
}

# lie FAULT REASON: the host lies on the channels of disk 1 while these are busy
lie() {
	local before busy missed=

	before=$(count_of "$2")
	hammer "$(hot_disk)" 600 || return 1
	tell "$1" "$2" "$before" || { missed=$why; cat $counts; }
	set_fault /machine/peripheral/hvscsi1 bus-fault clear
	recovers $busy || return 1
	why=$missed
	[ -z "$why" ] && verify "$(hv-disk 0)" 0 2 --bs=64k
}

# A host that forgets to interrupt: what was missed comes with the next interrupt, or never.
forgotten_signal() {
	local busy

	hammer "$(hot_disk)" 600 && set_fault /machine/peripheral/hvscsi1 bus-fault "drop:SIGNAL:20" && sleep 1
	set_fault /machine/peripheral/hvscsi1 bus-fault clear
	recovers $busy
}

t0() { grep -ls "{$test_guid}" $vmbus/*/class_id | head -n 1 | xargs -r dirname; }
opens() { (exec 7<>/dev/uio0) 2>/dev/null; }
echoes() { timeout 120 python3 /share/vmbus-ring.py /dev/uio0 echo 50 500 >/dev/null; }

# harmless FAULT: opening, closing and what is in between work in spite of it
harmless() {
	bus "$1" && opens && opens || { why="the channel does not open"; bus clear; return 1; }
	bus clear && echoes
}

# once FAULT [REASON]: it fails, in time; the next attempt does not
once() {
	local before=0

	[ -z "${2:-}" ] || before=$(count_of "$2")
	bus "$1" || return 1
	if opens; then
		why="nothing was noticed"
		bus clear
		return 1
	fi
	bus clear
	[ -z "${2:-}" ] || counted_more "$2" "$before" || { why="not counted as $2"; cat $counts; return 1; }
	until_ok 60 opens && echoes
}

devices() { [ "$(find $vmbus -mindepth 1 | wc -l)" -eq "$1" ]; }

# offers FAULT: a device goes and comes, in spite of it
offers() {
	local n

	n=$(find $vmbus -mindepth 1 | wc -l)
	bus "$1" && qmp device_add '{"driver": "hv-test", "id": "tx", "bus": "vmbus"}' && until_ok 60 devices $((n + 1)) &&
		qmp device_del '{"id": "tx"}' && until_ok 60 devices "$n"
	n=$?
	bus clear
	return $n
}

# reload FAULT yes|no: does the bus load with it?
reload() {
	rmmod uio_hv_generic
	unload hv_storvsc && unload hv_vmbus || return 1
	bus "$1"
	modprobe hv_vmbus
	loaded=$?
	bus clear
	if [ "$2" = no ]; then
		[ $loaded -ne 0 ] || { why="loaded in spite of it"; return 1; }
		modprobe hv_vmbus || { why="not after it, either"; return 1; }
	elif [ $loaded -ne 0 ]; then
		why="does not load"
		return 1
	fi
	modprobe hv_storvsc && until_ok 60 hot_disk && bind
}

bind() {
	modprobe uio_hv_generic
	echo $test_guid >/sys/bus/vmbus/drivers/uio_hv_generic/new_id 2>/dev/null
	until_ok 60 test -c /dev/uio0
}

leaves_nothing() {
	rmmod uio_hv_generic
	unload hv_storvsc && unload hv_vmbus || return 1
	! dmesg | grep 'leak check' | grep -v 'leaked 0$'
}

mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
bind
run lie "ring:write-index=4" ring-index
run lie "ring:write-index=0xfffffff8" ring-index
run lie "ring:read-index=0xfffffff8" ring-index
run lie "corrupt:COMPLETION:offset=4:size=2:value=0xffff:3" packet-broken
run lie "corrupt:COMPLETION:offset=2:size=2:value=0:3" packet-skipped
run lie "corrupt:COMPLETION:offset=0:size=2:value=0x1234:3" packet-skipped
run forgotten_signal
for answer in GPADL_CREATED OPENCHANNEL_RESULT GPADL_TORNDOWN; do
	run harmless "dup:$answer:2"
	run harmless "delay:$answer:ms=300:2"
	run harmless "reorder:$answer:2"
done
run once "lose:OPENCHANNEL:1"
run once "corrupt:OPENCHANNEL_RESULT:offset=8:size=4:value=0x7ff" message-unexpected
run once "truncate:GPADL_CREATED:len=8" message-short
run offers "dup:OFFERCHANNEL:1"
run offers "dup:RESCIND_CHANNELOFFER:1"
run offers "reorder:OFFERCHANNEL:1"
run reload "dup:VERSION_RESPONSE:3" yes
run reload "delay:VERSION_RESPONSE:ms=500:3" yes
run reload "reorder:ALLOFFERS_DELIVERED:1" yes
run reload "corrupt:VERSION_RESPONSE:offset=8:size=1:value=0:0" no
run no_hung_task
run leaves_nothing
finish
