#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bridge/gateway.bats - gateways on the bridge, the bridge's MAC, routes

load ../helpers
load gateway

setup() {
	host_up
	sandbox c1
}

# two EDIT: an L3 network with two IPv4 ranges, one address from each
two() {
	conf l3 '.ipam.ranges = [[{subnet: "10.9.0.0/24"}],
		[{subnet: "10.10.0.0/24"}]] | '"${1:-.}"
}

# other: a second network on the same bridge
other() {
	conf l3 '.name = "other" | .ipam.ranges[0][0].subnet = "10.10.0.0/24"'
}

defaults() { in_ns "$1" ip "$2" route show default; }

# --- gateways -------------------------------------------------------------

@test "isGateway without a gateway from IPAM takes the first address" {
	ipam '{"cniVersion": "1.1.0", "ips": [{"address": "10.9.3.7/22"},
		{"address": "fd09::7/64"}]}'
	add bridge "$(conf l2 '.ipam.type = "ipam" | .isGateway = true')"
	json '[.ips[].gateway]' '["10.9.0.1","fd09::1"]'
	is "$(on HOST br0)" '10.9.0.1/22 fd09::1/64'
	is "$(defaults c1 -4)$(defaults c1 -6)" ''
}

@test "isDefaultGateway implies isGateway and a default route" {
	add bridge "$(conf l3 '.isGateway = false | .isDefaultGateway = true |
		.ipam.routes = []')"
	is "$(on HOST br0)" 10.9.0.1/24
	matches "$(defaults c1 -4)" 'via 10.9.0.1 dev eth0'
	json '.routes' '[{"dst":"0.0.0.0/0","gw":"10.9.0.1"}]'
}

@test "a default route given twice is one route" {
	add bridge "$(conf dual '.ipam.routes = [{dst: "0.0.0.0/0"},
		{dst: "::/0"}, {dst: "0.0.0.0/0"}, {dst: "0.0.0.0/0",
		gw: "10.9.0.1"}]')"
	is "$(defaults c1 -4 | wc -l)" 1
	is "$(defaults c1 -6 | wc -l)" 1
	reaches c1 10.9.0.1
	check bridge "$(with_prev "$(conf dual)" "$res")"
}

@test "isDefaultGateway leaves a default route with a gateway alone" {
	add bridge "$(conf l3 '.isDefaultGateway = true | .ipam.routes =
		[{dst: "0.0.0.0/0", gw: "10.9.0.99"}]')"
	is "$(defaults c1 -4)" 'default via 10.9.0.99 dev eth0 '
	json '.routes' '[{"dst":"0.0.0.0/0","gw":"10.9.0.99"}]'
}

@test "any route given twice is one route" {
	add bridge "$(conf l3 '.ipam.routes = [{dst: "192.0.2.0/24"},
		{dst: "192.0.2.0/24"}, {dst: "192.0.2.0/24", gw: "10.9.0.1"}]')"
	is "$(in_ns c1 ip route show 192.0.2.0/24 | wc -l)" 1
}

@test "several IPv4 ranges have a gateway each on one bridge" {
	add bridge "$(two)"
	is "$(on HOST br0)" '10.10.0.1/24 10.9.0.1/24'
	is "$(on c1 eth0)" '10.10.0.2/24 10.9.0.2/24'
	reaches c1 10.9.0.1
	reaches c1 10.10.0.1
	check bridge "$(with_prev "$(two)" "$res")"
	is "$(defaults c1 -4 | wc -l)" 1
	del bridge "$(two)"
	add bridge "$(two '.forceAddress = true')"
	is "$(on HOST br0)" '10.10.0.1/24 10.9.0.1/24'
}

@test "two addresses of one subnet share a gateway" {
	ipam '{"cniVersion": "1.1.0", "ips": [{"address": "10.9.0.5/24"},
		{"address": "10.9.0.6/24"}]}'
	c=$(conf l2 '.ipam.type = "ipam" | .isDefaultGateway = true |
		.ipMasq = true')
	add bridge "$c"
	is "$(on HOST br0)" 10.9.0.1/24
	is "$(on c1 eth0)" '10.9.0.5/24 10.9.0.6/24'
	is "$(masq_pods | wc -l)" 2
	is "$(defaults c1 -4 | wc -l)" 1
	check bridge "$(with_prev "$c" "$res")"
}

@test "networks with different subnets share a bridge" {
	sandbox c2
	add bridge "$(conf l3)" c1
	first=$res
	add bridge "$(other)" c2
	is "$(on HOST br0)" '10.10.0.1/24 10.9.0.1/24'
	reaches c1 10.9.0.1
	reaches c2 10.10.0.1
	reaches c1 10.10.0.2
	check bridge "$(with_prev "$(conf l3)" "$first")" c1
	check bridge "$(with_prev "$(other)" "$res")" c2
	del bridge "$(conf l3)" c1
	reaches c2 10.10.0.1
}

@test "networks with different IPv6 subnets share a bridge" {
	sandbox c2
	add bridge "$(conf l3v6)" c1
	add bridge "$(conf l3v6 '.name = "other" |
		.ipam.ranges[0][0].subnet = "fd10::/64"')" c2
	is "$(on HOST br0)" 'fd09::1/64 fd10::1/64'
	reaches c2 fd10::1
}

@test "the gateway address that is there already is just used" {
	in_host ip link add br0 type bridge
	in_host ip addr add 10.9.0.1/24 dev br0
	in_host ip addr add 172.30.0.1/16 dev br0
	add bridge "$(conf l3)"
	is "$(on HOST br0)" '10.9.0.1/24 172.30.0.1/16'
	reaches c1 10.9.0.1
}

@test "an overlapping address on the bridge is refused, both are named" {
	bridge_with 10.9.0.254/24 172.30.0.1/16 fd09::99/64
	before=$(snapshot)
	fails '7|102' '10\.9\.0\.254/24' cni ADD bridge "$(conf l3)"
	is_error '7|102' '10\.9\.0\.1/24'
	is_error '7|102' 'br0'
	same_as "$before"
	fails '7|102' 'fd09::99/64' cni ADD bridge "$(conf l3v6)"
	is_error '7|102' 'fd09::1/64'
	same_as "$before"
}

@test "an overlap is one whichever of the two prefixes is longer" {
	bridge_with 10.9.0.129/25
	fails '7|102' '10\.9\.0\.129/25' cni ADD bridge "$(conf l3)"
	in_host ip addr flush dev br0
	in_host ip addr add 10.8.0.1/12 dev br0
	fails '7|102' '10\.8\.0\.1/12' cni ADD bridge "$(conf l3)"
	in_host ip addr flush dev br0
	in_host ip addr add 10.9.0.1/16 dev br0
	fails '7|102' '10\.9\.0\.1/16' cni ADD bridge "$(conf l3)"
	in_host ip addr flush dev br0
	add bridge "$(conf l3)"
}

@test "a link-local address on the bridge is no conflict" {
	bridge_with fe80::1/64
	add bridge "$(conf l3v6)"
	is "$(on HOST br0)" fd09::1/64
	in_host ip -6 addr show dev br0 | grep -F fe80::1/64
}

@test "a link-local gateway is no conflict either" {
	ipam '{"cniVersion": "1.1.0", "ips": [{"address": "fd09::7/64",
		"gateway": "fe80::1"}]}'
	c=$(conf l2 '.ipam.type = "ipam" | .isDefaultGateway = true')
	add bridge "$c"
	in_host ip -6 addr show dev br0 | grep -F fe80::1/64
	matches "$(defaults c1 -6)" 'via fe80::1 dev eth0'
	# nothing leads back to fd09::7
	eventually link_local c1
	reaches c1 fe80::1%eth0
	check bridge "$(with_prev "$c" "$res")"
	# the kernel's own is still there
	is "$(in_host ip -6 -o addr show dev br0 scope link | wc -l)" 2
}

@test "isDefaultGateway does not count another interface's default route" {
	prev='{"cniVersion": "1.1.0", "interfaces": [{"name": "eth7", "sandbox":
		"/x"}], "routes": [{"dst": "0.0.0.0/0", "gw": "192.0.2.1"}]}'
	add bridge "$(with_prev "$(conf l3 '.isDefaultGateway = true |
		.ipam.routes = []')" "$prev")"
	is "$(defaults c1 -4)" 'default via 10.9.0.1 dev eth0 '
	json '[.routes[].gw]' '["10.9.0.1","192.0.2.1"]'
}

@test "an IPv6 gateway on a bridge without IPv6 is an error that says why" {
	bridge_with
	in_host sh -c 'echo 1 >/proc/sys/net/ipv6/conf/br0/disable_ipv6'
	before=$(snapshot)
	fails 100 'fd09::1/64.*IPv6 is disabled' cni ADD bridge "$(conf l3v6)"
	same_as "$before"
}

# --- the bridge's MAC -----------------------------------------------------

# low N: the Nth of MACs lower than any other, which a floating bridge takes on
low() { printf '.runtimeConfig.mac = "02:00:00:00:00:%02x"' "$1"; }

# stays MAC: ports come and go; the bridge keeps it
stays() {
	local i
	for i in 3 2 1; do
		in_host ip link add "t$i" address 00:00:00:00:00:0$i type ifb
		in_host ip link set "t$i" master br0
		is "$(mac HOST br0)" "$1"
	done
	for i in 1 2 3; do
		in_host ip link del "t$i"
		is "$(mac HOST br0)" "$1"
	done
}

@test "the bridge's MAC never changes, with a gateway or without" {
	for c in l2 l3; do
		sandbox c2
		add bridge "$(conf $c "$(low 9)")" c1
		mac=$(mac HOST br0)
		json '.interfaces[0].mac' "$mac"
		stays "$mac"
		add bridge "$(conf $c "$(low 1)")" c2
		is "$(mac HOST br0)" "$mac"
		del bridge "$(conf $c)" c1
		is "$(mac HOST br0)" "$mac"
		del bridge "$(conf $c)" c2
		is "$(mac HOST br0)" "$mac"
		add bridge "$(conf $c)" c1
		is "$(mac HOST br0)" "$mac"
		del bridge "$(conf $c)" c1
		in_host ip link del br0
		drop c2
	done
}

@test "a bridge that lost its MAC with its last port gets one, for good" {
	for c in l2 l3; do
		in_host ip link add br0 type bridge
		in_host ip link add t0 type ifb
		in_host ip link set t0 master br0
		in_host ip link del t0
		is "$(mac HOST br0)" 00:00:00:00:00:00
		add bridge "$(conf $c)"
		mac=$(mac HOST br0)
		json '.interfaces[0].mac' "$mac"
		[[ $mac != 00:00:00:00:00:00 ]]
		stays "$mac"
		del bridge "$(conf $c)"
		is "$(mac HOST br0)" "$mac"
		in_host ip link del br0
	done
}

# made ARG...: br0 as somebody may have made it, that never had a port; $mac is
# the one that it has by chance
made() {
	in_host ip link add br0 "$@"
	mac=$(mac HOST br0)
}

# keeps CONF: through ADD and DEL, and is reached by it
keeps() {
	add bridge "$1"
	json '.interfaces[0].mac' "$mac"
	is "$(mac HOST br0)" "$mac"
	reaches c1 10.9.0.1
	stays "$mac"
	del bridge "$1"
	is "$(mac HOST br0)" "$mac"
	in_host ip link del br0
}

@test "a bridge that never had a port keeps its MAC, and knows it for its own" {
	in_host mount -t sysfs none /sys
	made type bridge
	keeps "$(conf l3)"
	made up type bridge
	keeps "$(conf dual '.ipMasq = true')"
	made type bridge
	in_host ip link set br0 alias 'do not touch'
	keeps "$(conf l3)"
	# that very one is set by somebody: the kernel takes no note of it
	made type bridge
	in_host ip link set br0 address "$mac"
	keeps "$(conf l3)"
	# who set it cannot be seen
	in_host umount /sys
	made type bridge
	in_host ip link set br0 address "$mac"
	keeps "$(conf l3)"
}

@test "it keeps its MAC when the first ADD fails, and when there are two" {
	sandbox c2
	made type bridge
	fails 7 mtu cni ADD bridge "$(conf l3 '.mtu = 60')"
	in_host ip link set br0 alias 'do not touch'
	in_host ip addr add 10.9.0.9/24 dev br0
	fails 102 '10\.9\.0\.1/24' cni ADD bridge "$(conf l3)"
	is "$(mac HOST br0)" "$mac"
	in_host ip addr flush dev br0
	keeps "$(conf l3)"
	made type bridge
	add bridge "$(conf l3)" c1 &
	add bridge "$(conf l3)" c2
	wait $!
	is "$(mac HOST br0)" "$mac"
	reaches c1 10.9.0.1
	reaches c2 10.9.0.1
}

@test "a bridge whose MAC is set explicitly keeps it" {
	in_host ip link add br0 address 02:00:00:00:00:50 type bridge
	add bridge "$(conf l3)"
	is "$(mac HOST br0)" 02:00:00:00:00:50
	stays 02:00:00:00:00:50
	del bridge "$(conf l3)"
	in_host ip link del br0
	in_host ip link add br0 type bridge
	in_host ip link set br0 address 02:00:00:00:00:51
	add bridge "$(conf l3)"
	is "$(mac HOST br0)" 02:00:00:00:00:51
	reaches c1 10.9.0.1
	del bridge "$(conf l3)"
}

@test "a bridge whose MAC floats with its ports is pinned" {
	for c in l2 l3; do
		in_host ip link add br0 type bridge
		in_host ip link set br0 up
		in_host ip link add t0 address 02:00:00:00:00:50 type ifb
		in_host ip link set t0 master br0
		add bridge "$(conf $c "$(low 1)")"
		mac=$(mac HOST br0)
		json '.interfaces[0].mac' "$mac"
		stays "$mac"
		in_host ip link del t0
		is "$(mac HOST br0)" "$mac"
		del bridge "$(conf $c)"
		is "$(mac HOST br0)" "$mac"
		in_host ip link del br0
	done
}

@test "neighbours on a bridge with an alias of its own are not forgotten" {
	sandbox c2
	in_host mount -t sysfs none /sys
	in_host ip link add br0 type bridge
	in_host ip link set br0 alias 'do not touch'
	add bridge "$(conf l3)" c1
	is "$(in_host cat /sys/class/net/br0/addr_assign_type)" 3
	reaches HOST 10.9.0.2
	in_host ip neigh show dev br0 | grep 10.9.0.2
	add bridge "$(conf l3)" c2
	in_host ip neigh show dev br0 | grep 10.9.0.2
	in_host umount /sys
}

# --- routes ---------------------------------------------------------------

# route NAME TABLE DST FILTER VALUE
route() {
	local f=-4
	[[ $3 != *:* ]] || f=-6
	json ".[0] | $4" "$5" "$(in_ns "$1" ip -j -d $f route show table "$2" "$3")"
}

@test "a route without a gateway goes by the one of its family" {
	add bridge "$(conf dual '.ipam.routes = [{dst: "192.0.2.0/24"},
		{dst: "2001:db8::/32"}]')"
	route c1 main 192.0.2.0/24 .gateway 10.9.0.1
	route c1 main 2001:db8::/32 .gateway fd09::1
}

@test "a route with a gateway goes by that one" {
	add bridge "$(conf dual '.ipam.routes = [{dst: "192.0.2.0/24",
		gw: "10.9.0.7"}, {dst: "2001:db8::/32", gw: "fd09::7"}]')"
	route c1 main 192.0.2.0/24 .gateway 10.9.0.7
	route c1 main 2001:db8::/32 .gateway fd09::7
}

@test "mtu, advmss, priority, table and scope of a route are applied" {
	c=$(conf dual '.ipam.routes = [
		{dst: "192.0.2.0/24", mtu: 1300, advmss: 1200, priority: 7},
		{dst: "198.51.100.0/24", table: 100},
		{dst: "203.0.113.7/32", scope: 253},
		{dst: "203.0.113.8/32", scope: 0, gw: "10.9.0.9"},
		{dst: "2001:db8:1::/48", mtu: 1300, advmss: 1200, priority: 7},
		{dst: "2001:db8:2::/48", table: 100}]')
	add bridge "$c"
	for dst in 192.0.2.0/24 2001:db8:1::/48; do
		route c1 main $dst '.metrics[0] | .mtu, .advmss' $'1300\n1200'
		route c1 main $dst .metric 7
	done
	route c1 100 198.51.100.0/24 .gateway 10.9.0.1
	route c1 100 2001:db8:2::/48 .gateway fd09::1
	is "$(in_ns c1 ip route show 198.51.100.0/24)" ''
	route c1 main 203.0.113.7 '.gateway, .scope' $'null\nlink'
	route c1 main 203.0.113.8 '.gateway, .scope' $'10.9.0.9\nglobal'
	json '.routes[0]' \
		'{"advmss":1200,"dst":"192.0.2.0/24","mtu":1300,"priority":7}'
	check bridge "$(with_prev "$c" "$res")"
}

@test "the mtu of a route holds for packets" {
	add bridge "$(conf l3 '.ipam.routes = [{dst: "192.0.2.0/24", mtu: 1300}]')"
	in_host ip addr add 192.0.2.1/24 dev lo
	in_ns c1 ping -c 1 -W 30 -M 'do' -s 1272 192.0.2.1
	not in_ns c1 ping -c 1 -W 1 -M 'do' -s 1273 192.0.2.1
}

@test "the same destination by way of two metrics is two routes" {
	add bridge "$(conf l3 '.ipam.routes = [{dst: "192.0.2.0/24", priority: 5},
		{dst: "192.0.2.0/24", priority: 9, gw: "10.9.0.7"}]')"
	is "$(in_ns c1 ip route show 192.0.2.0/24 | wc -l)" 2
}

@test "a default route in another table does not stand for the main one" {
	local c
	c=$(conf l3 '.isDefaultGateway = true |
		.ipam.routes = [{"dst": "0.0.0.0/0", "gw": "10.9.0.1", "table": 100}]')
	add bridge "$c"
	matches "$(in_ns c1 ip route show default)" '^default via 10.9.0.1 dev eth0'
	matches "$(in_ns c1 ip route show table 100)" '^default via 10.9.0.1'
	del bridge "$c"
}
