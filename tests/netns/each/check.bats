#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# check.bats - CHECK of any plugin
#
# rows: all
# layers: process valgrind guest

load row

setup() {
	row_up
	containers c1
}

@test "CHECK passes after ADD, and changes nothing" {
	attach
	before=$(snapshot)
	checks "$prev"
	same_as "$before"
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
