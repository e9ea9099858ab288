#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2034,SC2154 # variables of and for the harness
# 25-status.bats - containerd 2, which asks plugins for their STATUS whenever the
# kubelet asks how the node is, with a list of 1.1.0

load runtime
load containerd
load pods

setup() {
	cri_up
	matches "$(cri version)" 'RuntimeVersion: +v?2\.'
}
teardown() { cri_down; }

# guide SUBNET: the list; bridge and portmap write down what they are asked
guide() {
	local p
	for p in bridge portmap; do
		mv "$TMP/opt/cni/bin/$p" "$TMP/opt/cni/$p"
		# shellcheck disable=SC2016 # for the inner shell
		printf '#!/bin/bash\necho "%s $CNI_COMMAND" >>%s\nexec /opt/cni/%s\n' \
			"$p" "$TMP/asked" "$p" >"$TMP/opt/cni/bin/$p"
		chmod +x "$TMP/opt/cni/bin/$p"
	done
	gojq -n --arg subnet "$1" '{
		cniVersion: "1.1.0", name: "pods", plugins: [
		{type: "bridge", bridge: "cni0", isGateway: true, ipMasq: true,
		 ipam: {type: "host-local", ranges: [[{subnet: $subnet}]],
			routes: [{dst: "0.0.0.0/0"}]}},
		{type: "portmap", capabilities: {portMappings: true}},
		{type: "firewall"}, {type: "tuning"}]}' >"$TMP/list"
	# in one write, which is what containerd waits for: not for a rename
	cat "$TMP/list" >"$NETD/10-pods.conflist"
}
asked() { grep -c "^$1\$" "$TMP/asked"; }
not_ready() { not network_ready; }

# polls: asks how the node is until $TMP/stop is there, and counts the answers
polls() {
	while [[ ! -e $TMP/stop ]]; do
		if network_ready >/dev/null; then echo ready; else echo not; fi
	done >"$TMP/polled"
}

# polling: that goes on beside the test, until was_ready: each answer was good
polling() {
	polls 3>&- &
	JOBS+=($!)
}
was_ready() {
	: >"$TMP/stop"
	wait "${JOBS[-1]}"
	is "$(sort -u "$TMP/polled")" ready
	[[ $(asked 'bridge STATUS') -ge 6 ]]
	[[ $(wc -l <"$TMP/polled") -ge 6 ]]
}

@test "STATUS: the node stays ready while pods come and go" {
	import k8s.io
	guide 10.88.0.0/24
	eventually network_ready
	polling
	for _ in first second third; do
		pod a one 8080
		pod b two
		eventually serves "$ip_a" one
		unpod a
		unpod b
	done
	was_ready
	[[ $(asked 'portmap STATUS') -ge 6 ]]
	is "$(asked 'bridge ADD')" 6
	is "$(reservations)" ''
}

@test "STATUS: a node whose pool is full is ready, and says so to who asks more" {
	import k8s.io
	guide 10.88.0.0/30
	eventually network_ready
	polling
	for _ in first second third; do
		pod a one
		pod_json b two
		run cri runp "$TMP/b-pod.json"
		is "$status" 1
		matches "$output" 'no IP addresses available'
		before=$(asked 'bridge STATUS')
		network_ready
		[[ $(asked 'bridge STATUS') -gt $before ]]
		unpod a
		pod b two
		unpod b
	done
	was_ready
	is "$(reservations)" ''
}

@test "STATUS: without its IPAM plugin the node is not ready, with it it is again" {
	guide 10.88.0.0/24
	eventually network_ready
	mv "$TMP/opt/cni/bin/host-local" "$TMP/opt/cni/host-local"
	eventually not_ready
	matches "$(cri info -o json | gojq -r '.status.conditions[] |
		select(.type == "NetworkReady").message')" host-local
	mv "$TMP/opt/cni/host-local" "$TMP/opt/cni/bin/host-local"
	eventually network_ready
}
