#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# current.sh - runs tests of tests/netns under the kernel of this Debian: the
# main ones of each plugin, and all that only a guest can do. The whole layer,
# with VM_TESTS=all, takes longer than CI has.
cd "$(dirname "$0")/../.." || exit
[ "${VM_TESTS-}" != all ] || exec tests/vm/run.sh
exec tests/vm/run.sh \
	tests/netns/protocol.bats \
	tests/netns/loopback/loopback.bats \
	tests/netns/host-local/add.bats \
	tests/netns/bridge/ipv4.bats \
	tests/netns/bridge/ipv6.bats \
	tests/netns/bridge/l2.bats \
	tests/netns/bridge/gateway.bats \
	tests/netns/bridge/masq.bats \
	tests/netns/bridge/spoof.bats \
	tests/netns/bridge/vlan.bats \
	tests/netns/bridge/vlan-wire.bats \
	tests/netns/bridge/uplink.bats
