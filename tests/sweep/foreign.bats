#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # $out of the harness
# foreign.bats - host-local with each system call failing, or killed there, in a
# store that the reference plugin has been in: all that it holds has to be read.
# sweep.sh does the same, and more, with a store that is in order.

load ../netns/helpers
load ../netns/host-local/host-local

setup() { host_up; }

# what an ADD or DEL calls
CALLS='openat read write close newfstatat flock fstatfs mkdir mkdirat readlinkat
	linkat unlinkat symlinkat renameat getdents64 getrandom utimensat'

# loader CALL: how many of these calls happen before main() starts to work
loader() {
	strace -qq -o "$TMP/trace" -e trace="$1" "$BIN/host-local" --version \
		>/dev/null
	# one at most is the writing of the version
	grep -c . "$TMP/trace" || :
}

# The pool has a single address, so that a lost one shows at once.
foreign() {
	rm -rf "${STORE:?}/net"
	write 10.7.0.9 'other\r\neth0'
	write 10.1.2.7 ''
}

# sweep VERB INJECTION CHECK: VERB with the N-th CALL injected, for every CALL
# and N; then the function CHECK
sweep() {
	local verb=$1 injection=$2 check=$3 call n hits=0
	needs_tool strace
	C=$(pool '[[{"subnet": "10.1.2.7/32"}]]')
	OTHER=$(pool '[[{"subnet": "10.7.0.0/24"}]]')
	for call in $CALLS; do
		n=$(loader "$call")
		[[ $call != write ]] || n=0
		for ((n++; n < 100; n++)); do
			foreign
			if [[ $verb = DEL ]]; then
				plain -- ADD "$C"
				is "$status" 0 "status of ADD"
			fi
			traced -e trace="$call" -e inject="$call:$injection:when=$n" \
				-- "$verb" "$C" 2>>"$TMP/killed"
			if [[ $injection != signal* ]] &&
				! grep -q INJECTED "$TMP/trace"; then break; fi
			[[ $injection != signal* || $status != 0 ]] || break
			hits=$((hits + 1))
			# not "|| ...": in the check, errors would not count
			$check "$call $n"
		done
		((n < 100))
	done
	((hits > 20)) || { echo "only $hits hits"; return 1; }
}

# The pool of one is whole, and others kept what they had.
whole() {
	plain -- CHECK "$OTHER" other
	is "$status" 0 "$1: other"
	plain -- ADD "$C" next
	is "$status" 0 "$1: the next ADD: $out"
	is "$(gojq -r '.ips[0].address' <<<"$out")" 10.1.2.7/32 "$1"
	plain -- DEL "$C" next
	is "$status" 0 "$1: its DEL"
	is "$(taken)" 10.7.0.9 "$1"
}

killed() {
	plain -- DEL "$C"
	is "$status" 0 "$1: DEL"
	# not even where the reference plugin would look for it
	is "$(grep -rlx $'c1\r' "$STORE")" "" "$1"
	whole "$1"
}

failed_add() {
	if [[ $status = 0 ]]; then
		is "$(gojq -r '.ips[0].address' <<<"$out")" 10.1.2.7/32 "$1"
		plain -- CHECK "$C"
		is "$status" 0 "$1: CHECK after success"
		plain -- DEL "$C"
		is "$status" 0 "$1: DEL"
	else
		is_error '[0-9]+' .
	fi
	not test -s "$STORE/net/10.1.2.7"
	whole "$1"
}

failed_del() {
	if [[ $status = 0 ]]; then
		is "$(grep -rlx $'c1\r' "$STORE")" "" "$1: DEL, and yet"
	else
		is_error '[0-9]+' .
	fi
	plain -- DEL "$C"
	is "$status" 0 "$1: the second DEL"
	whole "$1"
}

@test "ADD killed at any system call loses no address" {
	sweep ADD signal=KILL killed
}

@test "DEL killed at any system call loses no address" {
	sweep DEL signal=KILL killed
}

@test "ADD with any system call failing leaves nothing if it fails" {
	sweep ADD error=EIO failed_add
}

@test "DEL with any system call failing can be repeated" {
	sweep DEL error=EIO failed_del
}
