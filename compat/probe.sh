#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Asks a kernel tree the questions in compat/probes.
#
#   probe.sh KDIR OUT          answers for the prepared tree KDIR, into
#                              OUT/compat/config.h (and probe.log beside it)
#   probe.sh ask PROBE.c ANSWER CC FLAGS...
#   probe.sh decide CONFIG_H SYMVERS EXPORTS ANSWER...
#                              the two steps, as compat/Kbuild calls them;
#                              SYMVERS is `none` inside a kernel's own build
#
# A probe is compiled as the new form (PROBE_NEW defined); if that fails it is
# compiled as the old form. If neither compiles the kernel is one we do not
# know, and the build stops with a sentence instead of guessing.
set -u

die() {
	echo "compat: $*" >&2
	exit 1
}

# First comment line of a probe: the question.
question() {
	sed -n 's|^/\* \(.*[?]\).*|\1|p' "$1" | head -n 1
}

try() {
	echo "--- $probe_name: $1"
	shift
	"$@" -Werror=incompatible-pointer-types -Werror=int-conversion \
		-Werror=implicit-function-declaration -Wno-unused \
		-fsyntax-only "$probe" 2>&1
}

ask() {
	probe=$1
	answer=$2
	shift 2
	probe_name=$(basename "$probe" .c)
	mkdir -p "$(dirname "$answer")"
	log=${answer%.answer}.log
	if try 'new form' "$@" -DPROBE_NEW >"$log"; then
		verdict=yes
	elif try 'old form' "$@" >>"$log"; then
		verdict=no
	else
		verdict=undecided
	fi
	required=$(sed -n 's|^/\* required: \(.*\) \*/$|\1|p' "$probe" | head -n 1)
	printf '%s\n%s\n%s\n%s\n' "$probe_name" "$verdict" \
		"$(question "$probe")" "$required" >"$answer"
	echo "=== $verdict" >>"$log"
}

decide() {
	config=$1
	symvers=$2
	exports=$3
	shift 3
	log=$(dirname "$config")/probe.log
	new=$config.new
	[ "$symvers" = none ] || [ -r "$symvers" ] ||
		die "this kernel tree has no Module.symvers: give a built tree or a headers package"
	: >"$log"
	{
		echo '/* SPDX-License-Identifier: GPL-2.0-only */'
		echo '/* Answers of the target kernel, made by compat/probe.sh. */'
	} >"$new"
	for answer in "$@"; do
		cat "${answer%.answer}.log" >>"$log"
		{ read -r name; read -r verdict; read -r text; read -r required; } <"$answer"
		macro=HAVE_$(echo "$name" | tr '[:lower:]' '[:upper:]')
		case $verdict in
		yes)
			echo "#define $macro 1" >>"$new" ;;
		no)
			[ -z "$required" ] ||
				die "${KERNELRELEASE:-this kernel} is not supported: $required"
			echo "/* no $macro */" >>"$new" ;;
		*)
			die "cannot tell for this kernel: $text" \
			    "(compat/probes/$name.c; compiler's words: $log)" ;;
		esac
	done
	while read -r symbol; do
		case $symbol in ''|'#'*) continue ;; esac
		macro=HAVE_EXPORT_$(echo "$symbol" | tr '[:lower:]' '[:upper:]')
		if [ "$symvers" != none ] && cut -f 2 "$symvers" | grep -qx "$symbol"; then
			echo "#define $macro 1" >>"$new"
		else
			echo "/* no $macro */" >>"$new"
		fi
	done <"$exports"
	# Unchanged answers must not rebuild everything.
	if cmp -s "$new" "$config"; then
		rm -f "$new"
	else
		mv -f "$new" "$config"
	fi
}

whole_tree() {
	kdir=$1
	mkdir -p "$2" || exit 1
	out=$(cd "$2" && pwd)
	top=$(cd "$(dirname "$0")/.." && pwd)
	[ -e "$kdir/Makefile" ] || die "$kdir is not a kernel tree"
	{
		echo "HVIC_TOP := $top"
		echo "include $top/compat/Kbuild"
		echo "always-y += compat/config.h"
	} >"$out/Kbuild"
	exec make -C "$kdir" M="$out" modules
}

case ${1-} in
ask)	shift; ask "$@" ;;
decide)	shift; decide "$@" ;;
'')	sed -n '5,13s/^# \{0,1\}//p' "$0"; exit 2 ;;
*)	[ $# -eq 2 ] || { sed -n '5,13s/^# \{0,1\}//p' "$0"; exit 2; }
	whole_tree "$@" ;;
esac
