#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# del-link.bats - DEL when others were at the interface, and of one among many
#
# rows: iface wire
# layers: process

load row
load matrix

setup() {
	row_up
	containers c1 c9
	matrix
}

@test "with the interface deleted by somebody before" {
	gone "$(netns c1)" in_ns c1 ip link del $IF
}

@test "with the interface renamed in the container" {
	rename() {
		in_ns c1 ip link set $IF down
		in_ns c1 ip link set $IF name net1
	}
	gone "$(netns c1)" rename
}

@test "with an alias of the host's end that somebody overwrote" {
	before=$(snapshot)
	for alias in 'c1 in pods' cni 'CNI:pods:c1:eth0' ''; do
		for p in yes no; do
			echo "alias: $alias, prevResult: $p"
			attach
			c=$C
			[[ $p = no ]] || c=$prev
			in_host ip link set "$(host_veth)" alias "$alias"
			detach "$c"
			is "$(links c1) $(reservations)" 'lo '
			same_as "$before"
		done
	done
}

@test "with the namespace gone" {
	drop c1
	before=$(snapshot)
	for p in yes no; do
		for path in '' gone; do
			echo "prevResult: $p, path: $path"
			containers c1
			attach
			c=$C
			[[ $p = no ]] || c=$prev
			[[ $path = '' ]] || path=$(netns c1)
			drop c1
			detach "$c" c1 $IF "$path"
			same_as "$before"
		done
	done
}

@test "one attachment's DEL leaves the others working" {
	attach "$C" c1
	one=$prev
	before=$(snapshot)
	attach "$C" c9
	two=$prev
	detach "$two" c9
	same_as "$before"
	checks "$one" c1
	attach "$C" c9
	detach "$C" c1 $IF ''
	checks "$prev" c9
}

@test "the same container and interface on another network stays" {
	attach "$(more)"
	before=$(snapshot)
	detach "$C" c1 $IF ''
	detach "$C" c1 $IF "$(netns c9)"
	detach "$C" # not what this network has there
	same_as "$before"
	checks "$prev"
}
