#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bridge/force-address.bats - forceAddress: what is in the way of a gateway is
# replaced, and what earlier gateways left goes

load ../helpers
load gateway
load vlan

setup() {
	host_up
	sandbox c1
}

# force NAME [EDIT]: a configuration with forceAddress
force() { conf "$1" ".forceAddress = true | ${2:-.}"; }

# at SUBNET...: the edit that has one range of each
at() {
	local s all
	for s; do all+=", [{subnet: \"$s\"}]"; done
	echo ".ipam.ranges = [${all#,}] | .ipam.routes = []"
}

# fails_late CONF ID: an ADD whose result cannot be written
fails_late() {
	WRAP=(sh -c 'exec "$@" >/dev/full' --)
	cni ADD bridge "$@"
	WRAP=()
	is "$status" 1
}

# routed ADDRESS...: a bridge of a host that forwards, with these addresses
routed() {
	add bridge "$(conf dual)"
	del bridge "$(conf dual)"
	in_host ip addr flush dev br0
	for a; do in_host ip addr add "$a" dev br0 nodad; done
}

# leads ADDRESS LINK: where the host sends what is for that one
leads() {
	is "$(in_host ip -j route get "$1" | gojq -r '.[0].dev')" "$2"
}

# --- in the way -----------------------------------------------------------

@test "forceAddress replaces what overlaps, whichever of the prefixes is longer" {
	bridge_with 10.9.0.254/24
	add bridge "$(force l3)"
	is "$(on HOST br0)" 10.9.0.1/24
	reaches c1 10.9.0.1
	del bridge "$(force l3)"
	for a in 10.9.0.129/25 10.8.0.1/12 10.9.0.1/16 10.9.0.1/32; do
		in_host ip addr flush dev br0
		in_host ip addr add $a dev br0
		add bridge "$(force l3)"
		is "$(on HOST br0)" 10.9.0.1/24
		del bridge "$(force l3)"
	done
	for a in fd09::99/64 fd09::1/56 fd09::1/80; do
		in_host ip addr flush dev br0
		in_host ip addr add $a dev br0
		add bridge "$(force l3v6)"
		is "$(on HOST br0)" fd09::1/64
		reaches c1 fd09::1
		del bridge "$(force l3v6)"
	done
}

@test "a subnet that is widened or narrowed keeps those who are in it" {
	local subnet
	sandbox c2
	add bridge "$(force l3)" c1
	for subnet in 10.9.0.0/16 10.9.0.0/25; do
		add bridge "$(force l3 "$(at $subnet) | .name = \"n${subnet#*/}\" |
			.ipam.ranges[0][0].rangeStart = \"10.9.0.77\"")" c2
		is "$(on HOST br0)" "10.9.0.1/${subnet#*/}"
		reaches c1 10.9.0.1
		reaches c2 10.9.0.1
		del bridge "$(force l3 ".name = \"n${subnet#*/}\"")" c2
	done
}

@test "forceAddress gives up on an address that the kernel does not remove" {
	bridge_with
	in_host ip addr add 10.9.0.254 peer 192.0.2.1/24 dev br0
	before=$(snapshot)
	fails 102 'more than 12 addresses .* 10\.9\.0\.254/24' \
		cni ADD bridge "$(force l3)"
	same_as "$before"
}

@test "forceAddress replaces 12 addresses, and of 13 none" {
	bridge_with 10.9.0.{201..213}/24
	before=$(snapshot)
	fails 102 'more than 12 addresses' cni ADD bridge "$(force l3)"
	same_as "$before"
	in_host ip addr del 10.9.0.213/24 dev br0
	add bridge "$(force l3)"
	is "$(on HOST br0)" 10.9.0.1/24
}

@test "a failed ADD does not put back an address that others do without" {
	c=$(force l3)
	bridge_with 10.9.0.254/24
	sandbox c2
	add bridge "$c" c2
	in_host ip addr del 10.9.0.1/24 dev br0
	in_host ip addr add 10.9.0.254/24 dev br0
	fails_late "$c" c1
	is "$(on HOST br0)" 10.9.0.1/24
	reaches c2 10.9.0.1
	is "$(links c1)" lo
}

@test "an address that forceAddress replaced comes back when the ADD fails" {
	routed 10.9.0.254/24 10.9.0.253/24
	in_host ip addr add 10.9.0.129/25 brd 10.9.0.250 label br0:x \
		scope link noprefixroute dev br0
	in_host ip addr add 10.10.0.1/24 dev br0
	before=$(snapshot)
	fails_late "$(force l3)"
	same_as "$before"
}

# --- left by earlier gateways ---------------------------------------------

@test "with forceAddress the gateway of a subnet that moved goes, and its route" {
	local old=10.9.0.0/24 new=10.10.0.0/24 gw=10.10.0.1 far=10.9.0.77
	out_up
	for i in 4 6; do
		add bridge "$(force l3 "$(at $old)")"
		del bridge "$(force l3)"
		leads $far br0
		# it is another machine's now
		in_host ip route add default via "${via:-203.0.113.2}"
		add bridge "$(force l3 "$(at $new)")"
		is "$(on HOST br0)" "$gw/${new#*/}"
		leads $far up0
		reaches c1 $gw
		del bridge "$(force l3)"
		is "$(on HOST br0)" "$gw/${new#*/}"
		in_host ip link del br0
		old=fd09::/64 new=fd10::/64 gw=fd10::1 far=fd09::77
		via=2001:db8::2
	done
}

@test "without forceAddress what does not overlap is left" {
	bridge_with 172.30.0.1/16 fd30::1/64
	add bridge "$(conf dual)"
	is "$(on HOST br0)" '10.9.0.1/24 172.30.0.1/16 fd09::1/64 fd30::1/64'
}

@test "with forceAddress all go that nobody uses, of both families" {
	bridge_with 10.9.0.254/24 172.30.0.1/16 172.30.0.2/16 fd09::99/64 \
		fd30::1/64 fd31::1/64
	add bridge "$(force l3)"
	is "$(on HOST br0)" 10.9.0.1/24
	reaches c1 10.9.0.1
}

@test "a gateway that a living container uses stays until that is gone" {
	local c
	c=$(force dual "$(at 10.10.0.0/24 fd10::/64) | .name = \"new\"")
	sandbox c2 c3
	add bridge "$(force dual)" c1
	add bridge "$c" c2
	is "$(on HOST br0)" '10.10.0.1/24 10.9.0.1/24 fd09::1/64 fd10::1/64'
	reaches c1 10.9.0.1
	reaches c1 fd09::1
	reaches c2 10.10.0.1
	del bridge "$(force dual)" c1
	is "$(on HOST br0)" '10.10.0.1/24 10.9.0.1/24 fd09::1/64 fd10::1/64'
	add bridge "$c" c3
	is "$(on HOST br0)" '10.10.0.1/24 fd10::1/64'
	reaches c2 10.10.0.1
	reaches c3 fd10::1
}

@test "of a container that has another family alone a gateway goes" {
	sandbox c2
	bridge_with fd30::1/64
	add bridge "$(conf l3)" c1
	add bridge "$(force l3v6)" c2
	is "$(on HOST br0)" '10.9.0.1/24 fd09::1/64'
	reaches c1 10.9.0.1
}

@test "a container that the Go plugin made keeps its gateway" {
	bridge_with 10.30.0.1/24
	sandbox c2
	in_host ip link add veth0badcafe type veth peer name eth0 netns "$c2"
	in_host ip link set veth0badcafe master br0 up
	in_ns c2 ip addr add 10.30.0.2/24 dev eth0
	in_ns c2 ip link set eth0 up
	add bridge "$(force l3)"
	is "$(on HOST br0)" '10.30.0.1/24 10.9.0.1/24'
	reaches c2 10.30.0.1
}

@test "what a port may need that is no container's, or of unknown use, stays" {
	local port
	bridge_with 172.30.0.1/16
	sandbox c2
	for port in wire machine local; do
		case $port in
		wire) in_host ip link add t0 type ifb ;;
		# its address is behind, in a virtual machine
		machine) in_host ip link add t0 type veth peer name t0 netns "$c2" ;;
		local) in_host ip link add t0 type veth peer name t1 ;;
		esac
		in_host ip link set t0 master br0 up
		add bridge "$(force l3)"
		is "$(on HOST br0)" '10.9.0.1/24 172.30.0.1/16'
		del bridge "$(force l3)"
		in_host ip link del t0
	done
	add bridge "$(force l3)"
	is "$(on HOST br0)" 10.9.0.1/24
}

@test "what is no gateway's of a subnet stays" {
	bridge_with 10.30.0.1/32 fd30::1/128 169.254.7.1/16 fe80::1/64
	in_host ip addr add 172.31.0.1/24 valid_lft 3600 preferred_lft 3600 dev br0
	before=$(on HOST br0)
	add bridge "$(force l3)"
	is "$(on HOST br0)" "$(tr ' ' '\n' <<<"$before 10.9.0.1/24" | sort |
		paste -sd ' ')"
	in_host ip -6 addr show dev br0 | grep -F fe80::1/64
}

@test "a gateway that has no subnet of its own is no reason to remove any" {
	ipam '{"cniVersion": "1.1.0", "ips": [{"address": "fd09::7/64",
		"gateway": "fe80::1"}]}'
	bridge_with fd09::1/64 fd30::1/64
	add bridge "$(force l2 '.ipam.type = "ipam" | .isDefaultGateway = true')"
	is "$(on HOST br0)" fd09::1/64
}

@test "what was removed because nobody used it comes back when the ADD fails" {
	routed 172.30.0.1/16 172.30.0.2/16 172.30.0.3/16 fd30::1/64
	in_host ip addr add 172.31.0.129/25 brd 172.31.0.250 label br0:x \
		scope link noprefixroute dev br0
	in_host ip addr add 10.9.0.1/24 dev br0
	in_host ip addr add fd09::1/64 dev br0 nodad
	before=$(snapshot)
	fails_late "$(force dual)"
	same_as "$before"
	add bridge "$(force dual)"
	is "$(on HOST br0)" '10.9.0.1/24 fd09::1/64'
}

@test "the gateway of a VLAN moves with its subnet" {
	filtering
	tagging
	local c
	c='.vlan = 100'
	sandbox c2 c3
	add bridge "$(force l3 "$c")" c1
	is "$(on HOST br0.100)" 10.9.0.1/24
	c="$c | $(at 10.10.0.0/24) | .name = \"new\""
	add bridge "$(force l3 "$c")" c2
	is "$(on HOST br0.100)" '10.10.0.1/24 10.9.0.1/24'
	reaches c1 10.9.0.1
	del bridge "$(force l3)" c1
	add bridge "$(force l3 "$c")" c3
	is "$(on HOST br0.100)" 10.10.0.1/24
	reaches c3 10.10.0.1
}
