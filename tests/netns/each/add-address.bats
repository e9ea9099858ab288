#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# add-address.bats - addresses and routes of the interface that ADD makes
#
# rows: iface iface-inside
# layers: process valgrind guest

load row

setup() {
	row_up
	containers c1
	attach
}

# list FILTER: what it makes of the result, a line each; there are some
list() {
	gojq -r "$1" <<<"$res" >"$TMP/list"
	grep -q . "$TMP/list"
}

@test "the addresses of the result are on the interface, in use" {
	list '.ips[].address'
	while read -r net; do
		in_ns c1 ip -o addr show dev $IF scope global -tentative |
			grep -wF "$net"
	done <"$TMP/list"
}

@test "the routes of the result lead to the interface" {
	to=192.0.2.0/24
	[[ $(address 4) != null ]] || to=2001:db8::/32
	detach
	attach "$(row_conf ".ipam.routes += [{dst: \"$to\"}]")"
	list '.routes[].dst'
	grep -F $to "$TMP/list"
	while read -r dst; do
		family=-4
		[[ $dst != *:* ]] || family=-6
		in_ns c1 ip $family route show exact "$dst" dev $IF | grep .
	done <"$TMP/list"
}

# A gateway that the host has not is beyond the host's link.
@test "the first packet to each gateway is answered" {
	list '.ips[] | .gateway + " " + (.address | split("/")[1])'
	while read -r gateway bits; do
		if [[ $ROW_HOST && -z $(in_host ip addr show to $gateway) ]]; then
			in_host ip addr add $gateway/$bits \
				dev "${ROW_HOST#link }-far" nodad
		fi
		reaches c1 $gateway
	done <"$TMP/list"
}
