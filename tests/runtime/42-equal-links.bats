#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154
# 42-equal-links.bats - the same as 40-equal.bats of macvlan and ptp: results,
# errors, and what CHECK says
#
# A difference on purpose is said where it is left out, with the reason.

load runtime
load equal

setup() {
	host_up
	sandbox c1
	in_host ip link add up0 mtu 1400 type veth peer name far
	in_host ip link set up0 up
	in_host ip link set far up
	differ=
}

V4='.ipam.ranges = [[{subnet: "10.9.0.0/24"}]]'
V6='.ipam.ranges = [[{subnet: "fd09::/64"}]]'
ROUTES='.ipam.routes = [{dst: "192.0.2.0/24", gw: "10.9.0.77"},
	{dst: "198.51.100.0/24"}]'

# lan [EDIT], ptp [EDIT]
lan() {
	conf l3 'del(.bridge, .isGateway) | .type = "macvlan" | .master = "up0" |
		.ipam.routes = [] | '"${1:-.}"
}
ptp() {
	conf dual 'del(.bridge, .isDefaultGateway) | .type = "ptp" | '"${1:-.}"
}

@test "results: macvlan" {
	same_results macvlan "$(lan)"
	same_results macvlan "$(lan "$V4 | $ROUTES")"
	same_results macvlan "$(lan '.mtu = 1300 | .mode = "private" |
		.dns = {nameservers: ["192.0.2.53"], search: ["<&>"]}')"
}
@test "results: macvlan, IPv6, static" {
	VERSIONS=(0.2.0 0.4.0 1.1.0)
	same_results macvlan "$(lan "$V6")"
	same_results macvlan "$(conf static '.type = "macvlan" | .master = "up0"')"
}
@test "results: macvlan without addresses" {
	VERSIONS=(0.3.0 0.3.1 0.4.0 1.0.0 1.1.0)
	same_results macvlan "$(lan 'del(.ipam)')"
}

@test "results: ptp" {
	same_results ptp "$(ptp "$V4 | $ROUTES")"
	same_results ptp "$(ptp '.mtu = 1300 | .ipMasq = true |
		.dns = {nameservers: ["192.0.2.53"], search: ["<&>"]}')"
}
@test "results: ptp, IPv6, static" {
	VERSIONS=(0.2.0 0.4.0 1.1.0)
	same_results ptp "$(ptp "$V6")"
	same_results ptp "$(conf static '.type = "ptp"')"
}

# Not a master that is not there: Go's message does not name it. Of several faults
# ours tells the one of the configuration alone first.
@test "refusals: macvlan" {
	local e
	for e in '.mode = "foo"' '.mtu = 1401' '.mtu = -1' 'del(.master)' \
		'.mac = "zz"' '.runtimeConfig.mac = "zz"' \
		'.ipam = {type: "static"}'; do
		same_refusal macvlan "$(lan "$e")"
	done
	for e in FOO=BAR 'MAC=02:00:00:00:00:01;' IgnoreUnknown=2 MAC=zz; do
		same_refusal macvlan "$(lan)" "$e"
	done
	for e in nope a/b; do
		CNI_PATH=/none:/nor/this same_refusal macvlan \
			"$(lan ".ipam.type = \"$e\"")"
	done
	[[ -z $differ ]]
}

@test "refusals: ptp" {
	local e
	for e in 'del(.ipam)' '.ipam.type = ""' '.ipam = {type: "static"}' \
		'.ipMasq = true | .ipMasqBackend = "foo"'; do
		same_refusal ptp "$(ptp "$e")"
	done
	for e in nope a/b; do
		CNI_PATH=/none:/nor/this same_refusal ptp \
			"$(ptp ".ipam.type = \"$e\"")"
	done
	[[ -z $differ ]]
}

# same_check PLUGIN CONF EDIT...: both mind each of these edits, and not the
# result itself. What they say of the state of a link is of their own words.
same_check() {
	local e suite minds
	for e in . "${@:3}"; do
		minds=1
		[[ $e != . ]] || minds=0
		for suite in go us; do
			"by_$suite" cni CHECK "$1" "$(gojq -c "$e" <<<"$2")"
			is "$status" $minds "$suite, exit status with $e"
		done
	done
	for suite in go us; do
		"by_$suite" cni CHECK "$1" "$(gojq -c 'del(.prevResult)' <<<"$2")"
		said >"$TMP/$suite"
	done
	diff "$TMP/go" "$TMP/us"
}

@test "CHECK: macvlan" {
	local c
	c=$(lan '.ipam.routes = [{dst: "192.0.2.0/24", gw: "10.9.0.9"}]')
	add macvlan "$c"
	same_check macvlan "$(with_prev "$c" "$res")" \
		'.prevResult.interfaces[0].mac = "02:00:00:00:00:99"' \
		'del(.prevResult.interfaces)' \
		'.prevResult.interfaces[0].name = "eth7"' \
		'.prevResult.interfaces[0].sandbox = "/none"' \
		'.prevResult.ips[0].address = "10.9.0.7/24"' \
		'.prevResult.routes[0].dst = "192.0.3.0/24"' \
		'.mode = "private"' '.mtu = 9000' '.master = "none"'
}

@test "CHECK: ptp" {
	local c
	c=$(ptp "$V4 | .ipam.routes = [{dst: \"192.0.2.0/24\", gw: \"10.9.0.9\"}]")
	add ptp "$c"
	same_check ptp "$(with_prev "$c" "$res")" \
		'.prevResult.interfaces[1].mac = "02:00:00:00:00:99"' \
		'del(.prevResult.interfaces)' \
		'.prevResult.interfaces[1].name = "eth7"' \
		'.prevResult.interfaces[1].sandbox = "/none"' \
		'.prevResult.ips[0].address = "10.9.0.7/24"' \
		'.prevResult.routes[0].dst = "192.0.3.0/24"'
}
