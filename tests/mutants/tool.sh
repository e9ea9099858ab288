#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tool.sh - puts universalmutator, as requirements.txt pins it, into a virtual
# environment in $CNIC_CACHE (~/.cache/cnic), and prints the path of the Python
# that has it. Where this version is there already it is quick.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${CNIC_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/cnic}
venv=$cache/mutants

# this decides what is installed
stamp=$( (cat "$here/requirements.txt" && python3 -VV) | sha256sum)

if [ "$(cat "$venv/stamp" 2>/dev/null)" != "$stamp" ]; then
	echo "tool: installing $(sed -n 's/ .*//; /==/p' \
		"$here/requirements.txt") into $venv" >&2
	mkdir -p "$cache"
	# The part that makes mutants uses nothing of what the tool depends on.
	python3 -m venv --clear "$venv"
	"$venv/bin/python" -m pip install --quiet --no-deps \
		--disable-pip-version-check --only-binary :all: \
		--require-hashes -r "$here/requirements.txt" >&2
	echo "$stamp" >"$venv/stamp"
fi
echo "$venv/bin/python"
