#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# takeover.bats - what the Go plugins' firewall v1.9.1 made, by the commands that
# it runs: CHECK takes it, DEL removes what is the attachment's

load firewall

# go_add PROGRAM N ADDRESS POLICY: as its ADD, for one address
go_add() {
	local ipt=$1 br=br$2 c='CNI firewall plugin rules (ingressPolicy:'
	t() { in_host "$ipt" -C "$1" "${@:3}" 2>/dev/null || in_host "$ipt" "$2" "$1" "${@:3}"; }
	for chain in CNI-FORWARD CNI-ADMIN CNI-ISOLATION-STAGE-1 \
		CNI-ISOLATION-STAGE-2; do
		in_host "$ipt" -N $chain 2>/dev/null || :
	done
	t FORWARD -I -m comment --comment 'CNI firewall plugin rules' -j CNI-FORWARD
	t CNI-FORWARD -I -m comment --comment 'CNI firewall plugin admin overrides' -j CNI-ADMIN
	t CNI-FORWARD -A -d "$3" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
	t CNI-FORWARD -A -s "$3" -j ACCEPT
	[[ $4 != open ]] || return 0
	t FORWARD -I -j CNI-ISOLATION-STAGE-1 -m comment --comment "$c same-bridge|isolated)"
	t CNI-ISOLATION-STAGE-1 -I -i $br ! -o $br -j CNI-ISOLATION-STAGE-2 -m comment --comment "$c $4)"
	[[ $4 != isolated ]] || t CNI-ISOLATION-STAGE-1 -I -i $br -o $br -j DROP -m comment --comment "$c $4)"
	t CNI-ISOLATION-STAGE-1 -A -j RETURN -m comment --comment "$c same-bridge|isolated)"
	t CNI-ISOLATION-STAGE-2 -I -o $br -j DROP -m comment --comment "$c $4)"
	t CNI-ISOLATION-STAGE-2 -A -j RETURN -m comment --comment "$c same-bridge|isolated)"
}

# by_go N ID POLICY: an attachment that their chain made, but for the bridge
by_go() {
	net "$1" ".ingressPolicy = \"$3\""
	sandbox "$2"
	add bridge "$B" "$2"
	go_add iptables-nft "$1" "$(address 4)" "$3"
	go_add ip6tables-nft "$1" "$(address 6)" "$3"
	prev=$(with_prev "$F" "$res")
}

# both_listed: rules but those of the shared chains
both_listed() {
	for t in iptables-nft ip6tables-nft; do
		in_host $t -S | grep -vE -e '^-[NP]' -e '-j (CNI-FORWARD|CNI-ADMIN|RETURN|CNI-ISOLATION-STAGE-1)$' || :
	done
}

@test "CHECK passes for what they made, and misses what of it is gone" {
	for policy in open same-bridge isolated; do
		by_go 1 c1 $policy
		check firewall "$prev" c1
		a=$(address 6)
		in_host ip6tables-nft -D CNI-FORWARD -s "$a" -j ACCEPT
		fails 104 'br1 is missing' cni CHECK firewall "$prev" c1
		in_host ip6tables-nft -A CNI-FORWARD -s "$a" -j ACCEPT
		check firewall "$prev" c1
		in_host iptables-nft -F CNI-FORWARD
		fails 104 'br1 is missing' cni CHECK firewall "$prev" c1
		all_down
		host_up
	done
	by_go 1 c1 same-bridge
	in_host iptables-nft -F CNI-ISOLATION-STAGE-2
	fails 104 'br1 is missing' cni CHECK firewall "$prev" c1
}

@test "DEL removes the rules of its addresses, the last one the bridge's" {
	by_go 1 c1 isolated
	one=$prev
	by_go 1 c2 isolated
	two=$prev
	by_go 2 c3 same-bridge
	with=$(both_listed)
	del firewall "$one" c1 eth0 ''
	diff <(grep -vE "$(v4 1 2)/32|$(v6 1 2)/128" <<<"$with") <(both_listed)
	net 1
	del bridge "$B" c1
	check firewall "$two" c2
	del firewall "$two" c2 eth0 ''
	not grep -E 'br1|10.9.1|fd09:1' <(both_listed)
	check firewall "$prev" c3
	# the shared chains stay, and what leads there
	for t in iptables-nft ip6tables-nft; do
		listed $t | grep -e '-A FORWARD .*-j CNI-FORWARD'
		listed $t | grep -e '-A CNI-FORWARD .*-j CNI-ADMIN'
		listed $t | grep -e '-A FORWARD .*-j CNI-ISOLATION-STAGE-1'
	done
}

@test "DEL without a bridge, a namespace or the rules is content" {
	by_go 1 c1 same-bridge
	net 1
	del bridge "$B" c1
	in_host ip link del br1
	del firewall "$prev" c1 eth0 ''
	not grep -E 'br1|10.9.1|fd09:1' <(both_listed)
	del firewall "$prev" c1 eth0 ''
}

@test "rules that only look like theirs stay" {
	by_go 1 c1 open
	a=$(address 4)
	in_host iptables-nft -A CNI-FORWARD -s "$a" -p tcp --dport 80 -j ACCEPT
	in_host iptables-nft -A CNI-FORWARD -d "$a" -j ACCEPT
	in_host iptables-nft -A CNI-FORWARD -s "$a" -j DROP
	in_host iptables-nft -A CNI-FORWARD -d "$a" -m conntrack --ctstate NEW -j ACCEPT
	in_host iptables-nft -A CNI-FORWARD -s "${a%.*}.0/24" -j ACCEPT
	del firewall "$prev" c1 eth0 ''
	is "$(in_host iptables-nft -S CNI-FORWARD | grep -c "${a%.*}")" 5
}

@test "a bridge of theirs and one of ours are kept apart" {
	by_go 1 c1 same-bridge
	eventually ip_ready c1
	join 2 c2
	two=$prev
	apart() {
		misses "$1" "$(v4 "$3" 2)"
		misses "$1" "$(v6 "$3" 2)"
		misses "$2" "$(v4 2 2)"
		misses "$2" "$(v6 2 2)"
	}
	apart c2 c1 1
	check firewall "$two" c2
	by_go 1 c3 same-bridge
	eventually ip_ready c3
	reaches c1 "$(v4 1 3)"
	# one that they make later, from the next ADD on
	by_go 3 c4 isolated
	eventually ip_ready c4
	fails 104 'isolation of br2 is missing' cni CHECK firewall "$two" c2
	join 2 c5
	check firewall "$two" c2
	apart c2 c4 3
	# who of ours is open there is reached
	join 4 c6 '.ingressPolicy = "open" | .denyMetadata = true'
	go_add iptables-nft 4 "$(v4 4 2)" same-bridge
	check firewall "$two" c2
	leave 4 c6
	leave 2 c2
	leave 2 c5
	is "$(in_host nft list tables | grep cni_ || :)" ''
}

@test "an ADD of ours beside theirs uses their chains, and leaves them" {
	by_go 1 c1 same-bridge
	one=$prev
	before=$(both_listed)
	join 1 c2
	check firewall "$prev" c2
	check firewall "$one" c1
	is "$(listed iptables-nft | grep -c -e '-j CNI-FORWARD')" 1
	is "$(listed iptables-nft | grep -c -e '-j CNI-ADMIN')" 1
	leave 1 c2
	is "$(both_listed)" "$before"
	check firewall "$one" c1
}
