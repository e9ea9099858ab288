#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# fuzz.sh - runs libFuzzer on each target for a while; prints TAP
#
#   FUZZ=folder         the targets' programs; what they find goes to
#                       <folder>/<target>.found/
#   FUZZ_TARGETS=names  which ones
#   FUZZ_SECONDS=S      how long each; FUZZ_JOBS=N: so many at a time
#   FUZZ_STAMPS=folder  where is written down which program was run for how long
#                       and had no finding: it is not run again for as long, but
#                       named. A program is known by its code, wherever it was
#                       built.
#
# A corpus, <folder>/<target>.corpus, keeps what a run learned and is where the
# next one goes on; it starts with the seeds in tests/data/fuzz/<target>.
set -u
cd "$(dirname "$0")/../.." || exit 2
: "${FUZZ:?}" "${FUZZ_TARGETS:?}" "${FUZZ_SECONDS:?}" "${FUZZ_JOBS:=1}"
FUZZ=$(realpath "$FUZZ")
read -ra targets <<<"$FUZZ_TARGETS"

# An input takes microseconds. INPUT_TIMEOUT is for one that never ends.
INPUT_TIMEOUT=120

# code TARGET: a word that is another one where its program is, but for what
# only a debugger reads: the folder where it was built is in that
code() {
	objcopy -g -R .note.gnu.build-id "$FUZZ/$1" "$FUZZ/$1.code" &&
		sha256sum <"$FUZZ/$1.code" | cut -c 1-40
	rm -f "$FUZZ/$1.code"
}

# stamp TARGET: it had no finding
stamp() {
	[ -n "${FUZZ_STAMPS-}" ] || return 0
	mkdir -p "$FUZZ_STAMPS"
	echo "$(code "$1") $FUZZ_SECONDS $(date +%F)" >"$FUZZ_STAMPS/$1"
}

# stamped TARGET: whether the same program had none in that time; it is said
stamped() {
	local of seconds day
	[ -n "${FUZZ_STAMPS-}" ] && [ -f "$FUZZ_STAMPS/$1" ] || return 1
	read -r of seconds day <"$FUZZ_STAMPS/$1"
	[ "$seconds" -ge "$FUZZ_SECONDS" ] && [ "$of" = "$(code "$1")" ] ||
		return 1
	echo "# note: $1: not changed since $day, when it ran for $seconds s"
}

pids=()
trap 'kill "${pids[@]}" 2>/dev/null; exit 1' INT TERM

# prepare TARGET: the one folder that the program will see
prepare() {
	local work=$FUZZ/$1.work
	rm -rf "$work"
	mkdir -p "$work/seeds" "$FUZZ/$1.corpus" "$FUZZ/$1.found"
	mv "$FUZZ/$1.corpus" "$work/corpus"
	cp "tests/data/fuzz/$1"/* "$work/seeds"
}

# start TARGET: in the background, as the last of pids
start() {
	(cd "$FUZZ/$1.work" && exec "$FUZZ/$1" -print_final_stats=1 \
		-max_total_time="$FUZZ_SECONDS" -timeout=$INPUT_TIMEOUT \
		corpus seeds) >"$FUZZ/$1.log" 2>&1 </dev/null &
	pids+=($!)
}

# locate PROGRAM <LOG: addresses in it as functions and lines
locate() {
	local line
	while IFS= read -r line; do
		if [[ $line =~ ^\ *#[0-9]+\ .*\+(0x[0-9a-f]+)\) ]]; then
			echo "$line $(addr2line -pfe "$1" "${BASH_REMATCH[1]}")"
		else
			echo "$line"
		fi
	done
}

# report TARGET STATUS: what it found, and its line of TAP
report() {
	local name=$1 status=$2 work=$FUZZ/$1.work log=$FUZZ/$1.log n f
	n=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	for f in "$work"/*-*; do
		[ -f "$f" ] || continue
		mv "$f" "$FUZZ/$name.found/"
		echo "# found: $FUZZ/$name.found/${f##*/}"
		status=1
	done
	mv "$work/corpus" "$FUZZ/$name.corpus" && rm -rf "$work"
	# not one input would be no test
	if [ "$status" = 0 ] && [ "${n:-0}" -gt 0 ]; then
		echo "ok $((++number)) - $name"
		echo "# note: $name: $n executions in $FUZZ_SECONDS s"
		stamp "$name"
		return
	fi
	sed -E '/^#[0-9]|NEW_FUNC/d; s/ \(BuildId: .*//; /^Shadow/,/^MS:/d' \
		"$log" | cut -c 1-200 | head -n 60 | locate "$FUZZ/$name" |
		sed 's/^/# /'
	echo "not ok $((++number)) - $name: exit status $status"
}

number=0 changed=()
for t in "${targets[@]}"; do stamped "$t" || changed+=("$t"); done
targets=("${changed[@]}")
if [ ${#targets[@]} = 0 ]; then
	echo 1..1
	echo "ok 1 - no target has changed since it was run for as long"
	exit
fi
echo "1..${#targets[@]}"
while [ ${#targets[@]} -gt 0 ]; do
	now=("${targets[@]:0:FUZZ_JOBS}")
	targets=("${targets[@]:FUZZ_JOBS}")
	pids=()
	for t in "${now[@]}"; do
		prepare "$t" || exit
		start "$t"
	done
	for i in "${!now[@]}"; do
		wait "${pids[i]}"
		report "${now[i]}" $?
	done
done
