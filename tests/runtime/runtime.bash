# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# runtime.bash - the harness of tests/netns, and on it the real clients: where
# their programs are, cnitool, the world outside the host
#
# A test file says `load runtime`. Knobs, besides those of tests/netns:
#   CNIC_CACHE=<folder>  what tools.sh built  (default: ~/.cache/cnic)
# shellcheck disable=SC2034 # variables that only the tests read

load ../netns/helpers

CACHE=${CNIC_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/cnic}
GO=$CACHE/go-plugins # the peer: the Go plugins
CNITOOL=$CACHE/bin/cnitool
CRICTL=$CACHE/bin/crictl
NERDCTL=$CACHE/bin/nerdctl
PROBE=$CACHE/bin/probe # see probe.c

setup_file() {
	local f
	for f in "$CNITOOL" "$CRICTL" "$NERDCTL" "$PROBE" "$GO/bridge" "$GO/host-local" \
		"$GO/loopback" "$GO/static"; do
		[[ -x $f ]] || { echo "no $f: run tests/runtime/tools.sh"
			return 1; }
	done
	for f in bridge host-local loopback static; do
		[[ -x $BIN/$f ]] || { echo "no $BIN/$f: run make"; return 1; }
	done
}

# by_go CMD..., by_us CMD...: the plugins in that call are the Go ones, ours
by_go() { BIN=$GO "$@"; }
by_us() { "$@"; }

# refuses MSG CMD...: either suite's error, whose message matches
refuses() {
	local msg=$1
	shift
	"$@"
	is "$status" 1 "exit status"
	matches "$(gojq -r .msg <<<"$out")" "$msg"
}

# list CONF: the same as a configuration list of that one plugin
list() { gojq '{cniVersion, name, plugins: [del(.cniVersion, .name)]}' <<<"$1"; }

# cnitool VERB NETWORK NAME: then $status, $out, $errout. The configurations
# are those in $TMP/net.d.
cnitool() {
	status=0
	out=$(in_host env "NETCONFPATH=$TMP/net.d" "CNI_PATH=$BIN" \
		"$CNITOOL" "$1" "$2" "$(netns "$3")" 2>"$TMP/stderr") ||
		status=$?
	errout=$(<"$TMP/stderr")
}

# outside: a world beyond the host, 192.0.2.2 and 2001:db8::2 in namespace
# OUT. It knows no way back to a container: only a masqueraded packet is
# answered. (The Go plugins' IPv6 gateways are silent until they have proved
# that they are nobody else's: there is no need for that here.)
outside() {
	hold OUT
	# shellcheck disable=SC2016 # for the inner shell
	in_host sh -c 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad'
	in_host ip link add out type veth peer name host netns "$OUT"
	in_host ip addr add 192.0.2.1/24 dev out
	in_host ip addr add 2001:db8::1/64 dev out nodad
	in_host ip link set out up
	in_ns OUT ip addr add 192.0.2.2/24 dev host
	in_ns OUT ip addr add 2001:db8::2/64 dev host nodad
	in_ns OUT ip link set host up
	# IPv6 waits for the carrier to be noticed
	eventually in_host ping -q -c 1 -W 1 2001:db8::2
	eventually in_host ping -q -c 1 -W 1 192.0.2.2
}

# pings NAME ADDRESS [OPTION...]: an answer comes within a few seconds
pings() {
	local name=$1 to=$2
	shift 2
	in_ns "$name" ping -q -c 1 -W 5 "$@" "$to" >"$TMP/ping" ||
		{ cat "$TMP/ping"; return 1; }
}

# asks WHO ADDRESS PORT [PROTOCOL]: the word of probe that it is answered there
asks() { in_ns "$1" "$PROBE" ask "${4-tcp}" "$2" "$3"; }
# hears WORD WHO ADDRESS PORT [PROTOCOL]; deaf WHO ADDRESS PORT [PROTOCOL]
hears() { eventually is_answer "$@"; }
is_answer() { is "$(asks "${@:2}")" "$1"; }
deaf() { not asks "$@"; }

# unruled TEXT...: no rule and no chain names an address, a container or so.
# iptables-save is asked as well, because nft does not print the comments of
# iptables' rules.
unruled() {
	local all text
	# c1 is a part of many a MAC address, too
	all=$({ in_host nft list ruleset && in_host iptables-save &&
		in_host ip6tables-save; } |
		sed -E 's/([0-9a-f]{2}:){5}[0-9a-f]{2}//g')
	for text; do
		grep -Fw -e "$text" <<<"$all" || continue
		echo "^ $text is still there"
		return 1
	done
}
