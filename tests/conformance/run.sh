#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh - asks the CNI plugins of any folder what tests/conformance/plugins has
# for them; prints TAP (testanything.org), and at the end a score
#
#   tests/conformance/run.sh FOLDER [FILE...]    default: each file beside it
#
# A test is called "<row> <verb>: <text>", the row being <plugin> or
# <plugin>.<more>; ANY is a verb for what concerns all. The score has, for each
# plugin and verb, how many passed of those that were asked. What the plugin
# lacks by its own word (a skip) was not asked; a plugin that is not in the
# folder is named. The last line is "N passed, N failed".
#
#   ROWS='a b'     these rows only
#   TEST_JOBS=N    so many files at a time (default: two for each processor)
#   SCORE_ONLY=1   the exit status does not tell whether all passed, only that
#                  all was asked, and the last line is "N of M"
#
# Exit status: 0, all passed; 1, some failed; 2, the suite itself did. It works
# in namespaces and a folder of its own and needs root, bats, gojq, iproute2,
# nft, ping and socat. The Go plugins portmap, firewall, bridge and ptp start
# iptables, ip6tables and nft, which have to be in PATH.
set -u
here=$(cd "$(dirname "$0")" && pwd)
export LC_ALL=C.UTF-8
[[ $# -ge 1 && -d $1 ]] || { echo "usage: $0 FOLDER [FILE...]" >&2; exit 2; }
BIN=$(realpath "$1")
export BIN
shift
[[ $# -gt 0 ]] || set -- "$here"/[!h]*.bats # not harness.bats

tmp=$(mktemp -d "${TMPDIR:-/tmp}/cnic-conformance.XXXXXX")
leave() {
	local pids
	mapfile -t pids < <(jobs -pr)
	[[ ${#pids[@]} = 0 ]] || kill "${pids[@]}"
	wait
	rm -rf "$tmp"
}
trap leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# needs ROW: an IPAM plugin that is not in the folder, if that is so
needs() {
	local ipam
	ipam=$(gojq -r '.ipam.type // empty' "$here/conf/$1.json")
	[[ -z $ipam || -x $BIN/$ipam ]] || echo "$ipam"
}

# rows: the rows to be asked into $rows, their tags into $tags; the others'
# reasons into $tmp/absent
declare -A tags
rows=()
: >"$tmp/absent"
while read -r row words; do
	[[ $row && $row != '#'* ]] || continue
	[[ -z ${ROWS-} || " $ROWS " = *" $row "* ]] || continue
	if [[ ! -x $BIN/${row%%.*} ]]; then
		echo "${row%%.*} is not in the folder" >>"$tmp/absent"
	elif [[ -n $(needs "$row") ]]; then
		echo "$row is not asked: it needs $(needs "$row")" >>"$tmp/absent"
	else
		rows+=("$row")
		tags[$row]=$words
	fi
done <"$here/plugins"

# start N: the Nth of $asked, a row and a file
start() {
	local row=${asked[$1]%% *} file=${asked[$1]#* } word filter=()
	for word in ${tags[$row]} "$row"; do filter+=(--filter-tags "$word"); done
	# not with the suite's standard input, and without the terminal's ^C
	ROW=$row timeout -k 30 "${TEST_TIMEOUT:-1800}" \
		bats --tap "${filter[@]}" "$file" </dev/null >"$tmp/$1" 2>&1
	touch "$tmp/$1.ended"
}

# show N: its TAP, renumbered, and the row before each name; what it lacks of
# its plan is a failure of the suite
show() {
	awk -v row="${asked[$1]%% *}" -v file="${asked[$1]##*/}" -v n="$count" '
	/^1\.\.[0-9]+/ { plan = substr($1, 4) + 0; planned = 1; next }
	/^(not )?ok [0-9]+ / {
		ran++
		match($0, /^(not )?ok /)
		verdict = substr($0, 1, RLENGTH - 1)
		sub(/^(not )?ok [0-9]+ (- )?/, "")
		print verdict, ++n, "-", row, $0
		next
	}
	{ print ($0 ~ /^#/ ? "" : "# ") $0 }
	END {
		if (!planned || ran + 0 < plan)
			print "not ok", ++n, "-", row, "SUITE:", file,
				"did not run to its end"
	}' "$tmp/$1" | tee -a "$tmp/tap"
	count=$(grep -cE '^(not )?ok ' "$tmp/tap")
}

asked=()
for row in "${rows[@]}"; do
	for file; do asked+=("$row $file"); done
done

echo "TAP version 13"
count=0 shown=0 running=0
for ((n = 0; shown < ${#asked[@]};)); do
	while ((n < ${#asked[@]} && running < ${TEST_JOBS:-2 * $(nproc)})); do
		start $n &
		n=$((n + 1)) running=$((running + 1))
	done
	wait -n
	running=$((running - 1))
	while [[ $shown -lt $n && -e $tmp/$shown.ended ]]; do
		show $shown
		shown=$((shown + 1))
	done
done
echo "1..$count"

sort -u "$tmp/absent" |
	"$here/score.awk" -v "only=${SCORE_ONLY-}" - "$tmp/tap"
status=$?
[[ $status != 1 || ${SCORE_ONLY-} != 1 ]] || status=0
(exit $status)
