#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# packaging/install on a made-up system: modules of this tree for one kernel, without a package.
set -u
cd "$(dirname "$0")/../.." || exit 1
suite="package, make install"
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
export PATH="$PWD/tests/packaging/fake:$PATH" HV_IC_ROOT=$top/root
mkdir -p "$top/tree/build" "$top/kdir/include/generated"
cp -r packaging "$top/tree/"
cd "$top/tree" || exit 1
echo '#define UTS_RELEASE "1.0-a"' >"$top/kdir/include/generated/utsrelease.h"
updates=$HV_IC_ROOT/lib/modules/1.0-a/updates

# system KERNEL-OF-THE-MODULES [SIGNER]: as before any installation
system() {
	rm -rf "$HV_IC_ROOT"
	mkdir -p "$HV_IC_ROOT/boot" "$HV_IC_ROOT/var/lib" "$HV_IC_ROOT/lib/modules/1.0-a/kernel" "$HV_IC_ROOT/sys/kernel/security"
	for name in hv_storvsc hv_netvsc hv_utils; do
		echo "$name of the distribution" >"$HV_IC_ROOT/lib/modules/1.0-a/kernel/$name.ko"
		printf '%s of ours\nvermagic=%s SMP\nsigner=%s\n' $name "$1" "${2:-}" >$name.ko
	done
	: >"$HV_IC_ROOT/boot/vmlinuz-1.0-a"
	depmod -b "$HV_IC_ROOT" 1.0-a
	mkinitramfs -o "$HV_IC_ROOT/boot/initrd.img-1.0-a" 1.0-a
	before=$(cd "$HV_IC_ROOT" && find . -type f -exec sha256sum {} + | sort)
}

# expect CASE STATUS PATTERN COMMAND...
expect() {
	case_name=$1 status=$2 pattern=$3
	shift 3
	said=$("$@" 2>&1)
	got=$?
	if [ $got = "$status" ] && grep -q -- "$pattern" <<<"$said"; then
		echo "PASS $suite: $case_name"
	else
		echo "FAIL $suite: $case_name: status $got: $(tail -n 1 <<<"$said")"
	fi
}

untouched() {
	[ ! -e "$updates" ] && diff <(echo "$before") <(cd "$HV_IC_ROOT" && find . -type f -not -path './sys/*' -exec sha256sum {} + | sort)
}

system 1.0-a
expect "the modules come beside the distribution's, and into the RAM disk" 0 "initrd.img-1.0-a holds the modules" packaging/install "$top/kdir"
expect "all that was built is there" 0 "^3$" sh -c "ls $updates/hyperv-ic | wc -l"
expect "they go again" 0 "distribution's modules again" packaging/install --remove "$top/kdir"
expect "nothing is left" 0 "" untouched
system 2.0-b
expect "modules of another kernel are refused" 1 "not built for 1.0-a" packaging/install "$top/kdir"
expect "nothing was changed" 0 "" untouched
system 1.0-a
echo "none [integrity] confidentiality" >"$HV_IC_ROOT/sys/kernel/security/lockdown"
expect "Secure Boot: modules that are not signed are refused" 1 "Secure Boot is on" packaging/install "$top/kdir"
expect "Secure Boot: nothing was changed" 0 "" untouched
system 1.0-a somebody
echo "none [integrity] confidentiality" >"$HV_IC_ROOT/sys/kernel/security/lockdown"
expect "Secure Boot: modules that the owner signed go in" 0 "holds the modules" packaging/install "$top/kdir"
