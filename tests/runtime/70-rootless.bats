#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# 70-rootless.bats - nerdctl of a plain user, by RootlessKit and slirp4netns

load runtime
load containerd
load nerdctl
load rootless

setup() {
	[[ -c /dev/net/tun ]] || skip "needs CONFIG_TUN (no /dev/net/tun)"
	rootless_up
}
teardown() { rootless_down; }

@test "rootless: run, the world, stop, start, restart, rm -f" {
	network net --subnet 10.44.0.0/24
	before=$(snapshot)
	is "$(awk '/^Uid/ { print $2 }' "/proc/$HOST/status")" "$ROOTLESS"
	bg OUT "$PROBE" serve tcp 77 world
	web one --net net
	hears one HOST "$(ip_of one)" 80
	nerdctl exec one ping -c 1 -W 5 10.44.0.1
	hears world one 192.0.2.2 77
	nerdctl stop -t 0 one
	gone "$before"
	nerdctl start one
	hears one HOST "$(ip_of one)" 80
	nerdctl restart -t 0 one
	hears world one 192.0.2.2 77
	nerdctl rm -f one
	gone "$before"
}

# RootlessKit listens outside, and connects to the port inside.
@test "rootless: -p, from a second host, from inside, from a sibling" {
	network net --subnet 10.44.0.0/24
	before=$(snapshot)
	web one --net net -p 8080:80 -p 9000:53/udp -p 127.0.0.1:8081:80
	nerdctl exec -d one probe serve udp 53 datagram
	web two --net net
	hears one OUT 192.0.2.1 8080
	hears datagram OUT 192.0.2.1 9000 udp
	hears one OUTER 127.0.0.1 8081
	deaf OUT 192.0.2.1 8081
	hears one HOST 127.0.0.1 8080
	hears one two 10.44.0.1 8080
	hears one one 10.44.0.1 8080
	nerdctl rm -f one two
	deaf OUT 192.0.2.1 8080
	gone "$before"
}

@test "rootless: firewall, whose backend nerdctl wants to be iptables" {
	network net --subnet 10.44.0.0/24
	network far --subnet 10.45.0.0/24 --internal
	network icc --subnet 10.46.0.0/24 \
		-o com.docker.network.bridge.enable_icc=false
	is "$(cat "$NETD"/default/nerdctl-*.conflist |
		gojq -rs '[.[].plugins[] | select(.type == "firewall").backend] |
			unique | join(" ")')" iptables
	before=$(snapshot)
	web one --net net
	web two --net far
	web three --net icc
	web four --net icc
	deaf one "$(ip_of two)" 80
	deaf two "$(ip_of one)" 80
	deaf three "$(ip_of four)" 80
	hears four HOST "$(ip_of four)" 80
	nerdctl rm -f one two three four
	gone "$before"
}

@test "rootless: ten at once, and a network that is removed" {
	network net --subnet 10.44.0.0/24
	before=$(snapshot)
	at_once {10..19}
	gone "$before"
	nerdctl network rm net
	is "$(links HOST)" 'lo tap0'
}
