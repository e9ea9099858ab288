#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# host-local/scale.bats - host-local with many at a time; with very many
# reservations it is in tests/scale

load ../helpers
load host-local

# many VERB CONF IDS: a process for each, at once; fails if one of them does
many() {
	local id pid r=0 pids=()
	for id in $3; do
		(plain -- "$1" "$2" "$id"
			cp "$stdout" "$TMP/$1.$id"
			exit "$status") 3>&- &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid" || r=1; done
	return $r
}

@test "100 at once: every ADD gets its own address, every DEL gives it back" {
	C=$(pool '[[{"subnet": "10.1.2.0/24"}], [{"subnet": "fd00::/64"}]]')
	ids=$(echo c{1..100})
	many ADD "$C" "$ids"
	is "$(gojq -r '.ips[].address' "$TMP"/ADD.c* | sort -u | wc -l)" 200
	is "$(taken | wc -w)" 200
	many CHECK "$C" "$ids"
	many DEL "$C" "$ids"
	is "$(taken)" ""
	is "$(entries)" 0
}

@test "a pool smaller than the crowd: as many get one as there are" {
	C=$(pool '[[{"subnet": "10.1.2.0/27"}]]')
	not many ADD "$C" "$(echo c{1..50})"
	is "$(gojq -r '.ips[0].address // empty' "$TMP"/ADD.c* |
		sort -u | wc -l)" 29
	is "$(gojq -r 'select(.code == 101) | 1' "$TMP"/ADD.c* | wc -l)" 21
	is "$(taken | wc -w)" 29
	many DEL "$C" "$(echo c{1..50})"
	is "$(taken)" ""
	all_of "$C" 29
}

@test "ADD, CHECK and DEL of many at once, with the reference in between" {
	C=$(pool '[[{"subnet": "10.1.2.0/26"}]]')
	take "$C" stays
	ids=$(echo c{1..20})
	for round in 1 2 3; do
		many ADD "$C" "$ids" &
		adding=$!
		for i in {1..30}; do
			flock "$STORE/net/lock" sh -c "
				rm -f '$STORE/net/10.1.9.'*
				printf 'go\r\neth0' >'$STORE/net/10.1.9.$i'"
		done &
		foreign=$!
		wait $adding
		wait $foreign
		many CHECK "$C" "$ids go"
		many DEL "$C" "$ids"
		free "$C" go
		is "$(taken)" 10.1.2.2 "round $round"
	done
	holds "$C" stays
	free "$C" stays
	all_of "$C" 61
}
