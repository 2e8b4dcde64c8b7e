# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # $suite and $out are the caller's
#
# For steps in shell: a case is a command. What it says is shown if it fails, its last line is the reason, and it stays
# in $out/case.log until the next case has ended.
#
#   suite=NAME out=FOLDER
#   . tests/lib/check.sh
#   check "what holds" COMMAND...
check() {
	local name=$1
	shift
	if "$@" >"$out/case.new" 2>&1; then
		echo "PASS $suite: $name"
	else
		cat "$out/case.new"
		echo "FAIL $suite: $name: $(tail -n 1 "$out/case.new")"
	fi
	mv "$out/case.new" "$out/case.log"
}
