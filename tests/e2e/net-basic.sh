#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Frames of every kind and length, and everything ethtool shows and sets. Two
# cards as for net-lib.sh, four channels each. Argument 2: channels, 3: MiB to
# move, 4: "all" for every length there is.
# shellcheck source=tests/e2e/net-lib.sh
. /share/net-lib.sh
channels=${2:-4}
mib=${3:-8}
lengths=${4:-some}

# Lengths around what matters: PPIs, fragments, sections, pages, the longest.
sizes="1-64 100 200 255-257 511-513 1000 1023-1025 1399 1400 1460-1480 1499-1520 2047-2049 2900-2960 4050-4100 \
	6040-6150 8150-8200 8940-8990 12288 16383-16385 20000 30000 40000 50000 61440 65000"

sweep4() {
	if [ "${lengths:-}" = all ]; then
		in_a python3 $tool sweep 10.9.0.2 1-65000
	else
		in_a python3 $tool sweep 10.9.0.2 $sizes
	fi
}

sweep6() {
	in_a python3 $tool sweep fd09::2 1-20 1399 1400 1430-1460 2800-2900 6000-6150 20000 65000
}

# mtu N: both sides
mtu() {
	ip -n a link set "$n0" mtu "$1" && ip -n b link set "$n1" mtu "$1" && until_ok 60 reached || return 1
	is "MTU of a" "$1" "$(in_a cat "/sys/class/net/$n0/mtu")" && in_a ping -q -c 2 -W 2 -M "do" -s $(($1 - 28)) 10.9.0.2
}

bytes_both_ways() {
	in_a python3 $tool move 10.9.0.2 "$1" && in_a python3 $tool move fd09::2 "$1"
}

# offload NAME on|off: both sides, then bytes
offload() {
	in_a ethtool -K "$n0" "$1" "$2" && in_b ethtool -K "$n1" "$1" "$2" || return 1
	in_a python3 $tool move 10.9.0.2 2 && in_a python3 $tool move fd09::2 2 &&
		in_a python3 $tool sweep 10.9.0.2 1-8 1471-1473 9000
}

feature() {
	in_a ethtool -k "$n0" | awk -v name="$1:" '$1 == name { print $2 }'
}

# Whole TCP frames longer than the MTU leave the guest, and it shows.
large_sends_are_used() {
	in_a ethtool -K "$n0" tso on || return 1
	before=$(in_a cat "/sys/class/net/$n0/statistics/tx_packets")
	in_a python3 $tool move 10.9.0.2 8 || return 1
	sent=$(($(in_a cat "/sys/class/net/$n0/statistics/tx_packets") - before))
	echo "$sent frames for 8 MiB"
	[ "$sent" -lt 3000 ] || why="$sent frames for 8 MiB: no large sends"
	[ "$sent" -lt 3000 ]
}

vlan() {
	ip -n a link add link "$n0" name v0 type vlan id 77 && ip -n b link add link "$n1" name v1 type vlan id 77 &&
		ip -n a addr add 10.77.0.1/24 dev v0 && ip -n b addr add 10.77.0.2/24 dev v1 &&
		ip -n a link set v0 up && ip -n b link set v1 up || return 1
	until_ok 60 in_a ping -q -c 1 -W 1 10.77.0.2 && in_a python3 $tool sweep 10.77.0.2 1-4 1471-1473 5000 &&
		in_a python3 $tool move 10.77.0.2 4 || return 1
	# another id is another network
	ip -n b link del v1 && ip -n b link add link "$n1" name v1 type vlan id 78 && ip -n b addr add 10.77.0.2/24 dev v1 &&
		ip -n b link set v1 up || return 1
	in_a ping -q -c 2 -W 1 10.77.0.2 && why="VLAN 77 reaches VLAN 78" && return 1
	ip -n a link del v0 && ip -n b link del v1
}

multicast() {
	in_b sysctl -q -w net.ipv4.icmp_echo_ignore_broadcasts=0
	in_a ping -q -c 3 -W 2 -I "$n0" 224.0.0.1 || return 1
	in_a ping -q -c 3 -W 2 -I "$n0" ff02::1
}

received_b() {
	in_b cat "/sys/class/net/$n1/statistics/rx_packets"
}

# Frames to a group are received by who joined it.
group_joined() {
	in_b timeout 180 python3 - "$n1" >/tmp/group <<'PY' &
import socket, struct, sys
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("", 4445))
sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                struct.pack("4s4si", socket.inet_aton("239.7.7.7"), bytes(4), socket.if_nametoindex(sys.argv[1])))
print("ready", flush=True)
for number in range(20):
    sock.recv(2048)
print("all", flush=True)
PY
	joiner=$!
	until_ok 60 grep -q ready /tmp/group || return 1
	ip -n a route replace 239.0.0.0/8 dev "$n0" && sleep 0.5 && in_a python3 $tool send 239.7.7.7 4445 40 100 && until_ok 60 grep -q all /tmp/group
	status=$?
	kill "$joiner" 2>/dev/null
	ip -n a route del 239.0.0.0/8 dev "$n0"
	return $status
}

# Frames for others are seen by whoever asks for them, and by nobody else.
promiscuous() {
	in_a ip neigh replace 10.9.0.99 lladdr 52:48:56:99:99:99 dev "$n0"
	before=$(received_b)
	in_a python3 $tool send 10.9.0.99 4444 400 100
	sleep 1
	[ $(($(received_b) - before)) -lt 100 ] || {
		why="frames for another address came unasked: $(($(received_b) - before))"
		return 1
	}
	count_start b "$n1" 4444 50 && all_come 1 || return 1
	in_a python3 $tool send 10.9.0.99 4444 50 100
	count_end >/tmp/counted
	is "frames for another address" 50 "$(cat /tmp/counted)"
}

mac_changes() {
	old=$(in_a cat "/sys/class/net/$n0/address")
	if ip -n a link set "$n0" address 52:48:56:aa:bb:cc; then
		works && ip -n a link set "$n0" address "$old" && works
	else
		is "address kept" "$old" "$(in_a cat "/sys/class/net/$n0/address")" && works
	fi
}

# ethtool

# 31 characters of the GUID are what the ethtool interface has room for.
driver_info() {
	in_a ethtool -i "$n0" >/tmp/info || return 1
	cat /tmp/info
	grep -q '^driver: hv_netvsc$' /tmp/info && grep -q '^firmware-version: ' /tmp/info &&
		grep -Eq '^bus-info: [0-9a-f-]{31}$' /tmp/info
}

# Scripts read these.
statistics_names() {
	in_a python3 $tool names "$n0" >/tmp/names
	wanted="tx_scattered tx_no_memory tx_no_space tx_too_big tx_busy tx_send_full rx_comp_busy rx_no_memory stop_queue
		wake_queue vlan_error vf_rx_packets vf_rx_bytes vf_tx_packets vf_tx_bytes vf_tx_dropped cpu0_rx_packets
		cpu0_rx_bytes cpu0_tx_packets cpu0_tx_bytes cpu0_vf_rx_packets cpu0_vf_rx_bytes cpu0_vf_tx_packets cpu0_vf_tx_bytes"
	for queue in $(seq 0 $((channels - 1))); do
		wanted="$wanted tx_queue_${queue}_packets tx_queue_${queue}_bytes tx_queue_${queue}_xdp_xmit rx_queue_${queue}_packets
			rx_queue_${queue}_bytes rx_queue_${queue}_xdp_drop rx_queue_${queue}_xdp_redirect rx_queue_${queue}_xdp_tx"
	done
	missing=
	for name in $wanted; do
		grep -qx "$name" /tmp/names || missing="$missing $name"
	done
	is "missing" "" "$missing" && is "names that are there twice" "" "$(sort /tmp/names | uniq -d)"
}

statistics_count() {
	before=$(stat 1 b rx_queue_0_packets)
	total=$(in_b cat "/sys/class/net/$n1/statistics/rx_packets")
	in_a ping -q -f -c 100 10.9.0.2 >/dev/null || return 1
	grown=$(($(in_b cat "/sys/class/net/$n1/statistics/rx_packets") - total))
	[ "$grown" -ge 100 ] && [ "$grown" -lt 200 ] || {
		why="100 pings are $grown frames"
		return 1
	}
	until_ok 60 sums_agree || is "sum of the CPUs" "$queues" "$cpus"
}

# Both of one look: a frame may come between two.
sums_agree() {
	in_b ethtool -S "$n1" >/tmp/statistics
	queues=$(awk '/rx_queue_[0-9]*_packets/ { n += $2 } END { print n }' /tmp/statistics)
	cpus=$(awk '/ cpu[0-9]*_rx_packets/ { n += $2 } END { print n }' /tmp/statistics)
	[ "$queues" = "$cpus" ]
}

registers_and_messages() {
	in_a ethtool -d "$n0" raw on >/tmp/regs && is "bytes of registers" 64 "$(wc -c </tmp/regs)" &&
		in_a ethtool -s "$n0" msglvl 0x41 && in_a ethtool "$n0" | grep -q 'Current message level: 0x00000041'
}

combined() {
	in_a ethtool -l "$n0" | awk '/^Current/ { now = 1 } now && /^Combined/ { print $2 }'
}

channels_are() {
	in_a ethtool -L "$n0" combined "$1" && is "channels" "$1" "$(combined)" || return 1
	is "receive queues" "$1" "$(in_a sh -c "ls -d /sys/class/net/$n0/queues/rx-*" | wc -l)" &&
		is "transmit queues" "$1" "$(in_a sh -c "ls -d /sys/class/net/$n0/queues/tx-*" | wc -l)" && works
}

refused_settings() {
	in_a ethtool -L "$n0" combined 0 && why="0 channels were accepted" && return 1
	in_a ethtool -L "$n0" combined 1000 && why="1000 channels were accepted" && return 1
	in_a ethtool -L "$n0" rx 1 && why="a receive channel was accepted" && return 1
	ip -n a link set "$n0" mtu 67 && why="MTU 67 was accepted" && return 1
	in_a ethtool -X "$n0" weight 1 1 1 1 1 1 1 1 1 1 && why="a table for ten queues was accepted" && return 1
	in_a ethtool -N "$n0" rx-flow-hash tcp4 sf
	is "lines about ports" 2 "$(in_a ethtool -n "$n0" rx-flow-hash tcp4 | grep -c 'L4 bytes')" || return 1
	is "channels" "$channels" "$(combined)" && works
}

ring() {
	in_a ethtool -g "$n0" | awk -v name="$1:" '/^Current/ { now = 1 } now && $1 == name { print $2 }'
}

# rings RX TX
rings_are() {
	in_a ethtool -G "$n0" rx "$1" tx "$2" || return 1
	seen="$(ring RX) $(ring TX)"
	echo "asked for $1 $2, got $seen"
	set -- $seen "$1" "$2"
	# a buffer is whole pages, so a few sections more or less
	[ $(($1 - $3)) -ge -3 ] && [ $(($1 - $3)) -le 3 ] && [ $(($2 - $4)) -ge -3 ] && [ $(($2 - $4)) -le 3 ] || {
		why="rings are $seen"
		return 1
	}
	works 2
}

table_column() {
	in_a ethtool -x "$n0" | awk '/^ *[0-9]+:/ { for (i = 2; i <= NF; i++) print $i }' | sort -n | uniq -c | awk '{ print $2 }' | xargs
}

rss_table() {
	in_a ethtool -X "$n0" equal 2 && is "queues in the table" "0 1" "$(table_column)" && works || return 1
	in_a ethtool -X "$n0" weight 1 0 0 1 && is "queues in the table" "0 3" "$(table_column)" && works || return 1
	in_a ethtool -X "$n0" default && is "queues in the table" "0 1 2 3" "$(table_column)" && works
}

# Frames of many flows go where the table says.
rss_table_is_obeyed() {
	in_b ethtool -X "$n1" weight 0 0 1 0 || return 1
	before=$(stat 1 b rx_queue_2_packets)
	others=$(in_b ethtool -S "$n1" | awk '/rx_queue_[013]_packets/ { n += $2 } END { print n }')
	load_once -t 2 -P 4 || return 1
	in_two=$(($(stat 1 b rx_queue_2_packets) - before))
	elsewhere=$(($(in_b ethtool -S "$n1" | awk '/rx_queue_[013]_packets/ { n += $2 } END { print n }') - others))
	echo "queue 2: $in_two, others: $elsewhere"
	in_b ethtool -X "$n1" default
	[ "$in_two" -gt 100 ] && [ "$elsewhere" -lt $((in_two / 10)) ] || {
		why="queue 2 got $in_two, the others $elsewhere"
		return 1
	}
}

# Which flow takes which is a matter of chance.
many_flows_use_many_queues() {
	for _ in 1 2 3 4 5; do
		load_once -t 3 -P 16 || return 1
		used=$(in_b ethtool -S "$n1" | awk '/rx_queue_[0-9]*_packets/ && $2 > 50 { n++ } END { print n + 0 }')
		sent=$(in_a ethtool -S "$n0" | awk '/tx_queue_[0-9]*_packets/ && $2 > 50 { n++ } END { print n + 0 }')
		echo "receive queues used: $used, transmit queues used: $sent"
		[ "$used $sent" != "$channels $channels" ] || break
	done
	is "receive queues used" "$channels" "$used" && is "transmit queues used" "$channels" "$sent"
}

key_of() {
	in_a ethtool -x "$n0" | grep -A1 'RSS hash key' | tail -n 1
}

rss_key() {
	old=$(key_of)
	new=$(echo "$old" | sed 's/^..:..:/11:22:/')
	in_a ethtool -X "$n0" hkey "$new" && is "key" "$new" "$(key_of)" && works && in_a ethtool -X "$n0" hkey "$old" && is "key" "$old" "$(key_of)"
}

# What the user set outlives what detaches the card.
rss_survives() {
	new=$(key_of | sed 's/^..:..:/33:44:/')
	in_a ethtool -X "$n0" hkey "$new" && in_a ethtool -X "$n0" weight 1 1 0 0 && ip -n a link set "$n0" mtu 1400 || return 1
	is "key" "$new" "$(key_of)" && is "queues in the table" "0 1" "$(table_column)" || return 1
	ip -n a link set "$n0" mtu 1500 && in_a ethtool -X "$n0" default && works
}

# fields TYPE sd|sdfn
fields() {
	in_a ethtool -N "$n0" rx-flow-hash "$1" "$2" || return 1
	case $2 in
	sd) in_a ethtool -n "$n0" rx-flow-hash "$1" | grep -q 'L4 bytes' && why="ports are still looked at" && return 1 ;;
	sdfn) is "lines about ports" 2 "$(in_a ethtool -n "$n0" rx-flow-hash "$1" | grep -c 'L4 bytes')" || return 1 ;;
	esac
	works
}

link_settings() {
	in_a ethtool "$n0" >/tmp/link || return 1
	cat /tmp/link
	grep -Eq 'Speed: ([0-9]+Mb/s|Unknown!)' /tmp/link && grep -q 'Duplex: Full' /tmp/link && grep -q 'Link detected: yes' /tmp/link || return 1
	in_a ethtool -s "$n0" speed 2500 duplex full && in_a ethtool "$n0" | grep -q 'Speed: 2500Mb/s'
}

# Counters are never smaller than before, whatever is done to the card.
counters_never_fall() {
	before=$(in_a cat "/sys/class/net/$n0/statistics/tx_bytes")
	in_a ethtool -L "$n0" combined 1 && in_a ethtool -L "$n0" combined "$channels" || return 1
	[ "$(in_a cat "/sys/class/net/$n0/statistics/tx_bytes")" -ge "$before" ] || why="bytes sent: fewer than before"
	[ -z "$why" ]
}

# The host changes the link

carrier_is() {
	[ "$(in_a cat "/sys/class/net/$n0/carrier")" = "$1" ]
}

link_of_the_host() {
	for _ in 1 2; do
		qmp set_link '{"name": "hvnic0", "up": false}' && until_ok 60 carrier_is 0 || return 1
		qmp set_link '{"name": "hvnic0", "up": true}' && until_ok 60 carrier_is 1 && works || return 1
	done
}

# After a move to another host: the link is seen to go and come, and the others hear where we are.
tell_card() {
	qmp qom-set "{\"path\": \"/machine/peripheral/hvnic0\", \"property\": \"$1\", \"value\": $2}"
}

link_changes() {
	[ "$(in_a cat "/sys/class/net/$n0/carrier_changes")" -ge "$1" ]
}

known_to_b() {
	ip -n b neigh show 10.9.0.1 dev "$n1" | grep -q lladdr
}

network_change() {
	in_b sysctl -q -w "net.ipv4.conf.$n1.arp_accept=1"
	changes=$(($(in_a cat "/sys/class/net/$n0/carrier_changes") + 2))
	ip -n b neigh flush dev "$n1" && tell_card network-change 2 && until_ok 60 link_changes "$changes" && until_ok 60 known_to_b &&
		until_ok 60 carrier_is 1 && works
}

speed_is() {
	in_a ethtool "$n0" | grep -q "Speed: $1Mb/s"
}

speed_of_the_host() {
	tell_card link-speed 25000000000 && until_ok 60 speed_is 25000 && tell_card link-speed 10000000000 && until_ok 60 speed_is 10000
}

run pair
run works 4
run sweep4
run sweep6
run bytes_both_ways "$mib"
run large_sends_are_used
run mtu 9000
run sweep4
run bytes_both_ways "$mib"
run mtu 1500
for name in tx rx tso lro sg; do
	run offload "$name" off
	run offload "$name" on
done
run vlan
run multicast
run group_joined
run promiscuous
run mac_changes
run driver_info
run statistics_names
run statistics_count
run registers_and_messages
run channels_are 1
run channels_are 2
run channels_are "$channels"
run refused_settings
run rings_are 1000 50
run rings_are 5000 170
run rss_table
run rss_table_is_obeyed
run many_flows_use_many_queues
run rss_key
run rss_survives
for type in udp4 udp6 tcp4 tcp6; do
	run fields "$type" sd
	run fields "$type" sdfn
done
run speed_of_the_host
run network_change
run link_settings
run counters_never_fall
run link_of_the_host
run works 8
run nothing_refused
run no_hung_task
run module_leaves_nothing
finish
