#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Persistent reservations: one disk of the host behind two controllers, as two
# nodes of a cluster have it. Asked for by the kernel's own ioctls and by
# sg_persist; what the other path may do is tried.
# --disk 0 keeps the first controller; the disk in question is plugged in.
# shellcheck source=tests/e2e/disk-lib.sh
. /share/disk-lib.sh
WE=1 EA=3 WE_RO=5 EA_RO=6 WE_AR=7 EA_AR=8

# path N CONTROLLER: the N-th way to the disk
path() {
	qmp device_add "{\"driver\": \"scsi-hd\", \"id\": \"path$1\", \"bus\": \"$2.0\", \"scsi-id\": 0, \"lun\": 9, \"drive\": \"shared\",
		\"share-rw\": true, \"wwn\": 5765210605467489945, \"serial\": \"shared\", \"device_id\": \"path$1\"}"
}

# Disks with that serial number; there are two.
both() {
	one='' two=''
	for found in /sys/block/sd*; do
		grep -qa shared "$found/device/vpd_pg80" 2>/dev/null || continue
		case $(readlink -f "$found") in
		*"$1"/*) one=/dev/${found##*/} ;;
		*) two=/dev/${found##*/} ;;
		esac
	done
	[ -n "$one" ] && [ -n "$two" ]
}

two_paths() {
	first=$(basename "$(vmbus_device "$(hv-disk 0)")")
	qmp blockdev-add '{"driver": "null-co", "node-name": "shared", "size": 33554432, "read-zeroes": true}' &&
		qmp device_add '{"driver": "hv-scsi", "id": "second"}' && path 1 hvscsi0 && path 2 second && until_ok 60 both "$first" || return 1
	is "the same disk" "$(cat "/sys/block/${one#/dev/}/device/wwid")" "$(cat "/sys/block/${two#/dev/}/device/wwid")" && settled "$one" && settled "$two"
}

# Nobody looks at a new disk for partitions any more; the first command's unit attention is over.
settled() {
	udevadm settle 2>/dev/null
	until_ok 60 dd "if=$1" of=/dev/null bs=4k count=1 iflag=direct
}

# pr DISK COMMAND...: register OLD NEW, reserve KEY TYPE, release KEY TYPE, preempt OLD NEW TYPE, clear KEY; by ioctl, prints 0 or what came back
pr() {
	python3 - "$@" <<'PY'
import fcntl, os, struct, sys
# linux/pr.h
NUMBERS = {"register": (200, "QQII", 24), "reserve": (201, "QII", 16), "release": (202, "QII", 16), "preempt": (203, "QQII", 24), "clear": (205, "QII", 16)}
TYPES = {"1": 1, "3": 2, "5": 3, "6": 4, "7": 5, "8": 6}
disk, command, *words = sys.argv[1:]
number, form, size = NUMBERS[command]
if command == "register":
    values = [int(words[0], 0), int(words[1], 0), 0, 0]
elif command == "preempt":
    values = [int(words[0], 0), int(words[1], 0), TYPES[words[2]], 0]
elif command == "clear":
    values = [int(words[0], 0), 0, 0]
else:
    values = [int(words[0], 0), TYPES[words[1]], 0]
fd = os.open(disk, os.O_RDWR)
try:
    print(fcntl.ioctl(fd, 1 << 30 | size << 16 | ord("p") << 8 | number, bytearray(struct.pack(form, *values)), True))
except OSError as error:
    print(error.strerror)
PY
}

asked() {
	sg_persist --in "$@" 2>&1
}

reads() {
	dd "if=$1" of=/dev/null bs=4k count=1 iflag=direct
}

writes() {
	dd if=/dev/zero "of=$1" bs=4k count=1 oflag=direct
}

# not COMMAND...: fails at once with the error of a conflict, not with time
not() {
	"$@" 2>/tmp/refused && {
		why="$* is allowed"
		return 1
	}
	grep -qE 'Invalid exchange|conflict' /tmp/refused || {
		why="$*: $(head -n 1 /tmp/refused)"
		return 1
	}
}

registers() {
	is "first" 0 "$(pr "$one" register 0 0xa1)" && is "second" 0 "$(pr "$two" register 0 0xb2)" || return 1
	asked --read-keys "$two"
	[ "$(asked --read-keys "$two" | grep -cE '0x(a1|b2)$')" = 2 ] || {
		why="not both keys are there"
		return 1
	}
	# Another key than the one registered is a conflict. The distribution's driver makes DID_ERROR of it, which sg_persist takes for success.
	sg_persist --out --register --param-rk=0xdead --param-sark=0xa3 "$one" >/tmp/wrong 2>&1
	cat /tmp/wrong
	! ours || grep -qi 'reservation conflict' /tmp/wrong || {
		why="a wrong key is no conflict"
		return 1
	}
	! asked --read-keys "$one" | grep -q 0xa3
}

# One reserves, the other reads and does not write, or does neither.
holder_alone() {
	is reserve 0 "$(pr "$one" reserve 0xa1 "$1")" || return 1
	writes "$one" && reads "$one" && "$2" reads "$two" && not writes "$two" || return 1
	asked --read-reservation "$two" | grep -q 'Key=0xa1' || {
		why="nobody holds it"
		return 1
	}
	is release 0 "$(pr "$one" release 0xa1 "$1")" && writes "$two" && reads "$two"
}

yes() {
	"$@"
}

# Registered is enough.
registrants() {
	is reserve 0 "$(pr "$one" reserve 0xa1 "$1")" && writes "$two" && reads "$two" || return 1
	is "second leaves" 0 "$(pr "$two" register 0xb2 0)" && not writes "$two" || return 1
	is "second comes back" 0 "$(pr "$two" register 0 0xb2)" && writes "$two" && is release 0 "$(pr "$one" release 0xa1 "$1")" || return 1
	until_ok 60 writes "$two"
}

# What a cluster does with a node that has failed.
preempted() {
	is reserve 0 "$(pr "$one" reserve 0xa1 "$EA_RO")" && is preempt 0 "$(pr "$two" preempt 0xb2 0xa1 "$EA_RO")" || return 1
	writes "$two" || return 1
	# The first answer on the old path is what happened to it, which the kernel repeats over; then it is shut out.
	not writes "$one" && not reads "$one" || return 1
	asked --read-reservation "$two" | grep -q 'Key=0xb2' || return 1
	is "comes back" 0 "$(pr "$one" register 0 0xa1)" && until_ok 60 writes "$one" && is release 0 "$(pr "$two" release 0xb2 "$EA_RO")"
}

# written DISK: requests so far
written() {
	awk '{ print $5 }' "/sys/block/${1#/dev/}/stat"
}

written_more() {
	[ "$(written "$1")" -gt $(($2 + 100)) ]
}

# In the middle of I/O: no command hangs, none that was answered is lost, and it goes on afterwards.
fenced_under_io() {
	is reserve 0 "$(pr "$one" reserve 0xa1 "$WE")" || return 1
	before=$(written "$one")
	fio --name=load --filename="$one" --rw=randwrite --bs=4k --iodepth=16 --ioengine=libaio --direct=1 --size=16m --time_based --runtime=600 \
		--output=/tmp/load.out >/dev/null 2>&1 &
	load=$!
	until_ok 60 written_more "$one" "$before" || return 1
	is preempt 0 "$(pr "$two" preempt 0xb2 0xa1 "$WE")" || return 1
	wait "$load" && {
		why="the load saw nothing"
		return 1
	}
	grep -qE 'err= *52|Invalid exchange' /tmp/load.out || {
		why="fio: $(grep -m1 err /tmp/load.out)"
		return 1
	}
	not writes "$one" && writes "$two" && is clear 0 "$(pr "$two" clear 0xb2)" && until_ok 60 writes "$one"
}

nothing_left() {
	asked --read-keys "$two" | grep -qi 'no registered reservation keys' && asked --report-capabilities "$one" | grep -qi 'Write Exclusive, all registrants: 1'
}

# A reset of the disk ends no reservation.
survives_reset() {
	is register 0 "$(pr "$one" register 0 0xa1)" && is reserve 0 "$(pr "$one" reserve 0xa1 "$WE")" || return 1
	sg_reset --device "$one" || return 1
	until_ok 60 writes "$one" && not writes "$two" && is clear 0 "$(pr "$one" clear 0xa1)" && until_ok 60 writes "$two"
}

run two_paths
run registers
run holder_alone "$WE" yes
run holder_alone "$EA" not
run registrants "$WE_RO"
run registrants "$EA_RO"
run registrants "$WE_AR"
run registrants "$EA_AR"
run preempted
run fenced_under_io
run nothing_left
run survives_reset
run no_hung_task
finish
