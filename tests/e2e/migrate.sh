#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs in a guest that tests/steps/45-migrate moves from one QEMU to another each
# time it asks for it, while disks are written and read, a channel is open in user
# space, and timers run. A move is over when a device more is on the bus.
# Usage: migrate.sh SUITE KIND...
suite=$1
shift
# shellcheck source=tests/e2e/disk-lib.sh
. /share/disk-lib.sh "$suite"
# shellcheck source=tests/e2e/net-migrate.sh
. /share/net-migrate.sh
test_guid=7ed2a63c-7b53-4d6b-a4d1-3e2d6f9c0a51
vmbus=/sys/bus/vmbus/devices

# Numbers are written and verified until there is a file named stop.
load() {
	while ! [ -e /tmp/stop ]; do
		verify "$1" 0 24 --rw=randwrite --bs=4k-64k --output="/tmp/fio-$2" "${@:3}" || return 1
		echo round >>"/tmp/rounds-$2"
	done
}

# 10 ms timers on each CPU: a lost one would never come, a machine that moves guests and more may make it late; and
# time does not go back
ticks() {
	taskset -c "$1" python3 - "$1" <<'PY'
import os, sys, time
worst = ticks = 0
last = time.monotonic()
while not os.path.exists("/tmp/stop"):
    time.sleep(0.01)
    now = time.monotonic()
    if now < last:
        sys.exit("time went back by %f s" % (last - now))
    worst = max(worst, now - last)
    last = now
    ticks += 1
print("CPU %s: %d ticks, the longest after %.2f s" % (sys.argv[1], ticks, worst))
sys.exit("a tick took %.1f s" % worst if worst > 60 else 0)
PY
}

tests() { grep -ls "{$test_guid}" $vmbus/*/class_id | wc -l; }
more_than() { [ "$(tests)" -gt "$1" ]; }

moved() {
	local before number=$1 kind=$2 rounds=$3

	before=$(tests)
	if [ "$kind" = held ]; then
		# the host stops everything when this request comes
		dd if=/dev/urandom of=/tmp/held.data bs=64k count=1 2>/dev/null
		dd if=/tmp/held.data of="$(hv-disk 9)" bs=64k seek=32 oflag=direct conv=notrunc 2>/tmp/held.err &
		held=$!
	fi
	echo "MOVE $number $kind" >&5
	if ! until_ok 200 more_than "$before"; then
		why="no device after the move"
		return 1
	fi
	if [ "$kind" = held ]; then
		wait $held || { why="the request that was under way: $(cat /tmp/held.err)"; return 1; }
		dd if="$(hv-disk 9)" of=/tmp/held.back bs=64k skip=32 count=1 iflag=direct 2>/dev/null
		cmp /tmp/held.data /tmp/held.back || { why="its data differ"; return 1; }
	fi
	echo "moved $number" >&5 # a word on the serial port, too
	kill -0 "$load0" && kill -0 "$load1" || { why="the load ended"; return 1; }
	# both loads get somewhere after the move
	until_ok 200 progress "$rounds"
}
# shellcheck disable=SC2317
progress() { [ "$(cat /tmp/rounds-* 2>/dev/null | wc -l)" -ge $(($1 + 2)) ]; }
rounds() { cat /tmp/rounds-* 2>/dev/null | wc -l; }

ring_echoes() { timeout 120 python3 /share/vmbus-ring.py /dev/uio0 echo 200 2000; }

load_ends_verified() {
	touch /tmp/stop
	wait "$load0" || { why="disk 0: $(tail -n 2 /tmp/fio-a)"; return 1; }
	wait "$load1" || { why="disk 1: $(tail -n 2 /tmp/fio-b)"; return 1; }
}

timers_run_on_each_cpu() {
	local cpu

	for cpu in "${!ticker[@]}"; do
		wait "${ticker[$cpu]}" || { why="CPU $cpu: $(cat "/tmp/ticks-$cpu")"; return 1; }
	done
}

hosts() { is hosts "$1" "$(count /sys/class/scsi_host/host*)"; }

# The distribution's disk driver hangs when a controller goes while it is still being probed: with it, none goes.
controllers_come_and_go() {
	local before

	before=$(count /sys/class/scsi_host/host*)
	qmp device_add '{"driver": "hv-scsi", "id": "late", "bus": "vmbus"}' && until_ok 60 hosts $((before + 1)) &&
		{ ! ours || { qmp device_del '{"id": "late"}' && until_ok 60 hosts "$before"; }; }
}

exec 5>&1
modprobe uio_hv_generic
echo $test_guid >/sys/bus/vmbus/drivers/uio_hv_generic/new_id 2>/dev/null
until_ok 60 test -c /dev/uio0
exec 7<>/dev/uio0
ring_echoes || echo "FAIL $suite: the channel in user space works before any move"
load "$(hv-disk 0)" a --fsync=16 &
load0=$!
load "$(hv-disk 1)" b &
load1=$!
ticker=()
for cpu in $(seq 0 $(($(nproc) - 1))); do
	ticks "$cpu" >"/tmp/ticks-$cpu" 2>&1 &
	ticker[cpu]=$!
done
until_ok 200 progress 0
run net_starts
number=0
for kind; do
	run moved $number "$kind" "$(rounds)"
	run net_moved $number "$kind"
	number=$((number + 1))
done
run ring_echoes
run load_ends_verified
run net_ends
run timers_run_on_each_cpu
cat /tmp/ticks-*
run controllers_come_and_go
exec 7>&-
run no_hung_task
finish
