#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bridge/del.bats - DEL succeeds and leaves nothing, whatever is missing: what
# is bridge's alone; the rest is in each/del*.bats
#
# A first ADD and DEL come before the comparison: what a network keeps (the
# bridge, its gateway address, forwarding) is there then.

load ../helpers

setup() {
	host_up
	sandbox c1
	C=$(conf dual '.ipMasq = true | .macspoofchk = true')
	add bridge "$C"
	del bridge "$C"
}

@test "with the bridge deleted by somebody before" {
	add bridge "$C"
	in_host ip link del br0
	del bridge "$C"
	is "$(links c1)" lo
	is "$(veths HOST)$(reservations)" ''
	not grep -F c1:eth0 <(in_host nft list ruleset)
}

@test "one attachment's DEL leaves the others working" {
	sandbox c2
	more=$(conf l3 '.name = "more" | .ipam.ranges[0][0].subnet =
		"10.10.0.0/24" | .ipMasq = true | .ipam.routes = []')
	add bridge "$C" c1 eth0
	one=$(with_prev "$C" "$res")
	add bridge "$more" c1 eth1
	two=$(with_prev "$more" "$res")
	add bridge "$C" c2 eth0
	three=$(with_prev "$C" "$res")
	del bridge "$one" c1 eth0
	check bridge "$two" c1 eth1
	check bridge "$three" c2 eth0
	reaches c1 10.10.0.1
	reaches c2 fd09::1
	del bridge "$more" c1 eth0 # not what this network has there
	check bridge "$two" c1 eth1
	del bridge "$two" c1 eth1 ''
	check bridge "$three" c2 eth0
}

@test "an owner text as long as an alias can be" {
	c=$(conf l2)
	before=$(snapshot)
	for n in {238..244}; do
		id=$(printf 'i%.0s' $(seq "$n"))
		add bridge "$c" "$id" eth0 "$(netns c1)"
		json '.[0].ifalias | startswith("cni:")' true \
			"$(in_host ip -j link show "$(host_veth)")"
		del bridge "$c" "$id" eth0 ''
		same_as "$before"
	done
}

@test "a link of somebody else with our name is not deleted" {
	add bridge "$C"
	veth=$(host_veth)
	del bridge "$C"
	in_host ip link add "$veth" type veth peer name other
	in_host ip link set "$veth" alias 'not yours'
	del bridge "$C" c1 eth0 ''
	in_host ip link show "$veth"
	# and an ADD steps around it
	add bridge "$C"
	[[ $(host_veth) != "$veth" ]]
	del bridge "$C" c1 eth0 ''
	is "$(veths HOST | xargs -n1 | sort | xargs)" \
		"$(printf '%s\n' other "$veth" | sort | xargs)"
	is "$(links c1)" lo
}

@test "a port of the bridge that somebody gave an alias does not stay" {
	# as the Go plugin leaves it: a random name, no alias but the script's
	for edit in . 'del(.bridge) | .name = "pods"'; do
		br=$(gojq -r '.bridge // "cni0"' <<<"$(gojq -c "$edit" <<<"$C")")
		in_host sh -ec 'ip link show "$0" >/dev/null 2>&1 ||
			ip link add "$0" type bridge' "$br"
		in_host ip link add veth0a1b2c3d type veth peer name eth0 \
			netns "$c1"
		in_host ip link set veth0a1b2c3d master "$br" alias 'c1 in pods' up
		del bridge "$(gojq -c "$edit" <<<"$C")"
		is "$(links c1)" lo
	done
	# but what is on another bridge, or another attachment's, stays
	in_host ip link add foreign0 type bridge
	for how in 'master foreign0 alias c1' 'master br0 alias cni:other:c9:eth0'; do
		in_host ip link add veth0a1b2c3d type veth peer name eth0 \
			netns "$c1"
		in_host sh -c "ip link set veth0a1b2c3d $how"
		del bridge "$C"
		is "$(links c1)" 'eth0 lo'
		in_host ip link del veth0a1b2c3d
	done
}

# edited EDIT...: DEL with a configuration that is no longer the one of the
# ADD, every other time without the namespace
edited() {
	local before e path
	before=$(snapshot)
	for e; do
		[[ -z ${path-} ]] && path=$(netns c1) || path=
		echo "edit: $e, path: $path"
		add bridge "$C"
		del bridge "$(gojq -c "$e" <<<"$C")" c1 eth0 "$path"
		is "$(links c1) $(veths HOST) $(reservations)" 'lo  '
	done
	same_as "$before"
}

@test "DEL needs no key of the bridge's, and none of a valid value" {
	edited '.vlan = 9999' '.hairpinMode = true | .promiscMode = true' \
		'.vlanTrunk = [{minID: 7}]' '.ipMasqBackend = "foo"' \
		'.mtu = 999999999' '.disableContainerInterface = true' \
		'.bridge = "a/b"' '.bridge = "gone"' \
		'.runtimeConfig.mac = "zz"' \
		'.ipMasq = false | .macspoofchk = false' \
		'.isGateway = "yes"' '.mtu = "big"' '.vlanTrunk = [null]'
}

@test "DEL does not wait for the rules of thousands of others" {
	for i in {1..2000}; do
		echo "add rule ip big c ip saddr 10.$((i / 250)).$((i % 250)).1 accept"
	done >"$TMP/rules"
	{ echo 'add table ip big; add chain ip big c'; cat "$TMP/rules"; } |
		in_host nft -f -
	add bridge "$C"
	del bridge "$C"
	is "$(rules | grep -c '"table":"big"')" 2000
}

# The container has ended, and its process number is one of the host's by now.
@test "DEL in a namespace that became the host's own deletes what is elsewhere" {
	in_host ip link add eth0 type ifb
	before=$(snapshot)
	add bridge "$C"
	not same_as "$before"
	fails 8 'should not be the same; $' \
		cni DEL bridge "$C" c1 eth0 "$(netns HOST)"
	in_host ip link show eth0
	same_as "$before"
}
