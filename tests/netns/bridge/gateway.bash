# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# gateway.bash - what the tests of gateways share: addresses of a link, a bridge
# that has some, an IPAM plugin that gives any
# shellcheck disable=SC2034,SC2154 # variables of helpers.bash

# on NAME LINK: its addresses, but link-local ones, in order
on() {
	in_ns "$1" ip -j addr show "$2" | gojq -r '[.[0].addr_info[] |
		select(.family == "inet" or .scope == "global") |
		"\(.local)/\(.prefixlen)"] | sort | join(" ")'
}

# bridge_with ADDRESS...: a bridge that is in use, with these addresses
bridge_with() {
	add bridge "$(conf l2)"
	del bridge "$(conf l2)"
	for a; do in_host ip addr add "$a" dev br0; done
}

# ipam RESULT: a plugin called ipam that returns it on ADD
ipam() {
	mkdir -p "$TMP/bin"
	echo "$1" >"$TMP/result"
	printf '#!/bin/sh\n[ "$CNI_COMMAND" != ADD ] || cat "%s"\n' \
		"$TMP/result" >"$TMP/bin/ipam"
	chmod +x "$TMP/bin/ipam"
	CNI_PATH=$TMP/bin:$BIN
}
