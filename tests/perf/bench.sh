#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# bench.sh - what calls cost: ours, those of another suite, and the kernel's part
# alone, in turns
#
#   tests/perf/bench.sh SAMPLES PROGRAMS OURS THEIRS
#
#   SAMPLES    each call goes there, as a line of JSON
#   PROGRAMS   folder with timer, floor, store and namespaces
#   OURS       folder of our plugins
#   THEIRS     folder of the other suite's
#
#   BENCH_ROUNDS=20   calls of each kind; fewer, down to a quarter, where a
#                     round takes long
#   BENCH_SHARE=1     divides the number of pods, reservations and containers
#
# Times and counts are of different calls: strace slows what it looks at. A
# scene has its namespaces until the end, since taking one down holds the
# kernel's rtnl lock, for which the next call would wait. Its first container, c0,
# is there from the start and stays: each network is in use already.
#
# It judges nothing: there is no time at which it fails. All happens in a network
# and a mount namespace that end with this script.
set -eu
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL=C.UTF-8

if [ "${CNIC_BENCH-}" != inside ]; then
	[ $# = 4 ] || { sed -n '/^#  *tests/,/^#$/s/^# *//p' "$0" >&2; exit 2; }
	[ "$(id -u)" = 0 ] || { echo "bench needs root" >&2; exit 1; }
	mkdir -p "$(dirname "$1")"
	samples=$(realpath "$1")
	mapfile -t folders < <(realpath -e "${@:2}")
	[ ${#folders[@]} = 3 ] || exit 2
	export CNIC_BENCH=inside
	exec unshare -nm --propagation private \
		"$(realpath "$0")" "$samples" "${folders[@]}"
fi
# shellcheck disable=SC2034 # for suites.bash
samples=$1 programs=$2 ours=$3 theirs=$4
rounds=${BENCH_ROUNDS:-20}
share=${BENCH_SHARE:-1}
# shellcheck source=/dev/null
. "$(dirname "$0")/suites.bash"

unset "${!CNI_@}"
mount -t tmpfs -o size=80%,nr_inodes=2M none /run
cd /run
ip link set lo up
: >"$samples"

# part N: of a number of things; of 4: of the rounds
part() { echo $((($1 + share - 1) / share)); }
few() { echo $(((rounds + 3) / 4)); }
say() { printf '%4d s  %s\n' "$SECONDS" "$*" >&2; }
timer() { "$programs/timer" "$@" >>"$samples"; }

# verbs X SCENE VERB,... SUITE...: all of them timed, and then counted
verbs() {
	local x=$1 scene=$2 list=$3
	shift 3
	alive 0 0 "$@"
	timer -x "$x" "$scene" 1 "$rounds" "$list" "$@"
	timer -x "$x" -c "$scene" 1 1 "$list" "$@"
}

# alone PLUGIN SUITE...: without others
alone() {
	local plugin=$1 s
	shift
	say "$plugin"
	for s; do make_suite "/run/$plugin/$s" $((rounds + 1)) "$plugin"; done
	set -- "${@/#//run/$plugin/}"
	timer -q "$plugin" 0 1 ADD "$@"
	verbs 0 "$plugin" ADD,CHECK,STATUS,GC,DEL "$@"
}

# chain SCENE PORTS SUITE...: nerdctl's list
chain() {
	local scene=$1 count=$2 mapped=null x=0 s
	shift 2
	say "nerdctl's chain, $scene"
	[ "$count" = 0 ] || mapped=$(ports 7000 1)
	for s; do
		make_suite "/run/$scene/$s" $((rounds + 1)) \
			bridge portmap firewall tuning
	done
	set -- "${@/#//run/$scene/}"
	timer -q "$scene" 0 1 ADD "$@"
	# the next ones have another port
	if [ "$count" != 0 ]; then
		mapped=$(ports 8000 "$count")
		for s; do
			sed -i "s/\(\"portMappings\": \)\[.*\]/\1$mapped/" \
				"$s/portmap.json"
		done
	fi
	case $scene in
	crowded | wide)
		x=$(part 800)
		crowd "$1" "$x"
		;;
	esac
	verbs "$x" "$scene" NONE,ADD,CHECK,STATUS,GC,DEL "$@"
}

# crowd SUITE COUNT: so many containers with 20 ports each
crowd() {
	local i
	for ((i = 0; i < $2; i++)); do
		echo "{\"cniVersion\": \"1.1.0\", \"name\": \"crowd\",
			\"type\": \"portmap\", \"runtimeConfig\": {
			\"portMappings\": $(ports $((10000 + 20 * i)) 20)},
			\"prevResult\": {\"cniVersion\": \"1.1.0\", \"ips\": [
			{\"address\": \"10.60.$((100 + i / 200)).$((i % 200 + 1))/16\"
			}]}}" >"$1/crowd.json"
		nsenter "--net=$1/host" env CNI_COMMAND=ADD \
			"CNI_CONTAINERID=crowd$i" "CNI_NETNS=$1/ns/0" \
			CNI_IFNAME=eth0 "CNI_PATH=$ours" \
			"$ours/portmap" <"$1/crowd.json" >"$1/out.crowd"
	done
}

# many: one network, with 50 ADDs at once, 1,000 pairs of ADD and DEL, and then
# with more and more pods
many() {
	local all=(/run/pods/{floor,cnic,go}) i x have=0 pods burst jobs
	pods=$(part 1000) burst=$(part 50) jobs=32
	say 'a network with many pods'
	for i in "${all[@]}"; do
		make_suite "$i" $((pods + rounds + 1)) bridge
	done
	timer -q pods 0 1 ADD "${all[@]}"
	for ((i = 0; i < $(few); i++)); do
		say "$burst at once"
		timer -j "$burst" -x "$burst" burst 1 "$burst" ADD "${all[@]}"
		timer -j "$burst" -x "$burst" burst 1 "$burst" DEL "${all[@]}"
		all=("${all[@]:1}" "${all[0]}")
	done
	say "$jobs workers"
	timer -j "$jobs" -x "$pods" pairs 1 "$pods" ADD,DEL "${all[@]}"
	for x in 0 100 250 500 1000; do
		x=$(part $x)
		say "$x pods"
		[ "$have" = "$x" ] || timer -q -j 8 pods $((have + 1)) \
			$((x - have)) ADD "${all[@]}"
		have=$x
		quiet "${all[@]}"
		timer -x "$x" pods $((pods + 1)) "$rounds" ADD,DEL "${all[@]}"
	done
	dead /run/pods/cnic /run/pods/go
}

# dead SUITE...: half of the pods have gone without a DEL. What a suite leaves of
# them stays.
dead() {
	local i s count pods left
	pods=$(part 1000) count=$(part 500)
	say "GC of $count dead"
	alive $((count + 1)) "$pods" "$@"
	for ((i = 0; i <= $(few); i++)); do
		if [ "$i" = 0 ]; then
			timer -c -x "$count" dead 0 1 GC "$@"
		else
			timer -x "$count" dead 0 1 GC "$@"
		fi
		for s; do
			left=$(($(find "$s/store/bench" -name '10.*' | wc -l) -
				pods + count - 1))
			printf '{"scene":"dead","x":%d,"suite":"%s","plugin":"","verb":"","left":%d}\n' \
				"$count" "${s##*/}" "$left" >>"$samples"
			[ "$left" != 0 ] ||
				timer -q -j 8 dead 1 "$count" ADD "$s"
		done
	done
}

# reservations: host-local's store, with more and more of others
reservations() {
	local all=(/run/store/{floor,cnic,go}) s x have=0
	for s in "${all[@]}"; do
		make_suite "$s" $((rounds + 1)) host-local
	done
	timer -q store 0 1 ADD "${all[@]}"
	for x in 0 5000 10000 20000 40000 60000; do
		x=$(part $x)
		say "$x reservations"
		for s in "${all[@]}"; do
			[ -d "$s/store/bench" ] || mkdir "$s/store/bench"
			case $s in
			*/floor) reserve "$s/store" $((have + 1)) "$x" ;;
			*) reserve "$s/store/bench" $((have + 1)) "$x" ;;
			esac
		done
		have=$x
		timer -q store 1 1 ADD,DEL "${all[@]}"
		timer -x "$x" store 1 "$(few)" ADD,STATUS,DEL "${all[@]}"
	done
}

alone loopback cnic go
alone static cnic go
alone host-local floor cnic go
alone macvlan cnic go
alone ptp cnic go
alone bridge floor cnic go
reservations
chain chain 0 cnic go
chain port 1 cnic go
chain ports 10 cnic
chain crowded 10 cnic
chain wide 206 cnic
many
say 'the end'
