#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# netns.bats - namespaces that are none, or the host's own
#
# rows: first iface iface-inside wire inside chained chained-inside chained-saved-inside

load row

# bad_netns: paths of things that are no network namespace, into $bad
bad_netns() {
	mkfifo "$TMP/fifo"
	touch "$TMP/file"
	ln -s "$TMP/none" "$TMP/dangling"
	ln -s "$TMP/loop" "$TMP/loop"
	# what is left of a namespace that was kept by a mount
	: >"$TMP/gone"
	unshare --net="$TMP/gone" true
	umount "$TMP/gone"
	sandbox c9
	bad=("$TMP/none" "$TMP/file" "$TMP" "$TMP/fifo" /dev/null
		"$TMP/dangling" "$TMP/loop" "$TMP/gone"
		"/proc/$c9/ns/mnt" /proc/999999999/ns/net)
}

# in_each VERB CONF JUDGE...: VERB in each of $bad
in_each() {
	local ns
	for ns in "${bad[@]}"; do
		echo "netns: $ns"
		"${@:3}" ask "$1" "$2" c1 "$IF" "$ns"
	done
}

@test "ADD refuses what is no network namespace, and touches nothing" {
	bad_netns
	containers c1
	before=$(snapshot)
	in_each ADD "$C" fails 8 'failed to open netns'
	same_as "$before"
	attach
	detach
}

@test "DEL takes what is no network namespace for one that is gone" {
	bad_netns
	before=$(snapshot)
	in_each DEL "$C" succeeds
	same_as "$before"
}

@test "CHECK of what is no network namespace fails" {
	bad_netns
	in_each CHECK "$(row_conf '.prevResult = {}')" fails 8 .
}

@test "the host's own namespace is refused before anything happens" {
	containers c1
	before=$(snapshot)
	bad=(/proc/self/ns/net "$(netns HOST)")
	for verb in ADD DEL; do in_each $verb "$C" fails 8 .; done
	in_host ip link show lo up | grep -q LOOPBACK
	same_as "$before"
}
