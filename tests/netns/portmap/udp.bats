#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# udp.bats - connections of UDP that were there before a mapping, or after it

load portmap

setup() {
	host_up
	out_up
	MAPPED=$(ports 5300:53/udp)
	# one client, who always sends from the same port
	CLIENT=4000
}

tracked() {
	needs_kernel CONFIG_NF_CONNTRACK_PROCFS 'test -e /proc/net/nf_conntrack'
}

# sends NAME ADDRESS PORT: one packet from $CLIENT; what comes back
sends() {
	echo x | in_ns "$1" socat -t 1 - "UDP:$2:$3,sourceport=$CLIENT,reuseaddr" \
		2>/dev/null || :
}

# flows: connections of UDP, a line each, without timers
flows() {
	in_host sed -n 's/^.* udp *17 [0-9]* //p' /proc/net/nf_conntrack | sort
}

# sent_to WHO ADDRESS: the client's packet to port 5300 there comes to WHO
sent_to() { matches "$(sends OUT "$2" 5300)" "^$1"; }

# goes_over ADDRESS: the port there is the host's, c1's, c2's, and the host's
goes_over() {
	tracked
	sandbox c1 c2
	published c1
	unpublished c1
	serve c1 53 udp
	serve c2 53 udp
	# somebody on the host has the port, and loses it to the container
	serve HOST 5300 udp
	sent_to HOST "$1"
	published c1
	# its first packets may wait for the neighbour
	eventually sent_to c1 "$1"
	sent_to c1 "$1"
	# another one takes it over
	unpublished c1
	published c2
	eventually sent_to c2 "$1"
	sent_to c2 "$1"
	unpublished c2
	sent_to HOST "$1"
}

@test "who sent before the port was mapped reaches the container at once" {
	goes_over 203.0.113.1
}

@test "so it is by IPv6" {
	goes_over '[2001:db8::1]'
}

@test "nobody else's connection is forgotten" {
	tracked
	# as tracked as with any rule of NAT
	in_host nft 'add table ip t; add chain ip t c { type filter hook output priority 0; }
		add rule ip t c ct state new'
	in_host nft 'add chain ip t d { type filter hook input priority 0; }
		add rule ip t d ct state new'
	serve OUT 5300 udp
	serve HOST 5301 udp
	sends HOST 203.0.113.2 5300
	CLIENT=4001 sends OUT 203.0.113.1 5301
	is "$(flows | wc -l)" 2
	had=$(flows)
	MAPPED=$(ports 5300:53/udp 203.0.113.9:5301:53/udp)
	published c1
	is "$(flows)" "$had"
	unpublished c1
	is "$(flows)" "$had"
}

@test "a second ADD ends what went by the ports that it does not ask for" {
	local kept
	tracked
	MAPPED=$(ports 5300:53/udp 5301:53/udp)
	published c1
	serve c1 53 udp
	eventually matches "$(sends OUT 203.0.113.1 5300)" ^c1
	CLIENT=4001 eventually matches "$(sends OUT 203.0.113.1 5301)" ^c1
	kept=$(flows | grep dport=5301)
	PM=$(with_prev "$(MAPPED=$(ports 5301:53/udp 5302:53/udp) portmap)" "$res")
	succeeds cni ADD portmap "$PM" c1
	is "$(flows)" "$kept"
	is "$(sends OUT 203.0.113.1 5300)" ''
	CLIENT=4001 matches "$(sends OUT 203.0.113.1 5301)" ^c1
}
