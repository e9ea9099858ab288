#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# host-local/config.bats - what host-local refuses, and that it has touched
# nothing by then

load ../helpers
load host-local

# each CODE MSG <CASES: lines of a jq EDIT of a good configuration. ADD, CHECK
# and STATUS refuse it, MSG an ERE for all of msg; DEL is not in the way
each() {
	local edit code=$1 msg=$2 c
	while read -r edit; do
		c=$(pool '[[{"subnet": "10.1.2.0/24"}]]' "$edit")
		echo "$edit"
		for verb in ADD CHECK STATUS; do
			refuses "$code" "^$msg;" $verb "$c"
		done
		is "$(ls -A "$STORE")" ""
		free "$c"
		is "$(ls -A "$STORE")" ""
	done
}
# the same for lines of RANGES
ranges() {
	sed 's/.*/.ipam.ranges = &/' | each "$@"
}
# and for lines of one RANGE
range() {
	sed 's/.*/[[&]]/' | ranges "$@"
}

@test "no ranges" {
	each 7 "IPAM config missing 'ipam' key" <<-'END'
		del(.ipam)
		.ipam = null
	END
	each 7 'no IP ranges specified' <<-'END'
		.ipam.ranges = []
		.ipam.ranges = null
		del(.ipam.ranges)
		del(.ipam.ranges) | .ipam.gateway = "10.1.2.1"
	END
}

@test "range sets that make no sense" {
	ranges 7 'invalid range set 0: empty range set' <<-'END'
		[[]]
		[[], [{"subnet": "10.1.2.0/24"}]]
	END
	ranges 7 'invalid range set 1: mixed address families' <<-'END'
		[[{"subnet": "10.1.2.0/24"}], [{"subnet": "fd00::/64"}, {"subnet": "10.2.0.0/24"}]]
	END
	range 7 'invalid range set 0: IP <nil> not v4 nor v6' <<-'END'
		{}
		{"subnet": null}
		{"rangeStart": "10.1.2.3"}
	END
	range 7 'invalid range set 0: IPNet IP and Mask version mismatch' <<-'END'
		{"subnet": "::ffff:10.1.2.0/120"}
	END
	range 7 'invalid range set 0: Network has host bits set. For a subnet mask of length 24 the network address is 10.1.2.0' <<-'END'
		{"subnet": "10.1.2.3/24"}
	END
	range 7 'invalid range set 0: Network has host bits set. For a subnet mask of length 64 the network address is fd00::' <<-'END'
		{"subnet": "fd00::5/64"}
	END
}

@test "starts and ends outside" {
	range 7 'invalid range set 0: RangeStart 10.1.3.1 not in network 10.1.2.0/24' <<-'END'
		{"subnet": "10.1.2.0/24", "rangeStart": "10.1.3.1"}
	END
	range 7 'invalid range set 0: RangeStart fd00::1 not in network 10.1.2.0/24' <<-'END'
		{"subnet": "10.1.2.0/24", "rangeStart": "fd00::1"}
	END
	range 7 'invalid range set 0: RangeStart 10.1.2.9 not in network 10.1.2.0/24' <<-'END'
		{"subnet": "10.1.2.0/24", "rangeStart": "10.1.2.9", "rangeEnd": "10.1.2.3"}
	END
	range 7 'invalid range set 0: RangeStart 10.1.2.255 is the broadcast address of 10.1.2.0/24, which needs a RangeEnd' <<-'END'
		{"subnet": "10.1.2.0/24", "rangeStart": "10.1.2.255"}
	END
	range 7 'invalid range set 0: RangeEnd 10.1.3.1 not in network 10.1.2.0/24' <<-'END'
		{"subnet": "10.1.2.0/24", "rangeEnd": "10.1.3.1"}
	END
	range 7 'invalid range set 0: RangeEnd 10.1.2.0 not in network 10.1.2.0/24' <<-'END'
		{"subnet": "10.1.2.0/24", "rangeEnd": "10.1.2.0"}
	END
}

@test "overlaps" {
	ranges 7 'invalid range set 0: subnets 10.1.0.1-10.1.255.254 and 10.1.2.1-10.1.2.254 overlap' <<-'END'
		[[{"subnet": "10.3.2.0/24"}, {"subnet": "10.1.0.0/16"}, {"subnet": "10.1.2.0/24"}]]
	END
	ranges 7 'range set 0 overlaps with 2' <<-'END'
		[[{"subnet": "10.1.2.0/24"}], [{"subnet": "10.9.0.0/16"}], [{"subnet": "10.1.0.0/16"}]]
	END
	each 7 'range set 0 overlaps with 1' <<-'END'
		.ipam.subnet = "10.1.2.0/25"
		.runtimeConfig.ipRanges = [[{"subnet": "10.0.0.0/8"}]]
	END
	# ranges of one subnet that share nothing are no overlap
	take "$(pool '[[{"subnet": "10.1.2.0/24", "rangeEnd": "10.1.2.9"},
		{"subnet": "10.1.2.0/24", "rangeStart": "10.1.2.10"}]]')"
}

@test "more than one set of a family where the version has no room for it" {
	two='.ipam.ranges = [[{subnet: "10.1.2.0/24"}], [{subnet: "10.3.2.0/24"}]]'
	six='.ipam.ranges = [[{subnet: "fd00::/64"}], [{subnet: "fd01::/64"}]]'
	for v in 0.1.0 0.2.0; do
		for sets in "$two" "$six"; do
			refuses 7 "^CNI version $v does not support more than 1 address per family;" \
				ADD "$(pool '[]' "$sets | .cniVersion = \"$v\"")"
		done
	done
	refuses 7 '^CNI version  does not support more than 1 address' \
		ADD "$(pool '[]' "$two | del(.cniVersion)")"
	for v in 0.3.0 0.3.1 0.4.0 1.0.0 1.1.0; do
		take "$(pool '[]' "$two | .cniVersion = \"$v\"")"
		json '.ips | length' 2
		free "$(pool '[]' "$two")"
	done
}

@test "text that is no address" {
	range 7 'invalid CIDR address: 10.1.2.0' <<-'END'
		{"subnet": "10.1.2.0"}
	END
	range 7 'invalid CIDR address: ' <<-'END'
		{"subnet": ""}
	END
	range 7 'invalid CIDR address: (10.1.2.0/33|10.1.2/24|fd00::/-1|010.1.2.0/24)' <<-'END'
		{"subnet": "10.1.2.0/33"}
		{"subnet": "10.1.2/24"}
		{"subnet": "fd00::/-1"}
		{"subnet": "010.1.2.0/24"}
	END
	range 7 'invalid IP address: (zz|10.1.2|10.1.2.3/24)' <<-'END'
		{"subnet": "10.1.2.0/24", "rangeStart": "zz"}
		{"subnet": "10.1.2.0/24", "rangeEnd": "10.1.2.3/24"}
		{"subnet": "10.1.2.0/24", "gateway": "10.1.2"}
	END
	each 7 'invalid CIDR address: .*' <<-'END'
		.ipam.subnet = "10.1.2.0"
		.runtimeConfig.ipRanges = [[{subnet: "x"}]]
		.ipam.routes = [{dst: "x"}]
	END
	# empty is as good as absent
	take "$(pool '[[{"subnet": "10.1.2.0/24", "rangeStart": "",
		"rangeEnd": "", "gateway": ""}]]')"
	is "$(addresses)" 10.1.2.2/24
}

@test "requested addresses that are none" {
	each 7 'cannot understand ip: IP <nil> not v4 nor v6' <<-'END'
		.runtimeConfig.ips = [""]
		.args.cni.ips = ["10.1.2.3", ""]
	END
	each 7 'invalid IP address (zz|10.1.2.3/77)' <<-'END'
		.runtimeConfig.ips = ["zz"]
		.args.cni.ips = ["10.1.2.3/77"]
	END
	each 7 '"ips": .*' <<-'END'
		.runtimeConfig.ips = [5]
		.args.cni.ips = [null]
		.runtimeConfig.ips = "10.1.2.3"
	END
}

@test "CNI_ARGS: refused with code 4, and DEL releases before it says so" {
	c=$(pool '[[{"subnet": "10.1.2.0/24"}]]')
	while IFS='|' read -r args msg; do
		take "$c"
		for verb in ADD CHECK DEL; do
			CNI_ARGS=$args refuses 4 "^$msg;" $verb "$c"
		done
		is "$(taken)" ""
	done <<-'END'
		IP=foo|ARGS: error parsing value of pair "IP=foo": invalid IP address foo
		IP=10.1.2.3/99|ARGS: error parsing value of pair "IP=10.1.2.3/99": invalid IP address 10.1.2.3/99
		IP=10.1.2.3;|ARGS: invalid pair ""
		IP=a=b|ARGS: invalid pair "IP=a=b"
		FOO=1|ARGS: unknown args \["FOO=1"\]
		ip=10.1.2.3|ARGS: unknown args \["ip=10.1.2.3"\]
		IgnoreUnknown=x|ARGS: error parsing value of pair "IgnoreUnknown=x": boolean unmarshal error: invalid input x
	END
}

@test "wrong types and nulls in lists" {
	each 7 '.*(expected|null in an array).*' <<-'END'
		.ipam = "x"
		.ipam.ranges = "x"
		.ipam.ranges = {}
		.ipam.ranges = [{"subnet": "10.1.2.0/24"}]
		.ipam.ranges = [null]
		.ipam.ranges = [[null]]
		.ipam.ranges = [["10.1.2.0/24"]]
		.ipam.ranges = [[{"subnet": 5}]]
		.ipam.ranges = [[{"subnet": "10.1.2.0/24", "gateway": []}]]
		.ipam.subnet = true
		.ipam.routes = {}
		.ipam.routes = [null]
		.ipam.resolvConf = 1
		.runtimeConfig.ipRanges = "x"
	END
	for edit in '.ipam.dataDir = 5' '.ipam.reclaimOnReboot = "no"'; do
		for verb in ADD DEL CHECK STATUS; do
			refuses 7 'expected' $verb \
				"$(pool '[[{"subnet": "10.1.2.0/24"}]]' "$edit")"
		done
	done
	is "$(ls -A "$STORE")" ""
}

@test "keys of any case, unknown keys and the keys of other programs" {
	take "$(pool '[]' '.ipam += {Subnet: "10.1.2.0/24", GATEWAY: "10.1.2.9",
		ipRange: "10.9.0.0/16", resolveConf: "/nowhere", name: "other",
		ranges: [[{subnet: "10.4.0.0/24", ipRange: "10.4.0.64/26"}]]}')"
	is "$(addresses)" "10.1.2.1/24 10.4.0.2/24"
	is "$(ls -A "$STORE")" net
}

@test "keys match without regard to case, and the last of several wins" {
	local c='{"CNIVERSION": "9.9.9", "cniversion": "1.1.0", "NAME": "a/b",
		"Name": "good", "name": null, "IPAM": {"Type": "host-local",
		"DATADIR": "'$STORE'", "rAnGeS": [[{"SubNet": "10.8.0.0/24"}]]},
		"ipam": {"RANGES": [[{"SUBNET": "10.7.0.0/24"}]]},
		"unknown": [{}], "capabilities": {"x": true}}'
	take "$c"
	json .cniVersion 1.1.0
	json '.ips[0].address' 10.7.0.2/24
	is "$(reservations)" 'good/10.7.0.2 c1 eth0'
}

@test "a null element is refused, not followed" {
	for e in '.ipam.ranges = [null]' '.ipam.ranges = [[null]]' \
		'.ipam.routes = [null]' '.runtimeConfig.ips = [null]' \
		'.args.cni.ips = [null]' '.runtimeConfig.ipRanges = [null]'; do
		echo "edit: $e"
		refuses '6|7' . ADD "$(conf l3 "$e")"
	done
}

@test "unknown keys of CNI_ARGS are none with IgnoreUnknown" {
	CNI_ARGS='FOO=BAR;IP=10.9.0.7;IgnoreUnknown=TRUE' take "$(conf l3)"
	json '.ips[0].address' 10.9.0.7/24
}
