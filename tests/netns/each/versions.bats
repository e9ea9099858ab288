#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# versions.bats - the result in each version of the specification. To the
# letter it is compared in the plugin's folder.
#
# rows: iface iface-inside inside chained chained-inside chained-saved-inside ipam ipam-plain

load row

setup() {
	row_up
	containers c1
}

# of VERSION [EDIT]: the configuration in that version, and what is before it
of() {
	! chained || base c1 "$1"
	VC=$(row_conf "${2-.cniVersion = \"$1\"}")
}

# The form of a version: which of these keys it has, and whether every address
# says its family.
FORM='[.cniVersion, has("interfaces"), has("ips"), has("ip4") or has("ip6"),
	([.ips[]? | has("version")] | unique), has("dns")]'

@test "the result has the form of its version" {
	local interfaces=true v
	! gives || interfaces=false
	for v in 0.1.0 0.2.0; do
		of $v
		attach "$VC"
		json "$FORM" "[\"$v\",false,false,true,[],true]"
		json '[.ip4, .ip6 | values | .ip | test("/[0-9]+$")] |
			length > 0 and all' true
		detach "$VC"
	done
	for v in 0.3.0 0.3.1 0.4.0; do
		of $v
		attach "$VC"
		json "$FORM" "[\"$v\",$interfaces,true,false,[true],true]"
		detach "$VC"
	done
	for v in 1.0.0 1.1.0; do
		of $v
		attach "$VC"
		json "$FORM" "[\"$v\",$interfaces,true,false,[false],false]"
		detach "$VC"
	done
}

# Such as that of a plugin before it which has a name server alone to tell.
@test "a prevResult without addresses is passed on, whatever the version" {
	chained || [[ $ROW_ROLE = inside ]] || return 0
	for v in 0.1.0 0.2.0 0.3.1; do
		attach "$(with_prev "$(row_conf ".cniVersion = \"$v\"")" \
			'{"dns":{"nameservers":["192.0.2.53"]}}')"
		json . "{\"cniVersion\":\"$v\",`
			`\"dns\":{\"nameservers\":[\"192.0.2.53\"]}}"
		detach "$prev"
	done
}

@test "without a version, or with an empty one, 0.1.0 is meant" {
	for e in 'del(.cniVersion)' '.cniVersion = null' '.cniVersion = ""'; do
		of 0.1.0 "$e"
		attach "$VC"
		json '[.cniVersion, has("ips")]' '["0.1.0",false]'
		detach "$VC"
	done
}

@test "CHECK passes in every version that has it" {
	for v in 0.4.0 1.0.0 1.1.0; do
		of $v
		attach "$VC"
		checks "$prev"
		detach "$VC"
	done
}
