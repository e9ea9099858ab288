#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bridge/vlan.bats - vlan, vlanTrunk, preserveDefaultVlan
#
#     c1        c2        c3
#    eth0      eth0      eth0      untagged
#     | 100     | 100     | 200    PVID of the port
#     +---------+---------+
#              br0                 vlan_filtering 1
#               | 100
#             br0.100              the gateway of VLAN 100, in HOST

load ../helpers
load vlan

setup() {
	host_up
	sandbox c1
}

# --- what is refused, on any kernel ---------------------------------------

@test "a VLAN ID outside 0 to 4094 is refused beforehand" {
	before=$(snapshot)
	for vlan in -1 4095 4096 100000; do
		for verb in ADD STATUS; do
			fails 7 "invalid VLAN ID $vlan .must be between 0 and 4094" \
				cni $verb bridge "$(conf l2 ".vlan = $vlan")"
		done
	done
	same_as "$before"
}

@test "a trunk that makes no sense is refused beforehand, and why" {
	before=$(snapshot)
	while read -r item msg; do
		fails 7 "$msg" cni ADD bridge \
			"$(conf l2 ".vlanTrunk = [{\"id\": 7}, $item]")"
	done <<-'END'
	{"minID":0,"maxID":5} incorrect trunk minID parameter
	{"minID":4095,"maxID":4096} incorrect trunk minID parameter
	{"minID":5,"maxID":4095} incorrect trunk maxID parameter
	{"minID":5,"maxID":0} incorrect trunk maxID parameter
	{"minID":6,"maxID":5} minID is greater than maxID in trunk parameter
	{"maxID":5} minID and maxID should be configured simultaneously, minID is missing
	{"minID":5} minID and maxID should be configured simultaneously, maxID is missing
	{"id":0} incorrect trunk id parameter
	{"id":4095} incorrect trunk id parameter
	{"id":-1} incorrect trunk id parameter
	END
	fails '6|7' vlanTrunk cni ADD bridge "$(conf l2 '.vlanTrunk = [null]')"
	fails '6|7' vlanTrunk cni ADD bridge "$(conf l2 '.vlanTrunk = [7]')"
	same_as "$before"
}

@test "vlan 0 and no trunk are no VLANs at all" {
	for e in '.vlan = 0' '.vlanTrunk = null' '.vlan = null' \
		'.preserveDefaultVlan = true'; do
		c=$(conf l2 "$e")
		add bridge "$c"
		check bridge "$(with_prev "$c" "$res")"
		del bridge "$c"
	done
	json '.[0].linkinfo.info_data.vlan_filtering' 0 \
		"$(in_host ip -j -d link show br0)"
}

@test "a kernel without VLAN filtering is named, and nothing is left" {
	! in_host sh -c 'ip link add probe0 type bridge vlan_filtering 1 &&
		ip link del probe0' 2>/dev/null || return 0 # the others prove it
	add bridge "$(conf l2)"
	del bridge "$(conf l2)"
	before=$(snapshot)
	for e in '.vlan = 100' '.vlanTrunk = [{id: 100}]'; do
		fails '2|100' 'vlan.*filtering|VLAN_FILTERING' \
			cni ADD bridge "$(conf l2 "$e")"
		same_as "$before"
		fails '2|100' 'vlan.*filtering|VLAN_FILTERING' \
			cni ADD bridge "$(conf l2 "$e | .bridge = \"br1\"")"
		is "$(links c1)" lo
		is "$(veths HOST)" ''
	done
}

# --- ports ----------------------------------------------------------------

@test "vlan: pods of one VLAN reach each other, and nobody else" {
	filtering
	sandbox c2 c3 c4
	wire '.vlan = 100' c1
	json '.[0].linkinfo.info_data.vlan_filtering' 1 \
		"$(in_host ip -j -d link show br0)"
	is "$(vids)" '100,PVID,Egress Untagged'
	wire '.vlan = 100' c2
	wire '.vlan = 200' c3
	wire . c4
	is "$(vids)" '1,PVID,Egress Untagged'
	reaches c1 10.7.0.2
	misses c1 10.7.0.3
	misses c1 10.7.0.4
	misses c4 10.7.0.3
}

@test "vlan on a bridge that does not filter yet is either on or refused" {
	filtering
	add bridge "$(conf l2)"
	del bridge "$(conf l2)"
	sandbox c2
	wire '.vlan = 100' c1
	wire '.vlan = 200' c2
	json '.[0].linkinfo.info_data.vlan_filtering' 1 \
		"$(in_host ip -j -d link show br0)"
	misses c1 10.7.0.2
}

@test "preserveDefaultVlan keeps VLAN 1 on the port" {
	filtering
	add bridge "$(conf l2 '.vlan = 100 | .preserveDefaultVlan = true')"
	is "$(vids)" '1,Egress Untagged 100,PVID,Egress Untagged'
	del bridge "$(conf l2)"
	add bridge "$(conf l2 '.vlan = 100 | .preserveDefaultVlan = false')"
	is "$(vids)" '100,PVID,Egress Untagged'
}

@test "vlanTrunk: the IDs and ranges given, each once, VLAN 1 untagged" {
	filtering
	c=$(conf l2 '.vlanTrunk = [{id: 300}, {minID: 100, maxID: 102},
		{id: 101}, {minID: 102, maxID: 103, id: 7}]')
	add bridge "$c"
	is "$(vids)" '1,PVID,Egress Untagged 7 100 101 102 103 300'
	check bridge "$(with_prev "$c" "$res")"
}

@test "vlan and vlanTrunk together: the one untagged, the others tagged" {
	filtering
	add bridge "$(conf l2 '.vlan = 50 | .vlanTrunk = [{id: 100}]')"
	is "$(vids)" '50,PVID,Egress Untagged 100'
}

@test "a trunk carries tagged frames of its VLANs" {
	filtering
	tagging
	sandbox c2 c3
	add bridge "$(conf l2 '.vlanTrunk = [{id: 100}]')" c1
	for id in 100 200; do
		in_ns c1 ip link add link eth0 name eth0.$id type vlan id $id
		in_ns c1 ip addr add 10.$id.0.1/24 dev eth0.$id
		in_ns c1 ip link set eth0.$id up
		[[ $id = 100 ]] && pod=c2 || pod=c3
		add bridge "$(conf l2 ".vlan = $id")" $pod
		in_ns $pod ip addr add 10.$id.0.2/24 dev eth0
	done
	reaches c1 10.100.0.2
	misses c1 10.200.0.2
}

# A DHCP client sends by the link, and the answer is another one in each VLAN.
@test "an IPAM plugin that may use the link finds the port in its VLANs" {
	filtering
	mkdir "$TMP/bin"
	CNI_PATH=$TMP/bin:$BIN
	cat >"$TMP/bin/ipam" <<-END
	#!/bin/sh
	cat >/dev/null
	[ "\$CNI_COMMAND" = ADD ] || exit 0
	bridge -j vlan show >"$TMP/vlans"
	echo '{"cniVersion": "1.1.0", "ips": [{"address": "10.9.0.5/24"}]}'
	END
	chmod +x "$TMP/bin/ipam"
	c=$(conf l2 '.vlan = 100 | .vlanTrunk = [{id: 200}] |
		.ipam.type = "ipam"')
	# the bridge plugin alone is slow
	trace sendmsg
	WRAP=(strace -qq -o "$TMP/trace" -e trace=sendmsg
		-e inject=sendmsg:delay_enter=50000)
	add bridge "$c"
	WRAP=()
	json '.[] | select(.ifname | startswith("veth")).vlans |
		map([.vlan, .flags[]?])' \
		'[[100,"PVID","Egress Untagged"],[200]]' "$(<"$TMP/vlans")"
}

# --- the gateway of a VLAN ------------------------------------------------

@test "the gateway of a VLAN is on its own interface, made once" {
	filtering
	sandbox c2 c3
	c=$(conf dual '.vlan = 100')
	add bridge "$c" c1
	json '.interfaces[3].name' br0.100
	json '.interfaces[3].mac' "$(mac HOST br0.100)"
	is "$(in_host ip -4 -o addr show dev br0)" ''
	in_host ip -o addr show dev br0.100 | grep -F 10.9.0.1/24
	in_host ip -o addr show dev br0.100 | grep -F fd09::1/64
	reaches c1 10.9.0.1
	reaches c1 fd09::1
	first=$(with_prev "$c" "$res")
	n=$(veths HOST | wc -w)
	add bridge "$c" c2
	is "$(veths HOST | wc -w)" $((n + 1))
	reaches c2 10.9.0.2
	check bridge "$first" c1
	check bridge "$(with_prev "$c" "$res")" c2
	other=$(conf l3 '.vlan = 200 | .name = "other" |
		.ipam.ranges[0][0].subnet = "10.10.0.0/24"')
	add bridge "$other" c3
	reaches c3 10.10.0.1
	in_host ip -o addr show dev br0.200 | grep -F 10.10.0.1/24
}

@test "a bridge that never had a port keeps its MAC with VLANs as well" {
	filtering
	for filters in 0 1; do
		in_host ip link add br0 type bridge vlan_filtering $filters
		mac=$(mac HOST br0)
		add bridge "$(conf l3 '.vlan = 100')"
		reaches c1 10.9.0.1
		is "$(mac HOST br0) $(mac HOST br0.100)" "$mac $mac"
		del bridge "$(conf l3 '.vlan = 100')"
		in_host ip link del br0.100
		add bridge "$(conf l3)"
		is "$(mac HOST br0)" "$mac"
		reaches c1 10.9.0.1
		del bridge "$(conf l3)"
		in_host ip link del br0
	done
}

@test "nobody of another VLAN reaches the gateway on the wire" {
	filtering
	sandbox c2 c3
	add bridge "$(conf l3 '.vlan = 100')" c1
	reaches c1 10.9.0.1
	add bridge "$(conf l2 '.vlan = 200')" c2
	add bridge "$(conf l2)" c3
	for pod in c2 c3; do
		in_ns $pod ip addr add 10.9.0.77/24 dev eth0
		misses $pod 10.9.0.1
	done
}

@test "a gateway that is half made is completed" {
	filtering
	c=$(conf l3 '.vlan = 100')
	add bridge "$(conf l2 '.vlan = 100')"
	del bridge "$(conf l2)"
	in_host ip link add link br0 name br0.100 type vlan id 100
	add bridge "$c"
	reaches c1 10.9.0.1
	del bridge "$c"
	in_host ip link del br0
	is "$(links HOST)" lo # the gateway goes with the bridge
}

@test "the veth pair of the Go plugins is used as it is, or completed" {
	filtering
	c=$(conf l3 '.vlan = 100')
	for made in 'ip link set v100 master br0' 'ip link set v100 up' \
		'ip link set br0.100 up' 'bridge vlan del dev v100 vid 1' \
		'bridge vlan add dev v100 vid 100 pvid untagged'; do
		steps+="$made;"
		add bridge "$(conf l2 '.vlan = 100')"
		del bridge "$(conf l2)"
		in_host ip link add br0.100 type veth peer name v100
		in_host sh -ec "$steps"
		add bridge "$c"
		json '.interfaces[3].name' br0.100
		json '.interfaces[3].mac' "$(mac HOST br0.100)"
		reaches c1 10.9.0.1
		is "$(in_host bridge -j vlan show dev v100 |
			gojq -c '[.[0].vlans[].vlan]')" '[100]'
		check bridge "$(with_prev "$c" "$res")"
		del bridge "$c"
		in_host ip link del br0.100
		in_host ip link del br0
	done
}

@test "an interface that is in the gateway's place is left alone" {
	filtering
	c=$(conf l3 '.vlan = 100')
	add bridge "$(conf l2 '.vlan = 100')"
	del bridge "$(conf l2)"
	in_host ip link add br9 type bridge
	for link in 'name br0.100 type ifb' 'name br0.100 link br9 type vlan id 100' \
		'name v100 link br0 type vlan id 100'; do
		# shellcheck disable=SC2086 # words
		in_host ip link add $link
		before=$(snapshot)
		fails 102 'br0\.100' cni ADD bridge "$c"
		same_as "$before"
		in_host ip link del "$(cut -d' ' -f2 <<<"$link")"
	done
	add bridge "$c"
}

# masqueraded: a pod of VLAN 100 reaches who has no route back to it
masqueraded() {
	sandbox OUT
	in_host ip link add up0 type veth peer name eth0 netns "$OUT"
	in_host ip addr add 203.0.113.1/24 dev up0
	in_host ip link set up0 up
	in_ns OUT ip addr add 203.0.113.2/24 dev eth0
	in_ns OUT ip link set eth0 up
	c=$(conf l3 '.vlan = 100 | .ipMasq = true')
	add bridge "$c"
	reaches c1 203.0.113.2
	check bridge "$(with_prev "$c" "$res")"
	del bridge "$c"
}

@test "a VLAN's pods are masqueraded by the VLAN's interface" {
	filtering
	f=/proc/sys/net/bridge/bridge-nf-call-iptables
	[[ ! -e $f ]] || echo 0 | in_host tee $f
	masqueraded
}

@test "a DEL that knows no VLAN ends its masquerade, with a gateway or not" {
	filtering
	for e in 'br0.100 .' 'br0 .isGateway = false'; do
		add bridge "$(conf l3 ".vlan = 100 | .ipMasq = true | ${e#* }")"
		is "$(masq_pods | cut -d' ' -f1)" "${e%% *}"
		del bridge "$(conf l3)"
		is "$(rules)" ''
	done
}

@test "a VLAN's pods are masqueraded also where br_netfilter is at work" {
	filtering
	f=/proc/sys/net/bridge/bridge-nf-call-iptables
	needs_kernel CONFIG_BRIDGE_NETFILTER "echo 1 >$f"
	masqueraded
}

@test "DEL of a VLAN attachment leaves the VLAN's gateway alone" {
	filtering
	sandbox c2
	c=$(conf l3 '.vlan = 100')
	add bridge "$c" c1
	del bridge "$c" c1
	before=$(snapshot)
	for path in "$(netns c1)" ''; do
		add bridge "$c" c1
		del bridge "$c" c1 eth0 "$path"
		same_as "$before"
	done
	add bridge "$c" c2
	reaches c2 10.9.0.1
	gc bridge "$(with_valid "$c")"
	in_host ip -o addr show dev br0.100 | grep -F 10.9.0.1/24
}

@test "a VLAN interface whose name gets too long is refused" {
	before=$(snapshot)
	fails '7|100' 'long|15|16' cni ADD bridge \
		"$(conf l3 '.bridge = "abcdefghijkl" | .vlan = 4000')"
	is "$(links c1)$(veths HOST)$(reservations)" lo
}

@test "CHECK notices a VLAN that is missing or one too many" {
	filtering
	c=$(conf l2 '.vlan = 100 | .vlanTrunk = [{id: 200}]')
	add bridge "$c"
	prev=$(with_prev "$c" "$res")
	check bridge "$prev"
	in_host bridge vlan del dev "$(host_veth)" vid 200
	fails 104 'vlan.*200' cni CHECK bridge "$prev"
	in_host bridge vlan add dev "$(host_veth)" vid 200
	check bridge "$prev"
	in_host bridge vlan add dev "$(host_veth)" vid 300
	fails 104 'vlan.*300' cni CHECK bridge "$prev"
	in_host bridge vlan del dev "$(host_veth)" vid 300
	in_host bridge vlan add dev "$(host_veth)" vid 100 # no PVID any more
	fails 104 'vlan.*untagged.* 0, not 100' cni CHECK bridge "$prev"
}

@test "parallel ADDs make one gateway of a VLAN" {
	filtering
	sandbox c2 c3 c4
	c=$(conf l3 '.vlan = 100')
	for pod in c1 c2 c3 c4; do
		(add bridge "$c" $pod) 3>&- &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait $pid; done
	is "$(links HOST | wc -w)" 7 # br0, br0.100, lo and four pods'
	for pod in c1 c2 c3 c4; do reaches $pod 10.9.0.1; done
}
