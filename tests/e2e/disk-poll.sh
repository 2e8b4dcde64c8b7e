#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Polled I/O: io_uring with IOPOLL on the queues of the parameter
# storvsc_poll_queues (2). Each has a sub-channel of its own (argument 2 is the
# number of channels), and nobody is interrupted for an answer; without any
# sub-channel there are no such queues. Two disks on one controller.
# shellcheck source=tests/e2e/disk-lib.sh
. /share/disk-lib.sh
channels=${2:-1}
d0=$(hv-disk 0)
d1=$(hv-disk 1)

# counter NAME CHANNEL: of the device's N-th channel, 0 is the primary
counter() {
	cat "$(find "$(vmbus_device "$d0")/channels/" -mindepth 1 -maxdepth 1 | while read -r one; do
		echo "$(cat "$one/subchannel_id") $one"
	done | sort -n | sed -n "$(($2 + 1))s/^[0-9]* //p")/$1"
}

of_polled() {
	echo $(($(counter "$1" 1) + $(counter "$1" 2)))
}

polled() {
	fio --name=polled --filename="$d0" --ioengine=io_uring --hipri --direct=1 --output=/tmp/fio.out "$@"
}

# requests WHICH: how many were sent, or have ended
requests() {
	sed -n "s/^$1 //p" "$(shost "$d0")/vstor_requests"
}

all_answered() {
	[ "$(requests sent)" = "$(requests ended)" ]
}

all_channels() {
	[ "$(cat "$(shost "$d0")/vstor_channels")" = "$channels" ]
}

queues_can_poll() {
	is io_poll 1 "$(cat "/sys/block/${d0#/dev/}/queue/io_poll")" &&
		until_ok 60 all_channels &&
		is "queues" $(($(nproc) + 2)) "$(count "/sys/block/${d0#/dev/}"/mq/*)"
}

# What was read is right, and by whom it was fetched: 4,000 commands of one queue at least.
verified() {
	out=$(of_polled events)
	in=$(of_polled interrupts)
	polled --rw=randwrite --bs=4k --size=4m --iodepth="$1" --verify=crc32c --verify_fatal=1 --loops=4 &&
		is "answered" 0 "$(all_answered; echo $?)" || return 1
	out=$(($(of_polled events) - out))
	in=$(($(of_polled interrupts) - in))
	echo "signals out $out, in $in"
	[ "$out" -gt 0 ] || why="no signal to the host on the channels of the polled queues"
	[ "$in" -le 2 ] || why="$in interrupts while polling ($out signals to the host)"
	[ -z "$why" ]
}

# Others on the same disk and on another of the controller, not polling.
verified_beside_others() {
	fio --name=other --filename="$d1" --ioengine=libaio --direct=1 --rw=randrw --bs=4k --size=8m --iodepth=16 --verify=crc32c \
		--verify_fatal=1 --loops=4 --output=/tmp/other.out &
	other=$!
	fio --name=same --filename="$d0" --offset=16m --ioengine=libaio --direct=1 --rw=randrw --bs=4k --size=8m --iodepth=16 \
		--verify=crc32c --verify_fatal=1 --loops=4 --output=/tmp/same.out &
	same=$!
	polled --numjobs=2 --rw=randwrite --bsrange=512-64k --size=4m --offset_increment=4m --iodepth=8 --verify=crc32c --verify_fatal=1 &&
		wait "$other" && wait "$same"
}

sent_more() { [ "$(requests sent)" -gt "$1" ]; }

# fio and what it forks meanwhile, zombies aside
fio_killed() {
	pkill -KILL -x fio
	! ps -C fio -o stat= | grep -qv '^Z'
}

# Nobody is there any more to fetch the answers.
poller_is_killed() {
	for _ in 1 2; do
		before=$(requests sent)
		polled --rw=randread --bs=4k --size=16m --iodepth=32 --time_based --runtime=600 &
		job=$!
		until_ok 60 sent_more $((before + 500)) || return 1
		until_ok 60 fio_killed || return 1
		wait "$job" 2>/dev/null
		until_ok 60 all_answered || return 1
	done
	polled --rw=randread --bs=4k --size=1m --iodepth=4
}

# The kernel's own test of hibernation, in the middle of it.
sleeps_in_the_middle() {
	polled --rw=randwrite --bs=4k --size=16m --iodepth=16 --verify=crc32c --verify_fatal=1 --loops=8 &
	job=$!
	sleep 1
	echo core >/sys/power/pm_test
	for _ in 1 2; do
		echo disk >/sys/power/state || return 1
		sleep 0.5
	done
	wait "$job" && until_ok 60 all_answered
}

# A channel is there anew after the driver's own reset.
after_a_reload() {
	unload hv_storvsc || return 1
	modprobe hv_storvsc && until_ok 60 hv-disk 0 && d0=$(hv-disk 0) && polled --rw=randwrite --bs=4k --size=2m --iodepth=4 --verify=crc32c
}

# The parameter is set, and means nothing.
no_queue_without_a_channel() {
	is io_poll 0 "$(cat "/sys/block/${d0#/dev/}/queue/io_poll")" &&
		is "queues" "$(nproc)" "$(count "/sys/block/${d0#/dev/}"/mq/*)" && verify "$d0" 0 4 --bs=4k
}

if [ "$channels" = 1 ]; then
	run no_queue_without_a_channel
	finish
fi
run queues_can_poll
run verified 1
run verified 16
run verified_beside_others
run poller_is_killed
if [ -d /sys/kernel/debug/hv_vmbus ]; then
	run sleeps_in_the_middle
fi
run after_a_reload
run no_hung_task
finish
