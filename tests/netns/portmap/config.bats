#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# config.bats - what the configuration may say

load portmap

setup() {
	host_up
	MAPPED=$(ports 8080:80/tcp)
	sandbox c1
	add bridge "$(conf dual "$NET")" c1
	before=$(snapshot)
}

# refused CODE MSG EDIT: ADD fails like that and touches nothing; CHECK says the
# same, without what ADD's message begins with, and DEL nothing
refused() {
	local p msg=".*$2"
	[[ $2 != ^* ]] || msg=${2#^}
	p=$(with_prev "$(portmap "$3")" "$res")
	fails "$1" "^failed to parse config: $msg" cni ADD portmap "$p" c1
	fails "$1" "$2" cni CHECK portmap "$p" c1
	del portmap "$p" c1
	same_as "$before"
}

# taken EDIT: ADD and DEL work
taken() {
	local p
	p=$(with_prev "$(portmap "$1")" "$res")
	succeeds cni ADD portmap "$p" c1
	check portmap "$p" c1
	del portmap "$p" c1
	same_as "$before"
}

one() { echo ".runtimeConfig.portMappings[0].$1"; }

@test "ports, protocols and addresses that are none" {
	for n in 0 -1 65536 4294967376; do
		refused 7 "^Invalid host port number: $n" "$(one HostPort) = $n"
		refused 7 "^Invalid container port number: $n" \
			"$(one ContainerPort) = $n"
	done
	for p in '' icmp 'tcp dport 1 accept; flush ruleset' 'tcp\n' '"}' udplite; do
		refused 7 'invalid protocol' "$(one Protocol) = \"${p//\"/\\\"}\""
	done
	for h in x 1.2.3 '1.2.3.4/8' 'fd09::1%eth0' '1.2.3.4; flush ruleset'; do
		refused 7 'invalid hostIP' "$(one HostIP) = \"$h\""
	done
	refused 7 'portMappings.*got' '.runtimeConfig.portMappings = 7'
	refused 7 'null|got' '.runtimeConfig.portMappings = [null]'
	refused 7 'expected objects' '.runtimeConfig.portMappings = [7]'
	refused 7 'HostPort|hostPort' "$(one HostPort) = \"80\""
	refused 7 'protocol' "$(one Protocol) = 6"
	refused 7 'hostIP' "$(one HostIP) = 6"
}

@test "keys that are taken, and those that go not together" {
	taken '.backend = "iptables"'
	taken '.backend = "nftables" | .snat = false'
	taken '.markMasqBit = 0'
	taken '.markMasqBit = 31 | .masqAll = true'
	taken '.externalSetMarkChain = "KUBE-MARK-MASQ"'
	taken '.conditionsV4 = ["-s", "10.0.0.0/8"] | .conditionsV6 = ["-d", "fc00::/7"]'
	taken '.conditionsV4 = [] | .conditionsV6 = null'
	refused 7 '^unrecognized backend "foo";' '.backend = "foo"'
	refused 7 '^unrecognized backend "";' '.backend = ""'
	refused 7 '^unrecognized backend "IPTables";' '.backend = "IPTables"'
	refused 7 '^foo backend was requested but configuration contains iptables-specific options \[conditionsV4\];' \
		'.backend = "foo" | .conditionsV4 = ["-s", "192.0.2.1"]'
	refused 7 '^foo backend was requested but configuration contains nftables-specific options \[conditionsV6\];' \
		'.backend = "foo" | .conditionsV6 = ["meta", "l4proto", "tcp"]'
	refused 7 'externalSetMarkChain and markMasqBit' \
		'.externalSetMarkChain = "X" | .markMasqBit = 13'
	refused 7 'externalSetMarkChain and markMasqBit' \
		'.externalSetMarkChain = "" | .markMasqBit = 13'
	refused 7 'between 0 and 31' '.markMasqBit = 32'
	refused 7 'between 0 and 31' '.markMasqBit = -1'
	refused 7 'iptables-specific options \[externalSetMarkChain\]' \
		'.externalSetMarkChain = "X" | .backend = "nftables"'
}

@test "it comes after another plugin" {
	fails 7 'must be called as chained plugin' cni ADD portmap "$(portmap)" c1
	fails 7 '^Required prevResult missing; $' cni CHECK portmap "$(portmap)" c1
	del portmap "$(portmap)" c1
	same_as "$before"
}

@test "addresses of other interfaces are not the container's" {
	other=$(gojq -c '.interfaces[2].name = "eth7"' <<<"$res")
	p=$(with_prev "$(portmap)" "$other")
	succeeds cni ADD portmap "$p" c1
	check portmap "$p" c1
	same_as "$before"
	# those of no interface are
	any=$(gojq -c 'del(.ips[].interface)' <<<"$res")
	succeeds cni ADD portmap "$(with_prev "$(portmap)" "$any")" c1
	in_host nft list map inet cni_portmap ports4 | grep -F "$(address 4) . 80"
}

@test "the same mapping twice is one, the first of two counts" {
	MAPPED=$(ports 8080:80/tcp 8080:80/tcp 8080:81/TCP 127.0.0.1:8080:82/tcp)
	succeeds cni ADD portmap "$(with_prev "$(portmap)" "$res")" c1
	in_host nft list map inet cni_portmap ports4 | grep -F "$(address 4) . 80"
	in_host nft list map inet cni_portmap addrs4 | grep -F "$(address 4) . 82"
	del portmap "$(portmap)" c1
	same_as "$before"
}
