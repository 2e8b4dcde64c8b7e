#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# May our hv_vmbus replace the distribution's on this kernel?
#
#   abi-gate.sh KDIR BUILD     compare BUILD/Module.symvers with that of KDIR
#
# Drivers of the distribution bind to hv_vmbus by symbol and checksum. Every
# symbol that the target lists under its own hv_vmbus must be exported by ours
# with the same checksum; a difference means that such a driver would be
# refused, or would run with another idea of a structure. Then hv_vmbus must
# not be installed; the class drivers still may.
#
# One line per symbol: equal, DIFFERS, MISSING or "left out" (for a reason in
# abi-left-out). Exit status 0 if hv_vmbus may be installed, 1 if not.
set -u

[ $# -eq 2 ] || { sed -n '4,6s/^# \{0,1\}//p' "$0"; exit 2; }
target=$1/Module.symvers
ours=$2/Module.symvers
here=$(dirname "$0")

for f in "$target" "$ours"; do
	[ -r "$f" ] || { echo "abi-gate: no $f"; exit 2; }
done

awk -F '\t' -v target="$target" -v ours="$ours" '
	FILENAME ~ /abi-left-out$/ {
		if ($1 !~ /^(#|$)/)
			reason[$1] = $2
		next
	}
	FILENAME == ours {
		if ($3 ~ /(^|\/)hv_vmbus$/) {
			have[$2] = $1
			exported++
		}
		next
	}
	$3 ~ /(^|\/)hv_vmbus$/ {
		wanted++
		crc = $1
		if (crc !~ /^0x0+$/)
			checksums = 1
		if (!($2 in have)) {
			if ($2 in reason) {
				verdict = "left out (" reason[$2] ")"
				left++
			} else {
				verdict = "MISSING"
				bad++
			}
		} else if (have[$2] != crc) {
			verdict = "DIFFERS " crc " " have[$2]
			bad++
		} else {
			verdict = "equal"
			equal++
		}
		printf "%s\t%s\n", $2, verdict
	}
	$2 == "__vmbus_driver_register" && $3 == "vmlinux" { builtin = 1 }
	END {
		if (builtin) {
			print "abi-gate: the bus is built into this kernel, hv_vmbus cannot replace it"
			exit 1
		}
		if (!exported) {
			print "abi-gate: no hv_vmbus was built"
			exit 1
		}
		if (!wanted) {
			print "abi-gate: this kernel has no hv_vmbus of its own, nothing to be equal to"
			exit 0
		}
		printf "abi-gate: %d of %d symbols equal, %d left out, %d wrong%s\n",
		       equal, wanted, left, bad,
		       checksums ? "" : " (this kernel has no checksums: names only)"
		exit bad > 0
	}
' "$here/abi-left-out" "$ours" "$target"
