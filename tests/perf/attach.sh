#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# attach.sh - what an ADD and a DEL cost: time, memory, processes
#
#   tests/perf/attach.sh TIMER BIN [OTHER]
#
#   TIMER   the program made of timer.c
#   BIN     folder of our plugins
#   OTHER   folder of another suite's, timed in the same run, in turns
#   ROUNDS=100 in the environment: ADDs and DELs of each suite
#
# bridge with host-local, ipMasq, isGateway and hairpinMode. The network is
# warm: its first attachment was made before and stays. The sandboxes are made
# before the first measurement and dropped after the last one: taking down a
# namespace holds the kernel's rtnl lock, for which the next call would wait.
#
# It tells; it judges nothing: there is no time at which it fails. Everything
# happens in a network and a mount namespace that end with this script.
set -eu
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL=C.UTF-8

if [ "${CNIC_PERF-}" != inside ]; then
	[ $# -ge 2 ] || { sed -n '/^#  *tests/,/^#$/s/^# *//p' "$0" >&2; exit 2; }
	[ "$(id -u)" = 0 ] || { echo "perf needs root" >&2; exit 1; }
	timer=$(realpath -e "$1") ours=$(realpath -e "$2")
	other=${3:+"$(realpath -e "$3")"}
	export CNIC_PERF=inside
	exec unshare -nm --propagation private \
		"$0" "$timer" "$ours" ${other:+"$other"}
fi
timer=$1
shift
rounds=${ROUNDS:-100}
unset "${!CNI_@}"
mount -t tmpfs none /run
cd /run
ip link set lo up

# cni VERB SUITE ID: one call outside the measurement
cni() {
	env CNI_COMMAND="$1" CNI_CONTAINERID="$3" CNI_NETNS="/run/$2/ns/$3" \
		CNI_IFNAME=eth0 CNI_PATH="/run/$2/bin" \
		"${wrap[@]}" "/run/$2/bin/bridge" <"/run/$2/conf.json" \
		>/run/out || { cat /run/out; echo "$1 of suite $2 failed"
			exit 1; }
}

# make_suite NUMBER BIN: the folder NUMBER as timer.c wants it, and a warm network
make_suite() {
	local i
	mkdir -p "/run/$1/ns"
	ln -s "$2" "/run/$1/bin"
	cat >"/run/$1/conf.json" <<-END
	{
	    "cniVersion": "1.0.0", "name": "perf$1", "type": "bridge",
	    "bridge": "br$1", "isGateway": true, "ipMasq": true,
	    "hairpinMode": true,
	    "ipam": {
	        "type": "host-local", "dataDir": "/run/$1/store",
	        "ranges": [[{ "subnet": "10.$((60 + $1)).0.0/16" }]],
	        "routes": [{ "dst": "0.0.0.0/0" }]
	    }
	}
	END
	for i in $(seq 0 $((rounds - 1))) warm traced; do
		: >"/run/$1/ns/$i"
		unshare --net="/run/$1/ns/$i" true
	done
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

wrap=() name=() folder=()
for bin; do
	make_suite ${#name[@]} "$bin"
	folder+=("/run/${#name[@]}")
	name+=("$bin")
done
echo "$rounds rounds on $(uname -sr), $(nproc) CPUs; times in ms"
"$timer" "$rounds" "${folder[@]}" >/run/times ||
	{ cat -- */out; exit 1; }

# column SUITE VERB COLUMN: its numbers, sorted
column() {
	awk -v s="$1" -v v="$2" -v c="$3" '$1 == s && $2 == v { print $c }' \
		/run/times | sort -n
}
percentile() { awk -v p="$1" '{ v[NR] = $1 }
	END { i = int(NR * p / 100 + 0.5); print v[i < 1 ? 1 : i] }'; }

for k in "${!name[@]}"; do
	echo "suite $k: ${name[k]}"
done
printf '%-6s %-4s %9s %9s %9s %10s %10s %7s\n' suite verb median p95 \
	"max RSS" processes nft-commits sleeps
for verb in ADD DEL; do
	for k in "${!name[@]}"; do
		med[k]=$(column "$k" $verb 3 | percentile 50)
		read -r run commit nap < <(traced $verb "$k")
		printf '%-6s %-4s %9s %9s %6s KiB %10s %10s %7s\n' "$k" $verb \
			"$(awk "BEGIN { printf \"%.2f\", ${med[k]} / 1000 }")" \
			"$(column "$k" $verb 3 | percentile 95 |
				awk '{ printf "%.2f", $1 / 1000 }')" \
			"$(column "$k" $verb 4 | percentile 100)" \
			"$run" "$commit" "$nap"
	done
	[ ${#name[@]} -lt 2 ] || awk -v v=$verb -v a="${med[0]}" -v b="${med[1]}" '
		BEGIN { printf "%s: median of suite 1 / suite 0 = %.1f\n",
			v, b / a }'
done
