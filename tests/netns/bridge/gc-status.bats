#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bridge/gc-status.bats - GC removes what nobody lists, STATUS tells
# whether an ADD would work: what is bridge's alone; the rest is in each/gc*.bats
# and each/status*.bats

load ../helpers

setup() {
	host_up
	C=$(conf dual '.ipMasq = true | .macspoofchk = true')
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

@test "STATUS complains about a configuration that no ADD would take" {
	for e in '.ipMasqBackend = "x"' '.vlan = 5000' '.mtu = "x"' \
		'.hairpinMode = true | .promiscMode = true'; do
		fails '6|7' . cni STATUS bridge "$(conf l3 "$e")"
	done
}

@test "STATUS does not wait for an IPAM plugin that hangs" {
	c=$(conf l2 '.ipam.type = "ipam"')
	# its streams are closed, or a child of its own has them
	for how in 'exec sleep 7000' 'exec sleep 7000 >&- 2>&-' \
		'sleep 7000 & echo $! >>'"$TMP/pids"'; wait'; do
		echo "how: $how"
		fake_ipam <<<"echo \$\$ >'$TMP/pid'; $how"
		succeeds cni STATUS bridge "$c"
		is "$out" ''
		matches "$errout" 'STATUS of ipam took longer than 100 ms'
		not kill -0 "$(<"$TMP/pid")"
	done
	kill "$(<"$TMP/pids")"
}

@test "STATUS passes on what an IPAM plugin says in time" {
	c=$(conf l2 '.ipam.type = "ipam"')
	fake_ipam <<-'END'
	echo '{"cniVersion": "1.1.0", "code": 51, "msg": "soon full"}'
	exit 1
	END
	fails 51 'soon full' cni STATUS bridge "$c"
	fake_ipam <<<'exit 0'
	status bridge "$c"
}

@test "STATUS commits nothing, whether nf_tables is in use or not" {
	trace sendmsg,sendto
	status bridge "$C"
	not grep -E 'NFNL_MSG_BATCH_BEGIN|RTM_NEW|RTM_DEL' "$TMP/trace"
}
