#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A host that errs, lies and forgets. Each case sets misbehaviour, does I/O, and
# asks three things: was it noticed, is the data right, does the disk still work.
# Disks as for disk-io.sh; 2 controllers, more than one channel.
# shellcheck source=tests/e2e/disk-lib.sh
. /share/disk-lib.sh
d0=$(hv-disk 0)
d1=$(hv-disk 1)

echo 2 >/sys/module/hv_storvsc/parameters/logging_level

read_block() {
	dd if="${1:-$d0}" of=/dev/null bs=4k count="${2:-1}" iflag=direct
}

still_works() {
	fault "" && verify "$d0" 0 4 --bs=16k && read_block "$d1"
}

# counted NAME BEFORE AT_LEAST: soon, that is: the host's packets come when the host gets to it
counted() {
	until_ok 60 seen_more "$@" && return 0
	why="refusals of kind '$1': $seen, not $3"
	return 1
}

seen_more() {
	seen=$(($(refused "$d0" "$1") - $2))
	[ "$seen" -ge "$3" ]
}

# How often hvscsi0 has misbehaved
fired() {
	hv-qmp qom-get '{"path": "/machine/peripheral/hvscsi0", "property": "counters"}' |
		sed 's/.*"faults_fired": *\([0-9]*\).*/\1/'
}

fired_since() {
	[ "$(fired)" -gt "$1" ]
}

# Misbehaviour without effect on data: verified I/O goes on, each is counted.
harmless() {
	before=$(refused "$d0" "$3")
	fault "$1" && verify "$d0" 0 8 --bs=8k && fault "" && counted "$3" "$before" "$2" && still_works
}

# The command fails; the error is the one asked for; the next one works.
fails_with() {
	fault "$1" || return 1
	if read_block; then
		why="the read did not fail"
		return 1
	fi
	still_works
}

# The command is repeated and succeeds.
survives() {
	fault "$1" && verify "$d0" 0 4 --bs=8k && still_works
}

delayed_answers() {
	fault "delay-completion=300:20" && verify "$d0" 0 4 --bs=64k && still_works
}

reordered_answers() {
	fault "reorder:40" && verify "$d0" 0 8 --bs=8k && still_works
}

capacity_changed_rescans() {
	fault "sense=0x062a09@0x28" && read_block && still_works
}

corrupt_read_is_seen() {
	verify "$d0" 0 4 --bs=16k && fault "corrupt-read@0x28:1" || return 1
	fio --name=check --filename="$d0" --size=4m --rw=read --bs=16k --direct=1 --verify=crc32c --verify_only \
		--output=/tmp/fio.out && why="wrong data was not noticed" && return 1
	still_works
}

enumerate_flood() {
	fault "enumerate-flood:20000" && verify "$d0" 0 4 --bs=16k && still_works
}

unsolicited_flood() {
	before=$(refused "$d0" unexpected)
	fault "unsolicited=1:1000,unsolicited=12:10,unsolicited=0xffffffff:10" && counted unexpected "$before" 1020 &&
		still_works
}

stray_answers() {
	id=$(refused "$d0" id)
	stale=$(refused "$d0" stale)
	control=$(refused "$d0" control)
	fault "stray-completion=0x7fff0001:5,stray-completion=1:5,stray-completion=0xfffffffffffffffd:5,stray-completion=0xffffffff00000001:5" &&
		counted id "$id" 5 && counted stale "$stale" 5 && counted control "$control" 10 && still_works
}

log_is_limited() {
	lines=$(dmesg | grep -c 'refused from host')
	echo "$lines lines about refusals"
	[ "$lines" -gt 0 ] && [ "$lines" -lt 200 ]
}

# A lost answer: after a few timeouts the controller recovers, data is intact.
lost_answer() {
	echo 3 >"/sys/block/${d0#/dev/}/device/timeout"
	echo 2 >/sys/module/hv_storvsc/parameters/storvsc_lost_after
	fault "drop-completion:1+5" && verify "$d0" 0 4 --bs=64k
	status=$?
	echo 30 >"/sys/block/${d0#/dev/}/device/timeout"
	[ "$status" = 0 ] && dmesg | grep -q 'reconnecting' && still_works
}

lost_answers_and_reset() {
	echo 3 >"/sys/block/${d0#/dev/}/device/timeout"
	# the reset is not answered either
	fault "drop-completion:3+2,drop-control@6:*" && verify "$d0" 0 4 --bs=64k
	status=$?
	echo 30 >"/sys/block/${d0#/dev/}/device/timeout"
	[ "$status" = 0 ] && still_works
}

# init FAULT yes|no: does the controller come up with it?
init() {
	unload hv_storvsc && fault "$1" || return 1
	before=$(fired)
	modprobe hv_storvsc || return 1
	until_ok 60 fired_since "$before" || return 1
	if [ "$2" = yes ]; then
		until_ok 60 hv-disk 0 || return 1
	else
		# the other controller is probed at the same time, and all disks are looked for after that
		until_ok 60 hv-disk 3 || return 1
		sleep 1
		hv-disk 0 && why="a disk in spite of: $1" && return 1
	fi
	fault "" && unload hv_storvsc && modprobe hv_storvsc && until_ok 60 hv-disk 0 &&
		verify "$(hv-disk 0)" 0 4 --bs=64k
}

run harmless "dup-completion:20" 20 stale
run harmless "dup-late=50:20" 20 stale
run harmless "packet-type:20" 0 stale
run harmless "packet-status:20" 0 stale
run harmless "extra-length=4096:20" 0 stale
run delayed_answers
run reordered_answers
run corrupt_read_is_seen
run fails_with "sense=0x031100@0x28:*"
run fails_with "sense=0x0b0000@0x28:*"
run fails_with "srb-status=0x04@0x28:*"
run fails_with "srb-status=0x0a@0x28:*"
run fails_with "srb-status=0x00@0x28:*"
run fails_with "data-length=0@0x28:*"
run survives "srb-status=0x04@0x2a:1"
run survives "srb-status=0x0e@0x2a:3"
run survives "srb-status=0x05@0x2a:3"
run survives "srb-status=0x0a@0x2a:2"
run survives "sense-length=255@0x2a:5"
run survives "scsi-status=8@0x2a:3"
run survives "sense=0x062900@0x2a:2"
run survives "data-length=512@0x28:5"
run capacity_changed_rescans
run enumerate_flood
run unsolicited_flood
run stray_answers
run log_is_limited
run lost_answer
run lost_answers_and_reset
run init "refuse@9:*" no
run init "refuse@13:1" yes
run init "refuse@10:1" no
run init "max-transfer=0:1" no
run init "max-transfer=4095:1" no
run init "max-transfer=4096:1" yes
run init "max-transfer=0xffffffff:1" yes
run init "max-channels=0xffff:1" yes
run init "delay-control=12000@7:1" yes
run init "control-op@8:1" no
run no_hung_task
finish
