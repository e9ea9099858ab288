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
	sandbox c1
	out_up
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

masq_count() { masq_pods | wc -l; }

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

@test "each pod has its elements, and DEL removes those" {
	sandbox c2
	add bridge "$C" c1
	is "$(masq_pods)" "br0 10.9.0.2 cni:pods:c1:eth0
br0 fd09::2 cni:pods:c1:eth0"
	add bridge "$C" c2
	is "$(masq_count)" 4
	listen OUT
	del bridge "$C" c1
	is "$(masq_pods | cut -d' ' -f3 | uniq)" cni:pods:c2:eth0
	is "$(seen c2 203.0.113.2)" 203.0.113.1
	# and without its namespace, which takes the table along
	del bridge "$C" c2 eth0 ''
	is "$(in_host nft list ruleset)" ''
}

@test "networks of different subnets on one bridge, both with ipMasq" {
	sandbox c2
	listen OUT
	other=$(conf l3 '.name = "other" | .ipMasq = true |
		.ipam.ranges[0][0].subnet = "10.10.0.0/24"')
	add bridge "$C" c1
	add bridge "$other" c2
	is "$(masq_count)" 3
	is "$(seen c1 203.0.113.2)" 203.0.113.1
	is "$(seen c2 203.0.113.2)" 203.0.113.1
	# each is outside to the other
	listen c2
	is "$(seen c1 "$(address)")" 10.10.0.1
}

@test "two networks on one bridge, one with ipMasq: the other has none" {
	sandbox c2 c3
	listen OUT
	other=$(conf l3 '.name = "other" |
		.ipam.ranges[0][0].subnet = "10.10.0.0/24"')
	add bridge "$other" c2
	is "$(seen c2 203.0.113.2)" 10.10.0.2
	add bridge "$C" c1
	# while it is there, and after
	is "$(seen c1 203.0.113.2)" 203.0.113.1
	is "$(seen c2 203.0.113.2)" 10.10.0.2
	add bridge "$other" c3
	is "$(seen c3 203.0.113.2)" 10.10.0.3
	is "$(seen c1 203.0.113.2)" 203.0.113.1
	del bridge "$C" c1
	is "$(in_host nft list ruleset)" ''
	is "$(seen c2 203.0.113.2)" 10.10.0.2
}

@test "of two networks in one subnet and on one bridge, too" {
	sandbox c2
	listen OUT
	other=$(conf l3 '.name = "other" |
		.ipam.ranges[0][0].rangeStart = "10.9.0.100"')
	add bridge "$C" c1
	add bridge "$other" c2
	is "$(seen c1 203.0.113.2)" 203.0.113.1
	is "$(seen c2 203.0.113.2)" 10.9.0.100
	listen c2
	is "$(seen c1 10.9.0.100)" 10.9.0.2
}

@test "another machine on the bridge is not masqueraded" {
	sandbox c2
	listen OUT
	add bridge "$C" c1
	in_host ip link add m0 type veth peer name eth0 netns "$c2"
	in_host ip link set m0 master br0 up
	in_ns c2 ip addr add 10.9.0.200/24 dev eth0
	in_ns c2 ip -6 addr add fd09::200/64 dev eth0 nodad
	in_ns c2 ip link set eth0 up
	in_ns c2 ip route add default via 10.9.0.1
	in_ns c2 ip route add default via fd09::1
	is "$(seen c2 203.0.113.2)" 10.9.0.200
	is "$(seen c2 '[2001:db8::2]')" fd09::200
	is "$(seen c1 203.0.113.2)" 203.0.113.1
	del bridge "$C" c1
	is "$(seen c2 203.0.113.2)" 10.9.0.200
}

@test "an address without a subnet is masqueraded, too" {
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
	is "$(masq_count)" 1
	check bridge "$(with_prev "$c" "$res")"
	listen OUT
	# the only neighbour it needs to know is the bridge
	in_ns c1 ip neigh replace 203.0.113.2 dev eth0 lladdr "$(mac HOST br0)"
	is "$(seen c1 203.0.113.2)" 203.0.113.1
	del bridge "$c" c1 eth0 ''
	is "$(rules)" ''
}

@test "a hundred addresses of one interface" {
	mkdir "$TMP/bin"
	printf '#!/bin/sh\ncat >/dev/null; [ "$CNI_COMMAND" != ADD ] || cat "%s"\n' \
		"$TMP/result" >"$TMP/bin/ipam"
	chmod +x "$TMP/bin/ipam"
	gojq -n '{cniVersion: "1.1.0", routes: [{dst: "0.0.0.0/0"}], ips:
		[range(2; 102) | {address: "10.9.0.\(.)/24", gateway: "10.9.0.1"}]}' \
		>"$TMP/result"
	CNI_PATH=$TMP/bin:$BIN
	c=$(conf l3 '.ipMasq = true | .ipam = {type: "ipam"}')
	listen OUT
	add bridge "$c"
	is "$(masq_count)" 100
	is "$(seen c1 203.0.113.2)" 203.0.113.1
	prev=$(with_prev "$c" "$res")
	check bridge "$prev"
	in_host nft delete element inet cni_masq pods4 '{ br0 . 10.9.0.77 }'
	fails 104 'masquerade of 10.9.0.77/24 is missing' \
		cni CHECK bridge "$prev"
	del bridge "$c"
	is "$(rules)" ''
}

@test "CHECK names the element that is missing" {
	add bridge "$C"
	prev=$(with_prev "$C" "$res")
	check bridge "$prev"
	while IFS='|' read -r map element address subnet inside; do
		in_host nft delete element inet cni_masq "$map" "{ $element }"
		fails 104 "masquerade of $address is missing" \
			cni CHECK bridge "$prev"
		element+=' comment "cni:pods:c1:eth0"'
		in_host nft add element inet cni_masq "$map" \
			"{ $element : goto outside-$subnet }"
		check bridge "$prev"
		in_host nft flush chain inet cni_masq "outside-$subnet"
		fails 104 "masquerade of .* is missing" cni CHECK bridge "$prev"
		in_host nft add rule inet cni_masq "outside-$subnet" \
			"$inside" masquerade
		check bridge "$prev"
	done <<-'END'
	pods4|br0 . 10.9.0.2|10.9.0.2/24|10.9.0.0/24|ip daddr != 10.9.0.0/24
	pods6|br0 . fd09::2|fd09::2/64|fd09--/64|ip6 daddr != fd09::/64
	END
}

@test "first ADDs at once leave one table" {
	sandbox c2 c3 c4
	for pod in c1 c2 c3 c4; do
		(add bridge "$(conf l3 '.ipMasq = true')" $pod) 3>&- &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait $pid; done
	is "$(masq_count)" 4
	is "$(rules | wc -l)" 5
}

@test "where somebody flushed the rules, CHECK says so, ADD restores them" {
	sandbox c2
	listen OUT
	add bridge "$C" c1
	first=$res
	is "$(seen c1 203.0.113.2)" 203.0.113.1
	in_host nft flush table inet cni_masq
	fails 104 masq cni CHECK bridge "$(with_prev "$C" "$first")" c1
	add bridge "$C" c2
	is "$(seen c1 203.0.113.2)" 203.0.113.1
	check bridge "$(with_prev "$C" "$first")" c1
	is "$(rules | wc -l)" 6
	# with the ruleset the elements go: who was there has to come anew
	in_host nft flush ruleset
	add bridge "$(conf l3 '.ipMasq = true | .name = "other" |
		.ipam.ranges[0][0].subnet = "10.10.0.0/24"')" c2 eth1
	fails 104 masq cni CHECK bridge "$(with_prev "$C" "$first")" c1
	del bridge "$C" c1
	add bridge "$C" c1
	check bridge "$(with_prev "$C" "$res")" c1
	is "$(seen c1 203.0.113.2)" 203.0.113.1
}

@test "what nft wrote down it reads back, and it works as before" {
	listen OUT
	add bridge "$C"
	in_host nft list ruleset >"$TMP/rules"
	in_host nft flush ruleset
	in_host nft -f "$TMP/rules"
	is "$(in_host nft list ruleset)" "$(<"$TMP/rules")"
	check bridge "$(with_prev "$C" "$res")"
	is "$(seen c1 203.0.113.2)" 203.0.113.1
	del bridge "$C"
	is "$(in_host nft list ruleset)" ''
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

@test "a bridge that is gone, or made again, changes nobody's masquerade" {
	sandbox c2
	listen OUT
	add bridge "$C" c1
	before=$(masq_pods)
	in_host ip link del br0
	add bridge "$C" c2
	is "$(masq_pods | grep :c1:)" "$before"
	is "$(seen c2 203.0.113.2)" 203.0.113.1
	del bridge "$C" c1
	del bridge "$C" c2
	is "$(in_host nft list ruleset)" ''
}

@test "ipMasq set to false is for pods that come, and again with true" {
	sandbox c2 c3
	listen OUT
	add bridge "$C" c1
	before=$(masq_pods)
	first=$res
	add bridge "$(conf dual)" c2
	is "$(masq_pods)" "$before"
	is "$(seen c2 203.0.113.2)" "$(address)"
	is "$(seen c2 '[2001:db8::2]')" "$(address 6)"
	is "$(seen c1 203.0.113.2)" 203.0.113.1
	check bridge "$(with_prev "$(conf dual)" "$res")" c2
	check bridge "$(with_prev "$C" "$first")" c1
	add bridge "$C" c3
	is "$(seen c3 203.0.113.2)" 203.0.113.1
	is "$(seen c2 '[2001:db8::2]')" fd09::3
	# by a DEL with the configuration of now
	del bridge "$(conf dual)" c1
	is "$(masq_pods | cut -d' ' -f3 | uniq)" cni:pods:c3:eth0
	del bridge "$(conf dual)" c3
	is "$(in_host nft list ruleset)" ''
}

@test "a network that was renamed, moved, or made again under its name" {
	sandbox c2 c3 c4
	listen OUT
	add bridge "$C" c1
	one=$(with_prev "$C" "$res")
	renamed=$(gojq -c '.name = "more" | .ipam.ranges[0][0].rangeStart =
		"10.9.0.50" | .ipam.ranges[1][0].rangeStart = "fd09::50"' <<<"$C")
	# the same subnet's first address, and another prefix length
	grown=$(conf l3 '.ipMasq = true | .isGateway = false |
		.ipam.ranges[0][0].subnet = "10.9.0.0/16" |
		.ipam.ranges[0][0].rangeStart = "10.9.1.0" |
		.ipam.routes[0].gw = "10.9.0.1"')
	moved=$(conf l3 '.ipMasq = true |
		.ipam.ranges[0][0].subnet = "10.10.0.0/24"')
	add bridge "$renamed" c2
	in_host ip route add 10.9.1.0/24 dev br0
	add bridge "$grown" c3
	three=$(with_prev "$grown" "$res")
	add bridge "$moved" c4
	is "$(masq_count)" 6
	for pod in c1 c2 c3 c4; do
		is "$(seen $pod 203.0.113.2)" 203.0.113.1
	done
	check bridge "$one" c1
	check bridge "$three" c3
	# each leaves with what is its own
	del bridge "$renamed" c2
	check bridge "$one" c1
	del bridge "$grown" c1
	check bridge "$three" c3
	is "$(seen c3 203.0.113.2)" 203.0.113.1
	add bridge "$C" c1
	check bridge "$three" c3
	check bridge "$(with_prev "$C" "$res")" c1
	del bridge "$grown" c3
	del bridge "$C" c4
	is "$(masq_pods | cut -d' ' -f3 | uniq)" cni:pods:c1:eth0
	del bridge "$moved" c1 eth0 ''
	is "$(in_host nft list ruleset)" ''
}

@test "what a killed pod left at an address is the next one's" {
	sandbox c2
	listen OUT
	add bridge "$C" c1
	drop c1
	# nobody called DEL, and the store was emptied
	rm -rf "${STORE:?}"/*
	add bridge "$C" c2
	is "$(address)" 10.9.0.2
	is "$(masq_pods | cut -d' ' -f3 | uniq)" cni:pods:c2:eth0
	check bridge "$(with_prev "$C" "$res")" c2
	del bridge "$C" c1 eth0 ''
	check bridge "$(with_prev "$C" "$res")" c2
	is "$(seen c2 203.0.113.2)" 203.0.113.1
}

@test "GC goes by the element" {
	sandbox c2 c3
	other=$(conf l3 '.name = "other" | .ipMasq = true |
		.ipam.ranges[0][0].subnet = "10.10.0.0/24"')
	add bridge "$C" c1
	one=$(with_prev "$C" "$res")
	add bridge "$C" c2
	add bridge "$other" c3
	drop c2
	gc bridge "$(with_valid "$C" c1 eth0)"
	not grep :c2: <<<"$(masq_pods)"
	is "$(masq_count)" 3
	check bridge "$one" c1
	gc bridge "$(with_valid "$other")"
	is "$(masq_count)" 2
	gc bridge "$(with_valid "$C")"
	is "$(in_host nft list ruleset)" ''
}

@test "an ADD that fails leaves no element" {
	sandbox c2
	add bridge "$C" c1
	before=$(snapshot)
	# one of its last steps
	fails 102 'already has an IP address' cni ADD bridge \
		"$(conf l3 '.ipMasq = true |
			.ipam.ranges[0][0].gateway = "10.9.0.77"')" c2
	same_as "$before"
}

# --- after somebody removed all rules --------------------------------------

# masqueraded NAME...: the outside sees the host's address of each
masqueraded() {
	local name
	for name; do
		is "$(seen "$name" 203.0.113.2)" 203.0.113.1
		is "$(seen "$name" '[2001:db8::2]')" 2001:db8::1
	done
}

# flush CMD...: as an administrator or a firewall's service does
flushed() {
	in_host nft "$@"
	is "$(masq_pods)" ''
}

@test "after a flush the next ADD masquerades all that live" {
	local before prevs=()
	listen OUT
	before=$(snapshot)
	sandbox c2 c3 c4
	for name in c1 c2 c3; do
		add bridge "$C" $name
		prevs+=("$(with_prev "$C" "$res")")
	done
	for how in 'flush ruleset' 'delete table inet cni_masq'; do
		read -ra how <<<"$how"
		flushed "${how[@]}"
		is "$(seen c1 203.0.113.2)" 10.9.0.2
		# those that came and went leave no more than those who were there
		add bridge "$C" c4
		masqueraded c1 c2 c3 c4
		is "$(masq_count)" 8
		for i in 0 1 2; do
			check bridge "${prevs[i]}" c$((i + 1))
		done
		del bridge "$C" c4
		is "$(masq_count)" 6
	done
	for name in c1 c2 c3; do del bridge "$C" $name; done
	is "$(rules)" ''
	drop c2
	drop c3
	drop c4
}

@test "after a flush each network's next ADD is for that network" {
	listen OUT
	sandbox c2 c3 c4
	d=$(conf l3 '.name = "others" | .bridge = "br1" | .ipMasq = true |
		.ipam.ranges = [[{subnet: "10.7.0.0/24"}]]')
	add bridge "$C" c1
	add bridge "$d" c2
	# nor is one masqueraded that never was
	add bridge "$(conf l3 '.name = "plain" | .bridge = "br2" |
		.ipam.ranges = [[{subnet: "10.6.0.0/24"}]]')" c3
	flushed flush ruleset
	add bridge "$C" c4
	is "$(seen c1 203.0.113.2)" 203.0.113.1
	is "$(seen c2 203.0.113.2)" 10.7.0.2
	del bridge "$C" c4
	add bridge "$d" c4
	is "$(seen c2 203.0.113.2)" 203.0.113.1
	is "$(seen c3 203.0.113.2)" 10.6.0.2
	# a network without attachments leaves not even its name
	del bridge "$d" c4
	del bridge "$d" c2
	not grep -F others <<<"$(in_host nft list ruleset)"
}

@test "after a flush: what IPAM tells nobody, and what is no attachment's" {
	listen OUT
	sandbox c2 c3
	mkdir "$TMP/bin"
	cat >"$TMP/bin/told" <<-'END'
	#!/bin/sh
	[ "$CNI_COMMAND" != ADD ] || printf '%s' '{"cniVersion": "1.1.0",
		"ips": [{"address": "10.9.0.'${CNI_CONTAINERID#c}'7/24",
		"gateway": "10.9.0.1"}], "routes": [{"dst": "0.0.0.0/0"}]}'
	END
	chmod +x "$TMP/bin/told"
	CNI_PATH=$TMP/bin:$BIN
	c=$(gojq -c '.ipam = {type: "told"}' <<<"$C")
	add bridge "$c" c1
	# a port of somebody else's, which has an address of the subnet
	in_host ip link add other type veth peer name eth0 netns "$c3"
	in_host ip link set other master br0 up
	in_ns c3 ip addr add 10.9.0.99/24 dev eth0
	in_ns c3 ip link set eth0 up
	in_ns c3 ip route add default via 10.9.0.1
	flushed flush ruleset
	add bridge "$c" c2
	is "$(masq_count)" 2
	is "$(seen c1 203.0.113.2)" 203.0.113.1
	is "$(seen c3 203.0.113.2)" 10.9.0.99
	del bridge "$c" c2
	del bridge "$c" c1
	is "$(masq_count)" 0
}

@test "names that fit no comment are restored as well" {
	long=$(printf 'n%.0s' {1..80})
	id=$(printf 'a%.0s' {1..64})
	sandbox c2
	c=$(gojq -c --arg n "$long" '.name = $n' <<<"$C")
	add bridge "$c" "$id" eth0 "$(netns c1)"
	prev=$(with_prev "$c" "$res")
	flushed flush ruleset
	add bridge "$c" c2
	check bridge "$prev" "$id" eth0 "$(netns c1)"
	del bridge "$c" c2
	del bridge "$c" "$id" eth0 "$(netns c1)"
	is "$(masq_count)" 0
}

@test "ipMasq set to true is for pods that come, and after a flush too" {
	sandbox c2 c3 c4
	listen OUT
	add bridge "$(conf dual)" c1
	add bridge "$C" c2
	is "$(seen c1 203.0.113.2)" 10.9.0.2
	is "$(seen c1 '[2001:db8::2]')" fd09::2
	# the first that is masqueraded again, after the last one went
	del bridge "$C" c2
	add bridge "$C" c3
	is "$(seen c1 203.0.113.2)" 10.9.0.2
	is "$(masq_pods | cut -d' ' -f3 | uniq)" cni:pods:c3:eth0
	flushed flush ruleset
	add bridge "$C" c4
	is "$(masq_pods | cut -d' ' -f3 | sort -u)" "cni:pods:c3:eth0
cni:pods:c4:eth0"
	masqueraded c3 c4
	is "$(seen c1 203.0.113.2)" 10.9.0.2
}
