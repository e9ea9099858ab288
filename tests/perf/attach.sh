#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# attach.sh - what an ADD and a DEL cost: time, memory, processes; beside what
# the kernel alone takes, on bridges with few ports and with many
#
#   tests/perf/attach.sh TIMER FLOOR BIN [OTHER]
#
#   TIMER   the program made of timer.c
#   FLOOR   the program made of floor.c
#   BIN     folder of our plugins
#   OTHER   folder of another suite's, timed in the same run, in turns
#   ROUNDS=100 in the environment: ADDs and DELs of each suite
#
# bridge with host-local, ipMasq, isGateway and hairpinMode. All suites attach
# to the same bridge, taking turns, with as many other ports as the scene says.
# Each network is warm: its first attachment was made before and stays. The
# sandboxes are made before the first measurement and dropped after the last
# one: taking down a namespace holds the kernel's rtnl lock, for which the next
# call would wait.
#
# attach.sh tells; it judges nothing: there is no time at which it fails. All
# happens in a network and a mount namespace that end with this script.
set -eu
here=$(dirname "$(realpath "$0")")
# shellcheck source=/dev/null
. "$here/suites.bash"

apart 3 "$@"
timer=$1 floor=$2
shift 2
rounds=${ROUNDS:-100}

# cni VERB SUITE ID: one call outside the measurement
cni() {
	env CNI_COMMAND="$1" CNI_CONTAINERID="$3" CNI_NETNS="/run/$2/ns/$3" \
		CNI_IFNAME=eth0 CNI_PATH="/run/$2/bin" \
		"${wrap[@]}" "/run/$2/bin/bridge" <"/run/$2/bridge.json" \
		>/run/out || { cat /run/out; echo "$1 of suite $2 failed"
			exit 1; }
}

# make_plugins NUMBER BIN: the same, and a warm network
make_plugins() {
	make_suite "$1" "$2"
	cat >"/run/$1/bridge.json" <<-END
	{
	    "cniVersion": "1.0.0", "name": "perf$1", "type": "bridge",
	    "bridge": "br0", "isGateway": true, "ipMasq": true,
	    "hairpinMode": true,
	    "ipam": {
	        "type": "host-local", "dataDir": "/run/$1/store",
	        "ranges": [[{ "subnet": "10.60.0.0/16",
	            "rangeStart": "10.60.$((100 * $1 - 99)).0",
	            "rangeEnd": "10.60.$((100 * $1 - 1)).255" }]],
	        "routes": [{ "dst": "0.0.0.0/0" }]
	    }
	}
	END
	cni ADD "$1" warm
}

# traced VERB SUITE: processes, nf_tables transactions and sleeps of one call
traced() {
	wrap=(strace -f -qq -o /run/trace
		-e 'trace=execve,sendto,sendmsg,nanosleep,clock_nanosleep')
	cni "$1" "$2" traced
	wrap=()
	awk '/execve.* = 0$/ { run++ } /BATCH_BEGIN/ { commit++ }
		/ (clock_)?nanosleep\(/ { nap++ }
		END { print run + 0, commit + 0, nap + 0 }' /run/trace
}

# ports FIRST LAST: so many of the bridge, with somebody at the other ends
ports() {
	local i
	for i in $(seq "$1" "$2"); do
		echo "link add p$i type veth peer name p$i netns fill"
		echo "link set p$i master br0 up"
	done | ip -batch -
	for i in $(seq "$1" "$2"); do
		echo "link set p$i up"
	done | ip -n fill -batch -
}

# quiet: what the ports say of their own accord, to all the others, is over
quiet() {
	local last=none now=
	while [ "$last" != "$now" ]; do
		last=$now
		sleep 2
		now=$(ip -n fill -s -j link show p1 | grep -o '"rx":{[^}]*}')
	done
}

# reservations SUITE COUNT: in its store, by others than those that are timed
reservations() {
	local i
	for ((i = 0; i < $2; i++)); do
		printf 'x%s\r\neth0' "$i" \
			>"/run/$1/store/perf$1/10.60.$((100 * $1 - 99 + i / 256)).$((i % 256))"
	done
	rm -f "/run/$1/store/perf$1/last_reserved_ip.0"
	cni ADD "$1" traced
	cni DEL "$1" traced
}

# scene WORDS: all suites in turns, and a table of it
scene() {
	local verb k med
	"$timer" "$rounds" bridge "${folder[@]}" >/run/times ||
		{ cat -- */out; exit 1; }
	printf '\n%s\n%-6s %-6s %9s %9s %10s %10s\n' "$*" suite verb \
		median p95 'to floor' 'to suite 1'
	for verb in ADD DEL; do
		for k in "${!name[@]}"; do
			med[k]=$(column "$k" $verb 3 | percentile 50)
		done
		for k in "${!name[@]}"; do
			printf '%-6s %-6s %9s %9s %10s %10s\n' "$k" $verb \
				"$(ms <<<"${med[k]}")" \
				"$(column "$k" $verb 3 | percentile 95 | ms)" \
				"$(ratio "${med[k]}" "${med[0]}")" \
				"$(ratio "${med[k]}" "${med[1]}")"
		done
	done
}

wrap=() name=() folder=()
mkdir floor /run/netns
ln -s "$floor" floor/bridge
ip netns add fill
# as a container has them
ip netns exec fill sh -c 'cd /proc/sys/net/ipv6/conf/default &&
	echo 0 >accept_ra && echo 0 >accept_dad'
for bin in /run/floor "$@"; do
	k=${#name[@]}
	if [ "$k" = 0 ]; then
		make_suite 0 "$bin"
		echo 'br0 10.60.0.1' >0/bridge.json
		name+=("floor, the kernel's part alone")
	else
		make_plugins "$k" "$bin"
		name+=("$bin")
	fi
	folder+=("/run/$k")
done
echo "$rounds rounds on $(uname -sr), $(nproc) CPUs; times in ms"
for k in "${!name[@]}"; do
	echo "suite $k: ${name[k]}"
done

scene 'an empty bridge'
printf '%-6s %-6s %11s %10s %11s %7s\n' suite verb 'max RSS KiB' processes \
	nft-commits sleeps
for verb in ADD DEL; do
	for k in "${!name[@]}"; do
		read -r run commit nap < <(traced $verb "$k")
		printf '%-6s %-6s %11s %10s %11s %7s\n' "$k" $verb \
			"$(column "$k" $verb 4 | percentile 100)" \
			"$run" "$commit" "$nap"
	done
done
ports 1 300
quiet
scene 'a bridge with 300 other ports'
ports 301 1000
quiet
scene 'a bridge with 1,000 other ports'
ip -n fill -j link | grep -o '"ifname":"p[0-9]*"' | sed 's/.*:"/link del /; s/"//' |
	ip -n fill -batch -
for k in "${!name[@]}"; do
	[ "$k" = 0 ] || reservations "$k" 20000
done
scene 'an empty bridge, and 20,000 reservations in the store'
