#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bridge/del.bats - DEL succeeds and leaves nothing, whatever is missing
#
# What a network keeps (the bridge, its gateway address, forwarding, its own
# masquerade rule) is there from a first ADD and DEL before the comparison.

load ../helpers

setup() {
	host_up
	sandbox c1 c9
	touch "$TMP/file"
	C=$(conf dual '.ipMasq = true | .macspoofchk = true')
	add bridge "$C"
	del bridge "$C"
}

# the snapshot, or what it is without a ruleset
without_rules() { grep -v '^HOST nft: '; }

# forget: no reservation is left
forget() { reservations | cut -d' ' -f1 | (cd "$STORE" && xargs rm); }

# gone NETNS [CMD...]: attach; CMD; then DEL with that namespace must leave
# nothing, with and without prevResult, reservation and rules
gone() {
	local ns=$1 before prev lease rules c
	shift
	before=$(snapshot)
	for prev in yes no; do
		for lease in yes no; do
			for rules in yes no; do
				echo "prevResult: $prev, lease: $lease, rules: $rules"
				add bridge "$C"
				c=$C
				[[ $prev = no ]] || c=$(with_prev "$C" "$res")
				[[ $lease = yes ]] || forget
				[[ $rules = yes ]] || in_host nft flush ruleset
				"$@"
				del bridge "$c" c1 eth0 "$ns"
				if [[ $rules = yes ]]; then
					same_as "$before"
				else
					is "$(rules)" ''
					diff <(without_rules <<<"$before") \
						<(snapshot | without_rules)
					add bridge "$C"
					del bridge "$C"
				fi
			done
		done
	done
}

@test "with its namespace" {
	gone "$(netns c1)"
}

@test "with CNI_NETNS empty while the namespace lives" {
	gone ''
}

@test "with a path where nothing is, while the namespace lives" {
	gone "$TMP/none"
}

@test "with a path that is a plain file" {
	gone "$TMP/file"
}

@test "with a path that is a directory" {
	gone "$TMP"
}

@test "with the path of a namespace that has not got the interface" {
	gone "$(netns c9)"
}

@test "with the interface deleted by somebody before" {
	gone "$(netns c1)" in_ns c1 ip link del eth0
}

@test "with the interface renamed in the container" {
	rename() {
		in_ns c1 ip link set eth0 down
		in_ns c1 ip link set eth0 name net1
	}
	gone "$(netns c1)" rename
}

@test "with the bridge deleted by somebody before" {
	add bridge "$C"
	in_host ip link del br0
	del bridge "$C"
	is "$(links c1)" lo
	is "$(veths HOST)$(reservations)" ''
	not grep -F c1-eth0 <(in_host nft list ruleset)
}

@test "with the store gone" {
	add bridge "$C"
	rm -r "$STORE"
	del bridge "$C"
	is "$(links c1)" lo
	is "$(veths HOST)" ''
	mkdir -p "$STORE"
}

@test "with the namespace gone" {
	before=$(drop c1; snapshot)
	path=$TMP/none
	for prev in yes no; do
		for path in '' "/proc/$c1/ns/net"; do
			echo "prevResult: $prev, path: $path"
			kill -0 "$c1" 2>/dev/null || sandbox c1
			add bridge "$C"
			c=$C
			[[ $prev = no ]] || c=$(with_prev "$C" "$res")
			drop c1
			del bridge "$c" c1 eth0 "$path"
			same_as "$before"
		done
	done
}

@test "DEL twice, and DEL of what never was" {
	before=$(snapshot)
	add bridge "$C"
	del bridge "$C"
	del bridge "$C"
	del bridge "$C" c1 eth0 ''
	del bridge "$C" nobody
	del bridge "$C" c1 eth7
	same_as "$before"
}

@test "DEL on a fresh host makes nothing" {
	in_host ip link del br0
	in_host nft flush ruleset
	rm -r "$STORE/pods"
	before=$(snapshot)
	del bridge "$C"
	del bridge "$(conf l2)" c1 eth0 ''
	same_as "$before"
	is "$(in_host nft list ruleset)" ''
}

@test "an L2 attachment, with and without its namespace" {
	c=$(conf l2)
	before=$(snapshot)
	for path in "$(netns c1)" '' "$TMP/none" "$TMP/file" "$(netns c9)"; do
		add bridge "$c"
		del bridge "$c" c1 eth0 "$path"
		same_as "$before"
	done
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

@test "the same container and interface on another network stays" {
	sandbox c2
	more=$(conf l3 '.name = "more" | .bridge = "br1" |
		.ipam.ranges[0][0].subnet = "10.10.0.0/24"')
	add bridge "$more" c1 eth0
	prev=$(with_prev "$more" "$res")
	before=$(snapshot)
	del bridge "$C" c1 eth0 ''
	del bridge "$C" c1 eth0 "$(netns c9)"
	same_as "$before"
	check bridge "$prev"
}

@test "what was in the way of an ADD survives the DEL that follows" {
	in_ns c1 ip link add eth0 type ifb
	before=$(snapshot)
	for ifname in eth0 lo; do
		fails 102 "$ifname" cni ADD bridge "$C" c1 $ifname
		del bridge "$C" c1 $ifname
		same_as "$before"
	done
}

@test "names of any length and look are found again" {
	before=$(snapshot)
	for id in c1 "$(printf 'i%.0s' {1..260})" "$(printf 'i%.0s' {1..4000})"; do
		for ifname in '$(x)' "a'b\"c" 'a;*b{' é 012345678901234; do
			echo "id: ${#id}, ifname: $ifname"
			add bridge "$C" "$id" "$ifname" "$(netns c1)"
			check bridge "$(with_prev "$C" "$res")" "$id" \
				"$ifname" "$(netns c1)"
			del bridge "$C" "$id" "$ifname" ''
		done
		same_as "$before"
	done
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

# edited EDIT...: DEL with a configuration that is no longer the one of the
# ADD, every other time without the namespace
edited() {
	local before e path
	before=$(snapshot)
	for e; do
		[[ -z ${path-} ]] && path=$(netns c1) || path=
		echo "edit: $e, path: $path"
		add bridge "$C"
		del bridge "$(jq -c "$e" <<<"$C")" c1 eth0 "$path"
		is "$(links c1) $(veths HOST) $(reservations)" 'lo  '
	done
	same_as "$before"
}

@test "DEL needs no more than name and store of the configuration" {
	edited '.ipam.ranges = [[{subnet: "10.9.0.7/24"}]]' '.ipam.ranges = []' \
		'.ipam.resolvConf = "/nowhere"' '.vlan = 9999' \
		'.hairpinMode = true | .promiscMode = true' \
		'.vlanTrunk = [{minID: 7}]' '.ipMasqBackend = "foo"' \
		'.mtu = 999999999' '.disableContainerInterface = true' \
		'.bridge = "a/b"' '.bridge = "gone"' \
		'.runtimeConfig.mac = "zz"' '.prevResult = {ips: [null]}' \
		'.prevResult = {cniVersion: "7.7.7"}' '.cniVersion = "0.3.1"' \
		'del(.cniVersion)' '.ipMasq = false | .macspoofchk = false'
}

@test "not even when values have the wrong types" {
	edited '.isGateway = "yes"' '.mtu = "big"' '.vlanTrunk = [null]' \
		'.dns = 7' '.prevResult = "nonsense"' '.ipam.ranges = "none"' \
		'.ipam.routes = 7' '.runtimeConfig.ips = [7]'
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
