#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bridge/uplink.bats - the host's other links: a dummy, and VRFs
#
#     c1, c2                     OUT  203.0.113.2, no route to the pods
#      |  10.9.0.0/24             |
#      |  fd09::/64               |
#     br0 ---------- HOST ------ up0  203.0.113.1, a dummy or a veth, and
#                                     perhaps in a VRF

load ../helpers
load vlan

setup() {
	host_up
	sandbox c1 c2
	C=$(conf dual '.ipMasq = true')
}

# uplink KIND...: up0 of that kind, with routes to everywhere
uplink() {
	in_host ip link add up0 "$@"
	in_host ip addr add 203.0.113.1/24 dev up0
	in_host ip addr add 2001:db8::1/64 dev up0 nodad
	in_host ip link set up0 up
}

vrf() {
	needs_kernel CONFIG_NET_VRF 'ip link add probe0 type vrf table 99 &&
		ip link del probe0'
	in_host ip link add red type vrf table 100
	in_host ip link set red up
}

wired() {
	sandbox OUT
	uplink type veth peer name eth0 netns "$OUT"
	in_ns OUT ip addr add 203.0.113.2/24 dev eth0
	in_ns OUT ip addr add 2001:db8::2/64 dev eth0 nodad
	in_ns OUT ip link set eth0 up
}

# goes_and_comes: ADD, CHECK and DEL of c1 leave what they found; $before is
# the host with c2 attached, whose network has its rules already
goes_and_comes() {
	add bridge "$C" c2
	local a2 b2
	a2=$(address) b2=$(address 6)
	before=$(snapshot)
	add bridge "$C" c1
	check bridge "$(with_prev "$C" "$res")" c1
	reaches c1 10.9.0.1
	reaches c1 fd09::1
	reaches c1 "$a2"
	reaches c1 "$b2"
}

# masqueraded: c1 gets to OUT, which sees the host
masqueraded() {
	hear OUT
	reaches c1 203.0.113.2
	reaches c1 2001:db8::2
	for from in 203.0.113.1 2001:db8::1; do
		eventually grep "$from > .* echo request" "$TMP/heard.OUT"
	done
	not grep -E ' (10\.9|fd09:)' "$TMP/heard.OUT"
}

@test "a dummy as the uplink: what leaves by it is masqueraded" {
	needs_kernel CONFIG_DUMMY 'ip link add probe0 type dummy &&
		ip link del probe0'
	uplink type dummy
	in_host ip route add default dev up0
	in_host ip -6 route add default dev up0
	goes_and_comes
	bg HOST tcpdump -Q out -i up0 -nn -l >"$TMP/sent" 2>"$TMP/tcpdump"
	eventually grep 'listening on' "$TMP/tcpdump"
	misses c1 198.51.100.7
	misses c1 2001:db8:7::7
	eventually grep '203.0.113.1 > 198.51.100.7: ICMP echo' "$TMP/sent"
	eventually grep '2001:db8::1 > 2001:db8:7::7: ICMP6, echo' "$TMP/sent"
	not grep -E '10\.9\.0\.|fd09:' "$TMP/sent"
	del bridge "$C" c1
	same_as "$before"
}

@test "the uplink in a VRF: pods are attached beside it, and leave nothing" {
	vrf
	wired
	in_host ip link set up0 master red
	in_host ip -6 addr add 2001:db8::1/64 dev up0 nodad
	goes_and_comes
	# what is in the VRF is not in the pods' table
	misses c1 203.0.113.2
	del bridge "$C" c1
	same_as "$before"
	del bridge "$C" c2 eth0 ''
	is "$(veths HOST)$(reservations)" up0
}

@test "routes that lead into the VRF: pods get there masqueraded" {
	vrf
	wired
	in_host ip link set up0 master red
	in_host ip -6 addr add 2001:db8::1/64 dev up0 nodad
	add bridge "$C" c1
	in_host ip route add 203.0.113.0/24 dev up0
	in_host ip -6 route add 2001:db8::/64 dev up0
	in_host ip route add 10.9.0.0/24 dev br0 table 100
	in_host ip -6 route add fd09::/64 dev br0 table 100
	masqueraded
	del bridge "$C" c1
}

@test "bridge and uplink in one VRF: gateway, pods and masquerade work in it" {
	vrf
	wired
	in_host ip link set up0 master red
	in_host ip -6 addr add 2001:db8::1/64 dev up0 nodad
	add bridge "$C" c2
	del bridge "$C" c2
	in_host ip link set br0 master red
	goes_and_comes
	masqueraded
	del bridge "$C" c1
	same_as "$before"
}
