#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs in a guest with systemd and the package hyperv-daemons, our hv_utils
# loaded by udev at boot: the units run because of our devices, end with them,
# and start again with them.
#
#   ic-systemd.sh SUITE
# shellcheck disable=SC2317 # verdict calls them
suite=$1
failed=0

# until_ok SECONDS COMMAND...
until_ok() {
	left=$(($1 * 5))
	shift
	until "$@" >/dev/null 2>&1; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || return 1
		sleep 0.2
	done
}

# verdict NAME COMMAND...
verdict() {
	name=$1
	shift
	if "$@"; then
		echo "PASS $suite: $name"
	else
		failed=1
		echo "FAIL $suite: $name: $(systemctl --no-pager status hv-kvp-daemon hv-vss-daemon 2>&1 | tail -n 8 | tr '\n' '|')"
	fi
}

ours() { [ -e /sys/module/hv_utils/version ]; }
linked() { until_ok 60 test -L /dev/ptp_hyperv && grep -qx hyperv "/sys/class/ptp/$(readlink /dev/ptp_hyperv)/clock_name"; }
unit_of() { printf '%s%s.device' 'sys-devices-virtual-misc-vmbus\x21hv_' "$1"; }
active() {
	until_ok 120 systemctl -q is-active "hv-$1-daemon.service" && systemctl -q is-active "$(unit_of "$1")" &&
		systemctl show -p BindsTo "hv-$1-daemon.service" | grep -q "x21hv_$1\.device"
}
ended() { until_ok 60 sh -c "! systemctl -q is-active hv-$1-daemon.service"; }
# the device goes, its unit ends; it comes back, systemd starts the unit again
goes_and_comes() {
	echo "$2" >/sys/bus/vmbus/drivers/hv_utils/unbind && ended "$1" && echo "$2" >/sys/bus/vmbus/drivers/hv_utils/bind && active "$1"
}

verdict "our hv_utils was loaded at boot" ours
verdict "/dev/ptp_hyperv" linked
verdict "hv-kvp-daemon runs" active kvp
verdict "hv-vss-daemon runs" active vss
verdict "hv-kvp-daemon ends and starts with its device" goes_and_comes kvp 242ff919-07db-4180-9c2e-b86cb68c8c55
verdict "hv-vss-daemon ends and starts with its device" goes_and_comes vss 2450ee40-33bf-4fbd-892e-9fb06e9214cf
exit $failed
