#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# isolation.bats - networks apart from each other, by ingressPolicy

load firewall

# both CMD ID N HOST: CMD of ID's ping to both addresses
both() {
	"$1" "$2" "$(v4 "$3" "$4")"
	"$1" "$2" "$(v6 "$3" "$4")"
}

ISOLATED='.ingressPolicy = "isolated"' OPEN='.ingressPolicy = "open"'

@test "same-bridge: neighbours talk, another such network does not get in" {
	join 1 c1
	join 1 c2
	join 2 c3
	both reaches c1 1 3
	both misses c1 2 2
	both misses c3 1 2
	# nor by another address than its own
	in_ns c1 ip addr add 10.9.3.7/32 dev eth0
	not in_ns c1 ping -c 1 -W 1 -I 10.9.3.7 "$(v4 2 2)"
	# the host reaches both
	both reaches HOST 1 2
	both reaches HOST 2 2
}

@test "loopback first in the chain: the bridge is isolated, not lo" {
	local id n=1
	for id in c1 c2 c3; do
		[[ $id != c3 ]] || n=2
		net $n "$ISOLATED"
		sandbox $id
		add loopback "$(conf loopback)" $id lo
		add bridge "$(with_prev "$B" "$res")" $id
		add firewall "$(with_prev "$F" "$res")" $id
		prev=$(with_prev "$F" "$res")
		check firewall "$prev" $id
		eventually ip_ready $id
	done
	both misses c1 1 3
	both misses c1 2 2
	both reaches c1 1 1
	both reaches c1 1 2
	not grep '"lo"' <(in_host nft list ruleset)
}

@test "open: such a network is reached, and reaches others" {
	join 1 c1 "$OPEN"
	join 2 c2
	join 3 c3 "$OPEN"
	both reaches c1 3 2
	both reaches c1 2 2
	both reaches c2 1 2
}

@test "isolated: neighbours do not talk, and each reaches the world" {
	out_up
	join 1 c1 "$ISOLATED"
	join 1 c2 "$ISOLATED"
	join 2 c3
	in_ns OUT ip route add 10.9.0.0/16 via 203.0.113.1
	in_ns OUT ip route add fd09::/16 via 2001:db8::1
	both misses c1 1 3
	both misses c2 1 2
	both misses c1 2 2
	both misses c3 1 2
	reaches c1 203.0.113.2
	reaches c2 2001:db8::2
	both reaches HOST 1 2
	# nor by way of the gateway's MAC
	in_ns c1 ip neigh replace "$(v4 1 3)" lladdr "$(mac HOST br1)" dev eth0
	misses c1 "$(v4 1 3)"
}

# With br_netfilter, frames between a bridge's ports are IP's, as what is routed
# from the bridge to the bridge is.
@test "isolated: a port of the bridge that is no attachment's is reached" {
	in_host sh -c 'for f in /proc/sys/net/bridge/bridge-nf-call-ip*; do
		[ ! -e $f ] || echo 0 >$f; done'
	sandbox other
	join 1 c1 "$ISOLATED"
	in_host ip link add far0 master br1 type veth peer name eth0 netns "$other"
	in_host ip link set far0 up
	in_ns other ip addr add "$(v4 1 200)/24" dev eth0
	in_ns other ip link set eth0 up
	reaches c1 "$(v4 1 200)"
}

@test "a port published by a DNAT is reached from any network" {
	join 1 c1 "$ISOLATED"
	join 1 c2 "$ISOLATED"
	join 2 c3
	join 3 c4
	serve c1 80
	in_host nft -f - <<-END
	table ip nat0 {
		chain pre {
			type nat hook prerouting priority dstnat
			ip daddr 10.9.0.0/16 tcp dport 8080 fib daddr type local dnat to $(v4 1 2):80
		}
		chain post {
			type nat hook postrouting priority srcnat
			ct status dnat masquerade
		}
	}
	END
	for c in c2 c3 c4; do
		fetches $c "$(v4 2 1)" 8080
		not fetch $c "$(v4 1 2)" 80
	done
}

@test "the last attachment of a bridge ends its isolation" {
	join 1 c1
	join 1 c2
	join 2 c3 "$OPEN"
	before=$(ours)
	join 4 c4
	both misses c1 4 2
	leave 4 c4
	is "$(ours)" "$before"
	leave 1 c2
	join 4 c4
	both misses c1 4 2
	leave 1 c1
	leave 4 c4
	is "$(in_host nft list tables)" ''
}

@test "a policy that is another one later holds from the next ADD on" {
	join 1 c1
	join 1 c2
	both reaches c1 1 3
	one=$prev
	join 1 c3 "$ISOLATED"
	both misses c1 1 4
	# who was there before is told apart as well
	both misses c1 1 3
	check firewall "$(gojq -c "$ISOLATED" <<<"$one")" c2
	join 1 c4
	check firewall "$prev" c4
}

# back_door: c1's way to c2 by the gateway's MAC
back_door() {
	in_ns c1 ip neigh replace "$(v4 1 3)" lladdr "$(mac HOST br1)" dev eth0
}

# inside: what stays on br1 passes
inside() {
	in_host nft list set inet cni_firewall inside | grep '"br1" . "br1"'
}

# opens_nothing EDIT: a network of the bridge that is not isolated
opens_nothing() {
	local one two
	join 1 c1 "$ISOLATED"
	one=$prev
	join 1 c2 "$ISOLATED"
	back_door
	misses c1 "$(v4 1 3)"
	join_other c3 "$1"
	two=$prev
	misses c1 "$(v4 1 3)"
	check firewall "$one" c1
	check firewall "$two" c3
	join 1 c4 "$ISOLATED"
	check firewall "$prev" c4
	check firewall "$two" c3
	# as long as one is there, and then from the next ADD on
	leave 1 c1 "$ISOLATED"
	leave 1 c2 "$ISOLATED"
	join_other c5 "$1"
	not inside
	leave 1 c4 "$ISOLATED"
	join_other c6 "$1"
	inside
	check firewall "$two" c3
}

@test "isolated: another network of the bridge, same-bridge, opens nothing" {
	opens_nothing .
}

@test "isolated: another network of the bridge, open, opens nothing" {
	opens_nothing "$OPEN | .denyMetadata = true"
}

@test "isolated after another network of the bridge that is not" {
	join_other c3
	two=$prev
	join 1 c1 "$ISOLATED"
	in_host nft 'add element inet cni_firewall inside { br1 . br1 }'
	fails 104 'isolation of br1 is missing' cni CHECK firewall "$prev" c1
	join 1 c2 "$ISOLATED"
	check firewall "$prev" c2
	check firewall "$two" c3
	both misses c1 1 4
}

@test "CHECK notices what is missing of it" {
	join 1 c1 "$ISOLATED"
	missing() {
		in_host nft "$2"
		fails 104 "$1 of br1 is missing" cni CHECK firewall "$prev" c1
		join 1 c2 "$ISOLATED"
		net 1 "$ISOLATED"
		check firewall "$(with_prev "$F" "$(gojq -c .prevResult <<<"$one")")" c1
		leave 1 c2 "$ISOLATED"
		prev=$one
	}
	one=$prev
	missing isolation 'delete element inet cni_firewall bridges { br1 }'
	missing isolation 'add element inet cni_firewall inside { br1 . br1 }'
	missing isolation 'delete element inet cni_firewall isolated { br1 . br1 }'
	missing 'table inet cni_firewall' 'flush chain inet cni_firewall forward'
	missing 'table inet cni_firewall' 'flush chain inet cni_firewall back'
	missing 'table inet cni_firewall' 'flush chain inet cni_firewall egress'
	# of before there was that set
	missing 'table inet cni_firewall' 'delete chain inet cni_firewall back;
		flush chain inet cni_firewall egress;
		delete set inet cni_firewall isolated'
	missing 'table inet cni_firewall' 'delete table inet cni_firewall'
	missing 'table bridge cni_firewall' 'delete table bridge cni_firewall'
	missing 'table bridge cni_firewall' 'flush chain bridge cni_firewall forward'
	in_host nft flush set bridge cni_firewall ports
	fails 104 "attachment of br1" cni CHECK firewall "$prev" c1
	in_host nft flush set inet cni_firewall attachments
	fails 104 "attachment of br1" cni CHECK firewall "$prev" c1
}

@test "a policy needs an interface of the host, and says so" {
	net 1
	sandbox c1
	in_ns c1 ip link add eth0 type ifb
	P='{"cniVersion":"1.1.0","interfaces":[{"name":"eth0","sandbox":"/x"}],
		"ips":[{"address":"10.9.1.2/24"}]}'
	before=$(snapshot)
	fails 7 'interface needs to be set for ingress policy "same-bridge"' \
		cni ADD firewall "$(with_prev "$F" "$P")" c1
	fails 7 'denyTo.*need an interface' cni ADD firewall "$(with_prev \
		"$(gojq -c '.ingressPolicy = "" | .denyHost = true' <<<"$F")" "$P")" c1
	add firewall "$(with_prev "$(gojq -c '.ingressPolicy = ""' <<<"$F")" "$P")" c1
	json .interfaces "$(gojq -c .interfaces <<<"$P")"
	same_as "$before"
	fails 7 'missing prevResult from earlier plugin' cni ADD firewall "$F" c1
	fails 7 'missing prevResult from earlier plugin' cni CHECK firewall "$F" c1
	fails 7 'unknown ingress policy: "OPEN"' cni ADD firewall \
		"$(with_prev "$(gojq -c '.ingressPolicy = "OPEN"' <<<"$F")" "$P")" c1
}

@test "prevResult is passed through to the letter" {
	net 1
	sandbox c1
	add bridge "$B" c1
	B=$res
	add firewall "$(with_prev "$F" "$res")" c1
	is "$res" "$B"
}

@test "behind ptp, each attachment is a network of its own" {
	PTP='{"cniVersion":"1.1.0","name":"p2p","type":"ptp","ipam":{"type":
		"host-local","dataDir":"'$STORE'","ranges":[[{"subnet":
		"10.9.7.0/24"}]],"routes":[{"dst":"0.0.0.0/0"}]}}'
	F=$(conf firewall 'del(.denyTo) | .name = "p2p"')
	sandbox c1 c2
	for c in c1 c2; do
		add ptp "$PTP" $c
		add firewall "$(with_prev "$F" "$res")" $c
		check firewall "$(with_prev "$F" "$res")" $c
	done
	misses c1 "$(v4 7 3)"
	reaches c1 "$(v4 7 1)"
	reaches HOST "$(v4 7 3)"
	before=$(ours)
	del firewall "$F" c1
	reaches c1 "$(v4 7 3)"
	del ptp "$PTP" c1
	del firewall "$F" c2
	is "$(in_host nft list tables)" ''
}
