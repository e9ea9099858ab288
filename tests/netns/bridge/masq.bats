#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bridge/masq.bats - ipMasq: whose address the outside sees
#
#     c1, c2                    OUT  203.0.113.2, 2001:db8::2
#      |  10.9.0.0/24            |   it has routes back to the pods, so that
#      |  fd09::/64              |   both answers work: with and without NAT
#     br0 .1 ------ HOST ------ up0  203.0.113.1, 2001:db8::1

load ../helpers

setup() {
	host_up
	sandbox c1 OUT
	in_host ip link add up0 type veth peer name eth0 netns "$OUT"
	in_host ip addr add 203.0.113.1/24 dev up0
	in_host ip addr add 2001:db8::1/64 dev up0 nodad
	in_host ip link set up0 up
	in_ns OUT ip addr add 203.0.113.2/24 dev eth0
	in_ns OUT ip addr add 2001:db8::2/64 dev eth0 nodad
	in_ns OUT ip link set eth0 up
	in_ns OUT ip route add 10.0.0.0/8 via 203.0.113.1
	in_ns OUT ip route add fd00::/8 via 2001:db8::1
	C=$(conf dual '.ipMasq = true')
}

# listen NAME: it tells every TCP client on port 80 how it sees the client
listen() {
	bg "$1" socat TCP6-LISTEN:80,ipv6only=0,reuseaddr,fork \
		SYSTEM:'echo $SOCAT_PEERADDR'
}

# seen FROM ADDRESS: what address the listener there sees FROM come from
seen() {
	in_ns "$1" timeout 120 socat -u "TCP:$2:80,retry=1000,interval=0.1" - |
		tr -d '[]' | sed 's/^0000:.*ffff:\(..\)\(..\):\(..\)\(..\)$/\1 \2 \3 \4/' |
		{ read -r a b c d
		if [[ -n ${d-} ]]; then
			echo $((16#$a)).$((16#$b)).$((16#$c)).$((16#$d))
		else
			sed 's/\b0*\([0-9a-f]\)/\1/g; s/\(:0\)\{2,\}/:/; s/:::*/::/' <<<"$a"
		fi; }
}

masq_rules() { rules | grep -c masq || :; }

@test "with ipMasq the outside sees the host's address" {
	listen OUT
	add bridge "$C"
	is "$(seen c1 203.0.113.2)" 203.0.113.1
	is "$(seen c1 '[2001:db8::2]')" 2001:db8::1
}

@test "without ipMasq the outside sees the pod's address" {
	listen OUT
	add bridge "$(conf dual)"
	is "$(rules)" ''
	is "$(seen c1 203.0.113.2)" 10.9.0.2
	is "$(seen c1 '[2001:db8::2]')" fd09::2
}

@test "either backend's name has the same effect" {
	listen OUT
	for backend in '"iptables"' '"nftables"' null; do
		c=$(conf dual ".ipMasq = true | .ipMasqBackend = $backend")
		add bridge "$c"
		is "$(seen c1 203.0.113.2)" 203.0.113.1
		check bridge "$(with_prev "$c" "$res")"
		rules >"$TMP/rules.${backend//\"/}"
		del bridge "$c"
		in_host nft flush ruleset
	done
	diff <(sed 's/"handle":[0-9]*//' "$TMP/rules.iptables") \
		<(sed 's/"handle":[0-9]*//' "$TMP/rules.nftables")
}

@test "an unknown backend is refused before anything is made" {
	before=$(snapshot)
	for backend in '"firewalld"' '""' '"NFTables"'; do
		fails 7 'ipMasq ?Backend' cni ADD bridge \
			"$(conf dual ".ipMasq = true | .ipMasqBackend = $backend")"
	done
	fails 7 'ipMasq ?Backend' cni ADD bridge \
		"$(conf l2 '.ipMasqBackend = "firewalld"')"
	same_as "$before"
}

@test "within the subnet nobody is masqueraded" {
	sandbox c2
	add bridge "$C" c1
	a1=$(address)
	b1=$(address 6)
	add bridge "$C" c2
	listen c2
	is "$(seen c1 "$(address)")" "$a1"
	is "$(seen c1 "[$(address 6)]")" "$b1"
	listen HOST
	is "$(seen c1 10.9.0.1)" "$a1"
	is "$(seen c1 '[fd09::1]')" "$b1"
}

@test "even where bridged packets go by the host's netfilter" {
	needs_kernel CONFIG_BRIDGE_NETFILTER \
		'test -e /proc/sys/net/bridge/bridge-nf-call-iptables'
	echo 1 | in_host tee /proc/sys/net/bridge/bridge-nf-call-ip{,6}tables
	sandbox c2
	add bridge "$C" c1
	a1=$(address)
	add bridge "$C" c2
	listen c2
	listen OUT
	is "$(seen c1 "$(address)")" "$a1"
	is "$(seen c1 203.0.113.2)" 203.0.113.1
}

@test "from one network's pods to another's, the host's address is seen" {
	sandbox c2
	add bridge "$(conf l3 '.name = "other" | .bridge = "br1" |
		.ipam.ranges[0][0].subnet = "10.10.0.0/24"')" c2
	listen c2
	add bridge "$C" c1
	is "$(seen c1 10.10.0.2)" 10.10.0.1
}

@test "multicast is not masqueraded" {
	add bridge "$C"
	# a multicast router is not to be had in a test; read the rules
	rules | grep masq >"$TMP/rules"
	grep -F '224.0.0.0' "$TMP/rules"
	grep -F 'ff00::' "$TMP/rules"
}

@test "two pods of a network share one rule a family" {
	sandbox c2
	add bridge "$C" c1
	is "$(masq_rules)" 2
	add bridge "$C" c2
	is "$(masq_rules)" 2
	listen OUT
	del bridge "$C" c1
	is "$(seen c2 203.0.113.2)" 203.0.113.1
}

@test "networks of different subnets have each their own rule" {
	sandbox c2
	listen OUT
	other=$(conf l3 '.name = "other" | .ipMasq = true |
		.ipam.ranges[0][0].subnet = "10.10.0.0/24"')
	add bridge "$C" c1
	add bridge "$other" c2
	is "$(masq_rules)" 3
	is "$(seen c1 203.0.113.2)" 203.0.113.1
	is "$(seen c2 203.0.113.2)" 203.0.113.1
}

@test "an address without a subnet has a rule that goes with it" {
	mkdir "$TMP/bin"
	printf '#!/bin/sh\ncat >/dev/null; [ "$CNI_COMMAND" != ADD ] || cat "%s"\n' \
		"$TMP/result" >"$TMP/bin/ipam"
	chmod +x "$TMP/bin/ipam"
	echo '{"cniVersion": "1.1.0", "ips": [{"address": "10.9.0.7/32"}],
		"routes": [{"dst": "0.0.0.0/0", "scope": 253}]}' >"$TMP/result"
	CNI_PATH=$TMP/bin:$BIN
	in_host ip link add br0 type bridge
	in_host ip link set br0 up
	in_host ip addr add 10.9.0.1/24 dev br0
	echo 1 | in_host tee /proc/sys/net/ipv4/ip_forward
	c=$(conf l2 '.ipMasq = true | .ipam.type = "ipam"')
	add bridge "$c"
	is "$(masq_rules)" 1
	check bridge "$(with_prev "$c" "$res")"
	listen OUT
	# the only neighbour it needs to know is the bridge
	in_ns c1 ip neigh replace 203.0.113.2 dev eth0 lladdr "$(mac HOST br0)"
	is "$(seen c1 203.0.113.2)" 203.0.113.1
	del bridge "$c" c1 eth0 ''
	is "$(masq_rules)" 0
}

# monitored CMD...: what nf_tables had committed while CMD ran, into $TMP/log
monitored() {
	bg HOST nft monitor >"$TMP/log"
	marked() {
		in_host nft add table inet "$1"
		in_host nft delete table inet "$1"
		grep -q "$1" "$TMP/log"
	}
	eventually marked before_it
	"$@"
	eventually marked after_it
	kill "${JOBS[-1]}"
}
committed() {
	sed '0,/before_it/d; /after_it/,$d' "$TMP/log" |
		grep -v 'before_it\|^# new generation'
}

@test "a steady ADD, CHECK and DEL commit nothing to nf_tables" {
	add bridge "$C"
	del bridge "$C"
	steady() {
		add bridge "$C"
		check bridge "$(with_prev "$C" "$res")"
		del bridge "$C"
	}
	monitored steady
	not committed
	# to show that the monitor sees what there is to see
	rm "$TMP/log"
	in_host nft flush ruleset
	monitored steady
	committed | grep masq
}

@test "first ADDs at once leave one rule" {
	sandbox c2 c3 c4
	for pod in c1 c2 c3 c4; do
		(add bridge "$(conf l3 '.ipMasq = true')" $pod) 3>&- &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait $pid; done
	is "$(masq_rules)" 1
}

@test "after somebody flushed the ruleset, CHECK says so, ADD restores it" {
	sandbox c2
	listen OUT
	add bridge "$C" c1
	first=$res
	is "$(seen c1 203.0.113.2)" 203.0.113.1
	in_host nft flush ruleset
	fails 104 masq cni CHECK bridge "$(with_prev "$C" "$first")" c1
	add bridge "$C" c2
	is "$(seen c1 203.0.113.2)" 203.0.113.1
	check bridge "$(with_prev "$C" "$first")" c1
	is "$(masq_rules)" 2
}

@test "tables of others are left alone" {
	in_host nft -f - <<-'END'
	table ip nat {
		chain POSTROUTING {
			type nat hook postrouting priority 100
			ip saddr 192.0.2.0/24 counter masquerade
		}
	}
	table inet mine {
		chain input {
			type filter hook input priority 0; policy accept;
			tcp dport 22 accept
		}
	}
	END
	others() {
		in_host nft list table ip nat
		in_host nft list table inet mine
	}
	before=$(others)
	add bridge "$(conf dual '.ipMasq = true | .macspoofchk = true')"
	is "$(others)" "$before"
	del bridge "$(conf dual '.ipMasq = true | .macspoofchk = true')"
	is "$(others)" "$before"
}

@test "iptables -S goes on working beside it" {
	needs_tool iptables-nft
	add bridge "$(conf dual '.ipMasq = true | .macspoofchk = true')"
	in_host iptables-nft -t nat -S
	in_host ip6tables-nft -t nat -S
	in_host iptables-nft -S
}

@test "a rule whose bridge is gone goes with the next commit" {
	add bridge "$C"
	del bridge "$C"
	in_host ip link del br0
	add bridge "$(conf l3 '.name = "other" | .ipMasq = true |
		.bridge = "br1" | .ipam.ranges[0][0].subnet = "10.10.0.0/24"')"
	is "$(masq_rules)" 1
}

@test "a bridge that is made again has its masquerade" {
	add bridge "$C"
	del bridge "$C"
	in_host ip link del br0
	add bridge "$C"
	is "$(masq_rules)" 2
	listen OUT
	is "$(seen c1 203.0.113.2)" 203.0.113.1
}

@test "ipMasq set to false ends it for the network, and for no other" {
	sandbox c2 c3
	listen OUT
	other=$(conf l3 '.name = "other" | .ipMasq = true |
		.ipam.ranges[0][0].subnet = "10.10.0.0/24"')
	# two subnets; the next address is in the second one
	add bridge "$(gojq -c '.ipam.ranges = [[{subnet: "10.11.0.0/24",
		rangeEnd: "10.11.0.2"}]]' <<<"$C")" c1
	del bridge "$C" c1
	add bridge "$C" c1
	add bridge "$other" c2
	is "$(masq_rules)" 4
	add bridge "$(conf dual)" c3
	is "$(masq_rules)" 1
	is "$(seen c3 203.0.113.2)" "$(address)"
	is "$(seen c3 '[2001:db8::2]')" "$(address 6)"
	is "$(seen c2 203.0.113.2)" 203.0.113.1
	check bridge "$(with_prev "$(conf dual)" "$res")" c3
	# and again
	del bridge "$C" c3
	add bridge "$C" c3
	is "$(masq_rules)" 3
	is "$(seen c3 203.0.113.2)" 203.0.113.1
}

@test "an ADD that fails without ipMasq ends no masquerade" {
	sandbox c2
	add bridge "$C" c1
	before=$(snapshot)
	# one of its last steps
	fails 102 'already has an IP address' cni ADD bridge \
		"$(conf l3 '.ipam.ranges[0][0].gateway = "10.9.0.77"')" c2
	same_as "$before"
}
