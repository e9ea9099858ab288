#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# oldest.sh - runs tests of tests/netns under the oldest kernel that Debian's
# archive carries: some of those that ask most of it, or all with VM_TESTS=all
cd "$(dirname "$0")/../.." || exit
export VM_KERNEL=oldest
[ "${VM_TESTS-}" != all ] || exec tests/vm/run.sh
# shellcheck disable=SC2046 # names are words
exec tests/vm/run.sh $(tests/plugins.sh files guest plain) \
	tests/netns/bridge/masq.bats \
	tests/netns/macvlan/macvlan.bats \
	tests/netns/bridge/spoof.bats
