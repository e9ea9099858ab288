#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# ruleset.bats - doc/ruleset.md is what the plugins make; RULESET=write in the
# environment makes it anew

load ruleset

setup() {
	host_up
	sandbox c1
}

@test "doc/ruleset.md is what the plugins make" {
	needs_tool nft
	needs_tool iptables-nft firewalld dbus-daemon busctl
	document >"$TMP/ruleset.md"
	# one blank line at the end is one too many
	sed -i '$d' "$TMP/ruleset.md"
	[[ ${RULESET-} != write ]] || cp "$TMP/ruleset.md" doc/ruleset.md
	diff doc/ruleset.md "$TMP/ruleset.md"
}
