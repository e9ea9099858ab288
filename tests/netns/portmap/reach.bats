#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# reach.bats - who reaches a mapped port, and by which address

load portmap

HOST6=2001:db8::1

setup() {
	host_up
	out_up
	in_ns OUT ip route add 10.0.0.0/8 via 203.0.113.1
	MAPPED=$(ports 8080:80/tcp)
}

@test "from off the host, from the host, the container, a sibling" {
	published c1
	serve c1 80
	MAPPED='[]' published c2
	for who in OUT HOST c1 c2; do
		answers c1 $who 203.0.113.1 8080
		answers c1 $who "[$HOST6]" 8080
	done
	for who in HOST c1 c2; do
		answers c1 $who 10.9.0.1 8080
	done
	answers c1 HOST 127.0.0.1 8080
	answers c1 HOST 127.8.7.6 8080
	# who asks from off the host is seen as it is
	matches "$(asked OUT 203.0.113.1 8080)" 'cb00:7102|203\.0\.113\.2'
}

@test "from another network, and an isolated one" {
	published c1
	serve c1 80
	sandbox c2
	two='.name = "two" | .bridge = "br1" | .isGateway = true | .ipMasq = true |
		.ipam.ranges = [[{subnet: "10.8.0.0/24"}], [{subnet: "fd08::/64"}]]'
	add bridge "$(conf dual "$two")" c2
	fw=$(with_prev '{"cniVersion": "1.0.0", "name": "two", "type":
		"firewall", "ingressPolicy": "isolated"}' "$res")
	succeeds cni ADD firewall "$fw" c2
	answers c1 c2 203.0.113.1 8080
	answers c1 c2 "[$HOST6]" 8080
	answers c1 c2 10.8.0.1 8080
}

# isolated ID [EDIT]: the firewall of it, which denies the containers' range
isolated() {
	succeeds cni ADD firewall "$(with_prev "$(gojq -c "${2:-.}" <<-END
	{"cniVersion": "1.0.0", "name": "net", "type": "firewall",
	 "ingressPolicy": "isolated", "denyTo": ["10.0.0.0/8", "fd00::/8"]}
	END
	)" "$res")" "$1"
}

@test "from an isolated sibling, whom the container's range is denied" {
	published c1
	isolated c1
	serve c1 80
	one4=$ip4 one6=$ip6
	MAPPED='[]' published c2
	isolated c2
	sysctls HOST net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	local nf file
	for nf in 0 1; do
		# of br_netfilter, where the kernel has it
		for file in /proc/sys/net/bridge/bridge-nf-call-ip{,6}tables; do
			in_host test ! -e $file ||
				in_host sh -c "echo $nf >$file"
		done
		for who in OUT c1 c2; do
			answers c1 $who 203.0.113.1 8080
			answers c1 $who "[$HOST6]" 8080
		done
		answers '' c2 $one4 80
		answers '' c2 "[$one6]" 80
		# only the sibling is masqueraded
		matches "$(asked OUT 203.0.113.1 8080)" 'cb00:7102|203\.0\.113\.2'
	done
}

@test "from an isolated sibling that may reach nothing" {
	published c1
	isolated c1 'del(.denyTo) | .allowTo = []'
	serve c1 80
	MAPPED='[]' published c2
	isolated c2 'del(.denyTo) | .allowTo = []'
	for who in c1 c2; do
		answers c1 $who 203.0.113.1 8080
		answers c1 $who "[$HOST6]" 8080
	done
}

@test "udp and sctp" {
	MAPPED=$(ports 5300:53/udp 3868:3868/SCTP 5300:80/TcP)
	published c1
	serve c1 53 udp
	serve c1 80
	for who in OUT HOST c1; do
		answers c1 $who 203.0.113.1 5300 udp
		answers c1 $who "[$HOST6]" 5300 udp
		answers c1 $who 203.0.113.1 5300
	done
	answers c1 HOST 127.0.0.1 5300 udp
	in_host nft list map inet cni_portmap ports4 |
		grep -F "sctp . 3868 comment \"cni:net:c1:eth0\" : $ip4 . 3868"
}

@test "a port of one address of the host is that one's alone" {
	in_host ip addr add 203.0.113.7/24 dev up0
	MAPPED=$(ports 203.0.113.7:8080:80/tcp)
	published c1
	serve c1 80
	answers c1 OUT 203.0.113.7 8080
	answers '' OUT 203.0.113.1 8080
	answers '' HOST 127.0.0.1 8080
	answers '' OUT "[$HOST6]" 8080
	is "$(localnet)" 0
}

@test "a port of several addresses of the host" {
	MAPPED=$(ports 203.0.113.1:8080:80/tcp 127.0.0.1:8080:80/tcp \
		127.0.0.2:8080:80/tcp '[2001:db8::1]:8080:80/tcp' \
		0.0.0.0:8080:80/tcp)
	published c1
	serve c1 80
	check portmap "$P_c1" c1
	for who in OUT HOST c1; do
		answers c1 $who 203.0.113.1 8080
		answers c1 $who "[$HOST6]" 8080
	done
	for ip in 127.0.0.1 127.0.0.2 10.9.0.1; do answers c1 HOST $ip 8080; done
	unpublished c1
	not in_host nft list table inet cni_portmap
}

@test "0.0.0.0 is IPv4, :: is IPv6" {
	MAPPED=$(ports 0.0.0.0:8080:80/tcp '[::]:8081:80/tcp')
	published c1
	serve c1 80
	answers c1 OUT 203.0.113.1 8080
	answers '' OUT "[$HOST6]" 8080
	answers '' OUT 203.0.113.1 8081
	answers c1 OUT "[$HOST6]" 8081
}

@test "what is only on its way passes untouched" {
	MAPPED=$(ports 8080:80/tcp 5300:53/udp 203.0.113.9:8080:80/tcp \
		203.0.113.9:5300:53/udp '[2001:db8::9]:8080:80/tcp' \
		'[2001:db8::9]:5300:53/udp')
	published c1
	serve c1 80
	serve c1 53 udp
	sandbox c2
	add bridge "$(conf dual "$NET")" c2
	in_ns OUT ip -6 route add fd09::/64 via 2001:db8::1
	serve OUT 8080
	serve OUT 5300 udp
	sysctls HOST net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	for who in c1 c2; do
		answers OUT $who 203.0.113.2 8080
		answers OUT $who '[2001:db8::2]' 8080
		answers OUT $who 203.0.113.2 5300 udp
		answers OUT $who '[2001:db8::2]' 5300 udp
	done
	# nor does an address that is not the host's lead anywhere, though it is
	# one that has mappings
	in_ns OUT ip addr add 203.0.113.9/24 dev eth0
	in_ns OUT ip addr add 2001:db8::9/64 dev eth0 nodad
	# who is asked there answers from there
	for ip in UDP4-RECVFROM:5300,bind=203.0.113.9 \
		'UDP6-RECVFROM:5300,bind=[2001:db8::9]'; do
		bg OUT socat $ip,fork,reuseaddr SYSTEM:'read x; echo OUT'
	done
	bound() { [[ $(in_ns OUT ss -Hnlu "sport = :5300" | wc -l) = 3 ]]; }
	eventually bound
	for who in HOST c1 c2; do
		for ip in 203.0.113.9 '[2001:db8::9]'; do
			answers OUT $who $ip 8080
			answers OUT $who $ip 5300 udp
		done
	done
	# when it becomes the host's, they lead to the container
	in_ns OUT ip addr del 203.0.113.9/24 dev eth0
	in_ns OUT ip addr del 2001:db8::9/64 dev eth0
	in_host ip addr add 203.0.113.9/24 dev up0
	in_host ip addr add 2001:db8::9/64 dev up0 nodad
	in_host ip neigh flush all
	for ip in 203.0.113.9 '[2001:db8::9]'; do
		answers c1 OUT $ip 8080
		answers c1 OUT $ip 5300 udp
	done
}

@test "masqAll: the container is asked by the host alone" {
	published c1 '.masqAll = true'
	serve c1 80
	matches "$(asked OUT 203.0.113.1 8080)" '0a09:0001|10\.9\.0\.1'
	matches "$(asked OUT "[$HOST6]" 8080)" 'fd09:.*0001'
	for who in c1 HOST; do answers c1 $who 203.0.113.1 8080; done
	answers c1 HOST 127.0.0.1 8080
	check portmap "$P_c1" c1
	unpublished c1
	not in_host nft list table inet cni_portmap
}

@test "without snat nothing is masqueraded, and 127.0.0.1 not let out" {
	published c1 '.snat = false'
	serve c1 80
	answers c1 OUT 203.0.113.1 8080
	answers c1 HOST 203.0.113.1 8080
	answers '' HOST 127.0.0.1 8080
	is "$(localnet)" 0
}
