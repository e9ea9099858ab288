#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bridge/rollback.bats - an ADD that fails leaves the host as it was, so
# that the next one works
#
# What a network keeps (the bridge, its gateway address, forwarding, its own
# masquerade rule) is there from a first ADD and DEL before the comparison.

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
	fails "$1" "$2" cni ADD bridge "$(jq -c "$3" <<<"$C")"
	same_as "$before"
	retry
}
retry() {
	add bridge "$C"
	reaches c1 10.9.0.1
	del bridge "$C"
}

@test "the address pool is empty" {
	undone 101 '10\.9\.0\.2.*10\.9\.0\.2|no.*available|range' '.ipam.ranges[0] = [{subnet:
		"10.9.0.0/24", rangeStart: "10.9.0.1", rangeEnd: "10.9.0.1"}]'
}

@test "the IPAM plugin refuses its configuration" {
	undone 7 'range|subnet|host bits' '.ipam.ranges[0][0].subnet = "10.9.0.7/24"'
}

@test "the IPAM plugin is not there" {
	undone 103 'no-such' '.ipam.type = "no-such"'
}

@test "the interface is there already, made by somebody else" {
	in_ns c1 ip link add eth0 type ifb
	before=$(snapshot)
	fails '10[02]' 'eth0.*exists|exists.*eth0' cni ADD bridge "$C"
	same_as "$before"
	in_ns c1 ip link del eth0
	retry
}

@test "the gateway conflicts with the bridge's address" {
	undone '7|102' '10\.9\.0\.1/24' '.ipam.ranges[0][0].gateway = "10.9.0.253"'
	undone '7|102' 'fd09::1/64' '.ipam.ranges[1][0].gateway = "fd09::fd"'
}

@test "a route cannot be added" {
	undone 100 '192\.0\.2\.0/24' \
		'.ipam.routes = [{dst: "192.0.2.0/24", gw: "198.51.100.1"}]'
	undone 100 '2001:db8::/32' \
		'.ipam.routes = [{dst: "2001:db8::/32", gw: "2001:db8:1::1"}]'
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

@test "the bridge cannot be made" {
	undone '7|100' 'br/0' '.bridge = "br/0"'
}

@test "the result cannot be said in that version" {
	for v in 0.1.0 0.2.0; do
		undone '[0-9]+' 'cannot convert|IP address' \
			".cniVersion = \"$v\" | del(.ipam)"
	done
}

@test "more addresses of a family than the version can say" {
	undone '[0-9]+' 'address' '.cniVersion = "0.2.0" | .ipam.ranges =
		[[{subnet: "10.9.0.0/24"}], [{subnet: "10.10.0.0/24"}]]'
}

@test "the result cannot be written: the file system is full" {
	before=$(snapshot)
	WRAP=(sh -c 'exec "$@" >/dev/full' --)
	cni ADD bridge "$C"
	is "$status" 1
	same_as "$before"
	WRAP=()
	retry
}

@test "the result cannot be written: stdout is closed" {
	before=$(snapshot)
	WRAP=(sh -c 'exec "$@" >&-' --)
	cni ADD bridge "$C"
	is "$status" 1
	same_as "$before"
	WRAP=()
	retry
}

@test "the result cannot be written: nobody listens" {
	before=$(snapshot)
	mkfifo "$TMP/pipe"
	WRAP=(bash -c 'exec 8<>"$0" 9>"$0" 8>&-; exec "$@" >&9 9>&-' "$TMP/pipe")
	cni ADD bridge "$C"
	is "$status" 1
	same_as "$before"
	WRAP=()
	retry
}

@test "the store cannot be written" {
	touch "$TMP/file"
	undone '5|50|100' 'store|dataDir|directory|file' \
		".ipam.dataDir = \"$TMP/file/x\""
}

@test "the same address is asked for twice" {
	sandbox c2
	CNI_ARGS='IgnoreUnknown=1;IP=10.9.0.50' add bridge "$C" c2
	before=$(snapshot)
	CNI_ARGS='IgnoreUnknown=1;IP=10.9.0.50' \
		fails 101 '10\.9\.0\.50' cni ADD bridge "$C" c1
	same_as "$before"
	retry
}

@test "the namespace is none, or the host's" {
	before=$(snapshot)
	for ns in "$TMP/none" /dev/null /proc/self/ns/net; do
		fails 8 . cni ADD bridge "$C" c1 eth0 "$ns"
		same_as "$before"
	done
	retry
}

@test "nf_tables refuses" {
	# a chain where the rules' table wants its own, of another kind
	in_host nft -f - <<-'END'
	flush ruleset
	table bridge nat {
		chain PREROUTING { type filter hook output priority 0; }
	}
	END
	before=$(snapshot | grep -v '^HOST nft: .*masq')
	fails 100 'nf_tables|spoof|rule' cni ADD bridge "$C"
	diff <(echo "$before") <(snapshot | grep -v '^HOST nft: .*masq')
	in_host nft delete table bridge nat
	retry
}

@test "on a fresh host only the network's own is left" {
	del bridge "$C"
	in_host ip link del br0
	in_host nft flush ruleset
	fails 103 . cni ADD bridge "$(jq -c '.ipam.type = "no-such"' <<<"$C")"
	is "$(links c1)" lo
	matches "$(links HOST)" '^(br0 )?lo$'
	is "$(reservations)" ''
	retry
}
