#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# status.bats - STATUS of any plugin, where an ADD would work
#
# rows: all
# layers: process valgrind guest

load row

@test "STATUS of a host that can is silent, and changes nothing" {
	containers c1
	before=$(snapshot; find "$STORE")
	succeeds ask STATUS
	silent
	diff <(echo "$before") <(snapshot; find "$STORE")
	attach
	before=$(snapshot)
	succeeds ask STATUS
	silent
	same_as "$before"
}
