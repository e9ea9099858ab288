#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# modules.bats - modules of the kernel that the plugins do without: those of
# x_tables, of nf_tables' way to use them, and of ip_set

load helpers

# foreign: those that are loaded, and how often each is used, by which others
foreign() {
	awk '$1 ~ /^(x_tables|xt_|ip6?_?tables?|ip6?t_|arp_?tables?|arpt_|ebt|nft_compat|ip_set)/ {
		print $1, $3, $4 }' /proc/modules | sort
}

# same: they are as they were before anything was attached
same() { is "$(foreign)" "$before"; }

@test "bridge, portmap and firewall load no module of x_tables or ip_set" {
	needs_kernel CONFIG_MODULES 'test -e /proc/modules'
	BASE=$(conf dual '.name = "base" | .ipMasq = true | .macspoofchk = true')
	PORTS=$(conf portmap '.masqAll = true')
	WALL=$(conf firewall '.ingressPolicy = "isolated" | .denyMetadata = true')
	sandbox c1
	before=$(foreign)
	add bridge "$BASE"
	P=$(with_prev "$PORTS" "$res")
	F=$(with_prev "$WALL" "$res")
	add portmap "$P"
	add firewall "$F"
	# another test at the same time may use them for a while
	eventually same
	del firewall "$F"
	del portmap "$P"
	del bridge "$BASE"
	eventually same
}
