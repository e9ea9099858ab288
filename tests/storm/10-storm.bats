#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# 10-storm.bats - hundreds of calls at once, while links and executables
# change: nobody fails, nobody gets what somebody else has, nothing is left

#
#   STORM_SECONDS=30       how long everything goes on at once; GC at any time
#                          does so for two thirds of that
#   STORM_LOCK_SECONDS=60  how long new calls come for a lock that is held; those
#                          of one time take ten seconds

load ../netns/helpers
load ../netns/host-local/host-local
load storm
: "${STORM_SECONDS:=30}" "${STORM_LOCK_SECONDS:=60}"

setup() { storm_up; }
teardown() { storm_down; }
teardown_file() { tell; }

@test "200 ADDs at once, 200 DELs, and everything at once for a while" {
	beside links churn
	beside installs install_plugins
	storm all ADD 200 0
	is "$(reservations | wc -l)" 400
	no_rule_twice
	storm all CHECK 50 0
	storm all DEL 200 0
	is "$(reservations)" ''
	storm mix "$STORM_SECONDS" 32
	no_rule_twice
	everywhere CHECK 50
	calm
	everywhere DEL 200
	no_attachment
	as_on_a_calm_host
}

@test "GC at any time takes what its list has not, and nothing else" {
	beside links churn
	storm crowd $((STORM_SECONDS * 2 / 3)) 32
	no_rule_twice
	calm
	everywhere CHECK 50
	everywhere DEL 200
	no_attachment
	as_on_a_calm_host
}

# flush_masquerade: for 'beside'
flush_masquerade() {
	in_host nft flush ruleset
	sleep 0.05
}

@test "rules that somebody flushes again and again are made again, once" {
	beside flushes flush_masquerade
	for round in 1 2 3; do
		storm all ADD 200 1
		storm all ADD 200 2
		[[ $round != 3 ]] || calm
		storm all DEL 200 1
		storm all DEL 200 2
	done
	storm all ADD 200 1
	storm all ADD 200 2
	no_rule_twice
	everywhere CHECK 50
	everywhere DEL 200
	no_attachment
}

# call VERB NAME POD [EDIT]: of container NAME and number, interface NAME, in
# the second network
call() {
	cni "$1" "$PLUGIN" "$(gojq -c "${4-.}" <<<"$MORE")" "$2$3" "$2" \
		"/run/storm/ns/$3"
}

# every VERB NAME JUDGE...: call for pods 0 to 19 at once, judged by JUDGE
every() {
	local verb=$1 name=$2 i pid pids=() r=0 stdout=
	shift 2
	for i in {0..19}; do
		("$@" call "$verb" "$name" "$i" || exit 1
			[[ $verb != ADD ]] || cp "$stdout" "$TMP/result.$name$i") 3>&- &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid" || r=1; done
	return $r
}

@test "the store's lock is held for long: error 11 with the holder's name" {
	local waves
	read -r PLUGIN _ MORE < <(sed -n 2p "$FOLDER/networks")
	lock=$STORE/$(gojq -r .name <<<"$MORE")/lock
	every ADD stays succeeds
	every ADD goes succeeds
	before=$(reservations)
	hold_lock "$lock"
	holder=$!
	told="$lock has been held for 10 seconds by pid $holder \(sleep\), try again later"
	SECONDS=0
	for ((waves = 0; waves == 0 || SECONDS < STORM_LOCK_SECONDS; waves++)); do
		every ADD comes fails 11 "$told" & adding=$!
		every DEL goes fails 11 "$told" & deleting=$!
		# shellcheck disable=SC2016 # for jq
		fails 11 "$told" call GC none 0 \
			'."cni.dev/valid-attachments" = [range(20) as $i |
			("stays", "goes", "comes") |
			{containerID: "\(.)\($i)", ifname: .}]'
		wait $adding
		wait $deleting
		is "$(reservations)" "$before"
		# who only looks has not to wait
		prev=$(<"$TMP/result.stays7")
		succeeds call CHECK stays 7 ".prevResult = $prev"
		succeeds call STATUS none 0
	done
	kill -0 $holder
	kill $holder
	counted calls-refused-for-the-lock $((41 * waves))
	every DEL goes succeeds
	is "$(reservations | grep -vc stays) $(veths HOST | wc -w)" '0 20'
	every ADD comes succeeds
	every DEL comes succeeds
	every DEL stays succeeds
	no_attachment
}
