# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# What the network scripts share. They run as root in a guest, from /share,
# started by tests/steps/52-net:  sh /share/net-NAME.sh SUITE
#
# Two cards, both on one hub of the host, one in each of two namespaces, a and
# b: what one sends the other receives. 10.9.0.1 and fd09::1 are in a, .2 in b.
# Cases are as in disk-lib.sh, where they are explained.
# shellcheck source=tests/e2e/disk-lib.sh
. /share/disk-lib.sh

tool=/share/net-tool.py

# card N: its name, wherever it is
card() {
	hv-nic "$1" 2>/dev/null || cat "/run/card$1" 2>/dev/null
}

in_a() {
	ip netns exec a "$@"
}

in_b() {
	ip netns exec b "$@"
}

# place N NAMESPACE HOST-PART: a card goes to a namespace and gets its addresses
place() {
	place_name=$(hv-nic "$1") || {
		why="no card $1"
		return 1
	}
	ip netns add "$2" 2>/dev/null
	ip link set "$place_name" down
	[ "$place_name" = "card$1" ] || ip link set "$place_name" name "card$1"
	ip link set "card$1" netns "$2" && echo "card$1" >"/run/card$1" && address "$@"
}

# address N NAMESPACE HOST-PART
address() {
	address_name=$(cat "/run/card$1")
	ip -n "$2" link set lo up
	ip -n "$2" addr add "10.9.0.$3/24" dev "$address_name" 2>/dev/null
	ip netns exec "$2" sysctl -q -w net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 \
		"net.ipv6.conf.$address_name.accept_dad=0"
	ip -n "$2" addr add "fd09::$3/64" dev "$address_name" nodad 2>/dev/null
	ip -n "$2" link set "$address_name" up
}

# both cards in place, servers running in b
pair() {
	place 0 a 1 && place 1 b 2 || return 1
	n0=$(card 0)
	# shellcheck disable=SC2034 # the scripts use it
	n1=$(card 1)
	serve
	until_ok 60 reached
}

serve() {
	server_ends
	ip netns exec b python3 $tool echo >/tmp/server.log 2>&1 &
	server=$!
}

# Its ports are free when it has gone.
server_ends() {
	[ -n "${server:-}" ] && kill "$server" 2>/dev/null && wait "$server" 2>/dev/null
	server=
}

reached() {
	in_a ping -q -c 1 -W 1 10.9.0.2
}

reached6() {
	in_a ping -q -c 1 -W 1 fd09::2
}

# Frames still go both ways, both protocols, and bytes are right.
works() {
	until_ok 60 reached && until_ok 60 reached6 && in_a python3 $tool move 10.9.0.2 "${1:-1}"
}

# stat DEVICE-NUMBER NAMESPACE NAME
stat() {
	ip netns exec "$2" ethtool -S "$(card "$1")" | awk -v name="$3:" '$1 == name { print $2 }'
}

# bad N NAMESPACE: refused from the host, all kinds together
bad() {
	ip netns exec "$2" ethtool -S "$(card "$1")" | awk '/refused_/ { n += $2 } END { print n + 0 }'
}

# count_start NAMESPACE DEVICE PORT [WANTED]: datagrams to that port are counted, until there are so many or count_stop
count_start() {
	count_space=$1
	shift
	count_device=$1
	shift
	# here, not beside us: an earlier one's word would be taken for this one's
	: >/tmp/frames
	ip netns exec "$count_space" python3 $tool frames "$count_device" 180 "$@" >/tmp/frames &
	counter=$!
	until_ok 60 grep -q ready /tmp/frames
}

# count_end: so many, after the number wanted came or three minutes went by
count_end() {
	wait "$counter"
	tail -n 1 /tmp/frames
}

# count_stop COMMAND...: so many until COMMAND has succeeded, which says that what was sent before has come or never will
count_stop() {
	until_ok 60 "$@" || return 1
	kill "$counter"
	count_end
}

# all_come N: the host sends card N frames for others, too, which is some time after it was asked to
all_come() {
	until_ok 60 asked_for_all "$1"
}

asked_for_all() {
	hv-qmp qom-get "{\"path\": \"/machine/peripheral/hvnic$1\", \"property\": \"state\"}" | grep -q '"filter": 32[,}]'
}

ours_net() {
	ip netns exec a ethtool -S "$n0" | grep -q refused_
}

nothing_refused() {
	is "refused on card 0" 0 "$(bad 0 a)" && is "refused on card 1" 0 "$(bad 1 b)"
}

# load_serve: the next iperf3 finds a server in b, one that serves no other
load_serve() {
	: >/tmp/iperf
	until_ok 60 not_listening || return 1
	# No function: the process itself is what load_kill() ends.
	ip netns exec b iperf3 -s -1 >/tmp/iperf.server 2>&1 &
	iperf_server=$!
	until_ok 60 listening
}

# load_start SECONDS: iperf3 both ways in the background; load_end waits for it. It is at work when this returns.
load_start() {
	load_serve || return 1
	ip netns exec a iperf3 -c 10.9.0.2 -t "$1" --bidir -P "${2:-2}" --connect-timeout 60000 --forceflush >/tmp/iperf 2>&1 &
	load=$!
	until_ok 60 flowing
}

# load_once OPTION...: iperf3 from a to b
load_once() {
	load_serve || return 1
	in_a iperf3 -c 10.9.0.2 "$@" >/tmp/iperf 2>&1
	load_status=$?
	kill "$iperf_server" 2>/dev/null
	wait "$iperf_server" 2>/dev/null
	return "$load_status"
}

listening() {
	in_b ss -Hltn 'sport = :5201' | grep -q 5201
}

not_listening() {
	! listening
}

# iperf3 says each second what has gone
flowing() {
	grep -q ' sec ' /tmp/iperf
}

load_end() {
	wait "$load"
	load_status=$?
	kill "$iperf_server" 2>/dev/null
	wait "$iperf_server" 2>/dev/null
	tail -n 12 /tmp/iperf
	# A direction in which nothing moved is a failure too.
	grep -Eq '[TR]X-[CS]\].* 0.00 Bytes .*(sender|receiver)' /tmp/iperf && why="one direction stood still" && return 1
	return "$load_status"
}

# The load may break off (addresses went), but it must be gone.
load_kill() {
	kill "$load" "$iperf_server" 2>/dev/null
	wait "$load" "$iperf_server" 2>/dev/null
	return 0
}

# The module goes and says that it leaves nothing behind.
module_leaves_nothing() {
	server_ends
	for space in a b c; do
		for device in $(ip -n "$space" -o link 2>/dev/null | sed -n 's/^[0-9]*: \([^:@]*\)[:@].*/\1/p'); do
			[ "$device" = lo ] || ip -n "$space" link set "$device" down 2>/dev/null
		done
	done
	timeout 60 modprobe -r hv_netvsc || {
		why="modprobe -r: status $?"
		return 1
	}
	[ "${NET_MODULES:-ours}" = ours ] || return 0
	leaks_even
}

leaks_even() {
	leak_line=$(dmesg | grep 'hv_netvsc: leak check' | tail -n 1)
	echo "$leak_line"
	case $leak_line in
	*LEAK* | '') why="leak line: $leak_line" ; return 1 ;;
	*'leaked 0') ;;
	*) why="leak line: $leak_line" ; return 1 ;;
	esac
}
