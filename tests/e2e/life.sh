#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The ends of a kernel: reboot, kexec, panic and a crash kernel, each with I/O
# in flight. Every next kernel must find the host ready for its connection and
# the data on the disk as it was. Runs once per boot; HV_BOOT counts.
#
#   /share/life.sh SUITE        disk 0 keeps the data, disk 1 takes the load
suite=$1
boot=${HV_BOOT:-1}
ends="reboot kexec panic crash-kernel"

pass() { echo "PASS $suite: $1"; }
fail() { echo "FAIL $suite: $1: $2"; }

# How the kernel before this one ended.
before() {
	# shellcheck disable=SC2086 # a list of words
	set -- $ends
	shift $((boot - 2))
	echo "$1"
}

verify() {
	fio --name=data --filename="$(hv-disk 0)" --direct=1 --rw=write --bs=64k --size=8m --verify=crc32c --randseed=7 \
		--do_verify=1 "$@" >/tmp/fio.log 2>&1
}

load() {
	fio --name=load --filename="$(hv-disk 1)" --direct=1 --ioengine=libaio --iodepth=16 --rw=randrw --bs=4k --time_based \
		--runtime=600 >/dev/null 2>&1 &
	sleep 1 # or fio's start, on a busy machine: the end may come at any time
}

next_kernel() {
	dd if="$(hv-disk kernel)" of=/tmp/kernel bs=1M 2>/dev/null &&
		dd if="$(hv-disk initrd)" of=/tmp/initrd bs=1M 2>/dev/null || return 1
	# shellcheck disable=SC2046 # options as words
	kexec "$1" /tmp/kernel --initrd=/tmp/initrd --command-line="$(sed 's/ crashkernel=[^ ]*//' /proc/cmdline) $2"
}

# On a CPU that does not get the bus's messages, while the one that does is busy: its last
# timer message then stays in the slot that the host's answer needs.
crash() {
	last=$(($(nproc) - 1))
	taskset -c 0 sh -c 'while :; do :; done' &
	hv-reboot --only-announce
	sleep 0.2
	exec taskset -c $last sh -c 'echo c >/proc/sysrq-trigger'
}

# 32 MiB of it: what matters is that a crash kernel, with one CPU and a host it did not say goodbye to, can save it.
vmcore_on_disk() {
	disk=$(hv-disk 1)
	dd if=/proc/vmcore of="$disk" bs=1M count=32 iflag=fullblock oflag=direct 2>/tmp/vmcore.log &&
		echo 3 >/proc/sys/vm/drop_caches && cmp -n $((32 << 20)) /proc/vmcore "$disk" 2>>/tmp/vmcore.log &&
		[ "$(head -c 4 "$disk" | tail -c 3)" = ELF ]
}

connected() {
	ls /sys/bus/vmbus/devices/*/channels >/dev/null 2>&1 && dmesg | grep -q 'hv_vmbus: Vmbus version'
}

if [ "$boot" = 1 ]; then
	if verify; then pass "data written before the first end"; else fail "data written before the first end" "$(tail -n 1 /tmp/fio.log)"; fi
else
	if connected; then pass "connected after $(before)"; else fail "connected after $(before)" "no devices"; fi
	if verify --verify_only; then pass "data intact after $(before)"; else fail "data intact after $(before)" "$(tail -n 1 /tmp/fio.log)"; fi
fi

case $boot in
1)
	load
	hv-reboot
	;;
2)
	next_kernel -l "" || fail "kexec" "not loaded"
	load
	hv-reboot --only-announce
	kexec -e
	;;
3)
	load
	crash
	;;
4)
	next_kernel -p "nr_cpus=1 reset_devices" || fail "crash-kernel" "not loaded"
	load
	crash
	;;
*)
	if [ -s /proc/vmcore ]; then
		pass "the crash kernel sees the dead one's memory"
	else
		fail "the crash kernel sees the dead one's memory" "no /proc/vmcore"
	fi
	if vmcore_on_disk; then
		pass "its memory is written to a disk and reads back"
	else
		fail "its memory is written to a disk and reads back" "$(tail -n 1 /tmp/vmcore.log)"
	fi
	modprobe -r hv_storvsc hv_vmbus
	echo "PASS $suite: all ends reached"
	exit 0
	;;
esac
sleep 300
fail "end of boot $boot" "still alive"
exit 1
