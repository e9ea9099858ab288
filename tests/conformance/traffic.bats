#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# traffic.bats - packets arrive where the configuration says that they do

load suite

# bats test_tags=iface
@test "ADD: the first packet to each gateway is answered" {
	containers c1
	attach
	for gateway in $(gojq -r '.ips[].gateway' <<<"$res"); do
		reaches c1 "$gateway"
	done
}

# bats test_tags=iface
@test "ADD: containers reach each other" {
	containers c1 c2
	attach "$C" c1
	attach "$C" c2
	reaches c1 "$(address 4)"
	reaches c1 "$(address 6)"
}

# bats test_tags=bridge,ptp
@test "ADD: the host reaches the container" {
	containers c1
	attach
	reaches HOST "$(address 4)"
	reaches HOST "$(address 6)"
}

# bats test_tags=bridge,ptp
@test "ADD: ipMasq: a world that knows no way back answers" {
	out_up
	containers c1
	attach
	reaches c1 203.0.113.2
	reaches c1 2001:db8::2
}

# bats test_tags=bridge,ptp
@test "DEL: ipMasq ends with the attachment: its address comes as itself" {
	out_up
	containers c1
	attach
	four=$(address 4) six=$(address 6)
	detach "$prev"
	# somebody else has the same addresses, by other means
	in_host ip link add byhand type veth peer name eth0 netns "$c1"
	in_host ip link set byhand up
	in_host ip addr flush dev br0 || :
	in_host ip addr add 10.9.0.1/24 dev byhand
	in_host ip addr add fd09::1/64 dev byhand nodad
	in_ns c1 ip link set eth0 up
	in_ns c1 ip addr add "$four/24" dev eth0
	in_ns c1 ip addr add "$six/64" dev eth0 nodad
	in_ns c1 ip route add default via 10.9.0.1
	in_ns c1 ip -6 route add default via fd09::1
	reaches c1 203.0.113.1
	misses c1 203.0.113.2
	misses c1 2001:db8::2
}

# bats test_tags=bridge
@test "ADD: macspoofchk: frames with another MAC are dropped" {
	containers c1
	attach "$(edited '.macspoofchk = true')"
	reaches c1 10.9.0.1
	in_ns c1 ip link set eth0 address 02:00:00:00:00:66
	misses c1 10.9.0.1
}

# bats test_tags=bridge
@test "ADD: portIsolation: containers do not reach each other, but the gateway" {
	containers c1 c2
	c=$(edited '.portIsolation = true')
	attach "$c" c1
	attach "$c" c2
	reaches c1 10.9.0.1
	misses c1 "$(address 4)"
}

# bats test_tags=loopback
@test "ADD: the container reaches itself" {
	containers c1
	attach
	reaches c1 127.0.0.1
	reaches c1 ::1
}

# --- mapped ports ---------------------------------------------------------

# serve NAME ADDRESS:PORT: a TCP server there, which says NAME and to whom
serve() {
	bg "$1" socat "TCP-LISTEN:$2,fork,reuseaddr" \
		"SYSTEM:echo $1 \$SOCAT_PEERADDR"
	listens "$1" -t "$2"
}

# listens NAME -t|-u PORT
listens() {
	eventually in_ns "$1" sh -c "ss -Hln $2 sport = $3 | grep ."
}

# asks NAME ADDRESS PORT: what a server there says
asks() { in_ns "$1" socat -u -T 5 "TCP:$2:$3,connect-timeout=5" STDOUT; }

# deaf NAME ADDRESS PORT: nobody serves there
deaf() { not in_ns "$1" socat -u -T 5 "TCP:$2:$3,connect-timeout=2" STDOUT; }

# bats test_tags=portmap
@test "ADD: a mapped port is reached from outside, and seen from where" {
	out_up
	containers c1
	serve c1 80
	deaf OUT 203.0.113.1 8080
	attach
	matches "$(asks OUT 203.0.113.1 8080)" '^c1 203\.0\.113\.2'
}

# bats test_tags=portmap
@test "ADD: a mapped port is reached from the host, by its address and 127.0.0.1" {
	out_up
	containers c1
	serve c1 80
	attach
	matches "$(asks HOST 203.0.113.1 8080)" '^c1 '
	matches "$(asks HOST 127.0.0.1 8080)" '^c1 '
}

# bats test_tags=portmap
@test "ADD: a mapped port is reached from the container itself, and its neighbour" {
	out_up
	containers c1 c2
	serve c1 80
	attach
	# a bridge's port sends back where a packet came from if told to
	in_host ip link set "$WIRE_c1" type bridge_slave hairpin on
	matches "$(asks c2 203.0.113.1 8080)" '^c1 '
	matches "$(asks c1 203.0.113.1 8080)" '^c1 '
}

# bats test_tags=portmap
@test "ADD: a mapped port of UDP" {
	out_up
	containers c1
	bg c1 socat UDP-RECVFROM:53,fork SYSTEM:'read -r _; echo udp'
	listens c1 -u 53
	attach
	is "$(in_ns OUT sh -c 'echo | socat -T 5 - UDP:203.0.113.1:5300')" udp
}

# bats test_tags=portmap
@test "ADD: hostIP: the port of that address alone" {
	out_up
	in_host ip addr add 203.0.113.9/24 dev up0
	containers c1
	serve c1 80
	attach "$(edited '.runtimeConfig.portMappings[0].hostIP = "203.0.113.9"')"
	matches "$(asks OUT 203.0.113.9 8080)" '^c1 '
	deaf OUT 203.0.113.1 8080
}

# bats test_tags=portmap
@test "DEL: the port is the host's own again" {
	out_up
	containers c1
	serve c1 80
	attach
	asks OUT 203.0.113.1 8080
	detach "$prev"
	deaf OUT 203.0.113.1 8080
	deaf HOST 127.0.0.1 8080
}

# --- a host that forwards nothing -----------------------------------------

# closed: iptables' chain FORWARD drops, as Docker and many others have it
closed() {
	for family in ip ip6; do
		in_host nft add table $family filter
		in_host nft add chain $family filter FORWARD \
			'{ type filter hook forward priority 0; policy drop; }'
	done
}

# two_way: the world outside knows the way to the containers
two_way() {
	out_up
	in_ns OUT ip route add 10.98.0.0/15 via 203.0.113.1
	in_ns OUT ip -6 route add fd99::/64 via 2001:db8::1
}

# bats test_tags=firewall
@test "ADD: where the host forwards nothing, the container's traffic passes" {
	two_way
	containers c1
	closed
	misses c1 203.0.113.2
	attach "$(edited 'del(.ingressPolicy)')"
	reaches c1 203.0.113.2
	reaches c1 2001:db8::2
}

# bats test_tags=firewall
@test "DEL: where the host forwards nothing, the traffic ends" {
	two_way
	containers c1
	closed
	attach "$(edited 'del(.ingressPolicy)')"
	reaches c1 203.0.113.2
	detach "$prev"
	misses c1 203.0.113.2
	misses c1 2001:db8::2
}

# bats test_tags=firewall
@test "ADD: ingressPolicy same-bridge: no traffic from another bridge" {
	network net1 10.98.0 fd98
	two_way
	sandbox c1 c2 c3
	before c1
	before c2 net1 10.98.0 fd98
	before c3
	reaches c2 10.99.0.2
	for c in c1 c2 c3; do attach "$C" $c; done
	misses c2 10.99.0.2
	misses c2 fd99::2
	misses c1 10.98.0.3
	reaches c3 10.99.0.2
	reaches c1 203.0.113.2
}

# bats test_tags=firewall
@test "ADD: ingressPolicy isolated: no traffic from another bridge" {
	network net1 10.98.0 fd98
	sandbox c1 c2
	before c1
	before c2 net1 10.98.0 fd98
	for c in c1 c2; do
		attach "$(edited '.ingressPolicy = "isolated"')" $c
	done
	misses c2 10.99.0.2
	misses c2 fd99::2
}
