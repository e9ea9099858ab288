#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2154
# 35-takeover-portmap.bats - ports that the Go portmap v1.9.1 mapped are checked and
# deleted by ours, and back

load runtime

setup() {
	host_up
	outside
	B=$(conf dual '.name = "base" | .isGateway = true | .hairpinMode = true |
		.ipMasq = true')
}

# ports BACKEND PORT: portmap's configuration, in $P: PORT of TCP, the one
# after it of UDP, and one of TCP of 127.0.0.1
ports() {
	P=$(gojq -nc --arg backend "$1" --argjson port "$2" '{
		cniVersion: "1.0.0", name: "base", type: "portmap",
		backend: $backend, capabilities: {portMappings: true},
		runtimeConfig: {portMappings: [
		{hostPort: $port, containerPort: 80, protocol: "tcp"},
		{hostPort: ($port + 1), containerPort: 53, protocol: "udp"},
		{hostPort: ($port + 2), containerPort: 80, protocol: "tcp",
		 hostIP: "127.0.0.1"}]}}')
}

# mapped SUITE NAME BACKEND PORT: a container with ports of that suite's; $P is then
# what CHECK and DEL are given
mapped() {
	add bridge "$B" "$2"
	ports "$3" "$4"
	"$1" add portmap "$(with_prev "$P" "$res")" "$2"
	P=$(with_prev "$P" "$res")
}

# servers NAME...: containers that say their names
servers() {
	local name
	sandbox "$@"
	for name; do
		bg "$name" "$PROBE" serve tcp 80 "$name"
		bg "$name" "$PROBE" serve udp 53 "$name"
	done
}

# open NAME PORT: its ports lead there
open() {
	hears "$1" OUT 192.0.2.1 "$2"
	hears "$1" OUT 2001:db8::1 "$2"
	hears "$1" OUT 192.0.2.1 "$(($2 + 1))" udp
	hears "$1" HOST 127.0.0.1 "$(($2 + 2))"
	hears "$1" "$1" 192.0.2.1 "$2"
}

# used SUITE BACKEND: one with ports has been here, and what that suite leaves of
# it is no trace
used() {
	sandbox first
	mapped "$1" first "$2" 7990
	"$1" del portmap "$P" first
	del bridge "$B" first
	drop first
}

# taken_over BACKEND: by our DEL with namespace and result, or with neither
taken_over() {
	local how one two
	used by_go "$1"
	servers c1 c2
	mapped by_go c2 "$1" 8090
	two=$P
	before=$(snapshot)
	for how in all nothing; do
		mapped by_go c1 "$1" 8080
		one=$P
		open c1 8080
		not in_host nft list table inet cni_portmap
		made=$(snapshot)
		check portmap "$one" c1
		same_as "$made"
		case $how in
		all) del portmap "$one" c1 ;;
		nothing) del portmap "$(gojq -c \
			'del(.runtimeConfig, .prevResult)' <<<"$one")" \
			c1 eth0 '' ;;
		esac
		deaf OUT 192.0.2.1 8080
		fails 104 'not mapped' cni CHECK portmap "$one" c1
		del bridge "$B" c1
		same_as "$before"
		# a neighbour of theirs has lost nothing
		by_go check portmap "$two" c2
		open c2 8090
		check portmap "$two" c2
	done
}

@test "takeover: Go's ports by iptables" { taken_over iptables; }
@test "takeover: Go's ports by nftables" { taken_over nftables; }

# second_add BACKEND: a container with Go's ports is attached again by ours, as
# after a restart in which everything was replaced
second_add() {
	used by_go "$1"
	servers c1
	mapped by_go c1 "$1" 8080
	by_go del portmap "$P" c1
	add portmap "$P" c1
	check portmap "$P" c1
	open c1 8080
	del portmap "$P" c1
	deaf OUT 192.0.2.1 8080
}

@test "takeover: ours after Go's, iptables" { second_add iptables; }
@test "takeover: ours after Go's, nftables" { second_add nftables; }

# handed_back BACKEND: Go's CHECK misses rules of its own, its DEL does not fail, and
# leaves our elements, which GC takes; a Go pod may have the port meanwhile
handed_back() {
	used by_go "$1"
	servers c1 c2
	before=$(snapshot)
	mapped by_us c1 "$1" 8080
	open c1 8080
	by_go cni CHECK portmap "$P" c1
	is "$status" 1 "status of Go's CHECK"
	by_go del portmap "$P" c1
	in_host nft list table inet cni_portmap | grep -F '"cni:base:c1:eth0"'
	del bridge "$B" c1
	mapped by_go c2 "$1" 8080
	open c2 8080
	by_go check portmap "$P" c2
	by_go del portmap "$P" c2
	del bridge "$B" c2
	gc portmap "$(with_valid "$(gojq -c '.cniVersion = "1.1.0"' <<<"$P")")"
	same_as "$before"
}

@test "handed back: our ports, Go's iptables" { handed_back iptables; }
@test "handed back: our ports, Go's nftables" { handed_back nftables; }

# --- the whole chain --------------------------------------------------------

# chain_add SUITE NAME: that suite's ADD of each; $PREV is the last result
chain_add() {
	local i
	"$1" add bridge "${CHAIN[0]}" "$2"
	for i in 1 2 3; do
		"$1" add "${TYPES[i]}" "$(with_prev "${CHAIN[i]}" "$res")" "$2"
	done
	PREV=$res
}

# chain_del SUITE NAME NETNS: that suite's DEL of each, as a runtime has it
chain_del() {
	local i
	for i in 3 2 1 0; do
		"$1" del "${TYPES[i]}" "$(with_prev "${CHAIN[i]}" "$PREV")" \
			"$2" eth0 "$3"
	done
}

# turn NAME: Go's chain checked and deleted by ours, as nerdctl does it, without
# the namespace; then ours deleted by Go's, and what that leaves by GC
turn() {
	local i
	servers "$1"
	chain_add by_go "$1"
	open "$1" 8080
	pings "$1" 192.0.2.2
	for i in 0 1 2 3; do
		check "${TYPES[i]}" "$(with_prev "${CHAIN[i]}" "$PREV")" "$1"
	done
	drop "$1"
	chain_del by_us "$1" ''
	unruled "$1" br0 8080 "$(address 4)" "$(address 6)"

	servers "$1"
	chain_add by_us "$1"
	open "$1" 8080
	chain_del by_go "$1" "$(netns "$1")"
	drop "$1"
	for i in 0 1 2; do
		gc "${TYPES[i]}" "$(with_valid "$(gojq -c \
			'.cniVersion = "1.1.0"' <<<"${CHAIN[i]}")")"
	done
	unruled "$1" br0 8080 "$(address 4)" "$(address 6)"
}

# whole BACKEND: the second turn adds nothing to what the first one left
whole() {
	TYPES=(bridge portmap firewall tuning)
	ports "$1" 8080
	CHAIN=("$(gojq -c --arg b "$1" '.ipMasqBackend = $b |
		.cniVersion = "1.0.0"' <<<"$B")" "$P"
	'{"cniVersion":"1.0.0","name":"base","type":"firewall","ingressPolicy":"same-bridge"}'
	'{"cniVersion":"1.0.0","name":"base","type":"tuning","mtu":1400}')
	turn first
	before=$(snapshot)
	turn c1
	same_as "$before"
}

@test "takeover and back: the whole chain, iptables" { whole iptables; }
@test "takeover and back: the whole chain, nftables" { whole nftables; }
