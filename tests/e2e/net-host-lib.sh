# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# What the scripts that ask about the network host share: its properties and
# counters (tests/qemu/hv-net.md), seen from the guest.
# shellcheck source=tests/e2e/net-lib.sh
. /share/net-lib.sh

# shellcheck disable=SC2034 # the scripts use it
raw=/share/net-host.py

# host CARD PROPERTY [VALUE]: read or set a property of the device
host() {
	if [ $# -gt 2 ]; then
		hv-qmp qom-set "{\"path\": \"/machine/peripheral/hvnic$1\", \"property\": \"$2\", \"value\": $3}" >/dev/null
	else
		hv-qmp qom-get "{\"path\": \"/machine/peripheral/hvnic$1\", \"property\": \"$2\"}"
	fi
}

# field NAME: out of what is read, the first of this name
field() {
	tr ',{}' '\n\n\n' | sed -n "s/^ *\"$1\": \"*\([^\"]*\)\"*$/\1/p" | head -n 1
}

counter() {
	host "$1" counters | field "$2"
}

state() {
	host "$1" state | field "$2"
}

# each_channel CARD NAME: of every channel
each_channel() {
	host "$1" counters | tr ',{}' '\n\n\n' | sed -n '/"channel[0-9]*"/,$p' | sed -n "s/^ *\"$2\": \([0-9]*\)$/\1/p"
}

# no_memory CARD: frames the guest could not take, as its driver counts them, wherever the card is
no_memory() {
	{
		ethtool -S "$(card "$1")"
		for space in $(ip netns list | cut -d ' ' -f 1); do
			ip netns exec "$space" ethtool -S "$(card "$1")"
		done
	} 2>/dev/null | awk '/rx_no_memory/ { n += $2 } END { print n + 0 }'
}

# No packet of the guest was refused, none of its answers was wrong. What it had
# no memory for it may refuse.
host_has_no_complaint() {
	for n in "$@"; do
		found=$(host "$n" counters | tr ',{}' '\n\n\n' |
			grep -E '"(bad_[a-z_]*|pseudo_mismatch|rndis_malformed|nvsp_refused)": [1-9]' | tr '\n' ' ')
		[ -z "$found" ] || {
			why="card $n: $found"
			return 1
		}
		nacked=$(counter "$n" rx_nacked)
		[ "$nacked" -le "$(no_memory "$n")" ] || {
			why="card $n: $nacked packets were refused by the guest"
			return 1
		}
	done
}

# What the guest has received it has given back.
sub_allocations_are_whole() {
	whole() {
		[ "$(state "$1" sub-allocs)" -gt 100 ] && [ "$(state "$1" sub-allocs)" = "$(state "$1" sub-allocs-free)" ]
	}
	until_ok 60 whole "$1"
}

# Nothing runs on in the namespaces.
servers_end() {
	for space in $(ip netns list | cut -d ' ' -f 1); do
		for pid in $(ip netns pids "$space"); do
			kill "$pid"
		done
	done
}
