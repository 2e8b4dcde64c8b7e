#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Everything that may happen to a card while frames go both ways. Cards as for
# net-lib.sh. Argument 2: how often the interface goes down and up and the module
# is reloaded (100).
# shellcheck source=tests/e2e/net-lib.sh
. /share/net-lib.sh
times=${2:-100}

unreclaimable() {
	awk '/^SUnreclaim/ { print $2 }' /proc/meminfo
}

down_and_up() {
	n=0
	while [ "$n" -lt "$1" ]; do
		n=$((n + 1))
		ip -n a link set "$n0" down && ip -n a link set "$n0" up || return 1
		if [ $((n % 10)) = 0 ]; then
			until_ok 60 reached || {
				why="round $n: ${why:-not reached}"
				return 1
			}
		fi
	done
	address 0 a 1
	works
}

# through COMMAND: sessions survive; COMMAND gets the number of the round
through() {
	load_start 6
	for round in 1 2 3 4; do
		"$@" "$round" || {
			why="round $round: ${why:-status $?}"
			load_kill
			return 1
		}
		sleep 0.4
	done
	load_end && works
}

other_channels() {
	in_a ethtool -L "$n0" combined $((1 + $1 % 2)) && in_b ethtool -L "$n1" combined $((2 - $1 % 2))
}

other_mtu() {
	ip -n a link set "$n0" mtu $((1500 - 100 * ($1 % 2))) && ip -n b link set "$n1" mtu $((1500 - 100 * ($1 % 2)))
}

other_rings() {
	in_a ethtool -G "$n0" rx $((2000 + 1000 * ($1 % 2))) tx $((100 + 50 * ($1 % 2)))
}

other_table() {
	[ "$1" -gt 1 ] || { in_a ethtool -L "$n0" combined 2 && in_b ethtool -L "$n1" combined 2; } || return 1
	in_a ethtool -X "$n0" weight $(($1 % 2)) 1 && in_b ethtool -X "$n1" weight 1 $(($1 % 2))
}

other_features() {
	case $(($1 % 2)) in 0) state=on ;; 1) state=off ;; esac
	in_a ethtool -K "$n0" tso $state gro $state && in_b ethtool -K "$n1" tx $state rx $state
}

other_link() {
	qmp set_link '{"name": "hvnic0", "up": false}' && sleep 0.2 && qmp set_link '{"name": "hvnic0", "up": true}'
}

interface_off() {
	ip -n a link set "$n0" down && ip -n a link set "$n0" up && address 0 a 1
}

# The card is taken away and given back by whoever looks after drivers.
unbinds_under_load() {
	device=$(basename "$(in_a readlink -f "/sys/class/net/$n0/device")")
	load_start 30
	timeout 60 sh -c "echo $device >/sys/bus/vmbus/drivers/hv_netvsc/unbind" || {
		why="unbind: status $?"
		return 1
	}
	load_kill
	echo "$device" >/sys/bus/vmbus/drivers/hv_netvsc/bind && until_ok 60 hv-nic 0 && place 0 a 1 && works
}

card_gone() {
	! ip -n b link show "$n1"
}

# Rescind: the card goes, nothing hangs; it may come back.
rescinded_under_load() {
	load_start 30
	qmp device_del '{"id": "hvnic1"}' && until_ok 60 card_gone || return 1
	load_kill
	until_ok 60 no_such_device hvnic1 || return 1
	qmp device_add "{\"driver\": \"hv-net\", \"id\": \"hvnic1\", \"netdev\": \"nethvnic1\", \"mac\": \"$mac1\"}" &&
		until_ok 60 hv-nic 1 && place 1 b 2 && n1=$(card 1) && works
}

no_such_device() {
	! hv-qmp qom-get "{\"path\": \"/machine/peripheral/$1\", \"property\": \"type\"}"
}

# Taken away at every moment of its probe.
comes_and_goes_fast() {
	n=0
	on_the_bus=$(count /sys/bus/vmbus/devices/*)
	while [ "$n" -lt "$1" ]; do
		n=$((n + 1))
		qmp device_del '{"id": "hvnic1"}' && until_ok 60 no_such_device hvnic1 || return 1
		qmp device_add "{\"driver\": \"hv-net\", \"id\": \"hvnic1\", \"netdev\": \"nethvnic1\", \"mac\": \"$mac1\"}" || return 1
		sleep "$(printf '0.%03d' $((n * 7 % 200)))"
	done
	until_ok 60 only_the_last && place 1 b 2 && n1=$(card 1) && works
}

# The card that the host has now is at work, and those before it have gone: what has its address is that one.
only_the_last() {
	hv-qmp qom-get '{"path": "/machine/peripheral/hvnic1", "property": "state"}' | grep -q '"channels-open": [1-9]' &&
		[ "$(count /sys/bus/vmbus/devices/*)" = "$on_the_bus" ] && hv-nic 1
}

back_in_the_first_namespace() {
	[ -e "/sys/class/net/$n0" ] || ls /sys/class/net/*/address | while read -r file; do
		grep -qx "$mac0" "$file" && exit 7
	done
	[ $? = 7 ] || [ -e "/sys/class/net/$n0" ]
}

# The namespace goes with the card in it and sessions running.
namespace_goes() {
	load_start 30
	timeout 30 ip netns del a || {
		why="ip netns del: status $?"
		return 1
	}
	load_kill
	until_ok 60 hv-nic 0 || return 1
	place 0 a 1 && n0=$(card 0) && works
}

# Its sessions end, and nothing else does.
namespaces_change() {
	load_start 30
	for n in 1 2 3 4 5; do
		ip -n a link set "$n0" netns b && ip -n b link set "$n0" netns a && address 0 a 1 && until_ok 60 reached || {
			why="round $n: ${why:-status $?}"
			load_kill
			return 1
		}
	done
	load_kill
	address 0 a 1 && works
}

# Kernel messages go out by netpoll, also while the card is busy. n0 is in the first namespace for that.
netconsole() {
	ip -n a link set "$n0" netns 1 && ip addr add 10.9.0.1/24 dev "$n0" && ip link set "$n0" up || return 1
	until_ok 60 ping -q -c 1 -W 1 10.9.0.2 || return 1
	modprobe netconsole "netconsole=6665@10.9.0.1/$n0,6666@10.9.0.2/$mac1" || return 1
	# Nothing else to do: every line arrives.
	count_start b "$n1" 6666 200 || return 1
	n=0
	while [ "$n" -lt 200 ]; do
		n=$((n + 1))
		echo "<1>netconsole quiet line $n" >/dev/kmsg
	done
	count_end >/tmp/counted
	seen=$(cat /tmp/counted)
	[ "$seen" -ge 200 ] || {
		why="$seen of 200 messages arrived while nothing else was sent"
		return 1
	}
	count_start b "$n1" 6666 200 || return 1
	load_serve || return 1
	iperf3 -c 10.9.0.2 -t 4 -P 2 --forceflush >/tmp/iperf 2>&1 &
	load=$!
	until_ok 60 flowing || return 1
	n=0
	while [ "$n" -lt 200 ]; do
		n=$((n + 1))
		echo "<1>netconsole line $n" >/dev/kmsg
	done
	wait "$load" "$iperf_server"
	count_stop ping -q -c 1 -W 1 10.9.0.2 >/tmp/counted
	modprobe -r netconsole
	seen=$(cat /tmp/counted)
	echo "$seen of 200 messages"
	ip link set "$n0" netns a && address 0 a 1 || return 1
	# What finds the queue busy is tried again, not for ever; nobody promises more.
	[ "$seen" -ge 100 ] || {
		why="$seen of 200 messages arrived"
		return 1
	}
	works
}

# A sender that nothing discourages, from whatever has the address. In the background it is this process that sends.
sender() {
	exec python3 - <<'PY'
import socket, time
sock = None
while True:
    try:
        if sock is None:
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        for size in (20, 700, 1400, 6000):
            sock.sendto(b"x" * size, ("10.9.0.255", 4000))
    except OSError:
        sock = None
        time.sleep(0.01)
PY
}

both_there() {
	hv-nic 0 && hv-nic 1
}

reload() {
	modprobe hv_netvsc && until_ok 60 both_there || return 1
	first=$(hv-nic 0)
	second=$(hv-nic 1)
	ip link set "$second" promisc on up && ip addr add 10.9.0.1/24 dev "$first" broadcast 10.9.0.255 && ip link set "$first" up || return 1
	[ $(($1 % 4)) = 0 ] || sleep 0.1
	timeout 60 modprobe -r hv_netvsc
}

not_grown() {
	grown=$(($(unreclaimable) - $1))
	[ "$grown" -lt 4096 ]
}

reloads_under_traffic() {
	server_ends
	timeout 60 modprobe -r hv_netvsc || return 1
	sender &
	sending=$!
	n=0
	while [ "$n" -lt "$1" ]; do
		n=$((n + 1))
		reload "$n" || {
			why="round $n: ${why:-status $?}"
			kill "$sending"
			return 1
		}
		[ "$n" = $((($1 + 3) / 4)) ] && first_slab=$(unreclaimable)
	done
	kill "$sending"
	# what is freed after a grace period, or by a worker, is not lost
	until_ok 60 not_grown "$first_slab" || why="slab grew by $grown KiB"
	echo "slab grew by $grown KiB over the last three quarters of $1"
	[ -z "$why" ] || return 1
	[ "${NET_MODULES:-ours}" = ours ] || return 0
	is "leak lines" "$((n + 1))" "$(dmesg | grep -c 'hv_netvsc: leak check')" &&
		is "uneven leak lines" "" "$(dmesg | grep 'hv_netvsc: leak check' | grep -v 'leaked 0$')"
}

run pair
mac0=$(in_a cat "/sys/class/net/$n0/address")
mac1=$(in_b cat "/sys/class/net/$n1/address")
run down_and_up "$times"
run through other_channels
run through other_mtu
run through other_rings
run through other_table
run through other_features
run through other_link
run through interface_off
run unbinds_under_load
run rescinded_under_load
run comes_and_goes_fast "$times"
run namespaces_change
run namespace_goes
run netconsole
run works 4
run reloads_under_traffic "$times"
run no_hung_task
finish
