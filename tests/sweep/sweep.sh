#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sweep.sh - every row of tests/plugins, with each system call failing and with
# a kill at each system call, in namespaces of its own. Prints TAP; sweep.c,
# beside this one, does the work of one row.
#
#   tests/sweep/sweep.sh [ROW...]   rows of tests/plugins, such as bridge.ipv6
#                                   (default: all of its layer "sweep")
#
#   SWEEP=all        kills at calls that change nothing as well, and each kill
#                    in all ways: of one process or of all, followed by a DEL
#                    with the namespace or without it. Else they take turns.
#   SWEEP_SHARE=K/N  only the Kth of N equal shares of the places, from 1
#   SWEEP_WHAT=...   only "faults", or only "kills"
#   SWEEP_ONLY=...   VERB[,CALL[,ERROR]], for one row
#   O=<folder>       where this was built (default: build)
#   BIN=<folder>     plugins under test (default: $O/bin)
#   JOBS=N           rows at once (default: 4; they wait most of the time)
#   MUST_RUN=1       a skip is a failure, unless the kernel lacks an option
set -u
export LC_ALL=C.UTF-8
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
repo=$(realpath "$(dirname "$0")/../..")
o=$(cd "$repo" && realpath -m "${O:-build}")
bin=$(realpath -m "${BIN:-$o/bin}")

# shellcheck source=/dev/null # the table
. "$repo/tests/plugins.sh"

# --- one row --------------------------------------------------------------

# conf: the row's configuration, with pools small enough to be emptied
conf() {
	gojq -c "(.ipam.ranges[]?[]?.subnet) |=
		(sub(\"/24$\"; \"/29\") | sub(\"/64$\"; \"/125\")) |
		$(row_filter)" "$TESTS/data/$ROW_DATA.json"
}

# line: the tests of the row that plugins.sh has read
line() {
	local name=$ROW_NAME options config ipam
	read -ra options <<<"$ROW_SWEEP"
	[ "$ROW_BIN" = bin ] || bin=$o/$ROW_BIN
	[[ $ROW_ROLE != *inside ]] || options+=(-i)
	[[ $ROW_ROLE != chained* ]] || options+=(-c "$TESTS/data/base.json")
	[ -z "$ROW_HOST" ] || options+=(-b "$(row_host)")
	if [ -n "$ROW_NEEDS" ] && ! unshare -n sh -ec \
		"$(option_probe "$ROW_NEEDS")" >/dev/null 2>&1; then
		echo "ok - $name # skip needs $ROW_NEEDS (the running kernel" \
			"has it not)"
		return
	fi
	config=$(conf) || return 1
	ipam=$(gojq -r '.ipam.type // empty' <<<"$config")
	[ -z "$ipam" ] || options+=(-p "$bin/$ipam")
	[ "${SWEEP-}" != all ] || options+=(-a)
	[ -z "${SWEEP_SHARE-}" ] || options+=(-s "$SWEEP_SHARE")
	[ -z "${SWEEP_WHAT-}" ] || options+=(-w "$SWEEP_WHAT")
	[ -z "${SWEEP_ONLY-}" ] || options+=(-o "$SWEEP_ONLY")
	unshare -nm --propagation private sh -c '
		mount -t tmpfs none /run && mount -t tmpfs none /var/lib &&
		exec "$@"' sh "$o/sweep/sweep" -n "$name" "${options[@]}" \
		"$bin/$ROW_PLUGIN" "$bin" <<<"$config"
}

# job NUMBER: the same, as a whole in $tmp/NUMBER.done
job() {
	local out=$tmp/$1 status
	line >"$out" 2>&1
	status=$?
	# it may have ended in the middle
	[ "$status" = 0 ] || grep -q '^not ok' "$out" ||
		echo "not ok - $ROW_NAME: exit status $status" >>"$out"
	mv "$out" "$out.done"
}

# --- all of them ----------------------------------------------------------

# report: shows what is done since it was last asked
report() {
	local f
	for f in "$tmp"/*.done; do
		[ -f "$f" ] || continue
		grep -v '^# sum ' "$f"
		cat "$f" >>"$tmp/all"
		rm "$f"
	done
}

# total: what was injected, in lines that tests/run.sh shows
total() {
	awk -v seconds="$SECONDS" '
	$1 == "#" && $2 == "sum" {
		plugin[$3]
		faults[$3] += $4; add[$3] += $5; del[$3] += $6; gc[$3] += $7
		f += $4; k += $5 + $6 + $7
	}
	END {
		for (p in plugin)
			printf "# note: %s: %d faults, and kills: %d of " \
				"ADD, %d of DEL, %d of GC\n", p, faults[p],
				add[p], del[p], gc[p]
		printf "# note: faults injected: %d, kills: %d, in %d s\n", \
			f, k, seconds
	}' "$tmp/all"
}

[ "$(id -u)" = 0 ] || { echo "sweep: needs root" >&2; exit 2; }
[ -x "$o/sweep/sweep" ] || { echo "sweep: there is no $o/sweep/sweep" >&2; exit 2; }
tmp=$(mktemp -d "${TMPDIR:-/tmp}/cnic-sweep.XXXXXX")
pids=()
stop() {
	[ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null
	exit 1
}
trap 'rm -rf "$tmp"' EXIT
trap stop INT TERM

number=0 running=0
: >"$tmp/all"
rows=" $("$repo/tests/plugins.sh" rows sweep | xargs) "
for name; do
	[[ $rows = *" $name "* ]] ||
		{ echo "sweep: there is no row $name" >&2; exit 2; }
done
# start [NAME...]: the row in the background, if it is one of these
start() {
	row_in sweep || return 0
	[ $# = 0 ] || [[ " $* " = *" $ROW_NAME "* ]] || return 0
	if [ $running -ge "${JOBS:-4}" ]; then
		wait -n
		running=$((running - 1))
		report
	fi
	number=$((number + 1)) running=$((running + 1))
	job $number &
	pids+=($!)
}
row_each start "$@" || exit 2
wait
report
total
[ -z "${SWEEP_SHARE-}" ] ||
	echo "# note: of the places only a share: SWEEP_SHARE=$SWEEP_SHARE"
echo "1..$(grep -cE '^(not )?ok ' "$tmp/all")"
! grep -q '^not ok' "$tmp/all"
