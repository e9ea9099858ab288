#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# harness.bats - the harness sees what it is there to see: a snapshot that
# missed something would let every test of "nothing is left" pass

load helpers

# sees TEXT CMD...: the snapshot after CMD has a new line that matches TEXT
sees() {
	local before diff
	before=$(snapshot)
	"${@:2}"
	diff=$(same_as "$before" || :)
	grep -E "^\+.*$1" <<<"$diff"
}

@test "a snapshot sees links, their state and their owners" {
	sandbox c1
	same_as "$(snapshot)"
	sees 'c1 link:.*ifb7' in_ns c1 ip link add ifb7 type ifb
	in_host ip link add br0 type bridge
	in_host ip link add v0 type veth peer name v1
	sees 'HOST link:.*v0.*br0' in_host ip link set v0 master br0
	sees 'link:.*"UP"' in_host ip link set v0 up
	sees 'link:.*cni:net:c1' in_host ip link set v0 alias cni:net:c1
	sees 'link:.*1400' in_host ip link set v0 mtu 1400
	sees 'link:.*02:00:00' in_host ip link set v0 address 02:00:00:00:00:01
	sees 'link:.*PROMISC' in_host ip link set br0 promisc on
	sees 'hairpin":true' in_host bridge link set dev v0 hairpin on
	sees 'isolated":true' in_host bridge link set dev v0 isolated on
	sees 'group":"7' in_host ip link set v0 group 7
}

@test "a snapshot sees addresses, routes, rules and neighbours" {
	sandbox c1
	in_ns c1 ip link add eth0 type ifb
	in_ns c1 ip link set eth0 up
	sees 'addr:.*10.9.0.2' in_ns c1 ip addr add 10.9.0.2/24 dev eth0
	sees 'addr:.*fd09::2' in_ns c1 ip addr add fd09::2/64 dev eth0
	sees 'route:.*192.0.2' in_ns c1 ip route add 192.0.2.0/24 via 10.9.0.1
	sees 'route:.*"100"' in_ns c1 ip -6 route add 2001:db8::/32 dev eth0 \
		table 100
	sees 'rule:.*"100"' in_ns c1 ip rule add from 10.9.0.2 table 100
	sees 'neigh:.*10.9.0.9' in_ns c1 ip neigh add 10.9.0.9 dev eth0 \
		lladdr 02:00:00:00:00:09
}

@test "a snapshot sees tables, chains, rules, sysctls and reservations" {
	sees 'nft:.*table.*mine' in_host nft add table inet mine
	sees 'nft:.*chain.*mine' in_host nft add chain inet mine c
	sees 'nft:.*rule.*masq' in_host nft add rule inet mine c \
		accept comment masq
	forward() { echo 1 | in_host tee /proc/sys/net/ipv4/ip_forward; }
	sees 'ipv4/conf/all/forwarding:1' forward
	mkdir "$STORE/net"
	reserve() { printf 'c1\r\neth0' >"$STORE/net/10.9.0.2"; }
	sees 'store: net/10.9.0.2 c1 eth0' reserve
	empty() { : >"$STORE/net/10.9.0.3"; }
	sees 'store: net/10.9.0.3' empty
}

# plugin_is LINE...: p, from now on, is this shell script
plugin_is() {
	mkdir -p "$TMP/bin"
	BIN=$TMP/bin
	printf '%s\n' '#!/bin/sh' "$@" >"$BIN/p"
	chmod +x "$BIN/p"
}

@test "an error with anything beside it on stdout is not taken for one" {
	plugin_is "cat '$TMP/says'" 'exit 1'
	good='{"cniVersion": "1.1.0", "code": 7, "msg": "no"}'
	echo "$good" >"$TMP/says"
	fails 7 no cni ADD p '{}'
	fails '4|7' '^no; $' cni ADD p '{}'
	not fails 4 no cni ADD p '{}'
	not fails 7 yes cni ADD p '{}'
	for bad in '' '{}' "$good$good" "$good x" "[$good]" \
		'{"cniVersion": "1.1.0", "code": "7", "msg": "no"}' \
		'{"code": 7, "msg": "no"}' '{"cniVersion": "1.1.0", "code": 7}'; do
		echo "$bad" >"$TMP/says"
		not fails 7 . cni ADD p '{}'
	done
}

@test "a plugin is run in HOST, and all that it says and returns is told" {
	plugin_is 'readlink /proc/self/ns/net /proc/self/ns/mnt; pwd' \
		'printf "%s|" "$CNI_COMMAND" "$CNI_ARGS" "$X"; cat' \
		'printf "\0end\n\n"; echo error >&2; exit 7'
	X=outer CNI_ARGS='A=b=c;D=e f' cni ADD p '{"a": 1}'
	want="$(readlink "/proc/$HOST/ns/net" "/proc/$HOST/ns/mnt")
/
ADD|A=b=c;D=e f|outer|{\"a\": 1}"
	is "$status" 7
	is "$errout" error
	is "$out" "$want
end"
	cmp "$stdout" <(printf '%s\n\0end\n\n' "$want")
	plugin p X='an other' CNI_COMMAND=GC </dev/null
	[[ $out = *$'\nGC||an other|end' ]]
	plugin no-such-plugin </dev/null
	is "$status" 127
	plugin_is 'kill -SEGV $$'
	plugin p </dev/null
	is "$status" $((128 + 11))
}

@test "a call that does not end is killed, and all that it started" {
	waits=("$TOOLS/netns/enter" -t "$HOST" "${ENTER[@]}")
	script='sleep infinity & echo $! >"$0"; wait'
	returns 137 "${waits[@]}" -d 1 sh -c "$script" "$TMP/child"
	eventually gone "$(<"$TMP/child")"
	# who is told to end tells it
	"${waits[@]}" -d 300 sh -c "trap 'exit 9' TERM; $script" \
		"$TMP/child2" 3>&- &
	eventually test -s "$TMP/child2"
	kill $!
	returns 9 wait $!
	kill "$(<"$TMP/child2")"
	eventually gone "$(<"$TMP/child2")"
}

gone() { [[ ! -e /proc/$1/ns/net ]]; }

# returns STATUS CMD...
returns() {
	local r=0
	"${@:2}" || r=$?
	is "$r" "$1"
}

@test "what cannot be entered or started is told" {
	returns 127 in_host "$TMP/nothing"
	returns 126 in_host "$TMP"
	ended=999999999
	returns 125 in_ns ended true 2>"$TMP/said"
	matches "$(<"$TMP/said")" 'enter: /proc/999999999/ns/net: No such file'
	returns 125 in_ns HOST -d x true
}

@test "what a test leaves running or lying about is noticed" {
	LEFT_WAIT=0
	another() { # a test within the test, of which only the end is of interest
		all_down
		host_up
		"$@"
	}
	another :
	all_down
	host_up
	stray() {
		(exec nsenter -t "$HOST" -n sleep 30) 3>&- &
		pid=$!
		eventually is_in_host
	}
	is_in_host() {
		[[ $(readlink "/proc/$pid/ns/net") = "$(readlink "$(netns HOST)")" ]]
	}
	another stray
	not all_down
	kill $pid
	host_up
	another in_host mkdir -p /var/lib/cni/networks
	not all_down
	host_up
}
