#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# nerdctl.bats - as nerdctl asks and calls

load firewall

@test "who asks for the version gets what nerdctl looks for" {
	# the line it takes, and what it makes a version of
	plugin firewall </dev/null
	is "$status$out" 0
	line=$(grep '^CNI firewall plugin ' <<<"$errout")
	version=${line#CNI firewall plugin }
	matches "$version" '^v([0-9]+)\.([0-9]+)\.([0-9]+)'
	# at least 1.7.1, for networks without connections of neighbours
	((BASH_REMATCH[1] * 10000 + BASH_REMATCH[2] * 100 + BASH_REMATCH[3] >= 10701))
}

# As in a captured run: a whole DEL before the ADD, without a namespace and
# prevResult, an ADD, a DEL without a namespace and with prevResult, and one
# more without.
@test "DEL comes before ADD, without namespace and prevResult, and after it" {
	ID=default-812d2a1950b687be10b27a4d78082f5af684c2d343c3c098b7b15c191f192048
	ARGS='IgnoreUnknown=1;NERDCTL_CNI_DHCP_HOSTNAME=812d2a1950b6'
	B=$(conf l3 '.cniVersion = "1.0.0" | .name = "bridge" |
		.bridge = "nerdctl0" | .isGateway = true | .ipMasq = true |
		.hairpinMode = true')
	for policy in same-bridge isolated; do
		F="{\"cniVersion\":\"1.0.0\",\"ingressPolicy\":\"$policy\",\"name\":\"bridge\",\"type\":\"firewall\"}"
		sandbox c1
		before=
		for round in 1 2; do
			CNI_ARGS=$ARGS del firewall "$F" $ID eth0 ''
			CNI_ARGS=$ARGS del bridge "$B" $ID eth0 ''
			CNI_ARGS=$ARGS add bridge "$B" $ID eth0 "$(netns c1)"
			CNI_ARGS=$ARGS add firewall "$(with_prev "$F" "$res")" \
				$ID eth0 "$(netns c1)"
			del firewall "$(with_prev "$F" "$res")" $ID eth0 ''
			del firewall "$F" $ID eth0 ''
			del bridge "$(with_prev "$B" "$res")" $ID eth0 ''
			[[ -n $before ]] || before=$(snapshot)
			same_as "$before"
		done
		drop c1
	done
}

@test "an internal network: no gateway, no masquerade, no route" {
	B=$(conf l3 '.name = "nt" | .bridge = "br-nt" | .isGateway = false |
		del(.isDefaultGateway) | .ipam.routes = []')
	F=$(conf firewall 'del(.denyTo) | .name = "nt"')
	join 2 c3
	F=$(conf firewall 'del(.denyTo) | .name = "nt"')
	B=$(conf l3 '.name = "nt" | .bridge = "br-nt" | .isGateway = false |
		del(.isDefaultGateway)')
	sandbox c1
	add bridge "$B" c1
	add firewall "$(with_prev "$F" "$res")" c1
	check firewall "$(with_prev "$F" "$res")" c1
	in_ns c1 ip route replace default dev eth0
	misses c1 "$(v4 2 2)"
	del firewall "$F" c1 eth0 ''
}

@test "two networks of one container are attached at the same time" {
	sandbox c1
	for n in 1 2; do
		net $n
		add bridge "$B" c1 eth$n
		with_prev "$F" "$res" >"$TMP/conf.$n"
	done
	for n in 1 2; do
		cni ADD firewall "$TMP/conf.$n" c1 eth$n &
		pids[n]=$!
	done
	wait "${pids[1]}" "${pids[2]}"
	for n in 1 2; do check firewall "$TMP/conf.$n" c1 eth$n; done
	net 1
	del firewall "$F" c1 eth1 ''
	check firewall "$TMP/conf.2" c1 eth2
}

@test "a DEL for nothing asks little and changes nothing" {
	trace sendto,sendmsg
	net 1
	del firewall "$F" c1 eth0 ''
	WRAP=()
	not grep -E 'NEW(TABLE|CHAIN|RULE|SET)|DEL(TABLE|CHAIN|RULE|SET)|RTM_(NEW|DEL|SET)LINK' \
		"$TMP/trace"
	(($(wc -l <"$TMP/trace") < 40))
}
