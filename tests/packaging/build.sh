#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# packaging/hyperv-ic-dkms on a made-up system: each way a build can end, and what is said about it.
set -u
cd "$(dirname "$0")/../.." || exit 1
suite="package, builds"
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
export PATH="$PWD/tests/packaging/fake:$PATH"
# as installed: the scripts beside each other, under their other names
mkdir "$top/lib"
cp packaging/hyperv-ic-dkms "$top/lib/dkms"
cp packaging/hyperv-ic-boot "$top/lib/boot"
cp packaging/modules "$top/lib/"
echo 0.1.0 >"$top/lib/version"

begin() {
	case_name=$1
	wrong=
	HV_IC_ROOT=$top/$RANDOM$RANDOM
	export HV_IC_ROOT
	unset FAKE_DKMS FAKE_FAIL CC
	mkdir -p "$HV_IC_ROOT/var/lib/dkms" "$HV_IC_ROOT/proc" "$HV_IC_ROOT/sys/kernel/security" "$HV_IC_ROOT/sys/module/module/parameters"
	echo "[none] integrity confidentiality" >"$HV_IC_ROOT/sys/kernel/security/lockdown"
	echo N >"$HV_IC_ROOT/sys/module/module/parameters/sig_enforce"
	: >"$HV_IC_ROOT/proc/keys"
	kernel 1.0-a
	kernel 2.0-b
}

end() {
	if [ -n "$wrong" ]; then
		echo "FAIL $suite: $case_name: $wrong"
	else
		echo "PASS $suite: $case_name"
	fi
}

kernel() {
	mkdir -p "$HV_IC_ROOT/lib/modules/$1/build/include"
	: >"$HV_IC_ROOT/lib/modules/$1/modules.order"
}

# run LINES ARGUMENT...: the command succeeds and says exactly LINES (a regular expression each, in order; none: nothing)
run() {
	want=$1
	shift
	[ -z "$wrong" ] || return
	"$top/lib/dkms" "$@" >"$top/said" 2>&1 || wrong="status $?: $(tail -n 1 "$top/said")"
	[ "$(grep -c . <<<"$want")" = "$(grep -c . "$top/said")" ] || wrong="said: $(tr '\n' ';' <"$top/said")"
	while read -r line; do
		[ -z "$line" ] || grep -Eqx "hyperv-ic: $line" "$top/said" || wrong="expected '$line', said: $(tr '\n' ';' <"$top/said")"
	done <<<"$want"
}

# installed KERNEL...: in these, and in no others
installed() {
	[ -z "$wrong" ] || return
	have=$(dkms status | sed -n 's/.*, \(.*\), x86_64: installed$/\1/p' | sort | tr '\n' ' ')
	[ "$have" = "${*:+$* }" ] || wrong="installed in: $have"
}

# certificate FILE: a new one; its key is in $id as the kernel lists it
certificate() {
	mkdir -p "$(dirname "$1")"
	openssl req -new -x509 -nodes -days 2 -subj "/CN=test key" -newkey rsa:2048 -keyout "$top/key" -outform DER -out "$1" 2>/dev/null
	id=$(openssl x509 -inform DER -in "$1" -noout -text | sed -n '/Subject Key Identifier/{n;s/[ :]//g;p;}' | tr A-F a-f)
}

locked() {
	echo "none [$1] confidentiality" >"$HV_IC_ROOT/sys/kernel/security/lockdown"
}

begin "every kernel with headers gets the modules, in silence, and once"
run "" build
installed 1.0-a 2.0-b
run "" build
end

begin "no headers: one line, the others go on"
rm -r "$HV_IC_ROOT/lib/modules/1.0-a/build"
run "1\.0-a: no headers \(linux-headers-1\.0-a\), this kernel keeps the distribution's modules" build
installed 2.0-b
run "" build --coming 1.0-a
end

begin "a bus that is built into the kernel: one line, once"
echo kernel/drivers/hv/hv_vmbus.ko >"$HV_IC_ROOT/lib/modules/1.0-a/modules.builtin"
echo kernel/drivers/hv/hv_vmbusy.ko >"$HV_IC_ROOT/lib/modules/2.0-b/modules.builtin"
run "1\.0-a: the bus is built into this kernel, hv_vmbus stays its own; the other modules are ours" build
installed 1.0-a 2.0-b
run "" build
end

begin "a kernel that dkms.conf excludes: one line, no failure"
export FAKE_DKMS="1.0-a=77"
run "1\.0-a: not a kernel that these modules support, it keeps the distribution's" build
installed 2.0-b
end

begin "the gate refuses our bus: the class drivers alone, with one line, and it is remembered"
export FAKE_DKMS="1.0-a=gate"
run "1\.0-a: its other drivers would refuse our hv_vmbus, it keeps the distribution's; the other modules are ours" build
installed 1.0-a 2.0-b
[ -e "$HV_IC_ROOT/var/lib/hyperv-ic/class-only/1.0-a" ] || wrong=${wrong:-"it is not remembered"}
run "" remove
installed
[ ! -e "$HV_IC_ROOT/var/lib/hyperv-ic" ] || wrong=${wrong:-"left: $(find "$HV_IC_ROOT/var/lib/hyperv-ic")"}
end

begin "the gate refuses our bus, and the rest does not build: the distribution's"
export FAKE_DKMS="1.0-a=gate-always"
run "1\.0-a: the modules could not be built, it keeps the distribution's: see .*/var/lib/dkms/hyperv-ic/0\.1\.0/build/make\.log" build
installed 2.0-b
[ ! -e "$HV_IC_ROOT/var/lib/hyperv-ic/class-only/1.0-a" ] || wrong=${wrong:-"it is remembered as half ours"}
end

begin "sources that do not compile: one line that names the log"
export FAKE_DKMS="2.0-b=error"
run "2\.0-b: the modules could not be built, it keeps the distribution's: see .*/build/make\.log" build
installed 1.0-a
end

begin "the gate is content and something else fails: it is not taken for the gate"
export FAKE_DKMS="1.0-a=later"
run "1\.0-a: the modules could not be built, it keeps the distribution's: see .*/build/make\.log" build
installed 2.0-b
end

begin "a build that failed is tried again"
export FAKE_DKMS="2.0-b=error"
run "2\.0-b: the modules could not be built.*" build
unset FAKE_DKMS
run "" build
installed 1.0-a 2.0-b
end

begin "no compiler: one line for each kernel"
export FAKE_DKMS="1.0-a=error 2.0-b=error" CC=no-such-compiler
run "1\.0-a: no compiler \(gcc, make\), this kernel keeps the distribution's modules
2\.0-b: no compiler \(gcc, make\), this kernel keeps the distribution's modules" build
installed
end

refusal="Secure Boot is on and the key that signs the modules is not enrolled \(mokutil --import .*/mok\.pub\), it keeps the distribution's"
for how in integrity confidentiality sig_enforce; do
	begin "Secure Boot ($how), the key is not enrolled: built, not installed, one line"
	certificate "$HV_IC_ROOT/var/lib/dkms/mok.pub"
	if [ $how = sig_enforce ]; then
		echo Y >"$HV_IC_ROOT/sys/module/module/parameters/sig_enforce"
	else
		locked $how
	fi
	run "1\.0-a: $refusal
2\.0-b: $refusal" build
	installed
	echo "1f asymmetri test key: $id: X509.rsa ${id: -8} []" >"$HV_IC_ROOT/proc/keys"
	# Enrolled: what was built is installed, not built again.
	export FAKE_DKMS="1.0-a=error 2.0-b=error"
	run "" build
	installed 1.0-a 2.0-b
	end
done

begin "Secure Boot, the key is enrolled: installed"
locked integrity
certificate "$HV_IC_ROOT/var/lib/dkms/mok.pub"
echo "1f asymmetri test key: $id: X509.rsa ${id: -8} []" >"$HV_IC_ROOT/proc/keys"
run "" build
installed 1.0-a 2.0-b
end

begin "Secure Boot, another key of that name is enrolled: not installed"
locked integrity
certificate "$HV_IC_ROOT/var/lib/dkms/other"
echo "1f asymmetri test key: $id: X509.rsa ${id: -8} []" >"$HV_IC_ROOT/proc/keys"
certificate "$HV_IC_ROOT/var/lib/dkms/mok.pub"
run "1\.0-a: $refusal
2\.0-b: $refusal" build
installed
end

begin "Secure Boot, dkms does not sign: not installed"
locked integrity
run "1\.0-a: Secure Boot is on and dkms did not sign the modules, it keeps the distribution's
2\.0-b: Secure Boot is on and dkms did not sign the modules, it keeps the distribution's" build
installed
end
