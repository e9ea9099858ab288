# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# host-local.bash - what the tests of host-local share: a configuration made
# of ranges, calls without a sandbox, the files of the store

NET=net

# pool RANGES [EDIT]: a configuration with these ranges after a jq EDIT
pool() {
	gojq -nc --arg store "$STORE" --argjson ranges "$1" '{cniVersion: "1.1.0",
		name: "net", type: "bridge", ipam: {type: "host-local",
		dataDir: $store, ranges: $ranges}} | '"${2:-.}"
}

# ipam VERB CONF [ID [IFNAME]]: as a main plugin would call it
ipam() {
	cni "$1" host-local "$2" "${3-c1}" "${4-eth0}" /proc/none/ns/net
}
take() { succeeds ipam ADD "$@" && res=$out; }
free() { succeeds ipam DEL "$@" && silent; }
holds() { succeeds ipam CHECK "$@" && silent; }
ready() { succeeds ipam STATUS "$@" && silent; }
collect() { succeeds ipam GC "$@" && silent; }

# refuses CODE MSG VERB CONF [ID [IFNAME]]
refuses() { fails "$1" "$2" ipam "${@:3}"; }

# addresses: of result $res, in a line
addresses() { gojq -r '[.ips[].address] | join(" ")' <<<"$res"; }

# given ADDRESSES CONF [ID [IFNAME]]: ADD gives just these
given() {
	take "${@:2}"
	is "$(addresses)" "$1"
}

# write NAME TEXT: as the reference plugin does, TEXT for printf
write() {
	mkdir -p "$STORE/$NET"
	# shellcheck disable=SC2059 # it has the \r\n in it
	printf "$2" >"$STORE/$NET/$1"
}

# taken: the names of the reservations, in a line
taken() {
	(cd "$STORE/$NET" && find . -maxdepth 1 -name '*[.:]*[0-9a-f:]' \
		! -name 'last_reserved_ip.*' ! -name .cnic -printf '%P\n' | sort -V | xargs)
}

# entries: how many reservations the index knows
entries() { find "$STORE/$NET/.cnic" -name '*.*' -type l -lname '*[.:]*/*' | wc -l; }

# all_of CONF N: exactly N addresses can be had, and are given back
all_of() {
	local i n=0
	for ((i = 1; i <= $2 + 1; i++)); do
		ipam ADD "$1" "all$i"
		[[ $status = 0 ]] || break
		n=$i
	done
	is_error 101 'no IP addresses available'
	is "$n" "$2" "addresses to be had"
	for ((i = 1; i <= n; i++)); do free "$1" "all$i"; done
}

# plain [COMMAND...] -- VERB CONF [ID]: the same call, run by a command and
# without HOST, for those who make many or trace them
plain() {
	local by=() o=$TMP/stdout.$BASHPID e=$TMP/stderr.$BASHPID
	while [[ $1 != -- ]]; do by+=("$1"); shift; done
	status=0
	env CNI_COMMAND="$2" CNI_CONTAINERID="${4-c1}" CNI_IFNAME=eth0 \
		CNI_NETNS=/proc/none/ns/net CNI_PATH="$BIN" CNI_ARGS= \
		"${by[@]}" "$BIN/host-local" <<<"$3" >"$o" 2>"$e" ||
		status=$?
	out=$(<"$o") errout=$(<"$e") stdout=$o
}

# traced OPTION... -- VERB CONF [ID]: under strace; the trace is $TMP/trace
traced() {
	# the leak sanitizer cannot work under it
	plain strace -qq -o "$TMP/trace" -E ASAN_OPTIONS=detect_leaks=0 "$@"
}

# hold_lock FILE: another process has a store's lock, until `kill $!`
hold_lock() {
	needs_tool flock
	# it becomes the sleep, so that it is one process, which has the lock
	flock --no-fork "$1" sleep infinity </dev/null 3>&- &
	JOBS+=($!)
	eventually grep -q "FLOCK .* $! .*:$(stat -c %i "$1") " /proc/locks
}
