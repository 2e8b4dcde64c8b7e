# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Two network cards that move with the guest of tests/e2e/migrate.sh, which
# reads this: a TCP session that may not break, bytes that are verified, and
# what the guest has negotiated and set must all be there after a move. The host
# tells the guest, once, that this is another network perhaps.
# shellcheck source=tests/e2e/net-host-lib.sh
. /share/net-host-lib.sh "$suite"

net_load() {
	while ! [ -e /tmp/stop ]; do
		in_b timeout 300 python3 "$tool" move fd09::1 2 || return 1
		echo round >>/tmp/net-rounds
	done
}

net_rounds() { cat /tmp/net-rounds 2>/dev/null | wc -l; }
net_progress() { [ "$(net_rounds)" -gt "$1" ]; }

# What the two cards are set to, without what changes from packet to packet
net_state() {
	for net_card in 0 1; do
		host $net_card state | tr ',{}' '\n\n\n' | grep -v '"sub-allocs-free"'
	done
}

net_blinks() { in_a cat "/sys/class/net/$n0/carrier_down_count"; }
net_blinked() { [ "$(net_blinks)" -gt "$1" ]; }
net_filter() { is "filter" "$1" "$(state 0 filter)"; }

net_starts() {
	pair || until_ok 120 reached || return 1
	# nothing here is as it was at the start
	ip -n a link set "$n0" mtu 3000 && ip -n b link set "$n1" mtu 3000 && ip -n a link set "$n0" down &&
		ip -n a link set "$n0" address 52:48:56:12:34:56 || return 1
	address 0 a 1
	address 1 b 2
	until_ok 120 reached && until_ok 120 reached6 || return 1
	in_a python3 "$tool" echo >/dev/null 2>&1 &
	touch /tmp/holding
	in_a python3 "$tool" hold 10.9.0.2 /tmp/holding >/tmp/hold 2>&1 &
	net_hold=$!
	net_load >/tmp/net-load 2>&1 &
	net_load=$!
	until_ok 120 net_progress 0 || return 1
	net_before=$(net_state)
	net_blinks_before=$(net_blinks)
	net_rounds_before=$(net_rounds)
}

# net_moved NUMBER KIND
net_moved() {
	is "what the cards are set to" "$net_before" "$(net_state)" || return 1
	# a snapshot is loaded where it was saved: the network is the same
	[ "$2" = again ] || until_ok 120 net_blinked "$net_blinks_before" || { why="no network change: $why"; return 1; }
	until_ok 120 net_progress "$net_rounds_before" || { why="bytes stand still: $(tail -n 2 /tmp/net-load)"; return 1; }
	kill -0 "$net_hold" || { why="the session was lost: $(tail -n 2 /tmp/hold)"; return 1; }
	# questions are still answered
	ip -n a link set "$n0" promisc on && until_ok 60 net_filter 32 &&
		ip -n a link set "$n0" promisc off && until_ok 60 net_filter 13 || return 1
	# QEMU announces itself for 1.3 s
	[ "$1" != 0 ] || sleep 2
	is "announcements" 1 "$(counter 0 indications)" && host_has_no_complaint 0 1 || return 1
	net_blinks_before=$(net_blinks)
	net_rounds_before=$(net_rounds)
}

net_ends() {
	rm /tmp/holding
	wait "$net_hold" || { why="the session: $(tail -n 2 /tmp/hold)"; return 1; }
	wait "$net_load" || { why="bytes: $(tail -n 2 /tmp/net-load)"; return 1; }
	cat /tmp/hold
	sub_allocations_are_whole 0 && sub_allocations_are_whole 1 && host_has_no_complaint 0 1 || return 1
	servers_end
}
