#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sweep.sh - every plugin of the table, with each system call failing and with
# a kill at each system call, in namespaces of its own. Prints TAP; sweep.c,
# beside this one, does the work of one line.
#
#   tests/sweep/sweep.sh [NAME...]   lines of the table, such as "bridge ipv6"
#                                    (default: all)
#
#   SWEEP=all        kills at calls that change nothing as well, and each kill
#                    in all ways: of one process or of all, followed by a DEL
#                    with the namespace or without it. Else they take turns.
#   SWEEP_ONLY=...   VERB[,CALL[,ERROR]], for one row
#   O=<folder>       where this was built (default: build)
#   BIN=<folder>     plugins under test (default: $O/bin)
#   JOBS=N           lines at once (default: 4; they wait most of the time)
#   MUST_RUN=1       a skip is a failure, unless the kernel lacks an option
set -u
export LC_ALL=C.UTF-8
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
repo=$(realpath "$(dirname "$0")/../..")
o=$(cd "$repo" && realpath -m "${O:-build}")
bin=$(realpath -m "${BIN:-$o/bin}")

# A plugin joins by a line: its name and what is special; a file of tests/data;
# a jq edit of that; options of sweep.c; "separate" for an executable for each
# plugin, where IPAM is a process; what the kernel must have. Those that take
# longest come first. dad waits for a second in each ADD. To open the namespace
# of a process that is ending is EACCES: for a DEL it is gone, and lo with it.
table='
bridge separate | dual | .ipMasq = true \| .macspoofchk = true | | separate |
bridge all      | dual | .ipMasq = true \| .macspoofchk = true \| .hairpinMode = true | | |
bridge new      | dual | .ipMasq = true \| .macspoofchk = true | -f | |
bridge dad      | l3v6 | .enabledad = true | -o ADD,poll | |
bridge masq     | dual | .ipMasq = true | | |
bridge spoof    | l2   | .macspoofchk = true | | |
bridge vlan     | dual | .vlan = 100 | | | CONFIG_BRIDGE_VLAN_FILTERING
bridge trunk    | l2   | .vlanTrunk = [{minID: 20, maxID: 30}] | | | CONFIG_BRIDGE_VLAN_FILTERING
bridge new-vlan | l3   | .vlan = 100 | -f | | CONFIG_BRIDGE_VLAN_FILTERING
bridge dual     | dual | . | | |
bridge ipv4     | l3   | . | | |
bridge ipv6     | l3v6 | . | | |
bridge l2       | l2   | .portIsolation = true | | |
host-local dual | dual | . | | |
host-local ipv4 | l3   | . | | |
host-local ipv6 | l3v6 | . | | |
host-local new  | dual | . | -f | |
loopback        | loopback | . | -i -x DEL,openat,EACCES | |
'

# --- one line -------------------------------------------------------------

# there OPTION: whether the kernel has it, tried in a namespace
there() {
	local try
	case $1 in
	'') return ;;
	CONFIG_BRIDGE_VLAN_FILTERING)
		try='ip link add br0 type bridge vlan_filtering 1' ;;
	*) return 1 ;;
	esac
	unshare -n sh -c "$try" >/dev/null 2>&1
}

# conf DATA EDIT: a configuration whose pools are small enough to be emptied
conf() {
	jq -c "(.ipam.ranges[]?[]?.subnet) |=
		(sub(\"/24$\"; \"/29\") | sub(\"/64$\"; \"/125\")) | $2" \
		"$repo/tests/data/$1.json"
}

# line NAME DATA EDIT OPTIONS BUILD NEEDS: its tests
line() {
	local name=$1 options=() config ipam
	read -ra options <<<"$4"
	[ -z "$5" ] || bin=$o/$5
	if ! there "$6"; then
		echo "ok - $name # skip needs $6 (the running kernel has it not)"
		return
	fi
	config=$(conf "$2" "$3") || return 1
	ipam=$(jq -r '.ipam.type // empty' <<<"$config")
	[ -z "$ipam" ] || options+=(-p "$bin/$ipam")
	[ "${SWEEP-}" != all ] || options+=(-a)
	[ -z "${SWEEP_ONLY-}" ] || options+=(-o "$SWEEP_ONLY")
	unshare -nm --propagation private sh -c '
		mount -t tmpfs none /run && mount -t tmpfs none /var/lib &&
		exec "$@"' sh "$o/sweep/sweep" -n "$name" "${options[@]}" \
		"$bin/${name%% *}" "$bin" <<<"$config"
}

# job NUMBER NAME ...: the same, as a whole in $tmp/NUMBER.done
job() {
	local out=$tmp/$1 status
	line "${@:2}" >"$out" 2>&1
	status=$?
	# it may have ended in the middle
	[ "$status" = 0 ] || grep -q '^not ok' "$out" ||
		echo "not ok - $2: exit status $status" >>"$out"
	mv "$out" "$out.done"
}

# --- all of them ----------------------------------------------------------

# report: shows what is done since it was last asked
report() {
	local f
	for f in "$tmp"/*.done; do
		[ -f "$f" ] || continue
		grep -v '^# sum ' "$f"
		cat "$f" >>"$tmp/all"
		rm "$f"
	done
}

# total: what was injected, in lines that tests/run.sh shows
total() {
	awk -v seconds="$SECONDS" '
	$1 == "#" && $2 == "sum" {
		plugin[$3]
		faults[$3] += $4; add[$3] += $5; del[$3] += $6; gc[$3] += $7
		f += $4; k += $5 + $6 + $7
	}
	END {
		for (p in plugin)
			printf "# note: %s: %d faults, and kills: %d of " \
				"ADD, %d of DEL, %d of GC\n", p, faults[p],
				add[p], del[p], gc[p]
		printf "# note: faults injected: %d, kills: %d, in %d s\n", \
			f, k, seconds
	}' "$tmp/all"
}

[ "$(id -u)" = 0 ] || { echo "sweep: needs root" >&2; exit 2; }
[ -x "$o/sweep/sweep" ] || { echo "sweep: there is no $o/sweep/sweep" >&2; exit 2; }
tmp=$(mktemp -d "${TMPDIR:-/tmp}/cnic-sweep.XXXXXX")
pids=()
stop() {
	[ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null
	exit 1
}
trap 'rm -rf "$tmp"' EXIT
trap stop INT TERM

number=0 running=0
: >"$tmp/all"
while IFS='|' read -r name data edit options build needs; do
	name=$(xargs <<<"$name")
	[ -n "$name" ] || continue
	if [ $# -gt 0 ]; then
		wanted=
		for n; do [ "$n" != "$name" ] || wanted=1; done
		[ -n "$wanted" ] || continue
	fi
	if [ $running -ge "${JOBS:-4}" ]; then
		wait -n
		running=$((running - 1))
		report
	fi
	number=$((number + 1)) running=$((running + 1))
	job $number "$name" "$(xargs <<<"$data")" "${edit//$'\x01'/|}" \
		"$options" "$(xargs <<<"$build")" "$(xargs <<<"$needs")" &
	pids+=($!)
done <<<"${table//\\|/$'\x01'}"
[ $number -gt 0 ] || { echo "sweep: there is no such line" >&2; exit 2; }
wait
report
total
echo "1..$(grep -cE '^(not )?ok ' "$tmp/all")"
! grep -q '^not ok' "$tmp/all"
