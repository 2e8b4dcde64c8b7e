#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The proof of the network host at full size, with the distribution's driver.
# Started by tests/long/43-net-host:  sh /share/net-host-whole.sh SUITE MIB PARTS
#
# PARTS: 1 pings with every size from 1 to 65,000 in each of the four ways two
# cards are set up here; 4 deals them out, so that every size is seen at each MTU
# when this has run with 1 and with 4 CPUs, and those about the edges in all.
#
# Cards: 0 and 1 on one hub, with every offload; 2 and 3 on another, with none;
# 4 at slirp.
# shellcheck source=tests/e2e/net-host-lib.sh
. /share/net-host-lib.sh
mib=$2
parts=$3
edges="1-64 1400-1520 2900-2970 4400-4450 8900-9020 17900-17980 64950-65000"

# with on|off: the two cards that have offloads, or those that have not
with() {
	case $1 in
	on) way=0 near=0 near_space=a near_part=1 far=1 far_space=b far_part=2 ;;
	off) way=1 near=2 near_space=c near_part=1 far=3 far_space=d far_part=2 ;;
	esac
	[ "$(nproc)" = 1 ] || way=$((way + 2))
}

near() {
	ip netns exec $near_space "$@"
}

far() {
	ip netns exec $far_space "$@"
}

reached() {
	near ping -q -c 1 -W 1 10.9.0.$far_part && near ping -q -c 1 -W 1 fd09::$far_part
}

address_by_dhcp() {
	n4=$(hv-nic 4) && ip link set "$n4" up && until_ok 60 grep -q 1 "/sys/class/net/$n4/carrier" || return 1
	given=$(timeout 100 python3 $raw dhcp "$n4") && is "address" 10.0.2.15 "$given"
}

pairs_come_up() {
	for pair in on off; do
		with $pair
		place $near $near_space $near_part && place $far $far_space $far_part || return 1
		near python3 $tool echo >/dev/null 2>&1 &
		far python3 $tool echo >/dev/null 2>&1 &
		until_ok 60 reached || return 1
		is "channels" "$(nproc)" "$(state $near channels-open)" || return 1
	done
}

# mtu N: of both cards, and frames of that size and no more pass
mtu() {
	ip -n $near_space link set "$(card $near)" mtu "$1" && ip -n $far_space link set "$(card $far)" mtu "$1" || return 1
	address $near $near_space $near_part
	address $far $far_space $far_part
	until_ok 60 reached && is "MTU of the host" $(($1 + 14)) "$(state $near frame-mtu)" || return 1
	until_ok 60 near ping -q -c 1 -W 2 -M "do" -s $(($1 - 28)) 10.9.0.$far_part || return 1
	! near ping -q -c 1 -W 1 -M "do" -s $(($1 - 27)) 10.9.0.$far_part
}

# part K of $parts
pings_of_every_size() {
	# shellcheck disable=SC2086 # a list
	near timeout 7200 python3 $raw pings 10.9.0.$far_part $edges "1-65000/$parts+$(($1 % parts))"
}

# from one to the other over IPv4, and back over IPv6
bytes_both_ways() {
	near timeout 3600 python3 $tool move 10.9.0.$far_part "$mib" && far timeout 3600 python3 $tool move fd09::$near_part "$mib"
}

# used COUNTER: the sum of it for both cards
used() {
	echo $(($(counter $near "$1") + $(counter $far "$1")))
}

# The host counted offloads, or none.
offloads_were() {
	for name in tx_lso tx_csum rx_csum rx_rsc_packets; do
		case $1 in
		on) [ "$(used $name)" -gt 0 ] ;;
		off) [ "$(used $name)" = 0 ] ;;
		esac || {
			why="$name is $(used $name)"
			return 1
		}
	done
}

# measured CASE [ARG...]: as run, and say what it said
measured() {
	run "$@"
	[ -n "$why" ] || sed 's/^/    /' /tmp/case.log
}

run address_by_dhcp
run pairs_come_up
for mtu in 1500 9000; do
	for pair in on off; do
		suite_all=$suite
		suite=$suite/mtu-$mtu/offloads-$pair
		with $pair
		host $near reset-counters true
		host $far reset-counters true
		run mtu $mtu
		measured pings_of_every_size $way
		measured bytes_both_ways
		run offloads_were $pair
		run sub_allocations_are_whole $near
		run sub_allocations_are_whole $far
		run host_has_no_complaint $near $far
		suite=$suite_all
	done
done
run no_hung_task
servers_end
finish
