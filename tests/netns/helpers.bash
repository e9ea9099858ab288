# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# helpers.bash - the harness: a host and its sandboxes made of bare network
# namespaces, a plugin run inside the host, what it did, what it left behind
#
#   HOST   (net + mount namespace, /run and /var/lib are empty tmpfs)
#     |-- $BIN/<plugin> runs here, CNI_NETNS=/proc/$c1/ns/net
#   c1, c2, ...  (net + mount namespaces: the containers)
#
# A test file says `load helpers`, which gives it setup and teardown. Knobs:
#   BIN=<folder>   plugins under test        (default: <repository>/build/bin)
#   O=<folder>     where this was built      (default: build)
#   CNI_PATH=...   before a single call      (default: $BIN)
#   CNI_ARGS=...   before a single call
#   MUST_RUN=1     a skip is a failure, unless the kernel lacks an option

TESTS=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)
DATA=$TESTS/data
BIN=$(realpath -m "${BIN:-$TESTS/../build/bin}")
export LC_ALL=C.UTF-8

# what `make test-tools` builds, because it is started thousands of times
TOOLS=${O:-build}/tests
[[ $TOOLS = /* ]] || TOOLS=${TESTS%/*}/$TOOLS
for tool in netns/enter netns/hold netns/left snapshot/snapshot; do
	[[ -x $TOOLS/$tool ]] && continue
	echo "no $TOOLS/$tool: run make test-tools" >&2
	exit 1
done

# how namespaces are entered, and by what those who make them are started; for
# a root who is none, more than this
ENTER=(-n -m)
UNSHARE=()

# --- namespaces -----------------------------------------------------------

# hold NAME [up]: a process in fresh net and mount namespaces, its pid in $NAME;
# up is for lo. It is started by a descriptor: who is somebody else by then may
# not look into the folder where it is.
hold() {
	local _
	[[ $1 =~ ^[a-zA-Z_][a-zA-Z0-9_]*$ ]] || {
		echo "no variable can be called: $1"
		return 1
	}
	[[ " ${HELD[*]} " != *" $1 "* ]] || { echo "there is a $1"; return 1; }
	"${UNSHARE[@]}" /proc/self/fd/9 "${@:2}" 9<"$TOOLS/netns/hold" \
		</dev/null >"$TMP/ready" 2>"$TMP/hold.$1" 3>&- &
	printf -v "$1" %s $!
	HELD+=("$1")
	read -r -t 60 _ <>"$TMP/ready" || { cat "$TMP/hold.$1"; return 1; }
}

# sandbox NAME...: containers; `add bridge CONF NAME` attaches one
sandbox() {
	local name
	for name; do hold "$name"; done
}

# drop NAME: ends a sandbox and its namespaces, as a runtime may before DEL
drop() {
	kill "${!1}"
	wait "${!1}" 2>/dev/null || :
	local h=() name
	for name in "${HELD[@]}"; do
		[[ $name = "$1" ]] || h+=("$name")
	done
	HELD=("${h[@]}")
}

netns() { echo "/proc/${!1}/ns/net"; }

in_ns() {
	local pid=${!1}
	shift
	"$TOOLS/netns/enter" -t "$pid" "${ENTER[@]}" "$@"
}
in_host() { in_ns HOST "$@"; }

# bg NAME CMD...: runs CMD inside NAME until teardown or `kill $!`
bg() {
	local pid=${!1}
	shift
	"$TOOLS/netns/enter" -t "$pid" "${ENTER[@]}" "$@" </dev/null 3>&- &
	JOBS+=($!)
}

# --- setup and teardown ---------------------------------------------------

# bats looks at each command before it is run, to name its line should it fail.
# That takes 0.14 ms, and is done for lines of the test's own file only; a test
# that fails in a function of another one is told by the line that called it.
only_tests_traced() {
	# shellcheck disable=SC2128 # the first one is wanted
	trap '[[ $BASH_SOURCE != "$BATS_TEST_SOURCE" ]] ||
		bats_debug_trap "$BASH_SOURCE"' DEBUG
}

HELD=()
host_up() {
	((${#HELD[@]} == 0)) || { echo "there is a host"; return 1; }
	only_tests_traced
	TMP=${TMPDIR:-/tmp}/cnic.$SRANDOM
	STORE=$TMP/store
	JOBS=() WRAP=()
	ROOT_LINKS=(/sys/class/net/*)
	unset "${!CNI_@}"
	mkdir -m 700 "$TMP"
	mkdir "$STORE"
	mkfifo "$TMP/ready"
	hold HOST up
}

# Ends every process this test started, and fails if anything was left: a
# process in one of the namespaces, a file outside $TMP, a link of our own. A
# process has LEFT_WAIT seconds to end, 10 if that is not set.
all_down() {
	local p name held=() r=0 running links
	# of one that has ended, somebody else may have the number by now
	[[ ${#JOBS[@]} = 0 ]] || running=$(jobs -pr)
	for p in "${JOBS[@]}"; do
		[[ $'\n'$running$'\n' != *$'\n'"$p"$'\n'* ]] ||
			kill "$p" 2>/dev/null || :
		wait "$p" 2>/dev/null || :
	done
	for name in "${HELD[@]}"; do held+=("${!name}"); done
	"$TOOLS/netns/left" "${LEFT_WAIT-10}" "${held[@]}" || r=1
	for p in "${held[@]}"; do
		kill "$p"
		wait "$p" 2>/dev/null || :
	done
	links=(/sys/class/net/*)
	[[ ${ROOT_LINKS[*]} = "${links[*]}" ]] ||
		{ echo "links of the machine changed"; r=1; }
	rm -rf "$TMP"
	HELD=()
	return $r
}

setup() { host_up; }
teardown() { all_down; }

# --- running a plugin -----------------------------------------------------

# plugin NAME [VAR=VALUE...] <CONF: runs it in HOST with that environment;
# then $status, $out (its stdout), $errout (its stderr). WRAP is a command to
# run it with, such as WRAP=(strace -o FILE).
plugin() {
	local name=$1 o=$TMP/stdout.$BASHPID e=$TMP/stderr.$BASHPID
	shift
	status=0
	"$TOOLS/netns/enter" -d 300 -t "$HOST" "${ENTER[@]}" "$@" \
		"${WRAP[@]}" "$BIN/$name" \
		>"$o" 2>"$e" 3>&- || status=$?
	{ out=$(<"$o"); } 2>/dev/null # where bash says that it left out NULs
	errout=$(<"$e")
	stdout=$o # as it came, newline at the end or not
}

# trace CALLS: from now on strace writes these system calls to $TMP/trace
trace() {
	needs_tool strace
	# a sanitizer's look for leaks would want to be the tracer itself
	export ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0
	WRAP=(strace -f -qq -o "$TMP/trace" -e "trace=$1")
}

# cni VERB PLUGIN CONF [ID [IFNAME [NETNS]]]: CONF is JSON or a file. ID is c1
# and IFNAME eth0 if not given; NETNS is that of the sandbox called ID, or a
# path where nothing is.
cni() {
	local verb=$1 name=$2 conf=$3 id=${4-c1} ns=$TMP/none
	[[ " ${HELD[*]} " != *" $id "* ]] || ns=/proc/${!id}/ns/net
	[[ -f $conf ]] || { echo "$conf" >"$TMP/conf.$BASHPID"
		conf=$TMP/conf.$BASHPID; }
	plugin "$name" "CNI_COMMAND=$verb" "CNI_CONTAINERID=$id" \
		"CNI_NETNS=${6-$ns}" "CNI_IFNAME=${5-eth0}" \
		"CNI_ARGS=${CNI_ARGS-}" "CNI_PATH=${CNI_PATH-$BIN}" <"$conf"
}

# The same, and the test fails if the plugin does. $res: result of the last add
add() { succeeds cni ADD "$@" && res=$out; }
del() { succeeds cni DEL "$@" && silent; }
check() { succeeds cni CHECK "$@" && silent; }
gc() { succeeds cni GC "$@" && silent; }
status() { succeeds cni STATUS "$@" && silent; }

show() {
	printf 'exit status %s\nstdout: %s\nstderr: %s\n' \
		"$status" "$out" "$errout"
}
succeeds() { "$@" && { [[ $status = 0 ]] || { show; return 1; }; }; }
silent() { [[ -z $out ]] || { show; return 1; }; }

# fails CODE MSG cni VERB ...: exit status 1 and exactly one JSON object on
# stdout, the error, with a code and "msg; details" that match these EREs
fails() {
	local code=$1 msg=$2
	shift 2
	"$@"
	is_error "$code" "$msg"
}
is_error() {
	[[ $status = 1 ]] && gojq -es --arg code "^($1)\$" --arg msg "$2" '
		length == 1 and (.[0] |
			(.cniVersion | type) == "string" and
			(.code | type) == "number" and
			(.code | tostring | test($code)) and
			(.msg | type) == "string" and .msg != "" and
			(.msg + "; " + (.details // "") | test("(?is)" + $msg)))' \
		<"$stdout" >/dev/null && return
	echo "expected an error with code $1 that matches: $2"
	show
	return 1
}

# --- configurations and results -------------------------------------------

# conf NAME [EDIT]: tests/data/NAME.json after a jq EDIT, on this test's store
conf() {
	gojq -c --arg store "$STORE" 'if .ipam.type == "host-local"
		then .ipam.dataDir = $store else . end | '"${2:-.}" \
		"$DATA/$1.json"
}

# with_prev CONF RESULT: the configuration a runtime sends after that ADD
with_prev() { gojq -c --argjson prev "$2" '.prevResult = $prev' <<<"$1"; }

# with_valid CONF [ID [IFNAME]]...: for GC; IFNAME must be given if ID is
with_valid() {
	local c=$1
	shift
	gojq -c '."cni.dev/valid-attachments" = [$ARGS.positional as $a |
		range(0; $a | length; 2) |
		{containerID: $a[.], ifname: $a[. + 1]}]' --args "$@" <<<"$c"
}

# json FILTER VALUE [TEXT]: jq FILTER on TEXT (default $out) prints VALUE
json() {
	local got
	got=$(gojq -rc "$1" <<<"${3-$out}") || { echo "$1 on ${3-$out}"; return 1; }
	is "$got" "$2" "$1"
}
is() {
	[[ $1 = "$2" ]] && return
	printf '%s is: %s\nexpected: %s\n' "${3:-it}" "$1" "$2"
	return 1
}
matches() {
	[[ $1 =~ $2 ]] && return
	printf '%s\ndoes not match: %s\n' "$1" "$2"
	return 1
}

# not CMD...: fails the test if CMD succeeds (a bare ! does not)
not() {
	if "$@"; then echo "succeeded: $*"; return 1; fi
}

# out_up: a world beyond the host's link up0, in OUT: 203.0.113.2 there and
# 203.0.113.1 here, 2001:db8::2 and ::1. It knows no way back to a container.
out_up() {
	sandbox OUT
	in_host ip link add up0 type veth peer name eth0 netns "$OUT"
	in_host ip addr add 203.0.113.1/24 dev up0
	in_host ip addr add 2001:db8::1/64 dev up0 nodad
	in_host ip link set up0 up
	in_ns OUT ip addr add 203.0.113.2/24 dev eth0
	in_ns OUT ip addr add 2001:db8::2/64 dev eth0 nodad
	in_ns OUT ip link set eth0 up
}

# reaches NAME ADDRESS: the first packet is answered, at once or late; misses:
# none comes back
reaches() { in_ns "$1" ping -c 1 -W 30 "$2"; }
misses() { not in_ns "$1" ping -c 1 -W 1 "$2"; }

# link_local NAME [LINK]: the kernel has given its eth0, or LINK, a link-local
# address, which it does in its own time
link_local() {
	in_ns "$1" ip -6 addr show dev "${2-eth0}" scope link -tentative |
		grep -F fe80::
}

# eventually CMD...: for what happens in the kernel's or a daemon's own time.
# The end, after 30 s, is for what never happens; a slow machine has some tries
# at least.
eventually() {
	local n end=$((SECONDS + 30))
	for ((n = 0; n < 20 || SECONDS < end; n++)); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.05
	done
	"$@"
}

# boot_id N: from here on HOST reads its N-th boot ID
boot_id() {
	echo "00000000-0000-4000-8000-00000000000$1" >"$TMP/boot_id"
	in_host mount --bind "$TMP/boot_id" /proc/sys/kernel/random/boot_id
}

# new_boot N NETWORK: from here on HOST is in its N-th boot, and by the network's
# store the kernel of the one before was up for longer than the one that runs
new_boot() {
	local v boot up what stamp=$STORE/$2/.cnic/stamp
	boot_id "$1"
	[[ -L $stamp ]] || return 0
	IFS=/ read -r v boot up what <<<"$(readlink "$stamp")"
	ln -sfn "$v/$boot/$((up + 1000000000))/$what" "$stamp"
}

# advertise NAME LINK: a router advertisement with prefix 2001:db8:bad::/64
advertise() {
	printf '\x86\0\0\0\x40\0\x07\x08\0\0\0\0\0\0\0\0\x03\x04\x40\xc0\0\0\x07\x08\0\0\x07\x08\0\0\0\0\x20\x01\x0d\xb8\x0b\xad\0\0\0\0\0\0\0\0\0\0' |
		in_ns "$1" socat -u - "IP6-SENDTO:[ff02::1%$2]:58,setsockopt-int=41:18:255"
}
# advertised NAME: whether anything of it arrived there
advertised() {
	in_ns "$1" ip -6 -o addr | grep 2001:db8:bad
}

# address [4|6]: the first such address, without prefix, in result $res
address() {
	gojq -r --arg f "${1:-4}" '[.ips[].address | split("/")[0] |
		select(contains(":") == ($f == "6"))][0]' <<<"$res"
}
# host_veth: name of the host's end in result $res
host_veth() {
	gojq -r '[.interfaces[] | select(.sandbox == null and
		(.name | startswith("veth")))][0].name' <<<"$res"
}

# --- what is there --------------------------------------------------------

# snapshot: all that a plugin could leave, a line each: host, sandboxes and
# store, without counters, timers, indexes and what the kernel derives from
# the rest in its own time; tests/snapshot/snapshot.h says what that is
snapshot() {
	local name inside=()
	for name in "${HELD[@]}"; do inside+=("$name=${!name}"); done
	"$TOOLS/snapshot/snapshot" -s "$STORE" "${inside[@]}"
}

# reservations: every address of the store: NETWORK/ADDRESS ID IFNAME
reservations() {
	local all
	all=$("$TOOLS/snapshot/snapshot" -s "$STORE") || { echo "no snapshot"; return 1; }
	sed -n 's/^store: //p' <<<"$all"
}

# same_as SNAPSHOT: everything is as it was then
same_as() {
	local now
	now=$(snapshot)
	[[ $now = "$1" ]] && return
	diff -U0 --label before --label after <(echo "$1") <(echo "$now") |
		head -n 60
	return 1
}

# links NAME / veths NAME: names of its links, of its veths
links() { in_ns "$1" ip -j link | gojq -r '[.[].ifname] | sort | join(" ")'; }
veths() {
	in_ns "$1" ip -j link show type veth | gojq -r '[.[].ifname] | join(" ")'
}

# mac NAME LINK
mac() { in_ns "$1" ip -j link show "$2" | gojq -r '.[0].address'; }

# rules: the rules of every table, one a line
rules() { in_host nft -j list ruleset | gojq -c '.nftables[].rule // empty'; }

# masq_pods: whose addresses are masqueraded: INTERFACE ADDRESS COMMENT
masq_pods() {
	in_host nft -j list ruleset | gojq -r '.nftables[].map // empty |
		select(.table == "cni_masq" and (.name | startswith("pods"))) |
		.elem // [] | .[][0].elem | "\(.val.concat | join(" ")) \(.comment)"'
}

# --- what the machine lacks -----------------------------------------------

# needs_kernel CONFIG_X PROBE: PROBE is a shell command, tried in a namespace
needs_kernel() {
	in_host sh -ec "$2" >/dev/null 2>&1 ||
		skip "needs $1 (the running kernel has it not)"
}

needs_tool() {
	local t
	for t; do
		command -v "$t" >/dev/null && continue
		[[ -z ${MUST_RUN-} ]] || { echo "needs $t"; return 1; }
		skip "needs $t"
	done
}

# the calls that open a file by its name, for strace: a C library has one of them
# shellcheck disable=SC2034
OPENS='/^open(at)?$'
