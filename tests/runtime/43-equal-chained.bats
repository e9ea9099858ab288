#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154
# 43-equal-chained.bats - the same as 40-equal.bats of portmap, firewall and tuning:
# errors, and that prevResult goes through in every version
#
# A difference on purpose is said where it is left out, with the reason.

load runtime
load equal

setup() {
	host_up
	sandbox c1
	in_host ip link add br0 up type bridge
	in_ns c1 ip link add eth0 up type veth peer name far
	differ='' KEEP=1
}

PREV='{cniVersion: "1.0.0", interfaces: [{name: "br0"}, {name: "veth1"},
	{name: "eth0", sandbox: "/run/ns/c1"}],
	ips: [{address: "10.9.0.5/24", gateway: "10.9.0.1", interface: 2}],
	routes: [{dst: "0.0.0.0/0"}], dns: {nameservers: ["192.0.2.53"]}}'
PORTS='[{hostPort: 8080, containerPort: 80, protocol: "tcp"}]'

# chained PLUGIN [EDIT]: its configuration, after another plugin
chained() {
	gojq -nc --arg type "$1" '{cniVersion: "1.0.0", name: "pods", type: $type,
		prevResult: '"$PREV"'} | '"${2-.}"
}
mapped() { chained portmap ".runtimeConfig.portMappings = $PORTS | ${1-.}"; }

@test "errors: portmap" {
	same_refusal portmap "$(mapped 'del(.prevResult)')"
	same_refusal portmap "$(mapped '.backend = "foo"')"
	same_refusal portmap "$(mapped '.externalSetMarkChain = "X" | .markMasqBit = 3')"
	same_refusal portmap "$(mapped '.markMasqBit = 32')"
	same_refusal portmap "$(mapped '.markMasqBit = -1')"
	for n in -1 0; do
		same_refusal portmap "$(mapped ".runtimeConfig.portMappings[0].hostPort = $n")"
		same_refusal portmap "$(mapped ".runtimeConfig.portMappings[0].containerPort = $n")"
	done
	same_refusal portmap "$(mapped '.cniVersion = "7.0.0"')"
	[[ ! $differ ]]
}

@test "errors: firewall" {
	same_refusal firewall "$(chained firewall 'del(.prevResult)')"
	same_refusal firewall "$(chained firewall '.ingressPolicy = "foo"')"
	same_refusal firewall "$(chained firewall '.cniVersion = "7.0.0"')"
	[[ ! $differ ]]
}

@test "errors: tuning" {
	same_refusal tuning "$(chained tuning 'del(.prevResult) |
		.sysctl = {"net.ipv4.conf.all.arp_filter": "1"}')"
	same_refusal tuning "$(chained tuning '.sysctl = {"kernel.domainname": "x"}')"
	for key in net net. .net a.b NET.x kernel/a.b dev.IFNAME.x; do
		same_refusal tuning "$(chained tuning ".sysctl = {\"$key\": \"x\"}")"
	done
	same_refusal tuning "$(chained tuning '.mac = "nonsense"')"
	same_refusal tuning "$(chained tuning '.args.cni.mac = "nonsense"')"
	same_refusal tuning "$(chained tuning '.cniVersion = "7.0.0"')"
	[[ ! $differ ]]
}

# passes PLUGIN CONF: the same result from both, in each of VERSIONS
passes() {
	local v c
	for v in "${VERSIONS[@]}"; do
		c=$(gojq -c --arg v "$v" '.cniVersion = $v | .prevResult.cniVersion = $v |
			if ($v | startswith("0")) then
				.prevResult.ips[0].version = "4" else . end' <<<"$2")
		for suite in go us; do
			"by_$suite" cni ADD "$1" "$c" c1 eth0
			is "$status" 0 "$suite's $1, $v: $(<"$stdout")"
			cp "$stdout" "$TMP/$suite"
			"by_$suite" cni DEL "$1" "$c" c1 eth0
			is "$status" 0 "$suite's $1, $v: $(<"$stdout")"
		done
		diff -u --label "Go's for $v" --label ours "$TMP/go" "$TMP/us"
	done
}

@test "results: what was made before goes through portmap, firewall and tuning" {
	VERSIONS=(0.3.0 0.3.1 0.4.0 1.0.0 1.1.0)
	passes portmap "$(mapped)"
	passes portmap "$(chained portmap)"
	passes tuning "$(chained tuning)"
	VERSIONS=(0.4.0 1.0.0 1.1.0) # the Go plugin has no other ones
	passes firewall "$(chained firewall '.ingressPolicy = "same-bridge"')"
}
