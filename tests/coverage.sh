#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# coverage.sh - which lines of lib/ and plugins/ were run since the build, a
# table by file, and what was not: with its reason, or without one
#
#   tests/coverage.sh O [EXCLUDE]
#
# O is a folder that was built as make coverage does. EXCLUDE, by default
# tests/coverage.exclude, lists the lines that nothing can run, each under its
# reason. A line is known there by its file, its function and its text, so that
# it may move; one that is run after all or is gone makes this fail. So do
# less than 95 % of the lines without a reason that are run. Under a reason "needs
# CONFIG_..." is what only some kernels run; there * stands for a whole
# function.
#
# A line is one that holds more than a comment or braces.
set -euo pipefail
export LC_ALL=C.UTF-8
O=$1 exclude=${2:-tests/coverage.exclude} least=95
tmp=$(mktemp -d "${TMPDIR:-/tmp}/cnic-coverage.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

# Every executable has counters of its own; their sums are by function.
programs=() objects=()
for p in "$O"/bin/* "$O"/unit/*; do
	[[ $p = *.d ]] || programs+=("$p") objects+=(-object "$p")
done
llvm-profdata merge -o "$tmp/profile" "$O"/profile/*
llvm-cov export -format=lcov -instr-profile="$tmp/profile" \
	"${programs[0]}" "${objects[@]:2}" >"$tmp/lcov" 2>"$tmp/log" ||
	{ cat "$tmp/log" >&2; exit 2; }

# file, number, how often it was run, function, text
awk -v OFS='\t' -v here="$PWD/" '
	/^SF:/ {
		file = substr($0, 4)
		if (index(file, here) == 1)
			file = substr(file, length(here) + 1)
		split("", starts)
	}
	file !~ /^(lib|plugins)\// { next }
	/^FN:/ {
		split(substr($0, 4), fn, ",")
		sub(/^.*:/, "", fn[2]) # a static one has its file before it
		starts[fn[1]] = fn[2]
	}
	/^DA:/ {
		split(substr($0, 4), da, ",")
		n[file, da[1]] = da[2]
	}
	/^end_of_record/ {
		comment = 0; inside = ""
		for (at = 1; (getline text <file) > 0; at++) {
			if (at in starts)
				inside = starts[at]
			gsub(/^[ \t]+|[ \t]+$/, "", text)
			code = text
			if (comment && !sub(/^.*\*\//, "", code))
				continue
			comment = 0
			gsub(/\/\*([^*]|\*[^\/])*\*\//, "", code)
			comment = sub(/\/\*.*/, "", code)
			if (inside != "" && (file, at) in n && code ~ /[A-Za-z0-9]/ &&
			    code !~ /^(} )?else( {)?$|^#/)
				print file, at, n[file, at], inside, text
		}
		close(file)
	}' "$tmp/lcov" | sort -t '	' -k 1,1 -k 2,2n >"$tmp/lines"
[ -s "$tmp/lines" ] || {
	echo "coverage: nothing was run in $O" >&2
	exit 2
}

awk -F '\t' -v least="$least" -v exclude="$exclude" '
	# what has a reason: file, function and text, as often as it is listed
	FILENAME == exclude {
		if ($0 == "")
			reason = option = 0
		else if (/^#/) {
			reason = 1
			option = option || /^# needs CONFIG_[A-Z0-9_]+/
		} else if (NF != 3 || !reason) {
			print exclude ":" FNR ": not a line under a reason"
			bad = 1
		} else if (option)
			some[$1 FS $2 FS $3] = 1
		else
			listed[$1 FS $2 FS $3]++
		next
	}
	!($1 in all) { files[++n_files] = $1 }
	{
		all[$1]++
		at = $1 FS $4 FS
		optional = (at $5) in some || (at "*") in some
		if ((at $5) in some)
			some[at $5] = 2
		if ((at "*") in some)
			some[at "*"] = 2
	}
	$3 > 0 { run[$1]++; next }
	optional { why[$1]++; next }
	listed[$1 FS $4 FS $5] > 0 {
		listed[$1 FS $4 FS $5]--
		why[$1]++
		next
	}
	{ left[++n_left] = "  " $1 ":" $2 "\t" $4 "\t" $5 }
	END {
		form = "%-34s %6d of %6d %6.1f %%  %4d with a reason\n"
		for (i = 1; i <= n_files; i++) {
			f = files[i]
			printf form, f, run[f], all[f],
				100 * run[f] / all[f], why[f]
			top = f
			sub(/\/.*/, "/", top)
			sum_all[top] += all[f]; sum_all["all"] += all[f]
			sum_run[top] += run[f]; sum_run["all"] += run[f]
			sum_why[top] += why[f]; sum_why["all"] += why[f]
		}
		print ""
		for (t in sum_all)
			if (t != "all")
				printf form, t, sum_run[t], sum_all[t],
					100 * sum_run[t] / sum_all[t], sum_why[t]
		printf form, "all", sum_run["all"], sum_all["all"],
			100 * sum_run["all"] / sum_all["all"], sum_why["all"]
		share = 100 * sum_run["all"] / (sum_all["all"] - sum_why["all"])
		printf "%.1f %% of what has no reason\n", share
		if (n_left) {
			print "\nnot run, and no reason in " exclude ":"
			for (i = 1; i <= n_left; i++)
				print left[i]
			if (share < least) {
				print "coverage: less than " least " %"
				bad = 1
			}
		}
		for (l in listed)
			if (listed[l] > 0) {
				print exclude ": run after all, or gone: " l
				bad = 1
			}
		for (l in some)
			if (some[l] == 1) {
				print exclude ": gone: " l
				bad = 1
			}
		exit bad
	}' "$exclude" "$tmp/lines"
