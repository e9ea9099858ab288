#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# rollback-ipam.bats - an ADD whose addresses or routes cannot be had leaves
# everything as it was, and the next one works
#
# rows: iface iface-inside
# layers: process

load row

setup() {
	row_up
	containers c1
	settle
}

@test "the address pool is empty" {
	undone 101 'no IP addresses available' '.ipam.ranges = [[{subnet:
		"10.9.0.0/24", rangeStart: "10.9.0.1", rangeEnd: "10.9.0.1"}]]'
}

@test "the IPAM plugin refuses its configuration" {
	undone 7 'range|subnet|host bits' '.ipam.ranges[0][0].subnet = "10.9.0.7/24"'
}

@test "a gateway is of the other family" {
	undone 7 'gateway fe80::1 for 10\.9\.0\.[0-9]+/24, which is of the other family; $' \
		'.ipam.ranges = [[{subnet: "10.9.0.0/24", gateway: "fe80::1"}]]'
	undone 7 'gateway 10\.9\.0\.1 for fd09::[0-9a-f]+/64, which is of the other family; $' \
		'.ipam.ranges = [[{subnet: "fd09::/64", gateway: "10.9.0.1"}]]'
}

@test "the IPAM plugin is not there" {
	undone 103 'no-such' '.ipam.type = "no-such"'
}

@test "a route cannot be added" {
	undone 100 '192\.0\.2\.0/24' \
		'.ipam.routes = [{dst: "192.0.2.0/24", gw: "198.51.100.1"}]'
	undone 100 '2001:db8::/32' \
		'.ipam.routes = [{dst: "2001:db8::/32", gw: "2001:db8:1::1"}]'
}

@test "more addresses of a family than the version can say" {
	undone '[0-9]+' 'address' '.cniVersion = "0.2.0" | .ipam.ranges =
		[[{subnet: "10.9.0.0/24"}], [{subnet: "10.10.0.0/24"}]]'
}

@test "the store cannot be written" {
	touch "$TMP/file"
	undone '5|50|100' 'store|dataDir|directory|file' \
		".ipam.dataDir = \"$TMP/file/x\""
}

@test "the same address is asked for twice" {
	containers c2
	attach "$C" c2
	taken=$(address 4)
	[[ $taken != null ]] || taken=$(address 6)
	before=$(snapshot)
	CNI_ARGS="IgnoreUnknown=1;IP=$taken" \
		fails 101 "${taken//./\\.}" ask ADD
	same_as "$before"
	works
}

@test "on a host new to the network nothing of the attachment is left" {
	all_down
	row_up
	containers c1
	before=$(snapshot | grep '^c1')
	fails 103 . ask ADD "$(row_conf '.ipam.type = "no-such"')"
	diff <(echo "$before") <(snapshot | grep '^c1')
	is "$(reservations)" ''
	# whose it is, in aliases and comments
	not grep ':c1:' <(in_host ip link; in_host nft list ruleset)
	attach
	checks "$prev"
}
