#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# full-pool.bats - an ADD that finds no address says how many of those who have
# one live here, and what releases the others
#
# rows: first iface
# layers: process

load row

@test "a full pool: ADD says how many live, GC makes room" {
	containers c1 c2 c3
	C=$(row_conf '.ipam.ranges = [[{subnet: "10.9.0.0/29", rangeStart:
		"10.9.0.2", rangeEnd: "10.9.0.3"}]]')
	attach "$C" c1
	attach "$C" c2
	full='no IP addresses available.*; 2 addresses of it are reserved in .*; '
	fails 101 "$full"'2 attachments of the network have an interface here; GC' \
		ask ADD "$C" c3
	# the interface is gone, its reservation is not
	in_host ip link del "$(host_veth)"
	fails 101 "$full"'1 attachments of the network have an interface here; GC' \
		ask ADD "$C" c3
	collects "$(with_valid "$C" c1 $IF)"
	attach "$C" c3
}
