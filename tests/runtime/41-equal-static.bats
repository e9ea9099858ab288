#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154
# 41-equal-static.bats - both suites' static are asked the same, and must say the
# same: results, errors, what CHECK minds
#
# A difference on purpose is said where it is left out, with the reason.

load runtime
load equal

setup() {
	host_up
	sandbox c1
	differ=
}

# static [EDIT]: its configuration, edited
static() { conf static '.type = "static" | '"${1:-.}"; }

# ipam EDIT: the same, of "ipam"
ipam() { static ".ipam |= ($1)"; }

# addresses ADDRESS...: an edit of ipam
addresses() {
	gojq -rn '".addresses = \([$ARGS.positional[] | {address: .}])"' --args "$@"
}

# --- results --------------------------------------------------------------

@test "results: all there is" {
	same_results static "$(ipam '.routes = [{dst: "192.0.2.0/24", gw: "10.9.0.77"},
		{dst: "198.51.100.0/24", mtu: 1300, advmss: 1200, priority: 7,
			table: 100, scope: 0},
		{dst: "198.51.100.9/24"}, {dst: "2001:db8::/32", gw: "fd09::5",
			table: 0, scope: 253}] |
		.dns = {nameservers: ["10.9.0.1", "fd09::1"],
			domain: "example.org", search: ["<&>", ""],
			options: ["ndots:2"]}')"
}

@test "results: one family, none, a list, null, and what is empty" {
	for e in 'del(.addresses[0])' 'del(.addresses[1])' \
		'.routes = [] | .dns = {}' '.routes = null | .dns = null' \
		'.dns = {nameservers: [], search: [], options: []}' \
		'del(.routes) | .addresses[0].gateway = ""' \
		'del(.routes) | .addresses[0].gateway = null'; do
		same_results static "$(ipam "$e")"
	done
	# before 0.3.0 that is an error, with the same text
	for e in 'del(.addresses)' '.addresses = []' '.addresses = null' \
		'{type: .type}' '{}'; do
		same_results static "$(ipam "$e")"
	done
}

@test "results: how addresses may be written" {
	VERSIONS=(0.2.0 0.4.0 1.1.0)
	for a in 10.9.0.7/0 10.9.0.7/024 10.9.0.7/32 0.0.0.0/0 255.255.255.255/32 \
		FD09:0:0::7/64 fd09::7/0 fd09::7/128 ::/0 ::1/128 \
		::ffff:10.1.2.3/120 ::ffff:10.1.2.3/96 ::10.1.2.3/120; do
		same_results static "$(ipam "$(addresses "$a") | del(.routes)")"
	done
	# of a gateway as well, which may be of the other family
	for a in 10.9.0.1 192.0.2.1 fd09::1 ::ffff:10.1.2.3 FE80::1; do
		same_results static \
			"$(ipam ".addresses[].gateway = \"$a\"")"
	done
}

@test "results: several of one family, equal ones too" {
	VERSIONS=(0.3.0 0.4.0 1.0.0 1.1.0)
	same_results static "$(ipam "$(addresses 10.9.0.7/24 fd09::7/64 \
		10.9.0.8/24 10.9.0.7/24 192.0.2.1/25 fd09::7/64)")"
}

@test "results: keys in any case, twice, and such as nobody knows" {
	same_results static "$(static '.IPAM = {Addresses: [{ADDRESS: "10.9.0.7/24",
		Gateway: "10.9.0.1", more: 7}], ROUTES: [{DST: "0.0.0.0/0"}],
		more: {}} | del(.ipam)')"
}

# In 0.2.0 more than one of a family is an error, the same one.
@test "results: what the runtime asks for, and who comes first" {
	local a c
	VERSIONS=(0.2.0 1.1.0)
	for a in '' IP=10.9.0.9/24 'IP=10.9.0.9/24;GATEWAY=10.9.0.1' \
		'GATEWAY=10.9.0.1' 'IP=' 'IP=;GATEWAY=' IgnoreUnknown=1 \
		'IP=fd09::9/64;GATEWAY=10.9.0.1,fd09::3' \
		'GATEWAY=fd09::3;IP=fd09::9/64' \
		'IP=fd09::9/64, 10.9.0.9/24 ;GATEWAY= fd09::3 , 10.9.0.200' \
		'IP=10.9.0.9/24,10.9.0.10/24;GATEWAY=10.9.0.1,10.9.0.2' \
		'IP=10.9.0.9/24;GATEWAY=192.0.2.1' \
		'IP=::ffff:10.9.0.9/120;GATEWAY=::ffff:10.9.0.3' \
		'IP=10.9.0.9/24;IP=10.9.0.8/24'; do
		for c in "$(ipam 'del(.addresses)')" "$(static)" \
			"$(static '.args.cni.ips = ["192.0.2.7/24"]')" \
			"$(static '.args.cni.ips = []')" \
			"$(static '.args.cni.ips = null | .runtimeConfig.ips = []')" \
			"$(static '.runtimeConfig.ips = ["192.0.2.8/24", "fd09::8/64"]')" \
			"$(static '.args.cni.ips = ["192.0.2.7/24"] |
				.runtimeConfig.ips = ["::ffff:192.0.2.8/120"]')"; do
			echo "CNI_ARGS=$a $c"
			CNI_ARGS=$a same_results static "$c"
		done
	done
}

# What of the configuration does not count is not looked at, but for its form.
@test "results: an address that is none, where the runtime has another" {
	same_results static "$(static '.ipam.addresses[0].address = "x" |
		.runtimeConfig.ips = ["192.0.2.8/24"]')"
	same_results static "$(static '.ipam.addresses[0] = {} |
		.args.cni.ips = ["192.0.2.8/24"]')"
}

# --- what is refused ------------------------------------------------------

@test "refusals: addresses" {
	local a
	for a in '' x 10.9.0.7 10.9.0.7/33 10.9.0.7/-1 10.9.0.7/ 10.9.0/24 \
		010.9.0.7/24 fd09::7 fd09::7/129 fd09::7%eth0/64 '10.9.0.7/24 ' \
		' 10.9.0.7/24' /24; do
		same_refusal static "$(ipam "$(addresses "$a")")"
		same_refusal static \
			"$(static ".args.cni.ips = [\"$a\"]")"
		same_refusal static \
			"$(static ".runtimeConfig.ips = [\"192.0.2.1/24\", \"$a\"]")"
	done
	same_refusal static "$(ipam '.addresses = [{}]')"
	same_refusal static "$(ipam '.addresses[1] = {gateway: "10.9.0.1"}')"
	# those that are replaced are looked at all the same
	same_refusal static "$(static '.args.cni.ips = ["x"] |
		.runtimeConfig.ips = ["192.0.2.1/24"]')"
	[[ -z $differ ]]
}

@test "refusals: gateways and routes" {
	local a
	for a in x 10.9.0.1/24 10.9.0 ' 10.9.0.1' fe80::1%eth0; do
		same_refusal static "$(ipam ".addresses[0].gateway = \"$a\"")"
		# before what is wrong with the addresses, and where none counts
		same_refusal static "$(ipam ".addresses[1].gateway = \"$a\" |
			.addresses[0].address = \"x\"")"
		same_refusal static "$(static ".runtimeConfig.ips = [\"10.9.0.9/24\"] |
			.ipam.addresses[0].gateway = \"$a\"")"
		same_refusal static "$(ipam ".routes[0].gw = \"$a\"")"
	done
	[[ -z $differ ]]
}

@test "refusals: CNI_ARGS" {
	local a c
	c=$(static)
	for a in IP=x IP=10.9.0.7 'IP=10.9.0.7/24,' 'IP=,10.9.0.7/24' \
		'IP=10.9.0.7/24, x ' 'IP= ' GATEWAY=zz GATEWAY=10.9.0.1/24 \
		'GATEWAY=10.9.0.1,' 'GATEWAY= zz ' 'IP=x;GATEWAY=zz' \
		'GATEWAY=zz;IP=x' 'IP=10.9.0.5/24;' IP FOO=BAR ip=10.9.0.7/24 \
		'IP=10.9.0.5/24;FOO=BAR;X=Y' IgnoreUnknown=yes \
		'IP=10.9.0.5/24=6' MAC=02:00:00:00:00:01; do
		same_refusal static "$c" "$a"
		# even where the runtime has others, and "addresses" is wrong
		same_refusal static "$(gojq '.runtimeConfig.ips = ["x"]' <<<"$c")" "$a"
		same_refusal static "$(gojq '.args.cni.ips = ["x"] |
			.ipam.addresses[0].address = "x"' <<<"$c")" "$a"
	done
	[[ -z $differ ]]
}

@test "refusals: no ipam, and more than a version has a place for" {
	local v e
	same_refusal static "$(static 'del(.ipam)')"
	same_refusal static "$(static '.ipam = null')"
	same_refusal static "$(static '.ipam = null | .runtimeConfig.ips = ["x"]')" \
		IP=x
	for e in "$(addresses 10.9.0.7/24 10.9.0.8/24)" \
		"$(addresses fd09::7/64 fd09::8/64)" \
		"$(addresses 10.9.0.7/24 ::ffff:10.9.0.8/120)"; do
		for v in '"0.1.0"' '"0.2.0"' '""' null; do
			same_refusal static \
				"$(static ".cniVersion = $v | .ipam |= ($e)")"
		done
	done
	for v in 0.1.0 0.2.0; do
		same_refusal static "$(static ".cniVersion = \"$v\"")" \
			IP=10.9.0.9/24
		same_refusal static "$(static ".cniVersion = \"$v\" |
			.runtimeConfig.ips = [\"10.9.0.9/24\", \"10.9.0.8/24\"]")"
	done
	[[ -z $differ ]]
}

# --- CHECK ----------------------------------------------------------------

# same_check CONF [ARGS]: both say the same, or that all is well
same_check() {
	local suite
	for suite in go us; do
		CNI_ARGS=${2-} "by_$suite" cni CHECK static "$1"
		{ if [[ -z $out ]]; then echo silent; else said; fi
		echo "exit status $status"; } >"$TMP/$suite"
	done
	diff -u --label "Go's" --label "ours, asked: $1" "$TMP/go" "$TMP/us" ||
		differ=1
	answers[$(tail -n 1 "$TMP/us")]=1
}

@test "CHECK: what it minds in prevResult, and what not" {
	local v e p
	declare -A answers
	for v in 0.4.0 1.0.0 1.1.0; do
		p='{cniVersion: "'$v'", ips: [{version: "4", address: "10.9.0.7/24",
			gateway: "10.9.0.1"}, {version: "6", address: "fd09::7/64",
			gateway: "fd09::1"}]}'
		for e in . 'del(.prevResult.ips[0])' '.prevResult.ips = []' \
			'.prevResult = {}' 'del(.prevResult)' '.prevResult = null' \
			'.prevResult.ips[0].gateway = "10.9.0.2"' \
			'.prevResult.ips[1].gateway = "fd09::2"' \
			'del(.prevResult.ips[0].gateway)' \
			'.prevResult.ips[0].address = "10.9.0.7/16"' \
			'.prevResult.ips[0].address = "10.9.0.9/24"' \
			'.prevResult.ips += [.prevResult.ips[0] |
				.gateway = "10.9.0.3"]' \
			'.prevResult.ips |= [(.[0] | .gateway = "10.9.0.3"), .[]]' \
			'del(.ipam.addresses[].gateway) |
				.prevResult.ips[0].gateway = "10.9.0.2"' \
			'.ipam.addresses[0].gateway = "fd09::1"' \
			'.ipam.addresses = [] | .prevResult.ips[0].gateway = "10.9.0.2"' \
			'.ipam.addresses[0].address = "::ffff:10.9.0.7/120"' \
			'.runtimeConfig.ips = ["10.9.0.7/24"] |
				.prevResult.ips[0].gateway = "10.9.0.2"' \
			'del(.ipam)' '.ipam.addresses[0].address = "x"' \
			'.ipam.addresses[0].address = "x" | del(.prevResult)'; do
			same_check "$(static ".cniVersion = \"$v\" |
				.prevResult = $p | $e")"
		done
		for a in IP=10.9.0.7/24 'IP=10.9.0.7/24;GATEWAY=10.9.0.2' \
			'IP=192.0.2.7/24;GATEWAY=192.0.2.1' IP=x FOO=BAR; do
			same_check "$(static ".cniVersion = \"$v\" |
				.prevResult = $p")" "$a"
		done
	done
	# some of each
	is "${#answers[*]}" 2
	[[ -z $differ ]]
}

# DEL looks at nothing, GC has nothing to look for.
@test "DEL and GC: as good with a configuration that ADD refuses" {
	local e verb suite
	for e in . 'del(.ipam)' '.ipam.addresses = 7' '.ipam.routes = [7]' \
		'.ipam.addresses[0] = {address: "x", gateway: "y"}'; do
		for verb in DEL GC; do
			for suite in go us; do
				CNI_ARGS='FOO=BAR;' "by_$suite" succeeds \
					cni $verb static "$(static "$e")"
				silent
			done
		done
	done
}

# --- those who delegate to it ---------------------------------------------

EDIT='.ipam.routes += [{dst: "192.0.2.0/24", gw: "10.9.0.77"}] |
	.ipam.dns = {nameservers: ["10.9.0.1"], search: ["x.example"]}'

@test "results: bridge with static, its dns, or that of the configuration" {
	same_results bridge "$(conf static "$EDIT")"
	same_results bridge "$(conf static "$EDIT | .dns.domain = \"y.example\"")"
	VERSIONS=(1.1.0)
	CNI_ARGS='IgnoreUnknown=1;IP=10.9.0.9/24;GATEWAY=10.9.0.1' \
		same_results bridge "$(conf static "$EDIT |
			del(.ipam.addresses)")"
	same_results bridge "$(conf static "$EDIT |
		.runtimeConfig.ips = [\"10.9.0.8/24\"]")"
}

@test "bridge with static: each suite goes on with what the other one made" {
	local c prev before
	c=$(conf static)
	add bridge "$c"
	del bridge "$c"
	before=$(snapshot)
	by_go add bridge "$c"
	prev=$(with_prev "$c" "$res")
	check bridge "$prev"
	reaches c1 10.9.0.1
	reaches HOST fd09::7
	del bridge "$prev"
	same_as "$before"
	add bridge "$c"
	prev=$(with_prev "$c" "$res")
	by_go check bridge "$prev"
	by_go del bridge "$prev"
	same_as "$before"
}
