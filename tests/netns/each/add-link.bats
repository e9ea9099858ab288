#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# add-link.bats - the interface that ADD makes
#
# rows: iface iface-inside wire wire-inside
# layers: process valgrind guest

load row

setup() {
	row_up
	containers c1
}

@test "each interface of the result is there and up, where it says" {
	attach
	json '[.interfaces[] | select(.sandbox != null) | [.name, .sandbox]]' \
		"[[\"$IF\",\"$(netns c1)\"]]"
	gojq -r '.interfaces[] | if .sandbox then "c1" else "HOST" end + " " +
		.name + " " + .mac' <<<"$res" >"$TMP/list"
	while read -r where name mac; do
		is "$(mac $where $name)" "$mac"
		in_ns $where ip -o link show dev $name up | grep $name
	done <"$TMP/list"
}

# Where no link has had news for a second, a kernel like 6.1 may put off some.
@test "the interface is up when ADD returns, and has its link-local address" {
	sleep 1.5
	attach
	in_ns c1 ip -o link show dev $IF up | grep -E 'state (UP|UNKNOWN)'
	in_ns c1 ip -6 -o addr show dev $IF scope link | grep -F 'inet6 fe80::'
}

@test "the sandbox is reported as it was given" {
	touch "$TMP/bound"
	in_host mount --bind "$(netns c1)" "$TMP/bound"
	attach "$C" c1 $IF "$TMP/../${TMP##*/}/bound"
	json '.interfaces[] | .sandbox // empty' "$TMP/../${TMP##*/}/bound"
	detach "$C" c1 $IF "$TMP/bound"
	is "$(links c1)" lo
	in_host umount "$TMP/bound"
}

@test "a second ADD of the same interface is refused, the first goes on" {
	attach
	before=$(snapshot)
	fails '10[012]' "$IF|already|duplicate" ask ADD
	same_as "$before"
	checks "$prev"
}

# Old kernels look for the name of the container's link on the host, too.
@test "a link of the host may have the name that the container's gets" {
	in_host ip link add $IF type ifb
	attach
	detach
	in_host ip link del $IF
}
