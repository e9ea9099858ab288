# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# firewall.bash - chains of bridge and firewall, and what of them is there
#
# A network's number N gives its bridge br<N> and its subnets 10.9.<N>.0/24 and
# fd09:<N>::/64.

load ../helpers

# net N [EDIT]: the configurations of network N, bridge's in $B and the
# firewall's in $F, that one after the jq EDIT
net() {
	B=$(conf dual ".name = \"net$1\" | .bridge = \"br$1\" | .ipam.ranges =
		[[{subnet: \"10.9.$1.0/24\"}], [{subnet: \"fd09:$1::/64\"}]]")
	F=$(conf firewall "del(.denyTo) | .name = \"net$1\" | (${2:-.})")
}

# join N ID [EDIT]: attaches container ID by the chain of network N; then $prev
# is the firewall's configuration with the result
join() {
	net "$1" "${3-}"
	[[ -v $2 ]] || sandbox "$2"
	add bridge "$B" "$2"
	add firewall "$(with_prev "$F" "$res")" "$2"
	prev=$(with_prev "$F" "$res")
	eventually ip_ready "$2"
}
# join_other ID [EDIT]: the same by the chain of network "other" on br1; and
# leave_other ID
join_other() { join 1 "$1" ".name = \"other\" | (${2:-.})"; }
leave_other() { leave 1 "$1" '.name = "other"'; }
ip_ready() { link_local "$1"; }

# leave N ID [EDIT]: detaches it, by the chain in the other order
leave() {
	net "$1" "${3-}"
	del firewall "$F" "$2" eth0 ''
	del bridge "$B" "$2" eth0 ''
}

# v4 N HOST / v6 N HOST: the address of the HOSTth container; 1 is the gateway
v4() { echo "10.9.$1.$2"; }
v6() { echo "fd09:$1::$2"; }

# listed PROGRAM: its rules of table filter, as it prints them
listed() { in_host "$1" -S; }

# ours: what is in our tables
ours() {
	in_host nft list ruleset | grep -F cni_firewall
}

# no_extension: no rule has an expression of x_tables
no_extension() {
	not grep -E '\[ (match|target) ' <(in_host nft --debug=netlink list ruleset)
}

# serve ID PORT: says hello to each who connects there
serve() {
	bg "$1" socat "TCP6-LISTEN:$2,ipv6only=0,reuseaddr,fork" \
		SYSTEM:'echo hello'
	eventually in_ns "$1" grep -qi ":$(printf %04X "$2") .* 0A " \
		/proc/net/tcp6
}

# fetch ID ADDRESS PORT: what it hears there; fetches: that is hello
fetch() {
	in_ns "$1" timeout 2 socat -u "TCP:$2:$3,connect-timeout=1" -
}
fetches() { is "$(fetch "$@")" hello; }
