#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A virtual function. Its stand-in is a virtio card with the address of card 0
# in a PCI slot named 7, which is also the serial number the host announces.
# Both hang on the hub of card 1, see net-lib.sh.
# shellcheck source=tests/e2e/net-lib.sh
. /share/net-lib.sh

prop() {
	qmp qom-set "{\"path\": \"/machine/peripheral/hvnic0\", \"property\": \"$1\", \"value\": $2}"
}

host_path() {
	hv-qmp qom-get '{"path": "/machine/peripheral/hvnic0", "property": "state"}' | grep -o '"data-path": "[a-z]*"' | cut -d'"' -f4
}

path_is() {
	[ "$(host_path)" = "$1" ]
}

# Name of the virtio card, in namespace $1
vf_in() {
	ip netns exec "$1" sh -c 'for d in /sys/class/net/*; do case $(readlink -f $d/device/subsystem) in */virtio) echo ${d##*/};; esac; done'
}

vf_joined() {
	ip -n a link show "$(vf_in a)" | grep -q "master $n0 "
}

vf_stat() {
	stat 0 a "vf_$1"
}

# The VF carries; frames are seen to go through it.
carries() {
	until_ok 60 path_is vf || return 1
	before=$(vf_stat tx_packets)
	rx_before=$(vf_stat rx_packets)
	until_ok 60 reached && in_a python3 $tool move 10.9.0.2 2 || return 1
	[ $(($(vf_stat tx_packets) - before)) -gt 20 ] && [ $(($(vf_stat rx_packets) - rx_before)) -gt 20 ] || {
		why="frames through the VF: $(($(vf_stat tx_packets) - before)) sent, $(($(vf_stat rx_packets) - rx_before)) received"
		return 1
	}
}

does_not_carry() {
	until_ok 60 path_is synthetic || return 1
	before=$(vf_stat tx_packets)
	works 2 && is "frames sent through the VF" "$before" "$(vf_stat tx_packets)"
}

announced_without_vf() {
	prop vf true && sleep 1 && works && path_is synthetic && prop vf false && works
}

found_before_announced() {
	modprobe virtio_net && until_ok 60 vf_joined && works || return 1
	is "path" synthetic "$(host_path)" && prop vf true && carries
}

slave() {
	ip -n a link show "$(vf_in a)" | grep -q SLAVE || why="no slave flag"
	is "addresses of the VF" "" "$(ip -n a -o addr show dev "$(vf_in a)")"
}

xdp() {
	in_a python3 $tool xdp "$n0" "$@"
}

# arrive N: of 100 datagrams to port 4000, so many get past the program
arrive() {
	count_start a "$n0" 4000 "$1" || return 1
	in_b python3 $tool send 10.9.0.1 4000 100 64
	if [ "$1" = 0 ]; then count_stop in_b ping -q -c 1 -W 1 10.9.0.1; else count_end; fi >/tmp/counted
	is "frames past the program" "$1" "$(cat /tmp/counted)"
}

# A program sees the frames of both ways in.
program_on_both_paths() {
	arrive 100 && xdp drop 4000 && arrive 0 && carries || return 1
	prop vf false && does_not_carry && arrive 0 && prop vf true && carries && arrive 0 || return 1
	xdp off && arrive 100 && carries
}

program_sends_back() {
	xdp echo 4001 && in_b python3 $tool ping7 10.9.0.1 4001 100 64 && carries && xdp off && carries
}

# It is there before the VF is.
program_waits_for_vf() {
	device=$(basename "$(in_a readlink -f "/sys/class/net/$(vf_in a)/device")")
	echo "$device" >/sys/bus/virtio/drivers/virtio_net/unbind && does_not_carry && xdp drop 4000 && arrive 0 || return 1
	echo "$device" >/sys/bus/virtio/drivers/virtio_net/bind && until_ok 60 vf_joined && carries && arrive 0 && xdp off && arrive 100
}

# A session goes on through all switches.
session_survives() {
	touch /tmp/holding
	in_a python3 $tool hold 10.9.0.2 /tmp/holding >/tmp/hold 2>&1 &
	holder=$!
	for _ in 1 2 3; do
		prop vf false && until_ok 60 path_is synthetic && sleep 1 && prop vf true && until_ok 60 path_is vf && sleep 1 || return 1
	done
	rm /tmp/holding
	wait "$holder" || {
		why="$(cat /tmp/hold)"
		return 1
	}
	cat /tmp/hold
}

vf_link_goes() {
	qmp set_link '{"name": "hvnic2", "up": false}' && does_not_carry || return 1
	qmp set_link '{"name": "hvnic2", "up": true}' && carries
}

interface_down_and_up() {
	for _ in 1 2 3; do
		ip -n a link set "$n0" down || return 1
		ip -n a link show "$(vf_in a)" | grep -q '[<,]UP[,>]' && why="the VF is still up" && return 1
		ip -n a link set "$n0" up || return 1
	done
	address 0 a 1
	carries
}

mtu_of_both() {
	ip -n a link set "$n0" mtu 1400 || return 1
	is "MTU of the VF" 1400 "$(in_a cat "/sys/class/net/$(vf_in a)/mtu")" && carries && ip -n a link set "$n0" mtu 1500 && carries
}

channels_with_vf() {
	in_a ethtool -L "$n0" combined 1 && carries && in_a ethtool -L "$n0" combined 2 && carries
}

follows_to_another_namespace() {
	ip -n a link set "$n0" netns b || return 1
	until_ok 60 followed || return 1
	ip -n b link set "$n0" netns a && until_ok 60 vf_joined && address 0 a 1 && carries
}

followed() {
	[ -n "$(vf_in b)" ]
}

driver_taken_from_vf() {
	device=$(basename "$(in_a readlink -f "/sys/class/net/$(vf_in a)/device")")
	load_start 30
	timeout 30 sh -c "echo $device >/sys/bus/virtio/drivers/virtio_net/unbind" || return 1
	load_kill
	does_not_carry || return 1
	echo "$device" >/sys/bus/virtio/drivers/virtio_net/bind && until_ok 60 vf_joined && carries
}

pulled_under_load() {
	load_start 30
	qmp device_del '{"id": "hvnic2"}' && until_ok 60 no_vf || return 1
	load_kill
	does_not_carry
}

no_vf() {
	[ -z "$(vf_in a)" ]
}

plugged_again() {
	qmp device_add "{\"driver\": \"virtio-net-pci\", \"id\": \"hvnic2\", \"bus\": \"rp\", \"netdev\": \"nethvnic2\", \"mac\": \"$mac0\", \"romfile\": \"\"}" &&
		until_ok 60 vf_joined && carries
}

module_goes_and_vf_stays() {
	vf=$(vf_in a)
	module_leaves_nothing || return 1
	ip -n a link show "$vf" | grep -q 'master' && why="the VF still has a master" && return 1
	ip -n a link set "$vf" up && ip -n a link set "$vf" down
}

run pair
mac0=$(in_a cat "/sys/class/net/$n0/address")
run announced_without_vf
run found_before_announced
run slave
run session_survives
run vf_link_goes
run interface_down_and_up
run mtu_of_both
run channels_with_vf
run program_on_both_paths
run program_sends_back
run program_waits_for_vf
run follows_to_another_namespace
run driver_taken_from_vf
run pulled_under_load
run plugged_again
run no_hung_task
run module_goes_and_vf_stays
finish
