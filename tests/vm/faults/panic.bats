# SPDX-License-Identifier: GPL-2.0-or-later
# panic.bats - the kernel panics
@test "before" { true; }
@test "panic" { echo c >/proc/sysrq-trigger; sleep infinity; }
