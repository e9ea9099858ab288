#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# add-loopback.bats - loopback comes first in the chain, as build tools and
# schedulers write it: what is the plugin's own is first in the result, as
# those after it take it for that
#
# rows: first iface iface-inside wire

load row

# lo VERSION: attaches it, and $C is the row's after that
lo() {
	add loopback "$(conf loopback ".cniVersion = \"$1\"")" c1 lo
	json '.interfaces[0].name' lo "$res"
	C=$(with_prev "$(row_conf ".cniVersion = \"$1\"")" "$res")
}

# whether an address is that of lo
LO='(startswith("127.") or . == "::1/128")'

@test "loopback first: the interface and its addresses are before those of lo" {
	local version
	containers c1
	settle
	lo 1.0.0
	before=$(snapshot)
	for version in 0.3.1 0.4.0 1.0.0 1.1.0; do
		lo "$version"
		attach
		json '[.interfaces[].name] | .[-1] == "lo" and
			(index("eth0") != null)' true "$res"
		json "[.ips[]?.address | $LO] | . == sort" true "$res"
		json ". as \$r | [.ips[]? | (.address | $LO) ==
			(\$r.interfaces[.interface].name == \"lo\")] | all" \
			true "$res"
		[[ $version = 0.3.1 ]] || checks "$prev"
		detach "$prev"
		same_as "$before"
	done
}

@test "loopback first: an ADD that fails leaves lo as it is" {
	containers c1
	settle
	lo 1.0.0
	before=$(snapshot)
	WRAP=(sh -c 'exec "$@" >/dev/full' --)
	ask ADD "$C"
	WRAP=()
	is "$status" 1
	same_as "$before"
	attach
	detach "$prev"
	same_as "$before"
}
