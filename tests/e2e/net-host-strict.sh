#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The network host refuses what makes no sense. Card 0 is driven by hand through
# uio_hv_generic, card 1 on the same hub by hv_netvsc, to have something come in.
# shellcheck source=tests/e2e/net-lib.sh
. /share/net-lib.sh
nic=f8615163-df3e-46c5-913f-f2d2f965ed0e

guid=$(basename "$(readlink -f "/sys/class/net/$(hv-nic 0)/device")")
place 1 b 2 || exit 1
modprobe uio_hv_generic && echo $nic >/sys/bus/vmbus/drivers/uio_hv_generic/new_id &&
	echo "$guid" >/sys/bus/vmbus/drivers/hv_netvsc/unbind && echo "$guid" >/sys/bus/vmbus/drivers/uio_hv_generic/bind
until_ok 60 test -c /dev/uio0 || {
	echo "FAIL $suite: uio_hv_generic does not bind"
	exit 1
}
ip netns exec b ping -q -b -i 0.2 10.9.0.255 >/dev/null 2>&1 &
pinging=$!
# in the foreground: hv-qmp reads from the terminal
timeout --foreground 750 python3 /share/net-host-raw.py /dev/uio0 0 "$suite"
fails=$?
kill $pinging
echo "$guid" >/sys/bus/vmbus/drivers/uio_hv_generic/unbind
echo "$guid" >/sys/bus/vmbus/drivers/hv_netvsc/bind
back() {
	[ -n "$(hv-nic 0)" ] && place 0 a 1 && in_a ping -q -c 1 -W 1 10.9.0.2
}
back_in_hv_netvsc() {
	until_ok 60 back
}
run back_in_hv_netvsc
run no_hung_task
finish
