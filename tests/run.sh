#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh - runs test files, shows what failed and why, and counts
#
#   tests/run.sh FILE...    *.bats by bats, anything else is a program that
#                           prints TAP (testanything.org); lines
#                           "# note: ..." are shown in any case
#                           FILE.bats@ROW is that file with ROW in its
#                           environment: see tests/plugins
#
# The last line is "N passed, N failed", with ", N skipped" where there were
# any. A file counts as one failed test more where it prints no plan, ends
# before its plan does, or exits non-zero though all its tests passed.
#
#   MUST_RUN=1       a skip is a failure, unless its reason "needs CONFIG_X"
#                    names an option that the running kernel lacks
#   TEST_TIMEOUT=S   what one file may take, in seconds (default: 900)
#   TEST_JOBS=N      so many files at a time (default: 1); they are reported
#                    in the order in which they are given
#   RUN_BY=PROGRAM   what is no *.bats is run by that, such as qemu-s390x-static
#
# A file's line ends with the seconds it took.
set -u
export LC_ALL=C.UTF-8
unset MAKEFLAGS MFLAGS MAKELEVEL # a test may run make for itself
[ $# -gt 0 ] || { echo "usage: tests/run.sh FILE..." >&2; exit 2; }

passed=0 failed=0 skipped=0
tmp=$(mktemp -d "${TMPDIR:-/tmp}/cnic-run.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'stop INT' INT
trap 'stop TERM' TERM
stop() {
	local pids i
	mapfile -t pids < <(jobs -pr)
	if [ ${#pids[@]} -gt 0 ]; then
		kill "${pids[@]}"
		wait "${pids[@]}"
		# a timeout that has just made its child does not know it, and
		# ends alone; both are a process group
		kill -- "${pids[@]/#/-}"
		for ((i = 0; i < 600; i++)); do
			kill -0 -- "${pids[@]/#/-}" || break
			sleep 0.05
		done
	fi 2>/dev/null
	trap - "$1"
	rm -rf "$tmp"
	kill -s "$1" $$
}

# start N: the Nth file, its output in $tmp/N.out
start() {
	local run=("${files[$1]}")
	case ${run[0]} in
	*.bats) run=(bats --tap "${run[0]}") ;;
	*.bats@*) run=(env "ROW=${run[0]##*@}" bats --tap "${run[0]%@*}") ;;
	*/*) run=(${RUN_BY:+"$RUN_BY"} "${run[0]}") ;;
	*) run=(${RUN_BY:+"$RUN_BY"} "./${run[0]}") ;;
	esac
	# in the background, because timeout's own process group does not get
	# the terminal's ^C
	timeout -k 30 "${TEST_TIMEOUT:-900}" "${run[@]}" \
		</dev/null >"$tmp/$1.out" 2>&1 &
	number[$!]=$1
	began[$1]=${EPOCHREALTIME/[.,]/}
}

# gone: the process of one that has ended
gone() {
	local pid
	for pid in "${!number[@]}"; do
		kill -0 "$pid" 2>/dev/null || echo "$pid"
	done | head -n 1
}

# await: until one of them has ended; its exit status is in ended[N]. Of one that
# a signal ended, the shell may have told already, and waits no more: it knows
# the status when asked for that process.
await() {
	local pid='' status n
	wait -n -p pid
	status=$?
	if [ -z "${pid:=$(gone)}" ]; then
		echo "run.sh: a test was lost" >&2
		exit 2
	elif [ $status = 127 ]; then
		wait "$pid"
		status=$?
	fi
	n=${number[pid]}
	unset "number[$pid]"
	took[n]=$(((${EPOCHREALTIME/[.,]/} - began[n] + 50000) / 100000))
	ended[n]=$status
}

# judge STATUS <TAP: prints four words, the number of tests that passed, failed
# and were skipped and whether the file as a whole did not do ("early", "plan",
# "status" or "-"), and then the skips that count as skipped, a line each: the
# name and the reason
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
	}'
}

# explain FAULT STATUS: that word as a sentence
explain() {
	case $1 in
	plan) echo "it printed no plan, or has no tests (exit status $2)" ;;
	early) echo "it ended before its last test (exit status $2)" ;;
	status) echo "its tests passed, but its exit status is $2" ;;
	esac
	[ "$2" != 124 ] || echo "it took longer than" \
		"${TEST_TIMEOUT:-900} s"
}

# report N: the Nth file, which has ended
report() {
	local file=${files[$1]} status=${ended[$1]} out=$tmp/$1.out
	local good bad skip fault seconds
	seconds=$((took[$1] / 10)).$((took[$1] % 10))
	judge "$status" <"$out" >"$tmp/verdict" || exit 2
	read -r good bad skip fault <"$tmp/verdict"
	passed=$((passed + good)) failed=$((failed + bad))
	skipped=$((skipped + skip))
	if [ "$bad" -gt 0 ]; then
		printf '  FAILED  %s: %d of %d, %s s\n' "$file" "$bad" \
			$((good + bad + skip)) "$seconds"
		# what passed is of no interest here, unless it was not to skip
		grep -vE '^(1\.\.|ok )' "$out" | sed 's/^/          /'
		[ "${MUST_RUN-}" != 1 ] ||
			grep -iE '^(1\.\.0|ok) .*# skip' "$out" |
			grep -vE 'needs CONFIG_[A-Z0-9_]+' |
			sed 's/^/          MUST_RUN=1, but: /'
		explain "$fault" "$status" | sed 's/^/          /'
	else
		printf '  ok      %s: %d, %s s\n' "$file" "$good" "$seconds"
		sed -n 's/^# note: /          /p' "$out"
	fi
	sed -n '2,$s/^/          skipped: /p' "$tmp/verdict"
}

files=("$@") number=() began=() took=() ended=() reported=0
for ((n = 0; reported < $#;)); do
	while [ $n -lt $# ] &&
		[ $((n - ${#ended[@]})) -lt "${TEST_JOBS:-1}" ]; do
		start $n
		n=$((n + 1))
	done
	[ ! -t 1 ] || printf '  ...     %s\r' "${files[reported]}"
	await
	while [ -n "${ended[reported]-}" ]; do
		report $reported
		reported=$((reported + 1))
	done
done

if [ "$skipped" -gt 0 ]; then
	echo "$passed passed, $failed failed, $skipped skipped"
else
	echo "$passed passed, $failed failed"
fi
[ "$failed" = 0 ]
