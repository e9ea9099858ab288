#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# egress.bats - what containers may reach: denyTo, denyHost, denyMetadata,
# allowTo

load firewall

# The world has two hosts more: what is denied, and what answers metadata.
world() {
	out_up
	for a in 198.51.100.7/32 192.0.2.7/32 169.254.169.254/32; do
		in_ns OUT ip addr add $a dev eth0
		in_host ip route add $a via 203.0.113.2
	done
	for a in 2001:db8:5::7/128 2001:db8:6::7/128 fd00:ec2::254/128; do
		in_ns OUT ip addr add $a dev eth0 nodad
		in_host ip route add $a via 2001:db8::2
	done
	in_ns OUT ip route add 10.9.0.0/16 via 203.0.113.1
	in_ns OUT ip route add fd09::/16 via 2001:db8::1
}

@test "without a key, everything is reached" {
	world
	join 1 c1
	for a in 198.51.100.7 192.0.2.7 169.254.169.254 2001:db8:5::7 \
		2001:db8:6::7 fd00:ec2::254 "$(v4 1 1)" "$(v6 1 1)" 203.0.113.1; do
		reaches c1 $a
	done
}

@test "denyTo: prefixes and addresses are not reached, all else is" {
	world
	join 1 c1 '.denyTo = ["198.51.100.0/24", "192.0.2.7", "2001:db8:5::/48"]'
	join 1 c2 '.denyTo = ["198.51.100.0/24", "192.0.2.7", "2001:db8:5::/48"]'
	for a in 198.51.100.7 192.0.2.7 2001:db8:5::7; do
		misses c1 $a
		misses c2 $a
	done
	for a in 2001:db8:6::7 203.0.113.2 2001:db8::2 "$(v4 1 1)" "$(v4 1 3)"; do
		reaches c1 $a
	done
	check firewall "$prev" c2
	# who is denied may come in, and gets an answer
	in_ns OUT ping -c 1 -W 10 -I 198.51.100.7 "$(v4 1 2)"
	in_ns OUT ping -c 1 -W 10 -I 2001:db8:5::7 "$(v6 1 2)"
	# another network's containers are not kept from it
	join 2 c3
	reaches c3 198.51.100.7
}

@test "denyTo counts where a packet really goes, and an address of the host" {
	world
	in_host ip addr add 198.51.100.1/32 dev lo
	join 1 c1 '.denyTo = ["198.51.100.0/24"]'
	misses c1 198.51.100.1
	reaches c1 203.0.113.1
	in_host nft -f - <<-END
	table ip nat0 {
		chain pre {
			type nat hook prerouting priority dstnat
			ip daddr 203.0.113.77 dnat to 198.51.100.7
		}
	}
	END
	misses c1 203.0.113.77
}

@test "denyTo may have one prefix inside another, and everything" {
	world
	join 1 c1 '.denyTo = ["198.51.100.7", "198.51.100.0/24", "198.51.0.0/16",
		"198.51.100.9/32", "2001:db8:5::7", "::/0"]'
	check firewall "$prev" c1
	misses c1 198.51.100.7
	misses c1 2001:db8::2
	reaches c1 203.0.113.2
	reaches c1 "$(v4 1 1)"
}

@test "denyMetadata: not the clouds' metadata" {
	world
	join 1 c1 '.denyMetadata = true'
	misses c1 169.254.169.254
	misses c1 fd00:ec2::254
	reaches c1 192.0.2.7
	reaches c1 2001:db8:5::7
}

@test "denyHost: not the host, by any address, but the world beyond it" {
	world
	join 1 c1 '.denyHost = true'
	for a in "$(v4 1 1)" "$(v6 1 1)" 203.0.113.1 2001:db8::1; do
		misses c1 $a
	done
	reaches c1 203.0.113.2
	reaches c1 2001:db8::2
	# the host comes in, and gets an answer
	reaches HOST "$(v4 1 2)"
	reaches HOST "$(v6 1 2)"
	# neighbours find their gateway's MAC
	in_ns c1 ip neigh flush all
	reaches c1 2001:db8::2
}

@test "allowTo: nothing else is reached beyond the host" {
	world
	join 1 c1 '.allowTo = ["192.0.2.0/24", "2001:db8:6::/48"]'
	join 1 c2 '.allowTo = ["192.0.2.0/24", "2001:db8:6::/48"]'
	for a in 192.0.2.7 2001:db8:6::7 "$(v4 1 1)" "$(v4 1 3)" "$(v6 1 3)"; do
		reaches c1 $a
	done
	for a in 198.51.100.7 203.0.113.2 2001:db8:5::7 2001:db8::2; do
		misses c1 $a
	done
}

@test "allowTo beats nothing that is denied" {
	world
	join 1 c1 '.allowTo = ["0.0.0.0/0", "::/0"] | .denyTo = ["192.0.2.7"] |
		.denyMetadata = true | .denyHost = true'
	for a in 192.0.2.7 169.254.169.254 fd00:ec2::254 203.0.113.1; do
		misses c1 $a
	done
	reaches c1 198.51.100.7
	reaches c1 2001:db8:6::7
}

@test "allowTo of nothing is nothing" {
	world
	join 1 c1 '.allowTo = []'
	misses c1 203.0.113.2
	misses c1 2001:db8::2
	reaches c1 "$(v4 1 1)"
}

@test "two networks of one bridge: what either denies is denied" {
	world
	join 1 c1 '.denyTo = ["198.51.100.7", "192.0.2.0/24"]'
	one=$prev
	net 1 '.name = "other" | .denyTo = ["198.51.100.0/24", "192.0.2.7"] |
		.ingressPolicy = "same-bridge"'
	sandbox c2
	add bridge "$B" c2
	add firewall "$(with_prev "$F" "$res")" c2
	check firewall "$(with_prev "$F" "$res")" c2
	check firewall "$one" c1
	for c in c1 c2; do
		misses $c 198.51.100.7
		misses $c 192.0.2.7
	done
	in_host nft list set inet cni_firewall deny4 |
		grep 'elements = { "br1" . 192.0.2.0/24'
	del firewall "$F" c2
	leave 1 c1
	is "$(ours)" ''
}

@test "two networks of one bridge: what both allow is allowed" {
	world
	join 1 c1 '.allowTo = ["192.0.2.0/24", "198.51.100.7", "2001:db8:6::/48"]'
	one=$prev
	join_other c2 '.allowTo = ["192.0.2.7", "203.0.113.2", "2001:db8::/32"]'
	two=$prev
	common() {
		for c in c1 c2; do
			for a in 192.0.2.7 2001:db8:6::7; do reaches $c $a; done
			for a in 198.51.100.7 203.0.113.2 2001:db8::2; do
				misses $c $a
			done
		done
		check firewall "$one" c1
		check firewall "$two" c2
	}
	common
	in_host nft 'add element inet cni_firewall allow4 { br1 . 203.0.113.0/24 }'
	fails 104 'egress guard of br1 is missing' cni CHECK firewall "$one" c1
	join 1 c3 "$(gojq -c '{allowTo} | ". += \(.)"' -r <<<"$one")"
	common
	# who is alone has what it allows
	leave 1 c1
	leave 1 c3
	fails 104 'egress guard of br1 is missing' cni CHECK firewall "$two" c2
	join_other c4 "$(gojq -c '{allowTo} | ". += \(.)"' -r <<<"$two")"
	check firewall "$two" c2
	for a in 192.0.2.7 203.0.113.2 2001:db8::2; do reaches c2 $a; done
	misses c2 198.51.100.7
}

@test "what is denied and allowed otherwise later, is so from the next ADD on" {
	world
	join 1 c1 '.allowTo = ["192.0.2.0/24", "198.51.100.7", "203.0.113.2"] |
		.denyTo = ["203.0.113.0/24"]'
	one=$prev
	join 1 c2 '.allowTo = ["192.0.2.7", "203.0.113.2"] | .denyHost = true'
	check firewall "$prev" c2
	fails 104 'egress guard of br1 is missing' cni CHECK firewall "$one" c1
	for c in c1 c2; do
		for a in 192.0.2.7 203.0.113.2; do reaches $c $a; done
		for a in 198.51.100.7 "$(v4 1 1)"; do misses $c $a; done
	done
	join 1 c3
	for c in c1 c2; do
		for a in 198.51.100.7 "$(v4 1 1)"; do reaches $c $a; done
	done
	is "$(in_host nft list ruleset | grep '"br1"' | grep -v cni:net1)" \
		$'\t\telements = { "br1" }\n\t\telements = { "br1" . "br1" }'
	# nothing at all any more, and only that
	join 2 c4 '.denyHost = true'
	join 1 c5 '.ingressPolicy = "open"'
	not grep '"br1"' <(in_host nft list ruleset | grep -v cni:net1)
	misses c4 "$(v4 2 1)"
	join 1 c6 '.denyHost = true'
	misses c5 "$(v4 1 1)"
	# another network's stays
	join_other c7
	misses c5 "$(v4 1 1)"
	check firewall "$prev" c7
}

@test "one set holds for all of a network, however many there are" {
	join 1 c1 '.denyTo = ["198.51.100.0/24"] | .denyHost = true'
	before=$(in_host nft list ruleset | grep -v 'cni:net1')
	join 1 c2 '.denyTo = ["198.51.100.0/24"] | .denyHost = true'
	is "$(in_host nft list ruleset | grep -v 'cni:net1')" "$before"
}

@test "CHECK sees that it is gone, and the next ADD puts it back" {
	world
	E='.denyTo = ["198.51.100.0/24", "2001:db8:5::/48"] | .denyHost = true |
		.allowTo = ["192.0.2.0/24", "198.51.100.0/24"]'
	join 1 c1 "$E"
	one=$prev
	for what in 'flush set inet cni_firewall deny4' \
		'flush set inet cni_firewall deny6' \
		'flush set inet cni_firewall allow4' \
		'flush set inet cni_firewall limited' \
		'flush set inet cni_firewall no_host'; do
		# shellcheck disable=SC2086 # words of nft
		in_host nft $what
		fails 104 'egress guard of br1 is missing' cni CHECK firewall \
			"$one" c1
		join 1 c2 "$E"
		check firewall "$one" c1
		misses c1 198.51.100.7
		leave 1 c2 "$E"
	done
	in_host nft flush chain inet cni_firewall host
	fails 104 'table inet cni_firewall' cni CHECK firewall "$one" c1
}

@test "what is no prefix is refused, before anything happens" {
	net 1
	sandbox c1
	add bridge "$B" c1
	before=$(snapshot)
	for e in '.denyTo = ["x"]' '.denyTo = ["10.0.0.0/33"]' '.denyTo = [7]' \
		'.allowTo = ["::ffff:10.0.0.0/104"]' '.denyTo = [""]' \
		'.denyTo = ["10.0.0.1/24 } ; flush ruleset"]' \
		'.iptablesAdminChainName = "FORWARD"' \
		'.iptablesAdminChainName = "a b"' \
		'.iptablesAdminChainName = "CNI-FORWARD"' \
		'.iptablesAdminChainName = "-j"' \
		'.iptablesAdminChainName = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaa"' \
		'.backend = "foo"'; do
		fails 7 'denyTo|allowTo|iptablesAdminChainName|backend' cni ADD \
			firewall "$(with_prev "$(gojq -c "$e" <<<"$F")" "$res")" c1
	done
	same_as "$before"
	# DEL does not look
	del firewall "$(gojq -c '.backend = "foo"' <<<"$F")" c1
}

@test "denyTo: thousands of prefixes, many of them inside others" {
	world
	list='.denyTo = ([range(3000) | "11.\(. / 256 | floor).\(. % 256).0/25",
		"11.\(. / 256 | floor).\(. % 256).64/27"] +
		["198.51.100.7", "198.51.100.0/24", "2001:db8:5::/48",
		"2001:db8:5::7"])'
	join 1 c1 "$list"
	before=$(snapshot)
	join 1 c2 "$list"
	for id in c1 c2; do
		misses $id 198.51.100.7
		misses $id 2001:db8:5::7
		reaches $id 203.0.113.2
		check firewall "$prev" c2
	done
	is "$(in_host nft list ruleset | grep -o '11\.[0-9.]*/25' | sort -u |
		wc -l)" 3000
	leave 1 c2 "$list"
	drop c2
	same_as "$before"
}
