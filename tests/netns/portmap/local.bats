#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# local.bats - ports of 127.0.0.1: from the host alone, and route_localnet

load portmap

setup() {
	host_up
	out_up
	MAPPED=$(ports 127.0.0.1:8080:80/tcp 127.0.0.1:5300:53/udp)
}

# crafted NAME [SOURCE]: sends UDP to 127.0.0.1:5300 of the host from NAME, by
# its interface, with a route that its own kernel would not have
crafted() {
	sysctls "$1" net.ipv4.conf.eth0.route_localnet=1
	in_ns "$1" ip route replace table 7 127.0.0.1/32 via "$2" dev eth0
	in_ns "$1" ip rule add pref 1 from "$3" table 7 2>/dev/null || :
	in_ns "$1" ip rule del pref 0 2>/dev/null || :
	in_ns "$1" ip rule add pref 9 table local 2>/dev/null || :
	echo x | in_ns "$1" socat -t 1 - "UDP:127.0.0.1:5300,bind=$3" || :
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
	serve c1 53 udp
	serve HOST 5353 udp
	sysctls HOST net.ipv4.conf.up0.route_localnet=1 \
		net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.up0.rp_filter=0
	# the way there works, were it not for the rule
	is "$(crafted OUT 203.0.113.1 203.0.113.2)" ''
	is "$(crafted c1 10.9.0.1 10.9.0.2)" ''
	in_host nft flush chain inet cni_portmap guard
	matches "$(crafted OUT 203.0.113.1 203.0.113.2)" ^c1
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
