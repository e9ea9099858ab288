#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# 20-bridge.bats - a bridge that has as many ports as the kernel allows

load ../netns/helpers

setup() {
	host_up
	sandbox c1 c9
	C=$(conf dual '.ipMasq = true | .macspoofchk = true')
}

# pinged NAME: the gateways answer that sandbox
pinged() {
	in_ns "$1" ping -q -c 1 -W 5 10.9.0.1
	in_ns "$1" ping -q -c 1 -W 5 fd09::1
}

@test "with 1023 ports ADD is refused and changes nothing; with one less it works" {
	add bridge "$C" c1
	del bridge "$C" c1
	add bridge "$C" c9
	kept=$(with_prev "$C" "$res")
	for i in {1..1022}; do
		echo "link add p$i master br0 type ifb"
	done >"$TMP/batch"
	in_host ip -batch "$TMP/batch"
	before=$(snapshot)
	fails 100 "bridge br0 has reached the kernel's limit of 1023 ports" \
		cni ADD bridge "$C" c1
	same_as "$before"
	del bridge "$C" c1
	same_as "$before"
	in_host ip link del p7
	before=$(snapshot)
	add bridge "$C" c1
	check bridge "$(with_prev "$C" "$res")" c1
	pinged c1
	del bridge "$C" c1
	same_as "$before"
	check bridge "$kept" c9
	pinged c9
}
