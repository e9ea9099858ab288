#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# add.bats - the result of ADD, and that what it says is there

load suite

# lines FILTER: what it makes of the result, a line each; there are some
lines() {
	gojq -r "$1" <<<"$res" >"$TMP/list"
	grep -q . "$TMP/list"
}

# bats test_tags=any
@test "ADD: prints one result, of the configuration's version" {
	containers c1
	attach
	gojq -es 'length == 1 and .[0].cniVersion == "1.1.0"' <"$stdout"
}

# --- interfaces -----------------------------------------------------------

# bats test_tags=link
@test "ADD: the result has one interface in the sandbox, called CNI_IFNAME" {
	containers c1
	attach
	json '[.interfaces[] | select((.sandbox // "") != "") | [.name, .sandbox]]' \
		"[[\"$IF\",\"$(netns c1)\"]]"
}

# bats test_tags=link
@test "ADD: each interface of the result is up where it says, with its MAC" {
	containers c1
	attach
	lines '.interfaces[] | if (.sandbox // "") != "" then "c1" else "HOST" end +
		" " + .name + " " + .mac'
	while read -r where name mac; do
		is "$(mac $where $name)" "$mac"
		in_ns $where ip -o link show dev $name up | grep -F $name
	done <"$TMP/list"
}

# bats test_tags=link
@test "ADD: an interface that is attached already is refused, and goes on" {
	containers c1
	attach
	s=$(state)
	refused '[0-9]+' ADD
	left "$s"
}

# bats test_tags=link
@test "ADD: a second interface of the container is another attachment" {
	containers c1
	C=$(edited 'if .isDefaultGateway then .isDefaultGateway = false |
		.isGateway = true else . end | if .ipam then .ipam.routes = []
		else . end')
	settle
	s=$(state)
	attach "$C" c1 eth0
	one=$prev
	two=$(state)
	attach "$C" c1 eth1
	detach "$prev" c1 eth1
	left "$two"
	detach "$one" c1 eth0
	left "$s"
}

# bats test_tags=link
@test "ADD: what plugins before it made is in the result too" {
	containers c1
	attach "$(with_prev "$C" '{"cniVersion": "1.1.0", "interfaces":
		[{"name": "eth9", "mac": "02:00:00:00:00:01", "sandbox": "/x"}],
		"ips": [{"address": "198.51.100.5/24", "interface": 0}],
		"routes": [{"dst": "203.0.113.0/24", "gw": "198.51.100.1"}]}')"
	json '(.interfaces | map(.name) | index("eth9")) as $n | [$n != null,
		([.ips[]? | select(.address == "198.51.100.5/24") |
			.interface == $n]),
		([.routes[]?.dst] | index("203.0.113.0/24") != null)]' \
		'[true,[true],true]'
}

# --- addresses ------------------------------------------------------------

# bats test_tags=iface
@test "ADD: the addresses of the result are on the interface, in use" {
	containers c1
	attach
	lines '.ips[].address'
	while read -r net; do
		in_ns c1 ip -o addr show dev $IF scope global -tentative |
			grep -wF "$net"
	done <"$TMP/list"
	json '[.ips[].address | contains(":")] | unique' '[false,true]'
}

# bats test_tags=iface
@test "ADD: each address of the result names the interface in the sandbox" {
	containers c1
	attach
	json '.interfaces as $i | [.ips[] | $i[.interface].sandbox] | unique' \
		"[\"$(netns c1)\"]"
}

# bats test_tags=iface
@test "ADD: the routes of the result lead to the interface" {
	containers c1
	attach
	lines '.routes[].dst'
	while read -r dst; do
		family=-4
		[[ $dst != *:* ]] || family=-6
		in_ns c1 ip $family route show exact "$dst" dev $IF | grep .
	done <"$TMP/list"
}

# bats test_tags=iface
@test "ADD: DNS of the configuration is in the result" {
	containers c1
	attach "$(edited '.dns = {nameservers: ["192.0.2.53"],
		search: ["pods.example"]}')"
	json .dns '{"nameservers":["192.0.2.53"],"search":["pods.example"]}'
}

# bats test_tags=iface
@test "ADD: asks the IPAM plugin of CNI_PATH, and says what that says" {
	delegate some-ipam <<-'E'
	[ $CNI_COMMAND != ADD ] || echo '{"cniVersion": "1.1.0", "ips":
		[{"address": "10.9.0.77/24", "gateway": "10.9.0.1"}],
		"dns": {"nameservers": ["10.9.0.53"]}}'
	E
	containers c1
	attach "$(edited '.ipam = {type: "some-ipam"}')"
	json '[[.ips[].address], .dns]' \
		'[["10.9.0.77/24"],{"nameservers":["10.9.0.53"]}]'
	detach "$prev"
	is "$(tr '\n' ' ' <"$TMP/some-ipam.asked")" 'ADD DEL '
}

# --- chained --------------------------------------------------------------

# bats test_tags=chained
@test "ADD: hands on the result before it" {
	containers c1
	attach
	# the MAC that tuning has set is another one then
	form='{interfaces: [.interfaces[] | {name, sandbox}], ips, routes, dns}'
	json "$form" "$(gojq -c "$form" <<<"$PREV_c1")"
}

# bats test_tags=chained
@test "ADD: without a result before it is refused" {
	containers c1
	s=$(state)
	cni ADD "$P" "$C" c1 "$IF"
	is_error '[0-9]+'
	left "$s"
}

# --- a plugin's documented keys -------------------------------------------

# port: the host's end of c1's interface, as the result says
port() {
	gojq -r '[.interfaces[] | select((.sandbox // "") == "")][-1].name' \
		<<<"$res"
}

# bats test_tags=bridge
@test "ADD: the bridge is the first interface, the host's end is its port" {
	containers c1
	attach
	json '.interfaces[0].name' br0
	in_host ip -o link show dev "$(port)" | grep -w 'master br0'
}

# bats test_tags=bridge
@test "ADD: isDefaultGateway: the bridge has the gateways, and the routes lead there" {
	containers c1
	attach
	in_host ip -o addr show dev br0 | grep -F ' 10.9.0.1/24 '
	in_host ip -o addr show dev br0 | grep -F ' fd09::1/64 '
	in_ns c1 ip -4 route show default | grep -F 'via 10.9.0.1'
	in_ns c1 ip -6 route show default | grep -F 'via fd09::1'
	is "$(in_host cat /proc/sys/net/ipv4/ip_forward)" 1
	is "$(in_host cat /proc/sys/net/ipv6/conf/all/forwarding)" 1
}

# bats test_tags=bridge,ptp
@test "ADD: mtu: both ends of the interface have it" {
	containers c1
	attach "$(edited '.mtu = 1400')"
	in_ns c1 ip -o link show dev eth0 | grep -w 'mtu 1400'
	in_host ip -o link show dev "$(port)" | grep -w 'mtu 1400'
}

# bats test_tags=bridge
@test "ADD: hairpinMode and portIsolation are set where asked for, and only there" {
	containers c1
	# how WORD WORD
	how() {
		in_host ip -d -o link show dev "$(port)" >"$TMP/link"
		grep -w "hairpin $1" "$TMP/link"
		grep -w "isolated $2" "$TMP/link"
	}
	attach "$(edited '.hairpinMode = true')"
	how on off
	detach "$prev"
	attach "$(edited '.portIsolation = true')"
	how off on
}

# bats test_tags=bridge
@test "ADD: promiscMode: the bridge is promiscuous" {
	containers c1
	attach "$(edited '.promiscMode = true')"
	in_host ip -o link show dev br0 | grep -w PROMISC
}

# bats test_tags=bridge,macvlan
@test "ADD: the capability mac and CNI_ARGS MAC give the interface its address" {
	containers c1
	attach "$(edited '.runtimeConfig.mac = "02:00:00:00:00:41"')"
	is "$(mac c1 eth0)" 02:00:00:00:00:41
	detach "$prev"
	CNI_ARGS='IgnoreUnknown=1;MAC=02:00:00:00:00:42' attach
	is "$(mac c1 eth0)" 02:00:00:00:00:42
}

# bats test_tags=bridge
@test "ADD: a bridge that is there already is used, with what is on it" {
	in_host ip link add br0 type bridge
	in_host ip addr add 10.9.0.254/24 dev br0
	containers c1
	refused '[0-9]+' ADD
	detach "$C"
	in_host ip addr del 10.9.0.254/24 dev br0
	in_host ip addr add 10.9.0.1/24 dev br0
	attach
	in_host ip -o link show dev "$(port)" | grep -w 'master br0'
}

# bats test_tags=bridge
@test "ADD: forceAddress: another address of the bridge gives way" {
	in_host ip link add br0 type bridge
	in_host ip addr add 10.9.0.254/24 dev br0
	containers c1
	attach "$(edited '.forceAddress = true')"
	is "$(in_host ip -o -4 addr show dev br0 | grep -c .)" 1
	in_host ip -o addr show dev br0 | grep -F ' 10.9.0.1/24 '
}

# bats test_tags=ptp
@test "ADD: the host has the gateways, and a route to each address" {
	containers c1
	attach
	in_host ip -o addr show dev "$(port)" | grep -F ' 10.9.0.1/32 '
	in_host ip -o -6 addr show dev "$(port)" | grep -F ' fd09::1/128 '
	in_host ip -4 route show exact "$(address 4)" dev "$(port)" | grep .
	in_host ip -6 route show exact "$(address 6)" dev "$(port)" | grep .
}

# bats test_tags=macvlan
@test "ADD: mode and mtu: the interface is a macvlan like that" {
	containers c1
	attach
	in_ns c1 ip -d -o link show dev eth0 | grep -E 'macvlan +mode bridge'
	detach "$prev"
	attach "$(edited '.mode = "vepa" | .mtu = 1400')"
	in_ns c1 ip -d -o link show dev eth0 >"$TMP/link"
	grep -E 'macvlan +mode vepa' "$TMP/link"
	grep -w 'mtu 1400' "$TMP/link"
}

# bats test_tags=loopback
@test "ADD: lo is up, and has its addresses" {
	containers c1
	attach
	in_ns c1 ip -o link show dev lo up | grep .
	in_ns c1 ip -o addr show dev lo | grep -F ' 127.0.0.1/8 '
	in_ns c1 ip -o addr show dev lo | grep -F ' ::1/128 '
}

# bats test_tags=tuning
@test "ADD: each setting is made" {
	containers c1
	attach
	in_ns c1 ip -d -o link show dev eth0 >"$TMP/link"
	for word in 'link/ether 02:00:00:00:00:99' 'mtu 1400' 'qlen 77' PROMISC \
		ALLMULTI; do
		grep -w "$word" "$TMP/link"
	done
	is "$(in_ns c1 cat /proc/sys/net/ipv4/conf/eth0/arp_ignore)" 1
	is "$(in_ns c1 cat /proc/sys/net/core/somaxconn)" 500
	json '.interfaces[] | select((.sandbox // "") != "") | .mac' \
		02:00:00:00:00:99
}

# --- IPAM -----------------------------------------------------------------

# bats test_tags=host-local,static
@test "ADD: an IPAM result has no interfaces, but routes" {
	attach
	json '[has("interfaces"), [.ips[] | has("interface")], [.routes[].dst]]' \
		'[false,[false,false],["192.0.2.0/24","2001:db8:7::/48"]]'
}

# bats test_tags=host-local
@test "ADD: an address of each range set, with its gateway" {
	attach
	json '[.ips[] | [.address | test("^10\\.9\\.0\\.[0-9]+/24$|^fd09::.+/64$")] +
		[.gateway]]' '[[true,"10.9.0.1"],[true,"fd09::1"]]'
}

# bats test_tags=host-local
@test "ADD: rangeStart, rangeEnd and gateway are kept to" {
	c=$(edited '.ipam.ranges = [[{subnet: "10.9.0.0/24",
		rangeStart: "10.9.0.20", rangeEnd: "10.9.0.22",
		gateway: "10.9.0.21"}]]')
	attach "$c" c1
	one=$(address)
	attach "$c" c2
	two=$(address)
	json '[.ips[].gateway]' '["10.9.0.21"]'
	is "$(sort <<<"$one"$'\n'"$two" | tr '\n' ' ')" '10.9.0.20 10.9.0.22 '
}

# bats test_tags=host-local
@test "ADD: an address that was asked for is given, once" {
	CNI_ARGS='IgnoreUnknown=1;IP=10.9.0.77' attach "$C" c1
	json '[.ips[].address] | index("10.9.0.77/24") != null' true
	CNI_ARGS='IgnoreUnknown=1;IP=10.9.0.77' refused '[0-9]+' ADD "$C" c2
	attach "$(edited '.runtimeConfig.ips = ["10.9.0.78"]')" c2
	json '[.ips[].address] | index("10.9.0.78/24") != null' true
}

# bats test_tags=host-local
@test "ADD: resolvConf is the DNS of the result" {
	printf 'nameserver 192.0.2.53\nsearch pods.example\n' >"$TMP/resolv.conf"
	attach "$(edited ".ipam.resolvConf = \"$TMP/resolv.conf\"")"
	json .dns '{"nameservers":["192.0.2.53"],"search":["pods.example"]}'
}

# bats test_tags=static
@test "ADD: the result is what is configured" {
	attach
	json '[[.ips[] | [.address, .gateway]], .dns]' \
'[[["10.9.0.7/24","10.9.0.1"],["fd09::7/64","fd09::1"]],{"nameservers":["10.9.0.1"],"search":["pods.example"]}]'
}

# bats test_tags=static
@test "ADD: CNI_ARGS and the capability ips give addresses" {
	CNI_ARGS='IgnoreUnknown=1;IP=10.9.0.8/24;GATEWAY=10.9.0.1' \
		attach "$(edited 'del(.ipam.addresses)')"
	json '[.ips[] | [.address, .gateway]]' '[["10.9.0.8/24","10.9.0.1"]]'
	attach "$(edited '.runtimeConfig.ips = ["10.9.0.9/24"]')"
	json '[.ips[].address]' '["10.9.0.9/24"]'
}
