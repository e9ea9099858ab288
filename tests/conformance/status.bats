#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# status.bats - STATUS says whether an ADD would work

load suite

# bats test_tags=any
@test "STATUS: a host that is ready is a success, prints and changes nothing" {
	s=$(state)
	succeeds ask STATUS
	silent
	left "$s"
}

# bats test_tags=any
@test "STATUS: is ready with a container attached" {
	containers c1
	attach
	s=$(state)
	succeeds ask STATUS
	left "$s"
}

# bats test_tags=lease
@test "STATUS: a store that cannot be used is code 50" {
	touch "$TMP/file"
	refused '5[01]' STATUS "$(edited ".ipam.dataDir = \"$TMP/file/x\"")"
}

# bats test_tags=iface
@test "STATUS: passes on what the IPAM plugin says" {
	delegate some-ipam <<-'E'
	echo '{"cniVersion": "1.1.0", "code": 51, "msg": "half of it works"}'
	exit 1
	E
	refused 51 STATUS "$(edited '.ipam = {type: "some-ipam"}')"
}

# bats test_tags=iface
@test "STATUS: fails where the IPAM plugin is not there" {
	refused '[0-9]+' STATUS "$(edited '.ipam = {type: "no-such"}')"
}
