#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What does hv_netvsc make of each misbehaviour of the host? Started by
# tests/steps/43-net-host, as often as guests are lost to it:
#
#   sh /share/net-host-faults.sh SUITE SECONDS
#
# SECONDS: how long something may take before it counts as never. The list is
# /share/todo, with lines "bind FAULT" (a lie while the driver is bound) and "run
# FAULT" (while frames go both ways). Said about each: TRY LINE, then VERDICT
# LINE: one of
#
#   works               frames pass when the fault is over, and the driver unbinds
#   refuses             does not bind; does, when asked again
#   deaf                binds, but no frame passes, not even when the fault is over
#   hangs in WHAT       for ever: the guest is lost, as it is with "dies"
#
# with " and warns" if the kernel said BUG or WARNING.
# shellcheck source=tests/e2e/net-host-lib.sh
. /share/net-host-lib.sh
patience=$2
driver=/sys/bus/vmbus/drivers/hv_netvsc

# watched COMMAND...: status 99 if it does not come to an end
watched() {
	"$@" >/tmp/watched.log 2>&1 &
	watched_pid=$!
	watched_end=$(($(date +%s) + patience))
	while kill -0 $watched_pid 2>/dev/null; do
		[ "$(date +%s)" -lt $watched_end ] || return 99
		sleep 0.1
	done
	wait $watched_pid
}

binds() {
	echo "$guid" >$driver/bind
}

unbinds() {
	echo "$guid" >$driver/unbind
}

bound() {
	hv-nic 0 >/dev/null 2>&1 || ip -n a link show card0 >/dev/null 2>&1
}

alarms() {
	dmesg | grep -cE 'BUG|WARNING|UBSAN|Oops|general protection'
}

say() {
	[ "$(alarms)" = "$alarms_before" ] || set -- "$1 and warns"
	echo "VERDICT $line: $1"
}

# Nothing more can be found out in this guest.
lost() {
	say "hangs in $1"
	sed 's/^/    /' "/proc/$watched_pid/stack" 2>/dev/null | head -n 6
	# it would not shut down either
	sleep 2
	echo b >/proc/sysrq-trigger
	sleep 100
}

# a step that may hang, and what it is
step() {
	step_name=$1
	shift
	watched "$@"
	step_status=$?
	[ $step_status != 99 ] || lost "$step_name"
	return $step_status
}

settle() {
	place 0 a 1
}

traffic() {
	in_a timeout 20 ping -q -c 60 -i 0.02 -W 1 -s 200 10.9.0.2 &
	ip -n a link set card0 promisc on
	sleep 1
	ip -n a link set card0 promisc off
	in_b ping -q -c 20 -i 0.02 -W 1 -s 2000 10.9.0.1
	wait
	return 0
}

passes() {
	in_b ip neigh flush all
	passes_end=$(($(date +%s) + 20))
	until reached; do
		[ "$(date +%s)" -lt $passes_end ] || return 1
	done
}

# try WHEN FAULT: one line of the list
try() {
	when=$1
	fault=$2

	alarms_before=$(alarms)
	if [ "$when" = bind ]; then
		host 0 fault "\"$fault\"" || return 1
		step bind binds
		host 0 fault '""'
		if ! bound; then
			# again, without
			[ ! -e "$driver/$guid" ] || step unbind unbinds
			step "bind, later" binds
			if bound; then
				step unbind unbinds
				say refuses
			else
				say "refuses, for ever"
			fi
			return 0
		fi
		step "link up" settle
	else
		step bind binds
		step "link up" settle
		step "ping before" passes || {
			say "no traffic before"
			return 0
		}
		host 0 fault "\"$fault\"" || return 1
		step traffic traffic
		host 0 fault '""'
	fi
	if step "ping" passes; then
		verdict=works
	else
		verdict=deaf
	fi
	step unbind unbinds
	say $verdict
}

guid=$(basename "$(readlink -f "/sys/class/net/$(hv-nic 0)/device")")
place 1 b 2 || exit 1
step "the first unbind" unbinds
while read -r line; do
	echo "TRY $line"
	try "${line%% *}" "${line#* }" || echo "VERDICT $line: the host does not know it"
done </share/todo
exit 0
