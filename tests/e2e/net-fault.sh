#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A host that errs and lies. Each case sets misbehaviour of card 1 (namespace b),
# moves frames, and asks: was it counted under its name, do frames go as before.
# Cards as for net-lib.sh.
# shellcheck source=tests/e2e/net-lib.sh
. /share/net-lib.sh

fault1() {
	qmp qom-set "{\"path\": \"/machine/peripheral/hvnic1\", \"property\": \"fault\", \"value\": \"$1\"}"
}

# Frames both ways; some may be lost.
chatter() {
	in_a ping -q -f -c 200 -w 3 10.9.0.2 >/dev/null
	in_a timeout 5 python3 $tool move 10.9.0.2 1 >/dev/null 2>&1
	in_b ping -q -f -c 100 -w 3 10.9.0.1 >/dev/null
	return 0
}

# host KIND FAULT: what is counted as refused_KIND ("-": nothing need be)
host() {
	before=0
	[ "$1" = - ] || before=$(stat 1 b "refused_$1")
	fault1 "$2" || return 1
	chatter
	fault1 "" || return 1
	if [ "$1" != - ]; then
		seen=$(($(stat 1 b "refused_$1") - before))
		[ "$seen" -gt 0 ] || {
			why="refused_$1 did not grow"
			return 1
		}
	fi
	works
}

logged_once() {
	twice=$(dmesg | grep 'refused from host' | sed 's/.*: refused/refused/' | sort | uniq -d)
	dmesg | grep -c 'refused from host'
	is "said twice" "" "$twice"
}

run pair
run host - ppi-size=0:30
run host - ppi-size=3:30
run host - ppi-size=0xffffffff:30
run host - ppi-offset=0xffffffff:30
run host - ppi-type=77:30
run host - ppi-area-len=0xffffffff:30
run host - ppi-area-offset=0xfffffff0:30
run host rndis msg-type=99:30
run host rndis msg-len=0:30
run host rndis msg-len=0xffffffff:30
run host rndis data-offset=0xffffffff:30
run host rndis data-len=0xffffffff:30
run host frame frame-len=5:30
run host packet pageset=1:30
run host packet range-count=0:30
run host packet range-count=65535:30
run host range range-offset=0xfffffff0:30
run host range range-length=0xffffffff:30
run host rsc rsc-flags=5:30
run host - drop-frames:10
run host - dup-frames:10
run host - corrupt-frame:10
run host packet rsc-flood=600
run host tx_id dup-completion:20
run host tx_id wrong-trans-id:5
run host tx_status completion-status=2:20
run host - drop-completion:5
run host - delay-completion=50:20
run host - reorder:20
run host nvsp unsolicited=99:10
run host table table-now=65535
run host rndis control-now=0x99:5
run host - link-flap:30
run host - vf-flap:20
run host - switch-path=1:5
run logged_once
run no_hung_task
run module_leaves_nothing
finish
