#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# gc-dead.bats - GC removes what nobody lists, of its network alone
#
# A first ADD and DEL come before the comparison: what a network keeps is there
# then.
#
# rows: iface wire chained ipam
# layers: process

load row

setup() {
	row_up
	containers c1 c2
	settle
}

@test "GC removes what is not listed, the listed goes on; twice is once" {
	attach "$C" c1
	one=$prev
	before=$(snapshot)
	# one that is alive, and one whose namespace is gone
	attach "$C" c2
	containers c3
	attach "$C" c3
	end c3
	collects "$(with_valid "$C" c1 $IF)"
	same_as "$before"
	collects "$(with_valid "$C" c1 $IF)"
	same_as "$before"
	checks "$one" c1
}

@test "GC with an empty list empties that network, and no other" {
	attach "$(more)" c2
	other=$prev
	before=$(snapshot)
	attach "$C" c1
	collects "$(with_valid "$C")"
	same_as "$before"
	checks "$other" c2
}

@test "GC does not take one network's name for the beginning of another's" {
	name=$(gojq -r .name <<<"$C")
	two=$(gojq -c ".name = \"$name-two\"" <<<"$(more)")
	attach "$two" c1
	other=$prev
	attach "$C" c2
	collects "$(with_valid "$C" c2 $IF)"
	checks "$other" c1
	checks "$prev" c2
}

@test "GC works for names too long for a link's alias" {
	long=$(printf 'n%.0s' {1..200})
	id=$(printf 'i%.0s' {1..200})
	C=$(row_conf ".name = \"$long\"")
	path() { if gives; then echo /none; else netns $1; fi; }
	attach "$C" "$id" $IF "$(path c1)"
	one=$prev
	before=$(snapshot)
	attach "$C" "${id}x" $IF "$(path c2)"
	collects "$(with_valid "$C" "$id" $IF)"
	same_as "$before"
	checks "$one" "$id" $IF "$(path c1)"
	collects "$(with_valid "$C")"
	fails '10[0-9]' . ask CHECK "$one" "$id" $IF "$(path c1)"
}
