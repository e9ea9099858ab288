#!/usr/bin/awk -f
# SPDX-License-Identifier: GPL-2.0-or-later
# share.awk - of many lines an Nth, so that long runs can be done in pieces
#
#   tests/share.awk -v share=K/N <LINES
#
# All shares, K being 1 to N, together are all lines, each once. Exit status: 2
# where share is none.
BEGIN {
	split(share, s, "/")
	if (share !~ "^[1-9][0-9]*/[1-9][0-9]*$" || s[1] + 0 > s[2] + 0) {
		print "share.awk: not K/N: " share >"/dev/stderr"
		exit 2
	}
}
(NR + s[1]) % s[2] == 0
