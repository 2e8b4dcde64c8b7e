#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs in a guest with many CPUs and a disk controller for each, all channels of
# which are open: every channel works, channels are moved away from a CPU by
# hand, the CPU goes offline and comes back, and NMIs arrive, all under I/O.
# Usage: scale.sh SUITE DISKS CHANNELS
suite=$1
disks=$2
channels=$3
# shellcheck source=tests/e2e/disk-lib.sh
. /share/disk-lib.sh "$suite"
files=(/sys/bus/vmbus/drivers/hv_storvsc/*/channels/*/cpu)

fio_all() {
	local n words=()

	for n in $(seq 0 $((disks - 1))); do
		words+=(--name="d$n" --filename="$(hv-disk "$n")")
	done
	fio --size=4m --rw=randwrite --bs=4k-64k --direct=1 --ioengine=libaio --iodepth=8 --verify=crc32c --verify_fatal=1 \
		--output="$1" "${words[@]}"
}

load() {
	while ! [ -e /tmp/stop ]; do
		fio_all /tmp/fio-load || return 1
		echo round >>/tmp/rounds
	done
}
rounds() { cat /tmp/rounds 2>/dev/null | wc -l; }
progress() { [ "$(rounds)" -gt "$1" ]; }

there_are_so_many() { is channels "$channels" "${#files[@]}"; }

spread_over_cpus() {
	local cpus

	cpus=$(cat "${files[@]}" | sort -n | uniq -c | awk '{ print $1 }' | sort -n | uniq | tr '\n' ' ')
	is "channels on each CPU" "$((channels / $(nproc))) " "$cpus"
}

each_works() {
	local cpu idle

	cat "${files[@]/%cpu/interrupts}" >/tmp/before
	for cpu in $(seq 0 $(($(nproc) - 1))); do
		taskset -c "$cpu" bash -c 'for n in $(seq 0 '$((disks - 1))'); do
			dd if="$(hv-disk "$n")" of=/dev/null bs=4k count=40 iflag=direct 2>/dev/null & done; wait'
	done
	cat "${files[@]/%cpu/interrupts}" >/tmp/after
	idle=$(paste /tmp/before /tmp/after | awk '$2 - $1 < 1' | wc -l)
	is "channels without an interrupt" 0 "$idle"
}

# emptied CPU: by hand, as an administrator would do it before taking the CPU away
emptied() {
	local file

	for file in "${files[@]}"; do
		[ "$(cat "$file")" != "$1" ] || echo $((($1 + 1 + RANDOM % ($(nproc) - 1)) % $(nproc))) >"$file" || return 1
	done
	! grep -qx "$1" "${files[@]}"
}

cpu_goes_and_comes() {
	local before

	emptied "$1" || { why="a channel stays on CPU $1"; return 1; }
	echo 0 >"/sys/devices/system/cpu/cpu$1/online" || return 1
	before=$(rounds)
	until_ok 200 progress "$((before + 1))" || return 1
	echo 1 >"/sys/devices/system/cpu/cpu$1/online" || return 1
	before=$(rounds)
	until_ok 200 progress "$before"
}

nmis() { awk '/^ *NMI:/ { for (i = 2; i <= NF && $i ~ /^[0-9]+$/; i++) n += $i; print n }' /proc/interrupts; }
nmi_came() { [ "$(nmis)" -gt "$1" ]; }

nmis_do_no_harm() {
	local before n rounds

	rounds=$(rounds)
	for n in 1 2 3 4 5; do
		before=$(nmis)
		qmp inject-nmi '{}' && until_ok 30 nmi_came "$before" || return 1
	done
	until_ok 200 progress "$rounds"
}

load_ends_verified() {
	touch /tmp/stop
	wait "$load" || { why="$(tail -n 2 /tmp/fio-load)"; return 1; }
}

leaves_nothing() {
	unload hv_storvsc && unload hv_vmbus && ! dmesg | grep 'leak check' | grep -v 'leaked 0$'
}

run there_are_so_many
run spread_over_cpus
run each_works
load &
load=$!
until_ok 200 progress 0
for cpu in $(seq 1 2 $(($(nproc) - 1))); do
	run cpu_goes_and_comes "$cpu"
done
run nmis_do_no_harm
run load_ends_verified
run no_hung_task
run leaves_nothing
finish
