#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bridge/rollback.bats - an ADD that fails leaves the host as it was, so
# that the next one works: what is bridge's alone; the rest is in
# each/rollback*.bats
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

# undone CODE MSG EDIT: ADD with the edited configuration fails like that and
# changes nothing; ADD without the edit works
undone() {
	local before
	before=$(snapshot)
	fails "$1" "$2" cni ADD bridge "$(gojq -c "$3" <<<"$C")"
	same_as "$before"
	retry
}
retry() {
	add bridge "$C"
	reaches c1 10.9.0.1
	del bridge "$C"
}

@test "the gateway conflicts with the bridge's address" {
	undone '7|102' '10\.9\.0\.1/24' '.ipam.ranges[0][0].gateway = "10.9.0.253"'
	undone '7|102' 'fd09::1/64' '.ipam.ranges[1][0].gateway = "fd09::fd"'
}

@test "the MTU is one no link can have" {
	undone '6|7|100' mtu '.mtu = 70000'
	undone '6|7|100' mtu '.mtu = 20'
}

@test "the MAC is one no link can have" {
	undone '6|7|100' '01:00:5e:00:00:01' \
		'.runtimeConfig.mac = "01:00:5e:00:00:01"'
}

@test "the link called like the bridge is none" {
	in_host ip link add wire0 type veth peer name wire1
	in_host ip link add ifb7 type ifb
	for name in lo wire0 ifb7; do
		undone '7|100|102' "$name.*not a bridge" ".bridge = \"$name\""
	done
}

@test "what IPAM refuses leaves not even a bridge" {
	local before full
	C=$(gojq -c '.bridge = "br7"' <<<"$C")
	before=$(snapshot)
	fails 7 'subnet|CIDR' cni ADD bridge "$(gojq -c \
		'.ipam.ranges[0][0].subnet = "10.9.0.0/33"' <<<"$C")"
	fails 7 'address 01:00' cni ADD bridge "$(gojq -c \
		'.runtimeConfig.mac = "01:00:5e:00:00:01"' <<<"$C")"
	fails 103 'failed to find plugin' cni ADD bridge "$(gojq -c \
		'.ipam.type = "nope"' <<<"$C")"
	same_as "$before"
	full=$(gojq -c '.ipam.ranges[0][0] += {rangeStart: "10.9.0.9",
		rangeEnd: "10.9.0.9"}' <<<"$C")
	sandbox c9
	add host-local "$full" c9
	before=$(snapshot)
	fails 101 'no IP addresses available' cni ADD bridge "$full"
	same_as "$before"
	del host-local "$full" c9
	add bridge "$full"
	del bridge "$full"
}

@test "the bridge cannot be made" {
	undone '7|100' 'br/0' '.bridge = "br/0"'
}

@test "nf_tables refuses" {
	# a chain where the rules' table wants its own, of another kind
	in_host nft -f - <<-'END'
	flush ruleset
	table bridge cni_spoof {
		chain prerouting { type filter hook output priority 0; }
	}
	END
	before=$(snapshot | grep -v '^HOST nft: .*masq')
	fails 100 'nf_tables|spoof|rule' cni ADD bridge "$C"
	diff <(echo "$before") <(snapshot | grep -v '^HOST nft: .*masq')
	in_host nft delete table bridge cni_spoof
	retry
}

@test "on a fresh host only the network's own is left" {
	del bridge "$C"
	in_host ip link del br0
	in_host nft flush ruleset
	fails 103 . cni ADD bridge "$(gojq -c '.ipam.type = "no-such"' <<<"$C")"
	is "$(links c1)" lo
	matches "$(links HOST)" '^(br0 )?lo$'
	is "$(reservations)" ''
	retry
}
