#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bridge/l2.bats - the wire: ports and their flags, MTU, MAC, and what is
# only passed on (dns, prevResult)
#
#     c1        c2        c3        addresses, if any, by hand: 10.7.0.N/24
#    eth0      eth0      eth0
#     +---------+---------+
#              br0                  HOST, 10.7.0.254/24 if needed

load ../helpers

setup() {
	host_up
	sandbox c1
}

# wire EDIT NAME...: attaches them to an L2 network; c7 has 10.7.0.7
wire() {
	local c name
	c=$(conf l2 "$1")
	for name in "${@:2}"; do
		add bridge "$c" "$name"
		in_ns "$name" ip addr add "10.7.0.${name#c}/24" dev eth0
	done
}

# port FLAG: that flag of the last container's port
port() {
	in_host ip -j -d link show "$(host_veth)" |
		gojq ".[0].linkinfo.info_slave_data.$1"
}

@test "without ipam there is a wire: link up, no address, nothing forwards" {
	add bridge "$(conf l2)"
	json '[.interfaces[].name] | .[0], .[2]' $'br0\neth0'
	json 'has("ips"), has("routes")' $'false\nfalse'
	in_ns c1 ip -o link show dev eth0 up | grep eth0
	is "$(in_ns c1 ip -4 -o addr)" ''
	is "$(in_host ip -4 -o addr show dev br0)" ''
	is "$(in_host cat /proc/sys/net/ipv4/ip_forward)" 0
	is "$(rules)" ''
	sandbox c2
	wire . c2
	in_ns c1 ip addr add 10.7.0.1/24 dev eth0
	reaches c1 10.7.0.2
}

@test "0.3.0 to 1.1.0 can say L2, and masquerade means nothing there" {
	for v in 0.3.0 0.3.1 0.4.0 1.0.0 1.1.0; do
		c=$(conf l2 '.cniVersion = "'$v'" | .ipMasq = true |
			.isGateway = true')
		add bridge "$c"
		json '.interfaces | length' 3
		del bridge "$c"
	done
	is "$(rules)" ''
}

@test "disableContainerInterface leaves the container's end down" {
	c=$(conf l2 '.disableContainerInterface = true')
	add bridge "$c"
	in_ns c1 ip -o link show dev eth0 | grep 'state DOWN'
	not grep '<.*\bUP\b.*>' <(in_ns c1 ip -o link show dev eth0)
	check bridge "$(with_prev "$c" "$res")"
	# without carrier, of which the kernel tells a second late, the bridge
	# waits for its link-local address
	without_carrier() { in_host ip -o link show dev br0 | grep NO-CARRIER; }
	eventually without_carrier
	in_ns c1 ip link set eth0 up
	eventually link_local HOST br0
	del bridge "$c"
	is "$(links c1)" lo
}

@test "disableContainerInterface with ipam is refused beforehand" {
	before=$(snapshot)
	fails 7 'disableContainerInterface' cni ADD bridge \
		"$(conf l3 '.disableContainerInterface = true')"
	same_as "$before"
}

@test "hairpinMode and promiscMode together are refused beforehand" {
	before=$(snapshot)
	fails 7 'hairpin.*promisc' cni ADD bridge \
		"$(conf l3 '.hairpinMode = true | .promiscMode = true')"
	same_as "$before"
}

# A port in hairpin mode sends frames back to where they came from: two VEPA
# children of one container interface reach each other through the bridge.
#
#    c1: v1 --- eth0 --- v2 (in c2)
#                |  ^
#                v  |
#               br0
@test "hairpinMode: a frame comes back by the port it came from" {
	needs_kernel CONFIG_MACVLAN 'ip link add probe0 type ifb
		ip link add link probe0 name probe1 type macvlan'
	sandbox c2
	for on in false true; do
		c=$(conf l2 ".hairpinMode = $on")
		add bridge "$c"
		is "$(port hairpin)" $on
		in_ns c1 ip link add link eth0 name v1 type macvlan mode vepa
		in_ns c1 ip link add link eth0 name v2 netns "$c2" \
			type macvlan mode vepa
		in_ns c1 ip addr add 10.7.0.1/24 dev v1
		in_ns c2 ip addr add 10.7.0.2/24 dev v2
		in_ns c1 ip link set v1 up
		in_ns c2 ip link set v2 up
		if $on; then
			reaches c1 10.7.0.2
		else
			misses c1 10.7.0.2
		fi
		del bridge "$c"
	done
}

@test "promiscMode: the bridge hears everything" {
	add bridge "$(conf l2 '.promiscMode = true')"
	in_host ip -o link show dev br0 | grep PROMISC
	check bridge "$(with_prev "$(conf l2 '.promiscMode = true')" "$res")"
}

@test "portIsolation: isolated pods see the bridge, but not each other" {
	sandbox c2 c3
	wire '.portIsolation = true' c1 c2
	is "$(port isolated)" true
	wire '.portIsolation = false' c3
	is "$(port isolated)" false
	in_host ip addr add 10.7.0.254/24 dev br0
	misses c1 10.7.0.2
	misses c2 10.7.0.1
	reaches c1 10.7.0.254
	reaches c2 10.7.0.254
	reaches c1 10.7.0.3
	reaches c3 10.7.0.2
}

@test "mtu: bridge and both ends have it, and packets" {
	sandbox c2
	wire '.mtu = 1400' c1 c2
	for where in "HOST br0" "HOST $(host_veth)" "c1 eth0" "c2 eth0"; do
		set -- $where
		json '.[0].mtu' 1400 "$(in_ns "$1" ip -j link show "$2")"
	done
	in_ns c1 ping -c 1 -W 30 -M 'do' -s 1372 10.7.0.2
	not in_ns c1 ping -c 1 -W 1 -M 'do' -s 1373 10.7.0.2
}

@test "mtu 0 is the kernel's default, as if it were not there" {
	add bridge "$(conf l2 '.mtu = 0')"
	json '.[0].mtu' 1500 "$(in_ns c1 ip -j link show eth0)"
}

@test "an mtu that no link can have is refused" {
	for mtu in 1 67 65536 100000 4294967296 99999999999999999999; do
		echo "mtu: $mtu"
		fails '6|7|100' mtu cni ADD bridge "$(conf l2 ".mtu = $mtu")"
		is "$(links c1)$(veths HOST)" lo
	done
}

@test "the MAC comes from runtimeConfig, args.cni or CNI_ARGS, in that order" {
	by_arg=02:00:00:00:00:01 by_cni=02:00:00:00:00:02 by_run=02:00:00:00:00:03
	args="IgnoreUnknown=1;MAC=$by_arg"
	cni=".args.cni.mac = \"$by_cni\"" run=".runtimeConfig.mac = \"$by_run\""
	expect() { # MAC EDIT
		c=$(conf l2 "$2")
		add bridge "$c"
		json '.interfaces[2].mac' "$1"
		is "$(mac c1 eth0)" "$1"
		del bridge "$c"
	}
	expect $by_run "$run"
	expect $by_cni "$cni"
	expect $by_run "$cni | $run"
	export CNI_ARGS=$args
	expect $by_arg .
	expect $by_cni "$cni"
	expect $by_run "$run"
	expect $by_run "$cni | $run"
}

@test "a MAC may be written in any of the usual ways" {
	for mac in 02:AB:cd:00:00:01 02-ab-cd-00-00-01 02ab.cd00.0001; do
		c=$(conf l2 ".runtimeConfig.mac = \"$mac\"")
		add bridge "$c"
		json '.interfaces[2].mac' 02:ab:cd:00:00:01
		check bridge "$(with_prev "$c" "$res")"
		del bridge "$c"
	done
}

@test "a MAC that no interface can have is refused, and named" {
	for mac in zz 02:00:00:00:00 02:00:00:00:00:001 02:00:00:00:00:00:00 \
		01:00:5e:00:00:01 00:00:00:00:00:00; do
		echo "MAC: $mac"
		fails '4|6|7|100' "mac" cni ADD bridge \
			"$(conf l2 ".runtimeConfig.mac = \"$mac\"")"
		is "$(links c1)$(veths HOST)" lo
	done
	CNI_ARGS=MAC=zz fails '4|7' mac cni ADD bridge "$(conf l2)"
}

@test "two ends have two MACs, and each sandbox its own" {
	sandbox c2
	wire . c1 c2
	macs=$(for l in "HOST br0" "c1 eth0" "c2 eth0" \
		"HOST $(veths HOST | cut -d' ' -f1)" \
		"HOST $(veths HOST | cut -d' ' -f2)"; do
		mac $l
	done)
	is "$(sort -u <<<"$macs" | wc -l)" 5
}

@test "dns of the configuration replaces all of IPAM's" {
	printf 'nameserver 10.9.0.53\nsearch ipam.example\n' >"$TMP/resolv"
	ipam=".ipam.resolvConf = \"$TMP/resolv\""
	add bridge "$(conf l3 "$ipam")"
	json .dns '{"nameservers":["10.9.0.53"],"search":["ipam.example"]}'
	del bridge "$(conf l3 "$ipam")"
	while read -r dns expected; do
		c=$(conf l3 "$ipam | .dns = $dns")
		add bridge "$c"
		json '.dns' "$expected"
		del bridge "$c"
	done <<-'END'
	{"domain":"x.example"} {"domain":"x.example"}
	{"search":["a","b"],"options":["ndots:2"]} {"options":["ndots:2"],"search":["a","b"]}
	{"nameservers":[]} null
	{} {"nameservers":["10.9.0.53"],"search":["ipam.example"]}
	END
}

@test "dns is passed on without ipam too" {
	add bridge "$(conf l2 '.dns = {nameservers: ["9.9.9.9"]}')"
	json .dns '{"nameservers":["9.9.9.9"]}'
}

# Interface indexes move when interfaces are put together: look at the names.
@test "a prevResult is passed on, with ours added" {
	prev='{"cniVersion": "1.1.0", "interfaces": [{"name": "lo", "mac":
		"00:00:00:00:00:00", "sandbox": "/x"}], "ips": [{"address":
		"127.0.0.1/8", "interface": 0}], "routes": [{"dst":
		"192.0.2.0/24", "gw": "192.0.2.1"}]}'
	add bridge "$(with_prev "$(conf l3)" "$prev")"
	json '. as $r | [.ips[] | .address + " " +
		$r.interfaces[.interface].name] | sort | join(", ")' \
		'10.9.0.2/24 eth0, 127.0.0.1/8 lo'
	json '[.interfaces[].name] | contains(["lo", "br0", "eth0"])' true
	json '[.routes[].dst] | sort' '["0.0.0.0/0","192.0.2.0/24"]'
	c=$(with_prev "$(conf l3)" "$res")
	not grep 192.0.2.0 <(in_ns c1 ip route)
	del bridge "$c"
	is "$(links c1)" lo
}
