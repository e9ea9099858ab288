# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# vlan.bash - what the tests of VLANs share: wires with an address, and what
# arrives on them
# shellcheck disable=SC2154 # variables of helpers.bash

filtering() {
	needs_kernel CONFIG_BRIDGE_VLAN_FILTERING \
		'ip link add probe0 type bridge vlan_filtering 1 &&
		ip link del probe0'
}
tagging() {
	needs_kernel CONFIG_VLAN_8021Q 'ip link add probe0 type ifb
		ip link add link probe0 name probe0.7 type vlan id 7'
	in_host ip link del probe0
}

# vids: the VLANs of the last container's port, e.g. "100,PVID,Egress Untagged"
vids() {
	in_host bridge -j vlan show dev "$(host_veth)" |
		gojq -r '[.[0].vlans[]? | [.vlan, .flags[]?] | join(",")] | join(" ")'
}

# wire EDIT NAME: attaches it; c7 gets 10.7.0.7
wire() {
	add bridge "$(conf l2 "$1")" "$2"
	in_ns "$2" ip addr add "10.7.0.${2#c}/24" dev eth0
}

# tag NAME LINK ID: an interface of that VLAN, e.g. eth0.100; the one of c7
# gets 10.7.100.7
tag() {
	in_ns "$1" ip link add link "$2" name "$2.$3" type vlan id "$3"
	in_ns "$1" ip addr add "10.7.$3.${1#c}/24" dev "$2.$3"
	in_ns "$1" ip link set "$2.$3" up
}

# hear NAME: from now on $TMP/heard.NAME has the frames that arrive on eth0,
# a line each: "MAC > MAC, ethertype 802.1Q (0x8100), ... vlan 100, ..."
hear() {
	local name
	for name; do
		bg "$name" tcpdump -Q in -i eth0 -nn -e -t -l \
			>"$TMP/heard.$name" 2>"$TMP/tcpdump.$name"
		eventually grep 'listening on' "$TMP/tcpdump.$name"
	done
}

# hears NAME FROM [TAG]: frames of FROM's eth0, without a tag or with that one
hears() {
	local from
	from=$(mac "$2" eth0)
	grep "^$from > " "$TMP/heard.$1" |
		grep "${3:+vlan $3,}" | if [[ -n ${3-} ]]; then
			cat
		else
			grep -v '802\.1Q'
		fi | grep .
}

# call NAME LINK MAC: from there a frame to that MAC, one to all and one to a
# group, which nobody answers
call() {
	in_ns "$1" ip addr add 192.0.2.2/24 dev "$2"
	in_ns "$1" ip neigh add 192.0.2.3 lladdr "$3" dev "$2"
	for to in 192.0.2.1 192.0.2.3 224.0.0.1; do
		in_ns "$1" ping -c 1 -W 1 -I "$2" $to >/dev/null || :
	done
	in_ns "$1" ip addr del 192.0.2.2/24 dev "$2"
}
