#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs in a guest with our hv_vmbus: what is special to it. The cases any
# driver must pass on this host are in vmbus-host.sh, which tests/steps/50-bus
# runs on our module, too. Usage: bus.sh SUITE CYCLES
suite=$1
cycles=${2:-100}
test_guid=7ed2a63c-7b53-4d6b-a4d1-3e2d6f9c0a51
vmbus=/sys/bus/vmbus/devices
refused=/sys/kernel/debug/hv_vmbus/refused
balloon=525074dc-8985-46e2-8057-a307dc18a502

pass() { echo "PASS $suite: $1"; }
fail() { echo "FAIL $suite: $1: $2"; }
# verdict CASE REASON: empty is good
verdict() { if [ -z "$2" ]; then pass "$1"; else fail "$1" "$2"; fi; }

until_true() {
	local end=$((SECONDS + $1))
	shift
	while ! "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

qom_set() {
	hv-qmp qom-set "{\"path\":\"$1\",\"property\":\"$2\",\"value\":$3}" >/dev/null
}

inject() { qom_set /machine/vmbus inject "\"$1\""; }
of_class() { grep -ls "{$1}" $vmbus/*/class_id | head -n 1 | xargs -r dirname; }
devices() { [ "$(find $vmbus -mindepth 1 2>/dev/null | wc -l)" -eq "$1" ]; }
count_of() { awk -v n="$1" '$1 == n { print $2 }' $refused; }

unload() {
	modprobe -r uio_hv_generic hv_storvsc hv_utils hv_netvsc 2>/dev/null
	until_true 60 modprobe -r hv_vmbus
}

lists() {
	local tool out bad='' dev

	# part of the kernel's source (tools/hv), in no binary package of Debian's
	tool=$(command -v lsvmbus || ls /share/lsvmbus 2>/dev/null)
	if [ -z "$tool" ]; then
		verdict "lsvmbus works unmodified" " no lsvmbus in /share"
		return
	fi
	out=$(python3 "$tool" -vv 2>&1) || bad="status $?: $out"
	for dev in $vmbus/*; do
		echo "$out" | grep -qi "$(cat "$dev/device_id" | tr -d '{}')" ||
			bad+=" no $(basename "$dev")"
		echo "$out" | grep -q "Rel_ID=$(cat "$dev/id"), target_cpu=" ||
			bad+=" no channel of $(basename "$dev")"
	done
	echo "$out" | grep -qi "dynamic memory" || bad+=" no class name"
	verdict "lsvmbus works unmodified" "$bad"
}

attributes() {
	local bad='' dev name uevent

	for dev in $vmbus/*; do
		for name in id state class_id device_id modalias vendor device numa_node channel_vp_mapping driver_override \
			out_intr_mask out_read_index out_write_index out_read_bytes_avail out_write_bytes_avail \
			in_intr_mask in_read_index in_write_index in_read_bytes_avail in_write_bytes_avail; do
			[ -e "$dev/$name" ] || bad+=" $name"
		done
		for name in cpu in_mask out_mask read_avail write_avail interrupts events intr_in_full intr_out_empty \
			out_full_first out_full_total subchannel_id; do
			[ -e "$dev/channels/$(cat "$dev/id")/$name" ] || bad+=" channels/$name"
		done
		uevent=$(sed -n 's/^MODALIAS=//p' "$dev/uevent")
		[ "$uevent" = "$(cat "$dev/modalias")" ] || bad+=" modalias $uevent"
		[[ $uevent =~ ^vmbus:[0-9a-f]{32}$ ]] || bad+=" form of $uevent"
		[[ $(cat "$dev/channel_vp_mapping" | head -n 1) =~ ^$(cat "$dev/id"):[0-9]+$ ]] || bad+=" mapping"
	done
	[ -e /sys/bus/vmbus/hibernation ] || bad+=" bus/hibernation"
	[ -e "$(of_class $test_guid)/monitor_id" ] || bad+=" monitor_id of a monitored device"
	[ -e "$(of_class $balloon)/monitor_id" ] && bad+=" monitor_id of one without"
	verdict "documented attributes are there and agree" "$bad"
}

ceiling() {
	local bad='' want

	for want in 4.1 3.0; do
		unload || bad+=" unload"
		dmesg -C
		modprobe hv_vmbus max_version=$((${want%.*} << 16 | ${want#*.})) || bad+=" load"
		dmesg | grep -q "Vmbus version:$want$" || bad+=" $want"
	done
	unload || bad+=" unload"
	modprobe hv_vmbus max_version=1 2>/dev/null && bad+=" loaded below 2.4"
	modprobe hv_vmbus || bad+=" load"
	until_true 60 devices "$count" || bad+=" devices"
	verdict "max_version is obeyed" "$bad"
}

le32() { printf '%02x%02x%02x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24 & 255)); }
le16() { printf '%02x%02x' $(($1 & 255)) $(($1 >> 8 & 255)); }
zeros() { printf "%0$(($1 * 2))d" 0; }

# offer TYPE INSTANCE SUB RELID CONNECTION, GUIDs as 32 hex digits
offer() {
	echo "$(le32 1)$(zeros 4)$1$2$(zeros 16)$(zeros 4)$(zeros 120)$(le16 "$3")$(zeros 2)$(le32 "$4")ff00$(le16 1)$(le32 "$5")"
}

# expect REASON TEXT MESSAGE...: each is refused for that reason, and only that
expect() {
	local reason=$1 text=$2 before message bad=

	shift 2
	for message in "$@"; do
		before=$(count_of "$reason")
		inject "$message" || bad+=" not sent"
		until_true 60 test_more "$reason" "$before" || bad+=" not counted: ${message:0:24}"
	done
	devices "$count" || bad+=" devices changed"
	verdict "refused: $text" "$bad"
}
test_more() { [ "$(count_of "$1")" -gt "$2" ]; }

hostile() {
	local a=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb dev relid type list=''

	dev=$(of_class $test_guid)
	relid=$(cat "$dev/id")
	for type in 3 5 7 8 9 11 13 14 16 18 19 21 22 25; do
		list+=" $(le32 $type)$(zeros 232)"
	done
	# shellcheck disable=SC2086
	expect message-wrong-way "types only guests send" $list
	expect message-unknown "unknown types" "$(le32 0)$(zeros 8)" "$(le32 27)$(zeros 8)" "$(le32 255)$(zeros 200)" "ffffffff$(zeros 4)"
	expect message-short "messages cut short" 01000000 "$(le32 1)$(zeros 187)" "$(le32 2)$(zeros 7)" "$(le32 10)$(zeros 15)" "$(le32 24)$(zeros 11)"
	expect message-unexpected "answers nobody waits for" "$(le32 6)$(zeros 4)$(le32 "$relid")$(le32 "$relid")$(zeros 4)" \
		"$(le32 10)$(zeros 16)" "$(le32 12)$(zeros 8)" "$(le32 15)$(zeros 4)01000000$(le32 4)" "$(le32 17)$(zeros 4)" \
		"$(le32 24)$(zeros 4)$(le32 "$relid")$(zeros 4)" "$(le32 4)$(zeros 4)"
	expect offer-invalid "offers with impossible numbers" "$(offer $a $b 0 0 99)" "$(offer $a $b 0 2048 99)" "$(offer $a $b 0 4294967295 99)" \
		"$(offer $a $b 0 1000 0)" "$(offer $a $b 0 1000 16777216)" "$(offer "$(zeros 16)" $b 0 1000 99)" "$(offer $a "$(zeros 16)" 0 1000 99)"
	expect offer-duplicate "an offer of a channel in use" "$(offer $a $b 0 "$relid" 99)"
	expect offer-orphan "a sub-channel of nothing" "$(offer $a $b 1 1000 99)"
	expect rescind-unknown "rescinds of nothing" "$(le32 2)$(zeros 4)$(le32 0)" "$(le32 2)$(zeros 4)$(le32 2047)" "$(le32 2)$(zeros 4)$(le32 2048)" \
		"$(le32 2)$(zeros 4)ffffffff"
	# offers of devices that are not there, taken back again
	for relid in $(seq 1500 1520); do
		inject "$(offer $a "$(printf '%032x' "$relid")" 0 "$relid" 99)"
	done
	if until_true 60 devices $((count + 21)); then
		for relid in $(seq 1500 1520); do
			inject "$(le32 2)$(zeros 4)$(le32 "$relid")"
		done
		if until_true 60 devices "$count"; then
			pass "offers of unknown classes come and go"
		else
			fail "offers of unknown classes come and go" "$(ls $vmbus | wc -l) devices left"
		fi
	else
		fail "offers of unknown classes come and go" "$(ls $vmbus | wc -l) devices"
	fi
	qom_set /machine/vmbus event '"relid=1:last=2047"'
	qom_set /machine/vmbus storm '"count=2000:interval-us=50"'
	sleep 0.5
	verdict "logged once, then rarely" "$([ "$(dmesg | grep -c 'refused host input')" -le 40 ] || echo "$(dmesg | grep -c 'refused host input') lines")"
}

leaks() { dmesg | grep 'hv_vmbus: leak check' | grep -v 'leaked 0$'; dmesg | grep 'hv_vmbus: leak check' | grep LEAK; }

survives() {
	verdict "the bus unloads clean after all that" "$(unload || echo "does not unload"; leaks)"
	modprobe hv_vmbus
	verdict "and comes back" "$(until_true 60 devices "$count" || ls $vmbus)"
}

hotplug() {
	local bad='' cpu path channel

	[ "$(nproc)" -gt 1 ] || return
	modprobe uio_hv_generic
	echo $test_guid >/sys/bus/vmbus/drivers/uio_hv_generic/new_id 2>/dev/null
	until_true 60 test -c /dev/uio0 || bad+=" uio"
	exec 7<>/dev/uio0
	path=$(of_class $test_guid)
	channel=$path/channels/$(cat "$path/id")/cpu
	for cpu in $(seq $(($(nproc) - 1))); do
		echo "$cpu" >"$channel" || bad+=" to CPU $cpu"
		echo 0 >/sys/devices/system/cpu/cpu"$cpu"/online || bad+=" CPU $cpu stays"
		[ "$(cat "$channel")" != "$cpu" ] || bad+=" channel left on CPU $cpu"
		timeout 120 python3 /share/vmbus-ring.py /dev/uio0 echo 20 100 >/dev/null || bad+=" silent after CPU $cpu"
		echo 1 >/sys/devices/system/cpu/cpu"$cpu"/online || bad+=" CPU $cpu gone"
	done
	echo 4096 >"$channel" 2>/dev/null && bad+=" CPU 4096 accepted"
	exec 7>&-
	verdict "an open channel leaves a CPU that goes offline" "$bad"
	rmmod uio_hv_generic # modprobe -r would take the bus with it
}

rescinds() {
	local bad='' n

	# during load: the offer is taken back while it is being announced
	for n in $(seq 15); do
		unload || { bad+=" unload $n"; break; }
		modprobe hv_vmbus &
		sleep 0.0$((n % 10))
		qom_set /machine/peripheral/t0 offered false
		wait
		qom_set /machine/peripheral/t0 offered true
		until_true 60 devices "$count" || { bad+=" lost $n"; break; }
	done
	verdict "rescinds while the bus connects" "$bad"
	# during open and close
	bad=
	modprobe uio_hv_generic
	echo $test_guid >/sys/bus/vmbus/drivers/uio_hv_generic/new_id 2>/dev/null
	for n in $(seq 15); do
		until_true 60 test -c /dev/uio0 || { bad+=" lost $n"; break; }
		(exec 7<>/dev/uio0; exec 7>&-; exec 7<>/dev/uio0; sleep 0.1) 2>/dev/null &
		sleep 0.0$((n % 10))
		qom_set /machine/peripheral/t0 offered false
		wait
		qom_set /machine/peripheral/t0 offered true
	done
	until_true 60 devices "$count" || bad+=" devices"
	verdict "rescinds while a channel opens and closes" "$bad"
}

reloads() {
	local bad='' n lines

	unload || bad+=" unload"
	dmesg -C
	for n in $(seq "$cycles"); do
		modprobe hv_vmbus || { bad+=" load $n"; break; }
		[ $((n % 10)) = 0 ] && { until_true 60 devices "$count" || bad+=" devices in $n"; }
		until_true 60 modprobe -r hv_vmbus || { bad+=" unload $n"; break; }
	done
	lines=$(dmesg | grep -c 'hv_vmbus: leak check')
	[ "$lines" -eq "$cycles" ] || bad+=" $lines leak lines"
	bad+=$(leaks)
	modprobe hv_vmbus
	until_true 60 devices "$count" || bad+=" devices at the end"
	verdict "$cycles loads and unloads leave nothing behind" "$bad"
}

mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
# As many as the host has: not all may have been offered yet.
count=$(hv-qmp x-query-hyperv | python3 -c 'import json, sys
print(sum(not channel["sub-index"] for channel in json.load(sys.stdin)["vmbus"]["channels"]))')
until_true 60 devices "$count"
lists
attributes
ceiling
hotplug
hostile
survives
rescinds
reloads
exit 0
