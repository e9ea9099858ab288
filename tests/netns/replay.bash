# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# replay.bash - the calls that a runtime made, made again: tests/data/calls has
# them, a line each, in order, with their standard input, and what they came to
# with the Go plugins. Those of an IPAM plugin are not among them, since here it
# is asked by its caller.
#
# What a recording cannot have is put in: the sandbox in the place of the
# recorded one, and the result of this ADD in that of the recorded prevResult.
# Knobs, besides those of helpers.bash:
#   CHAIN=<plugins>  makes those calls only (default: all)

load helpers

CALLS=$DATA/calls
CHAIN=${CHAIN:-bridge portmap firewall tuning loopback macvlan}

setup() {
	host_up
	out_up
	# host-local's own folder: the configurations of runtimes name none
	STORE=/proc/$HOST/root/var/lib/cni/networks
	mkdir -p "$STORE" "$TMP/results"
	declare -gA SANDBOXES=()
}

teardown() {
	in_host rm -rf /var/lib/cni
	all_down
}

in_chain() { [[ " $CHAIN " = *" $1 "* ]]; }

# sandbox_at PATH: the sandbox that is the recorded one at PATH, made at the
# first call; its name in $in, and where it is here in $at. A path of a process
# is another one here, a mount is made.
sandbox_at() {
	in=${SANDBOXES[$1]-}
	if [[ -z $in ]]; then
		in=s$((${#SANDBOXES[@]} + 1))
		SANDBOXES[$1]=$in
		sandbox "$in"
		if [[ $1 != /proc/* ]]; then
			in_host mkdir -p "${1%/*}"
			in_host touch "$1"
			in_host mount --bind "$(netns "$in")" "$1"
		fi
	fi
	at=$1
	[[ $1 != /proc/* ]] || at=$(netns "$in")
}

# end_sandboxes: their containers have ended
end_sandboxes() {
	local path
	for path in "${!SANDBOXES[@]}"; do
		if [[ $path != /proc/* ]]; then
			in_host umount "$path"
			in_host rm "$path"
		fi
		drop "${SANDBOXES[$path]}"
	done
	SANDBOXES=()
}

# same_form RESULT: $out has the members of RESULT and no others, each of the
# same type
same_form() {
	gojq -ne --argjson a "$out" --argjson b "$1" '
		def form: [paths(scalars) as $p | [$p, (getpath($p) | type)]];
		($a | form) == ($b | form)' >/dev/null ||
		{ printf 'not of the form of %s:\n%s\n' "$1" "$out"; return 1; }
}

# call PLUGIN VERB ID NETNS IFNAME ARGS STATUS CONF RESULT: as it was recorded
call() {
	local conf=$8 result=$TMP/results/$3.$5 prev='' at='' in=''
	if [[ -n $4 ]]; then
		sandbox_at "$4"
	fi
	if [[ $conf = *'"prevResult"'* && -f $result ]]; then
		prev=$(<"$result")
		conf=$(with_prev "$conf" "$prev")
	fi
	CNI_ARGS=$6 cni "$2" "$1" "$conf" "$3" "$5" "$at"
	if [[ $status != "$7" ]]; then
		show
		return 1
	fi
	if [[ $2 != ADD ]]; then
		silent
		return
	fi
	same_form "$9"
	# a chained plugin, as runtimes configure it, adds nothing of its own
	[[ -z $prev ]] || json ". == $prev" true
	echo "$out" >"$result"
	echo "$in" >"$result.in"
}

# lines FILE [FILTER]: its calls that FILTER selects: two lines each, the first
# with the arguments of call, but the last two
lines() {
	gojq -r "select(${2:-true})"' | ([.plugin, .command, .id, .netns,
		.ifname, .args, .rc] | map(tostring) | join("\u001f")),
		(.stdin | tojson), (.stdout | tojson)' "$CALLS/$1.jsonl"
}

# replay FILE [FILTER]: the calls, one after another. Where a runtime names a
# sandbox no more, it has ended.
replay() {
	local words conf result n=0
	[[ -f $CALLS/$1.jsonl ]] || { echo "no $1"; return 1; }
	while IFS=$'\x1f' read -r -a words; do
		IFS= read -r conf
		IFS= read -r result
		in_chain "${words[0]}" || continue
		[[ -n ${words[3]} || ${words[1]} = STATUS ]] || end_sandboxes
		n=$((n + 1))
		echo "$1: call $n: ${words[*]:0:6}"
		# by itself, so that what fails in it ends the test
		call "${words[@]}" "$conf" "$result"
	done < <(lines "$@")
	[[ $n -gt 0 ]] || { echo "$1: no call"; return 1; }
}

# attached ID IFNAME...: these interfaces reach the router of their network
attached() {
	local id=$1 ifname result gw in n
	shift
	for ifname; do
		result=$TMP/results/$id.$ifname
		in=$(<"$result.in") n=0
		while read -r gw; do
			in_ns "$in" ping -q -c 1 -W 30 -I "$ifname" "$gw"
			n=$((n + 1))
		done < <(gojq -r '.ips[].gateway // empty' "$result")
		[[ $n -gt 0 ]] || { echo "$ifname has no router"; return 1; }
	done
}

# serve NAME PORT: who connects there is told PORT; ask NAME ADDRESS PORT: what
# is told there
serve() {
	bg "$1" socat "TCP-LISTEN:$2,fork,reuseaddr" "SYSTEM:echo $2"
	eventually grep -q "$(printf ':%04X 0\{8\}:0000 0A' "$2")" \
		"/proc/${!1}/net/tcp"
}
ask() { in_ns "$1" socat -u -T 5 "TCP:$2:$3,connect-timeout=5" -; }

# nothing_left: no attachment is, nor anything that piles up: the second of two
# equal rounds leaves the host as the first did
nothing_left() {
	is "$(veths HOST)" up0 'veths'
	is "$(reservations)" '' 'reservations'
	is "$(elements)" '' 'elements'
	is "$(in_host find /run /var/run -type f)" '' 'files'
	[[ -z ${before-} ]] || same_as "$before"
	before=$(snapshot)
}

# elements: what is in sets and maps of all tables, but for what is a network's
# own: one that is named after it
elements() {
	in_host nft -j list ruleset | gojq -c '.nftables[] |
		(.set // .map // empty) | .elem // empty | .[] |
		select(tostring | test("cni:|default-"))'
}

# configured LIST N RUNTIME: what libcni gives to the Nth plugin of a list:
# those of the runtime's values that it has the capability for
configured() {
	gojq -c --argjson n "$2" --argjson runtime "$3" '
		(.plugins[$n].capabilities // {}) as $can |
		($runtime | with_entries(select($can[.key]))) as $config |
		{cniVersion, name} + .plugins[$n] + if $config == {} then {}
			else {runtimeConfig: $config} end' "$CALLS/$1.conflist"
}

# chain LIST: the plugins of a list that are in CHAIN, as TYPE N, in order
chain() {
	local type n=0
	for type in $(gojq -r '.plugins[].type' "$CALLS/$1.conflist"); do
		! in_chain "$type" || echo "$type $n"
		n=$((n + 1))
	done
}

# list VERB LIST ID [RUNTIME]: the verb of each plugin of a list, as libcni does
# it; DEL is that before an ADD where ID has no sandbox
list() {
	local verb=$1 conf type n order=(cat) at=''
	[[ $1 != DEL ]] || order=(tac)
	[[ " ${HELD[*]} " != *" $3 "* ]] || at=$(netns "$3")
	[[ $verb != ADD ]] || rm -f "$TMP/results/$3"
	while read -r type n; do
		conf=$(configured "$2" "$n" "${4-{\}}")
		[[ ! -f $TMP/results/$3 ]] ||
			conf=$(with_prev "$conf" "$(<"$TMP/results/$3")")
		succeeds cni "$verb" "$type" "$conf" "$3" eth0 "$at"
		if [[ $verb = ADD ]]; then
			echo "$out" >"$TMP/results/$3"
		else
			silent
		fi
	done < <(chain "$2" | "${order[@]}")
}
