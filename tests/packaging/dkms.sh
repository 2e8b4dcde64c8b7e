#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# dkms.conf as dkms reads it, for kernels of every kind.
set -u
cd "$(dirname "$0")/../.." || exit 1
suite="package, dkms.conf"
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT

# read_conf FOLDER: what dkms would see, with the kernel's headers in FOLDER
read_conf() {
	bash -c 'kernel_source_dir=$1 kernelver=1.0-test dkms_tree=/var/lib/dkms
		. ./dkms.conf >/dev/null
		echo "modules ${BUILT_MODULE_NAME[*]}"
		echo "places ${#DEST_MODULE_LOCATION[*]} $(printf "%s\n" "${DEST_MODULE_LOCATION[@]}" | grep -c "^/kernel/")"
		echo "make ${MAKE[0]}"
		echo "exclusive ${BUILD_EXCLUSIVE_KERNEL-}"
		echo "name $PACKAGE_NAME $PACKAGE_VERSION"' sh "$1"
}

# expect CASE FOLDER LINE...
expect() {
	case_name=$1
	folder=$2
	shift 2
	said=$(read_conf "$folder" 2>&1)
	for line; do
		if ! grep -qxF -- "$line" <<<"$said"; then
			echo "FAIL $suite: $case_name: expected '$line', got: $(tr '\n' ';' <<<"$said")"
			return
		fi
	done
	echo "PASS $suite: $case_name"
}

headers() {
	mkdir -p "$top/$1/include/linux"
	echo "struct $2 {" >"$top/$1/include/linux/hyperv.h"
	printf '0x1\t__vmbus_driver_register\t%s\tEXPORT_SYMBOL_GPL\t\n' "$3" >"$top/$1/Module.symvers"
}

headers modern vmbus_gpadl drivers/hv/hv_vmbus
headers old vmbus_channel drivers/hv/hv_vmbus
headers builtin vmbus_gpadl vmlinux
mkdir -p "$top/debian"
cp "$top/modern/Module.symvers" "$top/debian/"
echo "include $top/old/Makefile" >"$top/debian/Makefile"
all="modules hv_vmbus hv_storvsc hv_netvsc hv_utils"
expect "a bus that is a module: all four" "$top/modern" "$all" "places 4 4" "make sh packaging/dkms-make $top/modern with" "exclusive "
expect "a bus that is built in: the class drivers" "$top/builtin" "modules hv_storvsc hv_netvsc hv_utils" "places 3 3" \
	"make sh packaging/dkms-make $top/builtin without" "exclusive "
expect "an interface that is too old is excluded" "$top/old" "exclusive ^$"
expect "headers in two halves, as Debian has them" "$top/debian" "exclusive ^$"
expect "no headers at all: still readable" "$top/none" "$all" "exclusive "
expect "version and changelog agree" "$top/modern" "name hyperv-ic $(sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog)"
expect "version and modules agree" "$top/modern" \
	"name hyperv-ic $(grep -rh '^MODULE_VERSION' vmbus storvsc netvsc ic | sort -u | sed 's/MODULE_VERSION("\(.*\)");/\1/')"
