#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# static/attach.bats - plugins that get their addresses from static: what is
# configured is what works
#
#     c1           c2                     OUT  203.0.113.2, 2001:db8::2
#    eth0 .7      eth0 .8                  |
#     +-----+------+---- br0 .1 - HOST -- up0   203.0.113.1, 2001:db8::1

load ../helpers

setup() {
	host_up
	sandbox c1
	out_up
}

# other [EDIT]: a second container's configuration
other() {
	conf static '.ipam.addresses[].address |= sub("7/"; "8/") | '"${1:-.}"
}

# all_reach NAME ADDRESS...
all_reach() {
	local ip
	for ip in "${@:2}"; do reaches "$1" "$ip"; done
}

# of TYPE [EDIT]: c1's configuration for that plugin; the network has been used
# before, as what it keeps is no trace
of() {
	C=$(conf static ".type = \"$1\" | ${2:-.}")
	add "$1" "$C"
	del "$1" "$C"
	BEFORE=$(snapshot)
}

@test "bridge: neighbours, the host and, masqueraded, the outside are reached" {
	of bridge '.ipMasq = true'
	sandbox c2
	add bridge "$C"
	json '[.ips[] | [.address, .gateway, .interface]]' \
		'[["10.9.0.7/24","10.9.0.1",2],["fd09::7/64","fd09::1",2]]'
	prev=$(with_prev "$C" "$res")
	add bridge "$(other '.ipMasq = true')" c2
	all_reach c1 10.9.0.1 fd09::1 10.9.0.8 fd09::8 203.0.113.2 2001:db8::2
	all_reach HOST 10.9.0.7 fd09::7
	check bridge "$prev"
	del bridge "$(other '.ipMasq = true')" c2
	drop c2
	all_reach c1 10.9.0.1 fd09::1
	del bridge "$C"
	same_as "$BEFORE"
}

@test "ptp: siblings, the host and, masqueraded, the outside are reached" {
	local d
	of ptp '.ipMasq = true'
	d=$(other '.type = "ptp" | .ipMasq = true')
	sandbox c2
	add ptp "$C"
	prev=$(with_prev "$C" "$res")
	add ptp "$d" c2
	all_reach c1 10.9.0.1 fd09::1 10.9.0.8 fd09::8 203.0.113.2 2001:db8::2
	all_reach HOST 10.9.0.7 fd09::7
	check ptp "$prev"
	del ptp "$d" c2
	drop c2
	del ptp "$C"
	same_as "$BEFORE"
}

@test "ptp: an address without a gateway is refused, and nothing made" {
	before=$(snapshot)
	fails 7 'no gateway for fd09::7/64' cni ADD ptp "$(conf static \
		'.type = "ptp" | del(.ipam.addresses[1].gateway)')"
	same_as "$before"
}

@test "macvlan: neighbours and the router on its master are reached" {
	local d on='.type = "macvlan" | .master = "up0" | del(.isGateway)'
	in_ns OUT ip addr add 10.9.0.1/24 dev eth0
	in_ns OUT ip addr add fd09::1/64 dev eth0 nodad
	of macvlan "$on"
	d=$(other "$on")
	sandbox c2
	add macvlan "$C"
	prev=$(with_prev "$C" "$res")
	add macvlan "$d" c2
	all_reach c1 10.9.0.1 fd09::1 10.9.0.8 fd09::8 203.0.113.2 2001:db8::2
	check macvlan "$prev"
	del macvlan "$d" c2
	drop c2
	del macvlan "$C"
	same_as "$BEFORE"
}

@test "what static refuses touches nothing, not even the bridge" {
	local type
	before=$(snapshot)
	for type in bridge ptp macvlan; do
		fails 7 "the 'address' field .*, got: 'fd09::7'" cni ADD $type \
			"$(conf static ".type = \"$type\" | .master = \"up0\" |
			.ipam.addresses[1].address = \"fd09::7\"")"
		fails 7 'IPAM plugin returned missing IP config' cni ADD $type \
			"$(conf static ".type = \"$type\" | .master = \"up0\" |
			del(.ipam.addresses)")"
		fails 7 'gateway 10.9.0.1 for fd09::7/64.* other family' cni \
			ADD $type "$(conf static ".type = \"$type\" |
			.master = \"up0\" |
			.ipam.addresses[1].gateway = \"10.9.0.1\"")"
		same_as "$before"
	done
}

@test "the runtime's addresses are those of the interface" {
	of bridge
	C=$(gojq -c 'del(.ipam.addresses)' <<<"$C")
	c=$(gojq -c '.runtimeConfig.ips = ["10.9.0.9/24", "fd09::9/64"]' <<<"$C")
	add bridge "$c"
	json '[.ips[].address]' '["10.9.0.9/24","fd09::9/64"]'
	all_reach HOST 10.9.0.9 fd09::9
	all_reach c1 203.0.113.1
	check bridge "$(with_prev "$c" "$res")"
	del bridge "$c"
	export CNI_ARGS='IgnoreUnknown=1;IP=10.9.0.10/24;GATEWAY=10.9.0.1'
	add bridge "$C"
	json '[.ips[] | [.address, .gateway]]' '[["10.9.0.10/24","10.9.0.1"]]'
	all_reach HOST 10.9.0.10
	del bridge "$C"
	same_as "$BEFORE"
}

@test "routes have all that is asked for" {
	of bridge '.ipam.routes = [{dst: "192.0.2.0/24", gw: "10.9.0.77",
		mtu: 1300, advmss: 1200, priority: 7},
		{dst: "198.51.100.0/24", table: 100, scope: 253},
		{dst: "2001:db8:7::/48", gw: "fd09::77", priority: 8, mtu: 1290}]'
	add bridge "$C"
	matches "$(in_ns c1 ip route show 192.0.2.0/24)" \
		'via 10.9.0.77 dev eth0 metric 7 mtu 1300 advmss 1200'
	matches "$(in_ns c1 ip route show table 100)" \
		'^198.51.100.0/24 dev eth0 scope link'
	matches "$(in_ns c1 ip -6 route show 2001:db8:7::/48)" \
		'via fd09::77 dev eth0 metric 8 mtu 1290'
	check bridge "$(with_prev "$C" "$res")"
	del bridge "$C"
	same_as "$BEFORE"
}

# executables: that ADD of each plugin runs
executables() {
	local type
	for type in bridge ptp macvlan; do
		c=$(conf static ".type = \"$type\" | .master = \"up0\"")
		trace execve
		add $type "$c"
		WRAP=()
		json '[.ips[].address]' '["10.9.0.7/24","fd09::7/64"]'
		check $type "$(with_prev "$c" "$res")"
		del $type "$c"
		echo "$type $(grep -c ' = 0$' "$TMP/trace")"
	done
}

@test "it is a function of those who delegate to it, and else a process" {
	is "$(executables)" "bridge 1
ptp 1
macvlan 1"
	mkdir "$TMP/bin"
	printf '#!/bin/sh\nexec %s/static\n' "$BIN" >"$TMP/bin/static"
	chmod +x "$TMP/bin/static"
	# the shell is one
	CNI_PATH=$TMP/bin
	is "$(executables)" "bridge 3
ptp 3
macvlan 3"
}
