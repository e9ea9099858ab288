#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bridge/check.bats - CHECK passes after ADD, and fails on each thing that
# is not as ADD left it, naming it: what is bridge's alone; the rest is in
# each/check*.bats

load ../helpers

setup() {
	host_up
	sandbox c1
	# everything at once, to be broken one by one
	C=$(conf dual '.ipMasq = true | .macspoofchk = true |
		.hairpinMode = true | .portIsolation = true | .mtu = 1400 |
		.runtimeConfig.mac = "02:00:00:00:00:01" | .ipam.routes = [
		{dst: "192.0.2.0/24", gw: "10.9.0.9"},
		{dst: "2001:db8::/32"}]')
}

# breaks MSG CMD...: after CMD, CHECK fails with something that matches MSG
breaks() {
	local msg=$1
	shift
	add bridge "$C"
	VETH=$(host_veth)
	P=$(with_prev "$C" "$res")
	check bridge "$P"
	"$@"
	fails 104 "$msg" cni CHECK bridge "$P"
	del bridge "$C"
}

# veth CMD: for breaks, CMD is put into HOST with VETH replaced
veth() {
	# shellcheck disable=SC2294 # CMD is one string
	VETH=$VETH in_host sh -ec "$1"
}

@test "CHECK passes after ADD, whatever the options" {
	for c in "$(conf l2)" "$(conf l3)" "$(conf l3v6)" "$(conf dual)" "$C" \
		"$(conf l3 '.ipMasq = true')" "$(conf l3 '.isGateway = false')" \
		"$(conf l3v6 '.ipMasq = true')" \
		"$(conf l2 '.macspoofchk = true')" \
		"$(conf l2 '.hairpinMode = true')" \
		"$(conf l2 '.portIsolation = true | .mtu = 1400')" \
		"$(conf l2 '.disableContainerInterface = true')" \
		"$(conf l3 '.isDefaultGateway = true | .forceAddress = true')" \
		"$(conf l3 '.dns = {nameservers: ["9.9.9.9"]}')" \
		"$(conf l3 '.ipam.routes = [{dst: "192.0.2.0/24", table: 100,
			mtu: 1300, priority: 7}]')" \
		"$(conf dual '.ipMasq = true | .ipMasqBackend = "iptables"')"; do
		echo "$c"
		add bridge "$c"
		check bridge "$(with_prev "$c" "$res")"
		del bridge "$c"
		in_host ip link del br0
	done
}

@test "CHECK passes with promiscMode, and fails once it is off" {
	C=$(conf l3 '.promiscMode = true')
	breaks promisc in_host ip link set br0 promisc off
}

@test "CHECK does not mind another address of the bridge" {
	add bridge "$C"
	in_host ip addr add 172.30.0.1/24 dev br0
	check bridge "$(with_prev "$C" "$res")"
}

@test "CHECK notices a route that is gone, or goes by another gateway" {
	breaks '0\.0\.0\.0/0|default' in_ns c1 ip -4 route del default
	breaks '::/0|default' in_ns c1 ip -6 route del default
	breaks '192\.0\.2\.0/24' in_ns c1 ip route replace 192.0.2.0/24 \
		via 10.9.0.99
}

@test "CHECK notices what is wrong with the host's end" {
	breaks 'veth.*down' veth 'ip link set $VETH down'
	breaks 'br0|bridge' veth 'ip link set $VETH nomaster'
	in_host ip link add br7 type bridge
	breaks 'br0|bridge' veth 'ip link set $VETH master br7'
	breaks 'hairpin' veth 'bridge link set dev $VETH hairpin off'
	breaks 'isolat' veth 'bridge link set dev $VETH isolated off'
	breaks 'mtu' veth 'ip link set $VETH mtu 1300'
	breaks 'mac|address' veth 'ip link set $VETH address 02:00:00:00:00:98'
}

@test "CHECK notices a flag that is on and should not be" {
	C=$(conf dual)
	breaks 'hairpin' veth 'bridge link set dev $VETH hairpin on'
	breaks 'isolat' veth 'bridge link set dev $VETH isolated on'
}

@test "CHECK notices what is wrong with the bridge" {
	breaks 'br0.*down' in_host ip link set br0 down
	in_host ip link del br0
	breaks '10\.9\.0\.1' in_host ip addr del 10.9.0.1/24 dev br0
	breaks 'fd09::1' in_host ip addr del fd09::1/64 dev br0
	breaks 'mac|address' in_host ip link set br0 address 02:00:00:00:00:97
	in_host ip link del br0
	breaks 'br0' in_host ip link del br0
}

@test "CHECK notices a link of another kind in the place of its own" {
	breaks 'br0 does not have link type of bridge' in_host sh -c \
		'ip link del br0; ip link add br0 type ifb'
	in_host ip link del br0
	sandbox c2
	breaks "host's end of eth0 was not found" veth \
		"ip link set \$VETH netns $c2"
	in_ns c2 ip link show type veth
}

@test "CHECK notices that forwarding is off" {
	breaks 'forward' in_host sh -c 'echo 0 >/proc/sys/net/ipv4/ip_forward'
	breaks 'forward' in_host sh -c \
		'echo 0 >/proc/sys/net/ipv6/conf/all/forwarding'
}

@test "CHECK notices missing masquerade and spoof rules" {
	breaks 'spoof|masq' in_host nft flush ruleset
	C=$(conf dual '.ipMasq = true')
	breaks 'masq' in_host nft flush ruleset
	C=$(conf l2 '.macspoofchk = true')
	breaks 'spoof' in_host nft flush ruleset
	breaks 'spoof' in_host nft flush chain bridge cni_spoof prerouting
}

@test "CHECK notices a masquerade that is there for one family only" {
	C=$(conf dual '.ipMasq = true')
	breaks 'masquerade of fd09' in_host nft flush map inet cni_masq pods6
	breaks 'masquerade of 10\.9' in_host nft flush map inet cni_masq pods4
}

@test "CHECK compares with the result, not with the configuration alone" {
	add bridge "$C"
	for e in '.interfaces[0].mac = "02:00:00:00:00:77"' \
		'.interfaces[1].name = "veth00000000"'; do
		echo "edit: $e"
		fails '104|7' . cni CHECK bridge \
			"$(with_prev "$C" "$(gojq "$e" <<<"$res")")"
	done
}

@test "CHECK knows the bridge by its other name" {
	in_host ip link add br0 type bridge
	in_host ip link property add dev br0 altname pods0
	c=$(conf l3 '.bridge = "pods0" | .ipMasq = true')
	add bridge "$c"
	json '.interfaces[0].name' br0
	check bridge "$(with_prev "$c" "$res")"
}

# A chain may begin with a plugin that makes an interface and routes of its own.
@test "CHECK finds routes of the chain's other interfaces where they are" {
	in_ns c1 ip link add eth7 type ifb
	in_ns c1 ip addr add 192.0.2.7/24 dev eth7
	in_ns c1 ip link set eth7 up
	in_ns c1 ip route add 198.51.100.0/24 via 192.0.2.1
	prev=$(gojq -nc --arg ns "$(netns c1)" '{cniVersion: "1.1.0", interfaces:
		[{name: "eth7", sandbox: $ns}], ips: [{address: "192.0.2.7/24",
		interface: 0}], routes: [{dst: "198.51.100.0/24", gw:
		"192.0.2.1"}]}')
	c=$(conf l3)
	add bridge "$(with_prev "$c" "$prev")"
	p=$(with_prev "$c" "$res")
	check bridge "$p"
	# gone it is missed, and ours must not be theirs
	in_ns c1 ip route del 198.51.100.0/24
	fails 104 '198\.51\.100\.0/24' cni CHECK bridge "$p"
	in_ns c1 ip route add 198.51.100.0/24 via 192.0.2.1
	check bridge "$p"
	p=$(gojq -c '.prevResult.routes += [{dst: "203.0.113.0/24",
		gw: "10.9.0.1"}]' <<<"$p")
	in_ns c1 ip route add 203.0.113.0/24 via 10.9.0.1 dev eth7 onlink
	fails 104 '203\.0\.113\.0/24' cni CHECK bridge "$p"
}

@test "CHECK goes by the MTU that a later plugin put into the result" {
	c=$(conf l3 '.mtu = 1400')
	add bridge "$c"
	in_ns c1 ip link set eth0 mtu 1300
	# tuning changes it and does not say so
	check bridge "$(with_prev "$c" "$res")"
	port=$(gojq -r '.interfaces[1].name' <<<"$res")
	in_host ip link set "$port" mtu 1300
	fails 104 "mtu of $port is 1300, not 1400" \
		cni CHECK bridge "$(with_prev "$c" "$res")"
	in_host ip link set "$port" mtu 1400
	p=$(with_prev "$c" "$(gojq '.interfaces[2].mtu = 1300' <<<"$res")")
	check bridge "$p"
	in_ns c1 ip link set eth0 mtu 1350
	fails 104 'mtu of eth0 is 1350, not 1300' cni CHECK bridge "$p"
}

@test "CHECK notices that a duplicate of the gateway was found" {
	C=$(conf l3v6)
	add bridge "$C"
	del bridge "$C"
	sandbox c2
	add bridge "$(conf l2)" c2
	in_ns c2 ip addr add fd09::1/64 dev eth0 nodad
	failed_dad() {
		in_host ip addr del fd09::1/64 dev br0
		in_host ip addr add fd09::1/64 dev br0
		eventually in_host sh -c \
			'ip -6 addr show dev br0 | grep dadfailed'
	}
	breaks 'fd09::1/64' failed_dad
}
