#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# static/attach.bats - plugins that get their addresses from static: what is
# configured is what works
#
#     c1           c2                     OUT  203.0.113.2, 2001:db8::2
#    eth0 .7      eth0 .8                  |
#     +-----+------+---- br0 .1 - HOST -- up0   203.0.113.1, 2001:db8::1

load ../helpers

setup() {
	host_up
	sandbox c1
	out_up
}

# other [EDIT]: a second container's configuration
other() {
	conf static '.ipam.addresses[].address |= sub("7/"; "8/") | '"${1:-.}"
}

# all_reach NAME ADDRESS...
all_reach() {
	local ip
	for ip in "${@:2}"; do reaches "$1" "$ip"; done
}

@test "bridge: neighbours, the host and, masqueraded, the outside are reached" {
	c=$(conf static '.ipMasq = true') d=$(other '.ipMasq = true')
	add bridge "$c"
	del bridge "$c"
	BEFORE=$(snapshot)
	sandbox c2
	add bridge "$c"
	json '[.ips[] | [.address, .gateway, .interface]]' \
		'[["10.9.0.7/24","10.9.0.1",2],["fd09::7/64","fd09::1",2]]'
	prev=$(with_prev "$c" "$res")
	add bridge "$d" c2
	all_reach c1 10.9.0.1 fd09::1 10.9.0.8 fd09::8 203.0.113.2 2001:db8::2
	all_reach HOST 10.9.0.7 fd09::7
	check bridge "$prev"
	del bridge "$d" c2
	drop c2
	all_reach c1 10.9.0.1 fd09::1
	del bridge "$c"
	same_as "$BEFORE"
}
