#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A guest whose DMA is copied to memory the host can read (swiotlb=force): what
# an isolated guest does with frames in pages and with requests. Cards as for
# net-lib.sh. Argument 2: MiB to move.
# shellcheck source=tests/e2e/net-lib.sh
. /share/net-lib.sh
mib=${2:-8}

used() {
	cat /sys/kernel/debug/swiotlb/io_tlb_used
}

bounced() {
	stat 0 a tx_bounced
}

# Long frames go through copies, and the bytes are right.
long_frames() {
	before=$(bounced)
	in_a python3 $tool move 10.9.0.2 "$mib" && in_a python3 $tool move fd09::2 "$mib" &&
		in_a python3 $tool sweep 10.9.0.2 1-40 1471-1473 4000-4010 6000-6200 8950 20000 40000 65000 || return 1
	[ $(($(bounced) - before)) -gt 50 ] || {
		why="only $(($(bounced) - before)) frames were copied"
		return 1
	}
}

jumbo() {
	ip -n a link set "$n0" mtu 9000 && ip -n b link set "$n1" mtu 9000 && until_ok 60 reached &&
		in_a ping -q -c 2 -W 2 -M "do" -s 8972 10.9.0.2 && works "$mib" && ip -n a link set "$n0" mtu 1500 && ip -n b link set "$n1" mtu 1500
}

under_load() {
	load_start 5
	load_end && works
}

# Slots the host keeps are copies, too.
lost_completions() {
	net_fault_text=drop-completion:4
	fault "$net_fault_text" hvnic0 && in_a python3 $tool move 10.9.0.2 1
	fault "" hvnic0 && until_ok 60 reached && ip -n a link set "$n0" down && ip -n a link set "$n0" up && address 0 a 1 && works
}

kept_requests() {
	fault "drop-completion:2" hvnic0 && ip -n a link set "$n0" promisc on && sleep 1 && ip -n a link set "$n0" promisc off
	fault "" hvnic0 && sleep 1 && works
}

nothing_stays_mapped() {
	module_leaves_nothing && is "slots in use" "$1" "$(used)"
}

mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
modprobe -r hv_netvsc
first=$(used)
modprobe hv_netvsc
until_ok 60 hv-nic 0
until_ok 60 hv-nic 1
run pair
run works 2
run long_frames
run jumbo
run under_load
run lost_completions
run kept_requests
run works 2
run nothing_refused
run no_hung_task
run nothing_stays_mapped "$first"
finish
