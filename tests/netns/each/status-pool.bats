#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# status-pool.bats - STATUS and the pool of addresses: a full one is no failure
#
# rows: iface iface-inside ipam
# layers: process

load row

@test "STATUS is good when no address is left: the node is at its capacity" {
	containers c1
	C=$(row_conf '.ipam.ranges = [[{subnet: "10.9.0.0/24", rangeStart:
		"10.9.0.7", rangeEnd: "10.9.0.7"}]]')
	succeeds ask STATUS
	attach
	succeeds ask STATUS
	detach
	succeeds ask STATUS
}

@test "STATUS is 50 when the store cannot be used" {
	touch "$TMP/file"
	fails 50 "$TMP/file" ask STATUS \
		"$(row_conf ".ipam.dataDir = \"$TMP/file/x\"")"
}
