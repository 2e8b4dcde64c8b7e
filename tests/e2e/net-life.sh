#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The ends of a kernel with the card at work: kexec, then a panic with a crash
# kernel that must get an address by DHCP. Card 0 is on a network with a DHCP
# server (--nic user). Runs once per boot; HV_BOOT counts.
#
#   /share/net-life.sh SUITE
suite=$1
boot=${HV_BOOT:-1}

pass() { echo "PASS $suite: $1"; }
fail() { echo "FAIL $suite: $1: $2"; }

# verdict NAME COMMAND...
verdict() {
	verdict_name=$1
	shift
	if "$@" >/tmp/case.log 2>&1; then pass "$verdict_name"; else fail "$verdict_name" "$(tail -n 3 /tmp/case.log | tr '\n' '|')"; fi
}

address() {
	n0=$(hv-nic 0) && ip link set "$n0" up && given=$(timeout 60 python3 /share/net-host.py dhcp "$n0") || return 1
	echo "given $given"
	ip addr replace "$(echo "$given" | grep -oE '[0-9]+(\.[0-9]+){3}' | head -n 1)/24" dev "$n0"
	for _ in 1 2 3 4 5; do
		ping -q -c 3 -W 2 10.0.2.2 && return 0
	done
	return 1
}

load() {
	ping -q -f 10.0.2.2 >/dev/null 2>&1 &
	ping -q -f -s 9000 10.0.2.2 >/dev/null 2>&1 &
	python3 - <<'PY' &
import socket
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    try:
        sock.sendto(b"x" * 1400, ("10.0.2.2", 9))
    except OSError:
        pass
PY
	sleep 2
}

next_kernel() {
	dd if="$(hv-disk kernel)" of=/tmp/kernel bs=1M 2>/dev/null &&
		dd if="$(hv-disk initrd)" of=/tmp/initrd bs=1M 2>/dev/null || return 1
	# shellcheck disable=SC2046 # options as words
	kexec "$1" /tmp/kernel --initrd=/tmp/initrd --command-line="$(sed "$2" /proc/cmdline) $3"
}

# A crash kernel has one queue and small buffers, and is ours.
modest() {
	ethtool -l "$(hv-nic 0)" | grep -A4 Current | grep -q 'Combined:[[:space:]]*1$' && ethtool -g "$(hv-nic 0)" | tail -n 5 &&
		ethtool -S "$(hv-nic 0)" | grep -q refused_ && free -m
}

case $boot in
1)
	verdict "address by DHCP" address
	load
	next_kernel -l "" "" || fail "kexec" "not loaded"
	hv-reboot --only-announce
	kexec -e
	;;
2)
	verdict "address after kexec under load" address
	next_kernel -p 's/ crashkernel=[^ ]*//' "nr_cpus=1 reset_devices" || fail "crash kernel" "not loaded"
	load
	hv-reboot --only-announce
	sleep 0.2
	echo c >/proc/sysrq-trigger
	;;
*)
	verdict "the crash kernel sees the dead one's memory" test -s /proc/vmcore
	verdict "address in the crash kernel" address
	verdict "the crash kernel makes do with little" modest
	verdict "the module goes in the crash kernel" modprobe -r hv_netvsc
	dmesg | grep 'hv_netvsc: leak check' | tail -n 1
	dmesg | grep 'hv_netvsc: leak check' | tail -n 1 | grep -q 'leaked 0$' || fail "leaks" "uneven"
	echo "PASS $suite: all ends reached"
	exit 0
	;;
esac
sleep 60
fail "end of boot $boot" "still alive"
exit 1
