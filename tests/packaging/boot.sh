#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# packaging/hyperv-ic-boot on a made-up system: each step interrupted, each tool failing.
set -u
cd "$(dirname "$0")/../.." || exit 1
suite="package, boot path"
boot=$PWD/packaging/hyperv-ic-boot
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
export PATH="$PWD/tests/packaging/fake:$PATH"
case_name=

begin() {
	case_name=$1
	wrong=
	HV_IC_ROOT=$top/$RANDOM$RANDOM
	export HV_IC_ROOT
	unset HV_IC_STEP HV_IC_TOOL FAKE_FAIL FAKE_WRONG FAKE_ROOM FAKE_MORE
	mkdir -p "$HV_IC_ROOT/boot" "$HV_IC_ROOT/var/lib"
	kernel 1.0-a
	kernel 2.0-b
	cp -a "$HV_IC_ROOT" "$HV_IC_ROOT.before"
}

end() {
	if [ -n "$wrong" ]; then
		echo "FAIL $suite: $case_name: $wrong"
	else
		echo "PASS $suite: $case_name"
	fi
}

expect() {
	what=$1
	shift
	[ -z "$wrong" ] || return
	"$@" >"$top/now" 2>&1 || wrong="$what: $(tail -n 2 "$top/now" | tr '\n' ' ')"
	case $* in
	*"$boot"*)	cp "$top/now" "$top/said" ;;
	esac
}

not() {
	! "$@"
}

kernel() {
	mkdir -p "$HV_IC_ROOT/lib/modules/$1/kernel"
	for name in hv_vmbus hv_storvsc hv_netvsc hv_utils; do
		echo "$name of the distribution for $1" >"$HV_IC_ROOT/lib/modules/$1/kernel/$name.ko"
	done
	: >"$HV_IC_ROOT/boot/vmlinuz-$1"
	mkinitramfs -o "$HV_IC_ROOT/boot/initrd.img-$1" "$1"
}

# ours KVER VERSION: our modules come
ours() {
	mkdir -p "$HV_IC_ROOT/lib/modules/$1/updates"
	for name in hv_vmbus hv_storvsc hv_netvsc hv_utils; do
		echo "$name $2 of ours for $1" >"$HV_IC_ROOT/lib/modules/$1/updates/$name.ko"
	done
}

# squeeze KVER COMMAND...: our modules on disk are compressed, as dkms does where the distribution's are
squeeze() {
	kver=$1
	shift
	find "$HV_IC_ROOT/lib/modules/$kver/updates" -name '*.ko' -exec "$@" {} +
}

gone() {
	rm -rf "$HV_IC_ROOT"/lib/modules/*/updates
}

# holds KVER TEXT: the image is whole and has exactly one hv_storvsc chosen, which contains TEXT
holds() {
	rm -rf "$top/look"
	unmkinitramfs "$HV_IC_ROOT/boot/initrd.img-$1" "$top/look" || return 1
	file=$(modinfo -b "$top/look/main" -k "$1" -n hv_storvsc) && grep -q "$2" "$file"
}

same_boot() {
	diff -r "$HV_IC_ROOT.before/boot" "$HV_IC_ROOT/boot" && diff -r "$HV_IC_ROOT.before/var" "$HV_IC_ROOT/var"
}

begin "update: every kernel with our modules gets them, the image of before is kept"
ours 1.0-a one
ours 2.0-b one
expect "update" "$boot" update
for kver in 1.0-a 2.0-b; do
	expect "ours in $kver" holds $kver "one of ours"
	expect "kept for $kver" cmp "$HV_IC_ROOT/boot/initrd.img-$kver.hyperv-ic" "$HV_IC_ROOT.before/boot/initrd.img-$kver"
done
expect "check" "$boot" check
expect "nothing half made" test ! -e "$HV_IC_ROOT/boot/initrd.img-1.0-a.hyperv-ic-new"
end

begin "update: a second one changes nothing"
ours 1.0-a one
expect "update" "$boot" update
cp -a "$HV_IC_ROOT/boot" "$top/first"
expect "update again" "$boot" update
expect "the same files" diff -r "$top/first" "$HV_IC_ROOT/boot"
expect "a kernel without our modules is left alone" cmp "$HV_IC_ROOT/boot/initrd.img-2.0-b" "$HV_IC_ROOT.before/boot/initrd.img-2.0-b"
rm -rf "$top/first"
end

begin "update: another version follows, the first image of before stays"
ours 1.0-a one
expect "first" "$boot" update 1.0-a
ours 1.0-a two
expect "stale is noticed" not "$boot" check 1.0-a
expect "second" "$boot" update 1.0-a
expect "the new one" holds 1.0-a "two of ours"
expect "kept" cmp "$HV_IC_ROOT/boot/initrd.img-1.0-a.hyperv-ic" "$HV_IC_ROOT.before/boot/initrd.img-1.0-a"
end

begin "restore: the images are byte-equal to before, nothing is left"
ours 1.0-a one
ours 2.0-b one
expect "update" "$boot" update
gone
expect "restore" "$boot" restore
expect "as before" same_boot
end

begin "restore: an image that the system would make another way now is made anew"
ours 1.0-a one
expect "update" "$boot" update
gone
export FAKE_MORE="another program"
expect "restore" "$boot" restore
expect "the distribution's" holds 1.0-a "of the distribution"
expect "with what came since" grep -q "another program" "$top/look/main/init"
expect "nothing kept" test ! -e "$HV_IC_ROOT/boot/initrd.img-1.0-a.hyperv-ic"
end

begin "restore: if no image can be made, the kept one goes back"
ours 1.0-a one
expect "update" "$boot" update
gone
export FAKE_FAIL=mkinitramfs
expect "restore" "$boot" restore
expect "as before" same_boot
end

begin "a full /boot: the image of before is kept elsewhere, and goes back from there"
ours 1.0-a one
export FAKE_ROOM=1
expect "update" "$boot" update 1.0-a
expect "elsewhere" cmp "$HV_IC_ROOT/var/lib/hyperv-ic/images/initrd.img-1.0-a.hyperv-ic" "$HV_IC_ROOT.before/boot/initrd.img-1.0-a"
expect "not in /boot" test ! -e "$HV_IC_ROOT/boot/initrd.img-1.0-a.hyperv-ic"
gone
expect "restore" "$boot" restore
expect "as before" same_boot
end

for tool in mkinitramfs depmod unmkinitramfs; do
	begin "update: $tool fails: the image stays, the command says so and fails only alone"
	ours 1.0-a one
	export FAKE_FAIL=$tool
	expect "fails" not "$boot" update 1.0-a
	expect "a line" grep -q '^hyperv-ic: 1.0-a: ' "$top/said"
	unset FAKE_FAIL
	expect "the old image" cmp "$HV_IC_ROOT/boot/initrd.img-1.0-a" "$HV_IC_ROOT.before/boot/initrd.img-1.0-a"
	expect "later it works" "$boot" update 1.0-a
	expect "ours" holds 1.0-a "one of ours"
	end
done

begin "update: modinfo may not read what was unpacked (SELinux): it is not needed"
ours 1.0-a one
export FAKE_FAIL=modinfo
expect "update" "$boot" update 1.0-a
expect "new, not the old one" grep -q 'holds the modules of this system' "$top/said"
expect "check" "$boot" check 1.0-a
unset FAKE_FAIL
expect "ours" holds 1.0-a "one of ours"
end

begin "update: an image with another module than the disk's is not used"
ours 1.0-a one
export FAKE_WRONG=1
expect "fails" not "$boot" update 1.0-a
expect "says why" grep -q 'hv_vmbus is not the one on disk' "$top/said"
expect "the old image" cmp "$HV_IC_ROOT/boot/initrd.img-1.0-a" "$HV_IC_ROOT.before/boot/initrd.img-1.0-a"
end

for how in "xz" "zstd -q --rm" "gzip -n"; do
	begin "update: modules compressed by ${how%% *} on disk, whichever way the RAM disk holds them"
	ours 1.0-a one
	# shellcheck disable=SC2086 # words
	squeeze 1.0-a $how
	expect "update" "$boot" update 1.0-a
	expect "new, not the old one" grep -q 'holds the modules of this system' "$top/said"
	expect "check" "$boot" check 1.0-a
	export FAKE_WRONG=1
	ours 1.0-a two
	rm "$HV_IC_ROOT"/lib/modules/1.0-a/updates/*.ko.*
	# shellcheck disable=SC2086
	squeeze 1.0-a $how
	expect "another module in the RAM disk" not "$boot" update 1.0-a
	expect "says why" grep -q 'hv_vmbus is not the one on disk' "$top/said"
	unset FAKE_WRONG
	gone
	expect "restore" "$boot" restore
	expect "the image is byte-equal to before" cmp "$HV_IC_ROOT/boot/initrd.img-1.0-a" "$HV_IC_ROOT.before/boot/initrd.img-1.0-a"
	end
done

begin "update: a compressed module that is damaged on disk is not used"
ours 1.0-a one
squeeze 1.0-a xz
for file in "$HV_IC_ROOT"/lib/modules/1.0-a/updates/*.xz; do
	truncate -s -9 "$file"
done
expect "fails" not "$boot" update 1.0-a
expect "says why" grep -q 'hv_vmbus is damaged on disk' "$top/said"
expect "the old image" cmp "$HV_IC_ROOT/boot/initrd.img-1.0-a" "$HV_IC_ROOT.before/boot/initrd.img-1.0-a"
end

begin "dracut: modules that it strips are taken for what they are"
export HV_IC_TOOL=dracut
ours 1.0-a one
for file in "$HV_IC_ROOT"/lib/modules/1.0-a/updates/*.ko; do
	echo "debug information" >>"$file"
done
expect "update" "$boot" update 1.0-a
expect "new, not the old one" grep -q 'holds the modules of this system' "$top/said"
expect "check" "$boot" check 1.0-a
expect "it was stripped" not grep -q debug <(tar -xOf "$HV_IC_ROOT/boot/initrd.img-1.0-a" ./lib/modules/1.0-a/updates/hv_vmbus.ko)
end

begin "dracut: a signed module that lost its signature on the way is not used"
export HV_IC_TOOL=dracut
ours 1.0-a one
expect "update" "$boot" update 1.0-a
for file in "$HV_IC_ROOT"/lib/modules/1.0-a/updates/*.ko; do
	printf 'debug: bytes\n~Module signature appended~\n' >>"$file"
done
expect "the image without it is stale" not "$boot" check 1.0-a
expect "update again" "$boot" update 1.0-a
expect "check" "$boot" check 1.0-a
expect "with the signature" grep -q 'signature appended' <(tar -xOf "$HV_IC_ROOT/boot/initrd.img-1.0-a" ./lib/modules/1.0-a/updates/hv_vmbus.ko)
end

begin "update: a kernel that is not there, a name that is none, a bus that is built in"
ours 1.0-a one
rm "$HV_IC_ROOT/lib/modules/1.0-a/updates/hv_vmbus.ko" "$HV_IC_ROOT/lib/modules/1.0-a/kernel/hv_vmbus.ko"
: >"$HV_IC_ROOT/lib/modules/1.0-a/builtin-hv_vmbus"
expect "not there" not "$boot" update 3.0-c
expect "no name" not "$boot" update '../1.0-a; reboot'
expect "built in" "$boot" update 1.0-a
expect "our disk driver" holds 1.0-a "one of ours"
end

begin "forget: what was kept for a kernel goes with it"
ours 1.0-a one
expect "update" "$boot" update 1.0-a
expect "forget" "$boot" forget 1.0-a
expect "gone" test ! -e "$HV_IC_ROOT/boot/initrd.img-1.0-a.hyperv-ic"
expect "needs a name" not "$boot" forget
end

# The machine stops at a step: what is left must boot, and the next run must finish the work.
cat >"$top/cut" <<'CUT'
#!/bin/sh
[ "$1" != "$CUT_AT" ] || kill -9 "$PPID"
CUT
chmod +x "$top/cut"
for step in begin depmod keep build check rename end; do
	begin "power cut in update, step $step: an image is whole, and the next run finishes"
	ours 1.0-a one
	CUT_AT=$step HV_IC_STEP=$top/cut "$boot" update 1.0-a >"$top/cut.said" 2>&1
	expect "it was cut" test $? -eq 137
	if [ $step = end ]; then
		expect "the new image" holds 1.0-a "one of ours"
	else
		expect "the old image" cmp "$HV_IC_ROOT/boot/initrd.img-1.0-a" "$HV_IC_ROOT.before/boot/initrd.img-1.0-a"
	fi
	expect "next run" "$boot" update
	expect "ours" holds 1.0-a "one of ours"
	expect "nothing half made" test -z "$(find "$HV_IC_ROOT/boot" -name '*.part' -o -name '*-new')"
	gone
	expect "restore" "$boot" restore
	expect "as before" same_boot
	end
done
for step in begin depmod build rename end; do
	begin "power cut in restore, step $step: an image is whole, and the next run finishes"
	ours 1.0-a one
	expect "update" "$boot" update
	gone
	CUT_AT=$step HV_IC_STEP=$top/cut "$boot" restore 1.0-a >"$top/cut.said" 2>&1
	expect "it was cut" test $? -eq 137
	expect "a whole image" unmkinitramfs "$HV_IC_ROOT/boot/initrd.img-1.0-a" "$top/whole"
	expect "next run" "$boot" restore
	expect "as before" same_boot
	end
done
