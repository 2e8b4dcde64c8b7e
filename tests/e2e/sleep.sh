#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs in a guest: hibernation of the bus and its disks, up to the point the
# kernel's own test levels allow, and once through an image on a swap disk of
# ours. tests/steps/56-sleep has the host's part: what comes and goes meanwhile.
# Usage: sleep.sh SUITE CHANNELS LEVELS [changes]
suite=$1
channels=$2
levels=$3
changes=${4:-}
# shellcheck source=tests/e2e/disk-lib.sh
. /share/disk-lib.sh "$suite"
test_guid=7ed2a63c-7b53-4d6b-a4d1-3e2d6f9c0a51
vmbus=/sys/bus/vmbus/devices
refused=/sys/kernel/debug/hv_vmbus/refused

load() {
	while ! [ -e /tmp/stop ]; do
		verify "$(hv-disk 0)" 0 16 --rw=randwrite --bs=4k-64k --output=/tmp/fio-load || return 1
		echo round >>/tmp/rounds
	done
}
rounds() { cat /tmp/rounds 2>/dev/null | wc -l; }
progress() { [ "$(rounds)" -ge $(($1 + 2)) ]; }
tests() { find $vmbus/*/ -name class_id -exec grep -ls "{$test_guid}" {} + | wc -l; }
devices() { find $vmbus -mindepth 1 | wc -l; }
have_tests() { [ "$(tests)" -eq "$1" ]; }
have_devices() { [ "$(devices)" -eq "$1" ]; }
refusals() { awk '{ n += $2 } END { print n + 0 }' $refused 2>/dev/null; }
host_errors() { hv-qmp x-query-hyperv | sed 's/.*"protocol-errors": *\([0-9]*\).*/\1/'; }
stor_channels() { ls "$(vmbus_device "$(hv-disk 0)")/channels" | wc -l; }
have_channels() { [ "$(stor_channels)" -eq "$1" ]; }

names_agree() {
	local dev

	for dev in "$vmbus"/*; do
		[ -d "$dev/channels/$(cat "$dev/id")" ] || { why="$(basename "$dev") is $(cat "$dev/id"), but: $(ls "$dev/channels")"; return 1; }
	done
}

# sleep_to LEVEL: as far as that and back, with the load going on
sleep_to() {
	local before errors

	before=$(rounds)
	errors=$(host_errors)
	refused_before=$(refusals)
	if [ "$1" = image ]; then
		echo test_resume >/sys/power/disk
		echo none >/sys/power/pm_test
	else
		echo platform >/sys/power/disk 2>/dev/null || echo shutdown >/sys/power/disk
		echo "$1" >/sys/power/pm_test
	fi
	echo disk >/sys/power/state || { why="not asleep: $(dmesg | grep -iE 'PM:|hv|vmbus' | tail -n 3 | tr '\n' '|')"; return 1; }
	kill -0 "$load" || { why="the load ended: $(tail -n 2 /tmp/fio-load)"; return 1; }
	until_ok 200 progress "$before" || return 1
	is "what the host complains of" "$errors" "$(host_errors)" || return 1
	if [ -e $refused ]; then
		is "refused from the host" "$refused_before" "$(refusals)" || { cat $refused; return 1; }
	fi
	until_ok 60 have_channels "$channels" && names_agree
}

what_came_and_went_is_known() {
	until_ok 60 other_devices || why="devices before: $(cat /tmp/before); after: $(cat /tmp/after)"
	[ -z "$why" ]
}
# as many as before, but not the same
other_devices() {
	ls $vmbus >/tmp/after
	have_tests 2 && [ "$(wc -l </tmp/before)" -eq "$(wc -l </tmp/after)" ] && ! cmp -s /tmp/before /tmp/after
}

load_ends_verified() {
	touch /tmp/stop
	wait "$load"
}

modules_unload_and_load() {
	swapoff -a
	unload hv_storvsc && unload hv_vmbus && modprobe hv_vmbus && modprobe hv_storvsc && until_ok 60 hv-disk 0 &&
		verify "$(hv-disk 0)" 0 4 --bs=16k
}

says_it_can() { is hibernation 1 "$(cat /sys/bus/vmbus/hibernation)"; }

mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
echo 0 >/proc/sys/kernel/printk_ratelimit 2>/dev/null
until_ok 60 have_tests 2
until_ok 60 have_channels "$channels"
ls $vmbus >/tmp/before
mkswap "$(hv-disk 1)" >/dev/null && swapon "$(hv-disk 1)" || echo "FAIL $suite: swap: none"
load &
load=$!
until_ok 200 progress 0
run says_it_can
run sleep_to core
[ -z "$changes" ] || run what_came_and_went_is_known
[[ $levels != *image* ]] || run sleep_to image
run load_ends_verified
run no_hung_task
run modules_unload_and_load
finish
