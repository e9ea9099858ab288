#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bridge/neighbours.bats - an address that another container had before is
# reached at once by those who knew that one, and is announced only where they
# know it by another MAC
#
#     c1, then c3    c2 .2           FAR .200, ::c8
#      |  .77, ::77   |               |  eth0
#     br0 .1 ------------------------ up0        HOST
#
# FAR is what is behind an uplink: it sees what goes to all ports.

load ../helpers

V4=10.9.0.77 V6=fd09::77

setup() {
	host_up
	sandbox c1 c2 c3 FAR
	in_host ip link add br0 address 02:00:00:00:00:77 type bridge
	in_host ip link add up0 type veth peer name eth0 netns "$FAR"
	in_host ip link set up0 master br0 up
	in_ns FAR ip addr add 10.9.0.200/24 dev eth0
	in_ns FAR ip addr add fd09::c8/64 dev eth0 nodad
	in_ns FAR ip link set eth0 up
}

# network RANGES: one with these
network() {
	conf dual ".ipam.ranges = [$1] | .ipam.routes = []"
}
only() { echo "[{subnet: \"$1\", rangeStart: \"$2\", rangeEnd: \"$2\"}]"; }
v4() { only 10.9.0.0/24 "${1:-$V4}"; }
v6() { only fd09::/64 "${1:-$V6}"; }
of() { if [[ $1 = *:* ]]; then v6 "$1"; else v4 "$1"; fi; }

# sibling: c2, which knows the network
sibling() {
	add bridge "$(network "$(v4 10.9.0.2), $(v6 fd09::2)")" c2
}

# known ADDRESS: to all of them, by the MAC of c1
known() {
	local name
	for name in HOST c2 FAR; do
		eventually reaches "$name" "$1"
		in_ns "$name" ip neigh show to "$1" |
			grep -F "lladdr $(mac c1 eth0) "
	done
}
at_once() {
	local name
	for name in HOST c2 FAR; do reaches "$name" "$1"; done
}

# listen: from now on FAR writes to $HEARD what comes to it
listen() {
	HEARD=$(mktemp -p "$TMP")
	bg FAR tcpdump -Q in -i eth0 -nn -e -t -l \
		'arp or icmp6 or icmp' >"$HEARD" 2>"$HEARD.err"
	eventually grep 'listening on' "$HEARD.err"
}

# told ADDRESS: all were, by gratuitous ARP or an unsolicited neighbour
# advertisement, before it answered FAR
told() {
	eventually grep "$1 > .* echo reply" "$HEARD"
	grep -e "> ff:ff:ff:ff:ff:ff, .* who-has $1 .*tell $1," \
		-e "> 33:33:00:00:00:01, .*advertisement, tgt is $1," "$HEARD"
}

# eui64 MAC: the link-local address that follows from it
eui64() {
	local b
	IFS=: read -ra b <<<"$1"
	printf 'fe80::%x:%xff:fe%s:%x\n' \
		$(((0x${b[0]} ^ 2) << 8 | 0x${b[1]})) $((0x${b[2]})) "${b[3]}" \
		$((0x${b[4]}${b[5]}))
}

# by_go NAME MAC ADDRESS...: attaches it as the Go plugins do
by_go() {
	local name=$1 mac=$2 a
	in_host ip link add veth0badcafe type veth \
		peer name eth0 address "$mac" netns "${!name}"
	in_host ip link set veth0badcafe master br0 up
	for a in "${@:3}"; do
		in_ns "$name" ip addr add "$a" dev eth0 nodad 2>/dev/null
	done
	in_ns "$name" ip link set eth0 up
}

@test "the MAC follows from the IPv4 address, the link-local one from the MAC" {
	for ranges in "$(v4)" "$(v4), $(v6)" "$(v6), $(v4)"; do
		add bridge "$(network "$ranges")"
		is "$(mac c1 eth0)" 0a:58:0a:09:00:4d
		json '.interfaces[2].mac' 0a:58:0a:09:00:4d
		eventually link_local c1
		link_local c1 | grep -F "$(eui64 0a:58:0a:09:00:4d)/"
		check bridge "$(with_prev "$(network "$ranges")" "$res")"
		del bridge "$(network "$ranges")"
	done
}

@test "the MAC follows from an IPv6 address where there is no other" {
	for _ in 1 2; do
		add bridge "$(network "$(v6)")"
		matches "$(mac c1 eth0)" '^0a:58:'
		is "${first:=$(mac c1 eth0)}" "$(mac c1 eth0)"
		eventually link_local c1
		link_local c1 | grep -F "$(eui64 "$first")/"
		del bridge "$(network "$(v6)")"
	done
	add bridge "$(network "$(v6 fd09::78)")"
	[[ $(mac c1 eth0) != "$first" ]]
}

@test "without an address the MAC is another one each time" {
	add bridge "$(conf l2)"
	first=$(mac c1 eth0)
	del bridge "$(conf l2)"
	add bridge "$(conf l2)"
	[[ $(mac c1 eth0) != "$first" ]]
}

@test "where the MAC follows, all who knew the address reach it unannounced" {
	sibling
	for a in "$V4" "$V6"; do
		c=$(network "$(of "$a")")
		add bridge "$c" c1
		known "$a"
		del bridge "$c" c1
		listen
		add bridge "$c" c3
		at_once "$a"
			not told "$a"
		del bridge "$c" c3
	done
}

@test "an IPv6 address beside another IPv4 one is announced, and that one not" {
	sibling
	c=$(network "$(v4), $(v6)")
	add bridge "$c" c1
	known "$V6"
	del bridge "$c" c1
	listen
	add bridge "$(network "$(v4 10.9.0.78), $(v6)")" c3
	at_once "$V6"
	at_once 10.9.0.78
	told "$V6"
	not told 10.9.0.78
}

@test "a second IPv4 address is announced" {
	sibling
	c=$(network "$(v4), $(only 10.8.0.0/24 10.8.0.77)")
	add bridge "$c" c1
	known "$V4"
	del bridge "$c" c1
	listen
	add bridge "$(network "$(only 10.8.0.0/24 10.8.0.77), $(v4)")" c3
	at_once "$V4"
	told "$V4"
}

@test "a configured MAC is announced, and the one that follows after it" {
	sibling
	c=$(network "$(v4), $(v6)")
	add bridge "$c" c1
	known "$V4"
	known "$V6"
	del bridge "$c" c1
	listen
	export CNI_ARGS='IgnoreUnknown=1;MAC=02:00:00:00:00:99'
	add bridge "$c" c3
	unset CNI_ARGS
	is "$(mac c3 eth0)" 02:00:00:00:00:99
	at_once "$V4"
	at_once "$V6"
	told "$V4"
	told "$V6"
	del bridge "$c" c3
	listen
	add bridge "$c" c3
	is "$(mac c3 eth0)" 0a:58:0a:09:00:4d
	at_once "$V4"
	at_once "$V6"
	told "$V4"
}

@test "an address that a Go plugin gave to a random MAC is announced" {
	sibling
	for a in $V4/24 $V6/64; do
		by_go c1 02:ba:dc:af:e0:01 "$a"
		known "${a%/*}"
		in_host ip link del veth0badcafe
		c=$(network "$(of "${a%/*}")")
		listen
		add bridge "$c" c3
		at_once "${a%/*}"
			told "${a%/*}"
		del bridge "$c" c3
	done
}

# wrapped: host-local is a process, as an IPAM plugin for many hosts would be
wrapped() {
	mkdir "$TMP/bin"
	printf '#!/bin/sh\nexec %s/host-local "$@"\n' "$BIN" \
		>"$TMP/bin/host-local"
	chmod +x "$TMP/bin/host-local"
	CNI_PATH=$TMP/bin
}

@test "the MAC follows from an address of a process, and is announced" {
	wrapped
	sibling
	c=$(network "$(v4)")
	add bridge "$c" c1
	is "$(mac c1 eth0)" 0a:58:0a:09:00:4d
	json '.interfaces[2].mac' 0a:58:0a:09:00:4d
	eventually link_local c1
	link_local c1 | grep -F "$(eui64 0a:58:0a:09:00:4d)/"
	known $V4
	del bridge "$c" c1
	listen
	add bridge "$c" c3
	at_once $V4
	# a switch may know the MAC at another host
	told $V4
}

@test "the MAC follows from an address of static, and is announced" {
	sibling
	c=$(conf static ".ipam.addresses = [{address: \"$V4/24\"}] |
		.ipam.routes = []")
	add bridge "$c" c1
	is "$(mac c1 eth0)" 0a:58:0a:09:00:4d
	known $V4
	del bridge "$c" c1
	listen
	add bridge "$c" c3
	at_once $V4
	# it may have been another host's
	told $V4
}

@test "a link that a process brought up, or that is guarded, keeps its MAC" {
	mkdir "$TMP/bin"
	CNI_PATH=$TMP/bin
	cat >"$TMP/bin/host-local" <<-END
	#!/bin/sh
	[ "\$CNI_COMMAND" != ADD ] || [ -e $TMP/down ] ||
		nsenter --net="\$CNI_NETNS" ip link set eth0 up
	exec $BIN/host-local
	END
	chmod +x "$TMP/bin/host-local"
	sibling
	for edit in . '.macspoofchk = true'; do
		c=$(network "$(v4)" | gojq -c "$edit")
		add bridge "$c" c3
		[[ $(mac c3 eth0) != 0a:58:* ]]
		json '.interfaces[2].mac' "$(mac c3 eth0)"
		check bridge "$(with_prev "$c" "$res")" c3
		at_once $V4
		del bridge "$c" c3
		touch "$TMP/down"
	done
}
