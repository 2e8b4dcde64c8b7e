#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Data and commands on disks that stay where they are.
# --disk 0: ctrl 0 lun 0, 256 MiB, wwn; 1: lun 1, 64 MiB; 2: lun 7; 3: ctrl 1
# shellcheck source=tests/e2e/disk-lib.sh
. /share/disk-lib.sh
channels=${2:-1}
d0=$(hv-disk 0)
d1=$(hv-disk 1)

address() {
	basename "$(readlink -f "/sys/block/${1#/dev/}/device")" | cut -d: -f2-
}

disks_at_their_addresses() {
	is "disk 0" 0:0:0 "$(address "$d0")" &&
		is "disk 1" 0:0:1 "$(address "$d1")" &&
		is "disk 2" 0:0:7 "$(address "$(hv-disk 2)")" &&
		is "disk 3" 0:0:0 "$(address "$(hv-disk 3)")" &&
		is "number of disks" 4 "$(count /sys/block/sd*)"
}

wwn_identifies() {
	hv-udev >/dev/null 2>&1
	is wwid naa.5002248012345678 "$(cat "/sys/block/${d0#/dev/}/device/wwid")" &&
		until_ok 60 test -e /dev/disk/by-id/wwn-0x5002248012345678
}

limits_of_the_queue() {
	q=/sys/block/${d0#/dev/}/queue
	is max_hw_sectors_kb 256 "$(cat "$q/max_hw_sectors_kb")" &&
		is nr_channels "$channels" "$(cat "$(shost "$d0")/vstor_channels")"
}

# A set of tags for each queue would let one program keep the disk, and with it another's journal, busy for long.
queues_share_their_tags() {
	queues=$(count /sys/kernel/debug/block/"${d1#/dev/}"/hctx*/flags)
	is queues "$channels" "$queues" &&
		is "queues with tags of the controller" "$queues" \
			"$(grep -l TAG_HCTX_SHARED /sys/kernel/debug/block/"${d1#/dev/}"/hctx*/flags | wc -l)" &&
		is "tags, as the controller takes commands" "$(cat "$(shost "$d1")/can_queue")" "$(cat "/sys/block/${d1#/dev/}/queue/nr_requests")" &&
		is scheduler "[none]" "$(grep -o '\[.*\]' "/sys/block/${d1#/dev/}/queue/scheduler")"
}

transfer_size() {
	verify "$d0" 0 4 --bs="$1" || return 1
	# the same bytes again, with other requests
	fio --name=again --filename="$d0" --size=4m --rw=randread --bs="$1" --direct=1 --ioengine=libaio \
		--iodepth=8 --verify=crc32c --verify_only=0 --output=/tmp/fio.out
}

# Buffers that begin anywhere in a page: as many frames as there can be.
unaligned_buffers() {
	python3 - "$d0" <<'PY'
import mmap, os, random, sys
fd = os.open(sys.argv[1], os.O_RDWR | os.O_DIRECT)
memory = mmap.mmap(-1, 2 << 20)
random.seed(1)
for size in (512, 1024, 4096, 4608, 65536, 131072, 135168, 261632, 262144, 524288, 1048576):
    for offset in (0, 512, 2048, 3584):
        data = random.randbytes(size)
        view = memoryview(memory)[offset:offset + size]
        view[:] = data
        assert os.pwritev(fd, [view], 512 * 7) == size, (size, offset)
        back = memoryview(memory)[1 << 20:(1 << 20) + size]
        back[:] = bytes(size)
        assert os.preadv(fd, [back], 512 * 7) == size, (size, offset)
        assert bytes(back) == data, ("data differ", size, offset)
        del view, back
PY
}

ext4_verified() {
	mkfs.ext4 -q -F "$d0" && mount "$d0" /mnt || return 1
	fio --name=files --directory=/mnt --numjobs=4 --size=12m --rw=randwrite --bsrange=512-128k --bs_unaligned \
		--ioengine=psync --fsync=64 --verify=crc32c --verify_fatal=1 --serialize_overlap=0 --output=/tmp/fio.out &&
		fio --name=direct --directory=/mnt --numjobs=4 --size=8m --rw=randrw --bs=4k --direct=1 \
			--ioengine=libaio --iodepth=32 --verify=crc32c --verify_fatal=1 --output=/tmp/fio.out &&
		md5sum /mnt/*.* >/tmp/sums && sync && umount /mnt || return 1
	echo 3 >/proc/sys/vm/drop_caches
	mount "$d0" /mnt && md5sum -c --quiet /tmp/sums && umount /mnt && e2fsck -fn "$d0"
}

all_luns_at_once() {
	set --
	for n in 0 1 2 3; do
		set -- "$@" --name="lun$n" --filename="$(hv-disk "$n")"
	done
	fio --size=8m --rw=randwrite --bs=8k --direct=1 --ioengine=libaio --iodepth=32 --verify=crc32c \
		--verify_fatal=1 --output=/tmp/fio.out "$@"
}

# Every channel interrupts: CPUs are spread over them.
every_channel_used() {
	device=$(vmbus_device "$d0")
	cat "$device"/channels/*/interrupts >/tmp/before
	fio --name=spread --filename="$d0" --size=32m --rw=randread --bs=4k --direct=1 --ioengine=libaio --iodepth=8 \
		--numjobs="$(nproc)" --cpus_allowed="0-$(($(nproc) - 1))" --cpus_allowed_policy=split --number_ios=4000 --output=/tmp/fio.out
	cat "$device"/channels/*/interrupts >/tmp/after
	idle=$(paste /tmp/before /tmp/after | awk '$2 - $1 < 5' | wc -l)
	is "channels without traffic" 0 "$idle" && is channels "$channels" "$(wc -l </tmp/after)"
}

# The step looks at the image file afterwards.
trim_reaches_the_host() {
	test "$(cat "/sys/block/${d1#/dev/}/queue/discard_max_bytes")" -gt 0 || return 1
	dd if=/dev/urandom of="$d1" bs=1M count=64 oflag=direct && blkdiscard "$d1" && sync
}

fstrim_works() {
	mkfs.ext4 -q -F -E nodiscard "$d0" && mount "$d0" /mnt && fstrim -v /mnt && umount /mnt
}

write_zeroes() {
	blkdiscard -z -l 8M "$d0" && cmp -n 8388608 "$d0" /dev/zero
}

sense_of_an_illegal_command() {
	sg_raw "$d0" ee 00 00 00 00 00 2>&1 | grep -qi 'illegal request'
}

sense_of_a_read_past_the_end() {
	sg_raw -r 512 "$d0" 28 00 7f ff ff ff 00 00 01 00 2>&1 | grep -qi 'illegal request' && {
		dd if="$d0" of=/dev/null bs=512 count=1 iflag=direct
	}
}

vital_pages() {
	sg_vpd -p di "$d0" | grep -qi 5002248012345678 && sg_inq "$d0" | grep -q Msft
}

reset_of_the_host() {
	hammer "$d0" 4 && sg_reset -H "$d0" && sg_reset -H "$d0" && wait "$busy"
}

# A device manager that is still at work when the machine goes down reads a root disk that is gone already. The reset
# left each disk with something to say: it says so now.
device_manager_ends() {
	for n in 0 1 2 3; do
		until_ok 60 dd if="$(hv-disk "$n")" of=/dev/null bs=4k count=1 iflag=direct || return 1
	done
	udevadm settle && udevadm control --exit
}

nothing_refused() {
	is refused 0 "$(refused_total "$d0")"
}

run disks_at_their_addresses
run wwn_identifies
ours && run limits_of_the_queue
run queues_share_their_tags
for size in 512 1k 4k 64k 68k 128k 132k 256k 260k 512k 1m 2m; do
	run transfer_size "$size"
done
run unaligned_buffers
run ext4_verified
run all_luns_at_once
run every_channel_used
run trim_reaches_the_host
run fstrim_works
run write_zeroes
run sense_of_an_illegal_command
run sense_of_a_read_past_the_end
run vital_pages
run reset_of_the_host
run device_manager_ends
ours && run nothing_refused
run no_hung_task
finish
