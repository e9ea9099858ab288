#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# kill.bats - the plugin is killed wherever it has just changed something: DEL
# leaves nothing then, the next ADD works, and the pool is whole. The sweep does
# it, here at every third place; at each, and in every way, it does with
# make SWEEP=all check-sweep.
#
# rows: first all

load row

# killed VERB
killed() {
	SWEEP_ONLY=$1,kill SWEEP_SHARE=1/3 "$TESTS/sweep/sweep.sh" "$ROW"
}

@test "ADD is killed" {
	killed ADD
}

@test "DEL is killed" {
	killed DEL
}

@test "GC is killed" {
	killed GC
}
