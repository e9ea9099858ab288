#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# local.bats - ports of 127.0.0.1: from the host alone, and route_localnet

load portmap

localnet() { in_host sysctl -n "net.ipv4.conf.${1-br0}.route_localnet"; }

setup() {
	host_up
	out_up
	MAPPED=$(ports 127.0.0.1:8080:80/tcp 127.0.0.1:5300:53/udp)
}

# crafted NAME [SOURCE]: sends UDP to 127.0.0.1:5300 of the host from NAME, by
# its interface, with a route that its own kernel would not have
crafted() {
	in_ns "$1" sysctl -qw net.ipv4.conf.eth0.route_localnet=1
	in_ns "$1" ip route replace table 7 127.0.0.1/32 via "$2" dev eth0
	in_ns "$1" ip rule add pref 1 from "$3" table 7 2>/dev/null || :
	in_ns "$1" ip rule del pref 0 2>/dev/null || :
	in_ns "$1" ip rule add pref 9 table local 2>/dev/null || :
	echo x | in_ns "$1" socat -t 1 - "UDP:127.0.0.1:5300,bind=$3" || :
}

@test "a port of 127.0.0.1 is reached from the host, and from nowhere else" {
	published c1
	serve c1 80
	serve c1 53 udp
	answers c1 HOST 127.0.0.1 8080
	answers c1 HOST 127.0.0.1 5300 udp
	answers '' HOST 203.0.113.1 8080
	for who in OUT c1; do
		answers '' $who 203.0.113.1 8080
		answers '' $who 203.0.113.1 5300 udp
		answers '' $who 10.9.0.1 8080
	done
}

@test "nor by packets to 127.0.0.1 on the wire, whatever route_localnet is" {
	published c1
	serve c1 53 udp
	serve HOST 5353 udp
	in_host sysctl -qw net.ipv4.conf.up0.route_localnet=1 \
		net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.up0.rp_filter=0
	# the way there works, were it not for the rule
	is "$(crafted OUT 203.0.113.1 203.0.113.2)" ''
	is "$(crafted c1 10.9.0.1 10.9.0.2)" ''
	in_host nft flush chain inet cni_portmap guard
	matches "$(crafted OUT 203.0.113.1 203.0.113.2)" ^c1
}

@test "route_localnet is on as long as somebody needs it, and off again" {
	published c1
	not is "$(localnet)" 0
	MAPPED=$(ports 8081:80/tcp) published c2
	MAPPED=$(ports 203.0.113.1:8082:80/tcp) published c3
	unpublished c1
	not is "$(localnet)" 0
	unpublished c2
	is "$(localnet)" 0
	unpublished c3
	is "$(localnet)" 0
}

@test "route_localnet that was on stays on" {
	published c1
	unpublished c1
	in_host sysctl -qw net.ipv4.conf.br0.route_localnet=1
	published c1
	is "$(localnet)" 1
	unpublished c1
	is "$(localnet)" 1
}

@test "route_localnet goes with what somebody flushed" {
	published c1
	in_host nft flush ruleset
	not is "$(localnet)" 0
	unpublished c1
	is "$(localnet)" 0
}

@test "::1 is refused where there would be such a mapping, and no other" {
	sandbox c1
	MAPPED=$(ports '[::1]:8099:80/tcp')
	add bridge "$(conf dual "$NET")" c1
	before=$(snapshot)
	fails 2 'hostIP ::1' cni ADD portmap "$(with_prev "$(portmap)" "$res")" c1
	same_as "$before"
	# as nerdctl sends it for a network of IPv4
	v4=$(gojq -c 'del(.ips[1])' <<<"$res")
	succeeds cni ADD portmap "$(with_prev "$(portmap)" "$v4")" c1
	same_as "$before"
}

@test "CHECK tells that route_localnet is off" {
	published c1
	check portmap "$P_c1" c1
	in_host sysctl -qw net.ipv4.conf.br0.route_localnet=0
	fails 104 'route_localnet of br0 is off' cni CHECK portmap "$P_c1" c1
}
