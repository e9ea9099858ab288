#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# 10-host-local.bats - host-local with 60000 reservations

load ../netns/helpers
load ../netns/host-local/host-local

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

@test "60000 reservations: all but GC cost what they cost with none" {
	needs_tool strace
	C=$(pool '[[{"subnet": "10.16.0.0/14"}]]')
	take "$C" first
	free "$C" first
	none=$(calls STATUS "$C")
	take "$C" first
	small="$(calls ADD "$C" c1) $(calls CHECK "$C" c1) $(calls DEL "$C" c1)"
	crowd
	is "$(taken | wc -w)" 60001
	# the first one reads them all, for the index
	take "$C" reader
	is "$(entries)" 60002
	big="$(calls ADD "$C" c1) $(calls CHECK "$C" c1) $(calls DEL "$C" c1)"
	is "$big" "$small" "system calls of ADD, CHECK, DEL"
	is "$(calls STATUS "$C")" "$none" "system calls of STATUS"
	# an attachment that the reference made is found as quickly
	traced -- DEL "$C" pod-200-200
	is "$status" 0
	not test -e "$STORE/net/10.17.200.200"
	(($(wc -l <"$TMP/trace") <= ${small##* }))
	# right before them, the way past them is one listing of the folder
	write last_reserved_ip.0 10.17.1.0
	plain -- ADD "$C" c2
	is "$(gojq -r '.ips[0].address' <<<"$out")" 10.17.1.241/14
	write last_reserved_ip.0 10.17.0.255
	C=$(pool '[[{"subnet": "10.17.0.0/16", "rangeStart": "10.17.1.1",
		"rangeEnd": "10.17.1.240"}]]')
	plain -- ADD "$C" c3
	is_error 101 'no IP addresses available'
	# a node whose pool is full is ready, and finds that out at no more cost
	is "$(calls STATUS "$C")" "$none" "system calls of STATUS, none free"
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
