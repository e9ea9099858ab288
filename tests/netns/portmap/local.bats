#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# local.bats - ports of 127.0.0.1: from the host alone, and route_localnet

load portmap

setup() {
	host_up
	out_up
	MAPPED=$(ports 127.0.0.1:8080:80/tcp 127.0.0.1:5300:53/udp)
}

# addresses as in a packet
declare -gA BYTES=([127.0.0.1]=7f000001 [127.8.7.6]=7f080706
	[203.0.113.1]=cb007101 [203.0.113.2]=cb007102
	[10.9.0.1]=0a090001 [10.9.0.2]=0a090002
	[::1]=00000000000000000000000000000001
	[2001:db8::1]=20010db8000000000000000000000001
	[2001:db8::2]=20010db8000000000000000000000002
	[fd09::1]=fd090000000000000000000000000001
	[fd09::2]=fd090000000000000000000000000002)

# sum HEX: the checksum of the internet
sum() {
	local i n=0
	for ((i = 0; i < ${#1}; i += 4)); do ((n += 16#${1:i:4}, 1)); done
	for ((i = 0; i < 2; i++)); do ((n = (n & 0xffff) + (n >> 16), 1)); done
	printf %04x $((n ^ 0xffff))
}

# crafted NAME LINK FROM TO PORT [TEXT]: a packet of UDP with four letters, put
# on the wire of NAME to LINK of the host, whatever the kernel there thinks of
# such addresses. No two are of one connection.
SOURCE_PORT=4000
crafted() {
	local from=${BYTES[$3]} to=${BYTES[$4]} udp ip ether text
	text=$(printf %s "${6-evil}" | od -An -tx1 | tr -d ' \n')
	printf -v udp %04x%04x000c $((SOURCE_PORT++)) "$5"
	udp+=$(sum "$from${to}0011000c${udp}0000$text")$text
	if [[ $4 = *:* ]]; then
		ether=86dd ip=60000000000c1140
	else
		ether=0800 ip=4500002000004000
		ip+=4011$(sum "${ip}4011$from$to")
	fi
	ether=$(mac HOST "$2")$(mac "$1" eth0)$ether
	# by a file, as what goes into a pipe is written line by line
	# shellcheck disable=SC2001 # not in one substitution
	printf '%b' "$(sed 's/../\\x&/g' <<<"${ether//:/}$ip$from$to$udp")" \
		>"$TMP/frame"
	in_ns "$1" socat -u "$TMP/frame" INTERFACE:eth0
}

# listen NAME PORT: what comes there by UDP goes to $TMP/NAME
listen() {
	: >"$TMP/$1"
	bg "$1" socat -u "UDP6-RECV:$2,ipv6only=0" "OPEN:$TMP/$1,append"
	eventually listens "$1" udp "$2"
}

# begins NAME TEXT: what came there does
begins() { [[ $(<"$TMP/$1") = "$2"* ]]; }

# came C1 HOST: what came to them by now is that, each followed by what is sent
# last
came() {
	eventually begins c1 "$1"
	eventually begins HOST "$2"
	printf . | in_host socat -u - UDP:10.9.0.2:53
	printf . | in_host socat -u - UDP:127.0.0.1:5353
	eventually grep -q '\.$' "$TMP/c1"
	eventually grep -q '\.$' "$TMP/HOST"
	is "$(<"$TMP/c1") $(<"$TMP/HOST")" "$1. $2." 'what came to c1 and HOST'
	: >"$TMP/c1"
	: >"$TMP/HOST"
}

@test "a port of 127.0.0.1 is reached from the host, and from nowhere else" {
	published c1
	serve c1 80
	serve c1 53 udp
	answers c1 HOST 127.0.0.1 8080
	answers c1 HOST 127.0.0.1 5300 udp
	answers '' HOST 203.0.113.1 8080
	for who in OUT c1; do
		answers '' $who 203.0.113.1 8080
		answers '' $who 203.0.113.1 5300 udp
		answers '' $who 10.9.0.1 8080
	done
}

@test "nor by packets to 127.0.0.1 on the wire, whatever route_localnet is" {
	published c1
	listen c1 53
	listen HOST 5353
	sysctls HOST net.ipv4.conf.up0.route_localnet=1
	came '' ''
	# on_wire TEXT: what comes to the mapped port, and to one that a
	# program of the host has (CVE-2020-8558)
	on_wire() {
		crafted OUT up0 203.0.113.2 127.0.0.1 5300
		came "$1" ''
		crafted OUT up0 203.0.113.2 127.0.0.1 5353
		came '' "$1"
		crafted c1 br0 10.9.0.2 127.0.0.1 5300
		came "$1" ''
		crafted c1 br0 10.9.0.2 127.0.0.1 5353
		came '' "$1"
	}
	on_wire ''
	in_host nft flush chain inet cni_portmap guard
	on_wire evil
}

@test "nor by packets from 127.0.0.0/8, nor to or from ::1" {
	local v
	MAPPED=$(ports 127.0.0.1:5300:53/udp '[::1]:5300:53/udp')
	published c1
	listen c1 53
	listen HOST 5353
	for v in all up0 br0; do
		sysctls HOST net.ipv4.conf.$v.route_localnet=1 \
			net.ipv4.conf.$v.rp_filter=0 \
			net.ipv4.conf.$v.accept_local=1
	done
	# the neighbour is known by IPv6, too, and nothing waits for it
	printf first | in_host socat -u - 'UDP:[fd09::2]:53'
	came first ''
	# from_loopback TEXT: what comes to the same ports
	from_loopback() {
		for v in 127.0.0.1 127.8.7.6; do
			crafted OUT up0 $v 203.0.113.1 5353
			came '' "$1"
			crafted OUT up0 $v 127.0.0.1 5353
			came '' "$1"
			crafted c1 br0 $v 10.9.0.1 5353
			came '' "$1"
			crafted OUT up0 $v 127.0.0.1 5300
			came "$1" ''
		done
	}
	# those of IPv6, which the kernel drops by itself, but not before
	# br_netfilter has had them
	with_loopback6() {
		for v in 5300 5353; do
			crafted OUT up0 2001:db8::2 ::1 $v
			crafted OUT up0 ::1 2001:db8::1 $v
			crafted OUT up0 ::1 ::1 $v
			crafted c1 br0 fd09::2 ::1 $v
			crafted c1 br0 ::1 fd09::1 $v
		done
		came '' ''
	}
	from_loopback ''
	with_loopback6
	in_host nft flush chain inet cni_portmap guard
	from_loopback evil
	v=/proc/sys/net/bridge/bridge-nf-call-ip6tables
	if in_host test -e $v; then
		in_host sh -c "echo 1 >$v"
		crafted c1 br0 fd09::2 ::1 5300
		came evil ''
		in_host sh -c "echo 0 >$v"
	fi
	with_loopback6
	# as they are, but for their addresses, they come
	crafted OUT up0 2001:db8::2 2001:db8::1 5353
	came '' evil
	crafted c1 br0 fd09::2 fd09::1 5353
	came '' evil
}

@test "route_localnet is on as long as somebody needs it, and off again" {
	published c1
	not is "$(localnet)" 0
	MAPPED=$(ports 8081:80/tcp) published c2
	MAPPED=$(ports 203.0.113.1:8082:80/tcp) published c3
	unpublished c1
	not is "$(localnet)" 0
	unpublished c2
	is "$(localnet)" 0
	unpublished c3
	is "$(localnet)" 0
}

@test "a second ADD closes what it does not need, and nothing that others do" {
	published c1
	MAPPED=$(ports 127.0.0.1:8081:80/tcp) published c2
	MAPPED=$(ports 203.0.113.1:8082:80/tcp) published c3
	again() {
		local p=P_$1
		succeeds cni ADD portmap \
			"$(gojq -c ".runtimeConfig.portMappings[].HostIP = \"$2\"" <<<"${!p}")" "$1"
	}
	again c1 203.0.113.1
	not is "$(localnet)" 0
	again c2 127.0.0.2
	not is "$(localnet)" 0
	again c2 203.0.113.1
	is "$(localnet)" 0
	again c1 127.0.0.1
	not is "$(localnet)" 0
}

@test "route_localnet that was on stays on" {
	published c1
	unpublished c1
	sysctls HOST net.ipv4.conf.br0.route_localnet=1
	published c1
	is "$(localnet)" 1
	unpublished c1
	is "$(localnet)" 1
}

@test "route_localnet goes with what somebody flushed" {
	published c1
	in_host nft flush ruleset
	not is "$(localnet)" 0
	unpublished c1
	is "$(localnet)" 0
}

@test "where it stayed without our rules, doc/switching.md has the remedy" {
	needs_tool sysctl
	MAPPED=$(ports 127.0.0.1:8080:80/tcp)
	published c1 . '.bridge = "cni0"'
	in_host nft flush ruleset
	is "$(localnet cni0)" 2
	in_host sysctl net.ipv4.conf.cni0.route_localnet=0
	is "$(localnet cni0)" 0
}

@test "so it does where the way to the container is no bridge" {
	sandbox c1
	in_host ip link add v0 type veth peer name v1
	in_host ip link set v1 up
	in_host ip link set v0 up
	in_host ip addr add 10.9.0.1/24 dev v0
	P=$(with_prev "$(portmap)" '{"cniVersion": "1.0.0", "ips": [{"address": "10.9.0.2/24"}]}')
	succeeds cni ADD portmap "$P" c1
	is "$(localnet v0)" 2
	in_host nft flush ruleset
	del portmap "$P" c1
	is "$(localnet v0)" 0
}

@test "while there are others, with the last of them" {
	published c1
	in_host nft flush ruleset
	MAPPED=$(ports 127.0.0.1:8081:80/tcp)
	published c2 . '.name = "two" | .bridge = "br1" | .ipam.ranges =
		[[{subnet: "10.8.0.0/24"}], [{subnet: "fd08::/64"}]]'
	unpublished c1
	not is "$(localnet br1)" 0
	unpublished c2
	is "$(localnet)" 0
	is "$(localnet br1)" 0
}

# lo6 WHO: who answers at [::1]:8080, whatever br_netfilter does
lo6() {
	local nfc=/proc/sys/net/bridge/bridge-nf-call-ip6tables call
	for call in 0 1; do
		in_host test ! -e $nfc || in_host sh -c "echo $call >$nfc"
		answers "$1" HOST '[::1]' 8080
		answers "$1" HOST '[::1]' 5300 udp
	done
}

@test "a port of [::1] is reached from the host, and from nowhere else" {
	MAPPED=$(ports '[::1]:8080:80/tcp' '[::1]:5300:53/udp')
	published c1
	serve c1 80
	serve c1 53 udp
	lo6 c1
	matches "$(asked HOST '[::1]' 8080)" fd09:.*:0001
	answers '' HOST "[fd09::1]" 8080
	for who in OUT c1; do
		answers '' $who '[2001:db8::1]' 8080
		answers '' $who '[2001:db8::1]' 5300 udp
	done
	check portmap "$P_c1" c1
	unpublished c1
	not in_host nft list table inet cni_portmap
}

@test "a port of any address is reached by [::1], too, and so is the host's own" {
	MAPPED=$(ports 8080:80/tcp '[::1]:5300:53/udp' 5300:54/udp)
	published c1
	serve c1 80
	serve c1 53 udp
	serve HOST 8081
	lo6 c1
	answers HOST HOST '[::1]' 8081
	# by others than bridges
	answers c1 HOST '[2001:db8::1]' 8080
	# many packets, in both ways
	bg c1 socat TCP6-LISTEN:81,fork,reuseaddr PIPE
	MAPPED=$(ports 8181:81/tcp) PM=$(with_prev "$(MAPPED=$(ports 8181:81/tcp) portmap)" "$res")
	succeeds cni ADD portmap "$PM" c1
	eventually listens c1 tcp 81
	head -c 3000000 /dev/urandom >"$TMP/sent"
	in_host socat -t 20 - 'TCP6:[::1]:8181' <"$TMP/sent" >"$TMP/got"
	cmp "$TMP/sent" "$TMP/got"
	del portmap "$PM" c1
	not in_host nft list table inet cni_portmap
}

@test "[::1] is not let out without snat, nor where there are conditions" {
	MAPPED=$(ports 8080:80/tcp)
	published c1 '.snat = false'
	serve c1 80
	answers '' HOST '[::1]' 8080
	unpublished c1
	published c1 '.conditionsV6 = ["!", "-s", "2001:db8::2"]'
	answers '' HOST '[::1]' 8080
	answers c1 HOST '[2001:db8::1]' 8080
	check portmap "$P_c1" c1
	unpublished c1
	published c1 '.masqAll = true'
	answers c1 HOST '[::1]' 8080
	unpublished c1
	# as nerdctl sends it for a network of IPv4
	MAPPED=$(ports '[::1]:8099:80/tcp')
	add bridge "$(conf dual "$NET")" c1
	before=$(snapshot)
	v4=$(gojq -c 'del(.ips[1])' <<<"$res")
	succeeds cni ADD portmap "$(with_prev "$(portmap)" "$v4")" c1
	same_as "$before"
}

@test "CHECK tells that [::1] is not let out any more" {
	MAPPED=$(ports 8080:80/tcp)
	published c1
	in_host nft flush map inet cni_portmap lo-ports6
	fails 104 'host port 8080/tcp is not mapped' cni CHECK portmap "$P_c1" c1
	succeeds cni ADD portmap "$PM" c1
	check portmap "$P_c1" c1
	for chain in leave back; do
		in_host nft flush chain inet cni_portmap $chain
		fails 104 'rules .* not whole' cni CHECK portmap "$P_c1" c1
		succeeds cni ADD portmap "$PM" c1
		check portmap "$P_c1" c1
	done
}

@test "CHECK: [::1] is let out by any address that is still the host's" {
	MAPPED=$(ports 8080:80/tcp)
	published c1
	serve c1 80
	# what the kernel would choose now
	in_host ip addr add fd09::ff/64 dev br0 nodad
	answers c1 HOST '[::1]' 8080
	check portmap "$P_c1" c1
	in_host ip addr del fd09::1/64 dev br0
	answers '' HOST '[::1]' 8080
	fails 104 'let out by fd09::1, which is no' cni CHECK portmap "$P_c1" c1
}

@test "CHECK tells that route_localnet is off" {
	published c1
	check portmap "$P_c1" c1
	sysctls HOST net.ipv4.conf.br0.route_localnet=0
	fails 104 'route_localnet of br0 is off' cni CHECK portmap "$P_c1" c1
}
