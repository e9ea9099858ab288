#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# args.bats - CNI_ARGS, of plugins that look at it, or whose IPAM does
#
# rows: first iface iface-inside wire ipam ipam-plain

load row

# with ARGS TEXT: that CNI_ARGS is refused with that text, and nothing touched
with() {
	refuses 4 "$2" "$C" ADD "CNI_NETNS=$ns" \
		"CNI_PATH=$BIN" "CNI_ARGS=$1"
	same_as "$before"
}

@test "CNI_ARGS must be pairs, of known keys unless IgnoreUnknown" {
	containers c1
	settle
	ns=/none
	gives || ns=$(netns c1)
	before=$(snapshot)
	with A 'invalid pair'
	with 'IgnoreUnknown=1;' 'invalid pair'
	with 'IgnoreUnknown=1;A=b=c' 'invalid pair'
	with FOO=BAR 'unknown args.*FOO'
	with IgnoreUnknown=yes 'IgnoreUnknown.*yes'
	with ip=10.9.0.7 'unknown args.*ip='
}
