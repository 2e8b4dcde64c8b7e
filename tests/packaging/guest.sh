#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Run in a booted system: what is loaded, what would be loaded, what the system has to say. One `FACT key value` a line.
fact() {
	echo "FACT $*"
}

# Devices are announced while the system comes up: give them the time that udev takes.
udevadm settle --timeout=60
fact release "$(uname -r)"
fact state "$(systemctl is-system-running --wait)"
fact failed "$(systemctl --failed --no-legend --plain | awk '{ print $1 }' | tr '\n' ' ')"
root=$(findmnt -no SOURCE /)
fact root "$root"
fact rootdriver "$(basename "$(readlink -f "/sys/class/block/$(basename "$root")/device/../../../driver")" 2>/dev/null)"
# what SRCVERSION VERSION: the source's checksum and the version of a module, `-` for what it does not say (Debian's own say neither)
what() {
	echo "${1:--} ${2:--}"
}

for name in hv_vmbus hv_storvsc hv_netvsc hv_utils; do
	file=$(modinfo -n $name 2>/dev/null)
	fact "$name.file" "${file:-none}"
	case $file in
	/*)	fact "$name.disk" "$(what "$(modinfo -F srcversion "$file")" "$(modinfo -F version "$file")")" ;;
	esac
	loaded=no
	[ ! -d /sys/module/$name ] || loaded=$(what "$(cat /sys/module/$name/srcversion 2>/dev/null)" "$(cat /sys/module/$name/version 2>/dev/null)")
	fact "$name.loaded" "$loaded"
done
fact net "$(cd /sys/class/net && echo *)"
fact errors "$(journalctl -b -p err --no-pager -o cat | sort -u | tr '\n' '|')"
fact seconds "$(systemd-analyze time | head -n 1)"
if [ -x /usr/lib/hyperv-ic/boot ]; then
	fact check "$(/usr/lib/hyperv-ic/boot check "$(uname -r)")"
fi
exit 0
