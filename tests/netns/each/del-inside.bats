#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# del-inside.bats - DEL of what is done to an interface that was in the sandbox
# before: without the sandbox it is content, with it all is as it was
#
# rows: inside iface-inside wire-inside chained-inside chained-saved-inside
# layers: process valgrind guest

load row

setup() {
	row_up
	containers c1
	# lo keeps the addresses that it has got
	chained || settle
}

# forgotten: nothing is left outside the sandbox, in which nobody can tell any
# more how it was: another one takes its place
forgotten() {
	diff <(outside <<<"$before") <(snapshot | outside)
	end c1
	containers c1
	before=$(snapshot)
}
outside() { grep -v '^c1 '; }

@test "without its namespace DEL is content, with it nothing is left" {
	touch "$TMP/file"
	before=$(snapshot)
	for path in '' "$TMP/none" "$TMP/file" "$TMP"; do
		for p in yes no; do
			echo "path: $path, prevResult: $p"
			attach
			c=$C
			[[ $p = no ]] || c=$prev
			not diff <(echo "$before") <(snapshot) >"$TMP/diff"
			detach "$c" c1 $IF "$path"
			[[ $ROW_ROLE != *-saved-* ]] || { forgotten; continue; }
			detach "$c"
			same_as "$before"
		done
	done
}

@test "with the namespace gone" {
	before=$(snapshot | outside)
	attach
	path=$(netns c1)
	end c1
	# what bridge had made before ended as well
	! chained || before=$(snapshot)
	detach "$C" c1 $IF "$path"
	detach "$prev" c1 $IF ''
	# what the link below knew of it goes with the namespace, in its own time
	eventually same_as "$before"
}
