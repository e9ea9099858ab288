#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# rollback.bats - an ADD that fails leaves everything as it was, without a DEL,
# and the next one works

load suite

# fails_with CONF: ADD with it fails, and so on
fails_with() {
	containers c1
	settle
	undone ADD "$1"
}

# bats test_tags=lease
@test "ADD: fails where no address is left, and leaves nothing" {
	containers c1
	settle
	one=$(edited '.ipam.ranges = [[{subnet: "10.9.0.0/24",
		rangeStart: "10.9.0.9", rangeEnd: "10.9.0.9"}]] | .ipam.routes = []')
	containers c2
	attach "$one" c2
	undone ADD "$one" c1
}

# bats test_tags=lease
@test "ADD: fails where the second range set has no address left, and leaves nothing" {
	containers c1
	settle
	one=$(edited '.ipam.ranges[1] = [{subnet: "fd09::/64",
		rangeStart: "fd09::9", rangeEnd: "fd09::9"}]')
	containers c2
	attach "$one" c2
	undone ADD "$one" c1
}

# bats test_tags=link
@test "ADD: fails where the interface is there already, and leaves nothing" {
	containers c1
	settle
	in_ns c1 ip link add $IF type bridge
	s=$(state)
	refused '[0-9]+' ADD
	left "$s"
	in_ns c1 ip link del $IF
	works
}

# bats test_tags=iface
@test "ADD: fails where the IPAM plugin is not there, and leaves nothing" {
	fails_with "$(edited '.ipam.type = "no-such"')"
}

# bats test_tags=iface
@test "ADD: fails with the IPAM plugin's error, and leaves nothing" {
	delegate some-ipam <<-'E'
	echo '{"cniVersion": "1.1.0", "code": 113, "msg": "not today"}'
	exit 1
	E
	containers c1
	settle
	s=$(state)
	refused 113 ADD "$(edited '.ipam = {type: "some-ipam"}')"
	left "$s"
	works
}

# The specification, section 4: "If a plugin's delegated ADD fails ..."
# bats test_tags=iface
@test "ADD: an IPAM plugin that failed is asked for a DEL" {
	delegate some-ipam <<-'E'
	[ $CNI_COMMAND != ADD ] || exit 1
	E
	containers c1
	refused '[0-9]+' ADD "$(edited '.ipam = {type: "some-ipam"}')"
	is "$(tr '\n' ' ' <"$TMP/some-ipam.asked")" 'ADD DEL '
}

# bats test_tags=iface
@test "ADD: fails where the IPAM plugin prints no result, and leaves nothing" {
	delegate some-ipam <<-'E'
	echo no result
	E
	fails_with "$(edited '.ipam = {type: "some-ipam"}')"
}

# bats test_tags=iface
@test "ADD: fails where the IPAM plugin has no address, and leaves nothing" {
	delegate some-ipam <<-'E'
	[ $CNI_COMMAND != ADD ] || echo '{"cniVersion": "1.1.0"}'
	E
	fails_with "$(edited '.ipam = {type: "some-ipam"}')"
}

# bats test_tags=iface
@test "ADD: fails where a route cannot be added, and leaves nothing" {
	fails_with "$(edited '.ipam.routes += [{dst: "198.18.0.0/24",
		gw: "198.51.100.1"}]')"
}

# bats test_tags=bridge
@test "ADD: fails where the bridge's name is another link's, and leaves nothing" {
	in_host ip link add other type ifb
	fails_with "$(edited '.bridge = "other"')"
}

# bats test_tags=bridge
@test "ADD: fails where the bridge has another address, and leaves nothing" {
	containers c1
	settle
	in_host ip addr flush dev br0 scope global
	in_host ip addr add 10.9.0.254/24 dev br0
	s=$(state)
	refused '[0-9]+' ADD
	left "$s"
	in_host ip addr del 10.9.0.254/24 dev br0
	attach
}

# bats test_tags=macvlan
@test "ADD: fails where the master is not there, and leaves nothing" {
	fails_with "$(edited '.master = "none0"')"
}

# bats test_tags=link
@test "ADD: fails where the MTU is none, and leaves nothing" {
	fails_with "$(edited '.mtu = 3')"
}

# bats test_tags=tuning
@test "ADD: fails where a sysctl is not there, and leaves nothing" {
	fails_with "$(edited '.sysctl."net.ipv4.conf.IFNAME.none" = "1"')"
}

# bats test_tags=inner
@test "ADD: of a namespace that is none fails, and leaves nothing" {
	containers c1
	settle
	s=$(state)
	touch "$TMP/file"
	for path in "$TMP/none" "$TMP/file" "$TMP"; do
		echo "CNI_NETNS: $path"
		refused '[0-9]+' ADD "$C" c1 "$IF" "$path"
		left "$s"
	done
	works
}

# bats test_tags=netns
@test "ADD: of the host's own namespace fails, and leaves nothing" {
	containers c1
	settle
	s=$(state)
	refused '[0-9]+' ADD "$C" c1 "$IF" "$(netns HOST)"
	left "$s"
}

# bats test_tags=any
@test "ADD: whose result cannot be written fails, and leaves nothing" {
	containers c1
	settle
	s=$(state)
	WRAP=(sh -c 'exec "$@" >/dev/full' --)
	ask ADD
	not test "$status" = 0
	left "$s"
	WRAP=()
	works
}

# bats test_tags=wrong
@test "ADD: with a wrong value in the configuration fails, and leaves nothing" {
	fails_with "$(edited "$(wrong)")"
}

# bats test_tags=wrong
@test "ADD: a wrong value in the configuration is code 7" {
	containers c1
	refused 7 ADD "$(edited "$(wrong)")"
}
