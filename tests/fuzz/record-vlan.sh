#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# record-vlan.sh - in a guest of tests/vm, whose kernel has VLAN filtering:
# the seeds with VLANs of record.sh, as comments in TAP. To keep them:
#
#   make all build/fuzz/record.so && cp build/fuzz/record.so build/bin
#   tests/vm/run.sh tests/fuzz/record-vlan.sh | sed -n 's/^# seed: //p' |
#       tr -d '\r' | base64 -d | tar -C tests/data/fuzz -xf -
#   rm build/bin/record.so
set -u
here=$(realpath "$(dirname "$0")")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
echo 1..1
"$here/record.sh" "$here/../../build/bin/record.so" "$here/../../build/bin" \
	"$out" | sed 's/^/# /'
cd "$out" || exit
if [ -s conf-bridge/vlan-add ] && [ -s conf-bridge/trunk-add ]; then
	tar -cf - -- */vlan-* */trunk-* | base64 | sed 's/^/# seed: /'
	echo 'ok 1 - seeds with VLANs'
else
	echo 'not ok 1 - seeds with VLANs'
fi
