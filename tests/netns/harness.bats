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
	grep -Eq "^\+$1" <<<"$diff" || { echo "no $1 in: $diff"; return 1; }
}

# loses TEXT CMD...: it lacks a line that matched TEXT
loses() {
	local before diff
	before=$(snapshot)
	"${@:2}"
	diff=$(same_as "$before" || :)
	grep -Eq "^-$1" <<<"$diff" || { echo "no $1 in: $diff"; return 1; }
}

# unseen CMD...: the snapshot after CMD is what it was before
unseen() {
	local before
	before=$(snapshot)
	"$@"
	same_as "$before"
}

# port: v0 in HOST, a port of br0, with an end in the namespace OUT that no
# snapshot looks into
port() {
	hold OUT
	in_host ip link add br0 type bridge
	in_host ip link add v0 type veth peer name v1 netns "$OUT"
	in_host ip link set v0 master br0
}
# of_host CMD...: with snapshots of HOST alone
of_host() {
	local HELD=(HOST)
	"$@"
}

@test "a snapshot sees links, their state and their owners" {
	sandbox c1
	same_as "$(snapshot)"
	sees 'c1 link ifb7: .*"ifb"' in_ns c1 ip link add ifb7 type ifb
	loses 'c1 link ifb7: ' in_ns c1 ip link del ifb7
	in_host ip link add br0 type bridge
	in_host ip link add v0 type veth peer name v1
	sees 'HOST link v0: .* master br0' in_host ip link set v0 master br0
	sees 'HOST link v0: UP' in_host ip link set v0 up
	sees 'HOST link v0: .*"cni:net:c1"' in_host ip link set v0 alias cni:net:c1
	sees 'HOST link v0: .*altname "other"' \
		in_host ip link property add dev v0 altname other
	sees 'HOST link v0: .* mtu 1400' in_host ip link set v0 mtu 1400
	sees 'HOST link v0: .* address 02:00:00' \
		in_host ip link set v0 address 02:00:00:00:00:01
	sees 'HOST link v0: .* group 7' in_host ip link set v0 group 7
	sees 'HOST link br0: .*PROMISC' in_host ip link set br0 promisc on
	sees 'HOST link br0 bridge: .*ageing 500 ' \
		in_host ip link set br0 type bridge ageing_time 500
	sees 'HOST link v0 as a port: .*hairpin 1' \
		in_host bridge link set dev v0 hairpin on
	sees 'HOST link v0 as a port: .*isolated 1' \
		in_host bridge link set dev v0 isolated on
	sees 'HOST queue v0: .*"pfifo"' in_host tc qdisc add dev v0 root pfifo
}

@test "a snapshot sees VLANs" {
	in_host ip link add br0 type bridge
	in_host ip link add v0 type veth peer name v1
	in_host ip link set v0 master br0
	needs_kernel CONFIG_BRIDGE_VLAN_FILTERING \
		'ip link add x type bridge vlan_filtering 1'
	sees 'HOST vlan v0: 7$' in_host bridge vlan add dev v0 vid 7
	sees 'HOST vlan v0: 20-30$' in_host bridge vlan add dev v0 vid 20-30
	loses 'HOST vlan v0: 20-30$' in_host bridge vlan del dev v0 vid 25
	sees 'HOST vlan v0: 9 pvid untagged' \
		in_host bridge vlan add dev v0 vid 9 pvid untagged
	sees 'HOST vlan br0: 8$' in_host bridge vlan add dev br0 vid 8 self
	sees 'HOST link br0 bridge: .*vlan_filtering 1' \
		in_host ip link set br0 type bridge vlan_filtering 1
}

@test "a snapshot sees addresses, routes, rules and neighbours" {
	sandbox c1
	in_ns c1 ip link add eth0 type ifb
	in_ns c1 ip link set eth0 up
	sees 'c1 addr eth0: 10.9.0.2/24 ' in_ns c1 ip addr add 10.9.0.2/24 dev eth0
	sees 'c1 addr eth0: 10.9.1.2/24 .*"eth0:x".* broadcast 10.9.1.255' \
		in_ns c1 ip addr add 10.9.1.2/24 brd + label eth0:x dev eth0
	sees 'c1 addr eth0: fd09::2/64 ' in_ns c1 ip addr add fd09::2/64 dev eth0
	sees 'c1 route inet 192.0.2.0/24 .* gateway 10.9.0.1 ' \
		in_ns c1 ip route add 192.0.2.0/24 via 10.9.0.1
	sees 'c1 route inet default/0 .* metric 7 ' \
		in_ns c1 ip route add default via 10.9.0.1 metric 7
	sees 'c1 route inet6 2001:db8::/32 .* table 100 ' \
		in_ns c1 ip -6 route add 2001:db8::/32 dev eth0 table 100
	sees 'c1 route inet 198.51.100.0/24 blackhole' \
		in_ns c1 ip route add blackhole 198.51.100.0/24
	sees 'c1 route .* hop \{ weight 3 .* dev eth0 gateway 10.9.0.8 \}' \
		in_ns c1 ip route add 203.0.113.0/24 nexthop via 10.9.0.7 \
		nexthop via 10.9.0.8 weight 3
	sees 'c1 rule inet: .*from 10.9.0.2 .* table 100 ' \
		in_ns c1 ip rule add from 10.9.0.2 table 100
	sees 'c1 rule inet6: .* fwmark 9 ' in_ns c1 ip -6 rule add fwmark 9 table 9
	sees 'c1 neighbour eth0: inet dst 10.9.0.9 lladdr 02:' \
		in_ns c1 ip neigh add 10.9.0.9 dev eth0 lladdr 02:00:00:00:00:09
	sees 'c1 neighbour eth0: inet dst 10.9.0.10 ' \
		in_ns c1 ip neigh add proxy 10.9.0.10 dev eth0
}

@test "a snapshot sees a bridge's entries that do not age" {
	port
	sees 'HOST neighbour v0: bridge lladdr 02:00:00:00:00:07 ' \
		of_host in_host bridge fdb add 02:00:00:00:00:07 dev v0 master
	sees 'HOST neighbour v0: bridge lladdr 02:00:00:00:00:08 ' \
		of_host in_host bridge fdb add 02:00:00:00:00:08 dev v0 \
		master static
}

@test "a snapshot sees tables, chains, rules and what sets hold" {
	nft() { in_host nft "$@"; }
	sees 'HOST nft: table inet mine:' nft add table inet mine
	sees 'HOST nft: chain inet mine c:' nft add chain inet mine c
	sees 'HOST nft: chain inet mine b: .*"filter"' nft add chain inet mine b \
		'{ type filter hook input priority -5; }'
	sees 'HOST nft: chain inet mine b: .* policy 0 ' \
		nft chain inet mine b '{ policy drop; }'
	sees 'HOST nft: rule inet mine c 01: .* accept .*"masq"' \
		nft add rule inet mine c accept comment masq
	sees 'HOST nft: rule inet mine c 02: .*"eth7"' \
		nft add rule inet mine c iifname eth7 drop
	# the same two the other way round
	first=$(in_host nft -a list chain inet mine c |
		sed -n 's/.*masq.*handle //p')
	turn() {
		nft delete rule inet mine c handle "$first"
		nft add rule inet mine c accept comment masq
	}
	sees 'HOST nft: rule inet mine c 02: .*"masq"' turn
	sees 'HOST nft: set inet mine s:' \
		nft add set inet mine s '{ type ipv4_addr; }'
	sees 'HOST nft: element inet mine s: key 192.0.2.1' \
		nft add element inet mine s '{ 192.0.2.1 comment "one" }'
	loses 'HOST nft: element inet mine s: .*"one"' \
		nft delete element inet mine s '{ 192.0.2.1 }'
	nft add map inet mine m '{ type ifname : verdict; }'
	sees 'HOST nft: element inet mine m: key "eth7" .* jump .*"c"' \
		nft add element inet mine m '{ eth7 : jump c }'
	sees 'HOST nft: object inet mine n:' nft add counter inet mine n
}

@test "a snapshot sees settings" {
	set() { echo "$2" | in_host tee "/proc/sys/net/$1"; }
	sees 'HOST sysctl ip_forward: 1' set ipv4/ip_forward 1
	sees 'HOST sysctl net/ipv4/conf/lo/arp_notify: 1' \
		set ipv4/conf/lo/arp_notify 1
	sees 'HOST sysctl net/ipv6/conf/all/forwarding: 1' \
		set ipv6/conf/all/forwarding 1
}

@test "a snapshot sees reservations and their index" {
	mkdir -p "$STORE/net/.cnic"
	write() { printf %b "$2" >"$STORE/net/$1"; }
	sees 'store: net/10.9.0.2 c1 eth0$' write 10.9.0.2 'c1\r\neth0'
	sees 'store: net/10.9.0.2 c2$' write 10.9.0.2 c2
	sees 'store: net/10.9.0.3 $' write 10.9.0.3 ''
	sees 'store: net/other mode 40' mkdir "$STORE/net/other"
	sees 'store: net/way -> 10.9.0.2' ln -s 10.9.0.2 "$STORE/net/way"
	sees 'index: net/.cnic/0123abcd -> 10.9.0.2/5.6' \
		ln -s 10.9.0.2/5.6 "$STORE/net/.cnic/0123abcd.0"
	sees 'index: net/.cnic/half $' write .cnic/half ''
	loses 'store: net/10.9.0.3' rm "$STORE/net/10.9.0.3"
	is "$(reservations | head -n 1)" 'net/10.9.0.2 c2'
	sees 'no store' mv "$STORE" "$TMP/elsewhere"
	is "$(reservations)" ''
}

@test "what a network keeps in its store is not in a snapshot" {
	keep() {
		mkdir -p "$STORE/net/.cnic"
		touch "$STORE/net/lock"
		echo 10.9.0.7 >"$STORE/net/last_reserved_ip.0"
		ln -s 2/x/1/5 "$STORE/net/.cnic/stamp"
	}
	unseen keep
	ln -s 10.9.0.2/5.6 "$STORE/net/.cnic/0123abcd.0"
	unseen mv "$STORE"/net/.cnic/0123abcd.{0,1}
}

# A change that is not in the snapshot has to have happened all the same: each
# command waits for it.
@test "what follows in the kernel's own time is not in a snapshot" {
	port
	in_host ip link set br0 up
	in_host ip link set v0 up
	in_host ip addr add 10.9.0.1/24 dev br0
	in_host ip -6 addr add fd09::1/64 dev br0
	carrier() {
		in_ns OUT ip link set v1 up
		eventually link_local OUT
		in_host bridge link show dev v0 | grep 'state forwarding'
		eventually settled
	}
	link_local() { in_ns "$1" ip -6 addr show scope link -tentative | grep fe80; }
	settled() {
		in_host ip -6 addr show dev br0 scope link -tentative |
			grep fe80 && in_host ip route show table all |
			grep -v linkdown | grep 'dev br0' &&
			not grep tentative <(in_host ip -6 addr show dev br0)
	}
	of_host unseen carrier
	in_ns OUT ip addr add 10.9.0.2/24 dev v1
	talk() {
		reaches OUT 10.9.0.1
		in_host ip neigh show 10.9.0.2 | grep lladdr
		in_host bridge fdb show br br0 | grep -v permanent | grep v0
	}
	of_host unseen talk
	silence() {
		in_ns OUT ip link set v1 down
		eventually no_carrier
	}
	no_carrier() {
		in_host ip link show br0 | grep NO-CARRIER &&
			in_host ip route | grep linkdown
	}
	# other states are not the carrier's doing
	of_host sees 'HOST link v0 as a port: state 2 ' \
		in_host bridge link set dev v0 state 2
	in_host bridge link set dev v0 state 3
	of_host unseen silence
}

@test "what is counted or only numbered is not in a snapshot" {
	sandbox c1
	in_host ip link set lo up
	in_host nft -f - <<-'END'
	table inet mine {
		set s { type ipv4_addr; timeout 1h; elements = { 192.0.2.1 }; }
		chain c {
			type filter hook output priority 0;
			counter packets 0 bytes 0 comment "first"
			accept comment "last"
		}
	}
	END
	ping() { reaches HOST 127.0.0.1 && in_host nft list ruleset |
		grep 'counter packets [1-9]'; }
	unseen ping
	capture() {
		bg HOST tcpdump -i lo -w /dev/null
		eventually captures
	}
	captures() { in_host ip -d link show lo | grep 'promiscuity 1'; }
	unseen capture
	again() {
		in_host nft delete rule inet mine c handle "$(handle)"
		in_host nft add rule inet mine c accept comment '"last"'
	}
	handle() { in_host nft -a list table inet mine |
		sed -n 's/.*last.*handle //p'; }
	old=$(handle)
	unseen again
	not is "$(handle)" "$old"
	link() { in_host ip link add x0 address 02:00:00:00:00:07 type ifb; }
	link
	# its index is another one
	anew() { in_host ip link del x0 && link; }
	unseen anew
	# that it has no queue is told from then on
	once() { in_ns c1 ip link set lo up && in_ns c1 ip link set lo down &&
		in_ns c1 ip addr flush dev lo; }
	unseen once
}

@test "a snapshot is whole while links come and go" {
	bg HOST sh -ec 'until [ -e /run/enough ]; do
		ip link add x0 type ifb
		ip link del x0
	done'
	busy=$!
	for _ in {1..30}; do
		snapshot >"$TMP/now"
		grep -q '^HOST link lo: ' "$TMP/now"
		grep -q '^HOST sysctl net/ipv6/conf/lo/forwarding: 0' "$TMP/now"
	done
	in_host touch /run/enough
	wait $busy
}

@test "a namespace that is not there is no empty one" {
	not "$TOOLS/snapshot/snapshot" X=none 2>"$TMP/error"
	matches "$(<"$TMP/error")" '^snapshot: X: /proc/none/.*: No such file'
	not "$TOOLS/snapshot/snapshot" -s "$STORE" X
	before=$(snapshot)
	HELD+=(gone)
	gone=none
	not same_as "$before"
	HELD=(HOST)
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
	# before that it is a shell, which would take a signal for the trap's
	eventually grep -qx sleep "/proc/$(<"$TMP/child2")/comm"
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

@test "a test has one host" {
	run host_up
	is "$status: $output" '1: there is a host'
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
