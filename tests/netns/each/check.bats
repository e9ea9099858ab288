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
