#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# current.sh - runs tests of tests/netns under the kernel of this Debian: those
# that need VLANs on a bridge, 8021q, dummy or VRF, and those that need what the
# kernel of this machine has not got. The whole layer, with VM_TESTS=all, takes
# longer than CI has.
cd "$(dirname "$0")/../.." || exit
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
[ "${VM_TESTS-}" != all ] || exec tests/vm/run.sh
# shellcheck disable=SC2046 # names are words
set -- $(tests/plugins.sh files guest needs) tests/netns/bridge/vlan.bats \
	tests/netns/bridge/vlan-wire.bats \
	tests/netns/bridge/uplink.bats
# a file | the probe of its needs_kernel
while IFS='|' read -r file probe; do
	unshare -n sh -ec "$probe" >/dev/null 2>&1 ||
		set -- "$@" "tests/netns/$file"
done <<'END'
host-local/store.bats|unshare -T true
host-local/filesystems.bats|grep -w vfat /proc/filesystems
bridge/l2.bats|ip link add p0 type ifb; ip link add p1 link p0 type macvlan
bridge/masq.bats|test -e /proc/sys/net/bridge/bridge-nf-call-iptables
modules.bats|test -e /proc/modules
bridge/spoof.bats|ip link add p0 type ifb; ip link add p1 link p0 type macvlan
END
exec tests/vm/run.sh "$@"
