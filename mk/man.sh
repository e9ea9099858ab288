#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# man.sh - a manual page, of a plugin's README: what is written once is shown in
# both, and documents.bats holds the README's table of keys against the code
#
#   mk/man.sh PLUGIN      prints cnic-PLUGIN(8), as roff
#
# Its date is that of SOURCE_DATE_EPOCH, else of the last commit.
set -euo pipefail
cd "$(dirname "$0")/.."
plugin=$1
version=$(<VERSION)
seconds=${SOURCE_DATE_EPOCH:-$(git -c safe.directory='*' log -1 --format=%ct)}
date=$(LC_ALL=C date -u -d "@$seconds" +'%d %B %Y')

# The first sentence says what it is. Tables of keys become lists, since a
# terminal is narrow; links lose where they lead to, but for those to documents,
# which are where the package has them.
markdown() {
	printf '%% CNIC-%s 8 "%s" "cnic %s" "CNI plugins"\n\n' \
		"${plugin^^}" "$date" "$version"
	awk -v plugin="$plugin" '
	function name(s) {
		sub(/[.:].*/, "", s)
		return tolower(substr(s, 1, 1)) substr(s, 2)
	}
	# key(ROW): an item of a list, from a row of a table
	function key(row,  column, n, kind) {
		n = split(row, column, / *\| */)
		kind = column[3]
		if (column[4] == "required")
			kind = kind ", required"
		else if (column[4] != "" && column[4] != "none")
			kind = kind ", default: " column[4]
		text = column[5]
		for (n = 6; n in column; n++)
			if (column[n] != "")
				text = text " | " column[n]
		gsub(/`/, "", column[2])
		printf "\n**%s** (%s)\n:   %s\n", column[2], kind, text
	}
	function plain(s) {
		while (match(s, /\[[^]]*\]\([^)]*\)/)) {
			link = substr(s, RSTART + 1, RLENGTH - 2)
			if (!sub(/.*\]\(\.\.\/\.\.\/doc\//,
			    "/usr/share/doc/cnic/doc/", link))
				sub(/\].*/, "", link)
			sub(/#.*/, "", link)
			s = substr(s, 1, RSTART - 1) link substr(s, RSTART + RLENGTH)
		}
		return s
	}
	NR <= 2 { next }
	!started {
		if ($0 != "") { first = first (first ? "\n" : "") $0; next }
		started = 1
		flat = first
		gsub(/\n/, " ", flat)
		gsub(/`/, "", flat)
		print "# NAME\n\ncnic-" plugin " - CNI plugin: " name(flat)
		print "\n# DESCRIPTION\n\n" plain(first) "\n"
		next
	}
	/^```/ { code = !code; sub(/[a-z]+$/, ""); print; next }
	code { print; next }
	/^\| *key/ || /^\|[-|]*$/ { next }
	/^\|/ { key(plain($0)); next }
	/^## / { print "# " toupper(substr($0, 4)); next }
	/^### / { print "## " substr($0, 5); next }
	{ print plain($0) }
	END {
		print "\n# FILES\n\n/opt/cni/bin/" plugin
		if (plugin ~ /^(bridge|host-local|macvlan|ptp)$/)
			print "\n/var/lib/cni/networks: addresses that host-local reserved"
		if (plugin == "tuning")
			print "\n/run/cni/tuning: how interfaces were before" \
				"\n\n/etc/cni/tuning/allowlist.conf: sysctls that may be set"
		print "\n# SEE ALSO\n\nThe CNI specification, version 1.1.0"
	}' "plugins/$plugin/README.md"
}

markdown | go-md2man
