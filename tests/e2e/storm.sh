#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs in a guest: the host offers and rescinds devices as fast as it can
# (storm-host.py) while a disk is written and verified, channels of these very
# devices are opened and closed, and CPUs change. Afterwards every device is
# there, the data is right, and nothing is left behind. With services, these are
# what comes and goes. Usage: storm.sh SUITE [disk|services]
suite=$1
with_disk=
[ "${2:-}" != disk ] || with_disk=1
# shellcheck source=tests/e2e/disk-lib.sh
. /share/disk-lib.sh "$suite"
test_guid=7ed2a63c-7b53-4d6b-a4d1-3e2d6f9c0a51
vmbus=/sys/bus/vmbus/devices

tests() { grep -ls "{$test_guid}" $vmbus/*/class_id | wc -l; }
have_tests() { [ "$(tests)" -eq "$1" ]; }
marked() { hv-qmp qom-get '{"path": "/machine/peripheral/done", "property": "offered"}'; }

disk_load() {
	while ! [ -e /tmp/stop ]; do
		verify "$(hv-disk 0)" 0 8 --rw=randwrite --bs=4k-64k --output=/tmp/fio-load || return 1
		echo round >>/tmp/rounds
	done
}

# what users of the devices do: open, close, in any state these are in
openers() {
	local uio

	while ! [ -e /tmp/stop ]; do
		for uio in /dev/uio*; do
			(exec 7<>"$uio"; sleep 0.01) 2>/dev/null
		done
		sleep 0.01
	done
}

# and the disk that comes and goes
other_disk() {
	local disk

	while ! [ -e /tmp/stop ]; do
		disk=$(hv-disk 1 2>/dev/null) && dd if=/dev/zero of="$disk" bs=64k count=64 oflag=direct 2>/dev/null
		sleep 0.05
	done
}

moves() {
	local file

	while ! [ -e /tmp/stop ]; do
		for file in $vmbus/*/channels/*/cpu; do
			echo $((RANDOM % $(nproc))) >"$file"
		done 2>/dev/null
		sleep 0.1
	done
}

storm_ends() {
	hv-qmp device_add '{"driver": "hv-test", "id": "go", "bus": "vmbus"}' && until_ok 1500 marked
}

all_are_there() {
	local wanted=$1

	until_ok 120 have_tests "$wanted" || { why="$(tests) test devices, not $wanted"; return 1; }
	[ -z "$with_disk" ] || until_ok 120 hv-disk 1
}

load_is_verified() {
	touch /tmp/stop
	wait "$load" || { why="$(tail -n 2 /tmp/fio-load)"; return 1; }
	wait "${helpers[@]}"
	[ -s /tmp/rounds ] && { [ -z "$with_disk" ] || verify "$(hv-disk 1)" 0 4 --bs=64k; }
}

# each service has its versions and answers
services_work() {
	until_ok 120 services_ready || { why="$(hv-qmp x-hv-ic-query | tr -d '\n ' | tail -c 300)"; return 1; }
	until_ok 60 heart_beats
}

services_ready() {
	hv-qmp x-hv-ic-query | python3 -c 'import json, sys
states = {s["service"]: s["state"] for s in json.load(sys.stdin)}
sys.exit(not states or any(v not in ("ready", "wait-reply") for k, v in states.items() if k != "kvp"))'
}

# The host opens the channel, says so to nobody, and begins to talk: the guest listens, then its probe fails. A
# timer that it left behind goes off in freed memory.
opened_in_vain() {
	local kvp='"path": "/machine/peripheral/hvickvp", "property"'

	for _ in 1 2 3; do
		hv-qmp qom-set "{$kvp: \"offered\", \"value\": false}" && hv-qmp qom-set "{$kvp: \"bus-fault\", \"value\": \"drop:OPENCHANNEL_RESULT:1\"}" &&
			hv-qmp qom-set "{$kvp: \"offered\", \"value\": true}" || return 1
		sleep 2
		hv-qmp qom-set "{$kvp: \"offered\", \"value\": false}" || return 1
	done
	sleep 60
	hv-qmp qom-set "{$kvp: \"offered\", \"value\": true}"
}

heart_beats() { hv-qmp x-hv-heartbeat-query | grep -q '"status": "ok"'; }

leaves_nothing() {
	rmmod uio_hv_generic 2>/dev/null
	unload hv_utils hv_storvsc && unload hv_vmbus && ! dmesg | grep 'leak check' | grep -v 'leaked 0$'
}

mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
if [ "${2:-}" = services ]; then
	run services_work
	run opened_in_vain
	run services_work
	run storm_ends
	run services_work
	run no_hung_task
	run leaves_nothing
	finish
	exit
fi
modprobe uio_hv_generic
echo $test_guid >/sys/bus/vmbus/drivers/uio_hv_generic/new_id
count=$(tests)
disk_load &
load=$!
helpers=()
openers & helpers+=($!)
moves & helpers+=($!)
[ -z "$with_disk" ] || { other_disk & helpers+=($!); }
run storm_ends
run all_are_there $((count + 2))
run load_is_verified
run no_hung_task
run leaves_nothing
finish
