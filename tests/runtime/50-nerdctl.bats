#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# 50-nerdctl.bats - containers that nerdctl runs, on the chain that it writes for
# each of its networks; nothing is left of them

load runtime
load containerd
load nerdctl

setup() { nerdctl_up; }
teardown() { nerdctl_down; }

@test "nerdctl: run, the host, the world; stop, start, restart, rm -f" {
	network net --subnet 10.44.0.0/24
	before=$(snapshot)
	web one --net net
	hears one HOST "$(ip_of one)" 80
	nerdctl exec one ping -c 1 -W 5 10.44.0.1
	nerdctl exec one ping -c 1 -W 5 192.0.2.2
	nerdctl stop -t 0 one
	gone "$before"
	nerdctl start one
	hears one HOST "$(ip_of one)" 80
	nerdctl restart -t 0 one
	hears one HOST "$(ip_of one)" 80
	nerdctl rm -f one
	gone "$before"
}

@test "nerdctl: run --rm ends by itself, and leaves nothing" {
	network net --subnet 10.44.0.0/24
	before=$(snapshot)
	matches "$(nerdctl run --rm --pull never --net net "$IMAGE" ip addr)" \
		'inet 10\.44\.0\.'
	eventually gone "$before"
}

@test "nerdctl: -p, from the host, a second host and a sibling" {
	network net --subnet 10.44.0.0/24
	before=$(snapshot)
	web one --net net -p 8080:80 -p 192.0.2.1:81:80 -p 127.0.0.1:82:80
	web two --net net
	hears one OUT 192.0.2.1 8080
	hears one OUT 192.0.2.1 81
	deaf OUT 192.0.2.1 82
	for to in '127.0.0.1 8080' '192.0.2.1 8080' '192.0.2.1 81' \
		'127.0.0.1 82'; do
		echo "to: $to"
		# shellcheck disable=SC2086 # two words
		hears one HOST $to
	done
	hears one two 192.0.2.1 8080
	hears one one 192.0.2.1 8080
	nerdctl stop -t 0 one
	deaf OUT 192.0.2.1 8080
	nerdctl start one
	hears one OUT 192.0.2.1 8080
	nerdctl rm -f one two
	deaf HOST 127.0.0.1 8080
	gone "$before"
}

@test "nerdctl: -p with a range, and with UDP" {
	network net --subnet 10.44.0.0/24
	before=$(snapshot)
	web one --net net -p 8000-8002:80-82 -p 9000:53/udp
	nerdctl exec -d one probe serve udp 53 datagram
	nerdctl exec -d one probe serve tcp 82 last
	hears one OUT 192.0.2.1 8000
	hears last OUT 192.0.2.1 8002
	hears datagram OUT 192.0.2.1 9000 udp
	nerdctl rm -f one
	gone "$before"
}

# nerdctl itself does not look who has such a port
@test "nerdctl: -p with SCTP, and who wants it as well is refused" {
	network net --subnet 10.44.0.0/24
	before=$(snapshot)
	web one --net net -p 3868:3869/sctp
	in_host nft list map inet cni_portmap ports4 |
		grep -F "sctp . 3868 comment \"cni:net:default-"
	not web two --net net -p 3868:3869/sctp
	nerdctl rm -f one two
	gone "$before"
}

@test "nerdctl: a port that a container has is refused to a second one" {
	network net --subnet 10.44.0.0/24
	empty=$(snapshot)
	web one --net net -p 8080:80
	before=$(snapshot)
	not web two --net net -p 8080:80
	nerdctl rm -f two
	same_as "$before"
	hears one OUT 192.0.2.1 8080
	nerdctl rm -f one
	gone "$empty"
}

@test "nerdctl: --ip, --mac-address, and the network's MTU" {
	network net --subnet 10.44.0.0/24 -o com.docker.network.driver.mtu=1400
	before=$(snapshot)
	web one --net net --ip 10.44.0.77 --mac-address 02:00:00:00:00:77
	is "$(ip_of one)" 10.44.0.77
	matches "$(nerdctl exec one ip link show eth0)" 'mtu 1400 .*'
	matches "$(nerdctl exec one ip link show eth0)" '02:00:00:00:00:77'
	hears one HOST 10.44.0.77 80
	nerdctl rm -f one
	gone "$before"
}

@test "nerdctl: IPv6, with --ip6 and -p" {
	network net --subnet 10.44.0.0/24 --ipv6 --subnet fd44::/64
	before=$(snapshot)
	web one --net net --ip6 fd44::77 -p '[::]:8080:80' -p 8081:80
	is "$(ip_of one eth0 6)" fd44::77
	hears one HOST fd44::77 80
	# nerdctl gives containers no IPv6 route but that to their network
	web two --net net
	hears one two fd44::1 8080
	hears one HOST fd44::1 8080
	hears one HOST ::1 8080
	hears one OUT 192.0.2.1 8081
	nerdctl rm -f one two
	gone "$before"
}

@test "nerdctl: --internal leads nowhere" {
	network net --subnet 10.44.0.0/24 --internal
	before=$(snapshot)
	web one --net net
	web two --net net
	hears one two "$(ip_of one)" 80
	not nerdctl exec one ping -c 1 -W 1 192.0.2.2
	is "$(nerdctl exec one ip route | grep default)" ''
	nerdctl rm -f one two
	gone "$before"
}

@test "nerdctl: networks are apart, but for what is published" {
	network net --subnet 10.44.0.0/24
	network far --subnet 10.45.0.0/24
	before=$(snapshot)
	web one --net net -p 8080:80
	web two --net far
	hears one two 192.0.2.1 8080
	deaf two "$(ip_of one)" 80
	deaf one "$(ip_of two)" 80
	nerdctl exec two ping -c 1 -W 5 192.0.2.2
	nerdctl rm -f one two
	gone "$before"
}

@test "nerdctl: enable_icc=false keeps neighbours apart" {
	network net --subnet 10.44.0.0/24 \
		-o com.docker.network.bridge.enable_icc=false
	before=$(snapshot)
	web one --net net -p 8080:80
	web two --net net
	deaf two "$(ip_of one)" 80
	hears one HOST "$(ip_of one)" 80
	hears one OUT 192.0.2.1 8080
	nerdctl exec two ping -c 1 -W 5 192.0.2.2
	nerdctl rm -f one two
	gone "$before"
}

@test "nerdctl: one container on two networks at once" {
	network net --subnet 10.44.0.0/24
	network far --subnet 10.45.0.0/24
	before=$(snapshot)
	web one --net net --net far -p 8080:80
	web two --net far
	hears one HOST "$(ip_of one eth0)" 80
	hears one two "$(ip_of one eth1)" 80
	hears one OUT 192.0.2.1 8080
	nerdctl stop -t 0 one
	nerdctl start one
	hears one OUT 192.0.2.1 8080
	nerdctl rm -f one two
	gone "$before"
}

@test "nerdctl: 20 at once, each with an address and a port of its own" {
	network net --subnet 10.44.0.0/24
	before=$(snapshot)
	at_once {01..20}
	gone "$before"
}

@test "nerdctl: network rm leaves nothing of the network but static rules" {
	local n
	before=$(links HOST)
	for n in one two three four five six seven eight nine ten; do
		network "$n" --subnet 10.44.0.0/24
		nerdctl run --rm --pull never --net "$n" -p 8080:80 "$IMAGE" ip addr
		nerdctl network rm "$n"
		is "$(links HOST)" "$before"
		is "$(find "$NETD" -name "*$n*")" ''
		[[ $n != two ]] || rules=$(rules | wc -l)
	done
	is "$(rules | wc -l)" "$rules" 'number of rules'
}

# The chain's first network is made by nerdctl itself.
@test "nerdctl: the default network" {
	web one -p 8080:80
	hears one OUT 192.0.2.1 8080
	nerdctl rm -f one
	is "$(reservations)" ''
	is "$(links HOST)" 'lo nerdctl0 out'
}
