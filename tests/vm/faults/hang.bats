# SPDX-License-Identifier: GPL-2.0-or-later
# hang.bats - nothing happens any more
@test "hang" { sleep infinity; }
