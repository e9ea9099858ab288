# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2317
# 20-containerd.bats - containers that containerd and runc run: `ctr run --cni`
# and pods through the CRI, as the kubelet makes them
#
# Configurations and places are those of the usual installation guides:
# /etc/cni/net.d, /opt/cni/bin, /var/lib/cni/networks. They are the test's own
# (containerd.bash).

bats_require_minimum_version 1.5.0
load runtime
load containerd
load pods

setup() {
	local version=2
	[[ $BATS_TEST_DESCRIPTION != *Debian* ]] || { CTD_BIN='' version=1; }
	cri_up
	matches "$(cri version)" "RuntimeVersion: +v?$version\\."
}
teardown() { cri_down; }

# guide_bridge VERSION [SUBNET]: written at once, because containerd may read
# it as soon as it is there
guide_bridge() {
	cat >"$NETD/10-bridge.conf" <<-EOF
	{
	  "cniVersion": "$1",
	  "name": "bridge",
	  "type": "bridge",
	  "bridge": "cnio0",
	  "isGateway": true,
	  "ipMasq": true,
	  "ipam": {
	    "type": "host-local",
	    "ranges": [
	      [{"subnet": "${2-10.200.0.0/24}"}]
	    ],
	    "routes": [{"dst": "0.0.0.0/0"}]
	  }
	}
	EOF
}

guide_loopback() {
	cat >"$NETD/99-loopback.conf" <<-EOF
	{
	  "cniVersion": "$1",
	  "name": "lo",
	  "type": "loopback"
	}
	EOF
}

guide_dual() {
	cat >"$NETD/10-containerd-net.conflist" <<-EOF
	{
	  "cniVersion": "1.0.0",
	  "name": "containerd-net",
	  "plugins": [
	    {
	      "type": "bridge",
	      "bridge": "cni0",
	      "isGateway": true,
	      "ipMasq": true,
	      "promiscMode": true,
	      "ipam": {
	        "type": "host-local",
	        "ranges": [
	          [{"subnet": "10.88.0.0/16"}],
	          [{"subnet": "2001:db8:4860::/64"}]
	        ],
	        "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]
	      }
	    },
	    {
	      "type": "portmap",
	      "capabilities": {"portMappings": true}
	    }
	  ]
	}
	EOF
}

# no_pod BRIDGE [LINK]: what is left of a pod: nothing. BRIDGE is the network's and
# stays. What the plugins made is gone when they have answered; the rest is containerd's.
no_pod() {
	is "$(links HOST)" "$1 lo${2+ $2}" "links"
	is "$(reservations)" "" "reservations"
	eventually unheld
}
unheld() {
	is "$(namespaces)" "" "namespaces" && is "$(cgroups)" "" "cgroups"
}
namespaces() { in_host find /run -path "*/netns/*"; }

# dead NAME: the CRI knows that no process of the pod is left
dead() {
	local pod=pod_$1 ctr=ctr_$1
	is "$(cri inspect -o json "${!ctr}" | gojq -r .status.state)" \
		CONTAINER_EXITED "the container's state" &&
		is "$(cri inspectp -o json "${!pod}" | gojq -r .status.state)" \
			SANDBOX_NOTREADY "the pod's state"
}

@test "ctr run --cni: an address, the gateway answers; nothing left" {
	import default
	guide_bridge 1.0.0
	mkdir "$TMP/said"
	for name in first second third; do
		# into a file: the end of what it prints ctr may lose
		run -0 ctr run --rm --cni --snapshotter native --mount \
			"type=bind,src=$TMP/said,dst=/said,options=rbind:rw" \
			--cgroup "/$CGROUP/$name" "$IMAGE" "$name" sh -c '{
			ip -4 -o addr; ip route; ping -c 1 -W 5 10.200.0.1
			} >/said/all'
		output=$(<"$TMP/said/all")
		rm "$TMP/said/all"
		matches "$output" 'lo +inet 127\.0\.0\.1/8'
		matches "$output" 'eth0 +inet (10\.200\.0\.[0-9]+)/24'
		ip=${BASH_REMATCH[1]}
		matches "$output" 'default via 10\.200\.0\.1 dev eth0'
		matches "$output" ' 0% packet loss'
		no_pod cnio0
		unruled "$ip" "default-$name"
		# nothing piles up from the second round to the third
		[[ $name != second ]] || before=$(snapshot)
	done
	same_as "$before"
}

# The names are those of the guides; the version each has in some of them.
two_pods() {
	import k8s.io
	guide_bridge "$1"
	guide_loopback "$1"
	eventually network_ready
	for round in first second; do
		pod a "this is a"
		pod b "this is b"
		matches "$ip_a" '^10\.200\.0\.[0-9]+$'
		matches "$ip_b" '^10\.200\.0\.[0-9]+$'
		[[ $ip_a != "$ip_b" ]]
		# no_pod looks where there is something to find
		is "$(namespaces | wc -l)" 2 "namespaces"
		matches "$(cgroups)" "/$CGROUP/"

		eventually serves "$ip_a" "this is a"
		eventually serves "$ip_b" "this is b"
		is "$(inside a wget -q -O - "http://$ip_b/")" "this is b"
		is "$(inside b wget -q -O - "http://$ip_a/")" "this is a"

		matches "$(inside a ip -o addr show lo)" \
			'LOOPBACK,UP|inet 127\.0\.0\.1/8'
		is "$(inside a wget -q -O - http://127.0.0.1/)" "this is a"
		matches "$(inside a ip -o addr show eth0)" "inet $ip_a/24"
		matches "$(inside a ip route)" "default via 10\.200\.0\.1"

		unpod a
		serves "$ip_b" "this is b"
		unpod b
		no_pod cnio0
		unruled "$ip_a" "$ip_b" "$pod_a" "$pod_b"
		[[ $round = second ]] || before=$(snapshot)
	done
	same_as "$before"
}

@test "CRI: two pods, HTTP to them and between them (1.0.0)" {
	two_pods 1.0.0
}

@test "CRI: two pods, with Debian's containerd (1.0.0)" {
	two_pods 1.0.0
}

@test "CRI: two pods, HTTP to them and between them (0.4.0)" {
	two_pods 0.4.0
}

@test "CRI: a dual-stack pod with a hostPort, from containerd's own example" {
	outside
	import k8s.io
	guide_dual
	eventually network_ready
	pod a both 8080
	six=$(cri inspectp -o json "$pod_a" |
		gojq -r '.status.network.additionalIps[0].ip')
	matches "$ip_a" '^10\.88\.0\.[0-9]+$'
	matches "$six" '^2001:db8:4860::[0-9a-f]+$'
	eventually serves "$ip_a" both
	eventually serves "$six" both
	matches "$(inside a ip -6 route)" 'default via 2001:db8:4860::1'
	for to in 192.0.2.1 2001:db8::1; do
		eventually serves "$to" both 8080 OUT
		serves "$to" both 8080
	done
	serves 127.0.0.1 both 8080
	# a second pod that wants the port is told who has it
	pod_json b other 8080
	before=$(snapshot)
	run ! cri runp "$TMP/b-pod.json"
	matches "$output" "8080.*$pod_a"
	same_as "$before"
	serves 192.0.2.1 both 8080 OUT

	unpod a
	no_pod cni0 out
	unruled "$ip_a" "$six" "$pod_a"
	not get 192.0.2.1 8080 OUT
	pod b other 8080
	eventually serves 192.0.2.1 other 8080 OUT
	unpod b
	no_pod cni0 out
	not in_host nft list table inet cni_portmap
}

# joined ALIAS: what README's query joins to it as its pod, if anything
joined() {
	local readme=$TESTS/../README.md some pod
	some=$(sed -n 's/.*{ifalias=~"\(.*\)"}.*/\1/p' "$readme")
	pod=$(sed -n 's/.*"pod", "\$1", "ifalias", "\(.*\)").*/\1/p' "$readme")
	[[ $some && $pod && $1 =~ ^($some)$ && $1 =~ ^($pod)$ ]] &&
		echo "${BASH_REMATCH[2]}"
}

@test "CRI: the alias of the host's end is joined to the pod, as README does" {
	import k8s.io
	guide_bridge 1.0.0
	eventually network_ready
	pod a "this is a"
	alias=$(in_host ip -j link show "$(veths HOST)" |
		gojq -r '.[0].ifalias')
	is "$alias" "cni:bridge:$pod_a:eth0 test/a"
	is "$(joined "$alias")" test/a
	not joined "${alias% *}"
	unpod a
	no_pod cnio0
}

@test "CRI: a pod that a plugin refuses is an error, and leaves nothing" {
	import k8s.io
	guide_bridge 1.0.0 10.200.0.0/30
	eventually network_ready
	pod a "this is a"
	is "$ip_a" 10.200.0.2
	before=$(snapshot)
	pod_json b "this is b"
	run ! cri runp "$TMP/b-pod.json"
	matches "$output" "no IP addresses available"
	same_as "$before"
	eventually serves "$ip_a" "this is a"
	unpod a
	no_pod cnio0
}

@test "CRI: a pod whose processes were killed" {
	import k8s.io
	guide_bridge 1.0.0
	eventually network_ready
	pod a "this is a"
	is "$(reservations | wc -l)" 1 "reservations"
	ctr -n k8s.io task kill -s KILL "$ctr_a"
	ctr -n k8s.io task kill -s KILL "$pod_a"
	# containerd would still ask the shim, which is going away, until then.
	# The kubelet, too, stops a pod that it has seen to be dead.
	eventually dead a
	is "$(reservations | wc -l)" 1 "reservations"
	is "$(veths HOST | wc -w)" 1 "veths"
	unpod a
	no_pod cnio0
	unruled "$ip_a" "$pod_a"
}
