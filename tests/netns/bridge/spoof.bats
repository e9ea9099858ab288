#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bridge/spoof.bats - macspoofchk: a pod sends with its own MAC or not at all
#
#     c1             c2
#    eth0  other    eth0       other: a macvlan child of eth0, so with another
#     |   /          |                MAC address of its own
#     +--+-----------+
#              br0             HOST

load ../helpers

setup() {
	host_up
	sandbox c1 c2
	C=$(conf dual '.macspoofchk = true')
}

# disguise NAME: a second MAC for that pod, with 10.9.0.66 and fd09::66
disguise() {
	in_ns "$1" ip link add link eth0 name other type macvlan mode private
	in_ns "$1" ip addr add 10.9.0.66/32 dev other
	in_ns "$1" ip addr add fd09::66/128 dev other nodad
	in_ns "$1" ip link set other up
	in_ns "$1" ip route add "$2/32" dev other src 10.9.0.66
	in_ns "$1" ip -6 route add "$3/128" dev other src fd09::66 metric 1
}

# both EDIT: c1 and c2 attached, the addresses of c2 in $a2 and $b2
both() {
	add bridge "$(conf dual "$1")" c1
	add bridge "$(conf dual "$1")" c2
	a2=$(address) b2=$(address 6)
}

@test "frames with the pod's own MAC pass" {
	both '.macspoofchk = true'
	reaches c1 "$a2"
	reaches c1 "$b2"
	reaches c1 10.9.0.1
	reaches c1 fd09::1
}

@test "frames with another MAC are dropped, ARP and ND included" {
	needs_kernel CONFIG_MACVLAN 'ip link add probe0 type ifb
		ip link add link probe0 name probe1 type macvlan'
	both '.macspoofchk = true'
	disguise c1 "$a2" "$b2"
	misses c1 "$a2"
	misses c1 "$b2"
	not grep -F 10.9.0.66 <(in_ns c2 ip neigh)
	not grep -F fd09::66 <(in_ns c2 ip neigh)
	not grep "$(mac c1 other)" <(in_host bridge fdb show br br0)
	in_ns c1 ip link del other
	reaches c1 "$a2"
}

@test "without macspoofchk the same frames pass" {
	needs_kernel CONFIG_MACVLAN 'ip link add probe0 type ifb
		ip link add link probe0 name probe1 type macvlan'
	both .
	disguise c1 "$a2" "$b2"
	reaches c1 "$a2"
	reaches c1 "$b2"
}

@test "a pod that changes its MAC is cut off" {
	both '.macspoofchk = true'
	own=$(mac c1 eth0)
	in_ns c1 ip link set eth0 address 02:00:00:00:00:66
	misses c1 "$a2"
	in_ns c1 ip link set eth0 address "$own"
	reaches c1 "$a2"
}

@test "it works on a wire without addresses too" {
	c=$(conf l2 '.macspoofchk = true | .runtimeConfig.mac =
		"02:00:00:00:00:01"')
	add bridge "$c" c1
	add bridge "$(conf l2)" c2
	in_ns c1 ip addr add 10.7.0.1/24 dev eth0
	in_ns c2 ip addr add 10.7.0.2/24 dev eth0
	reaches c1 10.7.0.2
	in_ns c1 ip link set eth0 address 02:00:00:00:00:66
	misses c1 10.7.0.2
	check bridge "$(with_prev "$(conf l2)" "$res")" c2
}

# guarded: PORT MAC OWNER of each port that is guarded
guarded() {
	in_host nft -j list ruleset | gojq -r '.nftables[].set // empty |
		select(.table == "cni_spoof" and .name == "macs") | .elem[]?.elem |
		"\(.val.concat[0]) \(.val.concat[1]) \(.comment)"' | sort
}

@test "each attachment has its own elements, and DEL takes those alone" {
	add bridge "$C" c1
	v1=$(host_veth)
	add bridge "$C" c2
	is "$(guarded)" "$(printf '%s\n' \
		"$v1 $(mac c1 eth0) cni:pods:c1:eth0" \
		"$(host_veth) $(mac c2 eth0) cni:pods:c2:eth0" | sort)"
	is "$(rules | wc -l)" 2
	in_ns c2 ip link set eth0 address 02:00:00:00:00:66
	del bridge "$C" c1
	is "$(guarded | cut -d' ' -f3)" cni:pods:c2:eth0
	add bridge "$C" c1
	misses c2 10.9.0.1
	reaches c1 10.9.0.1
	del bridge "$C" c1
	del bridge "$C" c2
	is "$(in_host nft list ruleset)" ''
}

@test "no rule is made for an attachment" {
	add bridge "$C" c1
	before=$(rules)
	add bridge "$C" c2
	is "$(rules)" "$before"
	del bridge "$C" c1
	is "$(rules)" "$before"
}

@test "CHECK names a port that is not guarded, and the next ADD makes it good" {
	for what in ports macs rules; do
		add bridge "$C" c1
		prev=$(with_prev "$C" "$res")
		veth=$(host_veth)
		check bridge "$prev" c1
		case $what in
		ports) gone="delete element bridge cni_spoof ports { $veth }" ;;
		macs) gone="delete element bridge cni_spoof macs
			{ $veth . $(mac c1 eth0) }" ;;
		rules) gone='flush chain bridge cni_spoof prerouting' ;;
		esac
		in_host nft "${gone//$'\n'/}"
		fails 104 "macspoofchk rules of $veth are missing" \
			cni CHECK bridge "$prev" c1
		if [[ $what = rules ]]; then
			# one ADD brings back those of all
			add bridge "$C" c2
			check bridge "$prev" c1
			del bridge "$C" c2
		fi
		del bridge "$C" c1
		is "$(in_host nft list ruleset)" ''
	done
}

@test "what a killed DEL left of a predecessor does not open the port" {
	add bridge "$C" c1
	own=$(mac c1 eth0)
	in_host ip link del "$(host_veth)"
	rm -r "$STORE/pods"
	add bridge "$(conf dual '.macspoofchk = true |
		.runtimeConfig.mac = "02:00:00:00:00:01"')" c1
	is "$(guarded)" "$(host_veth) 02:00:00:00:00:01 cni:pods:c1:eth0"
	in_ns c1 ip link set eth0 address "$own"
	misses c1 10.9.0.1
}

@test "DEL removes the rules whatever became of the namespace" {
	touch "$TMP/file"
	for ns in alive empty missing file dropped; do
		echo "namespace: $ns"
		sandbox c3
		add bridge "$C" c3
		path=$(netns c3)
		case $ns in
		empty) path= ;;
		missing) path=$TMP/none ;;
		file) path=$TMP/file ;;
		dropped) drop c3 ;;
		esac
		del bridge "$C" c3 eth0 "$path"
		is "$(rules)" ''
		is "$(veths HOST)" ''
		[[ $ns = dropped ]] || drop c3
	done
}

@test "DEL removes what is left of rules that somebody touched" {
	for damage in 'flush chain bridge cni_spoof prerouting' \
		'flush table bridge cni_spoof' 'flush set bridge cni_spoof ports' \
		'flush set bridge cni_spoof macs' 'flush ruleset'; do
		echo "damage: $damage"
		add bridge "$C" c1
		# shellcheck disable=SC2086 # words
		in_host nft $damage
		del bridge "$C" c1
		not grep -F c1:eth0 <(in_host nft list ruleset)
		in_host nft flush ruleset
	done
}

@test "a failed ADD leaves no rules" {
	fails 100 192.0.2.0 cni ADD bridge "$(conf dual '.macspoofchk = true |
		.ipam.routes = [{dst: "192.0.2.0/24", gw: "198.51.100.1"}]')" c1
	is "$(in_host nft list ruleset)" ''
}

@test "an attachment without macspoofchk costs no rule" {
	both .
	is "$(in_host nft list ruleset)" ''
}

@test "pods whose names run together with their interfaces' are guarded apart" {
	add bridge "$C" c1-a eth0 "$(netns c1)"
	add bridge "$C" c1 a-eth0 "$(netns c2)"
	is "$(guarded | cut -d' ' -f3 | sort)" 'cni:pods:c1-a:eth0
cni:pods:c1:a-eth0'
	del bridge "$C" c1 a-eth0 "$(netns c2)"
	is "$(guarded | cut -d' ' -f3)" cni:pods:c1-a:eth0
	del bridge "$C" c1-a eth0 "$(netns c1)"
}
