#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Is our network host a true one? The distribution's hv_netvsc decides. Started by
# tests/steps/43-net-host:  sh /share/net-host.sh SUITE MIB some|few
#
# Cards: 0 and 1 on one hub; 2 and 3 on another, without offloads; 4 at slirp;
# 5 to 10 on a third hub, the last five with lower and lower NVSP versions.
# shellcheck source=tests/e2e/net-host-lib.sh
. /share/net-host-lib.sh
mib=${2:-16}
what=${3:-some}
steps="2100 2900-2960 4050-4100 6040-6150 8150-8200 9000 12288 16383-16385 20000 30000 40000 50000 61440 65000"
case $what in
few) sizes="1-64 255-257 511-513 1000 1024 1400 1460-1520 2000 $steps" ;;
*) sizes="1-2000 $steps" ;;
esac

address_by_dhcp() {
	n4=$(hv-nic 4) && ip link set "$n4" up && until_ok 60 grep -q 1 "/sys/class/net/$n4/carrier" || return 1
	given=$(timeout 300 python3 $raw dhcp "$n4") || return 1
	echo "$given"
	is "address" 10.0.2.15 "$given" && ip addr add "$given/24" dev "$n4" &&
		ping -q -c 3 -i 0.2 -W 2 10.0.2.2 && ping -q -c 3 -i 0.2 -W 2 -s 1472 10.0.2.2
}

pairs_come_up() {
	pair || until_ok 60 reached || return 1
	for n in 2 3; do
		place $n "c$n" $n || return 1
	done
	ip netns exec c3 python3 $tool echo &
	until_ok 60 ip netns exec c2 ping -q -c 1 -W 1 10.9.0.3
}

pings_of_every_size() {
	# shellcheck disable=SC2086 # a list
	in_a timeout 600 python3 $raw pings 10.9.0.2 $sizes
}

pings6() {
	in_a timeout 300 python3 $raw pings fd09::2 1-100 1399 1400 1430-1460 2800-2900 6000-6150 20000 65000
}

# both ways: over IPv4 from a to b, over IPv6 from b to a
bytes_both_ways() {
	in_a python3 $tool move 10.9.0.2 "$mib" && in_b python3 $tool move fd09::1 "$mib"
}

offloads_were_used() {
	for name in tx_lso tx_csum tx_in_section tx_in_pages rx_csum rx_rsc_packets; do
		[ "$(($(counter 0 $name) + $(counter 1 $name)))" -gt 0 ] || {
			why="$name is 0"
			return 1
		}
	done
	echo "large sends $(counter 0 tx_lso), segments $(counter 0 tx_lso_segments), coalesced packets $(counter 1 rx_rsc_packets)" \
		"of segments $(counter 1 rx_rsc_segments)"
}

# The guest switches all of it off, then on again.
offloads_off_and_on() {
	for switch in off on; do
		for name in tx tso rx lro rxhash gro; do
			in_a ethtool -K "$n0" $name $switch 2>/dev/null
			in_b ethtool -K "$n1" $name $switch 2>/dev/null
		done
		before=$(counter 0 tx_lso)
		in_a python3 $tool move 10.9.0.2 4 && in_b python3 $tool move fd09::1 4 || return 1
		used=$(($(counter 0 tx_lso) - before))
		[ $switch = on ] || is "large sends while off" 0 $used || return 1
	done
	[ "$used" -gt 0 ] || why="no large send after all is on again"
	[ "$used" -gt 0 ]
}

# A host that offers nothing, and a guest that then has to do it all
host_without_offloads() {
	ip netns exec c2 python3 $tool move 10.9.0.3 8 && ip netns exec c2 python3 $tool move fd09::3 4 &&
		ip netns exec c2 timeout 300 python3 $raw pings 10.9.0.3 1-20 1471-1473 5000 65000 || return 1
	for name in tx_lso tx_csum rx_csum rx_rsc_packets; do
		is "$name" 0 "$(($(counter 2 $name) + $(counter 3 $name)))" || return 1
	done
	ip netns exec c2 ethtool -k "$(card 2)" | grep 'tcp-segmentation-offload: off'
}

# every_channel_busy CARD: enough packets on each, each way
every_channel_busy() {
	busy="to the guest: $(each_channel "$1" rx_packets | tr '\n' ' ') from it: $(each_channel "$1" tx_packets | tr '\n' ' ')"
	for n in $(each_channel "$1" rx_packets) $(each_channel "$1" tx_packets); do
		[ "$n" -gt 10 ] || return 1
	done
}

# Many sessions: every channel gets some, each way. Which one gets which is a matter of chance.
sessions_spread_over_channels() {
	is "channels" "$(nproc)" "$(state 0 channels-open)" || return 1
	host 0 reset-counters true
	round=0
	until [ $round -ge 3 ] && every_channel_busy 0; do
		round=$((round + 1))
		[ $round -le 30 ] || {
			why="one channel stays idle: $busy"
			return 1
		}
		jobs=
		for _ in 1 2 3 4 5 6; do
			in_a python3 $tool move 10.9.0.2 1 &
			jobs="$jobs $!"
		done
		for job in $jobs; do
			wait "$job" || return 1
		done
	done
	echo "$busy"
	[ "$(nproc)" = 1 ] || is "RSS" true "$(state 0 rss)"
}

# mtu N: of both cards
mtu() {
	ip -n a link set "$n0" mtu "$1" && ip -n b link set "$n1" mtu "$1" || return 1
	address 0 a 1
	address 1 b 2
	until_ok 60 reached && until_ok 60 reached6 || return 1
	is "MTU" "$1" "$(in_a cat "/sys/class/net/$n0/mtu")" && is "MTU of the host" $(($1 + 14)) "$(state 0 frame-mtu)" || return 1
	until_ok 60 in_a ping -q -c 1 -W 2 -M "do" -s $(($1 - 28)) 10.9.0.2 || return 1
	! in_a ping -q -c 1 -W 1 -M "do" -s $(($1 - 27)) 10.9.0.2
}

mtu_9000() {
	mtu 9000 && bytes_both_ways && in_a timeout 300 python3 $raw pings 10.9.0.2 1 8958-8974 20000 65000
}

mtu_1500_again() {
	mtu 1500 && in_a python3 $tool move 10.9.0.2 4
}

vlan() {
	ip -n a link add link "$n0" name v0 type vlan id 77 && ip -n b link add link "$n1" name v1 type vlan id 77 &&
		ip -n a addr add 10.77.0.1/24 dev v0 && ip -n b addr add 10.77.0.2/24 dev v1 &&
		ip -n a link set v0 up && ip -n b link set v1 up || return 1
	until_ok 60 in_a ping -q -c 1 -W 1 10.77.0.2 && in_a python3 $tool move 10.77.0.2 4 &&
		in_a timeout 300 python3 $raw pings 10.77.0.2 1-4 1471-1473 5000 || return 1
	echo "tagged: $(counter 0 tx_vlan) $(counter 0 rx_vlan)"
	[ "$(counter 0 tx_vlan)" -gt 20 ] && [ "$(counter 0 rx_vlan)" -gt 20 ]
}

# ceiling CARD VERSION: the guest takes it, and all works
ceiling() {
	place "$1" "v$1" "$1" && is "version" "$2" "$(state "$1" nvsp-version)" &&
		until_ok 60 ip netns exec v5 ping -q -c 1 -W 1 "10.9.0.$1" || return 1
	ip netns exec "v$1" python3 $tool echo &
	ip netns exec v5 timeout 300 python3 $raw pings "10.9.0.$1" 1-10 1471-1473 9000 65000 &&
		ip netns exec v5 python3 $tool move "10.9.0.$1" 2 && ip netns exec "v$1" python3 $tool move 10.9.0.5 2 || return 1
	echo "channels: $(state "$1" channels-open)"
	host_has_no_complaint "$1"
}

first_of_the_third_hub() {
	place 5 v5 5 && is "version" 6.1 "$(state 5 nvsp-version)" || return 1
	ip netns exec v5 python3 $tool echo &
}

link_goes_and_comes() {
	hv-qmp set_link '{"name": "hvnic0", "up": false}' && until_ok 60 in_a grep -q 0 "/sys/class/net/$n0/carrier" || return 1
	hv-qmp set_link '{"name": "hvnic0", "up": true}' && until_ok 60 in_a grep -q 1 "/sys/class/net/$n0/carrier" &&
		until_ok 60 reached
}

network_change_is_a_blink() {
	before=$(in_a cat "/sys/class/net/$n0/carrier_down_count")
	host 0 network-change 2 || return 1
	blinked() {
		[ "$(in_a cat "/sys/class/net/$n0/carrier_down_count")" -gt "$before" ]
	}
	until_ok 60 blinked && until_ok 60 reached
}

speed_is_what_the_host_says() {
	in_a ethtool "$n0" | grep -q 'Speed: 10000Mb/s' || return 1
	host 0 link-speed 25000000000 || return 1
	faster() {
		in_a ethtool "$n0" | grep -q 'Speed: 25000Mb/s'
	}
	until_ok 60 faster
}

names_and_addresses() {
	is "alias" "first card" "$(in_a cat "/sys/class/net/$n0/ifalias")" || return 1
	ip -n a link set "$n0" down && ip -n a link set "$n0" address 52:48:56:12:34:56 &&
		is "MAC" 52:48:56:12:34:56 "$(state 0 mac)" || return 1
	address 0 a 1
	in_b ip neigh flush all
	until_ok 60 reached
}

filter_is() {
	is "filter" "$1" "$(state 0 filter)"
}

filter_follows() {
	until_ok 60 filter_is 13 && ip -n a link set "$n0" promisc on && until_ok 60 filter_is 32 && ip -n a link set "$n0" promisc off &&
		until_ok 60 filter_is 13 && ip -n a link set "$n0" down && until_ok 60 filter_is 0 || return 1
	ip -n a link set "$n0" up
	address 0 a 1
	until_ok 60 reached
}

# A virtual function that never comes: the messages alone do no harm
vf_messages_alone() {
	host 0 vf true && sleep 1 && is "data path" synthetic "$(state 0 data-path)" && until_ok 60 reached &&
		host 0 vf false && sleep 1 && until_ok 60 reached
}

sub_allocations_return() {
	for n in 0 1 2 3 4; do
		sub_allocations_are_whole $n || return 1
	done
}

run address_by_dhcp
run pairs_come_up
run pings_of_every_size
run pings6
in_a python3 $tool echo &
run bytes_both_ways
run offloads_were_used
run offloads_off_and_on
run host_without_offloads
run sessions_spread_over_channels
run vlan
run host_has_no_complaint 0 1 2 3 4
run mtu_9000
run mtu_1500_again
run first_of_the_third_hub
run ceiling 6 1
run ceiling 7 2
run ceiling 8 4
run ceiling 9 5
run ceiling 10 6
run link_goes_and_comes
run network_change_is_a_blink
run speed_is_what_the_host_says
run names_and_addresses
run filter_follows
run vf_messages_alone
run sub_allocations_return
run host_has_no_complaint 0 1 2 3 4 5
run no_hung_task
servers_end
finish
