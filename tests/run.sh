#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh - runs test files, shows what failed and why, and counts
#
#   tests/run.sh FILE...    *.bats by bats, anything else is a program that
#                           prints TAP (testanything.org); lines
#                           "# note: ..." are shown in any case
#
# The last line is "N passed, N failed", with ", N skipped" where there were
# any. A file counts as one failed test more where it prints no plan, ends
# before its plan does, or exits non-zero though all its tests passed.
#
#   MUST_RUN=1       a skip is a failure, unless its reason "needs CONFIG_X"
#                    names an option that the running kernel lacks
#   TEST_TIMEOUT=S   what one file may take, in seconds (default: 900)
set -u
export LC_ALL=C.UTF-8
unset MAKEFLAGS MFLAGS MAKELEVEL # a test may run make for itself
[ $# -gt 0 ] || { echo "usage: tests/run.sh FILE..." >&2; exit 2; }

passed=0 failed=0 skipped=0 pid=
tmp=$(mktemp -d "${TMPDIR:-/tmp}/cnic-run.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'stop INT' INT
trap 'stop TERM' TERM
stop() {
	[ -z "$pid" ] || { kill "$pid"; wait "$pid"; }
	trap - "$1"
	rm -rf "$tmp"
	kill -s "$1" $$
}

# execute FILE: its output in $tmp/out, its exit status in $status
execute() {
	local run=("$1")
	case $1 in
	*.bats) run=(bats --tap "$1") ;;
	*/*) ;;
	*) run=("./$1") ;;
	esac
	# in the background, because timeout's own process group does not get
	# the terminal's ^C
	timeout -k 30 "${TEST_TIMEOUT:-900}" "${run[@]}" \
		</dev/null >"$tmp/out" 2>&1 &
	pid=$!
	wait "$pid"
	status=$?
	pid=
}

# judge: reads TAP in $tmp/out; prints four words, the number of tests that
# passed, failed and were skipped and whether the file as a whole did not do
# ("early", "plan", "status" or "-"), and then the skips that count as
# skipped, a line each: the name and the reason
judge() {
	awk -v status="$1" -v must="${MUST_RUN-}" '
	function skip(reason) {
		sub(/^.*# [Ss][Kk][Ii][Pp][^ ]* */, "", reason)
		return reason
	}
	function skipped(name, reason) {
		if (must == 1 && reason !~ /needs CONFIG_[A-Z0-9_]+/) {
			bad++
			return
		}
		if (reason == "")
			reason = "no reason given"
		skips[++skip_n] = name ": " reason
	}
	/^1\.\.[0-9]+/ && plan == "" {
		plan = substr($1, 4) + 0
		if (/# [Ss][Kk][Ii][Pp]/)
			skipped("all", skip($0))
		else if (plan == 0)
			plan = "none"
	}
	/^(not )?ok( |$)/ {
		ran++
		name = $0
		sub(/^(not )?ok *[0-9]* *(- )?/, "", name)
		if (/^not/)
			bad++
		else if (name ~ /# [Ss][Kk][Ii][Pp]/) {
			reason = skip(name)
			sub(/ *# [Ss][Kk][Ii][Pp].*$/, "", name)
			skipped(name, reason)
		} else
			good++
	}
	END {
		fault = "-"
		if (plan == "" || plan == "none")
			fault = "plan"
		else if (ran + 0 < plan)
			fault = "early"
		else if (status != 0 && bad + 0 == 0)
			fault = "status"
		print good + 0, bad + (fault != "-"), skip_n + 0, fault
		for (i = 1; i <= skip_n; i++)
			print skips[i]
	}' "$tmp/out"
}

# explain FAULT: that word as a sentence
explain() {
	case $1 in
	plan) echo "it printed no plan, or has no tests (exit status $status)" ;;
	early) echo "it ended before its last test (exit status $status)" ;;
	status) echo "its tests passed, but its exit status is $status" ;;
	esac
	[ "$status" != 124 ] || echo "it took longer than" \
		"${TEST_TIMEOUT:-900} s"
}

for file; do
	[ ! -t 1 ] || printf '  ...     %s\r' "$file"
	execute "$file"
	judge "$status" >"$tmp/verdict" || exit 2
	read -r good bad skip fault <"$tmp/verdict"
	passed=$((passed + good)) failed=$((failed + bad))
	skipped=$((skipped + skip))
	if [ "$bad" -gt 0 ]; then
		printf '  FAILED  %s: %d of %d\n' "$file" "$bad" \
			$((good + bad + skip))
		# what passed is of no interest here, unless it was not to skip
		grep -vE '^(1\.\.|ok )' "$tmp/out" | sed 's/^/          /'
		[ "${MUST_RUN-}" != 1 ] ||
			grep -iE '^(1\.\.0|ok) .*# skip' "$tmp/out" |
			grep -vE 'needs CONFIG_[A-Z0-9_]+' |
			sed 's/^/          MUST_RUN=1, but: /'
		explain "$fault" | sed 's/^/          /'
	else
		printf '  ok      %s: %d\n' "$file" "$good"
		sed -n 's/^# note: /          /p' "$tmp/out"
	fi
	sed -n '2,$s/^/          skipped: /p' "$tmp/verdict"
done

if [ "$skipped" -gt 0 ]; then
	echo "$passed passed, $failed failed, $skipped skipped"
else
	echo "$passed passed, $failed failed"
fi
[ "$failed" = 0 ]
