#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Disks of other kinds.
# --disk 0: sectors of 4 KiB, 64 MiB; 1: 16 TB; 2: a DVD of 4 MiB, its SHA-256 in /share/dvd.sum
# shellcheck source=tests/e2e/disk-lib.sh
. /share/disk-lib.sh
coarse=$(hv-disk 0)
huge=$(hv-disk 1)

sectors_of_4_kib() {
	is "logical sector" 4096 "$(blockdev --getss "$coarse")" &&
		is "physical sector" 4096 "$(blockdev --getpbsz "$coarse")" &&
		is bytes $((64 << 20)) "$(blockdev --getsize64 "$coarse")" &&
		verify "$coarse" 0 16 --bs=4k &&
		verify "$coarse" 16 16 --bsrange=4k-512k --bs_unaligned=0 --blockalign=4k || return 1
	! dd if="$coarse" of=/dev/null bs=512 count=1 iflag=direct
}

file_system_on_4_kib() {
	mkfs.ext4 -q -F "$coarse" && mount "$coarse" /mnt &&
		fio --name=files --directory=/mnt --size=12m --rw=randwrite --bs=4k --ioengine=psync --fsync=64 \
			--verify=crc32c --verify_fatal=1 --output=/tmp/fio.out && umount /mnt && e2fsck -fn "$coarse"
}

# Each piece has its own bytes: what lands at an address cut to 32 bits of sectors, or of bytes, overwrites another.
sixteen_terabytes() {
	is bytes 16000000000000 "$(blockdev --getsize64 "$huge")" || return 1
	python3 - "$huge" <<'PY'
import mmap, os, random, sys
fd = os.open(sys.argv[1], os.O_RDWR | os.O_DIRECT)
size = 16000000000000
places = [0, 1 << 32, (2 << 40) - 65536, 2 << 40, (2 << 40) + (1 << 32), 8 << 40, size - 65536]
memory = mmap.mmap(-1, 65536)
def data(place):
    return random.Random(place).randbytes(65536)
for place in places:
    memory[:] = data(place)
    assert os.pwritev(fd, [memory], place) == 65536, place
for place in places:
    memory[:] = bytes(65536)
    assert os.preadv(fd, [memory], place) == 65536, place
    assert memory[:] == data(place), place
PY
}

dvd_is_read() {
	modprobe sr_mod
	until_ok 60 test -b /dev/sr0 || return 1
	is "type of device" 5 "$(cat /sys/block/sr0/device/type)" &&
		is bytes $((4 << 20)) "$(blockdev --getsize64 /dev/sr0)" &&
		is contents "$(cat /share/dvd.sum)" "$(sha256sum </dev/sr0 | cut -d' ' -f1)" || return 1
	! dd if=/dev/zero of=/dev/sr0 bs=2048 count=1 oflag=direct
}

# The tray opens: there is nothing to read, and nothing hangs.
dvd_ejected() {
	qmp eject '{"device": "dhvdisk2", "force": true}' || return 1
	until_ok 60 no_medium
}

no_medium() {
	! dd if=/dev/sr0 of=/dev/null bs=2048 count=1 iflag=direct
}

run sectors_of_4_kib
run file_system_on_4_kib
run sixteen_terabytes
run dvd_is_read
run dvd_ejected
run no_hung_task
finish
