#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031
# image.bats - the program of the image for Kubernetes, and the image's form.
# container.bats runs it as a container.
#
#   INSTALL=<file>  that program

setup() {
	[[ -x ${INSTALL-} ]] || { echo "no program: make image"; return 1; }
	FROM=$BATS_TEST_TMPDIR/from TO=$BATS_TEST_TMPDIR/to/opt
	mkdir "$FROM"
	for p in alpha beta; do
		printf '#!/bin/sh\necho %s\n' $p >"$FROM/$p"
		chmod 0755 "$FROM/$p"
	done
	echo text >"$FROM/README"
}

is() {
	[ "$1" = "$2" ] || { diff <(echo "$2") <(echo "$1"); return 1; }
}
there() { find "$TO" -mindepth 1 -printf '%P %m\n' | sort; }
fails() {
	local text=$1
	shift
	run "$@"
	[ "$status" -eq 1 ]
	[[ $output = *"$text"* ]] || { echo "$output"; return 1; }
}

@test "the plugins are copied, and nothing else; the folder is made" {
	"$INSTALL" "$FROM" "$TO"
	is "$(there)" $'alpha 755\nbeta 755'
	is "$("$TO/alpha")" alpha
	is "$(stat -c %a "$TO")" 755
}

@test "what others put there stays, and so does the folder's mode" {
	mkdir -p "$TO/sub"
	echo mine >"$TO/mine"
	echo old >"$TO/alpha"
	chmod 0711 "$TO"
	"$INSTALL" "$FROM" "$TO"
	is "$(there)" $'alpha 755\nbeta 755\nmine 644\nsub 755'
	is "$(<"$TO/mine")" mine
	is "$(stat -c %a "$TO")" 711
	"$INSTALL" "$FROM" "$TO"
	is "$(there)" $'alpha 755\nbeta 755\nmine 644\nsub 755'
}

@test "a plugin that is replaced again and again can be run all the time" {
	"$INSTALL" "$FROM" "$TO"
	(
		while [ ! -e "$BATS_TEST_TMPDIR/stop" ]; do
			[ "$("$TO/alpha")" = alpha ] || exit 1
			echo >>"$BATS_TEST_TMPDIR/calls"
		done
	) &
	load=$!
	for _ in {1..30}; do "$INSTALL" "$FROM" "$TO"; done
	touch "$BATS_TEST_TMPDIR/stop"
	wait "$load"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/calls")" -gt 5 ]
}

@test "ten at once: each succeeds, and the plugins are whole" {
	for _ in {1..10}; do
		"$INSTALL" "$FROM" "$TO" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid"; done
	is "$(there)" $'alpha 755\nbeta 755'
	is "$("$TO/beta")" beta
}

@test "a copy that was killed leaves what there was, the next one is whole" {
	mkdir -p "$TO"
	echo old >"$TO/alpha"
	n=0
	for call in write fsync fchmod renameat; do
		strace -qq -o /dev/null -e trace=$call \
			-e inject=$call:signal=KILL:when=1 \
			"$INSTALL" "$FROM" "$TO" 2>/dev/null || n=$((n + 1))
		is "$(<"$TO/alpha")" old
	done
	is $n 4
	"$INSTALL" "$FROM" "$TO"
	is "$(there)" $'alpha 755\nbeta 755'
}

@test "a copy that fails says why, replaces nothing and leaves nothing" {
	mkdir -p "$TO"
	echo old >"$TO/alpha"
	before=$(there)
	# the second file's
	for call in write fsync fchmod; do
		fails "cannot write $TO/beta: No space left on device" \
			strace -qq -o /dev/null -e trace=$call \
			-e inject=$call:error=ENOSPC:when=2 \
			"$INSTALL" "$FROM" "$TO"
		is "$(there)" "$before"
		is "$(<"$TO/alpha")" old
	done
	fails "cannot replace $TO/alpha: Permission denied" \
		strace -qq -o /dev/null -e trace=renameat \
		-e inject=renameat:error=EACCES:when=1 "$INSTALL" "$FROM" "$TO"
	is "$(there)" "$before"
}

@test "folders that cannot be used are errors" {
	fails "cannot open $FROM/none: No such file" "$INSTALL" "$FROM/none" "$TO"
	mkdir "$FROM/empty"
	fails "cannot find plugins in $FROM/empty" \
		"$INSTALL" "$FROM/empty" "$TO"
	fails "cannot use $FROM/README: Not a directory" \
		"$INSTALL" "$FROM" "$FROM/README"
	run "$INSTALL"
	is "$status" 2
	run "$INSTALL" --what "$FROM" "$TO"
	is "$status" 2
}

@test "a configuration is written where it is asked for, after the plugins" {
	"$INSTALL" "$FROM" "$TO"
	is "$(find "$BATS_TEST_TMPDIR/to" -name '*.conflist')" ''
	# as a ConfigMap is mounted
	mkdir "$FROM/..data"
	echo '{}' >"$FROM/..data/net"
	ln -s ..data/net "$FROM/10-net.conflist"
	net=$BATS_TEST_TMPDIR/to/net.d/10-net.conflist
	"$INSTALL" --conf "$FROM/10-net.conflist" "$net" "$FROM" "$TO"
	is "$(<"$net")" '{}'
	is "$(stat -c '%a %F' "$net")" '644 regular file'
	is "$(ls -A "${net%/*}")" 10-net.conflist
	fails "cannot read $FROM/none: No such file" \
		"$INSTALL" --conf "$FROM/none" "$net" "$FROM" "$TO"
	fails 'cannot write name: Invalid argument' \
		"$INSTALL" --conf "$FROM/10-net.conflist" name "$FROM" "$TO"
}

@test "--wait ends with SIGTERM, and well" {
	"$INSTALL" --wait "$FROM" "$TO" >"$BATS_TEST_TMPDIR/out" &
	pid=$!
	for _ in {1..100}; do
		[ ! -s "$BATS_TEST_TMPDIR/out" ] || break
		sleep 0.05
	done
	kill -0 "$pid"
	kill -TERM "$pid"
	wait "$pid"
}
