#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# gc-null.bats - GC of a runtime that knows of no attachment and sends null for a
# list: what the kernel shows dead goes, where it shows all that lives
#
# rows: iface wire
# layers: process

load row

setup() {
	row_up
	containers c1 c2
	settle
	NULL=$(row_conf '."cni.dev/valid-attachments" = null')
}

# dead ID: it was attached, and its sandbox is gone; the kernel ends that in its
# own time
dead() {
	containers "$1"
	attach "$C" "$1"
	end "$1"
	eventually not in_host ip link show "$(host_veth)"
}

@test "GC with null removes the dead, and leaves alone what has its interface" {
	attach "$C" c1
	one=$prev
	before=$(snapshot)
	dead c3
	collects "$NULL"
	same_as "$before"
	checks "$one" c1
}

@test "GC with null removes all of a network without an interface" {
	before=$(snapshot)
	dead c3
	# names match without regard to case
	collects "$(row_conf '."CNI.dev/Valid-Attachments" = null')"
	same_as "$before"
}

@test "GC with null tells one network's dead from another's living" {
	attach "$(more)" c2
	other=$prev
	before=$(snapshot)
	dead c3
	collects "$NULL"
	same_as "$before"
	checks "$other" c2
}

@test "GC with null removes nothing where an interface may be anybody's" {
	attach "$C" c1
	one=$prev
	# as those are that another plugin made
	in_host ip link set "$(host_veth)" alias ''
	dead c3
	before=$(snapshot)
	collects "$NULL"
	same_as "$before"
	checks "$one" c1
}

@test "GC with null removes nothing where names are too long to be told" {
	long=$(printf 'n%.0s' {1..200})
	id=$(printf 'i%.0s' {1..200})
	C=$(row_conf ".name = \"$long\"")
	attach "$C" "$id" $IF "$(netns c1)"
	one=$prev
	before=$(snapshot)
	collects "$(gojq -c '."cni.dev/valid-attachments" = null' <<<"$C")"
	same_as "$before"
	checks "$one" "$id" $IF "$(netns c1)"
}
