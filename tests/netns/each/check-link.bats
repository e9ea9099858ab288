#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# check-link.bats - CHECK fails on each thing of the interface that is not as ADD
# left it, and names it
#
# rows: iface iface-inside wire wire-inside
# layers: process

load row

setup() {
	row_up
	containers c1
}

# breaks MSG CMD...: after CMD, CHECK fails with something that matches MSG
breaks() {
	attach
	checks "$prev"
	"${@:2}"
	fails 104 "$1" ask CHECK "$prev"
	detach
}

@test "CHECK notices what is wrong with the interface" {
	breaks "$IF.*down" in_ns c1 ip link set $IF down
	breaks "$IF" in_ns c1 ip link del $IF
	breaks 'mac|address' in_ns c1 ip link set $IF address 02:00:00:00:00:99
	breaks "$IF is not of type" in_ns c1 sh -c "ip link del $IF
		ip link add $IF type ifb"
}

@test "CHECK wants a prevResult" {
	attach
	fails '7|104' prevResult ask CHECK
	fails '7|104' prevResult ask CHECK "$(with_prev "$C" null)"
}

@test "CHECK of a namespace that is gone fails" {
	attach
	path=$(netns c1)
	drop c1
	fails 8 . ask CHECK "$prev" c1 $IF "$path"
}

@test "CHECK knows the namespace by another path to it" {
	attach
	checks "$prev" c1 $IF "/proc/$c1/task/$c1/ns/net"
}

@test "CHECK does not mind what plugins after it add" {
	attach
	in_ns c1 ip addr add 172.30.0.7/24 dev $IF
	in_ns c1 ip route add 198.51.100.0/24 via 172.30.0.1
	in_ns c1 ip link add extra type ifb
	in_host nft add table inet other
	checks "$prev"
	checks "$(with_prev "$C" "$(gojq -c --arg ns "$(netns c1)" '
		.interfaces += [{name: "extra", sandbox: $ns},
			{name: "elsewhere"}] |
		.ips += [{address: "172.31.0.7/24",
			interface: (.interfaces | length - 2)},
			{address: "172.32.0.7/24"}] |
		.routes += [{dst: "198.51.100.0/24", gw: "172.30.0.1"}]' \
		<<<"$res")")"
}

@test "CHECK compares with the result, not with the configuration alone" {
	attach
	in='.interfaces[] | select(.sandbox)'
	for e in "($in).mac = \"02:00:00:00:00:77\"" "($in).name = \"eth5\"" \
		"($in).sandbox = \"/proc/self/ns/net\"" 'del(.interfaces)'; do
		echo "edit: $e"
		fails '104|7' . ask CHECK \
			"$(with_prev "$C" "$(gojq -c "$e" <<<"$res")")"
	done
}
