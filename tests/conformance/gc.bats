#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# gc.bats - GC collects what is not listed, of its network alone

load suite

# bats test_tags=any
@test "GC: leaves alone what is listed, prints nothing" {
	containers c1
	attach
	s=$(state)
	collects "$(with_valid "$C" c1 "$IF")"
	silent
	left "$s"
}

# A runtime that has no list sends none: libcni does.
# bats test_tags=any
@test "GC: without a list leaves all alone" {
	containers c1
	attach
	s=$(state)
	collects "$C"
	collects "$(edited '."cni.dev/valid-attachments" = null')"
	left "$s"
}

# bats test_tags=outside
@test "GC: collects a dead container's, and keeps a living one's" {
	containers c1
	settle
	attach "$C" c1
	s=$(state)
	containers c3
	attach "$C" c3
	end c3
	collects "$(with_valid "$C" c1 "$IF")"
	left "$s"
}

# bats test_tags=outside
@test "GC: an empty list is that nothing lives" {
	containers c1
	settle
	end c1
	s=$(state)
	containers c1
	attach
	end c1
	collects "$(with_valid "$C")"
	left "$s"
}

# bats test_tags=outside
@test "GC: leaves another network alone" {
	containers c1
	# of the same name to begin with
	two=$(edited '.name += "-two" | if .isDefaultGateway then
		.bridge = "br1" else . end | if .ipam.ranges then
		.ipam.ranges = [[{subnet: "10.10.0.0/24"}]] |
		.ipam.routes = [] else . end')
	attach "$two" c1
	s=$(state)
	collects "$(with_valid "$C")"
	left "$s"
}

# bats test_tags=iface
@test "GC: is handed on to the IPAM plugin" {
	delegate some-ipam </dev/null
	collects "$(with_valid "$(edited '.ipam = {type: "some-ipam"}')")"
	is "$(cat "$TMP/some-ipam.asked")" GC
}

# bats test_tags=iface
@test "GC: an error of the IPAM plugin is reported" {
	delegate some-ipam <<-'E'
	echo '{"cniVersion": "1.1.0", "code": 113, "msg": "no garbage today"}'
	exit 1
	E
	refused '[0-9]+' GC "$(with_valid "$(edited '.ipam = {type: "some-ipam"}')")"
}

# bats test_tags=any
@test "GC: on a host where nothing was attached makes nothing" {
	s=$(state)
	collects "$(with_valid "$C")"
	left "$s"
}
