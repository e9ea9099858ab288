#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bridge/vlan-wire.bats - VLANs as the frames show them: what arrives where,
# and with which tag. After frames that must not arrive, one is sent that does:
# once that is there, the others would be.
#
#     c1        c2        c3        c4
#    eth0      eth0      eth0      eth0
#     +---------+---------+---------+
#              br0                     HOST

load ../helpers
load vlan

setup() {
	host_up
	filtering
	sandbox c1 c2 c3 c4
}

ALL=ff:ff:ff:ff:ff:ff GROUP=01:00:5e:00:00:01

@test "frames of an access port stay in its VLAN: to one, to all, to a group" {
	wire '.vlan = 100' c1
	wire '.vlan = 100' c2
	wire '.vlan = 200' c3
	wire '.vlan = 200' c4
	hear c2 c3
	call c1 eth0 "$(mac c3 eth0)"
	reaches c4 10.7.0.3
	eventually hears c3 c4
	not hears c3 c1
	# the bridge has not learned where c3 is, in this VLAN
	for to in $ALL "$(mac c3 eth0)" $GROUP; do
		eventually grep "^$(mac c1 eth0) > $to," "$TMP/heard.c2"
	done
	not grep -F '802.1Q' "$TMP/heard.c2"
}

@test "a pod that tags its frames itself gets no further" {
	tagging
	wire '.vlan = 100' c1
	wire '.vlan = 200' c3
	wire '.vlan = 200' c4
	hear c3
	tag c1 eth0 200
	call c1 eth0.200 "$(mac c3 eth0)"
	tag c1 eth0 100
	tag c1 eth0.100 200 # a tag within its own
	call c1 eth0.100.200 "$(mac c3 eth0)"
	reaches c4 10.7.0.3
	eventually hears c3 c4
	not hears c3 c1
	not hears c3 c1 200
}

@test "a trunk has its VLANs tagged, and no others" {
	tagging
	add bridge "$(conf l2 '.vlanTrunk = [{id: 100}, {minID: 200, maxID: 201}]')" c1
	add bridge "$(conf l2 '.vlanTrunk = [{id: 100}, {id: 150}]')" c2
	wire '.vlan = 100' c3
	wire '.vlan = 201' c4
	for id in 100 150 200 201; do tag c1 eth0 $id; done
	for id in 100 150 200; do tag c2 eth0 $id; done
	in_ns c3 ip addr add 10.7.100.3/24 dev eth0
	in_ns c4 ip addr add 10.7.201.4/24 dev eth0
	hear c1 c2 c3
	misses c1 10.7.200.2
	misses c1 10.7.150.2
	reaches c1 10.7.100.2
	reaches c3 10.7.100.2
	reaches c1 10.7.100.3
	reaches c4 10.7.201.1
	eventually hears c2 c1 100
	eventually hears c1 c3 100
	eventually hears c1 c4 201
	eventually hears c3 c1 # without the tag
	not hears c3 c1 100
	not hears c2 c1 200
	not hears c2 c1 150
	not hears c1 c3
}

@test "frames without a tag of a trunk are in VLAN 1, or in that of vlan" {
	tagging
	wire '.vlanTrunk = [{id: 100}]' c1
	wire . c2
	wire '.vlan = 50' c3
	hear c1 c2 c3
	reaches c1 10.7.0.2
	misses c1 10.7.0.3
	eventually hears c1 c2
	not hears c3 c1
	del bridge "$(conf l2)" c1
	wire '.vlan = 50 | .vlanTrunk = [{id: 100}]' c1
	tag c1 eth0 100
	wire '.vlan = 100' c4
	in_ns c4 ip addr add 10.7.100.4/24 dev eth0
	misses c1 10.7.0.2
	reaches c1 10.7.0.3
	reaches c1 10.7.100.4
	eventually hears c3 c1
	not hears c3 c1 50
	not hears c3 c1 100
}

@test "preserveDefaultVlan: a pod hears VLAN 1 too, but speaks in its own" {
	wire '.vlan = 100 | .preserveDefaultVlan = true' c1
	wire '.vlan = 100' c2
	wire . c3
	wire . c4
	hear c1 c2 c3
	call c3 eth0 "$(mac c1 eth0)"
	reaches c1 10.7.0.2
	misses c1 10.7.0.3
	reaches c4 10.7.0.3
	eventually hears c1 c3
	eventually hears c2 c1
	not hears c2 c3
	eventually hears c3 c4
	not hears c3 c1
}

# --- the gateways of two VLANs --------------------------------------------

# outside: OUT is 203.0.113.2 and 2001:db8::2, without a route to the pods
outside() {
	hold OUT
	in_host ip link add up0 type veth peer name eth0 netns "$OUT"
	in_host ip addr add 203.0.113.1/24 dev up0
	in_host ip addr add 2001:db8::1/64 dev up0 nodad
	in_ns OUT ip addr add 203.0.113.2/24 dev eth0
	in_ns OUT ip addr add 2001:db8::2/64 dev eth0 nodad
	in_host ip link set up0 up
	in_ns OUT ip link set eth0 up
}

# pods ID EDIT: the network of that VLAN, 10.ID.0.0/24 and fd00:ID::/64
pods() {
	conf dual ".vlan = $1 | .name = \"vlan$1\" | .ipam.ranges =
		[[{subnet: \"10.$1.0.0/24\"}], [{subnet: \"fd00:$1::/64\"}]] |
		$2"
}

@test "each VLAN has its gateway, is routed to the other, and masqueraded" {
	outside
	hear OUT
	a=$(pods 100 '.ipMasq = true') b=$(pods 200 '.ipMasq = true')
	add bridge "$a" c1
	first=$res
	add bridge "$b" c2
	hear c2
	for to in 10.100.0.1 fd00:100::1 203.0.113.2 2001:db8::2; do
		reaches c1 $to
	done
	for to in 10.200.0.1 fd00:200::1 203.0.113.2 2001:db8::2; do
		reaches c2 $to
	done
	for from in 203.0.113.1 2001:db8::1; do
		eventually grep "$from > .* echo request" "$TMP/heard.OUT"
	done
	not grep -E ' (10\.[12]00\.0|fd00:)' "$TMP/heard.OUT"
	# from one to the other it is the host that is seen
	reaches c1 10.200.0.2
	reaches c1 fd00:200::2
	for from in 10.200.0.1 fd00:200::1; do
		eventually grep "$from > .* echo request" "$TMP/heard.c2"
	done
	check bridge "$(with_prev "$a" "$first")" c1
	check bridge "$(with_prev "$b" "$res")" c2
	del bridge "$a" c1
	reaches c2 203.0.113.2
	del bridge "$b" c2
	is "$(veths HOST)$(reservations)" up0
}

# --- CHECK ----------------------------------------------------------------

# notices MSG CMD...: CHECK of $prev fails once CMD was run in the host; after
# that ADD is made again
notices() {
	local msg=$1
	shift
	echo "$*"
	add bridge "$C"
	prev=$(with_prev "$C" "$res")
	check bridge "$prev"
	in_host "${@//PORT/$(host_veth)}"
	fails 104 "$msg" cni CHECK bridge "$prev"
	del bridge "$C"
	in_host ip link del br0
}

@test "CHECK notices a port whose frames have another tag than they had" {
	C=$(conf l2 '.vlan = 100 | .vlanTrunk = [{id: 200}]')
	notices 'filtering of br0 is off' \
		ip link set br0 type bridge vlan_filtering 0
	notices 'VLAN 100.* tag' bridge vlan add dev PORT vid 100 pvid
	notices 'VLAN 200.* tag' bridge vlan add dev PORT vid 200 untagged
	notices 'untagged.* 200, not 100' \
		bridge vlan add dev PORT vid 200 pvid untagged
	C=$(conf l2 '.vlan = 100 | .preserveDefaultVlan = true')
	notices 'VLAN 100.* tag' bridge vlan add dev PORT vid 100 pvid
}

@test "CHECK notices a VLAN's gateway that is not in that VLAN" {
	tagging
	C=$(conf l3 '.vlan = 100')
	notices 'br0\.100.* not found' ip link del br0.100
	notices 'br0\.100 is down' ip link set br0.100 down
	notices '10\.9\.0\.1/24.* br0\.100' ip addr del 10.9.0.1/24 dev br0.100
	notices 'br0.* VLAN 100' bridge vlan del dev br0 vid 100 self
	notices 'br0\.100.* VLAN 100' sh -c 'ip link del br0.100
		ip link add link br0 name br0.100 type vlan id 200
		ip addr add 10.9.0.1/24 dev br0.100; ip link set br0.100 up'
	notices 'br0\.100.* VLAN 100' sh -c 'ip link del br0.100
		ip link add br9 type bridge; ip link set br9 up
		ip link add link br9 name br0.100 type vlan id 100
		ip addr add 10.9.0.1/24 dev br0.100; ip link set br0.100 up'
	in_host ip link del br9
	notices 'br0\.100.* VLAN 100' sh -c 'ip link del br0.100
		ip link add br0.100 type ifb
		ip addr add 10.9.0.1/24 dev br0.100; ip link set br0.100 up'
	in_host ip link del br0.100
}

@test "CHECK notices that the Go plugins' gateway is in another VLAN" {
	C=$(conf l3 '.vlan = 100')
	add bridge "$(conf l2 '.vlan = 100')"
	del bridge "$(conf l2)"
	in_host ip link add br0.100 type veth peer name v100
	notices 'br0\.100.* VLAN 100' \
		bridge vlan add dev v100 vid 200 pvid untagged
	in_host ip link del br0.100
}

@test "an interface of another VLAN in the gateway's place is left alone" {
	tagging
	add bridge "$(conf l2 '.vlan = 100')"
	del bridge "$(conf l2)"
	in_host ip link add link br0 name br0.100 type vlan id 200
	before=$(snapshot)
	fails 102 'br0\.100.* VLAN' cni ADD bridge "$(conf l3 '.vlan = 100')"
	same_as "$before"
}
