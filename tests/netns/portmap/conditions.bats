#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# conditions.bats - conditionsV4 and conditionsV6: who is led to a mapped port

load portmap

HOST6=2001:db8::1

setup() {
	host_up
	out_up
	in_ns OUT ip route add 10.0.0.0/8 via 203.0.113.1
	MAPPED=$(ports 8080:80/tcp)
}

# only V4 [V6]: an edit, of words
only() { printf '.conditionsV4 = %s | .conditionsV6 = %s' "$(words "$1")" "$(words "${2-}")"; }
# words WORD...: as JSON
words() { gojq -cRs '[splits("[ \\t\\n]+") | select(. != "")]' <<<"$1"; }

# met WORDS4 WORDS6, not_met WORDS4 WORDS6: for who asks from OUT, by either
# family; then all is gone again
met() { asked_on c1 "$@"; }
not_met() { asked_on '' "$@"; }
asked_on() {
	local before
	succeeds cni ADD portmap "$(with_prev "$(portmap "$(only "$2" "$3")")" "$res")" c1
	check portmap "$(with_prev "$(portmap "$(only "$2" "$3")")" "$res")" c1
	answers "$1" OUT 203.0.113.1 8080
	answers "$1" OUT "[$HOST6]" 8080
	del portmap "$(portmap)" c1
	not in_host nft list table inet cni_portmap
}

# marked: all that comes in
marked() {
	in_host nft -f - <<-END
	table inet t {
		chain c { type filter hook prerouting priority -300; mark set 0x17; }
	}
	END
}

# rules: those of the chains of conditions, without their names
rules() {
	in_host nft list table inet cni_portmap | awk '
		/^\tchain if[46]-/ { on = 1; next }
		/^\t}/ { on = 0 }
		on { sub(/^\t+/, ""); print }'
}

@test "arguments of iptables" {
	sandbox c1
	add bridge "$(conf dual "$NET")" c1
	serve c1 80
	met '-s 203.0.113.2' '-s 2001:db8::2'
	met '-s 10.0.0.0/8,203.0.113.0/29' '--source fd00::/8,2001:db8::/33'
	not_met '! -s 203.0.113.0/24' '! --src 2001:db8::/64'
	not_met '-s 203.0.113.2 -d 203.0.113.7' '-s 2001:db8::2 -d 2001:db8::7'
	met '-s 203.0.113.2 -d 203.0.113.1' '--dst 2001:db8::1 -s ::/0'
	met '-i up0' '--in-interface up+'
	not_met '! -i up0' '-i br0'
	not_met '-o up0' '--out-interface br+'
	met '! -o up0' '! -o br+'
	met '-m addrtype --dst-type LOCAL' '-m addrtype ! --src-type LOCAL'
	not_met '-m addrtype --src-type LOCAL,BROADCAST' \
		'--match addrtype --dst-type multicast'
	not_met '-m mark --mark 7' '-m mark ! --mark 0/0xff'
	marked
	met '-m mark --mark 0x17' '-m mark --mark 7/0xf'
	not_met '-m mark ! --mark 23' '-m mark --mark 7'
}

@test "words of nft" {
	sandbox c1
	add bridge "$(conf dual "$NET")" c1
	serve c1 80
	met 'ip saddr 203.0.113.2' 'ip6 saddr 2001:db8::2'
	met 'ip saddr { 10.0.0.0/8, 203.0.113.0/29 }' 'ip6 saddr {fd00::/8,2001:db8::/33}'
	not_met 'ip saddr != 203.0.113.0/24' 'ip6 saddr ne { fd00::/8, 2001:db8::/64 }'
	not_met 'ip saddr == 203.0.113.2 ip daddr 203.0.113.7' 'ip6 daddr 2001:db8::7'
	met 'iifname "up0"' 'meta iifname { "br0", up* }'
	not_met 'meta oifname eq up0' 'iifname != "up*"'
	met 'fib daddr type local' 'fib saddr type != { local, multicast }'
	not_met 'meta mark 7' 'mark and 0xff != 0'
	marked
	met 'mark 0x17' 'meta mark & 0xf == 7'
}

@test "both are the same rules" {
	sandbox c1
	add bridge "$(conf dual "$NET")" c1
	local made=() e
	for e in "$(only '-s 10.0.0.0/8,203.0.113.2 ! -i eth+ -m mark --mark 1/3
			-m addrtype ! --dst-type LOCAL' '! -s fd00::/9')" \
		"$(only 'ip saddr { 10.0.0.0/8, 203.0.113.2 } iifname != "eth*" mark & 3 == 1
			fib daddr type != local' 'ip6 saddr != fd00::1/9') |
			.backend = \"nftables\""; do
		succeeds cni ADD portmap "$(with_prev "$(portmap "$e")" "$res")" c1
		made+=("$(in_host nft list table inet cni_portmap)")
		is "$(rules)" 'ip saddr 10.0.0.0/8 iifname != "eth*" meta mark & 0x00000003 == 0x00000001 fib daddr type != local dnat ip to ip daddr . meta l4proto . th dport map @addrs4
ip saddr 10.0.0.0/8 iifname != "eth*" meta mark & 0x00000003 == 0x00000001 fib daddr type != local dnat ip to meta l4proto . th dport map @ports4
ip saddr 203.0.113.2 iifname != "eth*" meta mark & 0x00000003 == 0x00000001 fib daddr type != local dnat ip to ip daddr . meta l4proto . th dport map @addrs4
ip saddr 203.0.113.2 iifname != "eth*" meta mark & 0x00000003 == 0x00000001 fib daddr type != local dnat ip to meta l4proto . th dport map @ports4
ip6 saddr != fd00::/9 dnat ip6 to ip6 daddr . meta l4proto . th dport map @addrs6
ip6 saddr != fd00::/9 dnat ip6 to meta l4proto . th dport map @ports6'
		del portmap "$(portmap)" c1
	done
	is "${made[0]}" "${made[1]}"
}

@test "a port of one address, and of the host itself" {
	MAPPED=$(ports 203.0.113.1:8080:80/tcp 8081:80/tcp)
	published c1 "$(only '-s 203.0.113.1' '-i lo')"
	serve c1 80
	answers c1 HOST 203.0.113.1 8080
	answers '' OUT 203.0.113.1 8080
	answers '' HOST 127.0.0.1 8081
	answers '' OUT "[$HOST6]" 8081
	check portmap "$P_c1" c1
	unpublished c1
	not in_host nft list table inet cni_portmap
}

@test "udp" {
	MAPPED=$(ports 5300:53/udp)
	published c1 "$(only '-s 203.0.113.2' '! -s 2001:db8::2')"
	serve c1 53 udp
	answers c1 OUT 203.0.113.1 5300 udp
	answers '' HOST 203.0.113.1 5300 udp
	answers '' OUT "[$HOST6]" 5300 udp
	answers c1 HOST "[$HOST6]" 5300 udp
}

@test "each network has its own, and the chain is there while somebody needs it" {
	local chains='nft list table inet cni_portmap'
	published c1 "$(only '-s 203.0.113.2')"
	MAPPED=$(ports 8081:80/tcp) published c2 "$(only '! -s 203.0.113.2')"
	MAPPED=$(ports 8082:80/tcp) published c3
	MAPPED=$(ports 8083:80/tcp) published c4 "$(only '! -s 203.0.113.2')"
	serve c1 80; serve c2 80; serve c3 80
	answers c1 OUT 203.0.113.1 8080
	answers '' HOST 203.0.113.1 8080
	answers '' OUT 203.0.113.1 8081
	answers c2 HOST 203.0.113.1 8081
	answers c3 OUT 203.0.113.1 8082
	answers c3 HOST 203.0.113.1 8082
	for c in c1 c2 c3 c4; do p=P_$c; check portmap "${!p}" $c; done
	is "$(in_host $chains | grep -c 'chain if4')" 2
	unpublished c1
	is "$(in_host $chains | grep -c 'chain if4')" 1
	unpublished c2
	is "$(in_host $chains | grep -c 'chain if4')" 1
	gc portmap "$(with_valid "$(portmap '.cniVersion = "1.1.0"')" c3 eth0)" c1
	not grep 'chain if4' <(in_host $chains)
	check portmap "$P_c3" c3
	unpublished c3
	not in_host nft list table inet cni_portmap
}

@test "a second ADD with other conditions replaces them" {
	published c1 "$(only '-s 203.0.113.2')"
	serve c1 80
	succeeds cni ADD portmap "$(with_prev "$(portmap "$(only '! -s 203.0.113.2')")" "$res")" c1
	answers '' OUT 203.0.113.1 8080
	answers c1 HOST 203.0.113.1 8080
	is "$(rules | wc -l)" 2
	succeeds cni ADD portmap "$(with_prev "$(portmap)" "$res")" c1
	answers c1 OUT 203.0.113.1 8080
	is "$(rules)" ''
	check portmap "$(with_prev "$(portmap)" "$res")" c1
	# as the reference did not use them, and as they were
	fails 104 'host port 8080/tcp is not mapped' cni CHECK portmap "$P_c1" c1
}

@test "CHECK names what is missing, and the next ADD puts it back" {
	local chain what
	published c1 "$(only '-s 203.0.113.2')"
	serve c1 80
	chain=$(in_host nft list table inet cni_portmap | grep -o 'if4-[0-9a-f]*' | head -n 1)
	for what in "chain inet cni_portmap $chain" 'map inet cni_portmap if-ports4' \
		'chain inet cni_portmap mapped' 'table inet cni_portmap' ruleset; do
		in_host nft flush $what
		fails 104 'not mapped|not whole' cni CHECK portmap "$P_c1" c1
		succeeds cni ADD portmap "$PM" c1
		check portmap "$P_c1" c1
		answers c1 OUT 203.0.113.1 8080
		answers '' HOST 203.0.113.1 8080
	done
	for what in "chain inet cni_portmap $chain" 'map inet cni_portmap if-ports4' \
		'table inet cni_portmap' ruleset; do
		in_host nft flush $what
		unpublished c1
		not in_host nft list table inet cni_portmap
		published c1 "$(only '-s 203.0.113.2')"
	done
}

# refused CODE MSG EDIT: ADD fails like that and touches nothing
refused() {
	fails "$1" "$2" cni ADD portmap "$(with_prev "$(portmap "$3")" "$res")" c1
	same_as "$before"
}

@test "what cannot be expressed is refused, and the word is named" {
	sandbox c1
	add bridge "$(conf dual "$NET")" c1
	before=$(snapshot)
	refused 2 'conditionsV4: "-j" is not supported' "$(only '-s 10.0.0.0/8 -j ACCEPT')"
	refused 2 'conditionsV6: "limit" is not supported' "$(only '' '-m limit')"
	refused 2 'conditionsV4: ";" is not supported' "$(only 'ip saddr 10.0.0.1 ; flush ruleset')"
	refused 7 'conditionsV6: expected strings, got a number' '.conditionsV6 = [7]'
	refused 7 'conditionsV4.*got' '.conditionsV4 = "-s 10.0.0.1"'
	refused 7 'iptables backend was requested but configuration contains nftables-specific options \[conditionsV4 conditionsV6\]' \
		"$(only 'mark 1' 'mark 1') | .backend = \"iptables\""
	refused 7 'nftables backend was requested but configuration contains iptables-specific options \[conditionsV6\]' \
		"$(only 'mark 1' '! -i x') | .backend = \"nftables\""
	refused 7 '\[externalSetMarkChain conditionsV4\]' \
		"$(only '-i x') | .externalSetMarkChain = \"X\" | .backend = \"nftables\""
	# DEL and GC do not read them
	del portmap "$(portmap "$(only '-j x')")" c1
	gc portmap "$(with_valid "$(portmap "$(only '-j x') | .cniVersion = \"1.1.0\"")" c1 eth0)" c1
	same_as "$before"
}

@test "what the README shows is taken" {
	local shown
	shown=$(awk '/^```json/ { n++; on = 1; next } /^```/ { on = 0 }
		on && n == 2' plugins/portmap/README.md)
	matches "$shown" conditionsV6
	published c1 ". + $shown"
	serve c1 80
	# neither address is its
	answers '' OUT 203.0.113.1 8080
	answers '' OUT "[$HOST6]" 8081
	answers c1 OUT "[$HOST6]" 8080
	check portmap "$P_c1" c1
}
