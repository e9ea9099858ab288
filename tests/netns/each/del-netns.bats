#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# del-netns.bats - DEL leaves nothing, whatever is missing: each path for the
# namespace, and the rest of the matrix (matrix.bash)
#
# rows: iface wire chained ipam ipam-plain
# layers: process

load row
load matrix

setup() {
	row_up
	containers c1 c9
	# an IPAM plugin does not look at them
	! gives || sandbox c1 c9
	matrix
}

@test "with its namespace" {
	gone "$(netns c1)"
}

@test "with CNI_NETNS empty while the namespace lives" {
	gone ''
}

@test "with a path where nothing is, while the namespace lives" {
	gone "$TMP/none"
}

@test "with a path that is a plain file" {
	touch "$TMP/file"
	gone "$TMP/file"
}

@test "with a path that is a directory" {
	gone "$TMP"
}

@test "with the path of a namespace that has not got the interface" {
	gone "$(netns c9)"
}

@test "with the store gone" {
	before=$(snapshot)
	attach
	mv "$STORE" "$TMP/away"
	detach
	mkdir "$STORE"
	# what comes before a chained plugin has its reservations there
	! chained || mv "$TMP/away/"* "$STORE"
	same_as "$before"
}
