#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# rollback.bats - an ADD whose result nobody gets leaves everything as it was,
# and the next one works
#
# rows: all
# layers: process

load row

setup() {
	row_up
	containers c1
	settle
	before=$(snapshot)
}

# lost CMD...: ADD, run by CMD, which does not take its result
lost() {
	WRAP=("$@")
	ask ADD
	is "$status" 1
	same_as "$before"
	WRAP=()
	works
}

@test "the result cannot be written: the file system is full" {
	lost sh -c 'exec "$@" >/dev/full' --
}

@test "the result cannot be written: stdout is closed" {
	lost sh -c 'exec "$@" >&-' --
}

@test "the result cannot be written: nobody listens" {
	mkfifo "$TMP/pipe"
	lost bash -c 'exec 8<>"$0" 9>"$0" 8>&-; exec "$@" >&9 9>&-' "$TMP/pipe"
}
