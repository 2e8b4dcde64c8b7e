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
	until_ok 15 reached && until_ok 15 reached6
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
	answers && until_ok 5 all_parts_free
}

# harmless FAULT: frames arrive all the same
harmless() {
	net_fault "$1:4" && answers && net_fault "" && until_ok 5 all_parts_free
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

# Slots whose messages the host never completed come back by attaching anew.
lost_slots_come_back() {
	net_fault "drop-completion:8" && traffic 20 && net_fault "" && answers &&
		ip -n a link set "$n0" mtu 1400 && ip -n a link set "$n0" mtu 1500 && works
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
[ "$amount" = all ] && run lost_slots_come_back

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
run no_hung_task
run module_leaves_nothing
finish
