# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# jobs.sh - what .ci/run and .ci/all share: jobs, what each of them took, and
# the sum of all. To be sourced at the start, in the repository.
#
#   prepare COMMAND...  what a machine needs once: packages, the real clients.
#                       Its seconds are said, and no job's.
#   job COMMAND...      runs it, shows its output, counts
#   beside COMMAND...   the same in the background and with less priority, while
#                       other jobs wait more than they compute
#   together            waits for what is beside, and shows it
#   finish              the table, what failed, and the sum as the last line;
#                       fails if anything did
#
#   BUDGET=S            more seconds than these, without what was prepared, are
#                       a failure
#   RECORDS=folder      a job that passed with these sources and this kernel is
#                       not run again: who did so and when is kept there
#   UNREAD=(PATTERN...) what the next jobs do not read, as find's -path takes it:
#                       no source of theirs
#
# A job whose output has lines "N passed, N failed" counts as so many tests,
# any other one as one. Lines "deps: ... took N s" are about what was prepared.

# shellcheck disable=SC2034 # whoever sources this sets them
began=$SECONDS passed=0 failed=0 skipped=0 prepared=0
broken=() table=() preparations=() behind=() UNREAD=()
work=$(mktemp -d "${TMPDIR:-/tmp}/cnic-ci.XXXXXX")
trap 'leave' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

leave() {
	local entry
	for entry in "${behind[@]}"; do kill "${entry%% *}" 2>/dev/null; done
	wait
	rm -rf "$work"
}

# sources: a word that is another one where a file of the repository is, but for
# what is unread, or the kernel
sources() {
	local but=(-path ./.git -o -path ./build) pattern
	for pattern in "${UNREAD[@]}"; do but+=(-o -path "$pattern"); done
	{
		uname -rm
		find . \( "${but[@]}" \) -prune -o \
			! -type d -printf '%m %p %l\n' | sort
		find . \( "${but[@]}" \) -prune -o \
			-type f -print0 | sort -z | xargs -0 sha256sum
	} | sha256sum | cut -c 1-40
}

# counted <OUTPUT: prints how many tests passed, failed and were skipped, and
# the seconds in which packages were installed
counted() {
	awk '
	/^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$/ {
		good += $1; bad += $3; skip += $5
	}
	/^deps: .* took [0-9]+ s$/ { deps += $(NF - 1) }
	END { print good + 0, bad + 0, skip + 0, deps + 0 }'
}

# took KIND SECONDS TEXT: a line of the table; KIND is job or prepare
took() {
	case $1 in
	job) table+=("$(printf '%7d  %s' "$2" "$3")") ;;
	prepare)
		preparations+=("$(printf '%7d  %s' "$2" "$3")")
		prepared=$((prepared + $2))
		;;
	esac
}

# ended NAME STATUS SECONDS LOG: counts what job NAME was, in its caller's $good,
# $bad and $skip too; returns whether it passed
ended() {
	local deps
	printf '== exit status %s after %s s\n' "$2" "$3"
	read -r good bad skip deps < <(counted <"$4")
	# it failed outside any test, or has none
	if [ "$2" != 0 ] && [ "$bad" = 0 ]; then
		bad=1
	elif [ $((good + bad + skip)) = 0 ]; then
		good=1
	fi
	passed=$((passed + good)) failed=$((failed + bad))
	skipped=$((skipped + skip))
	[ "$bad" = 0 ] || broken+=("$1")
	[ "$deps" = 0 ] || took prepare "$deps" "packages for $1"
	took job $(($3 - deps)) "$1"
	[ "$bad" = 0 ]
}

prepare() {
	local start=$SECONDS status
	printf '\n== %s\n' "$*"
	"$@" </dev/null 2>&1
	status=$?
	if [ $status != 0 ]; then
		failed=$((failed + 1))
		broken+=("$*")
	fi
	took prepare $((SECONDS - start)) "$*"
	printf '== exit status %s after %s s\n' $status $((SECONDS - start))
}

# earlier NAME: whether it passed already, which is counted then
earlier() {
	local seconds when name
	[ -f "$RECORDS/$before" ] || return 1
	while IFS=$'\t' read -r good skip seconds when name; do
		[ "$name" = "$1" ] || continue
		printf '\n== %s\n== passed at %s in %s s, not run again\n' \
			"$1" "$when" "$seconds"
		passed=$((passed + good)) skipped=$((skipped + skip))
		took job "$seconds" "$1 (at $when)"
		return 0
	done <"$RECORDS/$before"
	return 1
}

# record NAME SECONDS: it passed, unless its sources have changed meanwhile
record() {
	[ "$(sources)" = "$before" ] || return 0
	mkdir -p "$RECORDS"
	printf '%d\t%d\t%d\t%s\t%s\n' "$good" "$skip" "$2" \
		"$(date '+%F %T')" "$1" >>"$RECORDS/$before"
}

job() {
	local start=$SECONDS status seconds before good bad skip
	if [ -n "${RECORDS-}" ]; then
		before=$(sources)
		! earlier "$*" || return 0
	fi
	printf '\n== %s\n' "$*"
	"$@" </dev/null 2>&1 | tee "$work/log"
	status=${PIPESTATUS[0]}
	seconds=$((SECONDS - start))
	ended "$*" "$status" $seconds "$work/log" || return 0
	[ -z "${RECORDS-}" ] || record "$*" $seconds
}

# alone N COMMAND...: in the background; its status and seconds in $work/N.end
alone() {
	local n=$1 start=$SECONDS pid
	shift
	trap - EXIT INT
	nice -n 10 "$@" </dev/null >"$work/$n.log" 2>&1 &
	pid=$!
	trap 'kill $pid; wait $pid; exit 143' TERM
	wait $pid
	echo $? $((SECONDS - start)) >"$work/$n.end"
}

beside() {
	printf '\n== %s: in the background\n' "$*"
	alone ${#behind[@]} "$@" &
	behind+=("$! $*")
}

together() {
	local n status seconds good bad skip
	for n in "${!behind[@]}"; do
		wait "${behind[n]%% *}"
		status=1 seconds=0
		[ ! -f "$work/$n.end" ] || read -r status seconds <"$work/$n.end"
		printf '\n== %s: in the background\n' "${behind[n]#* }"
		cat "$work/$n.log"
		ended "${behind[n]#* } (beside others)" "$status" "$seconds" \
			"$work/$n.log" || :
		rm -f "$work/$n.end"
	done
	behind=()
}

finish() {
	local seconds entry
	together
	seconds=$((SECONDS - began - prepared))
	printf '\nseconds  job\n'
	printf '%s\n' "${table[@]}" | sort -s -k 1,1nr
	printf '%7d  in all%s\n' "$seconds" "${BUDGET:+, of $BUDGET}"
	if [ ${#preparations[@]} -gt 0 ]; then
		printf '\nseconds  besides, for what stays on this machine\n'
		printf '%s\n' "${preparations[@]}"
	fi
	if [ -n "${BUDGET-}" ] && [ "$seconds" -gt "$BUDGET" ]; then
		failed=$((failed + 1))
		broken+=("budget: $seconds s, of $BUDGET")
	fi
	for entry in "${broken[@]}"; do printf '\nfailed: %s\n' "$entry"; done
	printf '\n%s passed, %s failed, %s skipped\n' "$passed" "$failed" \
		"$skipped"
	[ "$failed" = 0 ]
}
