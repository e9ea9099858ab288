#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# protocol.bats - the specification's section 2 and "Error": environment, stdin,
# stdout, exit status and codes. A call that is refused changes nothing.
#
# bats file_tags=once

load suite

# says STDIN VERB [VAR=VALUE...]: with an environment that is right but for these
says() {
	local netns=$TMP/none
	[[ ! -v c1 ]] || netns=$(netns c1)
	plugin "$P" "CNI_COMMAND=$2" CNI_CONTAINERID=c1 "CNI_NETNS=$netns" \
		"CNI_IFNAME=$IF" "CNI_PATH=$BIN" "${@:3}" <<<"$1"
}

# each CODE VERB CONF [VAR=VALUE]...: with each of them alone
each() {
	local s
	containers c1
	s=$(state)
	for v in "${@:4}"; do
		echo "with $v"
		says "$3" "$2" "$v"
		is_error "$1"
	done
	left "$s"
}

@test "VERSION: answers on stdout with the versions it supports" {
	plugin "$P" CNI_COMMAND=VERSION <<<'{"cniVersion":"1.1.0"}'
	is "$status" 0
	gojq -es 'length == 1 and (.[0] | .cniVersion == "1.1.0" and
		(["0.4.0", "1.0.0", "1.1.0"] - .supportedVersions == []))' \
		<"$stdout"
}

@test "ADD: without a variable that it needs, code 4" {
	each 4 ADD "$C" CNI_CONTAINERID= CNI_NETNS= CNI_IFNAME=
}

@test "DEL: without a variable that it needs, code 4" {
	each 4 DEL "$C" CNI_CONTAINERID= CNI_IFNAME=
}

@test "CHECK: without a variable that it needs, code 4" {
	each 4 CHECK "$(with_prev "$C" '{"cniVersion": "1.1.0"}')" \
		CNI_CONTAINERID= CNI_NETNS= CNI_IFNAME=
}

@test "GC: without CNI_PATH, code 4" {
	each 4 GC "$(with_valid "$C")" CNI_PATH=
}

@test "ADD: a container ID or interface name that is none, code 4" {
	each 4 ADD "$C" CNI_CONTAINERID={../x,a/b,.x,-x,'a b'} \
		CNI_IFNAME={.,..,a/b,a:b,'a b',0123456789abcdef}
}

@test "DEL: a container ID or interface name that is none, code 4" {
	each 4 DEL "$C" CNI_CONTAINERID={../x,a/b,.x,-x,'a b'} \
		CNI_IFNAME={.,..,a/b,a:b,'a b',0123456789abcdef}
}

@test "ANY: an unknown CNI_COMMAND, code 4" {
	each 4 FLY "$C" CNI_COMMAND={FLY,add}
}

# no_json VERB: what is no JSON object, code 6
no_json() {
	local s
	containers c1
	s=$(state)
	for text in '' '{' '[]' '{"cniVersion": "1.1.0", "name": "pods",}' \
		'{"cniVersion": "1.1.0", "name": "pods"} x'; do
		echo "stdin: $text"
		says "$text" "$1"
		is_error 6
	done
	left "$s"
}

@test "ADD: stdin that is no JSON, code 6" { no_json ADD; }
@test "DEL: stdin that is no JSON, code 6" { no_json DEL; }
@test "CHECK: stdin that is no JSON, code 6" { no_json CHECK; }
@test "GC: stdin that is no JSON, code 6" { no_json GC; }
@test "STATUS: stdin that is no JSON, code 6" { no_json STATUS; }

# nameless VERB: a network's name that is none, code 7
nameless() {
	local s
	containers c1
	s=$(state)
	for edit in 'del(.name)' '.name = ""' '.name = "../x"' '.name = "a b"'; do
		echo "edit: $edit"
		says "$(edited "$edit")" "$1"
		is_error 7
	done
	left "$s"
}

@test "ADD: a network without a proper name, code 7" { nameless ADD; }
@test "DEL: a network without a proper name, code 7" { nameless DEL; }
@test "GC: a network without a proper name, code 7" { nameless GC; }
@test "STATUS: a network without a proper name, code 7" { nameless STATUS; }

# other_version VERB VERSION...: code 1
other_version() {
	local s
	containers c1
	s=$(state)
	for v in "${@:2}"; do
		says "$(edited ".cniVersion = \"$v\"")" "$1"
		is_error 1
	done
	left "$s"
}

@test "ADD: a version that it does not support, code 1" {
	other_version ADD 9.9.9 1.0
}

@test "DEL: a version that it does not support, code 1" {
	other_version DEL 9.9.9 1.0
}

@test "CHECK: a version that had no CHECK, or is not supported, code 1" {
	other_version CHECK 0.3.1 9.9.9
}

@test "GC: a version that had no GC, or is not supported, code 1" {
	other_version GC 1.0.0 9.9.9
}

@test "STATUS: a version that had no STATUS, or is not supported, code 1" {
	other_version STATUS 1.0.0 9.9.9
}

@test "ANY: an error says the version, as well as code and message" {
	says '{' ADD
	is_error 6
	says "$(edited 'del(.name)')" ADD
	is_error 7
	json '.cniVersion' 1.1.0
}
