#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# check.bats - CHECK passes where all is as ADD left it, and fails where it is
# not

load suite

# bats test_tags=any
@test "CHECK: passes after ADD, prints nothing, changes nothing" {
	containers c1
	attach
	s=$(state)
	checks "$prev"
	silent
	left "$s"
}

# bats test_tags=link,chained
@test "CHECK: without prevResult fails" {
	containers c1
	attach
	refused '[0-9]+' CHECK
}

# bats test_tags=knows
@test "CHECK: of what was never attached fails" {
	containers c1 c2
	attach "$C" c1
	! is_a chained || prev=$(with_prev "$C" "$PREV_c2")
	refused '[0-9]+' CHECK "$prev" c2
}

# bats test_tags=knows
@test "CHECK: after DEL fails" {
	containers c1
	attach
	detach "$prev"
	refused '[0-9]+' CHECK "$prev"
}

# notices CMD...: after CMD, CHECK fails
notices() {
	containers c1
	attach
	checks "$prev"
	"$@"
	refused '[0-9]+' CHECK "$prev"
}

# bats test_tags=link
@test "CHECK: notices that the interface is gone" {
	notices in_ns c1 ip link del $IF
}
# bats test_tags=link
@test "CHECK: notices that the interface is down" {
	notices in_ns c1 ip link set $IF down
}
# bats test_tags=link
@test "CHECK: notices that the interface has another MAC" {
	notices in_ns c1 ip link set $IF address 02:00:00:00:00:77
}
# bats test_tags=link
@test "CHECK: notices that the interface is of another kind" {
	notices in_ns c1 sh -c "ip link del $IF && ip link add $IF type bridge &&
		ip link set $IF up"
}
# bats test_tags=bridge
@test "CHECK: notices that the host's end is no port of the bridge any more" {
	unplug() {
		in_host ip link set "$(gojq -r '.interfaces[1].name' <<<"$res")" \
			nomaster
	}
	notices unplug
}
# bats test_tags=iface
@test "CHECK: notices that an IPv4 address is gone" {
	notices in_ns c1 ip -4 addr flush dev $IF
}
# bats test_tags=iface
@test "CHECK: notices that an IPv6 address is gone" {
	notices in_ns c1 ip -6 addr flush dev $IF scope global
}
# bats test_tags=iface
@test "CHECK: notices that an IPv4 route is gone" {
	notices in_ns c1 ip -4 route del default
}
# bats test_tags=iface
@test "CHECK: notices that an IPv6 route is gone" {
	notices in_ns c1 ip -6 route del default
}
# forget [4|6]: somebody has removed the reservations, or those of that family;
# host-local's store has a file for each, with the address as its name
forget() {
	local a
	for a in $(gojq -r '.ips[].address | sub("/.*"; "")' <<<"$res"); do
		case $1$a in
		4*:* | 6*.*) ;;
		*) rm "$STORE/pods/$a" ;;
		esac
	done
}
# bats test_tags=lease
@test "CHECK: notices that its reservations are gone" {
	notices forget ''
}
# bats test_tags=iface
@test "CHECK: notices that the reservation of one of its addresses is gone" {
	notices forget 6
}
# bats test_tags=portmap,firewall
@test "CHECK: notices that its rules are gone" {
	notices in_host nft flush ruleset
}
# bats test_tags=tuning
@test "CHECK: notices another MTU" {
	notices in_ns c1 ip link set eth0 mtu 1450
}
# bats test_tags=tuning
@test "CHECK: notices another MAC" {
	notices in_ns c1 ip link set eth0 address 02:00:00:00:00:77
}
# bats test_tags=tuning
@test "CHECK: notices another value of a sysctl" {
	notices in_ns c1 sh -c 'echo 501 >/proc/sys/net/core/somaxconn'
}
# bats test_tags=loopback
@test "CHECK: notices that lo is down" {
	notices in_ns c1 ip link set lo down
}
# bats test_tags=static
@test "CHECK: notices another gateway than the configured one" {
	attach
	refused '[0-9]+' CHECK "$(edited ".ipam.addresses[0].gateway = \"10.9.0.9\" |
		.prevResult = $res")"
}

# bats test_tags=link
@test "CHECK: does not mind what plugins after it add" {
	containers c1
	attach
	in_ns c1 ip addr add 172.30.0.7/24 dev $IF
	in_ns c1 ip route add 198.51.100.0/24 via 172.30.0.1
	in_ns c1 ip link add extra type bridge
	checks "$prev"
	checks "$(with_prev "$C" "$(gojq -c --arg ns "$(netns c1)" '
		.interfaces += [{name: "extra", sandbox: $ns}]' <<<"$res")")"
}

# bats test_tags=iface
@test "CHECK: passes on what the IPAM plugin says" {
	delegate some-ipam <<-'E'
	case $CNI_COMMAND in
	ADD) echo '{"cniVersion": "1.1.0", "ips": [{"address":
		"10.9.0.77/24", "gateway": "10.9.0.1"}]}' ;;
	CHECK) echo '{"cniVersion": "1.1.0", "code": 113, "msg": "lost"}'; exit 1 ;;
	esac
	E
	containers c1
	C=$(edited '.ipam = {type: "some-ipam"}')
	attach
	refused 113 CHECK "$prev"
}
