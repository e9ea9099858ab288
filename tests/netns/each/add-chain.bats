#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# add-chain.bats - a plugin that is not the first of its chain
#
# rows: iface iface-inside wire wire-inside inside

load row

@test "what the plugins before it made comes after its own in the result" {
	containers c1
	p='{"interfaces":[{"mac":"02:00:00:00:00:01","mtu":1400,"name":"eth9",
		"sandbox":"/x"}],"ips":[{"address":"192.0.2.5/24","gateway":
		"192.0.2.1","interface":0}],"routes":[{"dst":"198.51.100.0/24",
		"gw":"192.0.2.1","mtu":1300}]}'
	attach "$(with_prev "$C" "$p")"
	json '(.interfaces | length - 1) as $n | {interfaces:
		[.interfaces[-1]], ips: [.ips[-1] | .interface -= $n], routes:
		[.routes[-1]]}' "$(tr -d '\n\t' <<<"$p")"
	detach "$prev"
}
