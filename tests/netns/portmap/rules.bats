#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# rules.bats - conflicts, CHECK, flushes, GC, neighbours

load portmap

setup() {
	host_up
	out_up
	MAPPED=$(ports 8080:80/tcp)
}

# taken MAPPING BY: c2 is refused, with the owner's name, and leaves nothing
taken() {
	local before
	MAPPED=$(ports "$1")
	before=$(snapshot)
	fails 102 "host port $2 is taken by cni:net:c1:eth0" \
		cni ADD portmap "$(with_prev "$(portmap)" "$second")" c2
	same_as "$before"
}

# second: c2 on br0, its result in $second
second() {
	sandbox c2
	add bridge "$(conf dual "$NET")" c2
	second=$res
}

@test "a port that another container has is refused, and who has it is told" {
	MAPPED=$(ports 8080:80/tcp 5300:53/udp 3868:3868/sctp \
		'[::]:8081:80/tcp' 203.0.113.1:8082:80/tcp)
	published c1
	second
	taken 8080:80/tcp 8080/tcp
	taken 5300:53/udp 5300/udp
	taken 3868:3868/sctp 3868/sctp
	taken '[::]:8081:80/tcp' 8081/tcp
	taken 203.0.113.1:8082:80/tcp '8082/tcp of 203.0.113.1'
	# one address of a port that is mapped at all of them, and the other way
	taken 127.0.0.1:8080:80/tcp '8080/tcp of 127.0.0.1'
	taken '[2001:db8::1]:8081:80/tcp' '8081/tcp of 2001:db8::1'
	taken 8082:80/tcp 8082/tcp
	# another protocol, family or address is another port
	MAPPED=$(ports 8080:80/udp 5300:53/tcp 0.0.0.0:8081:80/tcp \
		203.0.113.7:8082:80/tcp '[::]:8082:80/tcp')
	succeeds cni ADD portmap "$(with_prev "$(portmap)" "$second")" c2
	serve c1 80
	answers c1 OUT 203.0.113.1 8080
}

@test "who is gone without a DEL has no ports" {
	published c1
	drop c1
	# the kernel ends a namespace in its own time
	no_link_of_c1() { not grep cni:net:c1:eth0 <(in_host ip link); }
	eventually no_link_of_c1
	second
	serve c2 80
	succeeds cni ADD portmap "$(with_prev "$(portmap)" "$second")" c2
	answers c2 OUT 203.0.113.1 8080
	not grep cni:net:c1:eth0 <(in_host nft list table inet cni_portmap)
	# and its late DEL takes nothing from the other
	unpublished c1
	answers c2 OUT 203.0.113.1 8080
}

@test "however many they are" {
	local i all=() pm
	second
	pm=$(gojq -c '.interfaces = [{name: "gone"},
		{name: "eth0", sandbox: "/gone"}] | .ips[].interface = 1' <<<"$second")
	for ((i = 8000; i < 8070; i++)); do
		MAPPED=$(ports $i:80/tcp)
		succeeds cni ADD portmap "$(with_prev "$(portmap)" "$pm")" \
			gone$i eth0 "$(netns c2)"
		all+=("$i:80/tcp")
	done
	MAPPED=$(ports "${all[@]}")
	succeeds cni ADD portmap "$(with_prev "$(portmap)" "$second")" c2
	not grep :gone <(in_host nft list table inet cni_portmap)
}

# two [EDIT]: c1's second network, by eth1, with the same ports
two() {
	local base='.name = "two" | .bridge = "br1" | .isGateway = true | .ipMasq =
		true | .isDefaultGateway = false | .ipam.routes = [] |
		.ipam.ranges = [[{subnet: "10.8.0.0/24"}], [{subnet: "fd08::/64"}]]'
	B_two=$(conf dual "$base")
	add bridge "$B_two" c1 eth1
	# it answers where it was asked
	in_ns c1 ip route add default via 10.8.0.1 dev eth1 table 8
	in_ns c1 ip rule add from 10.8.0.2 table 8
	in_ns c1 ip -6 route add default via fd08::1 dev eth1 table 8
	in_ns c1 ip -6 rule add from fd08::2 table 8
	P_two=$(with_prev "$(portmap ".name = \"two\" | (${1-.})")" "$res")
	succeeds cni ADD portmap "$P_two" c1 eth1
	check portmap "$P_two" c1 eth1
	check portmap "$P_c1" c1
}

# leads_to ADDRESS: of the container, that is where the port leads
leads_to() {
	in_host nft list map inet cni_portmap ports4 | grep -F " : $1 . 80"
	answers c1 OUT 203.0.113.1 8080
	answers c1 OUT '[2001:db8::1]' 8080
	answers c1 HOST 203.0.113.1 8080
	answers c1 HOST 127.0.0.1 8080
	answers c1 HOST '[::1]' 8080
	answers c1 c1 203.0.113.1 8080
}

@test "two networks of a container at the same time, with the same ports" {
	published c1
	serve c1 80
	two
	leads_to 10.9.0.2
	del portmap "$P_two" c1 eth1
	leads_to 10.9.0.2
	check portmap "$P_c1" c1
	del portmap "$P_c1" c1
	not in_host nft list table inet cni_portmap
}

@test "the port of one is the other's when it is deleted" {
	published c1
	serve c1 80
	two
	del portmap "$P_c1" c1
	leads_to 10.8.0.2
	check portmap "$P_two" c1 eth1
	# and back, when that has come again
	succeeds cni ADD portmap "$PM" c1
	leads_to 10.8.0.2
	check portmap "$P_c1" c1
	check portmap "$P_two" c1 eth1
	del portmap "$P_two" c1 eth1
	leads_to 10.9.0.2
	check portmap "$P_c1" c1
	# of another container it is nobody's
	second
	taken 8080:80/tcp 8080/tcp
	MAPPED=$(ports 8080:80/tcp)
	del portmap "$P_c1" c1
	not in_host nft list table inet cni_portmap
}

@test "so it is by GC, in part, and after a flush" {
	MAPPED=$(ports 8080:80/tcp 8081:80/tcp)
	published c1
	serve c1 80
	MAPPED=$(ports 8080:80/tcp 8082:80/tcp)
	two
	gc portmap "$(with_valid "$(portmap '.cniVersion = "1.1.0"')" c2 eth0)" c1
	leads_to 10.8.0.2
	answers c1 OUT 203.0.113.1 8082
	answers '' OUT 203.0.113.1 8081
	for what in 'map inet cni_portmap ports4' 'map inet cni_portmap waiting' \
		'table inet cni_portmap' ruleset; do
		MAPPED=$(ports 8080:80/tcp 8081:80/tcp)
		succeeds cni ADD portmap "$PM" c1
		check portmap "$P_c1" c1
		in_host nft flush $what
		del portmap "$P_c1" c1
		del portmap "$P_two" c1 eth1
		not in_host nft list table inet cni_portmap
		succeeds cni ADD portmap "$P_two" c1 eth1
	done
}

@test "each on its own conditions" {
	local old_two
	published c1 '.conditionsV4 = ["-s", "203.0.113.2"]'
	serve c1 80
	two '.conditionsV4 = ["!", "-s", "203.0.113.2"]'
	answers c1 OUT 203.0.113.1 8080
	answers '' HOST 203.0.113.1 8080
	del portmap "$P_c1" c1
	is "$(in_host nft list table inet cni_portmap | grep -c 'chain if4')" 1
	answers '' OUT 203.0.113.1 8080
	answers c1 HOST 203.0.113.1 8080
	check portmap "$P_two" c1 eth1
	# another's DEL leaves the chain that somebody waits for
	succeeds cni ADD portmap "$PM" c1
	second
	MAPPED=$(ports 9090:80/tcp)
	third=$(with_prev "$(portmap '.conditionsV4 = ["-s", "203.0.113.2"]')" "$second")
	succeeds cni ADD portmap "$third" c2
	del portmap "$third" c2
	check portmap "$P_c1" c1
	is "$(in_host nft list table inet cni_portmap | grep -c 'chain if4')" 2
	del portmap "$P_two" c1 eth1
	answers c1 OUT 203.0.113.1 8080
	answers '' HOST 203.0.113.1 8080
	check portmap "$P_c1" c1
	del portmap "$P_c1" c1
	not in_host nft list table inet cni_portmap
}

@test "both on the same conditions" {
	published c1 '.conditionsV4 = ["-s", "203.0.113.2"]'
	serve c1 80
	two '.conditionsV4 = ["-s", "203.0.113.2"]'
	del portmap "$P_c1" c1
	answers c1 OUT 203.0.113.1 8080
	answers '' HOST 203.0.113.1 8080
	check portmap "$P_two" c1 eth1
	del portmap "$P_two" c1 eth1
	not in_host nft list table inet cni_portmap
}

@test "a second ADD of an attachment replaces its mappings" {
	published c1
	serve c1 80
	MAPPED=$(ports 8081:80/tcp)
	succeeds cni ADD portmap "$(with_prev "$(portmap)" "$res")" c1
	answers c1 OUT 203.0.113.1 8081
	answers '' OUT 203.0.113.1 8080
	del portmap "$(portmap)" c1
	not in_host nft list table inet cni_portmap
}

@test "CHECK names what is missing, and the next ADD puts it back" {
	published c1
	serve c1 80
	add_again() { succeeds cni ADD portmap "$PM" c1; check portmap "$P_c1" c1; }
	check portmap "$P_c1" c1
	in_host nft flush map inet cni_portmap ports4
	fails 104 'host port 8080/tcp is not mapped' cni CHECK portmap "$P_c1" c1
	add_again
	in_host nft flush set inet cni_portmap hairpin6
	fails 104 'host port 8080/tcp is not mapped' cni CHECK portmap "$P_c1" c1
	add_again
	for chain in mapped guard prerouting output postrouting; do
		in_host nft flush chain inet cni_portmap $chain
		fails 104 'rules .* not whole' cni CHECK portmap "$P_c1" c1
		add_again
	done
	for what in 'ruleset' 'table inet cni_portmap'; do
		in_host nft flush $what
		fails 104 . cni CHECK portmap "$P_c1" c1
		add_again
	done
	in_host nft flush ruleset
	fails 104 'host port 8080/tcp is not mapped' cni CHECK portmap "$P_c1" c1
	add_again
	answers c1 OUT 203.0.113.1 8080
	unpublished c1
	# by which others find it that ask for the port of any address
	MAPPED=$(ports 203.0.113.1:8080:80/tcp)
	published c1
	in_host nft flush set inet cni_portmap hosts4
	fails 104 'host port 8080/tcp of 203.0.113.1 is not mapped' \
		cni CHECK portmap "$P_c1" c1
	add_again
	second
	taken 8080:80/tcp 8080/tcp
	# gone as a whole, it comes back, and the table goes
	in_host nft delete set inet cni_portmap hosts4
	add_again
	in_host nft list set inet cni_portmap hosts4 | grep -F 203.0.113.1
	unpublished c1
	not in_host nft list table inet cni_portmap
}

@test "DEL works with part of it gone, and leaves nothing" {
	for what in 'map inet cni_portmap ports4' 'set inet cni_portmap self6' \
		'set inet cni_portmap open' 'chain inet cni_portmap mapped' \
		'table inet cni_portmap' ruleset; do
		published c1
		in_host nft flush $what
		unpublished c1
		not in_host nft list table inet cni_portmap
	done
}

@test "GC takes the dead of its network, and no other's" {
	published c1
	MAPPED=$(ports 8081:80/tcp) published c2
	MAPPED=$(ports 8082:80/tcp)
	sandbox c3
	add bridge "$(conf dual "$NET")" c3
	succeeds cni ADD portmap "$(with_prev "$(portmap '.name = "other"')" "$res")" c3
	gc portmap "$(with_valid "$(portmap '.cniVersion = "1.1.0"')" c2 eth0)" c1
	rules=$(in_host nft list table inet cni_portmap)
	not grep cni:net:c1: <<<"$rules"
	grep cni:net:c2: <<<"$rules"
	grep cni:other:c3: <<<"$rules"
}

# kube_proxy: a Service of its form at 203.0.113.1:8080 and [2001:db8::1]:8080,
# which leads to another container, c3 at 10.7.0.2 and fd07::2
kube_proxy_nft() {
	local f type host to
	for f in ip ip6; do
		type=ipv4_addr host=203.0.113.1 to=10.7.0.2
		[[ $f = ip ]] || type=ipv6_addr host=2001:db8::1 to='[fd07::2]'
		in_host nft -f - <<-END
		table $f kube-proxy {
			map service-ips {
				type $type . inet_proto . inet_service : verdict
				elements = { $host . tcp . 8080 : goto service-a }
			}
			chain services {
				$f daddr . meta l4proto . th dport vmap @service-ips
			}
			chain service-a { meta l4proto tcp dnat to $to:7000; }
			chain nat-prerouting {
				type nat hook prerouting priority dstnat; jump services;
			}
			chain nat-output {
				type nat hook output priority -100; jump services;
			}
		}
		END
	done
}
gone_nft() {
	in_host nft delete table ip kube-proxy
	in_host nft delete table ip6 kube-proxy
}

# the same by its mode iptables
kube_proxy_iptables() {
	local ipt host to
	for ipt in iptables-nft ip6tables-nft; do
		host=203.0.113.1 to=10.7.0.2
		[[ $ipt = iptables-nft ]] || host=2001:db8::1 to='[fd07::2]'
		in_host "$ipt-restore" -n <<-END
		*nat
		:KUBE-SERVICES - [0:0]
		:KUBE-SVC-A - [0:0]
		:KUBE-SEP-A - [0:0]
		-I PREROUTING 1 -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
		-I OUTPUT 1 -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
		-A KUBE-SERVICES -d $host -p tcp -m tcp --dport 8080 -j KUBE-SVC-A
		-A KUBE-SVC-A -j KUBE-SEP-A
		-A KUBE-SEP-A -p tcp -m tcp -j DNAT --to-destination $to:7000
		COMMIT
		END
	done
}
gone_iptables() {
	in_host nft delete table ip nat
	in_host nft delete table ip6 nat
}

# pod: c3 by a link of its own, where a Service leads
pod() {
	sandbox c3
	in_host ip link add pod0 type veth peer name eth0 netns "$c3"
	in_host ip addr add 10.7.0.1/24 dev pod0
	in_host ip addr add fd07::1/64 dev pod0 nodad
	in_host ip link set pod0 up
	in_ns c3 ip addr add 10.7.0.2/24 dev eth0
	in_ns c3 ip addr add fd07::2/64 dev eth0 nodad
	in_ns c3 ip link set eth0 up
	in_ns c3 ip route add default via 10.7.0.1
	in_ns c3 ip -6 route add default via fd07::1
	serve c3 7000
}

# service_wins: whoever asks at the Service's addresses; not at others
service_wins() {
	local who ip
	for who in HOST OUT c1; do
		for ip in 203.0.113.1 '[2001:db8::1]'; do
			answers c3 $who $ip 8080
		done
	done
	answers c1 HOST 10.9.0.1 8080
	answers c1 HOST '[fd09::1]' 8080
}

# as_service MODE: made before the mapping, and after it
as_service() {
	pod
	"kube_proxy_$1"
	published c1
	serve c1 80
	service_wins
	"gone_$1"
	answers c1 OUT 203.0.113.1 8080
	answers c1 OUT '[2001:db8::1]' 8080
	"kube_proxy_$1"
	service_wins
}

@test "a Service of kube-proxy wins, whoever was there first" {
	as_service nft
}

@test "so it does in its mode iptables" {
	needs_tool iptables-nft-restore
	as_service iptables
}

# committed N: transactions that change something, by the trace
committed() {
	is "$(grep -cE 'NFNL_MSG_BATCH_BEGIN.*NFT_MSG_(NEW|DEL)' "$TMP/trace")" "$1"
}

@test "a thousand ports are one transaction" {
	local all=() i
	for ((i = 0; i < 1000; i++)); do all+=($((20000 + i)):80/tcp); done
	MAPPED=$(ports "${all[@]}")
	sandbox c1
	add bridge "$(conf dual "$NET")" c1
	trace sendto,sendmsg
	succeeds cni ADD portmap "$(with_prev "$(portmap)" "$res")" c1
	committed 1
	WRAP=()
	serve c1 80
	answers c1 OUT 203.0.113.1 20000
	answers c1 OUT 203.0.113.1 20999
	# so they are where the table is, and when they go
	second
	MAPPED=${MAPPED//:2/:3}
	trace sendto,sendmsg
	succeeds cni ADD portmap "$(with_prev "$(portmap)" "$second")" c2
	committed 1
	for who in c1 c2; do
		del portmap "$(portmap)" $who
		committed 1
	done
	not in_host nft list table inet cni_portmap
}

@test "rules are no more, however many containers there are" {
	local one i
	published c1
	one=$(rules)
	[[ $one ]]
	for i in {2..5}; do
		MAPPED=$(ports 808$i:80/tcp 127.0.0.$i:5300:53/udp \
			"[2001:db8::$i]:3868:3868/sctp") published c$i
	done
	is "$(rules)" "$one"
	for i in {1..5}; do unpublished c$i; done
	is "$(in_host nft list tables)" ''
}

# reads: how much the kernel tells an ADD of a port of any address, in c2
reads() {
	trace recvmsg,recvfrom
	succeeds cni ADD portmap "$(with_prev "$(portmap)" "$second")" c2
	WRAP=()
	awk '/ = [0-9]+$/ { n++; bytes += $NF } END {
		print n, "messages,", bytes, "bytes" }' "$TMP/trace"
	del portmap "$(portmap)" c2
}

@test "what an ADD is told does not depend on how many ports there are" {
	local few
	published c1 '.runtimeConfig.portMappings = [range(40000; 40002) as $p |
		"127.0.0.1", "2001:db8::1", "" | {hostPort: ($p +
		if . == "" then 5000 else 0 end), hostIP: .,
		containerPort: 80, protocol: "tcp"}]'
	second
	few=$(reads)
	published c3 '.runtimeConfig.portMappings = [range(41000; 44000) as $p |
		"127.0.0.1", "2001:db8::1", "" | {hostPort: ($p +
		if . == "" then 5000 else 0 end), hostIP: .,
		containerPort: 80, protocol: "tcp"}]'
	is "$(reads)" "$few"
}

@test "ten thousand ports, and all of them once more" {
	MAPPED='[]'
	published c1 '.runtimeConfig.portMappings = [range(40000; 50000) |
		{hostPort: ., containerPort: ., protocol: "tcp"}]'
	succeeds cni ADD portmap "$PM" c1
	check portmap "$P_c1" c1
}

@test "firewalld that drops mapped ports: ADD says what to do" {
	sandbox c1
	add bridge "$(conf dual "$NET")" c1
	pm=$(with_prev "$(portmap)" "$res")
	in_host mount -t tmpfs none /etc
	in_host mkdir /etc/firewalld
	echo 'StrictForwardPorts = yes' |
		in_host tee /etc/firewalld/firewalld.conf
	# it is not running
	succeeds cni ADD portmap "$pm" c1
	del portmap "$pm" c1
	in_host nft 'add table inet firewalld; add chain inet firewalld x'
	before=$(snapshot)
	fails 2 'StrictForwardPorts.*StrictForwardPorts=no' cni ADD portmap "$pm" c1
	same_as "$before"
	echo 'StrictForwardPorts=no' |
		in_host tee /etc/firewalld/firewalld.conf
	succeeds cni ADD portmap "$pm" c1
}

@test "nothing of x_tables is used" {
	names=$(in_host cat /proc/net/ip_tables_names 2>/dev/null || :)
	published c1
	not grep -E 'xt |compat' <(in_host nft list ruleset)
	is "$(in_host cat /proc/net/ip_tables_names 2>/dev/null || :)" "$names"
	unpublished c1
}
