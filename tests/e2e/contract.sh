#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs in a guest: every module of the distribution that takes symbols from
# hv_vmbus, on whichever hv_vmbus is there. Each loads and unloads without a
# word of complaint; the balloon driver works on QEMU's hv-balloon, judged by
# what the host sees. Usage: contract.sh SUITE
suite=$1
# shellcheck source=tests/e2e/disk-lib.sh
. /share/disk-lib.sh "$suite"
vmbus=/sys/bus/vmbus/devices
balloon=525074dc-8985-46e2-8057-a307dc18a502
mib=$((1 << 20))

users="hv_balloon hv_sock hid-hyperv hyperv-keyboard pci-hyperv uio_hv_generic hv_netvsc hv_storvsc hv_utils"
for screen in hyperv_drm hyperv_fb; do
	modinfo $screen >/dev/null 2>&1 && users+=" $screen"
done

# What a loader or a driver says when it does not get along with the bus
complaints() { dmesg --level=emerg,alert,crit,err | grep -iE 'hv_|hyperv|hyper-v|vmbus|disagrees about version|unknown symbol|no symbol version'; }

distributions() { modinfo -n "$1" | grep -q "/kernel/"; }
is_user() { grep -q "^${1//-/_} .* hv_vmbus\|^hv_vmbus .*\b${1//-/_}," /proc/modules; }

loads() {
	distributions "$1" || { why="$(modinfo -n "$1") is not the distribution's"; return 1; }
	dmesg -C
	modprobe "$1" || return 1
	is_user "$1" || { why="loaded, but not on the bus"; return 1; }
	complaints && { why="it complains"; return 1; }
	return 0
}

# hv_balloon has no way out, so the bus stays, too.
all_but_one_unload() {
	local module

	[ "$(basename "$(readlink -f "$(grep -ls $balloon $vmbus/*/class_id | xargs dirname)/driver")")" = hv_balloon ] ||
		{ why="the balloon device has no driver"; return 1; }
	for module in $users; do
		[ "$module" = hv_balloon ] || unload "$module" || return 1
	done
	! complaints
}

actual() { hv-qmp query-balloon | sed 's/.*"actual": *\([0-9]*\).*/\1/'; }
near() { [ "$(($(actual) / mib))" -ge $(($1 - 8)) ] && [ "$(($(actual) / mib))" -le $(($1 + 8)) ]; }
total() { awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo; }
free() { awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo; }

# target MIB: the host asks for that size and gets it
target() {
	qmp balloon "{\"value\": $(($1 * mib))}" && until_ok 200 near "$1" || { why="the host sees $(($(actual) / mib)) MiB, not $1"; return 1; }
}

# The report comes from the driver, once a second.
reports() {
	until_ok 120 hv-qmp query-hv-balloon-status-report &&
		hv-qmp query-hv-balloon-status-report | grep -q '"committed": *[1-9]'
}

balloons() {
	local before after

	size=$(($(actual) / mib))
	before=$(free)
	target $((size - 128)) || return 1
	after=$(free)
	[ $((before - after)) -ge 90 ] || { why="the guest had $before MiB to spare, and has $after"; return 1; }
}

unballoons() {
	local before

	before=$(free)
	target "$size" || return 1
	until_ok 30 freed $((before + 90))
}
freed() { [ "$(free)" -ge "$1" ]; }

hot_adds() {
	local before

	before=$(total)
	echo online >/sys/devices/system/memory/auto_online_blocks
	target $((size + 256)) || return 1
	until_ok 30 grown $((before + 256 - 16)) || { why="it had $before MiB, and has $(total)"; return 1; }
	# the new memory is memory
	bytes=$(($(free) * 3 / 4 * mib))
	mkdir -p /tmp/new && mount -t tmpfs -o size=95% new /tmp/new && head -c $bytes /dev/zero >/tmp/new/a &&
		cmp -n $bytes /tmp/new/a /dev/zero && umount /tmp/new
}
grown() { [ "$(total)" -ge "$1" ]; }

mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
for user in $users; do
	run loads "$user"
done
run all_but_one_unload
run reports
run balloons
run unballoons
run hot_adds
run no_hung_task
finish
