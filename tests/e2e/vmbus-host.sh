#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs in a guest, with the distribution's modules: is the host's VMBus one that
# a driver written for another host gets along with? Boots three times if asked
# to. Usage: vmbus-host.sh SUITE [all]
suite=$1
what=${2:-some}
test_guid=7ed2a63c-7b53-4d6b-a4d1-3e2d6f9c0a51
vmbus=/sys/bus/vmbus/devices

pass() { echo "PASS $suite: $1"; }
fail() { echo "FAIL $suite: $1: $2"; }

qom_set() {
	hv-qmp qom-set "{\"path\":\"$1\",\"property\":\"$2\",\"value\":$3}" >/dev/null
}

# until SECONDS COMMAND...: whether it comes true in time
until_true() {
	local end=$((SECONDS + $1))
	shift
	while ! "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

devices() { [ "$(find $vmbus -mindepth 1 2>/dev/null | wc -l)" -eq "$1" ]; }
# the device of hv-test id=t0 is the one with the monitor
t0() { grep -ls "{$test_guid}" $vmbus/*/class_id | head -n 1 | xargs -r dirname; }
have_t0() { [ -n "$(t0)" ]; }
no_t0() { [ -z "$(t0)" ]; }

unload() {
	modprobe -r uio_hv_generic hv_balloon hv_utils 2>/dev/null
	until_true 60 modprobe -r hv_vmbus || { lsmod; return 1; }
}

reconnect() {
	unload || return 1
	qom_set /machine/vmbus max-version "\"$1\"" || return 1
	dmesg -C
	modprobe hv_vmbus
}

versions() {
	local version bad

	for version in 2.4 3.0 4.0 4.1 5.0 5.1 5.2 5.3; do
		if ! reconnect $version; then
			fail "version $version" "hv_vmbus does not load: $(dmesg | tail -n 1)"
		elif ! dmesg | grep -q "Vmbus version:$version$"; then
			fail "version $version" "$(dmesg | grep -m1 -i 'vmbus version')"
		elif ! until_true 60 devices "$count"; then
			fail "version $version" "not all devices are offered"
		else
			pass "version $version is negotiated under a ceiling of $version"
		fi
	done
	bad=
	for version in 0.13 1.1; do
		reconnect $version && bad+=" $version"
		lsmod | grep -q ^hv_vmbus && bad+=" $version"
	done
	if [ -z "$bad" ]; then
		pass "a host older than the driver is refused"
	else
		fail "a host older than the driver is refused" "loaded with$bad"
	fi
	if reconnect 5.3 && until_true 60 devices "$count"; then
		pass "the bus connects after refusals"
	else
		fail "the bus connects after refusals" "$(dmesg | tail -n 1)"
	fi
}

hot_plug() {
	local i before ids=

	before=$count
	for i in $(seq 20); do
		hv-qmp device_add "{\"driver\":\"hv-test\",\"id\":\"hot\",\"bus\":\"vmbus\"}" >/dev/null
		until_true 60 devices $((before + 1)) || break
		ids+=" $(cat $vmbus/*/id | sort -n | tail -n 1)"
		hv-qmp device_del '{"id":"hot"}' >/dev/null
		until_true 60 devices "$before" || break
	done
	if [ "$i" -eq 20 ] && devices "$before"; then
		pass "a device comes and goes 20 times"
	else
		fail "a device comes and goes 20 times" "stuck in round $i, channel ids$ids"
	fi
	# the id is used again only once it was released, which a busy guest may do a round late
	if [ "$(echo "$ids" | tr ' ' '\n' | sort -u | grep -c .)" -le 5 ]; then
		pass "released channel ids are used again"
	else
		fail "released channel ids are used again" "$ids"
	fi
}

# The devices are those that there should be, and for more than a moment: the last rescind is not to come any more.
settled() {
	local i was

	was=$(stat -c %i "$(t0)") || return 1
	for i in $(seq 20); do
		devices "$count" && [ "$(stat -c %i "$(t0)")" = "$was" ] || return 1
		sleep 0.1
	done
}

rescind() {
	local i path name

	path=$(t0)
	name=$(basename "$path")
	for i in $(seq "$1"); do
		qom_set /machine/peripheral/t0 offered false
		until_true 60 no_t0 || break
		qom_set /machine/peripheral/t0 offered true
		until_true 60 have_t0 || break
		[ "$(basename "$(t0)")" = "$name" ] || break
	done
	if [ "$i" -eq "$1" ] && have_t0; then
		pass "an offer is rescinded and made again $1 times"
	else
		fail "an offer is rescinded and made again $1 times" "stuck in round $i"
	fi

	# both at once: the new offer has to wait for the guest to let go of the old one
	for i in $(seq 20); do
		qom_set /machine/peripheral/t0 offered false
		qom_set /machine/peripheral/t0 offered true
	done
	if until_true 60 settled; then
		pass "an offer follows its rescind at once"
	else
		fail "an offer follows its rescind at once" "the device is gone"
	fi
}

bind() {
	modprobe uio_hv_generic
	echo "$test_guid" >/sys/bus/vmbus/drivers/uio_hv_generic/new_id 2>/dev/null
	until_true 60 test -c /dev/uio0
}

channels() { [ "$(find "$(t0)/channels" -mindepth 1 -maxdepth 1 | wc -l)" -eq "$1" ]; }

# uio_hv_generic connects the rings while its file is open
ring() { timeout 300 python3 "$share/vmbus-ring.py" /dev/uio0 "$@" 2>&1; }

# what the host has counted for the open channel
counter() {
	hv-qmp x-query-hyperv | python3 -c '
import json, sys
answer = json.load(sys.stdin)
channels = answer.get("return", answer)["vmbus"]["channels"]
print(sum(c[sys.argv[2]] for c in channels if c["class"] == sys.argv[1]))' "$test_guid" "$1"
}

rings() {
	local out cpu before bad=""

	if ! bind; then
		fail "a channel opens" "uio_hv_generic does not bind: $(dmesg | tail -n 2)"
		return
	fi
	if ! exec 7<>/dev/uio0; then
		fail "a channel opens" "$(dmesg | tail -n 2)"
		return
	fi
	pass "a channel opens, with a monitor"
	before=$(counter requests)
	if out=$(ring echo 600 2000); then
		pass "600 packets go round the rings"
	else
		fail "600 packets go round the rings" "$out"
	fi
	if [ $(($(counter requests) - before)) -eq 600 ]; then
		pass "the host counts as many requests"
	else
		fail "the host counts as many requests" "$before before, now $(counter requests)"
	fi
	if out=$(ring fill); then
		pass "full rings get going again"
	else
		fail "full rings get going again" "$out"
	fi

	if [ "$(nproc)" -gt 1 ]; then
		for cpu in 1 0 $(($(nproc) - 1)) 0 1; do
			echo $cpu >"$(t0)/channels/$(cat "$(t0)/id")/cpu" || bad+=" $cpu"
			[ "$(counter target-vp)" = $cpu ] || bad+=" $cpu"
		done
		if [ -z "$bad" ] && ring echo 100 100; then
			pass "an open channel moves from CPU to CPU"
		else
			fail "an open channel moves from CPU to CPU" "to$bad"
		fi
	fi

	qom_set /machine/peripheral/t0 offer-subchannels 3
	if until_true 60 channels 4; then
		pass "sub-channels are offered when they are asked for"
	else
		fail "sub-channels are offered when they are asked for" "$(ls "$(t0)/channels")"
	fi
	exec 7>&-
	if until_true 60 channels 1; then
		pass "sub-channels go when the primary channel is closed"
	else
		fail "sub-channels go when the primary channel is closed" "$(ls "$(t0)/channels")"
	fi
	exec 7<>/dev/uio0
	qom_set /machine/peripheral/t0 offer-subchannels 2
	if until_true 60 channels 3; then
		pass "sub-channels are offered again"
	else
		fail "sub-channels are offered again" "$(ls "$(t0)/channels")"
	fi
	exec 7>&-

	exec 7<>/dev/uio0
	qom_set /machine/peripheral/t0 offered false
	if until_true 60 no_t0; then
		pass "an open device is rescinded"
	else
		fail "an open device is rescinded" "it is still there"
	fi
	exec 7>&-
	qom_set /machine/peripheral/t0 offered true
	if until_true 60 have_t0; then
		pass "an open device comes back after its rescind"
	else
		fail "an open device comes back after its rescind" "it does not"
	fi
	until_true 60 test -c /dev/uio0
}

opens() { (exec 7<>/dev/uio0) 2>/dev/null; }
rebind() {
	echo "$dev" >/sys/bus/vmbus/drivers/uio_hv_generic/unbind
	echo "$dev" >/sys/bus/vmbus/drivers/uio_hv_generic/bind
}

faults() {
	local dev out

	dev=$(basename "$(readlink "$(t0)")")
	qom_set /machine/peripheral/t0 bus-fault '"fail:OPENCHANNEL"'
	if opens; then
		fail "fail:OPENCHANNEL" "the driver did not notice"
	elif opens; then
		pass "fail:OPENCHANNEL is noticed by the driver, once"
	else
		fail "fail:OPENCHANNEL" "the next attempt fails, too"
	fi
	qom_set /machine/peripheral/t0 bus-fault '"fail:GPADL_HEADER"'
	if rebind 2>/dev/null && opens; then
		fail "fail:GPADL_HEADER" "the driver did not notice"
	elif until_true 60 rebind && until_true 60 opens; then
		pass "fail:GPADL_HEADER is noticed by the driver, once"
	else
		fail "fail:GPADL_HEADER" "the next attempt fails, too"
	fi

	qom_set /machine/vmbus fault '"delay:GPADL_CREATED:ms=300"'
	qom_set /machine/vmbus fault '"dup:OPENCHANNEL_RESULT"'
	qom_set /machine/vmbus fault '"post:status=0x13:20"'
	# a message of an unknown type, a short one, a rescind of nothing, a second answer
	qom_set /machine/vmbus inject '"ff00000000000000"'
	qom_set /machine/vmbus inject '"01000000"'
	qom_set /machine/vmbus inject '"0200000000000000ff070000"'
	qom_set /machine/vmbus inject '"0f0000000000000001000000"'
	qom_set /machine/vmbus event '"relid=1:last=2047"'
	qom_set /machine/vmbus storm '"count=2000:interval-us=50"'
	rebind
	if until_true 60 test -c /dev/uio0 && out=$(ring echo 200 500); then
		pass "delays, repetitions, garbage and a storm do no lasting harm"
	else
		fail "delays, repetitions, garbage and a storm do no lasting harm" "$out $(dmesg | tail -n 1)"
	fi
	qom_set /machine/vmbus fault '"clear"'
	qom_set /machine/peripheral/t0 bus-fault '"drop:COMPLETION:2"'
	if timeout 20 python3 "$share/vmbus-ring.py" /dev/uio0 echo 1 100 2>/dev/null; then
		fail "drop:COMPLETION" "nothing was dropped"
	else
		pass "drop:COMPLETION drops"
	fi
	qom_set /machine/peripheral/t0 bus-fault '"clear"'
}

# the way a reset button does it
reset_hard() {
	hv-reboot --only-announce
	sleep 0.5
	hv-qmp system_reset
	sleep 300
}

share=${HV_SHARE:-/share}
boot=${HV_BOOT:-1}
# As many as the host has: not all may have been offered yet.
count=$(hv-qmp x-query-hyperv | python3 -c 'import json, sys
print(sum(not channel["sub-index"] for channel in json.load(sys.stdin)["vmbus"]["channels"]))')
until_true 60 devices "$count"
if [ "$boot" -gt 1 ]; then
	if have_t0; then
		pass "the bus is there after reboot $((boot - 1))"
	else
		fail "the bus is there after reboot $((boot - 1))" "no devices"
	fi
	[ "$boot" -lt 3 ] && hv-reboot
	exit 0
fi
versions
hot_plug
if [ "$what" = all ]; then
	rescind 100
	rings
	faults
	modprobe hv_balloon
	reset_hard
else
	rescind 10
	rings
fi
exit 0
