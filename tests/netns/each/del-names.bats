#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# del-names.bats - attachments are found again whatever they are called
#
# rows: iface wire ipam ipam-plain

load row

@test "names of any length and look are found again" {
	sandbox c1
	settle
	before=$(snapshot)
	for id in c1 "$(printf 'i%.0s' {1..260})" "$(printf 'i%.0s' {1..4000})"; do
		for ifname in '$(x)' "a'b\"c" 'a;*b{' é 012345678901234; do
			echo "id: ${#id}, ifname: $ifname"
			attach "$C" "$id" "$ifname" "$(netns c1)"
			checks "$prev" "$id" "$ifname" "$(netns c1)"
			detach "$C" "$id" "$ifname" ''
		done
		same_as "$before"
	done
}
