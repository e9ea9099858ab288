#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
@test "it counts to three" {
	run "$BIN/few"
	[ "$status" = 3 ]
}
@test "after a failure nothing is run" {
	run "$BIN/few"
	[ "$status" = 3 ] || sleep 300
}
