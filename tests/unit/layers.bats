#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# layers.bats - no library includes one that is above it, or beside it

cd "$BATS_TEST_DIRNAME/../.." || exit 2

# below LAYER: the layers that it may include, itself among them
below() {
	case $1 in
	base) echo base ;;
	cni | route | fw) echo "base $1" ;;
	attach) echo "base cni route fw attach" ;;
	esac
}

# slips FOLDER: the includes in FOLDER/<layer>/ that are not below that layer,
# and those that name no layer
slips() {
	local file line layer ok
	while IFS=: read -r file line; do
		layer=${file#"$1"/} layer=${layer%%/*}
		line=${line#*\"} line=${line%%\"*}
		for ok in $(below "$layer"); do
			[[ $line = "$ok"/* ]] && continue 2
		done
		echo "$file: $line"
	done < <(grep -rE '^#[[:space:]]*include[[:space:]]*"' "$1" --include='*.[ch]')
}

@test "each folder of lib is a layer" {
	for d in lib/*/; do
		[[ -n $(below "$(basename "$d")") ]] || { echo "$d"; return 1; }
	done
}

@test "no library includes what is above it" {
	run slips lib
	echo "$output"
	[[ $status = 0 && -z $output ]]
}

@test "an include of what is above, or of no layer, would be told" {
	lib=$BATS_TEST_TMPDIR/lib
	mkdir -p "$lib/base" "$lib/route" "$lib/cni"
	echo '#include "base/auto.h"' >"$lib/route/good.c"
	echo '#include "cni/cni.h"' >"$lib/base/up.h"
	echo '# include "route/rt.h"' >"$lib/cni/beside.c"
	echo '#include "auto.h"' >"$lib/cni/none.c"
	run slips "$lib"
	[[ $(sort <<<"$output") = "$lib/base/up.h: cni/cni.h
$lib/cni/beside.c: route/rt.h
$lib/cni/none.c: auto.h" ]]
}

@test "no plugin includes another one" {
	run grep -rnE '^#[[:space:]]*include[[:space:]]*"\.\.' plugins
	echo "$output"
	[[ $status = 1 ]]
}

# circles FOLDER: the files of FOLDER (name.c and name.h are one) that include
# each other in a circle
circles() {
	local file from to
	while IFS=: read -r file to; do
		from=${file##*/} from=${from%.*}
		to=${to#*\"} to=${to%%\"*}
		[[ $to != */* || $to = "${1##*/}"/* ]] || continue
		to=${to##*/} to=${to%.h}
		[[ $from = "$to" ]] || echo "$from $to"
	done < <(grep -HE '^#[[:space:]]*include[[:space:]]*"' "$1"/*.[ch]) |
		{ tsort >/dev/null; } 2>&1
}

@test "no files of a folder include each other in a circle" {
	for d in lib/* plugins/*/; do
		run circles "${d%/}"
		echo "$d: $output"
		[[ $status = 0 && -z $output ]]
	done
}

@test "a circle would be told" {
	lib=$BATS_TEST_TMPDIR/lib/base
	mkdir -p "$lib"
	echo '#include "base/b.h"' >"$lib/a.c"
	echo '#include "c.h"' >"$lib/b.c"
	echo '#include "base/a.h"' >"$lib/c.h"
	run circles "$lib"
	[[ $status != 0 && $output = *a*b*c* ]]
}
