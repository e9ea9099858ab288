#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# chain.sh - what an ADD and a DEL of the chain cost that nerdctl writes for each
# of its networks: bridge, portmap, firewall, tuning; without ports and with one
#
#   tests/perf/chain.sh TIMER BIN [OTHER]
#
#   TIMER   the program made of timer.c
#   BIN     folder of our plugins
#   OTHER   folder of another suite's, timed in the same run, in turns
#   ROUNDS=100 in the environment: ADDs and DELs of each suite
#
# Each suite has a host of its own, so that none sees the rules of another; a
# first container of the network, with a port where there are any, was there
# before and stays. The time is that of the plugins' processes. What is least is
# what it takes where other work on the machine disturbs least; what is compared
# are medians.
#
# chain.sh tells; it judges nothing.
set -eu
here=$(dirname "$(realpath "$0")")
# shellcheck source=/dev/null
. "$here/suites.bash"

apart 2 "$@"
timer=$1
shift
rounds=${ROUNDS:-100}
plugins=(bridge portmap firewall tuning)

# list NUMBER [HOSTPORT]: the configurations, as libcni makes them of the list
list() {
	local p conf ports=null
	[ $# -lt 2 ] || ports="[{\"HostPort\": $2, \"ContainerPort\": 80,
		\"Protocol\": \"tcp\", \"HostIP\": \"0.0.0.0\"}]"
	for p in "${plugins[@]}"; do
		case $p in
		bridge)
			conf='"bridge": "br0", "isGateway": true, "ipMasq": true,
			"hairpinMode": true, "ipam": {"type": "host-local",
			"dataDir": "/run/'$1'/store", "ranges": [[
			{"subnet": "10.60.0.0/16", "gateway": "10.60.0.1"}]],
			"routes": [{"dst": "0.0.0.0/0"}]}' ;;
		portmap)
			conf='"capabilities": {"portMappings": true},
			"runtimeConfig": {"portMappings": '$ports'}' ;;
		firewall) conf='"ingressPolicy": "same-bridge"' ;;
		tuning) conf='"dataDir": "/run/'$1'/tuning"' ;;
		esac
		echo "{\"cniVersion\": \"1.0.0\", \"name\": \"perf\",
			\"type\": \"$p\", $conf}" >"/run/$1/$p.json"
	done
}

# first NUMBER: the container that stays
first() {
	local p conf prev=
	for p in "${plugins[@]}"; do
		conf=$(<"/run/$1/$p.json")
		[ -z "$prev" ] || conf="${conf%\}*}, \"prevResult\": $prev}"
		prev=$(nsenter "--net=/run/$1/host" env CNI_COMMAND=ADD \
			CNI_CONTAINERID=first CNI_IFNAME=eth0 \
			CNI_NETNS="/run/$1/ns/warm" CNI_PATH="/run/$1/bin" \
			"/run/$1/bin/$p" <<<"$conf") || {
			echo "$p of suite $1: $prev"
			exit 1
		}
	done
}

# scene NAME [PORT OF THE FIRST] [PORT]: all suites in turns, and a table of it
scene() {
	local verb k med folder=() number=0 bin
	for bin in "${bins[@]}"; do
		number=$((number + 1))
		folder+=("/run/$number")
		make_suite "$number" "$bin"
		: >"/run/$number/host"
		unshare --net="/run/$number/host" ip link set lo up
		list "$number" ${2+"$2"}
		first "$number"
		list "$number" ${3+"$3"}
	done
	"$timer" "$rounds" "$(IFS=,; echo "${plugins[*]}")" "${folder[@]}" \
		>/run/times || { cat -- */out; exit 1; }
	printf '\n%s\n%-6s %-6s %9s %9s %9s %10s\n' "$1" suite verb least \
		median p95 'to suite 1'
	for verb in ADD DEL; do
		for k in "${!folder[@]}"; do
			med[k]=$(column "$k" $verb 3 | percentile 50)
			printf '%-6s %-6s %9s %9s %9s %10s\n' $((k + 1)) $verb \
				"$(column "$k" $verb 3 | percentile 0 | ms)" \
				"$(ms <<<"${med[k]}")" \
				"$(column "$k" $verb 3 | percentile 95 | ms)" \
				"$(ratio "${med[k]}" "${med[0]}")"
		done
	done
	for k in "${folder[@]}"; do
		umount "$k"/ns/* "$k/host"
		rm -rf "$k"
	done
}

bins=("$@")
echo "$rounds rounds on $(uname -sr), $(nproc) CPUs; times in ms"
for k in "${!bins[@]}"; do echo "suite $((k + 1)): ${bins[k]}"; done
scene 'the whole chain, no port'
scene 'the whole chain, one port' 7999 8080
