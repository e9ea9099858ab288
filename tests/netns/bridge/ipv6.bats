#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bridge/ipv6.bats - IPv6 and dual stack: usable at once, and nobody but
# the configuration decides on addresses and routes
#
#     c1           c2
#    eth0 ::2     eth0 ::3                    fd09::/64 (and 10.9.0.0/24)
#     +------------+
#                 br0 ::1                     HOST

load ../helpers

setup() {
	host_up
	sandbox c1
	C=$(conf l3v6)
}

# sysctl NAME KEY [VALUE]
sysctl() {
	if [[ -z ${3-} ]]; then
		in_ns "$1" cat "/proc/sys/net/$2"
	else
		echo "$3" | in_ns "$1" tee "/proc/sys/net/$2" >/dev/null
	fi
}

# tentative NAME LINK: addresses that wait for duplicate address detection
tentative() { in_ns "$1" ip -6 -o addr show dev "$2" scope global tentative; }

@test "the container has address, gateway and default route" {
	add bridge "$C"
	json '.ips' '[{"address":"fd09::2/64","gateway":"fd09::1","interface":2}]'
	in_ns c1 ip -6 -o addr show dev eth0 | grep -F 'inet6 fd09::2/64'
	matches "$(in_ns c1 ip -6 route show default)" \
		'^default via fd09::1 dev eth0'
	in_host ip -6 -o addr show dev br0 | grep -F 'inet6 fd09::1/64'
	is "$(sysctl HOST ipv6/conf/all/forwarding)" 1
	is "$(sysctl HOST ipv4/ip_forward)" 0
}

@test "no address is tentative when ADD returns, pings work at once" {
	sandbox c2
	for c in "$C" "$(conf dual '.name = "two" | .bridge = "br2" |
		.ipam.ranges[1][0].subnet = "fd08::/64"')"; do
		br=$(gojq -r .bridge <<<"$c")
		add bridge "$c" c1
		is "$(tentative c1 eth0)$(tentative HOST "$br")" ''
		gw=$(gojq -r '.ips[] | .gateway | select(contains(":"))' <<<"$res")
		a1=$(address 6)
		reaches c1 "$gw"
		reaches HOST "$a1"
		add bridge "$c" c2
		reaches c2 "$a1"
		reaches c1 "$(address 6)"
		del bridge "$c" c1
		del bridge "$c" c2
	done
}

# local_routes NAME LINK: of which addresses the packets are taken. The kernel
# makes these routes in a worker, one for a CPU, that all namespaces share.
local_routes() {
	in_ns "$1" ip -6 -o route show table local type local dev "$2" |
		grep -o 'fd09::[0-9a-f]*' | xargs
}

# busy: gives the worker of this CPU thousands of addresses, which it works off
# one by one
busy() {
	in_ns work taskset -c "$1" ip link set many down
	in_ns work taskset -c "$1" ip link set many up
}

@test "ADD waits until the kernel takes packets for the addresses" {
	local cpu i _
	cpu=$(sed -n 's/^Cpus_allowed_list:[^0-9]*\([0-9]*\).*/\1/p' \
		/proc/self/status)
	sandbox work
	in_ns work ip link add many type bridge
	sysctl work ipv6/conf/many/keep_addr_on_down 1
	for i in {1..3000}; do
		printf 'addr add fd01::%x/128 dev many nodad\n' "$i"
	done | in_ns work ip -6 -batch -
	in_ns work ip link set many up
	WRAP=(taskset -c "$cpu")
	for _ in {1..5}; do
		busy "$cpu"
		add bridge "$C"
		is "$(local_routes c1 eth0)" "$(address 6)" "c1's"
		is "$(local_routes HOST br0)" fd09::1 "the bridge's"
		del bridge "$C"
		in_host ip link del br0
	done
}

# index NAME LINK
index() { in_ns "$1" ip -j link show "$2" | gojq '.[0].ifindex'; }

# With the same index on both ends, and no news of any link for a second before,
# a kernel like 6.1 tells of the carrier another second later. In namespaces that
# are fresh both would be 2: the pair is made, removed and made again.
ends_differ() {
	sleep 1.5
	trace sendmsg
	add bridge "$1"
	in_ns c1 ip -o link show dev eth0 up | grep -F 'state UP'
	in_ns c1 ip -6 -o addr show dev eth0 scope link | grep -F 'inet6 fe80::'
	is "$(grep -c RTM_DELLINK "$TMP/trace")" 1
	[[ $(index c1 eth0) != $(index HOST "$(host_veth)") ]]
}

@test "the ends of a link have different indexes, and ADD returns with it up" {
	ends_differ "$C"
	in_ns c1 ip -6 route show table local | grep 'ff00::/8 dev eth0'
	reaches c1 fd09::1
}

@test "the same without an address, and where some indexes are taken" {
	in_ns c1 ip link add x0 index 3 type bridge
	in_host ip link add x0 index 4 type bridge
	ends_differ "$(conf l2)"
	is "$(index c1 eth0) $(index HOST "$(host_veth)")" '7 6'
}

@test "where all indexes that are tried are taken, ADD works all the same" {
	for i in {3..21..2}; do
		echo "link add x$i index $i type bridge"
	done | in_ns c1 ip -batch -
	add bridge "$C"
	reaches c1 fd09::1
	del bridge "$C"
}

@test "dual stack: both families, a default route each" {
	add bridge "$(conf dual)"
	json '[.ips[].address]' '["10.9.0.2/24","fd09::2/64"]'
	reaches c1 10.9.0.1
	reaches c1 fd09::1
	is "$(in_ns c1 ip -4 route show default | wc -l)" 1
	is "$(in_ns c1 ip -6 route show default | wc -l)" 1
	is "$(sysctl HOST ipv6/conf/all/forwarding)" 1
	is "$(sysctl HOST ipv4/ip_forward)" 1
}

@test "enabledad: ADD returns with the address checked, not before" {
	add bridge "$(conf l3v6 '.enabledad = true')"
	is "$(tentative c1 eth0)" ''
	not grep -E 'nodad|dadfailed' \
		<(in_ns c1 ip -6 addr show dev eth0 scope global)
	reaches c1 fd09::1
}

@test "enabledad: a duplicate address is named, and ADD rolled back" {
	sandbox c2
	c=$(conf l3v6 '.enabledad = true | .ipam.ranges[0][0] +=
		{rangeStart: "fd09::9", rangeEnd: "fd09::9"}')
	add bridge "$(conf l3v6 '.ipam.ranges[0][0].rangeStart = "fd09::30"')" c2
	in_ns c2 ip addr add fd09::9/64 dev eth0 nodad
	before=$(snapshot)
	fails '10[0-9]' 'fd09::9' cni ADD bridge "$c" c1
	same_as "$before"
	in_ns c2 ip addr del fd09::9/64 dev eth0
	add bridge "$c" c1
}

@test "router advertisements are not accepted, on either side" {
	add bridge "$(conf dual)"
	is "$(sysctl c1 ipv6/conf/eth0/accept_ra)" 0
	is "$(sysctl c1 ipv6/conf/eth0/autoconf)" 0
	is "$(sysctl HOST ipv6/conf/br0/accept_ra)" 0
	is "$(sysctl HOST "ipv6/conf/$(host_veth)/accept_ra")" 0
}

@test "a pod that plays the router reaches neither sibling nor host" {
	sandbox c2 c3
	add bridge "$C" c1
	add bridge "$C" c2
	# to show that the advertisement is a good one, c3 believes it
	add bridge "$C" c3
	sysctl c3 ipv6/conf/eth0/accept_ra 2
	sysctl c3 ipv6/conf/eth0/autoconf 1
	# one that comes from another address is none
	eventually link_local c1
	advertise c1 eth0
	eventually advertised c3
	not advertised c2
	not advertised HOST
	not grep ra <(in_ns c2 ip -6 route show default proto ra)
	not grep ra <(in_host ip -6 route show default proto ra)
}

@test "an IPv6 address is put on although IPv6 is off by default" {
	sysctl c1 ipv6/conf/default/disable_ipv6 1
	add bridge "$(conf dual)"
	in_ns c1 ip -6 -o addr show dev eth0 | grep -F 'inet6 fd09::2/64'
	reaches c1 fd09::1
}

@test "an address survives the interface going down and up" {
	add bridge "$C"
	in_ns c1 ip link set eth0 down
	in_ns c1 ip link set eth0 up
	in_ns c1 ip -6 -o addr show dev eth0 | grep -F 'inet6 fd09::2/64'
}

@test "a reused address is reached at once, by the host and by a sibling" {
	sandbox c2 c3
	add bridge "$C" c2
	for pod in c1 c3; do
		CNI_ARGS='IgnoreUnknown=1;IP=fd09::77' add bridge "$C" $pod
		json '.ips[0].address' fd09::77/64
		reaches HOST fd09::77
		reaches c2 fd09::77
		del bridge "$C" $pod
	done
}

# seen: what is mounted below /proc/sys/net is what plugins see, too
seen() { in_host mount --bind /proc/sys/net /proc/sys/net; }
unseen() { in_host umount -R /proc/sys/net; }

@test "IPv4 alone works where the kernel has no IPv6" {
	seen
	in_host mount -t tmpfs none /proc/sys/net/ipv6
	before=$(in_host ls -A /proc/sys/net/ipv6)
	c=$(conf l3 '.ipMasq = true')
	add bridge "$c"
	reaches c1 10.9.0.1
	check bridge "$(with_prev "$c" "$res")"
	del bridge "$c"
	is "$(in_host ls -A /proc/sys/net/ipv6)" "$before"
	unseen
}

@test "IPv4 alone leaves the host's IPv6 forwarding as it was" {
	add bridge "$(conf l3 '.ipMasq = true')"
	is "$(sysctl HOST ipv6/conf/all/forwarding)" 0
}

@test "a read-only /proc/sys does, where the values are right already" {
	sysctl HOST ipv4/ip_forward 1
	sysctl HOST ipv6/conf/all/forwarding 1
	sysctl HOST ipv6/conf/default/accept_ra 0
	for key in accept_ra=0 autoconf=0 accept_dad=0 keep_addr_on_down=1; do
		sysctl c1 "ipv6/conf/default/${key%=*}" "${key#*=}"
	done
	in_host mount -o bind,ro /proc/sys /proc/sys
	add bridge "$(conf dual)"
	is "$(tentative c1 eth0)" ''
	reaches c1 fd09::1
	del bridge "$(conf dual)"
}

@test "a read-only /proc/sys with another value is an error that names it" {
	sysctl HOST ipv4/ip_forward 0
	in_host mount -o bind,ro /proc/sys /proc/sys
	fails 100 'forward|accept_ra|autoconf' cni ADD bridge "$(conf l3)"
	is "$(links c1)" lo
	is "$(veths HOST)$(reservations)" ''
}

@test "a read-only /proc/sys that lets advertisements in is told, and serves" {
	sysctl HOST ipv4/ip_forward 1
	sysctl HOST ipv6/conf/all/forwarding 1
	in_host mount -o bind,ro /proc/sys /proc/sys
	add bridge "$(conf dual)"
	for link in br0 eth0; do
		grep -q "$link .*accept_ra: Read-only file system" <<<"$errout"
	done
	is "$(tentative c1 eth0 global)" ''
	reaches c1 fd09::1
	del bridge "$(conf dual)"
}

# A file of another file system, or a link, in place of a sysctl would have the
# plugin write wherever that leads.
@test "a sysctl that is none is not written" {
	echo 0 >"$TMP/trap"
	seen
	in_host mount --bind "$TMP/trap" /proc/sys/net/ipv4/ip_forward
	fails 100 'ip_forward' cni ADD bridge "$(conf l3)"
	is "$(<"$TMP/trap")" 0
	is "$(links c1)" lo
	unseen
	in_host mount --bind "$TMP/trap" /proc/sys/net/ipv4/ip_forward
	add bridge "$(conf l3)"
	check bridge "$(with_prev "$(conf l3)" "$res")"
	is "$(<"$TMP/trap")" 0
	in_host umount /proc/sys/net/ipv4/ip_forward
	is "$(sysctl HOST ipv4/ip_forward)" 1
}

@test "an mtu too small for IPv6 is refused" {
	fails 7 'mtu 1279.*IPv6' cni ADD bridge "$(conf dual '.mtu = 1279')"
	is "$(links c1)" lo
	is "$(veths HOST)$(reservations)" ''
	add bridge "$(conf dual '.mtu = 1280')"
	del bridge "$(conf dual '.mtu = 1280')"
}

# The kernel takes no advertisements on a router, unless it is told twice.
@test "a host that learns its default route by IPv6 goes on learning it" {
	sandbox router
	in_host ip link add up0 type veth peer name eth0 netns "$router"
	in_ns router ip link set eth0 up
	sysctl HOST ipv6/conf/up0/accept_ra 1
	in_host ip link set up0 up
	eventually advertise router eth0
	eventually advertised HOST
	in_host ip -6 route show default proto ra | grep 'dev up0'
	add bridge "$C"
	is "$(sysctl HOST ipv6/conf/all/forwarding)" 1
	is "$(sysctl HOST ipv6/conf/up0/accept_ra)" 2
	in_host ip -6 route del default proto ra
	eventually advertise router eth0
	eventually in_host ip -6 route get 2001:db8::1 from :: oif up0
	in_host ip -6 route show default proto ra | grep 'dev up0'
}

@test "accept_ra is left alone where no route was learnt" {
	in_host ip link add up0 type veth peer name up1
	sysctl HOST ipv6/conf/up0/accept_ra 1
	add bridge "$C"
	is "$(sysctl HOST ipv6/conf/up0/accept_ra)" 1
}
