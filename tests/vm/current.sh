#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# current.sh - runs tests of tests/netns under the kernel of this Debian: the
# main ones of each plugin, and all that only a guest can do. The whole layer,
# with VM_TESTS=all, takes longer than CI has.
cd "$(dirname "$0")/../.." || exit
[ "${VM_TESTS-}" != all ] || exec tests/vm/run.sh
exec tests/vm/run.sh \
	tests/netns/00-protocol.bats \
	tests/netns/10-loopback.bats \
	tests/netns/20-host-local.bats \
	tests/netns/30-bridge.bats \
	tests/netns/31-bridge-ipv6.bats \
	tests/netns/32-bridge-l2.bats \
	tests/netns/33-bridge-gateway.bats \
	tests/netns/34-bridge-masq.bats \
	tests/netns/35-bridge-spoof.bats \
	tests/netns/40-bridge-vlan.bats \
	tests/netns/42-bridge-vlan-wire.bats \
	tests/netns/43-bridge-uplink.bats
