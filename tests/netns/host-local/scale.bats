#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# host-local/scale.bats - host-local with many at a time, and with many
# reservations

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
	is "$(jq -r '.ips[].address' "$TMP"/ADD.c* | sort -u | wc -l)" 200
	is "$(taken | wc -w)" 200
	many CHECK "$C" "$ids"
	many DEL "$C" "$ids"
	is "$(taken)" ""
	is "$(entries)" 0
}

@test "a pool smaller than the crowd: as many get one as there are" {
	C=$(pool '[[{"subnet": "10.1.2.0/27"}]]')
	not many ADD "$C" "$(echo c{1..50})"
	is "$(jq -r '.ips[0].address // empty' "$TMP"/ADD.c* |
		sort -u | wc -l)" 29
	is "$(jq -r 'select(.code == 101) | 1' "$TMP"/ADD.c* | wc -l)" 21
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

# calls VERB CONF ID: how many system calls that takes
calls() {
	traced -- "$@"
	is "$status" 0 "$*" >&2
	wc -l <"$TMP/trace"
}

# crowd: 60000 reservations, as the reference would have left them
crowd() {
	mkdir -p "$STORE/net"
	# a shell of its own: in this one bats looks at every command
	# shellcheck disable=SC2016
	(cd "$STORE/net" && bash -c 'for i in {1..250}; do
		for j in {1..240}; do
			printf "pod-%s-%s\r\neth0" "$i" "$j" >"10.17.$i.$j"
		done
	done')
}

@test "60000 reservations: ADD, CHECK and DEL cost what they cost with none" {
	needs_tool strace
	C=$(pool '[[{"subnet": "10.16.0.0/14"}]]')
	take "$C" first
	small="$(calls ADD "$C" c1) $(calls CHECK "$C" c1) $(calls DEL "$C" c1)"
	crowd
	is "$(taken | wc -w)" 60001
	# the first one reads them all, for the index
	take "$C" reader
	is "$(entries)" 60002
	big="$(calls ADD "$C" c1) $(calls CHECK "$C" c1) $(calls DEL "$C" c1)"
	is "$big" "$small" "system calls of ADD, CHECK, DEL"
	# an attachment that the reference made is found as quickly
	traced -- DEL "$C" pod-200-200
	is "$status" 0
	not test -e "$STORE/net/10.17.200.200"
	(($(wc -l <"$TMP/trace") <= ${small##* }))
	# right before them, the way past them is one listing of the folder
	write last_reserved_ip.0 10.17.1.0
	plain -- ADD "$C" c2
	is "$(jq -r '.ips[0].address' <<<"$out")" 10.17.1.241/14
	write last_reserved_ip.0 10.17.0.255
	C=$(pool '[[{"subnet": "10.17.0.0/16", "rangeStart": "10.17.1.1",
		"rangeEnd": "10.17.1.240"}]]')
	plain -- ADD "$C" c3
	is_error 101 'no IP addresses available'
	refuses 50 'no IP addresses available' STATUS "$C"
}

@test "60000 reservations: GC keeps two of them" {
	C=$(pool '[[{"subnet": "10.16.0.0/14"}]]')
	crowd
	ready "$C"
	collect "$(with_valid "$C" pod-1-1 eth0 pod-250-240 eth0)"
	is "$(taken)" "10.17.1.1 10.17.250.240"
	is "$(entries)" 2
	ready "$C"
}
