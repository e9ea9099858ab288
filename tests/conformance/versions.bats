#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# versions.bats - the result in the form of the version of the configuration,
# for each version that the plugin says it supports
#
# bats file_tags=form

load suite

# in_each FUNCTION VERSION...: attached in each of them that is supported
in_each() {
	local supported asked=0 v
	plugin "$P" CNI_COMMAND=VERSION <<<'{"cniVersion":"1.1.0"}'
	supported=$(gojq -r '.supportedVersions[]' <<<"$out")
	containers c1
	for v in "${@:2}"; do
		grep -qxF "$v" <<<"$supported" || continue
		asked=1
		echo "version $v"
		attach "$(edited ".cniVersion = \"$v\"")"
		"$1" "$v"
		detach "$prev"
	done
	[[ $asked = 1 ]] || skip "supports none of these"
}

# The form: which of these keys a result has, and whether each address says its
# family
FORM='[.cniVersion, has("interfaces"), has("ips"), has("ip4") or has("ip6"),
	([.ips[]? | has("version")] | unique)]'

interfaces() {
	if [[ $P = host-local || $P = static ]]; then echo false; else echo true; fi
}

oldest() {
	json "$FORM" "[\"$1\",false,false,true,[]]"
	json '[.ip4, .ip6 | values | .ip | test("/[0-9]+$")] |
		length > 0 and all' true
}
old() { json "$FORM" "[\"$1\",$(interfaces),true,false,[true]]"; }
new() { json "$FORM" "[\"$1\",$(interfaces),true,false,[false]]"; }

@test "ADD: results of 0.1.0 and 0.2.0 have ip4 and ip6" {
	in_each oldest 0.1.0 0.2.0
}

@test "ADD: results of 0.3.0, 0.3.1 and 0.4.0 have addresses with a version" {
	in_each old 0.3.0 0.3.1 0.4.0
}

@test "ADD: results of 1.0.0 and 1.1.0 have addresses without one" {
	in_each new 1.0.0 1.1.0
}

@test "CHECK: passes in each version that has it" {
	again() { checks "$prev"; }
	in_each again 0.4.0 1.0.0 1.1.0
}

@test "DEL: leaves nothing in any version" {
	local s
	containers c1
	settle
	s=$(state)
	drop_it() { detach "$prev"; left "$s"; }
	containers() { :; } # c1 is there
	in_each drop_it 0.1.0 0.2.0 0.3.0 0.3.1 0.4.0 1.0.0 1.1.0
}
