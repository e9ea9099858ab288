#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# limits.bats - fixed limits that a configuration can reach: the error names
# each, and nothing is left; one less works

load helpers
load bridge/gateway

setup() {
	host_up
	sandbox c1
}

# blanks N: a file of so many, which is JSON of nothing and no line of a list
blanks() { head -c "$1" /dev/zero | tr '\0' ' '; }

# plenty N: an IPAM plugin that gives so many addresses
plenty() {
	ipam "$(gojq -nc --argjson n "$1" '{cniVersion: "1.1.0",
		ips: [range($n) | {address: "10.9.\(. / 250 | floor).\(. % 250 + 2)/16",
			gateway: "10.9.255.1"}]}')"
}

@test "1,024 addresses of a container can be masqueraded" {
	c=$(conf l2 '.ipam.type = "ipam" | .ipMasq = true | .isGateway = true')
	plenty 2
	add bridge "$c"
	del bridge "$c"
	before=$(snapshot)
	plenty 1025
	fails 7 'masquerade of 1025 addresses: more than 1024' cni ADD bridge "$c"
	same_as "$before"
	plenty 1024
	add bridge "$c"
	is "$(masq_pods | wc -l)" 1024
	check bridge "$(with_prev "$c" "$res")"
	del bridge "$c"
	same_as "$before"
}

@test "an IPAM plugin may print 4 MiB, and less than 201 levels" {
	c=$(conf l2 '.ipam.type = "ipam"')
	plenty 1
	add bridge "$c"
	del bridge "$c"
	before=$(snapshot)
	blanks 4194305 >"$TMP/result"
	fails 103 'output of ipam; .*more than 4194304 bytes' cni ADD bridge "$c"
	same_as "$before"
	blanks 4194304 >"$TMP/result"
	fails 6 'the result of ipam: unexpected end' cni ADD bridge "$c"
	same_as "$before"
	printf '%201s' '' | tr ' ' '[' >"$TMP/result"
	fails 6 'nested too deeply at byte [0-9]+: more than 200' \
		cni ADD bridge "$c"
	same_as "$before"
	printf '{"cniVersion": "1.1.0", "x": 1%063d}' 0 >"$TMP/result"
	fails 6 'number longer than 63 characters' cni ADD bridge "$c"
	same_as "$before"
}

@test "resolv.conf and the list of sysctls may have 1 MiB" {
	blanks 1048577 >"$TMP/resolv.conf"
	c=$(conf l3 ".ipam.resolvConf = \"$TMP/resolv.conf\"")
	before=$(snapshot)
	fails 5 'resolv.conf: file too large; .*more than 1048576 bytes' \
		cni ADD bridge "$c"
	same_as "$before"
	truncate -s 1048576 "$TMP/resolv.conf"
	add bridge "$c"
	t=$(with_prev "$(conf tuning)" "$res")
	before=$(snapshot)
	in_host sh -c 'mount -t tmpfs none /etc && mkdir -p /etc/cni/tuning'
	blanks 1048577 | in_host sh -c 'cat >/etc/cni/tuning/allowlist.conf'
	fails 5 'allowlist.conf; .*more than 1048576 bytes' cni ADD tuning "$t"
	same_as "$before"
	in_host sh -c 'echo ".*" >/etc/cni/tuning/allowlist.conf'
	add tuning "$t"
}

@test "a chain of iptables has 28 characters" {
	chain() {
		with_prev "$(conf firewall ".iptablesAdminChainName =
			\"$(printf '%0*d' "$1" 0)\"")" "$res"
	}
	add bridge "$(conf base)"
	before=$(snapshot)
	fails 7 'iptablesAdminChainName .*more than 28 characters' \
		cni ADD firewall "$(chain 29)"
	same_as "$before"
	add firewall "$(chain 28)"
	del firewall "$(chain 28)"
}

@test "a host that learnt default routes by any number of links keeps them" {
	local i
	for i in {1..40}; do
		in_host ip link add "u$i" type ifb
		in_host ip link set "u$i" up
		in_host ip -6 route add default via fe80::1 dev "u$i" proto ra \
			metric "$i"
	done
	add bridge "$(conf l3v6)"
	for i in 1 32 33 40; do
		is "$(in_host cat "/proc/sys/net/ipv6/conf/u$i/accept_ra")" 2
	done
}
