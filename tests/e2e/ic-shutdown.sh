#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The host orders a restart, then a power off, of a guest under load. The
# first boot must not come back from the one, nor the second from the other.
#
#   ic-shutdown.sh SUITE
suite=$1
disk=$(hv-disk 0)

# Where the kernel looks for them.
cp /run/hv/bin/poweroff /run/hv/bin/reboot /sbin/

for _ in 1 2 3; do
	dd if=/dev/urandom of="$disk" bs=64k oflag=direct status=none &
	sh -c 'while :; do :; done' &
done

# order OPERATION: the host's answer must be that we will
order() {
	answer=$(hv-qmp x-hv-shutdown "{\"operation\": \"$1\", \"timeout\": 55000}")
	case $answer in
	*'"status": 0'*) return 0 ;;
	esac
	echo "FAIL $suite: $1 ordered by the host: $answer"
	exit 1
}

tries=0
until hv-qmp x-hv-ic-query '{"service": "shutdown"}' | grep -q '"state": "ready"'; do
	tries=$((tries + 1))
	[ $tries -lt 300 ] || { echo "FAIL $suite: the service is not ready"; exit 1; }
	sleep 0.2
done
if [ "$HV_BOOT" = 1 ]; then
	hv-reboot --only-announce
	order restart
else
	echo "PASS $suite: restart ordered by the host, under load"
	echo "ORDERED power off"
	order power-off
fi
sleep 300
echo "FAIL $suite: the machine still runs"
exit 1
