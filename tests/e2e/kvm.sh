#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the emulated machine of tests/check-kvm: load KVM, mount the disk with tree
# and test host (tests/lib/nested.py), and be a machine with KVM.
#
#	/share/kvm.sh TEST
set -u
modprobe kvm_amd || exit 1
mount "$(hv-disk kvm)" /mnt || exit 1
export XDG_CACHE_HOME=/mnt/cache HV_QEMU=/mnt/qemu/bin/qemu-system-x86_64 TMPDIR=/mnt/tmp HV_LOGS=/share/guests
# Each character of a console is two exits, and an exit of an emulated KVM is long: so must be the patience of who waits.
export HV_VM_OPTIONS="--patience 8 --append loglevel=5 --append rcupdate.rcu_cpu_stall_timeout=160
	--append sysctl.kernel.watchdog_thresh=60 --append sysctl.kernel.hung_task_timeout_secs=960"

# Where the guest is, and its test, for the log.
touch /tmp/shown
watch() {
	while sleep 30; do
		newest=$(find $HV_LOGS -name console.log 2>/dev/null | sort | tail -n 1)
		[ -z "$newest" ] || printf '    at %s s, %s exits: %s\n' "$(cut -d' ' -f1 /proc/uptime)" \
			"$(cat /sys/kernel/debug/kvm/exits)" "$(tail -n 1 "$newest" | tr -d '\r')"
		find /mnt/tree/build -name '*.log' -newer /tmp/shown -exec tail -qn 1 {} + 2>/dev/null | sed 's/^/    last: /'
		touch /tmp/shown
	done
}
watch &
/mnt/tree/tests/check-kvm "$1"
status=$?
kill $!
exit $status
