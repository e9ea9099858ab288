#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bridge/gc-status.bats - GC removes what nobody lists, STATUS tells
# whether an ADD would work

load ../helpers

setup() {
	host_up
	C=$(conf dual '.ipMasq = true | .macspoofchk = true')
	MORE=$(jq -c '.name = "more" | .ipam.ranges =
		[[{subnet: "10.10.0.0/24"}]]' <<<"$C")
}

# attach CONF NAME...: results into $P_<name>, as configurations for CHECK
attach() {
	local name
	for name in "${@:2}"; do
		add bridge "$1" "$name"
		printf -v "P_$name" %s "$(with_prev "$1" "$res")"
	done
}

# traces NAME: what is on the host that bears a container's name
traces() {
	# c1 is a part of many a MAC address, too
	{
		in_host ip -o link
		in_host nft list ruleset
	} | sed -E 's/([0-9a-f]{2}:){5}[0-9a-f]{2}//g' |
		grep -w "$1-eth0\|$1" || :
	reservations | grep -w "$1" || :
}

# fake_ipam: stdin is the script of a plugin called ipam
fake_ipam() {
	mkdir -p "$TMP/bin"
	{ printf '#!/bin/sh\ncat >/dev/null\n'; cat; } >"$TMP/bin/ipam"
	chmod +x "$TMP/bin/ipam"
	CNI_PATH=$TMP/bin:$BIN
}

# --- GC -------------------------------------------------------------------

@test "GC removes what is not listed, the listed goes on" {
	sandbox c1 c2 c3 c4
	attach "$C" c1 c2 c3 c4
	drop c3 # one with its namespace gone, one with it alive
	gc bridge "$(with_valid "$C" c1 eth0 c2 eth0)"
	is "$(traces c3)$(traces c4)" ''
	is "$(links c4)" lo
	is "$(veths HOST | wc -w)" 2
	is "$(reservations | wc -l)" 4
	check bridge "$P_c1" c1
	check bridge "$P_c2" c2
	reaches c1 10.9.0.1
}

@test "GC tells the interfaces of a container apart" {
	sandbox c1
	c=$(jq -c '.isDefaultGateway = false | .isGateway = true' <<<"$C")
	attach "$c" c1
	add bridge "$c" c1 eth1
	gc bridge "$(with_valid "$c" c1 eth0)"
	is "$(links c1)" 'eth0 lo'
	check bridge "$P_c1" c1 eth0
	gc bridge "$(with_valid "$c" c1 eth1)"
	is "$(links c1)" lo
	is "$(veths HOST)$(reservations)" ''
}

@test "GC without a list, or with null, removes nothing" {
	sandbox c1
	attach "$C" c1
	before=$(snapshot)
	gc bridge "$C"
	gc bridge "$(jq -c '."cni.dev/valid-attachments" = null' <<<"$C")"
	same_as "$before"
	check bridge "$P_c1" c1
}

@test "GC with a list that makes no sense removes nothing" {
	sandbox c1
	attach "$C" c1
	before=$(snapshot)
	for list in '7' '"c1"' '{}' '[7]' '[null]' '[{}]' '[{"containerID": 7}]' \
		'[{"containerID": "../x", "ifname": "eth0"}]' \
		'[{"containerID": "c1"}]'; do
		echo "list: $list"
		fails '4|6|7' . cni GC bridge \
			"$(jq -c ".\"cni.dev/valid-attachments\" = $list" <<<"$C")"
		same_as "$before"
	done
}

@test "GC with an empty list empties that network, and no other" {
	sandbox c1 c2 c3
	attach "$C" c1 c2
	attach "$MORE" c3
	gc bridge "$(with_valid "$C")"
	is "$(links c1)$(links c2)" lolo
	is "$(traces c1)$(traces c2)" ''
	is "$(reservations)" 'more/10.10.0.2 c3 eth0'
	check bridge "$P_c3" c3
	reaches c3 10.10.0.1
	gc bridge "$(with_valid "$MORE")"
	is "$(veths HOST)$(reservations)" ''
}

@test "GC does not take one network's name for the beginning of another's" {
	sandbox c1 c2
	attach "$(jq -c '.name = "pods-two" | .bridge = "br1"' <<<"$MORE")" c1
	attach "$C" c2
	gc bridge "$(with_valid "$C" c2 eth0)"
	check bridge "$P_c1" c1
	check bridge "$P_c2" c2
}

@test "GC works for names too long for a link's alias" {
	long=$(printf 'n%.0s' {1..200})
	id=$(printf 'i%.0s' {1..200})
	sandbox c1 c2
	c=$(jq -c ".name = \"$long\"" <<<"$C")
	add bridge "$c" "$id" eth0 "$(netns c1)"
	prev=$(with_prev "$c" "$res")
	add bridge "$c" "${id}x" eth0 "$(netns c2)"
	check bridge "$prev" "$id" eth0 "$(netns c1)"
	gc bridge "$(with_valid "$c" "$id" eth0)"
	check bridge "$prev" "$id" eth0 "$(netns c1)"
	is "$(links c2)" lo
	is "$(veths HOST | wc -w)" 1
	is "$(reservations | wc -l)" 2
	gc bridge "$(with_valid "$c")"
	is "$(links c1)$(veths HOST)" lo
}

@test "GC removes a dead reservation and dead rules without a link" {
	sandbox c1 c2
	attach "$C" c1 c2
	in_ns c2 ip link del eth0
	gc bridge "$(with_valid "$C" c1 eth0)"
	is "$(traces c2)" ''
	check bridge "$P_c1" c1
}

@test "GC removes the masquerade of a dead address without subnet" {
	fake_ipam <<-'END'
	[ "$CNI_COMMAND" != ADD ] || echo '{"cniVersion": "1.1.0", "ips":
		[{"address": "10.9.0.7/32"}]}'
	END
	c=$(conf l2 '.ipMasq = true | .ipam.type = "ipam"')
	sandbox c1
	add bridge "$c"
	rules | grep masq
	drop c1
	gc bridge "$(with_valid "$c")"
	is "$(rules)" ''
}

@test "GC leaves links and rules of others alone" {
	in_host ip link add br0 type bridge
	in_host ip link add veth00000001 type veth peer name other
	in_host ip link set veth00000001 master br0
	in_host ip link set other alias 'cni:pods'
	in_host nft -f - <<-'END'
	table ip nat {
		chain POSTROUTING {
			type nat hook postrouting priority 100
			ip saddr 10.9.0.7 masquerade comment "pods c1"
		}
	}
	END
	before=$(snapshot)
	gc bridge "$(with_valid "$C")"
	gc bridge "$(with_valid "$(conf l2)")"
	same_as "$before"
}

@test "GC on a fresh host has nothing to do and makes nothing" {
	before=$(snapshot)
	gc bridge "$(with_valid "$C")"
	same_as "$before"
}

@test "GC goes on when IPAM fails, and reports it at the end" {
	fake_ipam <<-'END'
	case $CNI_COMMAND in
	ADD) echo '{"cniVersion": "1.1.0", "ips": [{"address": "10.9.0.7/24"}]}' ;;
	GC) echo '{"code": 113, "msg": "no garbage today"}'; exit 1 ;;
	esac
	END
	c=$(conf l2 '.macspoofchk = true | .ipam.type = "ipam"')
	sandbox c1
	add bridge "$c"
	drop c1
	fails 113 'no garbage today' cni GC bridge "$(with_valid "$c")"
	is "$(veths HOST)$(rules)" ''
	fails 103 'missing' cni GC bridge \
		"$(with_valid "$(conf l2 '.ipam.type = "missing"')")"
}

@test "GC twice is GC once" {
	sandbox c1 c2
	attach "$C" c1 c2
	gc bridge "$(with_valid "$C" c1 eth0)"
	before=$(snapshot)
	gc bridge "$(with_valid "$C" c1 eth0)"
	same_as "$before"
}

@test "GC takes away a hundred dead attachments at once" {
	sandbox c1 c2
	attach "$C" c1
	conf l3 '.ipMasq = true | .ipam.routes = []' >"$TMP/conf"
	for i in {1..100}; do
		add bridge "$TMP/conf" "d$i" "e$i" "$(netns c2)"
	done
	gc bridge "$(with_valid "$C" c1 eth0)"
	is "$(links c2)" lo
	is "$(veths HOST | wc -w)" 1
	is "$(reservations | wc -l)" 2
	check bridge "$P_c1" c1
}

# --- STATUS ---------------------------------------------------------------

@test "STATUS of a host that can is silent, and changes nothing" {
	before=$(snapshot)
	for c in "$C" "$(conf l2)" "$(conf l3v6 '.ipMasq = true')"; do
		status bridge "$c"
	done
	same_as "$before"
	is "$(ls -A "$STORE")" ''
	sandbox c1
	add bridge "$C"
	before=$(snapshot)
	status bridge "$C"
	same_as "$before"
}

@test "STATUS is 50 when no address is left" {
	sandbox c1
	c=$(conf l3 '.ipam.ranges[0][0] += {rangeStart: "10.9.0.7",
		rangeEnd: "10.9.0.7"}')
	status bridge "$c"
	add bridge "$c"
	fails 50 '10\.9\.0\.7|address' cni STATUS bridge "$c"
	del bridge "$c"
	status bridge "$c"
}

@test "STATUS is 50 when the store cannot be used" {
	touch "$TMP/file"
	fails 50 "$TMP/file" cni STATUS bridge \
		"$(conf l3 ".ipam.dataDir = \"$TMP/file/x\"")"
}

@test "STATUS passes on what IPAM says" {
	fake_ipam <<-'END'
	echo '{"code": 51, "msg": "half of it works"}'
	exit 1
	END
	fails 51 'half of it' cni STATUS bridge \
		"$(conf l2 '.ipam.type = "ipam"')"
}

@test "STATUS complains about an IPAM plugin that is not there" {
	fails '50|103' 'missing' cni STATUS bridge \
		"$(conf l2 '.ipam.type = "missing"')"
}

@test "STATUS complains about a configuration that no ADD would take" {
	for e in '.ipMasqBackend = "x"' '.vlan = 5000' '.mtu = "x"' \
		'.hairpinMode = true | .promiscMode = true'; do
		fails '6|7' . cni STATUS bridge "$(conf l3 "$e")"
	done
}

@test "STATUS commits nothing, whether nf_tables is in use or not" {
	trace sendmsg,sendto
	status bridge "$C"
	not grep -E 'NFNL_MSG_BATCH_BEGIN|RTM_NEW|RTM_DEL' "$TMP/trace"
}
