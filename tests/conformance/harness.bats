#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# harness.bats - the conformance suite itself: a wrong plugin is seen and counted,
# one that is not there is named, and what breaks off is no success

setup() {
	TMP=$(mktemp -d "${BATS_TEST_TMPDIR:-/tmp}/conformance.XXXXXX")
	HERE=$BATS_TEST_DIRNAME
	export TMP
	unset BIN ROW ROWS MUST_RUN
	mkdir "$TMP/sut"
}
teardown() { rm -rf "$TMP"; }

# fake <SCRIPT: the folder's loopback does nothing of use; what the script does
# comes first
fake() {
	{
		printf '#!/bin/sh\n'
		cat
		cat <<-'E'
		[ "$CNI_COMMAND" != ADD ] || echo '{"cniVersion": "1.1.0"}'
		E
	} >"$TMP/sut/loopback"
	chmod +x "$TMP/sut/loopback"
}

# asked [FILE...]: run.sh on the folder; $status, and its output in $TMP/out
asked() {
	status=0
	"$HERE/run.sh" "$TMP/sut" "$@" >"$TMP/out" 2>&1 3>&- || status=$?
	cat "$TMP/out"
}
said() { grep -E "$1" "$TMP/out"; }

@test "a plugin that does as it is asked has a full score" {
	fake </dev/null
	asked "$HERE/status.bats"
	[ "$status" = 0 ]
	said '^# loopback  .* 2/2 .* 2/2$'
	[ "$(tail -n 1 "$TMP/out")" = "2 passed, 0 failed" ]
}

@test "a plugin that prints what it should not is counted, by plugin and verb" {
	fake <<-'E'
	[ "$CNI_COMMAND" != STATUS ] || echo ready
	E
	asked "$HERE/status.bats"
	[ "$status" = 1 ]
	said '^not ok [0-9]+ - loopback STATUS: a host that is ready'
	said '^ok [0-9]+ - loopback STATUS: is ready with'
	said '^1\.\.2$'
	said '^# loopback  .* 1/2 .* 1/2$'
	[ "$(tail -n 1 "$TMP/out")" = "1 passed, 1 failed" ]
	SCORE_ONLY=1 asked "$HERE/status.bats"
	[ "$status" = 0 ]
	[ "$(tail -n 1 "$TMP/out")" = "1 of 2" ]
}

@test "a plugin that leaves something on the host is counted" {
	fake <<-'E'
	[ "$CNI_COMMAND" != GC ] || ip link add left type bridge
	E
	asked "$HERE/gc.bats"
	[ "$status" = 1 ]
	said '^not ok .* loopback GC: leaves alone what is listed'
	said '^# \+HOST link left'
}

@test "what is not in the folder is said, and so is what cannot be asked then" {
	fake </dev/null
	ln -s loopback "$TMP/sut/bridge"
	ROWS='loopback bridge static' asked "$HERE/status.bats"
	[ "$status" = 0 ]
	said '^# static is not in the folder$'
	said '^# bridge is not asked: it needs host-local$'
}

@test "a folder without a plugin, and none at all, is a failure of the suite" {
	asked
	[ "$status" = 2 ]
	rm -r "$TMP/sut"
	asked
	[ "$status" = 2 ]
	said '^usage'
}

@test "a file of the suite that breaks off is its failure, a skip is not asked" {
	fake </dev/null
	# bats takes a line that begins with @test for a test of this file
	printf '%s\n' '# bats file_tags=any' \
		'@test "GC: one" { skip "not here"; }' \
		'@test "GC: two" { kill -9 $PPID; kill -9 $$; }' >"$TMP/one.bats"
	asked "$TMP/one.bats"
	[ "$status" = 2 ]
	said '^not ok [0-9]+ - loopback SUITE: one.bats did not run to its end$'
	sed -i '/two/d' "$TMP/one.bats"
	echo '@test "GC: three" { true; }' >>"$TMP/one.bats"
	asked "$TMP/one.bats"
	[ "$status" = 0 ]
	[ "$(tail -n 1 "$TMP/out")" = "1 passed, 0 failed, 1 skipped" ]
}
