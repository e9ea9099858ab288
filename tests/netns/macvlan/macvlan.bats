#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# macvlan/macvlan.bats - containers on a link of the host's
#
#     c1           c2                          router: 10.9.0.1
#    eth0 .2      eth0 .3                        |
#     +------------+---------- up0 ---------- up0-far       10.9.0.0/24
#                              HOST

load ../helpers

setup() {
	host_up
	hold ROUTER
	in_host ip link add up0 mtu 1400 type veth peer name far netns "$ROUTER"
	in_host ip link set up0 up
	in_ns ROUTER ip link set far mtu 1400 up
	in_ns ROUTER ip addr add 10.9.0.1/24 dev far
	in_ns ROUTER ip addr add fd09::1/64 dev far nodad
	sandbox c1
	C=$(lan)
	BEFORE=$(snapshot)
}

# lan [EDIT]; lan6 EDIT: with IPv6 as well, whose addresses wait a second for
# duplicate address detection
lan() {
	conf l3 'del(.bridge, .isGateway) | .ipam.routes = [] |
		.type = "macvlan" | .master = "up0" | '"${1:-.}"
}
lan6() {
	lan '.ipam.ranges += [[{subnet: "fd09::/64"}]] | '"${1:-.}"
}

index() { in_ns "$1" ip -j link show "$2" | gojq '.[0].ifindex'; }
detail() { in_ns c1 ip -d -j link show dev eth0 | gojq -r "$1"; }

# In namespaces that are fresh both would be 2, and a kernel like 6.1, where no
# link has had news for a second, would tell of the carrier another second later.
@test "the link has another index than its master, and is up when ADD returns" {
	is "$(index HOST up0)" 2
	in_ns c1 ip link add x0 index 1002 type bridge
	BEFORE=$(snapshot)
	sleep 1.5
	add macvlan "$C"
	# it has its carrier; in words Linux 6.1 says UNKNOWN, where nothing changed
	in_ns c1 ip -o link show dev eth0 up | grep -F LOWER_UP
	is "$(index c1 eth0)" 2002
	reaches c1 10.9.0.1
	del macvlan "$C"
	same_as "$BEFORE"
}

@test "where all indexes that are tried are taken, ADD works all the same" {
	in_host ip link add eth0 type bridge # its name is the container's as well
	for i in {1002..10002..1000}; do
		echo "link add x$i index $i type bridge"
	done | in_ns c1 ip -batch -
	add macvlan "$C"
	reaches c1 10.9.0.1
	del macvlan "$C"
}

@test "containers, the router and its world are reached; the host is not" {
	sandbox c2
	C=$(lan6 '.ipam.routes = [{dst: "0.0.0.0/0"}, {dst: "::/0"}]')
	add macvlan "$C"
	json '[.ips[].address]' '["10.9.0.2/24","fd09::2/64"]'
	json '[.interfaces[] | [.name, .mac, .sandbox]]' \
		"[[\"eth0\",\"$(mac c1 eth0)\",\"$(netns c1)\"]]"
	add macvlan "$C" c2
	reaches c1 10.9.0.1
	reaches c1 fd09::1
	reaches c1 10.9.0.3
	reaches c1 fd09::3
	reaches ROUTER 10.9.0.2
	in_ns ROUTER ip addr add 192.0.2.1/32 dev lo
	reaches c1 192.0.2.1
	in_ns ROUTER ip addr del 192.0.2.1/32 dev lo
	# what a macvlan sends does not get to its own master
	in_host ip addr add 10.9.0.9/24 dev up0
	not in_ns c1 ping -q -c 1 -W 1 10.9.0.9
	in_host ip addr del 10.9.0.9/24 dev up0
	del macvlan "$C" c2
	del macvlan "$C"
	drop c2
	same_as "$BEFORE"
}

@test "each mode" {
	for mode in private vepa bridge passthru; do
		c=$(lan ".mode = \"$mode\"")
		add macvlan "$c"
		is "$(detail '.[0].linkinfo.info_data.mode')" $mode
		check macvlan "$(with_prev "$c" "$res")"
		other=private
		[[ $mode != private ]] || other=vepa
		fails 104 "mode of eth0 does not match.*$other" cni CHECK macvlan \
			"$(with_prev "$(lan ".mode = \"$other\"")" "$res")"
		[[ $mode != passthru ]] || is "$(mac c1 eth0)" "$(mac HOST up0)"
		reaches c1 10.9.0.1
		del macvlan "$c"
	done
	add macvlan "$(lan '.mode = ""')"
	is "$(detail '.[0].linkinfo.info_data.mode')" bridge
	del macvlan "$C"
	fails 7 'unknown macvlan mode: "foo"' cni ADD macvlan \
		"$(lan '.mode = "foo"')"
	in_host ip link set up0 promisc off
	same_as "$BEFORE"
}

@test "private containers do not reach each other" {
	sandbox c2
	add macvlan "$(lan '.mode = "private"')"
	add macvlan "$(lan '.mode = "private"')" c2
	reaches c1 10.9.0.1
	not in_ns c1 ping -q -c 1 -W 1 10.9.0.3
	del macvlan "$C" c2
	del macvlan "$C"
}

@test "mtu: the master's or less" {
	add macvlan "$C"
	is "$(detail '.[0].mtu')" 1400
	del macvlan "$C"
	add macvlan "$(lan '.mtu = 1300')"
	is "$(detail '.[0].mtu')" 1300
	# the master's is another one by now
	in_host ip link set up0 mtu 1280
	fails 7 'invalid MTU 1300, must be \[0, master MTU\(1280\)\]' \
		cni CHECK macvlan "$(with_prev "$(lan '.mtu = 1300')" "$res")"
	in_host ip link set up0 mtu 1400
	del macvlan "$C"
	for mtu in 1401 -1; do
		fails 7 "invalid MTU $mtu, must be \[0, master MTU\(1400\)\]" \
			cni ADD macvlan "$(lan ".mtu = $mtu")"
	done
	same_as "$BEFORE"
}

@test "mac: of the configuration, CNI_ARGS, args.cni, runtimeConfig" {
	c=$(lan '.mac = "02:00:00:00:00:0a"')
	add macvlan "$c"
	is "$(mac c1 eth0)" 02:00:00:00:00:0a
	json '.interfaces[0].mac' 02:00:00:00:00:0a
	check macvlan "$(with_prev "$c" "$res")"
	del macvlan "$c"
	CNI_ARGS="IgnoreUnknown=1;MAC=02:00:00:00:00:0b"
	add macvlan "$c"
	is "$(mac c1 eth0)" 02:00:00:00:00:0b
	del macvlan "$c"
	add macvlan "$(lan '.mac = "02:00:00:00:00:0a" |
		.runtimeConfig.mac = "02:00:00:00:00:0c"')"
	is "$(mac c1 eth0)" 02:00:00:00:00:0c
	del macvlan "$c"
	CNI_ARGS=
	for bad in zz 01:00:5e:00:00:01 00:00:00:00:00:00; do
		fails 7 "$bad.*invalid MAC address" cni ADD macvlan \
			"$(lan ".mac = \"$bad\"")"
	done
	add macvlan "$(lan '.mac = ""')"
	del macvlan "$c"
	same_as "$BEFORE"
}

@test "bcqueuelen" {
	local kept=77
	# the kernel ignores what it does not know
	printf '5.11\n%s\n' "$(uname -r)" | sort -CV || kept=null
	add macvlan "$(lan '.bcqueuelen = 77')"
	is "$(detail '.[0].linkinfo.info_data.bcqueuelen')" "$kept"
	del macvlan "$C"
	for bad in -1 4294967296; do
		fails 7 bcqueuelen cni ADD macvlan "$(lan ".bcqueuelen = $bad")"
	done
	same_as "$BEFORE"
}

@test "master: the interface of the default route, IPv4 or IPv6" {
	c=$(lan 'del(.master)')
	fails 7 'no default route interface found' cni ADD macvlan "$c"
	in_host ip addr add 10.9.0.9/24 dev up0
	in_host ip route add default via 10.9.0.1
	add macvlan "$c"
	check macvlan "$(with_prev "$c" "$res")"
	reaches c1 10.9.0.1
	for none in '""' null; do
		c=$(lan ".master = $none")
		check macvlan "$(with_prev "$c" "$res")"
		status macvlan "$c"
		del macvlan "$c"
		add macvlan "$c"
		is "$(detail '.[0].link_index')" "$(index HOST up0)"
	done
	# DEL does not ask for it
	in_host ip route del default
	del macvlan "$c"
	in_host ip -6 route add default dev up0
	add macvlan "$c"
	del macvlan "$c"
	in_host ip -6 route del default
	in_host ip addr del 10.9.0.9/24 dev up0
	same_as "$BEFORE"
}

@test "master: one that is not there, or that cannot have a macvlan" {
	fails 7 'failed to lookup master "nope": Link not found' \
		cni ADD macvlan "$(lan '.master = "nope"')"
	fails 100 'failed to create macvlan' cni ADD macvlan \
		"$(lan '.master = "lo"')"
	same_as "$BEFORE"
	add macvlan "$C"
	del macvlan "$(lan '.master = "nope" | .mode = "foo" | .mtu = 9999')"
	same_as "$BEFORE"
}

@test "linkInContainer: a master of the sandbox's own" {
	in_ns c1 ip link add inner0 type veth peer name inner1
	in_ns c1 ip link set inner0 up
	in_ns c1 ip link set inner1 up
	before=$(snapshot)
	c=$(lan '.linkInContainer = true | .master = "inner0"')
	add macvlan "$c"
	is "$(detail '.[0].link')" inner0
	check macvlan "$(with_prev "$c" "$res")"
	del macvlan "$c"
	fails 7 'failed to lookup master "up0"' cni ADD macvlan \
		"$(lan '.linkInContainer = true')"
	fails 7 'no default route interface found' cni ADD macvlan \
		"$(lan '.linkInContainer = true | del(.master)')"
	in_ns c1 ip addr add 10.9.0.77/24 dev inner0
	in_ns c1 ip route add default dev inner0
	add macvlan "$(lan '.linkInContainer = true | del(.master)')"
	is "$(detail '.[0].link')" inner0
	del macvlan "$c"
	in_ns c1 ip route del default
	in_ns c1 ip addr del 10.9.0.77/24 dev inner0
	same_as "$before"
}

# In the Go plugin an ADD that IPAM refuses leaves its link.
@test "an ADD that fails leaves nothing: IPAM, a version, another's address" {
	fails 101 'no IP addresses' cni ADD macvlan "$(lan '.ipam.ranges =
		[[{subnet: "10.9.0.0/30", rangeStart: "10.9.0.1",
		rangeEnd: "10.9.0.1"}]]')"
	fails 1 '^cannot convert: no valid IP addresses; without ipam' \
		cni ADD macvlan "$(lan 'del(.ipam) | .cniVersion = "0.2.0"')"
	same_as "$BEFORE"
	in_ns ROUTER ip addr add fd09::2/64 dev far nodad
	fails 100 '^failed to settle addresses for "eth0": link eth0 has address '`
		`'fd09::2 in DADFAILED state; another host has it' \
		cni ADD macvlan "$(lan6)"
	in_ns ROUTER ip addr del fd09::2/64 dev far
	same_as "$BEFORE"
}

# There, too: duplicates are detected once the master has one.
@test "a master without a carrier: ADD works, and its addresses once it has" {
	tentative() { in_ns c1 ip -6 -o addr show dev eth0 tentative; }
	in_ns ROUTER ip link set far down
	add macvlan "$(lan6)"
	[[ $(tentative) = *fd09::2* ]]
	in_ns ROUTER ip link set far up
	settled() { [[ ! $(tentative) ]]; }
	eventually settled
	in_ns ROUTER ip addr replace fd09::1/64 dev far nodad
	reaches c1 10.9.0.1
	reaches c1 fd09::1
	del macvlan "$(lan6)"
	same_as "$BEFORE"
}

@test "a router of the network may tell the container its address" {
	add macvlan "$(lan 'del(.ipam)')"
	eventually link_local ROUTER far
	advertise ROUTER far
	eventually advertised c1
	del macvlan "$(lan 'del(.ipam)')"
}

@test "whoever knew the address before is told of the new MAC" {
	for mac in 02:00:00:00:00:0a 02:00:00:00:00:0b; do
		add macvlan "$(lan ".mac = \"$mac\" | .ipam.ranges = [[{
			subnet: \"10.9.0.0/24\", rangeStart: \"10.9.0.7\",
			rangeEnd: \"10.9.0.7\"}]]")"
		in_ns ROUTER ping -q -c 1 -W 1 10.9.0.7
		del macvlan "$C"
	done
}

@test "GC releases the addresses of those that are not listed" {
	sandbox c2
	add macvlan "$C"
	prev=$(with_prev "$C" "$res")
	one=$(reservations)
	add macvlan "$C" c2
	add macvlan "$(lan '.name = "other"')" c2 eth1
	drop c2
	gc macvlan "$(with_valid "$C" c1 eth0)"
	is "$(reservations | grep '^pods/')" "$one"
	check macvlan "$prev"
	gc macvlan "$(with_valid "$C")"
	is "$(reservations | cut -d/ -f1)" other
}

@test "CHECK: the link is another one, or another's" {
	add macvlan "$C"
	prev=$(with_prev "$C" "$res")
	fails 7 'required prevResult missing' cni CHECK macvlan "$C"
	in_ns c1 ip link del eth0
	fails 104 eth0 cni CHECK macvlan "$prev"
	in_ns c1 ip link add eth0 type ifb
	fails 104 'not of type macvlan|macvlan' cni CHECK macvlan "$prev"
	# nor does DEL touch it
	del macvlan "$C"
	in_ns c1 ip link show eth0 type ifb
	in_ns c1 ip link del eth0
	same_as "$BEFORE"
}
