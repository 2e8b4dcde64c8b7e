#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A host that errs, lies and forgets. Each case sets misbehaviour on the first
# card, sends frames, and asks: was it noticed, did the host get its buffer
# back, do frames still go both ways. Cards as for net-lib.sh, two CPUs.
# Argument 2: "all" cases, or only "some", at least one of each sort.
# shellcheck source=tests/e2e/net-lib.sh
. /share/net-lib.sh
amount=${2:-some}

# each "ALWAYS" "IN ADDITION" COMMAND...: one case for each of these faults
each() {
	each_fault=$1
	[ "$amount" = all ] && each_fault="$1 $2"
	shift 2
	for f in $each_fault; do
		run "$@" "$f"
	done
}

net_fault() {
	fault "$1" hvnic0
}

# state WORD: what the host says about the first card
state() {
	hv-qmp qom-get '{"path": "/machine/peripheral/hvnic0", "property": "state"}' |
		python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}

all_parts_free() {
	[ "$(state sub-allocs-free)" = "$(state sub-allocs)" ]
}

traffic() {
	in_a ping -q -c "${1:-6}" -i 0.1 -W 1 10.9.0.2
	true
}

answers() {
	until_ok 60 reached && until_ok 60 reached6
}

# noticed KIND FAULT: counted as refused_KIND, and the host gets its part of the buffer back
noticed() {
	noticed_before=$(stat 0 a "refused_$1")
	net_fault "$2:4" && traffic && net_fault "" || return 1
	noticed_seen=$(($(stat 0 a "refused_$1") - noticed_before))
	[ "$noticed_seen" -gt 0 ] || {
		why="refused_$1 did not grow"
		return 1
	}
	answers && until_ok 60 all_parts_free
}

# harmless FAULT: frames arrive all the same
harmless() {
	net_fault "$1:4" && answers && net_fault "" && until_ok 60 all_parts_free
}

# survived FAULT: what it costs is not asked, but frames go on
survived() {
	net_fault "$1" && traffic && net_fault "" && answers
}

# refused_attach FAULT: attaching anew fails, what was before is restored
refused_attach() {
	net_fault "$1" || return 1
	if ip -n a link set "$n0" mtu 1400; then
		why="the host was believed"
		net_fault ""
		ip -n a link set "$n0" mtu 1500
		return 1
	fi
	net_fault "" && is mtu 1500 "$(ip netns exec a cat "/sys/class/net/$n0/mtu")" && answers
}

# attached FAULT: attaching anew works in spite of it
attached() {
	net_fault "$1" && ip -n a link set "$n0" mtu 1400 && net_fault "" &&
		ip -n a link set "$n0" mtu 1500 && answers
}

# requested FAULT: a request goes wrong; later ones do not
requested() {
	net_fault "$1" && ip -n a link set "$n0" promisc on && sleep 0.3 && net_fault "" &&
		ip -n a link set "$n0" promisc off && answers
}

resets() {
	[ "$(stat 0 a resets)" -gt "$resets_before" ]
}

started_anew() {
	[ "$(dmesg | grep -c 'starting anew')" -gt "$anew_before" ]
}

# A host that completes nothing any more, requests neither: nobody has to do anything but wait, and it is counted.
# While it goes on nothing can be agreed on, and the card has no counters to show.
loses_every_slot() {
	resets_before=$(stat 0 a resets)
	anew_before=$(dmesg | grep -c 'starting anew')
	net_fault "drop-completion:*" || return 1
	# Many, and from a socket that does not wait for its first frame to come back: what a socket waits for itself is
	# no queue that stands still, and nobody asks why.
	ip netns exec a ping -q -i 0.005 -S 262144 -w 160 10.9.0.2 &
	pinger=$!
	until_ok 150 started_anew
	status=$?
	kill "$pinger"
	wait "$pinger"
	net_fault ""
	[ "$status" = 0 ] && until_ok 120 reached && until_ok 60 resets && works
}

# bounded SECONDS COMMAND...: it succeeds, in time
bounded() {
	bound=$1
	shift
	began=$(date +%s)
	"$@" || {
		why="status $?: $*"
		return 1
	}
	took=$(($(date +%s) - began))
	echo "$took s: $*"
	[ "$took" -le "$bound" ] || {
		why="$took s, not $bound: $*"
		return 1
	}
}

# A host that says nothing any more costs one wait of 10 s and 2 s for what it has, however much is undone; each thing
# for itself took 30 s and more. The bounds leave the rest to a busy machine.
silence="drop-control:*,drop-nvsp:*,drop-completion:*"

# All of it at once, and the host keeps frames.
silent_module_goes() {
	traffic 3
	net_fault "$silence" && traffic 3 && bounded 24 modprobe -r hv_netvsc && leaks_even
	status=$?
	net_fault ""
	back || return 1
	return $status
}

silent_interface_goes_down() {
	net_fault "$silence" && bounded 24 ip -n a link set "$n0" down && bounded 12 modprobe -r hv_netvsc && leaks_even
	status=$?
	net_fault ""
	back || return 1
	return $status
}

silent_namespace_goes() {
	net_fault "$silence" && traffic 3 && bounded 12 ip netns del a && bounded 40 in_first_namespace
	status=$?
	net_fault ""
	place 0 a 1 && n0=$(card 0) && works || return 1
	return $status
}

in_first_namespace() {
	until_ok 60 hv-nic 0
}

# Requests that find no answer; the second does not wait as long, and the host is believed again when it speaks.
silent_requests() {
	silences_before=$(stat 0 a host_silences)
	net_fault "drop-control:*" && ip -n a link set "$n0" promisc on && until_ok 60 silences &&
		bounded 8 ip -n a link set "$n0" down && net_fault "" || return 1
	ip -n a link set "$n0" promisc off && ip -n a link set "$n0" up && address 0 a 1 && works
}

silences() {
	[ "$(stat 0 a host_silences)" -gt "$silences_before" ]
}

# There is no such command for a card like this, but it must say so at once.
silent_link_del() {
	net_fault "$silence" || return 1
	began=$(date +%s)
	ip -n a link del "$n0" && why="a card was deleted"
	took=$(($(date +%s) - began))
	net_fault ""
	[ "$took" -le 8 ] || why="$took s"
	[ -z "$why" ] && answers
}

back() {
	modprobe hv_netvsc && until_ok 60 hv-nic 0 && until_ok 60 hv-nic 1 && pair && works
}

# Attaching fails with what is new and with what was: it comes back by itself.
comes_back() {
	resets_before=$(stat 0 a resets)
	net_fault "drop-nvsp@2:*" || return 1
	ip -n a link set "$n0" mtu 1400 && why="the host was silent, and the MTU changed"
	net_fault ""
	[ -z "$why" ] && until_ok 120 resets && answers && is mtu 1500 "$(in_a cat "/sys/class/net/$n0/mtu")"
}

log_is_short() {
	is "said twice" "" "$(dmesg | grep 'refused from host' | sed 's/^[^]]*]//' | sort | uniq -d)"
}

run pair || finish
run works

# frames
each "msg-len data-len" "msg-type msg-len=0 data-offset" noticed rndis
each "frame-len=8" "" noticed frame
each "rsc-flags=1" "rsc-flags=5" noticed rsc
each "pageset range-count" "range-count=0 range-count=65535 xfer-type" noticed packet
each "range-offset" "range-length" noticed range
each "ppi-size ppi-size=0xffffffff ppi-offset" "ppi-size=8 ppi-type ppi-area-offset ppi-area-len
	rsc-flags=7 dup-frames corrupt-frame xfer-no-completion" harmless
each "rsc-flood=562:4" "rsc-flood:4 drop-frames:4" survived

# completions of frames we sent
each "dup-completion:8 empty-completion:4" "reorder:8 delay-completion=300:4 completion-status:8 wrong-channel:4
	wrong-trans-id:4 packet-type:4 packet-length:4 completion-type:4 stray-completion:8" survived
[ "$amount" = all ] && run loses_every_slot

# unasked
each "unsolicited:8 indicate:8 link-flap:50 table-now:8 control-now:8" "unsolicited=134:8 unsolicited=128:8
	indicate=0x40010013:8 vf-flap:10 table-now=7:8 control-now=0x80000004:8 control-now=0x80000006:8
	switch-path:4" survived

# requests
each "control-status:4 dup-control:4" "delay-control=500:2 control-size:1" requested

# attaching
each "recv-size recv-count send-size=1 nvsp-empty@2 init-alignment=0xffffffff control-info-len@0x01010101" \
	"recv-sections recv-offset recv-size=0x7fffffff send-size send-size=0x7fffffff nvsp-status@102
	nvsp-length@105 nvsp-type@102 init-alignment control-info-offset@0x01010101" refused_attach
each "sub-channels table-entry" "table-count table-offset init-max-packets init-max-packets=0xffffffff
	control-info-len@0x00010203" attached
run works
run log_is_short

# silence
run silent_link_del
run silent_module_goes
if [ "$amount" = all ]; then
	run silent_requests
	run silent_interface_goes_down
	run silent_namespace_goes
	run comes_back
fi
run no_hung_task
run module_leaves_nothing
finish
