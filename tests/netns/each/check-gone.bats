#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# check-gone.bats - CHECK of any plugin, where nothing is attached: whoever keeps
# or makes something notices
#
# rows: iface iface-inside wire wire-inside inside chained chained-inside chained-saved-inside ipam
# layers: process valgrind guest

load row

setup() {
	row_up
	containers c1
}

@test "CHECK of what is not attached fails, and changes nothing" {
	attach
	detach
	before=$(snapshot)
	fails '10[0-9]' . ask CHECK "$prev"
	same_as "$before"
}

@test "CHECK of what was never attached fails" {
	containers c2
	attach
	fails '10[0-9]' . ask CHECK "$prev" c2
}
