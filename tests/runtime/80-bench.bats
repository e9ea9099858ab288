#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # scripts of other programs
# 80-bench.bats - make bench, with few of everything: what it measures and shows,
# not how much that is

load runtime

setup_file() {
	export B=$BATS_FILE_TMPDIR/o/bench
	# nobody else is there: what is left is bench's
	unshare -nmp --fork --mount-proc bash -eu -c '
		mount -t tmpfs none /run
		mkdir /run/mount # of mount(8)
		left() { cat /proc/self/mounts; ip -br link; nft list ruleset
			find /run /var/lib/cni -mindepth 1 2>/dev/null || :
			ps -e -o comm= --sort comm; }
		left >"$1/before"
		MAKEFLAGS= make bench O="$1/o" BENCH_BIN="$BIN" GO="$2" \
			BENCH_ROUNDS=1 BENCH_SHARE=50 >"$1/log" 2>&1 ||
			{ cat "$1/log"; exit 1; }
		left >"$1/after"
	' - "$BATS_FILE_TMPDIR" "${CNIC_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/cnic}/go-plugins"
}

@test "nothing is left but the samples, the table and the pictures" {
	diff "$BATS_FILE_TMPDIR/before" "$BATS_FILE_TMPDIR/after"
	is "$(cd "$B" && echo *)" \
		"add.svg host-local.svg samples.jsonl short.md table.md"
}

# has SCENE SUITE PLUGIN VERB: samples of both kinds, of calls that went well. A
# small process may have a resident set of 0 (tests/perf/run.h)
has() {
	gojq -e -s --arg scene "$1" --arg suite "$2" --arg plugin "$3" \
		--arg verb "$4" 'map(select(.scene == $scene and
		.suite == $suite and .plugin == $plugin and .verb == $verb))
		| (map(select(.exit == 0 and .round == 1
			and .wall_us > 0 and .cpu_us > 0 and .minflt > 0
			and .majflt >= 0 and .maxrss_kib >= 0)) | length == 1)
		and (map(select(.exit == 0 and .processes > 0
			and .rtnetlink >= 0 and .nft >= 0)) | length == 1)' \
		"$B/samples.jsonl" >/dev/null || {
		echo "$*:"
		gojq -c --arg scene "$1" --arg suite "$2" --arg plugin "$3" \
			--arg verb "$4" 'select(.scene == $scene and
			.suite == $suite and .plugin == $plugin and
			.verb == $verb)' "$B/samples.jsonl"
		return 1
	}
}

@test "each verb of each plugin of each suite has its samples" {
	for suite in cnic go; do
		for verb in ADD CHECK STATUS GC DEL; do
			for p in loopback static host-local macvlan ptp bridge; do
				has $p $suite $p $verb
			done
			for p in bridge portmap firewall tuning chain; do
				has chain $suite $p $verb
				has port $suite $p $verb
			done
		done
		for p in bridge portmap firewall tuning chain; do
			has chain $suite $p NONE
		done
	done
	for verb in ADD DEL; do
		has bridge floor bridge $verb
		has host-local floor host-local $verb
		has ports cnic chain $verb
		has crowded cnic chain $verb
		has wide cnic chain $verb
	done
}

@test "sizes have their samples, of all three" {
	gojq -e -s '[group_by(.scene)[] | {key: .[0].scene, value: (
		map([.suite, .x]) | unique | length)}] | from_entries |
		.pods == 15 and .store == 18 and .burst == 3 and .pairs == 3 and
		.dead == 2' "$B/samples.jsonl"
	# 20 pairs of 20 containers
	gojq -e -s 'map(select(.scene == "pairs" and .plugin == "bridge"))
		| group_by([.suite, .verb]) | map(length) ==
		[20, 20, 20, 20, 20, 20]' "$B/samples.jsonl"
}

# counted SUITE PLUGIN VERB: processes, messages, transactions
counted() {
	gojq -r --arg suite "$1" --arg plugin "$2" --arg verb "$3" \
		'select(.processes and .scene == $plugin and .suite == $suite
		and .verb == $verb) | [.processes, .rtnetlink, .nft] |
		join(" ")' "$B/samples.jsonl"
}

@test "no static executable of ours takes two megabytes" {
	static=$(readelf -lW "$BIN"/* | grep -c INTERP) || :
	[[ $static = 0 ]] || return 0 # others have what their libraries take
	is "$(gojq -c 'select(.suite == "cnic" and .maxrss_kib >= 2048)' \
		"$B/samples.jsonl")" ''
}

@test "counts are those of the floor's program, and have helpers" {
	is "$(counted floor bridge ADD)" '1 7 0'
	is "$(counted floor bridge DEL)" '1 1 0'
	is "$(counted floor host-local ADD)" '1 0 0'
	# one process, also where IPAM is host-local's
	matches "$(counted cnic bridge ADD)" '^1 [1-9][0-9]* 1$'
	# it starts host-local, iptables and what iptables starts
	read -r processes messages commits < <(counted go bridge ADD)
	((processes > 2 && messages > 7 && commits > 0))
}

@test "GC of the dead leaves none of ours" {
	is "$(gojq -r 'select(.left != null and .suite == "cnic") | .left' \
		"$B/samples.jsonl" | sort -u)" 0
}

@test "the table has each row" {
	for p in loopback static host-local macvlan ptp bridge firewall tuning \
		'portmap, a port' "nerdctl's chain" 'the chain, a port'; do
		for verb in ADD CHECK STATUS GC DEL; do
			is "$(grep -c "^| $p | $verb |" "$B/table.md")" 1 "$p $verb"
		done
	done
	for row in '1 at once, all | ADD' '20 pairs, 32 workers, all | ADD, DEL' \
		'bridge, 10 dead | GC' 'bridge, 0 pods | ADD' \
		'bridge, 20 pods | DEL' 'host-local, 1,200 reservations | ADD' \
		'the same, 320 ports mapped | ADD' \
		'206 ports, 320 mapped | ADD' 'tuning | DEL of nothing' \
		'host-local, 1,200 reservations | STATUS'; do
		is "$(grep -c "^| $row |" "$B/table.md")" 1 "$row"
	done
	# as many cells everywhere
	is "$(grep '^|' "$B/table.md" | tr -cd '|\n' | sort -u)" '|||||||||||||'
	not grep -E 'fails|null|missing' "$B/table.md"
	# shown, too
	tail -n 1 "$B/table.md" | grep -qxFf - "$BATS_FILE_TMPDIR/log"
}

@test "the pictures are well-formed, and name three curves" {
	for f in add host-local; do
		xmllint --noout "$B/$f.svg"
		for text in cnic 'Go plugins' 'the kernel alone'; do
			grep -q ">$text<" "$B/$f.svg"
		done
		grep -q 'prefers-color-scheme: dark' "$B/$f.svg"
		not grep -E " (color|fill|stroke)=.(black|white)" "$B/$f.svg"
	done
}

@test "the README gets the table, and keeps the rest" {
	printf '%s\n' before '<!-- bench -->' old '<!-- /bench -->' after \
		>"$TMP/README.md"
	for _ in 1 2; do
		tests/perf/report.sh "$B" "$TMP/doc" "$TMP/README.md"
		is "$(head -n 2 "$TMP/README.md" | xargs)" 'before <!-- bench -->'
		is "$(tail -n 2 "$TMP/README.md" | xargs)" '<!-- /bench --> after'
		not grep old "$TMP/README.md"
		is "$(grep -c '^| bridge | ADD |' "$TMP/README.md")" 1
	done
	cmp "$TMP/doc/table.md" "$B/table.md"
	echo none >"$TMP/README.md"
	run tests/perf/report.sh "$B" "$TMP/doc" "$TMP/README.md"
	is "$status" 1
	is "$(<"$TMP/README.md")" none
}

@test "a call of ours that failed is a failure" {
	mkdir "$TMP/b"
	cp "$B/samples.jsonl" "$TMP/b/"
	gojq -c 'select(.scene == "ptp" and .suite == "cnic" and .verb == "GC")
		| .exit = 1' "$B/samples.jsonl" >>"$TMP/b/samples.jsonl"
	run tests/perf/report.sh "$TMP/b"
	is "$status" 1
	is "$output" "ptp: GC of cnic's ptp failed"
}

# timed SCRIPT VERBS: what timer says of a plugin that is this script
timed() {
	rm -rf "$TMP/fake"
	mkdir -p "$TMP/fake"/{bin,ns}
	printf '#!/bin/sh\n%s\n' "$1" >"$TMP/fake/bin/p"
	chmod +x "$TMP/fake/bin/p"
	echo p >"$TMP/fake/chain"
	echo '{"name": "n"}' >"$TMP/fake/p.json"
	ln -s /proc/self/ns/net "$TMP/fake/host"
	run "${B%/bench}/release/perf/timer" fake 1 1 "$2" "$TMP/fake"
}

@test "a call gets its configuration, what the verb adds to it, and a failure is told" {
	timed 'cat >>"$0.in"; exit 3' ADD,GC,NONE
	is "$status" 0
	is "$(gojq -r 'select(.wall_us) | "\(.verb) \(.exit)"' \
		<<<"$(grep '^{"scene"' <<<"$output")" | xargs)" \
		'ADD 3 GC 3 NONE 3'
	is "$(gojq -c . "$TMP/fake/bin/p.in" | xargs -d '\n')" \
		'{"name":"n"} {"cni.dev/valid-attachments":[{"containerID":"c1","ifname":"eth0"}],"name":"n"} {"name":"n"}'
	matches "$output" 'fake: fake: GC of .*/bin/p exits with 3'
	timed 'kill -9 $$' ADD
	matches "$output" '"exit":137'
}

@test "a process that a plugin leaves behind is noticed" {
	timed 'until [ -e "$0.go" ]; do sleep 0.1; done &
		[ "$CNI_COMMAND" = ADD ] || { : >"$0.go"; wait; sleep 5; }' ADD,DEL
	is "$status" 2
	matches "$output" 'a process was started that nobody knows'
}
