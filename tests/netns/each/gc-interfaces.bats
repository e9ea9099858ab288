#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# gc-interfaces.bats - GC of one of a container's two interfaces
#
# rows: iface wire ipam

load row

@test "GC tells the interfaces of a container apart" {
	containers c1
	c=$(row_conf 'if .isDefaultGateway then .isDefaultGateway = false |
		.isGateway = true else . end | if .ipam.routes then
		.ipam.routes = [] else . end')
	attach "$c" c1 eth0
	one=$prev
	before=$(snapshot)
	attach "$c" c1 eth1
	two=$prev
	collects "$(with_valid "$c" c1 eth0)"
	same_as "$before"
	checks "$one" c1 eth0
	fails '10[0-9]' . ask CHECK "$two" c1 eth1
}
