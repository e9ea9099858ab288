#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# static/config.bats - what static gives for which configuration, and what it
# refuses; to the letter of the Go plugin is that, where it is there as well, in
# tests/runtime/41-equal-static.bats

load ../helpers

# static [EDIT]: a configuration of two addresses, edited
static() { conf static "${1:-.}"; }

# ipam VERB CONF: as a main plugin would call it
ipam() { cni "$1" static "$2" c1 eth0 /proc/none/ns/net; }

# gives FILTER VALUE CONF: what jq FILTER makes of the result
gives() {
	succeeds ipam ADD "$3"
	json "$1" "$2"
}
ADDRESSES='[.ips[]? | [.address, .gateway // ""] | join(" ")] | join(",")'

# refused CODE MSG <CASES: lines of a jq EDIT. ADD, CHECK and STATUS say so, MSG
# an ERE for all of msg; DEL and GC are not in the way
refused() {
	local edit c verb
	while read -r edit; do
		echo "$edit"
		c=$(static "$edit")
		for verb in ADD CHECK STATUS; do
			fails "$1" "^$2;" ipam $verb "$c"
		done
		for verb in DEL GC; do
			succeeds ipam $verb "$c"
			silent
		done
	done
}

@test "addresses, with their gateways, routes and dns are given in their order" {
	gives "$ADDRESSES" '10.9.0.7/24 10.9.0.1,fd09::7/64 fd09::1' "$(static)"
	gives "$ADDRESSES" 'fd09::7/64 fd09::1,10.9.0.7/24 10.9.0.1,192.0.2.1/32 ' \
		"$(static '.ipam.addresses |= (reverse +
			[{address: "192.0.2.1/32"}])')"
	json 'keys' '["cniVersion","ips","routes"]'
	gives .routes '[{"advmss":1200,"dst":"192.0.2.0/24","gw":"10.9.0.77","mtu":1300,"priority":7,"scope":0,"table":100},{"dst":"2001:db8::/32"}]' \
		"$(static '.ipam.routes = [{dst: "192.0.2.0/24", gw: "10.9.0.77",
			mtu: 1300, advmss: 1200, priority: 7, table: 100, scope: 0},
			{dst: "2001:db8::/32"}]')"
	gives .dns '{"domain":"example.org","nameservers":["10.9.0.1"],"options":["ndots:2"],"search":["a","b"]}' \
		"$(static '.ipam.dns = {nameservers: ["10.9.0.1"], domain:
			"example.org", search: ["a", "b"], options: ["ndots:2"]}')"
}

@test "no address is a result, from 0.3.0 on" {
	for e in 'del(.ipam.addresses)' '.ipam.addresses = []' \
		'.ipam.addresses = null'; do
		gives '[has("ips"), (.routes | length)]' '[false,2]' "$(static "$e")"
		gives .cniVersion 0.3.0 "$(static "$e | .cniVersion = \"0.3.0\"")"
		fails 1 '^cannot convert: no valid IP addresses' ipam ADD \
			"$(static "$e | .cniVersion = \"0.2.0\"")"
	done
}

@test "an IPv4-mapped address is IPv4" {
	gives "$ADDRESSES" '10.9.0.8/24 10.9.0.1' "$(static '.ipam.addresses =
		[{address: "::ffff:10.9.0.8/120", gateway: "::ffff:10.9.0.1"}]')"
	refused 7 "the 'address' field .*, got: '::ffff:10.9.0.8/95'" \
		<<<'.ipam.addresses = [{address: "::ffff:10.9.0.8/95"}]'
}

@test "the runtime's addresses replace those of the configuration" {
	local args='.args.cni.ips = ["192.0.2.7/24"]'
	local runtime='.runtimeConfig.ips = ["192.0.2.8/24", "fd09::8/64"]'
	gives "$ADDRESSES" '192.0.2.7/24 ' "$(static "$args")"
	gives "$ADDRESSES" '192.0.2.8/24 ,fd09::8/64 ' \
		"$(static "$args | $runtime")"
	gives "$ADDRESSES" '10.9.0.7/24 10.9.0.1,fd09::7/64 fd09::1' \
		"$(static '.args.cni.ips = [] | .runtimeConfig.ips = null')"
	export CNI_ARGS='IP=10.9.0.9/24;GATEWAY=10.9.0.1'
	gives "$ADDRESSES" '192.0.2.7/24 ' "$(static "$args")"
	# those of CNI_ARGS alone come after, and have their gateways there
	gives "$ADDRESSES" \
		'10.9.0.7/24 10.9.0.1,fd09::7/64 fd09::1,10.9.0.9/24 10.9.0.1' \
		"$(static)"
	export CNI_ARGS='GATEWAY=10.9.0.200,fd09::3;IP= 10.9.0.9/24 , fd09::9/64'
	gives "$ADDRESSES" '10.9.0.9/24 10.9.0.200,fd09::9/64 fd09::3' \
		"$(static 'del(.ipam.addresses)')"
	gives "$ADDRESSES" '10.9.0.7/24 ,10.9.0.9/24 10.9.0.200,fd09::9/64 fd09::3' \
		"$(static '.ipam.addresses = [{address: "10.9.0.7/24"}]')"
}

@test "no ipam, and addresses that are none" {
	refused 7 "IPAM config missing 'ipam' key" <<-'END'
		del(.ipam)
		.ipam = null
	END
	refused 7 "the 'address' field is expected to be in CIDR notation, got: '(10.9.0.7|x|fd09::7/129|)'" <<-'END'
		.ipam.addresses[0].address = "10.9.0.7"
		.ipam.addresses[1].address = "x"
		.ipam.addresses[1].address = "fd09::7/129"
		.ipam.addresses[0].address = ""
		.ipam.addresses[0] = {}
		.ipam.addresses[0].address = null
	END
	refused 7 "an entry in the 'ips' field is NOT in CIDR notation, got: '(10.9.0.7|)'" <<-'END'
		.runtimeConfig.ips = ["10.9.0.8/24", "10.9.0.7"]
		.args.cni.ips = [""]
		.args.cni.ips = ["10.9.0.7"] | .runtimeConfig.ips = ["10.9.0.8/24"]
	END
	refused 7 'invalid IP address: 10.9.0.1/24' <<-'END'
		.ipam.addresses[0].gateway = "10.9.0.1/24"
		.ipam.addresses[0].gateway = "10.9.0.1/24" | .ipam.addresses[0].address = "x"
		.ipam.addresses[1].gateway = "10.9.0.1/24" | .runtimeConfig.ips = ["10.9.0.8/24"]
		.ipam.routes[0].gw = "10.9.0.1/24"
	END
	refused 7 'invalid CIDR address: x in "dst"' <<<'.ipam.routes[0].dst = "x"'
	refused 7 'route to 192.0.2.0/24 has gateway fd09::1 of another family' \
		<<<'.ipam.routes = [{dst: "192.0.2.0/24", gw: "fd09::1"}]'
	refused 7 '"scope": 256 is not from 0 to 255' \
		<<<'.ipam.routes = [{dst: "192.0.2.0/24", scope: 256}]'
}

@test "values of the wrong type, and null in a list" {
	refused 7 '"[a-z]+": (expected .*|null in an array)' <<-'END'
		.ipam.addresses = {}
		.ipam.addresses = "10.9.0.7/24"
		.ipam.addresses = [7]
		.ipam.addresses = [null]
		.ipam.addresses[0].address = 7
		.ipam.addresses[0].gateway = 7
		.ipam.routes = 7
		.ipam.routes = [null]
		.ipam.routes[0].mtu = "x"
		.ipam.dns = 7
		.ipam.dns.nameservers = "x"
		.ipam.dns.search = [7]
		.ipam.dns.domain = []
		.runtimeConfig.ips = "10.9.0.7/24"
		.runtimeConfig.ips = [7]
		.runtimeConfig.ips = [null]
		.args.cni.ips = {}
	END
}

@test "CNI_ARGS: what is refused, by ADD and CHECK" {
	while read -r code args msg; do
		export CNI_ARGS=$args
		for verb in ADD CHECK; do
			fails "$code" "^$msg;" ipam $verb "$(static)"
		done
		succeeds ipam DEL "$(static)"
	done <<-'END'
		4 IP=10.9.0.7 the 'ip' field is expected to be in CIDR notation, got: '10.9.0.7'
		4 IP=10.9.0.7/24, the 'ip' field is expected to be in CIDR notation, got: ''
		4 GATEWAY=zz invalid gateway address: zz
		4 IP=10.9.0.7/24;GATEWAY=10.9.0.1/24 invalid gateway address: 10.9.0.1/24
		4 MAC=02:00:00:00:00:01 ARGS: unknown args \["MAC=02:00:00:00:00:01"\]
		4 IP=10.9.0.7/24; ARGS: invalid pair ""
	END
}

@test "0.1.0 and 0.2.0 have a place for one address of a family" {
	for v in 0.1.0 0.2.0; do
		gives '[.ip4.ip, .ip4.gateway, .ip6.ip]' \
			'["10.9.0.7/24","10.9.0.1","fd09::7/64"]' \
			"$(static ".cniVersion = \"$v\"")"
		fails 7 "^CNI version $v does not support more than 1 address per family;" \
			ipam ADD "$(static ".cniVersion = \"$v\" |
				.ipam.addresses += [{address: \"fd09::8/64\"}]")"
	done
	fails 7 '^CNI version  does not support more than 1 address per family;' \
		ipam ADD "$(static 'del(.cniVersion) |
			.runtimeConfig.ips = ["10.9.0.7/24", "10.9.0.8/24"]')"
}

# --- CHECK, GC, STATUS ----------------------------------------------------

@test "CHECK wants a prevResult, whose gateways are those configured" {
	c=$(static)
	succeeds ipam ADD "$c"
	prev=$(with_prev "$c" "$out")
	fails 7 '^Required prevResult missing;' ipam CHECK "$c"
	edited() { ipam CHECK "$(gojq -c "$1" <<<"$prev")"; }
	for e in . '.prevResult.ips = []' 'del(.prevResult.ips[0])' \
		'.prevResult.ips[0].address = "10.9.0.9/24"' \
		'del(.ipam.addresses[].gateway)'; do
		succeeds edited "$e"
		silent
	done
	fails 104 '^static: Failed to match addr 10.9.0.7 on interface eth0;' \
		edited '.prevResult.ips[0].gateway = "10.9.0.2"'
	fails 104 '^static: Failed to match addr fd09::7 on interface eth0;' \
		edited 'del(.prevResult.ips[1].gateway)'
}

@test "STATUS is good with no address at all: the runtime may have them" {
	succeeds ipam STATUS "$(static 'del(.ipam.addresses)')"
	silent
}
