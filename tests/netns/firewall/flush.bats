#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# flush.bats - somebody flushes the rules, and networks come and go

load firewall

ISOLATED='.ingressPolicy = "isolated" | .denyTo = ["198.51.100.0/24"]'

@test "after nft flush ruleset, the next ADD puts it back for all that live" {
	join 1 c1 "$ISOLATED"
	one=$prev
	join 1 c2 "$ISOLATED"
	two=$prev
	before=$(in_host nft list ruleset | sort)
	in_host nft flush ruleset
	fails 104 'table inet cni_firewall.*br1' cni CHECK firewall "$one" c1
	join 1 c3 "$ISOLATED"
	check firewall "$one" c1
	check firewall "$two" c2
	check firewall "$prev" c3
	misses c1 "$(v4 1 3)"
	leave 1 c3 "$ISOLATED"
	is "$(in_host nft list ruleset | sort)" "$before"
	# each of them goes by itself, and the last one ends it
	leave 1 c2 "$ISOLATED"
	check firewall "$one" c1
	leave 1 c1 "$ISOLATED"
	is "$(in_host nft list tables)" ''
}

# masked ID: joins network 1, with bridge's masquerade as well
masked() {
	net 1
	B=$(gojq -c '.ipMasq = true' <<<"$B")
	sandbox "$1"
	add bridge "$B" "$1"
	add firewall "$(with_prev "$F" "$res")" "$1"
}

@test "the next ADD puts masquerade back as well, where there was both" {
	masked c1
	one=$res
	in_host nft flush ruleset
	fails 104 'masquerade' cni CHECK bridge "$(with_prev "$B" "$one")" c1
	masked c2
	check bridge "$(with_prev "$B" "$one")" c1
	check firewall "$(with_prev "$F" "$one")" c1
}

@test "a flush and a DEL leave nothing, and nobody who was not there before" {
	join 1 c1
	join 1 c2
	leave 1 c1
	# attached by bridge alone
	net 1
	sandbox c4
	add bridge "$B" c4
	in_host nft flush ruleset
	join 1 c3
	is "$(in_host nft -j list set inet cni_firewall attachments |
		gojq -c '[.nftables[].set.elem // [] | .[].elem.comment] | sort')" \
		'["cni:net1:c2:eth0","cni:net1:c3:eth0"]'
	leave 1 c2
	leave 1 c3
	is "$(in_host nft list tables)" ''
}

@test "another network's flush is mended for that network alone" {
	join 1 c1
	one=$prev
	join 2 c2
	in_host nft flush ruleset
	join 2 c3
	fails 104 'br1 is missing' cni CHECK firewall "$one" c1
	check firewall "$prev" c3
	join 1 c4
	check firewall "$one" c1
}

@test "ten networks made and removed leave nothing that an eleventh keeps" {
	in_host iptables-nft -P FORWARD DROP
	in_host ip6tables-nft -P FORWARD DROP
	join 30 c30 '.denyTo = ["198.51.100.0/24"] | .ingressPolicy = "isolated"'
	living=$prev
	before=$(ours; in_host iptables-nft -S; in_host ip6tables-nft -S)
	for n in {1..10}; do
		join $n c$n '.denyTo = ["198.51.100.0/24"] | .denyHost = true |
			.ingressPolicy = "isolated"'
	done
	# as where nobody calls DEL: killed in its hook, then network rm
	for n in {1..9}; do
		drop c$n
		in_host ip link del br$n
	done
	leave 10 c10
	join 11 c11 '.denyTo = ["198.51.100.0/24"] | .ingressPolicy = "isolated"'
	not grep -E '"br[1-9]"|"br10"|net[0-9]:' <(in_host nft list ruleset)
	not grep -E 'br([1-9]|10) ' <(in_host iptables-nft -S)
	check firewall "$living" c30
	check firewall "$prev" c11
	leave 11 c11
	is "$(ours; in_host iptables-nft -S; in_host ip6tables-nft -S)" "$before"
}

@test "what a killed one left is the next one's of that name, or of that port" {
	join 1 c1 "$ISOLATED"
	before=$(in_host nft list ruleset)
	net 1 "$ISOLATED"
	# its firewall's DEL never came
	del bridge "$B" c1 eth0 ''
	add bridge "$B" c1
	add firewall "$(with_prev "$F" "$res")" c1
	is "$(in_host nft list ruleset)" "$before"
	in_host nft "delete element bridge cni_firewall ports { $(host_veth) }"
	in_host nft "add element bridge cni_firewall ports { $(host_veth) comment \"cni:x:y:z\" }"
	fails 104 'attachment of br1' cni CHECK firewall \
		"$(with_prev "$F" "$res")" c1
	add firewall "$(with_prev "$F" "$res")" c1
	is "$(in_host nft list ruleset)" "$before"
}

@test "an ADD's rules cost nothing more, however many attachments there are" {
	join 1 c1
	before=$(in_host nft list ruleset | grep -vc comment)
	for c in c2 c3 c4 c5; do join 1 $c; done
	is "$(in_host nft list ruleset | grep -vc comment)" "$before"
	leave 1 c3
	for c in c1 c2 c4 c5; do leave 1 $c; done
	is "$(in_host nft list tables)" ''
}

# come_and_go HERE GONE: 12 on three networks, three times; each time HERE is
# run when all are there, and GONE when none is
come_and_go() {
	for n in {1..12}; do
		net $((n % 3))
		sandbox c$n
		add bridge "$B" c$n
		with_prev "$F" "$res" >"$TMP/add.$n"
		echo "$F" >"$TMP/del.$n"
	done
	for round in 1 2 3; do
		for verb in ADD DEL; do
			pids=()
			for n in {1..12}; do
				file=$TMP/add.$n
				[[ $verb = ADD ]] || file=$TMP/del.$n
				(cni $verb firewall "$file" c$n
					[[ $status = 0 ]] || { show; exit 1; }) 3>&- &
				pids+=($!)
			done
			for p in "${pids[@]}"; do wait $p; done
			[[ $verb = DEL ]] || for n in {1..12}; do
				check firewall "$TMP/add.$n" c$n
			done
			[[ $verb = DEL ]] || "$1"
		done
		"$2"
	done
}

@test "many come and go at the same time" {
	no_table() { is "$(in_host nft list tables)" ''; }
	come_and_go : no_table
}

@test "many come and go beside a FORWARD chain: each exception is there once" {
	lists() { in_host iptables-nft -S; in_host ip6tables-nft -S; }
	in_host iptables-nft -P FORWARD DROP
	in_host ip6tables-nft -P FORWARD DROP
	in_host iptables-nft -A FORWARD -s 192.0.2.1/32 -j ACCEPT
	before=$(lists)
	pairs=$(for n in 0 1 2; do
		echo "-A CNI-FORWARD -i br$n -j ACCEPT"
		echo "-A CNI-FORWARD -o br$n -m mark --mark 0x1000/0x1000 -j ACCEPT"
	done | sort)
	all_once() {
		for t in iptables-nft ip6tables-nft; do
			is "$(in_host $t -S CNI-FORWARD | grep -F br | sort)" "$pairs"
			is "$(in_host $t -S | grep -c -e '-j CNI-FORWARD')" 1
			is "$(in_host $t -S | grep -c -e '-j CNI-ADMIN')" 1
		done
	}
	as_before() { is "$(lists)" "$before"; }
	come_and_go all_once as_before
}
