#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# rollback-link.bats - an interface that is in the way of an ADD
#
# rows: iface iface-inside wire wire-inside
# layers: process

load row

@test "the interface is there already, made by somebody else" {
	containers c1
	settle
	in_ns c1 ip link add $IF type ifb
	before=$(snapshot)
	fails '10[02]' "$IF.*exists|exists.*$IF" ask ADD
	same_as "$before"
	in_ns c1 ip link del $IF
	works
}

@test "what was in the way of an ADD survives the DEL that follows" {
	containers c1
	settle
	in_ns c1 ip link add $IF type ifb
	before=$(snapshot)
	for ifname in $IF lo; do
		fails 102 "$ifname" ask ADD "$C" c1 $ifname
		detach "$C" c1 $ifname
		same_as "$before"
	done
}
