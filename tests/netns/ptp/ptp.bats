#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# ptp/ptp.bats - containers that have no neighbour but the host
#
#     c1            c2                     OUT  203.0.113.2, 2001:db8::2
#    eth0 .2       eth0 .3                  |
#     |             |                       |
#   veth... .1    veth... .1 --- HOST --- up0   203.0.113.1, 2001:db8::1

load ../helpers

setup() {
	host_up
	sandbox c1
	out_up
	C=$(ptp)
	# forwarding is the host's, and stays
	add ptp "$C"
	del ptp "$C"
	rm -r "$STORE/pods" # from the first address again
	BEFORE=$(snapshot)
}

# ptp [EDIT]
ptp() {
	conf dual 'del(.bridge, .isGateway, .isDefaultGateway) | .type = "ptp" |
		.ipam.routes = [{dst: "0.0.0.0/0"}, {dst: "::/0"}] | '"${1:-.}"
}

# single ADDRESS [EDIT]: a pool of that one
single() {
	ptp ".ipam.ranges = [[{subnet: \"10.9.0.0/24\", rangeStart: \"$1\",
		rangeEnd: \"$1\"}]] | .ipam.routes = [] | ${2:-.}"
}

@test "siblings, the host and, masqueraded, the outside are reached" {
	sandbox c2
	c=$(ptp '.ipMasq = true')
	add ptp "$c"
	json '[.interfaces[] | [.name, .mac, .sandbox]]' \
		"[[\"$(host_veth)\",\"$(mac HOST "$(host_veth)")\",null],[\"eth0\",\"$(mac c1 eth0)\",\"$(netns c1)\"]]"
	json '[.ips[] | [.address, .gateway, .interface]]' \
		'[["10.9.0.2/24","10.9.0.1",1],["fd09::2/64","fd09::1",1]]'
	prev=$(with_prev "$c" "$res")
	add ptp "$c" c2
	for ip in 10.9.0.1 10.9.0.3 203.0.113.2 fd09::1 fd09::3 2001:db8::2; do
		reaches c1 $ip
	done
	reaches HOST 10.9.0.2
	reaches HOST fd09::3
	check ptp "$prev"
	del ptp "$c" c2
	reaches c1 10.9.0.1
	del ptp "$c"
	drop c2
	same_as "$BEFORE"
}

@test "after a flush the next ADD masquerades those that were" {
	sandbox c2 c3
	c=$(ptp '.ipMasq = true')
	add ptp "$c"
	prev=$(with_prev "$c" "$res")
	add ptp "$C" c2
	in_host nft flush ruleset
	add ptp "$c" c3
	is "$(masq_pods | cut -d' ' -f3 | sort -u)" "cni:pods:c1:eth0
cni:pods:c3:eth0"
	reaches c1 203.0.113.2
	reaches c1 2001:db8::2
	check ptp "$prev"
	del ptp "$c" c3
	del ptp "$C" c2
	del ptp "$c"
	drop c2
	drop c3
	same_as "$BEFORE"
}

@test "without ipMasq the outside sees the address, and needs a route to it" {
	add ptp "$C"
	is "$(rules)" ''
	not in_ns c1 ping -q -c 1 -W 1 203.0.113.2
	in_ns OUT ip route add 10.9.0.0/24 via 203.0.113.1
	reaches c1 203.0.113.2
	reaches OUT 10.9.0.2
	in_ns OUT ip route del 10.9.0.0/24 via 203.0.113.1
	del ptp "$C"
	same_as "$BEFORE"
}

@test "its routes are the Go plugin's" {
	add ptp "$C"
	diff - <(in_ns c1 ip route show | sed 's/ *$//' | sort) <<-'END'
	10.9.0.0/24 via 10.9.0.1 dev eth0 src 10.9.0.2
	10.9.0.1 dev eth0 scope link src 10.9.0.2
	default via 10.9.0.1 dev eth0
	END
	in_ns c1 ip -6 route show | grep '^fd09::/64 via fd09::1 dev eth0 src fd09::2 metric 1024'
	in_ns c1 ip -6 route show | grep '^fd09::1 dev eth0 src fd09::2 metric 1024'
	in_ns c1 ip -6 route show | grep '^default via fd09::1 dev eth0 metric 1024'
	veth=$(host_veth)
	in_host ip route show dev "$veth" | grep '^10.9.0.2 '
	in_host ip -6 route show dev "$veth" | grep '^fd09::2 '
	in_host ip -o addr show dev "$veth" | grep -F 'inet 10.9.0.1/32 scope global'
	is "$(in_host cat "/proc/sys/net/ipv6/conf/$veth/accept_ra")" 0
	is "$(in_ns c1 cat /proc/sys/net/ipv6/conf/eth0/accept_ra)" 0
}

# There the route is made before the subnet is behind the gateway. Who is asked
# for by it, is the host: it answers where it is told to.
@test "a route by way of a sibling" {
	local a b v
	sandbox c2
	add ptp "$C" c2
	a=$(address) b=$(address 6) v=$(host_veth)
	in_ns c2 ip addr add 192.0.2.1/32 dev lo
	in_ns c2 ip addr add 2001:db8:7::1/128 dev lo
	in_host ip route add 192.0.2.0/24 via "$a" dev "$v"
	in_host ip route add 2001:db8:7::/48 via "$b" dev "$v"
	c=$(ptp ".ipam.routes = [{dst: \"192.0.2.0/24\", gw: \"$a\"},
		{dst: \"2001:db8:7::/48\", gw: \"$b\"}]")
	add ptp "$c"
	check ptp "$(with_prev "$c" "$res")"
	in_ns c1 ip route show | grep "^192.0.2.0/24 via $a dev eth0"
	in_ns c1 ip -6 route show | grep "^2001:db8:7::/48 via $b dev eth0"
	v=$(host_veth)
	in_host sh -ec 'cd /proc/sys/net; echo 1 >"ipv4/conf/$0/proxy_arp"
		echo 0 >"ipv4/neigh/$0/proxy_delay"
		echo 1 >"ipv6/conf/$0/proxy_ndp"' "$v"
	in_host ip neigh add proxy "$b" dev "$v"
	reaches c1 192.0.2.1
	reaches c1 2001:db8:7::1
	del ptp "$c"
	del ptp "$C" c2
	in_host ip -6 route flush 2001:db8:7::/48
	drop c2
	same_as "$BEFORE"
}

# The Go plugin fails with both.
@test "addresses that have no subnet, and two of one gateway" {
	c=$(ptp '.ipam = {type: "static-ish"}')
	mkdir "$TMP/bin"
	cat >"$TMP/bin/static-ish" <<-'END'
	#!/bin/sh
	[ "$CNI_COMMAND" != ADD ] || echo '{"cniVersion": "1.1.0", "ips": [
		{"address": "10.9.0.2/32", "gateway": "10.9.0.1"},
		{"address": "10.9.0.3/24", "gateway": "10.9.0.1"},
		{"address": "10.9.0.4/24", "gateway": "10.9.0.1"},
		{"address": "10.8.0.2/24", "gateway": "192.0.2.1"},
		{"address": "fd09::2/128", "gateway": "fd09::1"}],
		"routes": [{"dst": "0.0.0.0/0"}]}'
	END
	chmod +x "$TMP/bin/static-ish"
	CNI_PATH=$TMP/bin:$BIN
	add ptp "$c"
	check ptp "$(with_prev "$c" "$res")"
	for ip in 10.9.0.2 10.9.0.3 10.9.0.4 10.8.0.2 fd09::2; do
		reaches HOST $ip
	done
	reaches c1 192.0.2.1
	del ptp "$c"
	same_as "$BEFORE"
}

@test "IPAM has to be there, and to give a gateway" {
	for verb in ADD STATUS; do
		fails 7 'no plugin name provided' cni $verb ptp \
			"$(ptp 'del(.ipam)')"
	done
	del ptp "$(ptp 'del(.ipam)')"
	gc ptp "$(with_valid "$(ptp 'del(.ipam)')")"
	mkdir "$TMP/bin"
	cat >"$TMP/bin/none" <<-'END'
	#!/bin/sh
	[ "$CNI_COMMAND" != ADD ] ||
		echo '{"cniVersion": "1.1.0", "ips": [{"address": "10.9.0.2/24"}]}'
	END
	chmod +x "$TMP/bin/none"
	CNI_PATH=$TMP/bin:$BIN fails 7 'no gateway for 10.9.0.2/24' \
		cni ADD ptp "$(ptp '.ipam = {type: "none"}')"
	same_as "$BEFORE"
}

# The Go plugin's ADD succeeds, and no packet gets to the container.
@test "an address that leads elsewhere is refused, IPv4 and IPv6" {
	sandbox c2
	for ip in 10.9.0.7 fd09::7; do
		in_host ip route add $ip dev up0 proto static
		before=$(snapshot)
		fails 102 "the host has a route to $ip already" cni ADD ptp \
			"$(single 10.9.0.7 '.ipam.ranges += [[{
			subnet: "fd09::/64", rangeStart: "fd09::7",
			rangeEnd: "fd09::7"}]]')"
		same_as "$before"
		in_host ip route del $ip dev up0
	done
}

@test "mtu, of both ends" {
	c=$(ptp '.mtu = 1400')
	add ptp "$c"
	in_ns c1 ip -o link show dev eth0 | grep -w 'mtu 1400'
	in_host ip -o link show dev "$(host_veth)" | grep -w 'mtu 1400'
	check ptp "$(with_prev "$c" "$res")"
	in_host ip link set "$(host_veth)" mtu 1300
	fails 104 'mtu of' cni CHECK ptp "$(with_prev "$c" "$res")"
	del ptp "$c"
	fails 7 mtu cni ADD ptp "$(ptp '.mtu = 7')"
	same_as "$BEFORE"
}

@test "an unknown backend is refused before anything is made" {
	fails 7 'unknown ipmasq backend "foo"' cni ADD ptp \
		"$(ptp '.ipMasq = true | .ipMasqBackend = "foo"')"
	same_as "$BEFORE"
}

@test "an address given again is reached at once" {
	sandbox c2
	for name in c1 c2 c1; do
		add ptp "$(single 10.9.0.7)" $name
		in_host ping -q -c 1 -W 1 10.9.0.7
		in_ns $name ping -q -c 1 -W 1 10.9.0.1
		del ptp "$C" $name
	done
}

@test "CHECK names what is missing, on either side" {
	c=$(ptp '.ipMasq = true')
	add ptp "$c"
	prev=$(with_prev "$c" "$res")
	veth=$(host_veth)
	fails 7 'ptp: Required prevResult missing' cni CHECK ptp "$c"
	# missing NAME TEXT UNDO... -- CMD...: fails after CMD, works after UNDO
	missing() {
		local text=$1 undo=$2
		shift 2
		in_host "$@"
		fails 104 "$text" cni CHECK ptp "$prev"
		in_host sh -c "$undo"
		check ptp "$prev"
	}
	missing 'route to 10.9.0.2 is missing' \
		"ip route add 10.9.0.2 dev $veth" ip route del 10.9.0.2
	missing 'route to fd09::2 is missing' \
		"ip route add fd09::2 dev $veth" ip route del fd09::2
	missing 'gateway address fd09::1/128 is not on' \
		"ip addr add fd09::1/128 dev $veth nodad" \
		ip addr del fd09::1/128 dev "$veth"
	missing "$veth is down" "ip link set $veth up; sleep 0.1
		ip route replace 10.9.0.2 dev $veth
		ip -6 addr replace fd09::1/128 dev $veth nodad
		ip route replace fd09::2 dev $veth
		nsenter -t $c1 -n sh -c 'ip -6 route replace fd09::1 dev eth0
		ip -6 route replace fd09::/64 via fd09::1
		ip -6 route replace default via fd09::1'" ip link set "$veth" down
	missing forwarding 'echo 1 >/proc/sys/net/ipv4/ip_forward' \
		sh -c 'echo 0 >/proc/sys/net/ipv4/ip_forward'
	in_ns c1 ip route del 10.9.0.0/24
	fails 104 'route to 10.9.0.2/24 on eth0 is missing' cni CHECK ptp "$prev"
	in_ns c1 ip route add 10.9.0.0/24 via 10.9.0.1
	in_host nft delete table inet cni_masq
	fails 104 'masquerade' cni CHECK ptp "$prev"
}

@test "STATUS: nf_tables is asked where it is needed" {
	status ptp "$(ptp '.ipMasq = true')"
	status ptp "$C"
}
