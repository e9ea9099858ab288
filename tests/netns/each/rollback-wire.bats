#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# rollback-wire.bats - a version that cannot say a result without addresses
#
# rows: wire

load row

@test "the result cannot be said in that version" {
	containers c1
	settle
	for v in 0.1.0 0.2.0; do
		undone '[0-9]+' 'cannot convert|IP address' ".cniVersion = \"$v\""
	done
}
