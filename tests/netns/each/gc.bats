#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# gc.bats - GC of any plugin: what lives is left alone, and so is everything where
# nobody says what lives
#
# rows: all
# layers: process valgrind guest

load row

setup() {
	row_up
	containers c1
}

@test "GC leaves alone what is listed" {
	attach
	before=$(snapshot)
	collects "$(with_valid "$C" c1 $IF)"
	same_as "$before"
	checks "$prev"
}

@test "GC without a list, or with null, removes nothing" {
	attach
	before=$(snapshot)
	collects
	collects "$(row_conf '."cni.dev/valid-attachments" = null')"
	same_as "$before"
	checks "$prev"
}

@test "GC with a list that makes no sense removes nothing" {
	attach
	before=$(snapshot)
	for list in '7' '"c1"' '{}' '[7]' '[null]' '[{}]' '[{"containerID": 7}]' \
		'[{"containerID": "../x", "ifname": "eth0"}]' \
		'[{"containerID": "c1", "ifname": "a/b"}]' \
		'[{"containerID": "c1"}]'; do
		echo "list: $list"
		fails '4|6|7' . ask GC \
			"$(row_conf ".\"cni.dev/valid-attachments\" = $list")"
		same_as "$before"
	done
}

@test "GC on a fresh host has nothing to do and makes nothing" {
	before=$(snapshot; find "$STORE")
	collects "$(with_valid "$C")"
	diff <(echo "$before") <(snapshot; find "$STORE")
}
