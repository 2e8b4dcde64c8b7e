# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For steps in shell whose cases run in a guest.
#
#   . tests/lib/guest.sh

# guest_run SUITE LOG OPTION... -- SCRIPT [ARGUMENT...]: tests/vm run; what the script prints goes to LOG as well
guest_run() {
	local suite=$1 log=$2 status

	shift 2
	tests/vm run --quiet "$@" | tee "$log"
	status=${PIPESTATUS[0]}
	guest_ended "$suite" "$log" "$status"
}

# guest_ended SUITE LOG STATUS: a failed case has said so in LOG; anything else that went wrong has not
guest_ended() {
	if [ "$3" != 0 ] && ! grep -q '^FAIL ' "$2"; then
		echo "FAIL $1: guest: tests/vm ended with status $3"
	fi
}
