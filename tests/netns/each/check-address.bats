#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# check-address.bats - CHECK fails on each address and route that is not as ADD
# left it, and names it
#
# rows: iface iface-inside
# layers: process

load row

setup() {
	row_up
	containers c1
	attach
	V4=$(address 4) V6=$(address 6)
	detach
	# a route of each family that the network has
	ROUTES=() EDIT='.ipam.routes = []'
	[[ $V4 = null ]] || ROUTES+=(192.0.2.0/24)
	[[ $V6 = null ]] || ROUTES+=(2001:db8::/32)
	for r in "${ROUTES[@]}"; do EDIT+=" | .ipam.routes += [{dst: \"$r\"}]"; done
	C=$(row_conf "$EDIT")
}

# breaks MSG CMD...: after CMD, CHECK fails with something that matches MSG
breaks() {
	attach
	checks "$prev"
	"${@:2}"
	fails 104 "$1" ask CHECK "$prev"
	detach
}

# quoted TEXT: where it has a dot, only a dot matches
quoted() { echo "${1//./\\.}"; }

@test "CHECK notices that an address is gone, or is another one" {
	attach
	gojq -r '.ips[].address' <<<"$res" >"$TMP/list"
	detach
	while read -r net <&9; do
		# the same one comes again
		CNI_ARGS="IgnoreUnknown=1;IP=${net%/*}" \
			breaks "$(quoted "${net%/*}")" in_ns c1 \
			ip addr del "$net" dev $IF
		CNI_ARGS="IgnoreUnknown=1;IP=${net%/*}" \
			breaks "$(quoted "${net%/*}")" in_ns c1 sh -c "
			ip addr del $net dev $IF
			ip addr add ${net%/*}/25 dev $IF"
	done 9<"$TMP/list"
}

@test "CHECK notices a route that is gone, or goes elsewhere" {
	for r in "${ROUTES[@]}"; do
		breaks "$(quoted $r)" in_ns c1 ip route del $r
		breaks "$(quoted $r)" in_ns c1 sh -c "ip route del $r
			ip route add blackhole $r"
	done
}

@test "CHECK passes for a route by 0.0.0.0, which is by no gateway" {
	[[ $V4 != null ]] || return 0
	C=$(row_conf '.ipam.routes = [{dst: "192.0.2.0/24", gw: "0.0.0.0"}]')
	breaks 'route to 192\.0\.2\.0/24 via 0\.0\.0\.0' in_ns c1 \
		ip route del 192.0.2.0/24
}

@test "CHECK notices a lost reservation" {
	attach
	forget
	fails '10[0-9]' 'c1|reserv|address' ask CHECK "$prev"
}

@test "CHECK wants addresses and routes of the result, and one of the interface" {
	attach
	for e in 'del(.ips)' '.ips[].interface = 77' 'del(.ips[].interface)' \
		'.ips[0].address = "10.9.0.77/24"' \
		'.routes += [{dst: "198.51.100.0/24"}]'; do
		echo "edit: $e"
		fails '104|6' . ask CHECK \
			"$(with_prev "$C" "$(gojq -c "$e" <<<"$res")")"
	done
}
