#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# iptables.bats - exceptions where the host has a FORWARD chain of iptables-nft

load firewall

# forward POLICY: both FORWARD chains, as iptables-nft makes them
forward() {
	in_host iptables-nft -P FORWARD "$1"
	in_host ip6tables-nft -P FORWARD "$1"
}

# passes_both: c1 out, and the answer in, by IPv4 and IPv6; nobody from outside
# begins
passes_both() {
	in_ns OUT ip route add 10.9.1.0/24 via 203.0.113.1
	in_ns OUT ip route add fd09:1::/64 via 2001:db8::1
	reaches c1 203.0.113.2
	reaches c1 2001:db8::2
	misses OUT "$(v4 1 2)"
	misses OUT "$(v6 1 2)"
}

@test "with FORWARD's policy DROP, containers get out and answers get in" {
	out_up
	forward DROP
	join 1 c1
	passes_both
	no_extension
}

@test "without the plugin, they do not" {
	out_up
	forward DROP
	net 1
	sandbox c1
	add bridge "$B" c1
	in_ns OUT ip route add 10.9.1.0/24 via 203.0.113.1
	misses c1 203.0.113.2
}

@test "iptables lists them: a pair for each network, after the admin's chain" {
	forward DROP
	join 1 c1
	join 1 c2
	join 2 c3 '.iptablesAdminChainName = "CNI-ADMIN"'
	for t in iptables-nft ip6tables-nft; do
		is "$(listed $t)" "-P INPUT ACCEPT
-P FORWARD DROP
-P OUTPUT ACCEPT
-N CNI-ADMIN
-N CNI-FORWARD
-A FORWARD -j CNI-FORWARD
-A CNI-FORWARD -j CNI-ADMIN
-A CNI-FORWARD -i br1 -j ACCEPT
-A CNI-FORWARD -o br1 -m mark --mark 0x1000/0x1000 -j ACCEPT
-A CNI-FORWARD -i br2 -j ACCEPT
-A CNI-FORWARD -o br2 -m mark --mark 0x1000/0x1000 -j ACCEPT"
	done
}

@test "a port published by a DNAT gets in, and no other" {
	out_up
	forward DROP
	join 1 c1
	in_ns OUT ip route add 10.9.1.0/24 via 203.0.113.1
	in_host nft -f - <<-END
	table ip nat0 {
		chain pre {
			type nat hook prerouting priority dstnat
			tcp dport 8080 dnat to $(v4 1 2):80
		}
	}
	END
	serve c1 80
	fetches OUT 203.0.113.1 8080
	not fetch OUT "$(v4 1 2)" 80
}

@test "what the admin's chain drops is dropped" {
	out_up
	forward DROP
	join 1 c1 '.iptablesAdminChainName = "NOMAD-ADMIN"'
	in_ns OUT ip route add 10.9.1.0/24 via 203.0.113.1
	reaches c1 203.0.113.2
	in_host iptables-nft -A NOMAD-ADMIN -d 203.0.113.2 -j DROP
	misses c1 203.0.113.2
	# a second one comes before it
	join 2 c2
	listed iptables-nft | grep -A 1 -e '-A CNI-FORWARD -j CNI-ADMIN' |
		grep -e '-A CNI-FORWARD -j NOMAD-ADMIN'
	misses c1 203.0.113.2
	check firewall "$prev" c2
}

@test "a REJECT that was last in FORWARD does not come before the exceptions" {
	out_up
	for t in iptables-nft ip6tables-nft; do
		in_host $t -A FORWARD -j REJECT
	done
	join 1 c1
	passes_both
	check firewall "$prev" c1
	leave 1 c1
	for t in iptables-nft ip6tables-nft; do
		is "$(listed $t | grep -e '-A ')" "-A FORWARD -j REJECT --reject-with $(
			[[ $t = ip6* ]] && echo icmp6-port-unreachable ||
				echo icmp-port-unreachable)"
	done
}

# and what is for none of its bridges is refused in them
@test "chains like Docker's in FORWARD do not come before the exceptions" {
	out_up
	for t in iptables-nft ip6tables-nft; do
		in_host $t -P FORWARD DROP
		in_host $t -N DOCKER-USER
		in_host $t -N DOCKER-FORWARD
		in_host $t -A DOCKER-FORWARD -i docker0 -j ACCEPT
		in_host $t -A DOCKER-FORWARD -j REJECT
		in_host $t -A FORWARD -j DOCKER-USER
		in_host $t -A FORWARD -j DOCKER-FORWARD
	done
	before=$(listed iptables-nft; listed ip6tables-nft)
	join 1 c1
	passes_both
	check firewall "$prev" c1
	leave 1 c1
	is "$(listed iptables-nft; listed ip6tables-nft)" "$before"
}

@test "the last one of a network takes its pair along, of all the chains" {
	forward ACCEPT
	in_host iptables-nft -A FORWARD -s 192.0.2.1/32 -j DROP
	before=$(listed iptables-nft; listed ip6tables-nft)
	join 1 c1
	join 1 c2
	join 2 c3
	leave 1 c1
	listed iptables-nft | grep -e '-i br1 -j ACCEPT'
	leave 1 c2
	not grep br1 <(listed iptables-nft; listed ip6tables-nft)
	listed ip6tables-nft | grep -e '-i br2 -j ACCEPT'
	leave 2 c3
	is "$(listed iptables-nft; listed ip6tables-nft)" "$before"
}

@test "chains that others use stay" {
	forward ACCEPT
	join 1 c1
	in_host iptables-nft -A CNI-ADMIN -s 192.0.2.1/32 -j DROP
	in_host ip6tables-nft -A FORWARD -s 2001:db8::7/128 -j CNI-FORWARD
	leave 1 c1
	is "$(listed iptables-nft | tail -n +4)" "-N CNI-ADMIN
-A CNI-ADMIN -s 192.0.2.1/32 -j DROP"
	listed ip6tables-nft | grep -e '-A CNI-FORWARD -j CNI-ADMIN'
}

@test "after iptables -F, CHECK says what is missing, the next ADD mends it" {
	out_up
	forward DROP
	join 1 c1
	one=$prev
	in_ns OUT ip route add 10.9.1.0/24 via 203.0.113.1
	in_host iptables-nft -F
	fails 104 'exceptions of br1 is missing' cni CHECK firewall "$one" c1
	misses c1 203.0.113.2
	join 1 c2
	check firewall "$one" c1
	reaches c1 203.0.113.2
	for rule in 'FORWARD -j CNI-FORWARD' 'CNI-FORWARD -j CNI-ADMIN' \
		'CNI-FORWARD -i br1 -j ACCEPT' \
		'CNI-FORWARD -o br1 -m mark --mark 0x1000/0x1000 -j ACCEPT'; do
		for t in iptables-nft ip6tables-nft; do
			# shellcheck disable=SC2086 # words of a rule
			in_host $t -D $rule
			fails 104 'exceptions of br1' cni CHECK firewall "$one" c1
			leave 1 c2
			join 1 c2
			check firewall "$one" c1
			is "$(listed $t | grep -c -e "-A $rule")" 1
		done
	done
}

@test "an admin's chain that comes too late is put first" {
	forward DROP
	join 1 c1
	in_host iptables-nft -D CNI-FORWARD -j CNI-ADMIN
	in_host iptables-nft -A CNI-FORWARD -j CNI-ADMIN
	fails 104 'exceptions' cni CHECK firewall "$prev" c1
	join 1 c2
	check firewall "$prev" c2
}

@test "without FORWARD there are none; one that comes later is noticed" {
	join 1 c1 '.ingressPolicy = "open"'
	is "$(in_host nft list tables)" ''
	check firewall "$prev" c1
	forward DROP
	fails 104 'exceptions|table' cni CHECK firewall "$prev" c1
	join 1 c2 '.ingressPolicy = "open"'
	check firewall "$prev" c2
}

@test "a family without addresses gets none" {
	forward DROP
	net 1
	B=$(gojq -c 'del(.ipam.ranges[1])' <<<"$B")
	sandbox c1
	add bridge "$B" c1
	add firewall "$(with_prev "$F" "$res")" c1
	listed iptables-nft | grep br1
	not grep br1 <(listed ip6tables-nft)
}

@test "backend nftables leaves iptables' tables alone" {
	forward DROP
	before=$(listed iptables-nft; listed ip6tables-nft)
	join 1 c1 '.backend = "nftables"'
	is "$(listed iptables-nft; listed ip6tables-nft)" "$before"
	check firewall "$prev" c1
}

@test "where FORWARD is of iptables-legacy, ADD says so, and what to do" {
	needs_kernel CONFIG_IP_NF_FILTER \
		'iptables-legacy -S && ip6tables-legacy -S'
	for t in iptables ip6tables; do
		[[ $t = iptables ]] || { all_down; host_up; }
		in_host $t-legacy -P FORWARD DROP
		net 1
		sandbox c1
		add bridge "$B" c1
		before=$(snapshot)
		fails 100 "made by $t-legacy.*br1.*\"nftables\"" cni ADD \
			firewall "$(with_prev "$F" "$res")" c1
		same_as "$before"
		F=$(gojq -c '.backend = "nftables"' <<<"$F")
		add firewall "$(with_prev "$F" "$res")" c1
	done
}

@test "rules that fail half way leave nothing" {
	forward DROP
	net 1
	sandbox c1
	add bridge "$B" c1
	before=$(snapshot)
	# the chain's name is taken by a base chain, to which nothing can jump
	in_host nft add chain ip6 filter CNI-ADMIN \
		'{ type filter hook input priority 10; }'
	with=$(snapshot)
	fails 100 'set up the firewall' cni ADD firewall \
		"$(with_prev "$F" "$res")" c1
	same_as "$with"
	in_host nft delete chain ip6 filter CNI-ADMIN
	add firewall "$(with_prev "$F" "$res")" c1
	del firewall "$F" c1
	same_as "$before"
}
