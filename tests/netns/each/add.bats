#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# add.bats - ADD of any plugin: what it prints, and that CHECK and DEL go on from
# there
#
# rows: all
# layers: process valgrind guest

load row

setup() {
	row_up
	containers c1
}

@test "ADD prints a result and nothing else, CHECK and DEL print nothing" {
	attach
	is "$errout" ''
	json .cniVersion 1.1.0
	checks "$prev"
	is "$errout" ''
	detach
	is "$errout" ''
}

@test "a result and an error have no newline at the end" {
	last() { tail -c 1 "$stdout"; }
	attach
	is "$(last)" '}'
	fails 7 . ask ADD '{"prevResult":{}}'
	is "$(last)" '}'
}
