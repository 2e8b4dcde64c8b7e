#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Programs on a card. Four cards: 0 and 1 on one hub (namespaces a and b), 2 and
# 3 on another (b and c).
# shellcheck source=tests/e2e/net-lib.sh
. /share/net-lib.sh

place_rest() {
	place 2 b 22 && place 3 c 23 || return 1
	ip -n b addr flush dev "$(card 2)"
	ip -n c addr flush dev "$(card 3)"
	n2=$(card 2)
	n3=$(card 3)
}

xdp() {
	in_b python3 $tool xdp "$n1" "$@"
}

mode() {
	ip -n b link show "$n1" | grep -o ' xdp[a-z]*' | head -n 1
}

passes_everything() {
	xdp pass && is "mode" " xdp" "$(mode)" && works 4 && in_a python3 $tool sweep 10.9.0.2 1-30 1400 1471-1473 9000 || return 1
	xdp off && is "mode" "" "$(mode)" && works 1
}

rx_xdp() {
	in_b ethtool -S "$n1" | awk -v kind="_xdp_$1:" '$1 ~ kind "$" { n += $2 } END { print n + 0 }'
}

rx_xdp_reaches() {
	[ "$(rx_xdp "$1")" -ge "$2" ]
}

# dropped PROGRAM: 200 frames to port 4000 vanish, others come
dropped() {
	xdp "$1" 4000 || return 1
	before=$(rx_xdp drop)
	count_start b "$n1" 4000 || return 1
	in_a python3 $tool send 10.9.0.2 4000 200 64
	count_stop rx_xdp_reaches drop $((before + 200)) >/tmp/counted || return 1
	is "frames that got through" 0 "$(cat /tmp/counted)" && is "frames dropped" 200 $(($(rx_xdp drop) - before)) &&
		works 1 && xdp off
}

sent_back() {
	xdp echo 4001 || return 1
	before=$(rx_xdp tx)
	in_a python3 $tool ping7 10.9.0.2 4001 300 "$1" || return 1
	seen=$(($(rx_xdp tx) - before))
	[ "$seen" -ge 300 ] || {
		why="sent back: $seen"
		return 1
	}
	works 1 && xdp off
}

# Out by card 2, whose ndo_xdp_xmit does it, to card 3.
redirected() {
	xdp redirect 4002 "$(in_b cat "/sys/class/net/$n2/ifindex")" || return 1
	before=$(rx_xdp redirect)
	sent_before=$(in_b ethtool -S "$n2" | awk '/_xdp_xmit:/ { n += $2 } END { print n + 0 }')
	count_start c "$n3" 4002 300 && all_come 3 || return 1
	in_a python3 $tool send 10.9.0.2 4002 300 "$1"
	count_end >/tmp/counted
	is "frames redirected" 300 $(($(rx_xdp redirect) - before)) || return 1
	is "frames sent for others" 300 $(($(in_b ethtool -S "$n2" | awk '/_xdp_xmit:/ { n += $2 } END { print n + 0 }') - sent_before)) || return 1
	is "frames that arrived" 300 "$(cat /tmp/counted)" && works 1 && xdp off
}

# The program makes every frame longer at its head.
tagged() {
	ip -n b link add link "$n1" name v5 type vlan id 5 && ip -n b link set v5 up || return 1
	count_start b v5 4003 50 || return 1
	xdp tag && in_a ip neigh replace 10.9.0.2 lladdr "$(in_b cat "/sys/class/net/$n1/address")" dev "$n0" || return 1
	in_a python3 $tool send 10.9.0.2 4003 50 100
	count_end >/tmp/counted
	xdp off
	in_a ip neigh del 10.9.0.2 dev "$n0"
	ip -n b link del v5
	is "frames with tag 5" 50 "$(cat /tmp/counted)" && works 1
}

# One program for another while frames come.
exchanged_under_load() {
	load_start 8
	for _ in 1 2 3 4 5; do
		xdp pass && sleep 0.3 && xdp drop 4000 && sleep 0.3 && xdp off && sleep 0.3 || return 1
	done
	load_end && works 1
}

# A frame must fit a page; the MTU is held to that while a program is set, and the other way round.
mtu_limit() {
	xdp pass || return 1
	ip -n b link set "$n1" mtu 9000 && why="MTU 9000 with a program" && return 1
	ip -n b link set "$n1" mtu 3000 && ip -n a link set "$n0" mtu 3000 || return 1
	until_ok 60 reached && in_a ping -q -c 2 -W 2 -M "do" -s 2972 10.9.0.2 && works 2 || return 1
	xdp off && ip -n b link set "$n1" mtu 9000 || return 1
	xdp pass && why="a program with MTU 9000" && return 1
	ip -n b link set "$n1" mtu 1500 && ip -n a link set "$n0" mtu 1500 && works 1
}

# It stays through what detaches the card, and applies to new queues.
survives_reconfiguration() {
	xdp drop 4000 || return 1
	in_b ethtool -L "$n1" combined 1 && in_b ethtool -L "$n1" combined 2 && ip -n b link set "$n1" down && ip -n b link set "$n1" up &&
		address 1 b 2 && until_ok 60 reached || return 1
	before=$(rx_xdp drop)
	in_a python3 $tool send 10.9.0.2 4000 100 64
	until_ok 60 rx_xdp_reaches drop $((before + 100))
	is "frames dropped" 100 $(($(rx_xdp drop) - before)) && works 1 && xdp off
}

goes_with_program() {
	xdp pass || return 1
	in_a ping -q -f -w 3 10.9.0.2 >/dev/null &
	module_leaves_nothing
}

run pair
run place_rest
run passes_everything
run dropped drop
run dropped aborted
run dropped unknown
run sent_back 64
run sent_back 1400
run redirected 64
run redirected 1400
run tagged
run exchanged_under_load
run mtu_limit
run survives_reconfiguration
run no_hung_task
run goes_with_program
finish
