#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Hibernation up to the point the kernel's own test levels allow, with sessions
# open and frames on their way; and what happens if the host is no longer there
# for a card when the machine wakes up. Cards as for net-lib.sh, two CPUs.
# Arguments: SUITE LEVEL...; with several levels there are more cases, too.
# shellcheck source=tests/e2e/net-lib.sh
. /share/net-lib.sh
shift

settings() {
	in_a ethtool -l "$n0" | tail -n 6
	in_a ethtool -g "$n0" | tail -n 6
	in_a ethtool -x "$n0"
	in_a ethtool -k "$n0" | grep -v fixed
	in_a cat "/sys/class/net/$n0/mtu" "/sys/class/net/$n0/address"
}

settings_other_than_usual() {
	in_a ethtool -X "$n0" hkey "$(printf '%02x:' $(seq 101 140) | cut -c1-119)" weight 1 3 && in_a ethtool -G "$n0" rx 3000 tx 120 &&
		ip -n a link set "$n0" mtu 1400 && in_a ethtool -K "$n0" tso off && settings >/tmp/settings && works
}

# asleep LEVEL: and back
asleep() {
	echo platform >/sys/power/disk 2>/dev/null || echo shutdown >/sys/power/disk
	echo "$1" >/sys/power/pm_test
	echo disk >/sys/power/state || {
		why="not asleep: $(dmesg | grep -E 'PM:|hv_' | tail -n 3 | tr '\n' '|')"
		return 1
	}
}

said() {
	dmesg | grep -c "hibernation debug: Waiting\|test: Waiting\|PM: .*debug: Waiting"
}

sleeps_to() {
	touch /tmp/holding
	in_a python3 $tool hold 10.9.0.2 /tmp/holding >/tmp/hold 2>&1 &
	holder=$!
	# no function: it is the process itself that is ended
	ip netns exec a ping -q -f 10.9.0.2 >/dev/null 2>&1 &
	pinger=$!
	sleep 1
	waited=$(said)
	asleep "$1"
	status=$?
	sleep 1
	kill "$pinger"
	rm /tmp/holding
	wait "$holder" || {
		why="$(cat /tmp/hold)"
		return 1
	}
	cat /tmp/hold
	[ "$status" = 0 ] || return 1
	[ "$(said)" -gt "$waited" ] || {
		why="it was not asleep"
		return 1
	}
	works && settings >/tmp/settings.now && is "settings" "" "$(diff /tmp/settings /tmp/settings.now)"
}

interface_down_sleeps() {
	ip -n a link set "$n0" down && asleep devices && is "state" down "$(in_a cat "/sys/class/net/$n0/operstate")" &&
		ip -n a link set "$n0" up && address 0 a 1 && works
}

program_sleeps() {
	in_b python3 $tool xdp "$n1" drop 4000 && asleep devices || return 1
	count_start b "$n1" 4000 && in_a python3 $tool send 10.9.0.2 4000 50 64 || return 1
	count_stop reached >/tmp/counted
	is "frames that got through" 0 "$(cat /tmp/counted)" && in_b python3 $tool xdp "$n1" off && works
}

# Card 0 finds no host when it wakes up, and comes back when there is one.
host_is_silent_at_waking() {
	fault "drop-nvsp@2:*" hvnic0
	asleep devices
	fault "" hvnic0
	until_ok 60 reached && works
}

run pair
run settings_other_than_usual
for level; do
	run sleeps_to "$level"
done
run program_sleeps
# The long form is that with all levels.
if [ $# -gt 1 ]; then
	run interface_down_sleeps
	run host_is_silent_at_waking
fi
run no_hung_task
run module_leaves_nothing
finish
