# SPDX-License-Identifier: GPL-2.0-or-later
# skip.bats - not even the lack of a kernel option is an excuse here
@test "fine" { true; }
@test "lacks" { skip "needs CONFIG_X (the running kernel has it not)"; }
@test "bad" { echo neigh; false; }
