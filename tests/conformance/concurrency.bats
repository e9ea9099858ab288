#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# concurrency.bats - ten containers at once, as the specification allows: on a
# host that is new to the network, and on one that is not
#
# bats file_tags=any

load suite

TEN=(c1 c2 c3 c4 c5 c6 c7 c8 c9 c10)

# what all_at_once is given; the result goes to $TMP/res.<ID>
add_one() { attach "$(own "$1")" "$1" && echo "$res" >"$TMP/res.$1"; }
check_one() { checks "$(with_prev "$(own "$1")" "$(<"$TMP/res.$1")")" "$1"; }
del_one() { detach "$(with_prev "$(own "$1")" "$(<"$TMP/res.$1")")" "$1"; }

# own ID: where addresses are configured, each container's are
own() {
	[[ $P != static ]] || { edited ".ipam.addresses[].address |=
		sub(\"7/\"; \"1${1#c}/\")"; return; }
	echo "$C"
}

# distinct: no two of them have an address in common, where they have any
distinct() {
	cat "$TMP"/res.c* | gojq -r '.ips[]?.address' | sort | uniq -d >"$TMP/twice"
	[[ $P = loopback ]] || is "$(<"$TMP/twice")" ''
}

@test "ADD: ten at once on a fresh host work, with addresses of their own" {
	containers "${TEN[@]}"
	all_at_once 10 add_one
	distinct
}

@test "CHECK: ten at once pass" {
	containers "${TEN[@]}"
	all_at_once 10 add_one
	all_at_once 10 check_one
}

@test "DEL: ten at once leave nothing" {
	containers "${TEN[@]}"
	all_at_once 10 add_one
	all_at_once 10 del_one
	s=$(state)
	all_at_once 10 add_one
	distinct
	all_at_once 10 del_one
	left "$s"
}
