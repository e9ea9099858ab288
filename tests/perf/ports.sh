#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# ports.sh - what the chain bridge, portmap, firewall, tuning costs on an empty
# node, and on one where 16,000 ports are mapped already
#
#   tests/perf/ports.sh PORTS BIN
#
#   PORTS   the program made of ports.c
#   BIN     folder of the plugins
#   ROUNDS=25 in the environment: of each node
#
# The nodes take turns: with no port, with 10 and with 206 ports to map. As in
# attach.sh, it judges nothing, and all happens in namespaces that end with it.
set -eu
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL=C.UTF-8

if [ "${CNIC_PERF-}" != inside ]; then
	[ $# = 2 ] || { sed -n '/^#  *tests/,/^#$/s/^# *//p' "$0" >&2; exit 2; }
	[ "$(id -u)" = 0 ] || { echo "perf needs root" >&2; exit 1; }
	ports_program=$(realpath -e "$1") bin=$(realpath -e "$2")
	export CNIC_PERF=inside
	exec unshare -nm --propagation private "$0" "$ports_program" "$bin"
fi
ports_program=$1 bin=$2
rounds=${ROUNDS:-25}
unset "${!CNI_@}"
mount -t tmpfs none /run
cd /run

# ports FIRST COUNT: as a runtime sends them
ports() {
	local i list=()
	for ((i = $1; i < $1 + $2; i++)); do
		list+=("{\"hostPort\": $i, \"containerPort\": 80, \"protocol\": \"tcp\"}")
	done
	(IFS=,; echo "[${list[*]}]")
}

# conf NODE NUMBER PLUGIN KEYS: the configuration of one plugin
conf() {
	mkdir -p "$1/$2"
	ln -s "../bin/$3" "$1/$2/plugin"
	echo "{\"cniVersion\": \"1.0.0\", \"name\": \"perf\", \"type\": \"$3\",
		$4, \"prevResult\": @PREV@}" >"$1/$2/conf.json"
}

# namespace FILE
namespace() { : >"$1"; unshare --net="$1" ip link set lo up; }

# make_node NAME PORTS: an empty one, and the chain for so many ports
make_node() {
	local i
	mkdir -p "$1/ns"
	ln -s "$bin" "$1/bin"
	namespace "$1/host"
	for i in $(seq 0 $((rounds - 1))) warm; do namespace "$1/ns/$i"; done
	conf "$1" 0 bridge "\"bridge\": \"br0\", \"isGateway\": true,
		\"ipMasq\": true, \"hairpinMode\": true, \"ipam\": {
		\"type\": \"host-local\", \"dataDir\": \"/run/$1/store\",
		\"ranges\": [[{\"subnet\": \"10.60.0.0/16\"}]],
		\"routes\": [{\"dst\": \"0.0.0.0/0\"}]}"
	conf "$1" 1 portmap "\"runtimeConfig\": {\"portMappings\": $(ports 40000 "$2")}"
	conf "$1" 2 firewall '"ingressPolicy": "same-bridge"'
	conf "$1" 3 tuning '"sysctl": {}'
	# a first attachment, which stays
	cni "$1" bridge warm eth0 <<<"$(sed 's/@PREV@/null/' "$1/0/conf.json")"
}

# cni NODE PLUGIN ID IFNAME: an ADD outside the measurement
cni() {
	nsenter --net="$1/host" env CNI_COMMAND=ADD CNI_CONTAINERID="$3" \
		CNI_NETNS="/run/$1/ns/warm" CNI_IFNAME="$4" \
		CNI_PATH="$bin" "$bin/$2" >/run/out || { cat /run/out; exit 1; }
}

# fill NODE: 800 containers with 20 ports each
fill() {
	local i
	for ((i = 0; i < 800; i++)); do
		cni "$1" portmap "full$i" eth0 <<-END
		{"cniVersion": "1.0.0", "name": "full", "type": "portmap",
		 "runtimeConfig": {"portMappings": $(ports $((1000 + 20 * i)) 20)},
		 "prevResult": {"cniVersion": "1.0.0", "ips": [
		  {"address": "10.60.$((100 + i / 200)).$((i % 200 + 1))/16"}]}}
		END
	done
}

# median NODE VERB PLUGIN, in ms
median() {
	awk -v n="$1" -v v="$2" -v p="$3" '$1 == n && $2 == v && $3 == p {
		print $4 / 1000 }' /run/times | sort -n |
		awk '{ v[NR] = $1 } END { printf "%.2f", v[int((NR + 1) / 2)] }'
}
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

plugins=(bridge portmap firewall tuning chain)
nodes=() node=()
for count in 0 10 206; do
	make_node "empty$count" $count
	make_node "full$count" $count
	fill "full$count"
	nodes+=("empty, $count ports" "full, $count ports")
	node+=("/run/empty$count" "/run/full$count")
done
echo "$rounds rounds on $(uname -sr), $(nproc) CPUs; medians in ms"
"$ports_program" "$rounds" "${node[@]}" >/run/times || { cat /run/*/*/out; exit 1; }
for verb in NONE ADD DEL; do
	printf '\n%-5s %-16s' $verb node
	printf ' %9s' "${plugins[@]}" 'to empty'
	echo
	for k in "${!nodes[@]}"; do
		printf '%-5s %-16s' $verb "${nodes[k]}"
		for p in "${plugins[@]}"; do
			printf ' %9s' "$(median "$k" $verb "$p")"
		done
		printf ' %9s\n' "$(ratio "$(median "$k" $verb chain)" \
			"$(median $((k - k % 2)) $verb chain)")"
	done
done
