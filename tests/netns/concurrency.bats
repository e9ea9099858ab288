#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# concurrency.bats - many at once: nobody fails, nobody gets what somebody
# else has, nothing is left

load helpers

N=50

setup() {
	host_up
	PODS=()
	for ((i = 1; i <= N; i++)); do
		sandbox "p$i"
		PODS+=("p$i")
	done
}

# all VERB CONF...: VERB for every pod at once, with the CONFs in turn. Results
# are in $TMP/result.<pod>; pods that failed are listed, and fail the test.
all() {
	local verb=$1 pod pid pids=() r=0 confs=("${@:2}")
	for pod in "${PODS[@]}"; do
		(
			cni "$verb" bridge "${confs[${pod#p} % ${#confs[@]}]}" "$pod"
			echo "$out" >"$TMP/result.$pod"
			[[ $status = 0 ]] || { echo "$verb $pod"; show; exit 1; }
		) 3>&- &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid" || r=1; done
	return $r
}

results() { cat "${PODS[@]/#/$TMP/result.}"; }

# check every pod against its result
all_checked() {
	local pod
	for pod in "${PODS[@]}"; do
		check bridge "$(with_prev "$1" "$(<"$TMP/result.$pod")")" "$pod"
	done
}

@test "fifty first ADDs at once, then fifty DELs, on a fresh host" {
	conf dual '.ipMasq = true | .macspoofchk = true' >"$TMP/conf"
	all ADD "$TMP/conf"
	is "$(results | gojq -r '.ips[].address' | sort -u | wc -l)" $((2 * N))
	is "$(results | gojq -r '.interfaces[0].mac' | sort -u)" \
		"$(mac HOST br0)"
	is "$(results | gojq -r '.interfaces[1].name' | sort -u | wc -l)" $N
	is "$(reservations | wc -l)" $((2 * N))
	is "$(masq_pods | wc -l)" $((2 * N))
	reaches p1 10.9.0.1
	reaches "p$N" fd09::1
	PODS=(p{5..50..5})
	all_checked "$(<"$TMP/conf")"

	mac=$(mac HOST br0)
	PODS=(p{1..50})
	all DEL "$TMP/conf"
	is "$(veths HOST)" ''
	is "$(reservations)" ''
	is "$(rules)" ''
	is "$(mac HOST br0)" "$mac"
	for pod in "${PODS[@]}"; do is "$(links "$pod")" lo; done
}

@test "two networks that share a bridge, ADD and DEL mixed" {
	conf l3 '.ipMasq = true' >"$TMP/one"
	conf l3 '.ipMasq = true | .name = "other" |
		.ipam.ranges[0][0].subnet = "10.10.0.0/24"' >"$TMP/two"
	for round in 1 2; do
		all ADD "$TMP/one" "$TMP/two"
		is "$(results | gojq -r '.ips[].address' | sort -u | wc -l)" $N
		# those of one network go while those of the other come anew
		PODS=(p{1..50..2})
		all DEL "$TMP/one" "$TMP/two"
		all ADD "$TMP/one" "$TMP/two" & pid=$!
		PODS=(p{2..50..2})
		all DEL "$TMP/one" "$TMP/two"
		wait "$pid"
		is "$(reservations | wc -l) $(veths HOST | wc -w)" '25 25'
		PODS=(p{1..50..2})
		all DEL "$TMP/one" "$TMP/two"
		PODS=(p{1..50})
		is "$(veths HOST)$(reservations)" ''
		is "$(rules)" ''
	done
}

@test "ADD, DEL and ADD of the same pods at once end in one state" {
	PODS=(p{1..10})
	conf l3 >"$TMP/conf"
	for round in 1 2 3; do
		all ADD "$TMP/conf"
		all DEL "$TMP/conf" & pid=$!
		all DEL "$TMP/conf"
		wait $pid
		is "$(veths HOST)$(reservations)" ''
	done
}

@test "a pool of as many addresses as pods is enough" {
	PODS=(p{1..29})
	conf l3 '.ipam.ranges[0][0].subnet = "10.9.0.0/27"' >"$TMP/conf"
	all ADD "$TMP/conf"
	is "$(results | gojq -r '.ips[].address' | sort -u | wc -l)" 29
	fails 101 . cni ADD bridge "$TMP/conf" p30
	all DEL "$TMP/conf"
	add bridge "$TMP/conf" p30
}

@test "links that come and go elsewhere disturb nobody" {
	PODS=(p{1..10})
	conf dual '.ipMasq = true' >"$TMP/conf"
	bg HOST bash -c 'while ip link add x1 type veth peer name x2 &&
		ip link del x1; do :; done'
	churn=$!
	for round in 1 2 3; do
		all ADD "$TMP/conf"
		all_checked "$(<"$TMP/conf")"
		all DEL "$TMP/conf"
	done
	kill -0 $churn
}
