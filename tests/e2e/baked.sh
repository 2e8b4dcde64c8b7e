#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In a guest whose kernel was made with `make bake`: the four drivers in it are
# ours, the root disk, a second disk, two network cards and the services work.
#
#   baked.sh SUITE VERSION	as the modules are asked for their version
# shellcheck disable=SC2154,SC2034 # $n0 and $why are net-lib.sh's
# shellcheck source=tests/e2e/net-lib.sh
. /share/net-lib.sh
version=$2

ours() {
	for module in hv_vmbus hv_storvsc hv_netvsc hv_utils; do
		is "version of $module" "$version" "$(cat /sys/module/$module/version 2>&1)" || return 1
	done
}

root_disk() {
	device=$(readlink -f "/sys/dev/block/$(mountpoint -d /)")
	while [ "$(readlink "$device/subsystem" | sed 's|.*/||')" != vmbus ]; do
		device=$(dirname "$device")
		[ "$device" != / ] || { why="no VMBus device above $(mountpoint -d /)"; return 1; }
	done
	is driver hv_storvsc "$(basename "$(readlink -f "$device/driver")")"
}

second_disk() {
	disk=$(hv-disk 0)
	mkfs.ext4 -q -F "$disk" && mount "$disk" /mnt || return 1
	fio --name=baked --directory=/mnt --size=24m --rw=randwrite --bsrange=4k-128k --ioengine=libaio --iodepth=16 \
		--direct=1 --verify=crc32c --do_verify=1 --output-format=terse &&
	umount /mnt && fsck.ext4 -fn "$disk"
}

network() {
	pair && works 4 && in_a ethtool -i "$n0" && nothing_refused
}

services() {
	PYTHONPATH=/share python3 - services <<-'PY'
		from ic_lib import Daemon, all_ready, qmp, ready, replied

		all_ready()
		with Daemon("kvp"):
		    ready("kvp", 30)
		    replied(qmp("x-hv-kvp-set", pool=0, key="baked", string="in"))
		    found = qmp("x-hv-kvp-enumerate", pool=0)
		    assert [one["string"] for one in found["records"]] == ["in"], found
	PY
}

run ours
run root_disk
run second_disk
run network
run services
run no_hung_task
finish
