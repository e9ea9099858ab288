#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# install.sh - puts executables into a folder, replacing what is there
#
#   mk/install.sh FROM TO NAME...
#
# An executable goes in under a temporary name and is renamed: a plugin that is
# running keeps its old file, and nobody ever executes half of a new one. Names
# of one file (hard links) stay names of one file, where TO's file system has
# that.
set -euo pipefail
from=$1 to=$2
shift 2
trap 'rm -f "$to"/.*."$$"' EXIT
trap 'exit 1' HUP INT TERM

mkdir -p "$to"
# all are there in full before the first is replaced
for name; do
	new=$to/.$name.$$
	if ! { [ "$from/$name" -ef "$from/$1" ] && [ "$name" != "$1" ] &&
		ln "$to/.$1.$$" "$new" 2>/dev/null; }; then
		install -m 0755 "$from/$name" "$new"
	fi
done
for name; do
	mv -f "$to/.$name.$$" "$to/$name"
	printf '  %-7s %s\n' INSTALL "$to/$name"
done
