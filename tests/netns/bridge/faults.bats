#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bridge/faults.bats - system calls that fail, answers that get lost,
# plugins that are killed, and others who do something at the same moment
#
# tests/sweep does this to every call; here is what its networks do not have.
# What a network keeps (the bridge, its gateway address, forwarding) is there
# from a first ADD and DEL before the comparison.

load ../helpers

setup() {
	host_up
	needs_tool strace
	# a sanitizer's look for leaks would want to be the tracer itself
	export ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0
	sandbox c1
	C=$(conf dual '.ipMasq = true | .macspoofchk = true |
		.hairpinMode = true')
	add bridge "$C"
	del bridge "$C"
}

# fault CALL WHAT [STRACE-OPTION...] -- CMD...: what strace injects into the
# plugin alone, not into its delegates
fault() {
	local call=$1 what=$2 opts=()
	shift 2
	while [[ $1 != -- ]]; do opts+=("$1"); shift; done
	WRAP=(strace -qq -o "$TMP/faults" -e "trace=$call" "${opts[@]}"
		-e "inject=$call:$what")
	"${@:2}" 2>>"$TMP/noise"
	WRAP=()
}
injected() { grep -q INJECTED "$TMP/faults"; }

@test "a veth whose making was not confirmed is found by its MAC" {
	# after two looks at what is there
	fault recvmsg error=ENOBUFS:when=3 -- add bridge "$C"
	prev=$(with_prev "$C" "$res")
	check bridge "$prev"
	# there already, and the answer that says so gets lost
	before=$(snapshot)
	fault recvmsg error=ENOBUFS:when=1 -- cni ADD bridge "$C"
	is_error 100 'veth'
	same_as "$before"
	check bridge "$prev"
}

@test "an address that forceAddress replaced comes back if an answer is lost" {
	c=$(conf dual '.ipMasq = true | .forceAddress = true')
	in_host ip addr add 172.30.0.1/16 dev br0
	in_host ip addr del 10.9.0.1/24 dev br0
	in_host ip addr add 10.9.0.254/24 dev br0
	before=$(snapshot)
	for n in {1..100}; do
		fault recvmsg "error=ENOBUFS:when=$n" -- cni ADD bridge "$c"
		injected || break
		echo "recvmsg $n: status $status"
		if [[ $status = 0 ]]; then
			del bridge "$c"
			in_host ip addr del 10.9.0.1/24 dev br0
			in_host ip addr add 172.30.0.1/16 dev br0
			in_host ip addr add 10.9.0.254/24 dev br0
		fi
		same_as "$before"
	done
	((n > 4 && n < 100))
	is "$status" 0
}

@test "a process that has trouble to come back to its namespace does" {
	fault setns error=ENOMEM:when=2 -- add bridge "$C"
	injected
	check bridge "$(with_prev "$C" "$res")"
}

# by_go: an attachment as the Go plugins make it
by_go() {
	in_host ip link add veth0badcafe type veth peer name eth0 netns "$c1"
	in_host ip link set veth0badcafe master br0 up
	in_ns c1 ip link set eth0 up
}

@test "a sandbox that cannot be looked into for now is not one that is gone" {
	before=$(snapshot)
	by_go
	for e in EMFILE ENFILE ENOMEM; do
		fault "$OPENS" error=$e -P "$(netns c1)" -- cni DEL bridge "$C"
		injected
		is_error 100 'eth0'
		is "$(links c1)" 'eth0 lo'
	done
	del bridge "$C"
	same_as "$before"
	# of a process that ends at this moment
	fault "$OPENS" error=EACCES -P "$(netns c1)" -- del bridge "$C"
}

@test "an interface of prevResult that cannot be looked at is an error" {
	before=$(snapshot)
	by_go
	prev=$(with_prev "$C" "$(gojq -c --arg mac "$(mac HOST veth0badcafe)" \
		'.interfaces[1] = {name: "veth0badcafe", mac: $mac}' <<<"$res")")
	# eight names it might have here, then that one
	fault sendmsg error=ENOBUFS:when=9 -- cni DEL bridge "$prev" c1 eth0 ''
	injected
	is_error 100 veth0badcafe
	in_host ip link show veth0badcafe
	del bridge "$prev" c1 eth0 ''
	same_as "$before"
}

# --- the firewall ---------------------------------------------------------

@test "a kernel without nf_tables has no rules to remove" {
	c=$(conf l3)
	add bridge "$c"
	del bridge "$c"
	before=$(snapshot)
	# which of its sockets is the first of netfilter's
	for verb in DEL:1 GC:2; do
		add bridge "$c"
		fault socket error=EPROTONOSUPPORT:when=${verb#*:} -- \
			cni ${verb%:*} bridge "$(with_valid "$c")"
		injected
		is "$status" 0
		same_as "$before"
	done
}

@test "an ADD that wants no rules does without nf_tables" {
	c=$(conf dual)
	# netfilter's socket alone is used with sendto
	fault sendto error=EOPNOTSUPP -- add bridge "$c"
	not injected
	is "$errout" ''
	del bridge "$c"
}

@test "a request that nf_tables refuses is no sign that there is none" {
	before=$(snapshot)
	for e in EINVAL EOPNOTSUPP; do
		for n in 2 3; do
			add bridge "$C"
			fault sendto error=$e:when=$n -- cni DEL bridge "$C"
			injected
			is_error 100 'cannot remove'
			is "$(links c1) $(reservations)" 'lo '
			del bridge "$C"
			same_as "$before"
		done
	done
}

@test "STATUS asks for nf_tables only where rules are made" {
	for c in "$(conf l2 '.ipMasq = true')" "$(conf l3)"; do
		fault socket error=EPROTONOSUPPORT -- status bridge "$c"
	done
	for c in "$(conf l3 '.ipMasq = true')" \
		"$(conf l2 '.macspoofchk = true')"; do
		fault socket error=EPROTONOSUPPORT -- cni STATUS bridge "$c"
		is_error 50 nf_tables
	done
}

# --- others at the same time ----------------------------------------------

# at_once CMD...: twice in parallel; then the exit statuses in $status, as
# "0 1", and the result of the one that succeeded in $res
at_once() {
	local pid pids=() st=()
	for _ in 1 2; do
		("$@"; echo "$out" >"$TMP/out.$BASHPID"; exit "$status") 3>&- &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		status=0
		wait "$pid" || status=$?
		st+=("$status")
		[[ $status != 0 ]] || res=$(<"$TMP/out.$pid")
	done
	status=$(printf '%s\n' "${st[@]}" | sort | xargs)
}

@test "of two ADDs of one attachment, one is, and keeps its address" {
	before=$(snapshot)
	for round in {1..15}; do
		at_once cni ADD bridge "$C"
		echo "round $round"
		is "$status" '0 1'
		check bridge "$(with_prev "$C" "$res")"
		is "$(reservations | wc -l) $(veths HOST | wc -w)" '2 1'
		del bridge "$C"
		same_as "$before"
	done
}

@test "an attachment with its second name is found when the first is free" {
	add bridge "$C"
	first=$(host_veth)
	del bridge "$C"
	before=$(snapshot)
	in_host ip link add "$first" type veth peer name other
	in_host ip link set "$first" alias 'not yours'
	add bridge "$C"
	[[ $(host_veth) != "$first" ]]
	in_host ip link del "$first"
	# nothing but the name leads to it
	del bridge "$C" c1 eth0 ''
	same_as "$before"
}

@test "many who find a bridge without MAC give it the same one" {
	PODS=(p1 p2 p3 p4 p5 p6)
	sandbox "${PODS[@]}"
	for round in 1 2 3 4; do
		in_host ip link del br0
		in_host ip link add br0 type bridge
		in_host ip link add t0 type ifb
		in_host ip link set t0 master br0
		in_host ip link del t0
		is "$(mac HOST br0)" 00:00:00:00:00:00
		pids=()
		for pod in "${PODS[@]}"; do
			(add bridge "$(conf l2)" "$pod" && echo "$out" \
				>"$TMP/result.$pod") 3>&- &
			pids+=($!)
		done
		for pid in "${pids[@]}"; do wait "$pid"; done
		is "$(cat "${PODS[@]/#/$TMP/result.}" |
			gojq -r '.interfaces[0].mac' | sort -u)" \
			"$(mac HOST br0)"
		# nobody knows who chose it
		is "$(mac HOST br0)" "${first:=$(mac HOST br0)}"
		for pod in "${PODS[@]}"; do del bridge "$(conf l2)" "$pod"; done
	done
}

@test "somebody deletes the bridge again and again" {
	c=$(conf l3)
	bg HOST sh -c 'while :; do ip link del br0; done 2>/dev/null'
	for round in {1..15}; do
		cni ADD bridge "$c"
		if [[ $status != 0 ]]; then
			is_error '11|100' 'br(idge|0)'
			is "$(links c1) $(veths HOST) $(reservations)" 'lo  '
		fi
		del bridge "$c"
		is "$(links c1) $(veths HOST) $(reservations)" 'lo  '
	done
}
